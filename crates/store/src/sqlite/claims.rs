//! Handing jobs to workers.

use carrel_model::execution::SubmissionState;
use carrel_model::id::{NodeId, SubmissionId, UserId};
use carrel_model::quantity::number_of;
use rusqlite::{OptionalExtension, params};

use super::choice::{self, Bands};
use super::codec::{band, clock_time, key, uuid};
use super::events;
use super::failure::{Step, missing};
use super::feeding;
use super::jobs::{self, Job};
use super::lanes::{self, INTERACTIVE};
use super::passed_over;
use super::work;
use super::write::Tx;
use crate::event::EventKind;
use crate::queue::{ATTEMPTS_MAX, Lease, TAKE_OVERS_MAX};
use crate::submission::Work;

/// Jobs handed out by one claim at most.
pub(super) const CLAIM_MAX: u32 = 64;
/// Jobs whose time has come that one claim moves at most.
const DUE_MAX: u32 = 256;
/// Of so many slots of a node one is kept for interactive work, and one at least.
const KEPT_PART: i64 = 8;
/// A node with one slot has none to keep. There, what nobody waits for begins once nothing of
/// learners waits and nothing of theirs was begun for so long: while somebody works on a
/// challenge, they send again within seconds.
const QUIET_US: i64 = 5_000_000;
/// Or once nothing of it was begun for so long, that it never starves.
const STARVED_US: i64 = 60_000_000;
/// Failures that are counted at most; hints are unlocked long before.
const FAILURES_MAX: u32 = 1_000;

/// Something to do for a claim: a look that needs no write lock.
pub(super) fn is_due(tx: &Tx<'_>, node: NodeId, (free, bands): (u32, Bands)) -> Step<bool> {
    if matches!(bands, Bands::Spare(_)) {
        // Of the rest a look for any work takes care once a slot is free.
        return Ok(choice::next(tx, bands)?.is_some());
    }
    let any_band = bands == Bands::All && spare(tx, node, free)? > 0;
    let due = tx
        .sql
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM queue_band WHERE queued > 0 AND (?2 OR band = ?3))
                 OR EXISTS (SELECT 1 FROM job WHERE state <> 'queued'
                            AND state = 'delayed' AND until_us <= ?1)
                 OR EXISTS (SELECT 1 FROM job WHERE state <> 'queued'
                            AND state = 'leased' AND until_us <= ?1)
                 OR EXISTS (SELECT 1 FROM job WHERE state <> 'queued'
                            AND state = 'cancelled' AND until_us <= ?1)",
        )?
        .query_row(params![tx.now_us, any_band, INTERACTIVE], |row| row.get(0))?;
    Ok(due || feeding::is_due(tx)? || passed_over::waits_for(tx, node)?)
}

/// Leases up to `max` jobs of these bands in order of fairness.
pub(super) fn claim(
    tx: &Tx<'_>,
    node: NodeId,
    (max, bands): (u32, Bands),
    lease_us: i64,
) -> Step<Vec<Lease>> {
    wake(tx)?;
    feeding::feed(tx)?;
    let max = max.min(CLAIM_MAX);
    let mut leases = Vec::new();
    let mut spare = match bands {
        Bands::All => spare(tx, node, max)?,
        Bands::Interactive | Bands::Spare(_) => 0,
    };
    let few = match bands {
        Bands::All => Bands::Interactive,
        other => other,
    };
    // Their turn had come before, at a node that lacks what they need.
    let aside = match bands {
        Bands::Spare(_) => Vec::new(),
        _ => passed_over::not_seen_by(tx, node, max)?,
    };
    for job in aside {
        if job.lane.band != INTERACTIVE {
            if spare <= 0 {
                continue;
            }
            spare -= 1;
        }
        leases.push(hand_out(tx, job, node, lease_us)?);
    }
    while leases.len() < max as usize {
        let bands = if spare > 0 { Bands::All } else { few };
        let Some(next) = choice::next(tx, bands)? else {
            break;
        };
        if next.lane.band != INTERACTIVE {
            spare -= 1;
        }
        let Some(job) = jobs::find(tx, next.id)? else {
            return Err(missing("job", next.id));
        };
        lanes::serve(tx, &next)?;
        leases.push(hand_out(tx, job, node, lease_us)?);
    }
    Ok(leases)
}

/// How many more jobs that nobody waits for this node may have: some of its slots are kept for
/// learners, who would else wait for one such job to end.
fn spare(tx: &Tx<'_>, node: NodeId, free: u32) -> Step<i64> {
    let (held, background): (i64, i64) = tx
        .sql
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE band <> ?2) FROM job
             WHERE state <> 'queued' AND state IN ('leased', 'cancelled') AND node = ?1",
        )?
        .query_row(params![key(node.0), INTERACTIVE], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let slots = held + i64::from(free);
    let kept = match slots {
        ..=0 => 0,
        1 if background > 0 || is_quiet(tx)? => 0,
        _ => (slots / KEPT_PART).max(1),
    };
    Ok(slots - kept - background)
}

/// Whether a node with a single slot may begin what nobody waits for.
fn is_quiet(tx: &Tx<'_>) -> Step<bool> {
    let (waits, learners_us, others_us): (bool, i64, i64) = tx
        .sql
        .prepare_cached(
            "SELECT (SELECT queued > 0 FROM queue_band WHERE band = ?1),
                coalesce(max(served_us) FILTER (WHERE band = ?1), 0),
                coalesce(max(served_us) FILTER (WHERE band <> ?1),
                    (SELECT min(accepted_us) FROM job WHERE band <> ?1), 0)
             FROM queue_course",
        )?
        .query_row([INTERACTIVE], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let quiet = !waits && tx.now_us.saturating_sub(learners_us) >= QUIET_US;
    Ok(quiet || tx.now_us.saturating_sub(others_us) >= STARVED_US)
}

/// A new attempt, at this node.
fn hand_out(tx: &Tx<'_>, mut job: Job, node: NodeId, lease_us: i64) -> Step<Lease> {
    job.attempts += 1;
    job.token += 1;
    let until_us = tx.now_us.saturating_add(lease_us);
    jobs::lease(tx, &job, node.0, until_us)?;
    begin(tx, &job)?;
    lease(tx, &job, until_us)
}

/// Jobs whose wait or whose lease is over are claimable again.
fn wake(tx: &Tx<'_>) -> Step<()> {
    for job in jobs::due(tx, "delayed", DUE_MAX)? {
        jobs::queue(tx, &job)?;
    }
    for mut job in jobs::due(tx, "leased", DUE_MAX)? {
        lost(tx, &mut job)?;
    }
    for job in jobs::due(tx, "cancelled", DUE_MAX)? {
        jobs::end(tx, &job)?;
    }
    Ok(())
}

/// The worker of this job did not renew its lease: an attempt, and perhaps the job's doing.
fn lost(tx: &Tx<'_>, job: &mut Job) -> Step<()> {
    let reason = format!(
        "the worker that had it was lost {}, last on node {}",
        number_of(job.attempts, "time", "times"),
        job.node.unwrap_or_default()
    );
    if job.attempts >= ATTEMPTS_MAX {
        return jobs::park(tx, job, &reason);
    }
    job.fault = Some(reason);
    jobs::queue(tx, job)?;
    jobs::show(tx, job, SubmissionState::Queued, Some(EventKind::Retrying))
}

/// Leases what an earlier life of this node's worker held to it again.
pub(super) fn take_over(tx: &Tx<'_>, node: NodeId, lease_us: i64) -> Step<Vec<Lease>> {
    let mut leases = Vec::new();
    for mut job in jobs::held_by(tx, node.0)? {
        if job.state == "cancelled" {
            jobs::end(tx, &job)?;
            continue;
        }
        if job.takeovers >= TAKE_OVERS_MAX {
            lost(tx, &mut job)?;
            continue;
        }
        job.takeovers += 1;
        job.token += 1;
        let until_us = tx.now_us.saturating_add(lease_us);
        jobs::lease(tx, &job, node.0, until_us)?;
        leases.push(lease(tx, &job, until_us)?);
    }
    Ok(leases)
}

/// The submission is running now.
fn begin(tx: &Tx<'_>, job: &Job) -> Step<()> {
    if !job.is_shown() {
        return Ok(());
    }
    tx.sql
        .prepare_cached(
            "UPDATE submission SET state = 'running', started_us = coalesce(started_us, ?2)
             WHERE id = ?1",
        )?
        .execute(params![key(job.submission.0), tx.now_us])?;
    let started = EventKind::Started {
        attempt: job.attempts,
    };
    events::add(tx, job.submission, &[started]).map(|_| ())
}

/// The lease as the worker gets it.
fn lease(tx: &Tx<'_>, job: &Job, until_us: i64) -> Step<Lease> {
    let (request, trace): (String, Option<String>) = tx
        .sql
        .prepare_cached("SELECT request, trace FROM submission WHERE id = ?1")?
        .query_row([key(job.submission.0)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let mut work = work::load(tx, job.submission)?;
    if let (Work::Challenge(work), Some(version)) = (&mut work, &job.course_version) {
        work.course_version.clone_from(version);
    }
    Ok(Lease {
        submission: job.submission,
        token: u64::try_from(job.token).unwrap_or(0),
        attempt: job.attempts,
        expires_at: clock_time(until_us),
        accepted_at: clock_time(job.accepted_us),
        target: clock_time(job.target_us),
        band: band(job.lane.band),
        reason: job.reason.clone(),
        request,
        // What a later version writes otherwise is only not traced.
        trace: trace.and_then(|trace| trace.parse().ok()),
        failures: failures_before(tx, job.submission)?,
        work,
    })
}

/// Failed submissions of the same person to the same challenge before this one.
fn failures_before(tx: &Tx<'_>, id: SubmissionId) -> Step<u32> {
    let found = tx
        .sql
        .prepare_cached("SELECT user, course, challenge, created_us FROM submission WHERE id = ?1")?
        .query_row([key(id.0)], |row| {
            Ok((
                UserId(uuid(row, "user")?),
                row.get::<_, Option<String>>("course")?,
                row.get::<_, Option<String>>("challenge")?,
                row.get::<_, i64>("created_us")?,
            ))
        })
        .optional()?;
    match found {
        Some((user, Some(course), Some(challenge), created_us)) => {
            failures(tx, user, &course, &challenge, created_us)
        }
        _ => Ok(0),
    }
}

/// Failed submissions of this person to this challenge made before that time.
pub(super) fn failures(
    tx: &Tx<'_>,
    user: UserId,
    course: &str,
    challenge: &str,
    before_us: i64,
) -> Step<u32> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM submission
             WHERE failed = 1 AND user = ?1 AND course = ?2 AND challenge = ?3
               AND created_us < ?4 LIMIT ?5)",
        )?
        .query_row(
            params![key(user.0), course, challenge, before_us, FAILURES_MAX],
            |row| row.get(0),
        )?)
}
