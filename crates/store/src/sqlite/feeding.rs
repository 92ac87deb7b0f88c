//! The jobs of regrades: fed to the queue in bounded batches by the claims themselves, so
//! that a regrade of any size holds no long transaction and a crash stops none.

use carrel_model::id::{RegradeId, SubmissionId};
use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::codec::{band_number, is_full, key, uuid};
use super::cost;
use super::failure::Step;
use super::finish::{Grade, present};
use super::jobs::{self, Making};
use super::lanes::Lane;
use super::regrades::{self, find};
use super::write::Tx;
use crate::queue::Band;
use crate::regrade::RegradeRow;

/// Jobs that all regrades together keep in the queue, and one of them in all states: what no
/// node can do waits aside, outside of the queue, and has to bound its regrade too.
const QUEUED_MAX: i64 = 256;
/// Submissions queued by one transaction at most.
const BATCH: i64 = 256;
/// Lane of regraded submissions within their course.
const LANE: &str = "regrade";
/// Cost of a submission to a challenge that was never judged, milliseconds.
const COST_UNKNOWN_MS: f64 = 500.0;

/// A running regrade of which more may be queued now, and how much.
#[derive(Debug, Clone, Copy)]
struct Next {
    id: Uuid,
    max: i64,
}

/// The regrade whose submissions are queued next.
fn next(tx: &Tx<'_>) -> Step<Option<Next>> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT id, min(?2, ?2 - own, ?2 - queued) AS room FROM (
                SELECT regrade.id, queue_band.queued,
                    (SELECT count(*) FROM job WHERE job.regrade = regrade.id) AS own
                FROM regrade JOIN queue_band ON queue_band.band = ?1
                WHERE regrade.state = 'running' AND regrade.fed_to IS NOT NULL)
             WHERE own < ?2 AND queued < ?2 ORDER BY id LIMIT 1",
        )?
        .query_row(params![band_number(Band::Regrade), QUEUED_MAX], |row| {
            Ok(Next {
                id: uuid(row, "id")?,
                max: row.get("room")?,
            })
        })
        .optional()?)
}

/// Submissions of a regrade can be queued now.
pub(super) fn is_due(tx: &Tx<'_>) -> Step<bool> {
    Ok(next(tx)?.is_some())
}

/// Queues the next submissions of running regrades.
pub(super) fn feed(tx: &Tx<'_>) -> Step<()> {
    match next(tx)? {
        Some(next) => feed_one(tx, next.id, BATCH.min(next.max)),
        None => Ok(()),
    }
}

fn feed_one(tx: &Tx<'_>, id: Uuid, max: i64) -> Step<()> {
    let row = find(tx, RegradeId(id))?;
    let regrade = &row.regrade;
    let cost_ms =
        cost::of_challenge(tx, &regrade.course, &regrade.challenge)?.unwrap_or(COST_UNKNOWN_MS);
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
                reason: regrades::REASON,
                course_version: Some(&regrade.course_version),
                regrade: Some(id),
                not_before_us: None,
                target_us: tx.now_us,
            },
        )?;
    }
    let fed = i64::try_from(batch.len()).unwrap_or(i64::MAX);
    match batch.last() {
        Some(last) if is_full(batch.len(), max) => {
            tx.sql
                .prepare_cached("UPDATE regrade SET fed_to = ?2, fed = fed + ?3 WHERE id = ?1")?
                .execute(params![key(id), key(last.0), fed])?;
            Ok(())
        }
        _ => {
            tx.sql
                .prepare_cached(
                    "UPDATE regrade SET fed_to = NULL, fed = fed + ?2, submissions = fed + ?2
                     WHERE id = ?1",
                )?
                .execute(params![key(id), fed])?;
            settle(tx, id)
        }
    }
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
