//! Removing what is older than it may be, a bounded number of rows and bytes per pass.

use carrel_model::id::SubmissionId;
use rusqlite::params;
use uuid::Uuid;

use super::codec::{is_full, key, uuid};
use super::content::{self, Budget};
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

/// What of one kind went in a pass.
#[derive(Debug, Clone, Copy, Default)]
struct Gone {
    rows: usize,
    /// More of the kind may be left.
    more: bool,
}

impl Gone {
    /// So many of those that were looked for, which were no more than the bound.
    fn of(rows: usize, found: usize, max: i64) -> Self {
        Self {
            rows,
            more: rows < found || is_full(found, max),
        }
    }

    /// So many small ones.
    fn small(rows: usize) -> Self {
        Self::of(rows, rows, ROWS_MAX)
    }
}

/// One pass; tells whether more is left. It ends early where it has removed much content.
pub(super) fn expire(tx: &Tx<'_>, retention: Retention) -> Step<(Expired, bool)> {
    let before = |days: u32| tx.now_us - i64::from(days) * 24 * HOUR_US;
    let mut expired = Expired::default();
    let mut budget = Budget::new();
    let mut more = false;
    let mut note = |gone: Gone| {
        more |= gone.more;
        gone.rows as u64
    };
    if let Some(days) = retention.sources_days {
        expired.sources = note(sources(tx, before(days), &mut budget)?);
        expired.drafts = note(drafts(tx, before(days), &mut budget)?);
    }
    if let Some(days) = retention.outputs_days {
        expired.outputs = note(outputs(tx, before(days), &mut budget)?);
    }
    if let Some(days) = retention.executions_days {
        expired.executions = note(executions(tx, before(days), &mut budget)?);
    }
    if let Some(days) = retention.ledger_days {
        let incidents = remove(tx, "incident", "id", "at_us", before(days))?;
        let audit = remove(tx, "audit", "number", "at_us", before(days))?;
        expired.ledger = note(Gone::small(incidents)) + note(Gone::small(audit));
    }
    if let Some(days) = retention.attempts_days {
        expired.attempts = note(answers(tx, before(days), &mut budget)?);
    }
    note(Gone::small(keys(tx)?));
    let sessions = remove(tx, "session", "secret_hash", "expires_us", tx.now_us)?;
    note(Gone::small(sessions));
    note(Gone::small(deliveries(tx, before(DELIVERIES_KEPT_DAYS))?));
    let nodes = remove(tx, "node", "id", "beat_us", before(NODES_KEPT_DAYS))?;
    note(Gone::small(nodes));
    note(Gone::small(lanes::forget_idle(tx, ROWS_MAX)?));
    cut_pages(tx, PAGES_MAX)?;
    Ok((expired, more))
}

/// Cuts so many free pages off the file at most. Each is a row of the answer: a statement that is
/// only begun cuts one.
pub(super) fn cut_pages(tx: &Tx<'_>, most: u32) -> Step<()> {
    let sql = format!("PRAGMA incremental_vacuum({most})");
    let mut statement = tx.sql.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Takes up to [`SUBMISSIONS_MAX`] old ones as long as there is room: what each weighs, and what
/// is done to it.
fn take<T>(
    old: &[T],
    budget: &mut Budget,
    weigh: impl Fn(&T) -> Step<i64>,
    end: impl Fn(&T) -> Step<()>,
) -> Step<Gone> {
    let mut rows = 0;
    for one in old {
        if !budget.has_room() {
            break;
        }
        budget.spend(weigh(one)?);
        end(one)?;
        rows += 1;
    }
    Ok(Gone::of(rows, old.len(), SUBMISSIONS_MAX))
}

fn run(tx: &Tx<'_>, statements: &[&str], id: &[u8; 16]) -> Step<()> {
    for sql in statements {
        tx.sql.prepare_cached(sql)?.execute([id])?;
    }
    Ok(())
}

/// Ids of what is older, as a query tells them.
fn older(tx: &Tx<'_>, sql: &str, before_us: i64) -> Step<Vec<[u8; 16]>> {
    let mut statement = tx.sql.prepare_cached(sql)?;
    let rows = statement.query_map(params![before_us, SUBMISSIONS_MAX], |row| {
        Ok(key(uuid(row, "id")?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Files of submissions; what still has a job keeps them.
fn sources(tx: &Tx<'_>, before_us: i64, budget: &mut Budget) -> Step<Gone> {
    let old = older(
        tx,
        "SELECT id FROM submission
         WHERE execution = 0 AND sources_gone = 0 AND created_us < ?1
           AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = submission.id)
         ORDER BY created_us LIMIT ?2",
        before_us,
    )?;
    let statements = [
        "DELETE FROM attachment WHERE submission = ?1 AND part = 'source'",
        "UPDATE submission SET sources_gone = 1 WHERE id = ?1",
    ];
    let weigh = |id: &[u8; 16]| content::of_sources(tx, *id);
    take(&old, budget, weigh, |id| run(tx, &statements, id))
}

/// Drafts that nobody has touched since.
fn drafts(tx: &Tx<'_>, before_us: i64, budget: &mut Budget) -> Step<Gone> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT user, course, challenge FROM draft WHERE changed_us < ?1
         ORDER BY changed_us LIMIT ?2",
    )?;
    let rows = statement.query_map(params![before_us, SUBMISSIONS_MAX], |row| {
        let user = key(uuid(row, "user")?);
        Ok((user, row.get("course")?, row.get("challenge")?))
    })?;
    let old: Vec<([u8; 16], String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    take(
        &old,
        budget,
        |draft| content::of_draft(tx, draft),
        |(user, course, challenge)| {
            tx.sql
                .prepare_cached(
                    "DELETE FROM draft WHERE user = ?1 AND course = ?2 AND challenge = ?3",
                )?
                .execute(params![user, course, challenge])?;
            Ok(())
        },
    )
}

/// Documents and events; verdict and points stay.
fn outputs(tx: &Tx<'_>, before_us: i64, budget: &mut Budget) -> Step<Gone> {
    let old = older(
        tx,
        "SELECT id FROM submission
         WHERE execution = 0 AND outputs_gone = 0 AND finished_us IS NOT NULL
           AND finished_us < ?1
           AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = submission.id)
         ORDER BY finished_us LIMIT ?2",
        before_us,
    )?;
    let statements = [
        "UPDATE verdict SET outcome = NULL WHERE submission = ?1",
        "DELETE FROM event WHERE submission = ?1",
        "UPDATE submission SET outputs_gone = 1 WHERE id = ?1",
    ];
    let weigh = |id: &[u8; 16]| content::of_outputs(tx, *id);
    take(&old, budget, weigh, |id| run(tx, &statements, id))
}

/// Papers, responses and marks of attempts; the grade stays. What somebody has still to grade is
/// kept until they have.
fn answers(tx: &Tx<'_>, before_us: i64, budget: &mut Budget) -> Step<Gone> {
    let old = older(
        tx,
        "SELECT id FROM attempt
         WHERE answers_gone = 0 AND needs_grading = 0 AND ended_us IS NOT NULL
           AND ended_us < ?1
         ORDER BY ended_us LIMIT ?2",
        before_us,
    )?;
    let statements = [
        "DELETE FROM attempt_paper WHERE attempt = ?1",
        "DELETE FROM attempt_response WHERE attempt = ?1",
        "DELETE FROM attempt_mark WHERE attempt = ?1",
        "DELETE FROM rescore_change WHERE attempt = ?1",
        "UPDATE attempt SET answers_gone = 1 WHERE id = ?1",
    ];
    let weigh = |id: &[u8; 16]| content::of_attempt(tx, *id);
    take(&old, budget, weigh, |id| run(tx, &statements, id))
}

fn executions(tx: &Tx<'_>, before_us: i64, budget: &mut Budget) -> Step<Gone> {
    let old = older(
        tx,
        "SELECT id FROM submission
         WHERE execution = 1 AND created_us < ?1
           AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = submission.id)
         ORDER BY created_us LIMIT ?2",
        before_us,
    )?;
    let statements = ["DELETE FROM submission WHERE id = ?1"];
    let weigh = |id: &[u8; 16]| content::of_submission(tx, SubmissionId(Uuid::from_bytes(*id)));
    take(&old, budget, weigh, |id| run(tx, &statements, id))
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
