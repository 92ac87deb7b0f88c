//! Waits for an execution to end.

use std::time::Duration;

use carrel_model::execution::{ExecutionResult, SubmissionState};
use carrel_model::id::SubmissionId;
use carrel_store::submission::Outcome;

use crate::app::App;
use crate::live;
use crate::problem::Result;

/// How an execution stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Running,
    /// It ran.
    Executed(Box<ExecutionResult>),
    /// It cannot be run as it was sent: what to tell.
    Refused(String),
    /// There is no result, and it is neither the program's nor the sender's doing: what to tell.
    Failed(String),
}

/// What is told where a fault of ours stopped it.
pub const PARKED: &str =
    "the service failed at this; it is kept, and an operator has to look at it";

/// How it stands, from its state and outcome as kept.
#[must_use]
pub fn ending(state: SubmissionState, outcome: Option<Outcome>) -> Ending {
    match (state, outcome) {
        (_, Some(Outcome::Executed(result))) => match result.platform_fault {
            Some(_) => Ending::Failed(PARKED.to_owned()),
            None => Ending::Executed(result),
        },
        (_, Some(Outcome::Refused { message, .. })) => Ending::Refused(message),
        (_, Some(Outcome::Judged(_))) => Ending::Failed("it is no execution".to_owned()),
        (SubmissionState::Queued, None) => Ending::Queued,
        (SubmissionState::Running, None) => Ending::Running,
        (SubmissionState::Cancelled, None) => Ending::Failed("it was cancelled".to_owned()),
        (SubmissionState::Parked, None) => Ending::Failed(PARKED.to_owned()),
        (SubmissionState::Finished, None) => {
            Ending::Failed("its result is no longer kept".to_owned())
        }
    }
}

/// How it stands when it is over, or after `within`.
///
/// # Errors
/// It cannot be read.
pub async fn wait(app: &App, id: SubmissionId, within: Duration) -> Result<Ending> {
    let row = live::wait_for_end(app, id, within).await?;
    let outcome = app.store.outcome(id).await?;
    Ok(ending(row.state, outcome))
}

/// Takes an execution back unless told that it ended: for callers who wait and go away,
/// for nobody else can ever read the result.
#[derive(Debug)]
pub struct CancelOnDrop {
    app: Option<App>,
    id: SubmissionId,
}

impl CancelOnDrop {
    /// Watches over this one.
    #[must_use]
    pub fn new(app: &App, id: SubmissionId) -> Self {
        Self {
            app: Some(app.clone()),
            id,
        }
    }

    /// It ended: nothing is to be taken back.
    pub fn disarm(&mut self) {
        self.app = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let Some(app) = self.app.take() else { return };
        let id = self.id;
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            match app.store.cancel(id).await {
                Ok(_) => app.bus.send(&carrel_bus::Hint::Cancel { submission: id }),
                Err(error) => tracing::warn!(submission = %id, %error, "not cancelled"),
            }
        });
    }
}
