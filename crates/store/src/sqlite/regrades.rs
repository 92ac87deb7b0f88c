//! Regrades as callers see them; their jobs are in [`super::feeding`].

use std::time::Duration;

use async_trait::async_trait;
use carrel_model::id::{RegradeId, SubmissionId, UserId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::SqliteStore;
use super::codec::{
    count, cursor_id, is_full, key, page, rows_wanted, submission, time, uuid, word_maybe, word_of,
};
use super::failure::{Step, is_conflict, missing, state};
use super::feeding;
use super::finish::{Callbacks, Grade, count_verdict, deliver, present};
use super::jobs;
use super::write::{Durability, Tx};
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::regrade::{Change, NewRegrade, RegradeRow, RegradeState, Regrades};

/// Submissions made to count by one transaction at most.
const BATCH: i64 = 256;
/// Pause between two of them, so that live work comes in between.
const APPLY_PAUSE: Duration = Duration::from_millis(20);
/// Why the verdicts of a regrade came to be.
pub(super) const REASON: &str = "regraded";

/// One regrade.
pub(super) fn find(tx: &Tx<'_>, id: RegradeId) -> Step<RegradeRow> {
    tx.sql
        .prepare_cached("SELECT * FROM regrade WHERE id = ?1")?
        .query_row([key(id.0)], read)
        .optional()?
        .ok_or_else(|| missing("regrade", id))
}

fn read(row: &Row<'_>) -> rusqlite::Result<RegradeRow> {
    Ok(RegradeRow {
        regrade: NewRegrade {
            id: RegradeId(uuid(row, "id")?),
            course: row.get("course")?,
            challenge: row.get("challenge")?,
            course_version: row.get("course_version")?,
            preview: row.get("preview")?,
            never_lower: row.get("never_lower")?,
            user: UserId(uuid(row, "user")?),
        },
        state: word_of(row, "state")?,
        created_at: time(row, "created_us")?,
        submissions: count(row, "submissions")?,
        judged: count(row, "judged")?,
        changed: count(row, "changed")?,
    })
}

#[async_trait]
impl Regrades for SqliteStore {
    async fn regrade(&self, new: NewRegrade) -> Result<RegradeRow> {
        let doing = "beginning a regrade";
        let (course, challenge) = (new.course.clone(), new.challenge.clone());
        // Not by the writer, which everybody waits for: it is a look at each submission.
        let submissions = self
            .read(doing, move |tx| candidates(tx, &course, &challenge))
            .await?;
        self.write(Durability::Durable, doing, move |tx| {
            begin(tx, &new, submissions)
        })
        .await
    }

    async fn regrade_row(&self, id: RegradeId) -> Result<RegradeRow> {
        self.read("reading a regrade", move |tx| find(tx, id)).await
    }

    async fn regrades(&self, course: &str, request: PageRequest) -> Result<Page<RegradeRow>> {
        let course = course.to_owned();
        self.read("listing regrades", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM regrade WHERE course = ?1 AND id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                 ORDER BY id DESC LIMIT ?3",
            )?;
            let after = cursor_id(&request)?;
            let rows = statement.query_map(params![course, after, rows_wanted(&request)], read)?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |row: &RegradeRow| {
                row.regrade.id.to_string()
            }))
        })
        .await
    }

    async fn changes(&self, id: RegradeId, request: PageRequest) -> Result<Page<Change>> {
        self.read("listing changes", move |tx| changes(tx, id, &request))
            .await
    }

    async fn cancel_regrade(&self, id: RegradeId) -> Result<RegradeRow> {
        self.write(Durability::Durable, "stopping a regrade", move |tx| {
            let row = find(tx, id)?;
            if row.state != RegradeState::Running {
                return Err(state("regrade", id, super::codec::word(row.state)?));
            }
            for submission in open_jobs(tx, id)? {
                if let Some(job) = jobs::find(tx, submission)? {
                    jobs::end(tx, &job)?;
                }
            }
            tx.sql
                .prepare_cached(
                    "UPDATE regrade SET state = 'cancelled', fed_to = NULL WHERE id = ?1",
                )?
                .execute([key(id.0)])?;
            find(tx, id)
        })
        .await
    }

    async fn begin_applying(&self, id: RegradeId) -> Result<bool> {
        let doing = "beginning to apply a regrade";
        self.write(Durability::Durable, doing, move |tx| begin_applying(tx, id))
            .await
    }

    async fn apply(&self, id: RegradeId) -> Result<RegradeRow> {
        let doing = "applying a regrade";
        self.begin_applying(id).await?;
        loop {
            let (row, more) = self
                .write(Durability::Durable, doing, move |tx| apply_batch(tx, id))
                .await?;
            if !more {
                return Ok(row);
            }
            tokio::time::sleep(APPLY_PAUSE).await;
        }
    }

    async fn applying(&self) -> Result<Vec<RegradeId>> {
        self.read("looking for regrades that are being applied", |tx| {
            let mut statement = tx
                .sql
                .prepare_cached("SELECT id FROM regrade WHERE state = 'applying' ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok(RegradeId(uuid(row, "id")?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

/// How many submissions a regrade of this challenge would be of now.
fn candidates(tx: &Tx<'_>, course: &str, challenge: &str) -> Step<i64> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT count(*) FROM submission
             WHERE course = ?1 AND challenge = ?2 AND counting IS NOT NULL
                AND state = 'finished' AND sources_gone = 0",
        )?
        .query_row(params![course, challenge], |row| row.get(0))?)
}

/// Begins one of so many submissions; when all are queued it is known how many there were.
fn begin(tx: &Tx<'_>, new: &NewRegrade, submissions: i64) -> Step<RegradeRow> {
    let running: Option<Uuid> = tx
        .sql
        .prepare_cached(
            "SELECT id FROM regrade WHERE state = 'running' AND course = ?1 AND challenge = ?2",
        )?
        .query_row(params![new.course, new.challenge], |row| uuid(row, "id"))
        .optional()?;
    if let Some(running) = running {
        return Err(state("regrade", running, "running for the same challenge"));
    }
    let inserted = tx
        .sql
        .prepare_cached(
            "INSERT INTO regrade (id, course, challenge, course_version, preview, never_lower,
                user, state, created_us, submissions, judged, changed, fed_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, ?9, 0, 0, zeroblob(16))",
        )?
        .execute(params![
            key(new.id.0),
            new.course,
            new.challenge,
            new.course_version,
            new.preview,
            new.never_lower,
            key(new.user.0),
            tx.now_us,
            submissions
        ]);
    match inserted {
        Err(error) if is_conflict(&error) => {
            return Err(Error::Exists {
                what: "regrade",
                id: new.id.to_string(),
            }
            .into());
        }
        other => other?,
    };
    feeding::feed(tx)?;
    find(tx, new.id)
}

fn open_jobs(tx: &Tx<'_>, id: RegradeId) -> Step<Vec<SubmissionId>> {
    let mut statement = tx
        .sql
        .prepare_cached("SELECT submission FROM job WHERE regrade = ?1")?;
    let rows = statement.query_map([key(id.0)], submission)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn changes(tx: &Tx<'_>, id: RegradeId, request: &PageRequest) -> Step<Page<Change>> {
    find(tx, id)?;
    let mut statement = tx.sql.prepare_cached(
        "SELECT i.*, s.user FROM regrade_item AS i JOIN submission AS s ON s.id = i.submission
         WHERE i.regrade = ?1 AND i.changed = 1 AND i.submission < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
         ORDER BY i.submission DESC LIMIT ?3",
    )?;
    let after = cursor_id(request)?;
    let rows = statement.query_map(params![key(id.0), after, rows_wanted(request)], |row| {
        let points: Option<f64> = row.get("after_points")?;
        Ok(Change {
            submission: submission(row)?,
            user: UserId(uuid(row, "user")?),
            before: (word_maybe(row, "before")?, row.get("before_points")?),
            after: word_maybe(row, "after")?.map(|verdict| (verdict, points.unwrap_or(0.0))),
            counts: row.get("counts")?,
        })
    })?;
    let rows = rows.collect::<rusqlite::Result<_>>()?;
    Ok(page(rows, request, |change: &Change| {
        change.submission.to_string()
    }))
}

/// From now on a finished preview is being applied, until it is; `false`: it was already.
fn begin_applying(tx: &Tx<'_>, id: RegradeId) -> Step<bool> {
    let row = find(tx, id)?;
    match row.state {
        RegradeState::Applying | RegradeState::Applied => return Ok(false),
        _ if !row.regrade.preview => return Err(state("regrade", id, "not a preview")),
        RegradeState::Finished => {}
        other => return Err(state("regrade", id, super::codec::word(other)?)),
    }
    tx.sql
        .prepare_cached("UPDATE regrade SET state = 'applying' WHERE id = ?1")?
        .execute([key(id.0)])?;
    Ok(true)
}

/// Makes a batch of a preview count: where the verdict is still the one it was compared with.
fn apply_batch(tx: &Tx<'_>, id: RegradeId) -> Step<(RegradeRow, bool)> {
    let row = find(tx, id)?;
    if row.state != RegradeState::Applying {
        // Somebody else made the rest count.
        return Ok((row, false));
    }
    let batch = to_apply(tx, id)?;
    for (submission, before, number, grade) in &batch {
        if present(tx, *submission)?.0 == *before {
            count_verdict(tx, *submission, *number, *grade)?;
            deliver(tx, *submission, REASON, *grade, Callbacks::Silent)?;
        }
        tx.sql
            .prepare_cached(
                "UPDATE regrade_item SET applied = 1 WHERE regrade = ?1 AND submission = ?2",
            )?
            .execute(params![key(id.0), key(submission.0)])?;
    }
    let more = is_full(batch.len(), BATCH);
    if !more {
        tx.sql
            .prepare_cached("UPDATE regrade SET state = 'applied' WHERE id = ?1")?
            .execute([key(id.0)])?;
    }
    Ok((find(tx, id)?, more))
}

type ToApply = (SubmissionId, Option<u32>, u32, Grade);

fn to_apply(tx: &Tx<'_>, id: RegradeId) -> Step<Vec<ToApply>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT i.submission, i.before_number, i.after_number, v.verdict, v.points, v.points_max
         FROM regrade_item AS i
         JOIN verdict AS v ON v.submission = i.submission AND v.number = i.after_number
         WHERE i.regrade = ?1 AND i.counts = 1 AND i.applied = 0
         ORDER BY i.submission LIMIT ?2",
    )?;
    let rows = statement.query_map(params![key(id.0), BATCH], |row| {
        Ok((
            submission(row)?,
            row.get("before_number")?,
            row.get("after_number")?,
            Grade {
                verdict: word_maybe(row, "verdict")?,
                points: row.get("points")?,
                points_max: row.get("points_max")?,
            },
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
