//! Writing an outcome: the verdict, what follows from it, and the end of the job, in one transaction.

use carrel_model::Verdict;
use carrel_model::id::{DeliveryId, SubmissionId};
use rusqlite::params;
use serde_json::json;

use super::codec::{clock_time, key, signed, uuid, word_maybe};
use super::cost;
use super::events;
use super::failure::{Step, state};
use super::feeding;
use super::jobs::{self, Job};
use super::lanes;
use super::work;
use super::write::Tx;
use crate::event::EventKind;
use crate::queue::Applied;
use crate::submission::{Callback, Outcome};

/// Verdict and points that an outcome gives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grade {
    pub verdict: Option<Verdict>,
    pub points: Option<f64>,
    pub points_max: Option<f64>,
}

/// Writes the outcome if the lease still holds.
pub(super) fn finish(
    tx: &Tx<'_>,
    id: SubmissionId,
    token: u64,
    outcome: &Outcome,
    cost_ms: f64,
) -> Step<Applied> {
    let grade = grade(outcome, id)?;
    let Some(job) = held(tx, id, token)? else {
        return Ok(Applied::Stale);
    };
    lanes::correct(tx, &job.lane, lanes::charged(cost_ms) - job.cost_ms)?;
    cost::learn(tx, &job, cost_ms)?;
    let number = add_verdict(tx, &job, outcome, grade, cost_ms)?;
    jobs::end(tx, &job)?;
    let counts = match job.regrade {
        Some(regrade) => feeding::judged(tx, regrade, id, number, grade)?,
        None => true,
    };
    if counts {
        count_verdict(tx, id, number, grade)?;
        let callback = if number == 1 {
            Callbacks::Told
        } else {
            Callbacks::Silent
        };
        deliver(tx, id, &job.reason, grade, callback)?;
    }
    if job.is_shown() {
        events::add(tx, id, &[EventKind::Finished])?;
    }
    Ok(Applied::Applied)
}

/// The job, if it is held under this token. One that was taken back ends here.
pub(super) fn held(tx: &Tx<'_>, id: SubmissionId, token: u64) -> Step<Option<Job>> {
    let Some(job) = jobs::find(tx, id)?.filter(|job| job.token == signed(token)) else {
        return Ok(None);
    };
    match job.state.as_str() {
        "leased" => Ok(Some(job)),
        "cancelled" => {
            jobs::end(tx, &job)?;
            Ok(None)
        }
        _ => Ok(None),
    }
}

/// A fault of ours is no outcome: it is released, retried and parked.
fn grade(outcome: &Outcome, id: SubmissionId) -> Step<Grade> {
    let none = Grade {
        verdict: None,
        points: None,
        points_max: None,
    };
    match outcome {
        Outcome::Judged(document) if document.verdict == Verdict::PlatformFault => {
            Err(state("the outcome of submission", id, "a platform fault"))
        }
        Outcome::Executed(result) if result.platform_fault.is_some() => {
            Err(state("the outcome of submission", id, "a platform fault"))
        }
        Outcome::Judged(document) => Ok(Grade {
            verdict: Some(document.verdict),
            points: Some(document.points),
            points_max: Some(document.points_max),
        }),
        Outcome::Executed(_) | Outcome::Refused { .. } => Ok(none),
    }
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Judged(_) => "judged",
        Outcome::Executed(_) => "executed",
        Outcome::Refused { .. } => "refused",
    }
}

/// Adds to the history; returns the number of the verdict.
fn add_verdict(tx: &Tx<'_>, job: &Job, outcome: &Outcome, grade: Grade, cost_ms: f64) -> Step<u32> {
    let id = job.submission;
    let number: u32 = tx
        .sql
        .prepare_cached(
            "UPDATE submission SET verdicts = verdicts + 1, outputs_gone = 0
             WHERE id = ?1 RETURNING verdicts",
        )?
        .query_row([key(id.0)], |row| row.get(0))?;
    let document = work::keep_outcome(tx, id, number, outcome)?;
    tx.sql
        .prepare_cached(
            "INSERT INTO verdict (submission, number, at_us, reason, course_version, kind,
                verdict, points, points_max, cost_ms, counts, regrade, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12)",
        )?
        .execute(params![
            key(id.0),
            number,
            tx.now_us,
            job.reason,
            job.course_version,
            kind(outcome),
            grade.verdict.map(Verdict::name),
            grade.points,
            grade.points_max,
            if cost_ms.is_finite() { cost_ms } else { 0.0 },
            job.regrade.map(key),
            document,
        ])?;
    Ok(number)
}

/// Makes one verdict of the history the one that counts.
pub(super) fn count_verdict(tx: &Tx<'_>, id: SubmissionId, number: u32, grade: Grade) -> Step<()> {
    let id = key(id.0);
    tx.sql
        .prepare_cached("UPDATE verdict SET counts = (number = ?2) WHERE submission = ?1")?
        .execute(params![id, number])?;
    tx.sql
        .prepare_cached(
            "UPDATE submission SET state = CASE WHEN EXISTS
                    (SELECT 1 FROM job WHERE submission = ?1 AND regrade IS NULL)
                    THEN state ELSE 'finished' END,
                finished_us = v.at_us, verdict = ?3, points = ?4, points_max = ?5,
                counting = ?2, failed = ?6, parked_reason = NULL,
                course_version = coalesce(v.course_version, submission.course_version)
             FROM (SELECT at_us, course_version FROM verdict
                   WHERE submission = ?1 AND number = ?2) AS v
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            number,
            grade.verdict.map(Verdict::name),
            grade.points,
            grade.points_max,
            grade
                .verdict
                .is_some_and(|verdict| verdict != Verdict::Accepted),
        ])?;
    Ok(())
}

/// Whether a submission's own callback is told too: of its first verdict only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callbacks {
    Told,
    Silent,
}

/// Queues what receivers are told of a verdict that counts from now on.
pub(super) fn deliver(
    tx: &Tx<'_>,
    id: SubmissionId,
    reason: &str,
    grade: Grade,
    callbacks: Callbacks,
) -> Step<()> {
    let (user, course, challenge, callback) = tx
        .sql
        .prepare_cached("SELECT user, course, challenge, callback FROM submission WHERE id = ?1")?
        .query_row([key(id.0)], |row| {
            Ok((
                uuid(row, "user")?,
                row.get::<_, Option<String>>("course")?,
                row.get::<_, Option<String>>("challenge")?,
                row.get::<_, Option<String>>("callback")?,
            ))
        })?;
    let mut body = json!({
        "type": "submission.finished",
        "timestamp": clock_time(tx.now_us),
        "data": {
            "submission": id,
            "user": user,
            "course": course,
            "challenge": challenge,
            "reason": reason,
            "verdict": grade.verdict,
            "points": grade.points,
            "points_max": grade.points_max,
        },
    });
    if let Some(course) = &course {
        let text = body.to_string();
        for (webhook, url) in receivers(tx, course)? {
            queue(tx, Some(webhook), id, (&url, "POST"), &text)?;
        }
    }
    if let Some(callback) = callback.filter(|_| callbacks == Callbacks::Told) {
        let callback: Callback = serde_json::from_str(&callback)?;
        body["dialect"] = json!(callback.dialect);
        let method = if callback.dialect == "judge0" {
            "PUT"
        } else {
            "POST"
        };
        queue(tx, None, id, (&callback.url, method), &body.to_string())?;
    }
    Ok(())
}

fn receivers(tx: &Tx<'_>, course: &str) -> Step<Vec<(uuid::Uuid, String)>> {
    let mut statement = tx.sql.prepare_cached(
        "SELECT id, url FROM webhook
         WHERE disabled = 0 AND (course = ?1 OR course IS NULL)",
    )?;
    let rows = statement.query_map([course], |row| {
        Ok((uuid(row, "id")?, row.get::<_, String>("url")?))
    })?;
    let receivers: Vec<(uuid::Uuid, String)> = rows.collect::<rusqlite::Result<_>>()?;
    Ok(receivers)
}

fn queue(
    tx: &Tx<'_>,
    webhook: Option<uuid::Uuid>,
    submission: SubmissionId,
    (url, method): (&str, &str),
    body: &str,
) -> Step<()> {
    tx.sql
        .prepare_cached(
            "INSERT INTO delivery (id, webhook, submission, url, method, body, attempts, due_us,
                state, created_us)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, 'waiting', ?7)",
        )?
        .execute(params![
            key(DeliveryId::new().0),
            webhook.map(key),
            key(submission.0),
            url,
            method,
            body,
            tx.now_us
        ])?;
    Ok(())
}

/// Verdict and points that count now, with the number of that verdict.
pub(super) fn present(tx: &Tx<'_>, id: SubmissionId) -> Step<(Option<u32>, Grade)> {
    Ok(tx
        .sql
        .prepare_cached(
            "SELECT counting, verdict, points, points_max FROM submission WHERE id = ?1",
        )?
        .query_row([key(id.0)], |row| {
            Ok((
                row.get("counting")?,
                Grade {
                    verdict: word_maybe(row, "verdict")?,
                    points: row.get("points")?,
                    points_max: row.get("points_max")?,
                },
            ))
        })?)
}
