//! The one way in: everything that is to be judged or run is admitted, kept and queued here.

use std::time::{Duration, Instant};

use carrel_bus::Hint;
use carrel_model::id::{SubmissionId, UserId};
use carrel_store::course::ExpectedCost;
use carrel_store::queue::{Band, NewJob};
use carrel_store::submission::{Callback, IdempotencyKey, NewSubmission, Submitted, Work};
use jiff::{SignedDuration, Timestamp};
use tracing::Instrument as _;

use crate::admission::{self, Asked};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::Result;
use crate::request_id;
use crate::stages::Accepted;
use crate::trace;

/// The lane of work that belongs to no course.
pub const EXECUTIONS: &str = "";

/// What is to be judged or run.
#[derive(Debug, Clone)]
pub struct Draft {
    /// What.
    pub work: Work,
    /// How soon.
    pub band: Band,
    /// Time from accept to verdict, milliseconds; `None`: as configured.
    pub target_ms: Option<u64>,
    /// Language, for what is measured.
    pub language: String,
    /// Key under which the request may be repeated.
    pub idempotency: Option<IdempotencyKey>,
    /// Told once of the end.
    pub callback: Option<Callback>,
}

impl Draft {
    /// Interactive work without further wishes.
    #[must_use]
    pub fn interactive(work: Work, language: impl Into<String>) -> Self {
        Self {
            work,
            band: Band::Interactive,
            target_ms: None,
            language: language.into(),
            idempotency: None,
            callback: None,
        }
    }
}

/// Admits, keeps and queues. Returns when it is on the disk.
///
/// # Errors
/// Refused by [`admission`], or it cannot be kept.
pub async fn accept(app: &App, caller: &Caller, draft: Draft) -> Result<Submitted> {
    let began = Instant::now();
    if let Some(key) = &draft.idempotency
        && let Some(id) = app.store.repeated(caller.id(), key).await?
    {
        // It was let in once; that there is too much now is no answer to it.
        return Ok(Submitted::Known(id));
    }
    let target_ms = draft.target_ms.unwrap_or(app.config.admission.target_ms);
    let course = match &draft.work {
        Work::Challenge(work) => work.course.clone(),
        Work::Execution(_) => EXECUTIONS.to_owned(),
    };
    let expected = expect_cost(app, caller.id(), &draft.work).await?;
    let job = NewJob {
        band: draft.band,
        course,
        lane: admission::lane_of(caller),
        cost_ms: expected.cost_ms,
        not_before: None,
        target: after_ms(target_ms),
    };
    let asked = Asked {
        job: &job,
        work: &draft.work,
        target_ms,
        known: expected.own,
    };
    let reserved = admission::admit(app, asked).await?;
    let cost_ms = job.cost_ms;
    let id = SubmissionId::new();
    let new = NewSubmission {
        id,
        user: caller.id(),
        work: draft.work,
        idempotency: draft.idempotency,
        trace: trace::current(),
        request: request_id::current().unwrap_or_default(),
        job,
        callback: draft.callback,
    };
    let span = tracing::info_span!("submit", submission = %id);
    let submitted = app.store.submit(new).instrument(span).await;
    drop(reserved);
    let submitted = submitted.inspect_err(|error| note_full(app, error))?;
    if let Submitted::New(id) = submitted {
        app.bus.send(&Hint::Job);
        let accepted = Accepted {
            language: draft.language,
            band: draft.band,
            target_ms,
            cost_ms,
            took: began.elapsed(),
        };
        app.stages.begin(id, accepted, &app.metrics);
        tracing::info!(submission = %id, band = ?draft.band, "accepted");
    }
    Ok(submitted)
}

/// What cannot be kept for want of room is refused work too.
fn note_full(app: &App, error: &carrel_store::Error) {
    match error {
        carrel_store::Error::Full { what: "the disk" } => app.metrics.refuse("disk_full"),
        carrel_store::Error::Full { .. } => app.metrics.refuse("store_full"),
        _ => {}
    }
}

/// Expected processor time of a piece of work: what was measured, else a guess within its limits.
///
/// # Errors
/// What was measured cannot be read.
pub async fn expect_cost(app: &App, user: UserId, work: &Work) -> Result<ExpectedCost> {
    let guess = |cost_ms| ExpectedCost {
        cost_ms,
        own: false,
    };
    let default = app.config.admission.cost_default_ms;
    match work {
        Work::Challenge(work) => {
            let challenge = Some(work.challenge.as_str());
            let measured = app.store.expected_cost(user, &work.course, challenge);
            Ok(measured.await?.unwrap_or(guess(default)))
        }
        Work::Execution(request) => {
            let runs = f64::from(request.runs.max(1));
            #[expect(clippy::cast_precision_loss, reason = "limits are far smaller")]
            let most = request.limits.cpu_ms as f64;
            let guess = guess(default.min(most) * runs);
            let measured = app.store.expected_cost(user, EXECUTIONS, None).await?;
            // Those before ran as often as they were asked to, which is not kept.
            Ok(measured
                .filter(|measured| runs <= 1.0 || measured.cost_ms > guess.cost_ms)
                .unwrap_or(guess))
        }
    }
}

/// The moment this many milliseconds from now.
#[must_use]
pub fn after_ms(milliseconds: u64) -> Timestamp {
    let wait = SignedDuration::try_from(Duration::from_millis(milliseconds));
    let wait = wait.unwrap_or(SignedDuration::MAX);
    Timestamp::now()
        .saturating_add(wait)
        .unwrap_or(Timestamp::MAX)
}

/// The id, whether it was new or known.
#[must_use]
pub fn id_of(submitted: Submitted) -> SubmissionId {
    match submitted {
        Submitted::New(id) | Submitted::Known(id) => id,
    }
}
