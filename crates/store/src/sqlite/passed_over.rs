//! Jobs whose turn had come at a node that lacks what they need.
//!
//! Such a job leaves the queues (it was charged when it was claimed) and waits aside. A node
//! that has not passed it over takes it first at its next claim, for its turn had come; so a
//! node asks for a job at most once, and one that nobody can do costs nobody anything. When a
//! node says that it may have something new, all of them go back into the queues.

use carrel_model::execution::SubmissionState;
use carrel_model::id::{NodeId, SubmissionId};
use rusqlite::params;

use super::codec::{count, key};
use super::failure::Step;
use super::finish;
use super::jobs::{self, Job};
use super::write::Tx;
use crate::queue::Applied;

/// Jobs that one transaction offers anew at most.
pub(super) const OFFERED_MAX: u32 = 256;

/// The node that holds this lease gives the job back: it lacks something.
pub(super) fn pass_over(tx: &Tx<'_>, id: SubmissionId, token: u64, reason: &str) -> Step<Applied> {
    let Some(mut job) = finish::held(tx, id, token)? else {
        return Ok(Applied::Stale);
    };
    let Some(node) = job.node else {
        return Ok(Applied::Stale);
    };
    tx.sql
        .prepare_cached(
            "INSERT INTO passed_over (submission, node, reason) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET reason = excluded.reason",
        )?
        .execute(params![key(id.0), key(node), reason])?;
    // Nothing was tried: it is no attempt.
    job.attempts = job.attempts.saturating_sub(1);
    jobs::set_aside(tx, &job)?;
    jobs::show(tx, &job, SubmissionState::Queued, None)?;
    // Other nodes look at once.
    tx.note_queued();
    Ok(Applied::Applied)
}

/// One is aside that this node has not passed over.
pub(super) fn waits_for(tx: &Tx<'_>, node: NodeId) -> Step<bool> {
    Ok(!not_seen_by(tx, node, 1)?.is_empty())
}

/// Those aside that this node has not passed over, oldest first.
pub(super) fn not_seen_by(tx: &Tx<'_>, node: NodeId, max: u32) -> Step<Vec<Job>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM job
         WHERE state = 'delayed' AND state <> 'queued' AND until_us IS NULL
           AND NOT EXISTS (SELECT 1 FROM passed_over AS p
                           WHERE p.submission = job.submission AND p.node = ?1)
         ORDER BY number LIMIT ?2",
    )?;
    let rows = statement.query_map(params![key(node.0), max], Job::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// This node may have something that it lacked.
pub(super) fn forget(tx: &Tx<'_>, node: NodeId) -> Step<()> {
    tx.sql
        .prepare_cached("DELETE FROM passed_over WHERE node = ?1")?
        .execute([key(node.0)])?;
    Ok(())
}

/// Puts jobs that wait aside back into the queues; how many.
pub(super) fn offer_again(tx: &Tx<'_>) -> Step<u32> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM job
         WHERE state = 'delayed' AND state <> 'queued' AND until_us IS NULL
         ORDER BY number LIMIT ?1",
    )?;
    let rows = statement.query_map([OFFERED_MAX], Job::read)?;
    let aside: Vec<Job> = rows.collect::<rusqlite::Result<_>>()?;
    for job in &aside {
        jobs::queue_anew(tx, job)?;
    }
    Ok(u32::try_from(aside.len()).unwrap_or(OFFERED_MAX))
}

/// How many wait aside.
pub(super) fn depth(tx: &Tx<'_>) -> Step<u64> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT count(*) AS aside FROM job
             WHERE state = 'delayed' AND state <> 'queued' AND until_us IS NULL",
        )?
        .query_row([], |row| count(row, "aside"))?)
}
