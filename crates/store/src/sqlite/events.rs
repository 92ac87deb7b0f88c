//! Events of submissions.

use async_trait::async_trait;
use carrel_model::id::SubmissionId;
use rusqlite::params;

use super::SqliteStore;
use super::codec::{document, key, signed, time};
use super::failure::{Step, missing};
use super::jobs;
use super::write::{Durability, Tx};
use crate::error::Result;
use crate::event::{EVENTS_MAX, Event, EventKind, Events};

/// Adds events and returns the number of the last one. Those of workers end at
/// [`EVENTS_MAX`]; the engine's own always have room.
pub(super) fn add(tx: &Tx<'_>, id: SubmissionId, kinds: &[EventKind]) -> Step<u32> {
    let mut number = last(tx, id)?;
    for kind in kinds {
        if number >= EVENTS_MAX && is_workers(kind) {
            continue;
        }
        number += 1;
        tx.sql
            .prepare_cached(
                "INSERT INTO event (submission, number, at_us, kind) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                key(id.0),
                number,
                tx.now_us,
                serde_json::to_string(kind)?
            ])?;
    }
    Ok(number)
}

/// Kinds that workers append; the others are written with the change of state that they tell.
fn is_workers(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Compiling | EventKind::Check { .. })
}

fn last(tx: &Tx<'_>, id: SubmissionId) -> Step<u32> {
    Ok(tx
        .sql
        .prepare_cached("SELECT coalesce(max(number), 0) FROM event WHERE submission = ?1")?
        .query_row([key(id.0)], |row| row.get(0))?)
}

#[async_trait]
impl Events for SqliteStore {
    async fn append(
        &self,
        submission: SubmissionId,
        token: u64,
        mut kinds: Vec<EventKind>,
    ) -> Result<u32> {
        kinds.retain(is_workers);
        self.write(Durability::Relaxed, "adding events", move |tx| {
            let job = jobs::find(tx, submission)?;
            let held = job.is_some_and(|job| {
                job.state == "leased" && job.token == signed(token) && job.is_shown()
            });
            if held {
                add(tx, submission, &kinds)
            } else {
                last(tx, submission)
            }
        })
        .await
    }

    async fn events(&self, submission: SubmissionId, after: u32) -> Result<Vec<Event>> {
        self.read("reading events", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT number, at_us, kind FROM event
                 WHERE submission = ?1 AND number > ?2 ORDER BY number",
            )?;
            let rows = statement.query_map(params![key(submission.0), after], |row| {
                Ok(Event {
                    number: row.get(0)?,
                    at: time(row, "at_us")?,
                    kind: document(row, "kind")?,
                })
            })?;
            let events: Vec<Event> = rows.collect::<rusqlite::Result<_>>()?;
            if events.is_empty() && !super::submissions::exists(tx, submission)? {
                return Err(missing("submission", submission));
            }
            Ok(events)
        })
        .await
    }
}
