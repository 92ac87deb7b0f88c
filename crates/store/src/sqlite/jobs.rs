//! Rows of jobs: making, finding and moving them between their states.

use carrel_model::execution::SubmissionState;
use carrel_model::id::SubmissionId;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

use super::codec::{key, uuid_maybe};
use super::events;
use super::failure::Step;
use super::lanes::{self, Lane};
use super::write::Tx;
use crate::event::EventKind;

/// A job as its transitions need it.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub submission: SubmissionId,
    pub lane: Lane,
    pub cost_ms: f64,
    pub state: String,
    pub reason: String,
    pub course_version: Option<String>,
    pub regrade: Option<Uuid>,
    pub attempts: u32,
    pub takeovers: u32,
    pub token: i64,
    pub node: Option<Uuid>,
    pub accepted_us: i64,
    pub target_us: i64,
    pub fault: Option<String>,
}

impl Job {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            submission: super::codec::submission(row)?,
            lane: Lane {
                band: row.get("band")?,
                course: row.get("course")?,
                lane: row.get("lane")?,
            },
            cost_ms: row.get("cost_ms")?,
            state: row.get("state")?,
            reason: row.get("reason")?,
            course_version: row.get("course_version")?,
            regrade: uuid_maybe(row, "regrade")?,
            attempts: row.get("attempts")?,
            takeovers: row.get("takeovers")?,
            token: row.get("token")?,
            node: uuid_maybe(row, "node")?,
            accepted_us: row.get("accepted_us")?,
            target_us: row.get("target_us")?,
            fault: row.get("fault")?,
        })
    }

    /// The outcome of this job is what the sender waits for: states and events of the
    /// submission follow it. A regrade goes on behind the verdict that is there.
    pub(super) fn is_shown(&self) -> bool {
        self.regrade.is_none()
    }
}

/// A job to be made.
pub(super) struct Making<'a> {
    pub submission: SubmissionId,
    pub lane: &'a Lane,
    pub cost_ms: f64,
    pub reason: &'a str,
    pub course_version: Option<&'a str>,
    pub regrade: Option<Uuid>,
    pub not_before_us: Option<i64>,
    pub target_us: i64,
}

/// Makes a job; its tokens go on from those that the submission had before.
pub(super) fn make(tx: &Tx<'_>, making: &Making<'_>) -> Step<()> {
    let cost_ms = lanes::charged(making.cost_ms);
    let delayed = making.not_before_us.filter(|due| *due > tx.now_us);
    tx.sql
        .prepare_cached(
            "INSERT INTO job (submission, band, course, lane, cost_ms, state, reason,
                course_version, regrade, token, until_us, accepted_us, target_us)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, token, ?10, ?11, ?12
             FROM submission WHERE id = ?1",
        )?
        .execute(params![
            key(making.submission.0),
            making.lane.band,
            making.lane.course,
            making.lane.lane,
            cost_ms,
            if delayed.is_some() {
                "delayed"
            } else {
                "queued"
            },
            making.reason,
            making.course_version,
            making.regrade.map(key),
            delayed,
            tx.now_us,
            making.target_us,
        ])?;
    if delayed.is_none() {
        lanes::enter(tx, making.lane, cost_ms)?;
    }
    Ok(())
}

/// The job of a submission.
pub(super) fn find(tx: &Tx<'_>, id: SubmissionId) -> Step<Option<Job>> {
    Ok(tx
        .sql
        .prepare_cached("SELECT * FROM job WHERE submission = ?1")?
        .query_row([key(id.0)], Job::read)
        .optional()?)
}

/// Jobs in this state whose time has come, oldest first.
pub(super) fn due(tx: &Tx<'_>, state: &str, max: u32) -> Step<Vec<Job>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM job WHERE state = ?1 AND state <> 'queued' AND until_us <= ?2
         ORDER BY until_us, number LIMIT ?3",
    )?;
    let rows = statement.query_map(params![state, tx.now_us, max], Job::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Jobs that this node holds, in order.
pub(super) fn held_by(tx: &Tx<'_>, node: Uuid) -> Step<Vec<Job>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT * FROM job WHERE state IN ('leased', 'cancelled') AND state <> 'queued'
         AND node = ?1 ORDER BY number",
    )?;
    let rows = statement.query_map([key(node)], Job::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Ends a job: its row goes, its highest token stays with the submission.
pub(super) fn end(tx: &Tx<'_>, job: &Job) -> Step<()> {
    if job.state == "queued" {
        lanes::leave(tx, &job.lane, job.cost_ms)?;
    }
    tx.sql
        .prepare_cached("UPDATE submission SET token = ?2 WHERE id = ?1")?
        .execute(params![key(job.submission.0), job.token])?;
    tx.sql
        .prepare_cached("DELETE FROM job WHERE submission = ?1")?
        .execute([key(job.submission.0)])?;
    Ok(())
}

/// Gives a job to a node.
pub(super) fn lease(tx: &Tx<'_>, job: &Job, node: Uuid, until_us: i64) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE job SET state = 'leased', node = ?2, until_us = ?3, token = ?4,
                attempts = ?5, takeovers = ?6
             WHERE submission = ?1",
        )?
        .execute(params![
            key(job.submission.0),
            key(node),
            until_us,
            job.token,
            job.attempts,
            job.takeovers,
        ])?;
    Ok(())
}

/// Makes a job claimable now. Its attempts are those of `job`.
pub(super) fn queue(tx: &Tx<'_>, job: &Job) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE job SET state = 'queued', node = NULL, until_us = NULL, attempts = ?2,
                takeovers = 0, token = ?3, fault = ?4
             WHERE submission = ?1",
        )?
        .execute(params![
            key(job.submission.0),
            job.attempts,
            job.token,
            job.fault
        ])?;
    lanes::enter(tx, &job.lane, job.cost_ms)?;
    show(tx, job, SubmissionState::Queued, None)
}

/// Makes a job claimable that has waited for something other than its turn. It waits from now on:
/// counted from when it was accepted it would go before all others, and hold learners back at
/// the door, for as long as it had been away.
pub(super) fn queue_anew(tx: &Tx<'_>, job: &Job) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE job SET accepted_us = ?2, target_us = ?2 + (target_us - accepted_us)
             WHERE submission = ?1 AND accepted_us < ?2",
        )?
        .execute(params![key(job.submission.0), tx.now_us])?;
    queue(tx, job)
}

/// Lets a job wait until then.
pub(super) fn delay(tx: &Tx<'_>, job: &Job, until_us: i64) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE job SET state = 'delayed', node = NULL, until_us = ?2, takeovers = 0,
                token = ?3, fault = ?4
             WHERE submission = ?1",
        )?
        .execute(params![
            key(job.submission.0),
            until_us,
            job.token,
            job.fault
        ])?;
    show(tx, job, SubmissionState::Queued, Some(EventKind::Retrying))
}

/// Lets a job wait for a node that can do it. Its attempts are those of `job`.
pub(super) fn set_aside(tx: &Tx<'_>, job: &Job) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE job SET state = 'delayed', node = NULL, until_us = NULL, attempts = ?2,
                takeovers = 0, token = ?3
             WHERE submission = ?1",
        )?
        .execute(params![key(job.submission.0), job.attempts, job.token])?;
    Ok(())
}

/// Puts a job aside for an operator.
pub(super) fn park(tx: &Tx<'_>, job: &Job, reason: &str) -> Step<()> {
    tx.sql
        .prepare_cached(
            "UPDATE job SET state = 'parked', node = NULL, until_us = ?2, takeovers = 0,
                token = ?3, fault = ?4
             WHERE submission = ?1",
        )?
        .execute(params![key(job.submission.0), tx.now_us, job.token, reason])?;
    if job.is_shown() {
        tx.sql
            .prepare_cached("UPDATE submission SET parked_reason = ?2 WHERE id = ?1")?
            .execute(params![key(job.submission.0), reason])?;
    }
    show(tx, job, SubmissionState::Parked, Some(EventKind::Parked))
}

/// Lets the submission's state (and events) follow its job.
pub(super) fn show(
    tx: &Tx<'_>,
    job: &Job,
    state: SubmissionState,
    event: Option<EventKind>,
) -> Step<()> {
    if !job.is_shown() {
        return Ok(());
    }
    set_state(tx, job.submission, state)?;
    match event {
        Some(event) => events::add(tx, job.submission, &[event]).map(|_| ()),
        None => Ok(()),
    }
}

/// Writes the state of a submission.
pub(super) fn set_state(tx: &Tx<'_>, id: SubmissionId, state: SubmissionState) -> Step<()> {
    tx.sql
        .prepare_cached("UPDATE submission SET state = ?2 WHERE id = ?1")?
        .execute(params![key(id.0), super::codec::word(state)?])?;
    Ok(())
}
