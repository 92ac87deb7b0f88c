//! Removing what is older than it may be, a bounded number of rows per pass.

use rusqlite::params;

use super::codec::{is_full, key, submission, uuid};
use super::failure::Step;
use super::lanes;
use super::write::Tx;
use crate::submission::IDEMPOTENCY_HOURS;
use crate::upkeep::{Expired, Retention};

/// Submissions of each kind that one pass touches at most.
const SUBMISSIONS_MAX: i64 = 200;
/// Small rows of each kind that one pass removes at most.
const ROWS_MAX: i64 = 2_000;
/// Deliveries that are over are kept this long, days.
const DELIVERIES_KEPT_DAYS: u32 = 7;
/// Nodes that do not beat any more are kept this long, days.
const NODES_KEPT_DAYS: u32 = 30;
/// Free pages given back to the file system by one pass at most.
const PAGES_MAX: u32 = 1_000;
const HOUR_US: i64 = 3_600_000_000;

/// One pass; tells whether more is left.
pub(super) fn expire(tx: &Tx<'_>, retention: Retention) -> Step<(Expired, bool)> {
    let before = |days: u32| tx.now_us - i64::from(days) * 24 * HOUR_US;
    let mut expired = Expired::default();
    let mut more = false;
    let mut note = |count: usize, max: i64| {
        more |= is_full(count, max);
        count as u64
    };
    if let Some(days) = retention.sources_days {
        expired.sources = note(sources(tx, before(days))?, SUBMISSIONS_MAX);
        expired.drafts = note(drafts(tx, before(days))?, SUBMISSIONS_MAX);
    }
    if let Some(days) = retention.outputs_days {
        expired.outputs = note(outputs(tx, before(days))?, SUBMISSIONS_MAX);
    }
    if let Some(days) = retention.executions_days {
        expired.executions = note(executions(tx, before(days))?, SUBMISSIONS_MAX);
    }
    if let Some(days) = retention.ledger_days {
        let incidents = remove(tx, "incident", "id", "at_us", before(days))?;
        let audit = remove(tx, "audit", "number", "at_us", before(days))?;
        expired.ledger = note(incidents, ROWS_MAX) + note(audit, ROWS_MAX);
    }
    if let Some(days) = retention.attempts_days {
        expired.attempts = note(answers(tx, before(days))?, SUBMISSIONS_MAX);
    }
    note(keys(tx)?, ROWS_MAX);
    note(
        remove(tx, "session", "secret_hash", "expires_us", tx.now_us)?,
        ROWS_MAX,
    );
    note(deliveries(tx, before(DELIVERIES_KEPT_DAYS))?, ROWS_MAX);
    note(
        remove(tx, "node", "id", "beat_us", before(NODES_KEPT_DAYS))?,
        ROWS_MAX,
    );
    note(lanes::forget_idle(tx, ROWS_MAX)?, ROWS_MAX);
    tx.sql
        .execute_batch(&format!("PRAGMA incremental_vacuum({PAGES_MAX})"))?;
    Ok((expired, more))
}

fn submissions(tx: &Tx<'_>, sql: &str, before_us: i64) -> Step<Vec<[u8; 16]>> {
    let mut statement = tx.sql.prepare_cached(sql)?;
    let rows = statement.query_map(params![before_us, SUBMISSIONS_MAX], |row| {
        Ok(key(submission(row)?.0))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Files of submissions; what still has a job keeps them.
fn sources(tx: &Tx<'_>, before_us: i64) -> Step<usize> {
    let old = submissions(
        tx,
        "SELECT id AS submission FROM submission
         WHERE execution = 0 AND sources_gone = 0 AND created_us < ?1
           AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = submission.id)
         ORDER BY created_us LIMIT ?2",
        before_us,
    )?;
    for id in &old {
        tx.sql
            .prepare_cached("DELETE FROM attachment WHERE submission = ?1 AND part = 'source'")?
            .execute([id])?;
        tx.sql
            .prepare_cached("UPDATE submission SET sources_gone = 1 WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(old.len())
}

/// Drafts that nobody has touched since.
fn drafts(tx: &Tx<'_>, before_us: i64) -> Step<usize> {
    Ok(tx
        .sql
        .prepare_cached(
            "DELETE FROM draft WHERE (user, course, challenge) IN
                (SELECT user, course, challenge FROM draft WHERE changed_us < ?1 LIMIT ?2)",
        )?
        .execute(params![before_us, SUBMISSIONS_MAX])?)
}

/// Documents and events; verdict and points stay.
fn outputs(tx: &Tx<'_>, before_us: i64) -> Step<usize> {
    let old = submissions(
        tx,
        "SELECT id AS submission FROM submission
         WHERE execution = 0 AND outputs_gone = 0 AND finished_us IS NOT NULL
           AND finished_us < ?1
           AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = submission.id)
         ORDER BY finished_us LIMIT ?2",
        before_us,
    )?;
    for id in &old {
        for sql in [
            "UPDATE verdict SET outcome = NULL WHERE submission = ?1",
            "DELETE FROM event WHERE submission = ?1",
            "UPDATE submission SET outputs_gone = 1 WHERE id = ?1",
        ] {
            tx.sql.prepare_cached(sql)?.execute([id])?;
        }
    }
    Ok(old.len())
}

/// Papers, responses and marks of attempts; the grade stays.
fn answers(tx: &Tx<'_>, before_us: i64) -> Step<usize> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT id FROM attempt
         WHERE answers_gone = 0 AND ended_us IS NOT NULL AND ended_us < ?1
         ORDER BY ended_us LIMIT ?2",
    )?;
    let rows = statement.query_map(params![before_us, SUBMISSIONS_MAX], |row| {
        Ok(key(uuid(row, "id")?))
    })?;
    let old: Vec<[u8; 16]> = rows.collect::<rusqlite::Result<_>>()?;
    for id in &old {
        for sql in [
            "DELETE FROM attempt_paper WHERE attempt = ?1",
            "DELETE FROM attempt_response WHERE attempt = ?1",
            "DELETE FROM attempt_mark WHERE attempt = ?1",
            "DELETE FROM rescore_change WHERE attempt = ?1",
            "UPDATE attempt SET answers_gone = 1, needs_grading = 0 WHERE id = ?1",
        ] {
            tx.sql.prepare_cached(sql)?.execute([id])?;
        }
    }
    Ok(old.len())
}

fn executions(tx: &Tx<'_>, before_us: i64) -> Step<usize> {
    let old = submissions(
        tx,
        "SELECT id AS submission FROM submission
         WHERE execution = 1 AND created_us < ?1
           AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = submission.id)
         ORDER BY created_us LIMIT ?2",
        before_us,
    )?;
    for id in &old {
        tx.sql
            .prepare_cached("DELETE FROM submission WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(old.len())
}

fn keys(tx: &Tx<'_>) -> Step<usize> {
    let before_us = tx.now_us - i64::from(IDEMPOTENCY_HOURS) * HOUR_US;
    Ok(tx
        .sql
        .prepare_cached(
            "DELETE FROM idempotency WHERE (user, key) IN
                (SELECT user, key FROM idempotency WHERE at_us < ?1 LIMIT ?2)",
        )?
        .execute(params![before_us, ROWS_MAX])?)
}

fn deliveries(tx: &Tx<'_>, before_us: i64) -> Step<usize> {
    Ok(tx
        .sql
        .prepare_cached(
            "DELETE FROM delivery WHERE id IN
                (SELECT id FROM delivery WHERE due_us IS NULL AND created_us < ?1 LIMIT ?2)",
        )?
        .execute(params![before_us, ROWS_MAX])?)
}

/// Removes rows of a table whose time is past. The names are this module's own.
fn remove(
    tx: &Tx<'_>,
    table: &'static str,
    id: &'static str,
    time: &'static str,
    before_us: i64,
) -> Step<usize> {
    let sql = format!(
        "DELETE FROM {table} WHERE {id} IN
            (SELECT {id} FROM {table} WHERE {time} < ?1 LIMIT ?2)"
    );
    Ok(tx
        .sql
        .prepare_cached(&sql)?
        .execute(params![before_us, ROWS_MAX])?)
}
