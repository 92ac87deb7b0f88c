//! Admission by deadline: work that cannot meet its target is refused at once, with the time to come back.
//!
//! What is accepted is judged, whatever it takes; so the promise is kept at the door. A new
//! job waits for what runs and for all that waits in its band and is not due later (the queue of
//! the store says when work is due, and that it then goes before the order of fairness). That wait, at the
//! pace measured now ([`crate::pace`]), has to be within an *allowance*: a share of the target.
//! Where predictions fail, two measured delays correct them: the age of the oldest that waits
//! is a wait that the next one will have too; and the share itself is halved when a verdict
//! came too late, and grows again slowly ([`crate::allowance`]).
//!
//! Within the allowance nobody takes all: who is ahead of the others of a course, and a course
//! ahead of the others, finds the queue longer than it is by a part of what they are ahead. So
//! there is room for who comes next, whoever floods. And what holds its slot for longer than
//! others may wait is taken from one sender for half of the slots only, while others are about:
//! or they would find none free for as long as that one goes on.

pub mod door;
mod rule;
#[cfg(test)]
mod simulation;

use carrel_api::Code;
use carrel_store::queue::{Band, Depth, NewJob};
use carrel_store::submission::Work;

use crate::app::App;
use crate::caller::Caller;
use crate::nodes::tell_idle;
use crate::problem::{Problem, Result};
use crate::provision;
use door::Reserved;
use rule::Decision;

/// Longest `Retry-After`, milliseconds.
const RETRY_MS_MAX: f64 = 60_000.0;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The job to be.
    pub job: &'a NewJob,
    /// What it is to run.
    pub work: &'a Work,
    /// From accept to verdict, milliseconds.
    pub target_ms: u64,
    /// What it is expected to cost is known by what the same person sent lately.
    pub known: bool,
}

/// Lets a job in, or says why not and when to come back. What is let in is counted as
/// waiting until what is returned is dropped: that is, until the store has it.
///
/// # Errors
/// [`Code::TooMuchQueued`] when the sender's own work is the reason, [`Code::Busy`]
/// when that of all is, [`Code::NoWorker`] when nothing can be judged at all,
/// [`Code::NoEnvironment`] when no node has what it needs.
pub async fn admit(app: &App, asked: Asked<'_>) -> Result<Option<Reserved>> {
    let job = asked.job;
    let decision = match job.band {
        Band::Interactive => admit_interactive(app, asked).await.map(Some),
        Band::Batch => admit_batch(app, asked).await.map(|()| None),
        // Regrades are bounded by what is kept, and only get what is left.
        Band::Regrade => provision::require(app, asked.work).await.map(|()| None),
    };
    if let Err(problem) = &decision {
        note_refusal(app, problem, &job.course);
    }
    decision
}

fn note_refusal(app: &App, problem: &Problem, course: &str) {
    app.metrics.refuse(problem.code().name());
    tracing::debug!(code = problem.code().name(), course, "refused");
}

/// Refuses interactive work at once where it is known that even a newcomer would wait for too
/// long: a look into memory, before a body is read or a store is asked.
///
/// # Errors
/// [`Code::Busy`].
pub fn knock(app: &App, caller: &Caller, course: &str, target_ms: Option<u64>) -> Result<()> {
    let now_ms = app.stages.now_ms();
    // Who is sent away here is about all the same.
    app.door.come(&lane_of(caller), now_ms);
    let wait_ms = app.door.wait_ms(now_ms);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a target")]
    let target_ms = target_ms.unwrap_or(app.config.admission.target_ms) as f64;
    let allowed_ms = target_ms * app.stages.share();
    if wait_ms <= allowed_ms {
        return Ok(());
    }
    let problem = tell_busy(wait_ms, target_ms, wait_ms - allowed_ms);
    note_refusal(app, &problem, course);
    Err(problem)
}

/// The lane of somebody's work.
#[must_use]
pub fn lane_of(caller: &Caller) -> String {
    caller.id().to_string()
}

fn tell_busy(wait_ms: f64, target_ms: f64, retry_ms: f64) -> Problem {
    let detail = format!(
        "it would wait for {wait_ms:.0} ms now; the target is {target_ms:.0} ms to the verdict"
    );
    Problem::new(Code::Busy, detail).with_retry_after(as_retry(retry_ms))
}

async fn admit_interactive(app: &App, asked: Asked<'_>) -> Result<Reserved> {
    let job = asked.job;
    let Some(capacity) = app.nodes.capacity(app).await? else {
        let why = tell_idle(&app.nodes.rows(app).await?);
        let detail = format!("{why}; batch work is still taken");
        return Err(Problem::new(Code::NoWorker, detail).with_retry_after(5_000));
    };
    provision::require(app, asked.work).await?;
    let look = app.door.look(&job.lane, app.stages.now_ms());
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a target")]
    let others_target_ms = look.others.then_some(app.config.admission.target_ms as f64);
    let backlog = app.store.backlog(job).await?;
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a target")]
    let target_ms = asked.target_ms as f64;
    let offer = rule::Offer {
        cost_ms: job.cost_ms,
        target_ms,
        share: app.stages.share(),
        others_target_ms,
        known: asked.known,
    };
    let now_ms = app.stages.now_ms();
    // Decided and reserved under one lock: of many at one moment each sees the one before.
    let decided = app.door.decide(look, job.cost_ms, |in_flight| {
        let pace = app.stages.pace();
        rule::decide(offer, backlog, in_flight, (&pace, capacity, now_ms))
    });
    match decided {
        Ok(reserved) => Ok(reserved),
        Err(Decision::Own { wait_ms, retry_ms }) => {
            let detail = format!(
                "work of yours that waits would delay this by {wait_ms:.0} ms; the target is {target_ms} ms"
            );
            Err(Problem::new(Code::TooMuchQueued, detail).with_retry_after(as_retry(retry_ms)))
        }
        Err(Decision::Many) => {
            let detail = "work of yours waits or runs of which nobody knows yet how long it takes; \
                          come back when some of it has ended";
            Err(Problem::new(Code::TooMuchQueued, detail).with_retry_after(as_retry(0.0)))
        }
        Err(Decision::Fills { hold_ms }) => {
            let detail = format!(
                "this is expected to run for {hold_ms:.0} ms, and work of yours has its half of the places; the others are kept for others, come back when yours has ended"
            );
            Err(Problem::new(Code::TooMuchQueued, detail).with_retry_after(as_retry(hold_ms)))
        }
        Err(Decision::All {
            wait_ms,
            least_ms,
            retry_ms,
        }) => {
            app.door.close(now_ms, least_ms);
            Err(tell_busy(wait_ms, target_ms, retry_ms))
        }
    }
}

async fn admit_batch(app: &App, asked: Asked<'_>) -> Result<()> {
    // It can wait, but not for what may never come.
    provision::require(app, asked.work).await?;
    let job = asked.job;
    let bounds = app.config.admission;
    let depth: Depth = app.store.depth().await?;
    let queued = depth.queued[1];
    if queued >= bounds.batch_queued_max {
        let detail = format!(
            "{queued} jobs wait; the bound is {}",
            bounds.batch_queued_max
        );
        return Err(Problem::new(Code::Busy, detail).with_retry_after(30_000));
    }
    let own_ms = app.store.backlog(job).await?.lane_ms;
    if own_ms > bounds.batch_cost_ms_max {
        let detail = format!("{:.0} s of processor time wait before this", own_ms / 1e3);
        return Err(Problem::new(Code::TooMuchQueued, detail).with_retry_after(60_000));
    }
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped before"
)]
fn as_retry(late_ms: f64) -> u64 {
    late_ms.clamp(1_000.0, RETRY_MS_MAX) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_come_back_is_bounded() {
        assert_eq!(as_retry(3.0), 1_000);
        assert_eq!(as_retry(f64::INFINITY), 60_000);
    }
}
