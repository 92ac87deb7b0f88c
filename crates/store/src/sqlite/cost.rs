//! What submissions are expected to cost: what was charged for others like them lately.
//!
//! Whoever has sent some of a kind lately is expected to go on so; everybody else is expected
//! to cost what the challenge costs. In that mean a person counts who sent none in the ten
//! minutes before: what one sends by the dozen says nothing of what others will.

use carrel_model::id::UserId;
use rusqlite::{OptionalExtension, params};

use super::codec::key;
use super::failure::Step;
use super::jobs::Job;
use super::write::Tx;
use crate::course::ExpectedCost;

/// From so many samples on one counts as so many times the mean at most: a program that runs
/// until a limit ends it says nothing of what the next will cost.
const SAMPLES_LEAST: u32 = 4;
const SURPRISE_MOST: f64 = 4.0;
/// Weight of one more submission in the moving mean of the cost of a challenge.
const WEIGHT: f64 = 0.1;
/// For how long what one sent says what the same one will send, microseconds.
const LATELY_US: i64 = 600_000_000;
/// Submissions of a person that are looked at for it, latest first.
const LOOKED_AT: u32 = 20;
/// Of those so many of the kind at most say what is expected of the next, and at least.
const OWN_MOST: u32 = 4;
const OWN_LEAST: u32 = 2;

/// Verdicts of a person (`?1`) for a challenge (`?2`, `?3`; NULL: executions) since `?4`.
const OWN: &str = "SELECT v.cost_ms AS cost_ms, v.submission AS submission
     FROM (SELECT id, verdicts, execution, course, challenge FROM submission
           WHERE user = ?1 ORDER BY id DESC LIMIT ?5) s
     JOIN verdict v ON v.submission = s.id AND v.number = s.verdicts
     WHERE v.at_us >= ?4 AND v.kind <> 'refused' AND CASE WHEN ?3 IS NULL THEN s.execution = 1
         ELSE s.course = ?2 AND s.challenge = ?3 END
     ORDER BY v.submission DESC";

/// The moving mean of what one submission to this challenge costs.
pub(super) fn learn(tx: &Tx<'_>, job: &Job, cost_ms: f64) -> Step<()> {
    // What was refused before it ran cost nothing, and says nothing.
    if !cost_ms.is_finite() || cost_ms <= 0.0 || counted_lately(tx, job)? {
        return Ok(());
    }
    tx.sql
        .prepare_cached(
            "INSERT INTO challenge_cost (course, challenge, mean_ms, samples)
             SELECT ?2, challenge, ?3, 1 FROM submission
             WHERE id = ?1 AND challenge IS NOT NULL
             ON CONFLICT DO UPDATE SET
                mean_ms = mean_ms + (CASE WHEN samples < ?5 THEN excluded.mean_ms
                        ELSE min(excluded.mean_ms, mean_ms * ?6) END - mean_ms)
                    * max(?4, 1.0 / (samples + 1)),
                samples = samples + 1",
        )?
        .execute(params![
            key(job.submission.0),
            job.lane.course,
            cost_ms,
            WEIGHT,
            SAMPLES_LEAST,
            SURPRISE_MOST
        ])?;
    Ok(())
}

/// Whether another submission of this person to the challenge was judged lately.
fn counted_lately(tx: &Tx<'_>, job: &Job) -> Step<bool> {
    let row = tx
        .sql
        .prepare_cached("SELECT user, course, challenge FROM submission WHERE id = ?1")?
        .query_row([key(job.submission.0)], |row| {
            let user: Vec<u8> = row.get(0)?;
            let place: (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
            Ok((user, place.0, place.1))
        })
        .optional()?;
    let Some((user, course, challenge)) = row else {
        return Ok(false);
    };
    Ok(tx
        .sql
        .prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM ({OWN}) WHERE submission <> ?6)"
        ))?
        .query_row(
            params![
                user,
                course,
                challenge,
                tx.now_us.saturating_sub(LATELY_US),
                LOOKED_AT,
                key(job.submission.0)
            ],
            |row| row.get(0),
        )?)
}

/// What the next submission of this person to a challenge (or execution) is expected to cost.
pub(super) fn expected(
    tx: &Tx<'_>,
    user: UserId,
    course: &str,
    challenge: Option<&str>,
) -> Step<Option<ExpectedCost>> {
    let (count, mean_ms): (u32, Option<f64>) = tx
        .sql
        .prepare_cached(&format!(
            "SELECT count(*), avg(cost_ms) FROM ({OWN} LIMIT ?6)"
        ))?
        .query_row(
            params![
                key(user.0),
                course,
                challenge,
                tx.now_us.saturating_sub(LATELY_US),
                LOOKED_AT,
                OWN_MOST
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
    let own = count >= OWN_LEAST;
    let cost_ms = match (mean_ms, challenge) {
        (Some(mean_ms), _) if own => Some(mean_ms),
        (_, Some(challenge)) => of_challenge(tx, course, challenge)?,
        _ => None,
    };
    Ok(cost_ms.map(|cost_ms| ExpectedCost { cost_ms, own }))
}

/// What a submission to a challenge costs.
pub(super) fn of_challenge(tx: &Tx<'_>, course: &str, challenge: &str) -> Step<Option<f64>> {
    Ok(tx
        .sql
        .prepare_cached("SELECT mean_ms FROM challenge_cost WHERE course = ?1 AND challenge = ?2")?
        .query_row([course, challenge], |row| row.get(0))
        .optional()?)
}
