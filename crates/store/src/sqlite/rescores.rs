//! Points changed after an answer key was changed.

use async_trait::async_trait;
use carrel_model::id::{AttemptId, RescoreId, UserId};
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteStore;
use super::attempts;
use super::codec::{
    count, cursor_id, document, is_full, key, page, rows_wanted, signed, time, time_maybe, uuid,
    word, word_of,
};
use super::failure::{Step, is_conflict, missing};
use super::marks;
use super::write::{Durability, Tx};
use crate::attempt::Grade;
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::rescore::{
    CHANGES_MAX, ChangeRow, ChangeState, NewChange, NewRescore, RescoreRow, RescoreState, Rescores,
};

/// Attempts changed by one transaction at most.
const BATCH: i64 = 256;

fn read(row: &Row<'_>) -> rusqlite::Result<RescoreRow> {
    Ok(RescoreRow {
        rescore: NewRescore {
            id: RescoreId(uuid(row, "id")?),
            course: row.get("course")?,
            quiz: row.get("quiz")?,
            course_version: row.get("course_version")?,
            never_lower: row.get("never_lower")?,
            user: UserId(uuid(row, "user")?),
            attempts: count(row, "attempts")?,
        },
        state: word_of(row, "state")?,
        created_at: time(row, "created_us")?,
        applied_at: time_maybe(row, "applied_us")?,
        changed: count(row, "changed")?,
        skipped: count(row, "skipped")?,
    })
}

fn read_change(row: &Row<'_>) -> rusqlite::Result<NewChange> {
    Ok(NewChange {
        attempt: AttemptId(uuid(row, "attempt")?),
        revision: count(row, "revision")?,
        points_before: row.get("points_before")?,
        after: Grade {
            points: row.get("points")?,
            points_max: row.get("points_max")?,
            passed: row.get("passed")?,
            needs_grading: row.get("needs_grading")?,
        },
        marks: document(row, "marks")?,
    })
}

fn find(tx: &Tx<'_>, id: RescoreId) -> Step<RescoreRow> {
    tx.sql
        .prepare_cached("SELECT * FROM rescore WHERE id = ?1")?
        .query_row([key(id.0)], read)
        .optional()?
        .ok_or_else(|| missing("rescore", id))
}

#[async_trait]
impl Rescores for SqliteStore {
    async fn rescore(&self, new: NewRescore, changes: Vec<NewChange>) -> Result<RescoreRow> {
        if changes.len() > CHANGES_MAX {
            return Err(Error::Full {
                what: "a rescore (20,000 changes)",
            });
        }
        self.write(Durability::Durable, "keeping a rescore", move |tx| {
            keep(tx, &new, &changes)
        })
        .await
    }

    async fn rescore_row(&self, id: RescoreId) -> Result<RescoreRow> {
        self.read("reading a rescore", move |tx| find(tx, id)).await
    }

    async fn rescores(&self, course: &str, request: PageRequest) -> Result<Page<RescoreRow>> {
        let course = course.to_owned();
        self.read("listing rescores", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM rescore WHERE course = ?1 AND id < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                 ORDER BY id DESC LIMIT ?3",
            )?;
            let after = cursor_id(&request)?;
            let rows = statement.query_map(params![course, after, rows_wanted(&request)], read)?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |row: &RescoreRow| {
                row.rescore.id.to_string()
            }))
        })
        .await
    }

    async fn applied_rescores(&self, course: &str, quiz: &str) -> Result<Vec<RescoreRow>> {
        let (course, quiz) = (course.to_owned(), quiz.to_owned());
        self.read("reading rescores that count", move |tx| {
            let mut statement = tx.sql.prepare_cached(
                "SELECT * FROM rescore WHERE course = ?1 AND quiz = ?2 AND state = 'applied'
                 ORDER BY applied_us",
            )?;
            let rows = statement.query_map(params![course, quiz], read)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }

    async fn rescore_changes(
        &self,
        id: RescoreId,
        request: PageRequest,
    ) -> Result<Page<ChangeRow>> {
        self.read("listing what a rescore changes", move |tx| {
            find(tx, id)?;
            let mut statement = tx.sql.prepare_cached(
                "SELECT c.*, a.user FROM rescore_change AS c JOIN attempt AS a ON a.id = c.attempt
                 WHERE c.rescore = ?1 AND c.attempt < coalesce(?2, x'ffffffffffffffffffffffffffffffffff')
                 ORDER BY c.attempt DESC LIMIT ?3",
            )?;
            let after = cursor_id(&request)?;
            let rows = statement.query_map(params![key(id.0), after, rows_wanted(&request)], |row| {
                Ok(ChangeRow {
                    change: read_change(row)?,
                    user: UserId(uuid(row, "user")?),
                    state: word_of(row, "state")?,
                })
            })?;
            let rows = rows.collect::<rusqlite::Result<_>>()?;
            Ok(page(rows, &request, |row: &ChangeRow| {
                row.change.attempt.to_string()
            }))
        })
        .await
    }

    async fn begin_applying_rescore(&self, id: RescoreId) -> Result<bool> {
        let doing = "beginning to apply a rescore";
        self.write(Durability::Durable, doing, move |tx| begin_applying(tx, id))
            .await
    }

    async fn apply_rescore(&self, id: RescoreId) -> Result<RescoreRow> {
        let doing = "applying a rescore";
        self.begin_applying_rescore(id).await?;
        loop {
            let (row, more) = self
                .write(Durability::Durable, doing, move |tx| apply_batch(tx, id))
                .await?;
            if !more {
                return Ok(row);
            }
        }
    }

    async fn applying_rescores(&self) -> Result<Vec<RescoreId>> {
        self.read("looking for rescores that are being applied", |tx| {
            let mut statement = tx
                .sql
                .prepare_cached("SELECT id FROM rescore WHERE state = 'applying' ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok(RescoreId(uuid(row, "id")?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .await
    }
}

/// From now on a preview is being applied, until it is; `false`: it was already.
fn begin_applying(tx: &Tx<'_>, id: RescoreId) -> Step<bool> {
    if find(tx, id)?.state != RescoreState::Preview {
        return Ok(false);
    }
    tx.sql
        .prepare_cached("UPDATE rescore SET state = ?2 WHERE id = ?1")?
        .execute(params![key(id.0), word(RescoreState::Applying)?])?;
    Ok(true)
}

fn keep(tx: &Tx<'_>, new: &NewRescore, changes: &[NewChange]) -> Step<RescoreRow> {
    let inserted = tx
        .sql
        .prepare_cached(
            "INSERT INTO rescore (id, course, quiz, course_version, never_lower, user, state,
                created_us, attempts, changed, skipped)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)",
        )?
        .execute(params![
            key(new.id.0),
            new.course,
            new.quiz,
            new.course_version,
            new.never_lower,
            key(new.user.0),
            word(RescoreState::Preview)?,
            tx.now_us,
            signed(new.attempts),
            signed(changes.len() as u64),
        ]);
    match inserted {
        Err(error) if is_conflict(&error) => {
            return Err(Error::Exists {
                what: "rescore",
                id: new.id.to_string(),
            }
            .into());
        }
        other => other?,
    };
    for change in changes {
        // An attempt that is gone meanwhile changes nothing.
        tx.sql
            .prepare_cached(
                "INSERT INTO rescore_change (rescore, attempt, revision, points_before, points,
                    points_max, passed, needs_grading, marks, state)
                 SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM attempt WHERE id = ?2",
            )?
            .execute(params![
                key(new.id.0),
                key(change.attempt.0),
                signed(change.revision),
                change.points_before,
                change.after.points,
                change.after.points_max,
                change.after.passed,
                change.after.needs_grading,
                serde_json::to_string(&change.marks)?,
                word(ChangeState::Waiting)?,
            ])?;
    }
    find(tx, new.id)
}

/// Makes a batch count: where the attempt is still as it was.
fn apply_batch(tx: &Tx<'_>, id: RescoreId) -> Step<(RescoreRow, bool)> {
    let row = find(tx, id)?;
    if row.state != RescoreState::Applying {
        // Somebody else made the rest count.
        return Ok((row, false));
    }
    let batch = waiting(tx, id)?;
    let mut skipped = 0_u64;
    for change in &batch {
        let attempt = attempts::find(tx, change.attempt)?;
        let same = attempt.revision == change.revision && attempt.ended.is_some();
        if same {
            for mark in &change.marks {
                marks::add(tx, change.attempt, mark, Some(row.rescore.user), Some(id))?;
            }
            attempts::set_grade(tx, change.attempt, &change.after)?;
        } else {
            skipped += 1;
        }
        let state = if same {
            ChangeState::Applied
        } else {
            ChangeState::Skipped
        };
        tx.sql
            .prepare_cached(
                "UPDATE rescore_change SET state = ?3 WHERE rescore = ?1 AND attempt = ?2",
            )?
            .execute(params![key(id.0), key(change.attempt.0), word(state)?])?;
    }
    let more = is_full(batch.len(), BATCH);
    let state = if more {
        RescoreState::Applying
    } else {
        RescoreState::Applied
    };
    tx.sql
        .prepare_cached(
            "UPDATE rescore SET state = ?2, skipped = skipped + ?3, applied_us = ?4 WHERE id = ?1",
        )?
        .execute(params![key(id.0), word(state)?, signed(skipped), tx.now_us])?;
    Ok((find(tx, id)?, more))
}

fn waiting(tx: &Tx<'_>, id: RescoreId) -> Step<Vec<NewChange>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM rescore_change WHERE rescore = ?1 AND state = 'waiting' LIMIT ?2",
    )?;
    let rows = statement.query_map(params![key(id.0), BATCH], read_change)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
