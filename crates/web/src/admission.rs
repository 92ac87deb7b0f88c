//! Admission by deadline: work that cannot meet its target is refused at once, with the time to come back.

use carrel_api::Code;
use carrel_store::queue::{Band, Depth, NewJob};

use crate::app::App;
use crate::nodes::Capacity;
use crate::problem::{Problem, Result};

/// A sender that never has anything queued: tells what somebody else would wait.
const NOBODY: &str = "~nobody";
/// Share of the target up to which work is taken while the service is late.
const LATE_SHARE: f64 = 0.5;
/// Longest `Retry-After`, milliseconds.
const RETRY_MS_MAX: f64 = 60_000.0;

/// Time from accept to verdict as it is expected, milliseconds.
///
/// `before_ms` is the processor time that lies before this job for its lane; what
/// runs now is taken as half done. A free slot means that nothing has to be waited for.
#[must_use]
pub fn predict(before_ms: f64, running: u64, own_ms: f64, capacity: Capacity) -> f64 {
    let free = running < capacity.slots;
    if free && before_ms <= 0.0 {
        return capacity.alone_ms(own_ms);
    }
    let busy = running.min(capacity.slots);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
    let busy_ms = busy as f64 * own_ms / 2.0;
    (before_ms + busy_ms) / capacity.rate + capacity.alone_ms(own_ms)
}

/// Lets a job in, or says why not and when to come back.
///
/// # Errors
/// [`Code::TooMuchQueued`] when the sender's own work is the reason, [`Code::Busy`]
/// when that of all is, [`Code::NoWorker`] when nothing can be judged at all.
pub async fn admit(app: &App, job: &NewJob, target_ms: u64) -> Result<()> {
    let decision = match job.band {
        Band::Interactive => admit_interactive(app, job, target_ms).await,
        Band::Batch => admit_batch(app, job).await,
        // Regrades are bounded by what is kept, and only get what is left.
        Band::Regrade => Ok(()),
    };
    if let Err(problem) = &decision {
        app.metrics.refuse(problem.code().name());
        tracing::info!(code = problem.code().name(), course = %job.course, "refused");
    }
    decision
}

async fn admit_interactive(app: &App, job: &NewJob, target_ms: u64) -> Result<()> {
    let Some(capacity) = app.nodes.capacity(app).await? else {
        let detail = "no worker has told of itself lately; batch work is still taken";
        return Err(Problem::new(Code::NoWorker, detail).with_retry_after(5_000));
    };
    let depth = app.store.depth().await?;
    let before_ms = app.store.cost_before(job).await?;
    let predicted_ms = predict(before_ms, depth.running, job.cost_ms, capacity);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a target")]
    let target = target_ms as f64;
    // What takes longer than its target by itself is the challenge's doing, not the queue's.
    let mut bound = target.max(capacity.alone_ms(job.cost_ms) * 1.5);
    if app.stages.lateness().late {
        // What was predicted did not hold lately: take less until it does.
        bound = (target * LATE_SHARE).max(capacity.alone_ms(job.cost_ms));
    }
    if predicted_ms <= bound {
        return Ok(());
    }
    let mut stranger = job.clone();
    NOBODY.clone_into(&mut stranger.lane);
    let others_ms = app.store.cost_before(&stranger).await?;
    let others = predict(others_ms, depth.running, job.cost_ms, capacity);
    let retry_ms = as_retry(predicted_ms - bound);
    if others <= bound {
        let detail = format!(
            "work of yours that waits would delay this by {predicted_ms:.0} ms; the target is {target_ms} ms"
        );
        return Err(Problem::new(Code::TooMuchQueued, detail).with_retry_after(retry_ms));
    }
    let detail =
        format!("a verdict would take {predicted_ms:.0} ms now; the target is {target_ms} ms");
    Err(Problem::new(Code::Busy, detail).with_retry_after(retry_ms))
}

async fn admit_batch(app: &App, job: &NewJob) -> Result<()> {
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
    let before_ms = app.store.cost_before(job).await?;
    if before_ms > bounds.batch_cost_ms_max {
        let detail = format!(
            "{:.0} s of processor time wait before this",
            before_ms / 1_000.0
        );
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

    const TWO: Capacity = Capacity {
        rate: 2.0,
        slots: 2,
    };

    #[test]
    fn a_free_slot_costs_no_waiting() {
        assert_eq!(predict(0.0, 1, 300.0, TWO), 300.0);
        assert_eq!(predict(0.0, 2, 300.0, TWO), 450.0);
    }

    #[test]
    fn a_queue_is_worked_off_at_the_rate_of_all_nodes() {
        assert_eq!(predict(4_000.0, 2, 200.0, TWO), 2_300.0);
        let twice = Capacity {
            rate: 4.0,
            slots: 4,
        };
        assert!(predict(4_000.0, 2, 200.0, twice) < 1_400.0);
    }

    #[test]
    fn the_time_to_come_back_is_bounded() {
        assert_eq!(as_retry(3.0), 1_000);
        assert_eq!(as_retry(f64::INFINITY), 60_000);
    }
}
