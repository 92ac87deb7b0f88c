//! Regrades: fed to the queue in bounded batches by the claims themselves, so that a
//! regrade of any size holds no long transaction and a crash stops none.

use async_trait::async_trait;
use carrel_model::id::{RegradeId, SubmissionId, UserId};
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::SqliteStore;
use super::codec::{
    band_number, count, cursor_id, key, page, rows_wanted, submission, time, uuid, word_maybe,
    word_of,
};
use super::failure::{Step, is_conflict, missing, state};
use super::finish::{Grade, count_verdict, present};
use super::jobs::{self, Making};
use super::lanes::Lane;
use super::writer::{Durability, Tx};
use crate::error::{Error, Result};
use crate::page::{Page, PageRequest};
use crate::queue::Band;
use crate::regrade::{Change, NewRegrade, RegradeRow, RegradeState, Regrades};

/// Jobs that all regrades together keep in the queue.
const QUEUED_MAX: i64 = 256;
/// Submissions queued, dropped or made to count by one transaction.
const BATCH: i64 = 256;
/// Lane of regraded submissions within their course.
const LANE: &str = "regrade";
/// Cost of a submission to a challenge that was never judged, milliseconds.
const COST_UNKNOWN_MS: f64 = 500.0;

/// Queues the next submissions of running regrades.
pub(super) fn feed(tx: &Tx<'_>) -> Step<()> {
    let running: Option<Uuid> = tx
        .sql
        .prepare_cached(
            "SELECT id FROM regrade WHERE state = 'running' AND fed_to IS NOT NULL
             ORDER BY id LIMIT 1",
        )?
        .query_row([], |row| uuid(row, "id"))
        .optional()?;
    let Some(id) = running else { return Ok(()) };
    let queued: i64 = tx
        .sql
        .prepare_cached("SELECT queued FROM queue_band WHERE band = ?1")?
        .query_row([band_number(Band::Regrade)], |row| row.get(0))?;
    if queued < QUEUED_MAX {
        feed_one(tx, id, BATCH.min(QUEUED_MAX - queued))?;
    }
    Ok(())
}

fn feed_one(tx: &Tx<'_>, id: Uuid, max: i64) -> Step<()> {
    let row = find(tx, RegradeId(id))?;
    let regrade = &row.regrade;
    let cost_ms: f64 = tx
        .sql
        .prepare_cached("SELECT mean_ms FROM challenge_cost WHERE course = ?1 AND challenge = ?2")?
        .query_row(params![regrade.course, regrade.challenge], |row| row.get(0))
        .optional()?
        .unwrap_or(COST_UNKNOWN_MS);
    let lane = Lane {
        band: band_number(Band::Regrade),
        course: regrade.course.clone(),
        lane: LANE.into(),
    };
    let batch = candidates(tx, &row, id, max)?;
    for submission in &batch {
        add_item(tx, id, *submission)?;
        jobs::make(
            tx,
            &Making {
                submission: *submission,
                lane: &lane,
                cost_ms,
                reason: "regraded",
                course_version: Some(&regrade.course_version),
                regrade: Some(id),
                not_before_us: None,
                target_us: tx.now_us,
            },
        )?;
    }
    match batch.last() {
        Some(last) if batch.len() as i64 >= max => {
            tx.sql
                .prepare_cached("UPDATE regrade SET fed_to = ?2 WHERE id = ?1")?
                .execute(params![key(id), key(last.0)])?;
        }
        _ => {
            tx.sql
                .prepare_cached(
                    "UPDATE regrade SET fed_to = NULL, submissions =
                        (SELECT count(*) FROM regrade_item WHERE regrade = ?1)
                     WHERE id = ?1",
                )?
                .execute([key(id)])?;
            settle(tx, id)?;
        }
    }
    Ok(())
}

/// Submissions with a verdict that were there when the regrade was asked for, still have
/// their source, and have no other job.
fn candidates(tx: &Tx<'_>, row: &RegradeRow, id: Uuid, max: i64) -> Step<Vec<SubmissionId>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT id FROM submission AS s
         WHERE course = ?1 AND challenge = ?2
           AND id > (SELECT fed_to FROM regrade WHERE id = ?3)
           AND created_us <= ?4 AND counting IS NOT NULL AND sources_gone = 0
           AND state = 'finished'
           AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = s.id)
         ORDER BY id LIMIT ?5",
    )?;
    let rows = statement.query_map(
        params![
            row.regrade.course,
            row.regrade.challenge,
            key(id),
            row.created_at.as_microsecond(),
            max
        ],
        |row| Ok(SubmissionId(uuid(row, "id")?)),
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn add_item(tx: &Tx<'_>, regrade: Uuid, id: SubmissionId) -> Step<()> {
    tx.sql
        .prepare_cached(
            "INSERT INTO regrade_item (regrade, submission, before_number, before, before_points)
             SELECT ?1, id, counting, verdict, coalesce(points, 0) FROM submission WHERE id = ?2",
        )?
        .execute(params![key(regrade), key(id.0)])?;
    Ok(())
}

/// Notes a new verdict of a regrade; tells whether it counts at once.
pub(super) fn judged(
    tx: &Tx<'_>,
    regrade: Uuid,
    id: SubmissionId,
    number: u32,
    grade: Grade,
) -> Step<bool> {
    let rules = find(tx, RegradeId(regrade))?.regrade;
    let (_, before) = present(tx, id)?;
    let points = grade.points.unwrap_or(0.0);
    let lower = points < before.points.unwrap_or(0.0);
    let changed = grade.verdict != before.verdict || grade.points != before.points;
    // No verdict is no better than the one that is there.
    let counts = grade.verdict.is_some() && !(rules.never_lower && lower);
    let applied = counts && !rules.preview;
    tx.sql
        .prepare_cached(
            "UPDATE regrade_item SET after_number = ?3, after = ?4, after_points = ?5,
                counts = ?6, changed = ?7, applied = ?8
             WHERE regrade = ?1 AND submission = ?2",
        )?
        .execute(params![
            key(regrade),
            key(id.0),
            number,
            grade.verdict.map(carrel_model::Verdict::name),
            grade.points,
            counts,
            changed,
            applied
        ])?;
    tx.sql
        .prepare_cached(
            "UPDATE regrade SET judged = judged + 1, changed = changed + ?2 WHERE id = ?1",
        )?
        .execute(params![key(regrade), changed])?;
    settle(tx, regrade)?;
    Ok(applied)
}

/// A job of a regrade was dropped by an operator.
pub(super) fn skipped(tx: &Tx<'_>, regrade: Uuid) -> Step<()> {
    settle(tx, regrade)
}

/// A running regrade without anything left to do is finished.
fn settle(tx: &Tx<'_>, id: Uuid) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE regrade SET state = 'finished'
             WHERE id = ?1 AND state = 'running' AND fed_to IS NULL
               AND NOT EXISTS (SELECT 1 FROM job WHERE regrade = ?1)",
        )?
        .execute([key(id)])?;
    Ok(())
}

fn find(tx: &Tx<'_>, id: RegradeId) -> Step<RegradeRow> {
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
        self.write(Durability::Durable, "beginning a regrade", move |tx| {
            begin(tx, &new)
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
                "SELECT * FROM regrade WHERE course = ?1 AND (?2 IS NULL OR id < ?2)
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

    async fn apply(&self, id: RegradeId) -> Result<RegradeRow> {
        let doing = "applying a regrade";
        loop {
            let (row, more) = self
                .write(Durability::Durable, doing, move |tx| apply_batch(tx, id))
                .await?;
            if !more {
                return Ok(row);
            }
        }
    }
}

fn begin(tx: &Tx<'_>, new: &NewRegrade) -> Step<RegradeRow> {
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
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, count(*), 0, 0, zeroblob(16)
             FROM submission WHERE course = ?2 AND challenge = ?3 AND counting IS NOT NULL
                AND state = 'finished' AND sources_gone = 0",
        )?
        .execute(params![
            key(new.id.0),
            new.course,
            new.challenge,
            new.course_version,
            new.preview,
            new.never_lower,
            key(new.user.0),
            tx.now_us
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
    feed(tx)?;
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
         WHERE i.regrade = ?1 AND i.changed = 1 AND (?2 IS NULL OR i.submission < ?2)
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

/// Makes a batch of a preview count: where the verdict is still the one it was compared with.
fn apply_batch(tx: &Tx<'_>, id: RegradeId) -> Step<(RegradeRow, bool)> {
    let row = find(tx, id)?;
    if row.state == RegradeState::Applied {
        return Ok((row, false));
    }
    if row.state != RegradeState::Finished || !row.regrade.preview {
        let told = if row.regrade.preview {
            super::codec::word(row.state)?
        } else {
            "not a preview".into()
        };
        return Err(state("regrade", id, told));
    }
    let batch = to_apply(tx, id)?;
    for (submission, before, number, grade) in &batch {
        if present(tx, *submission)?.0 == *before {
            count_verdict(tx, *submission, *number, *grade)?;
        }
        tx.sql
            .prepare_cached(
                "UPDATE regrade_item SET applied = 1 WHERE regrade = ?1 AND submission = ?2",
            )?
            .execute(params![key(id.0), key(submission.0)])?;
    }
    let more = batch.len() as i64 >= BATCH;
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
         WHERE i.regrade = ?1 AND i.counts = 1 AND i.applied = 0 LIMIT ?2",
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
