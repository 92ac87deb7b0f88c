//! Bodies of callbacks that belong to a dialect: made when they are sent, from what is then kept.

use carrel_model::execution::ExecutionRequest;
use carrel_model::id::SubmissionId;
use carrel_store::submission::{Outcome, SubmissionRow, Work};
use carrel_store::webhook::Delivery;
use serde::Deserialize;

use crate::app::App;
use crate::judge0;

/// Makes the body of a dialect; `None`: the execution did not come over it.
type Write = fn(&SubmissionRow, &ExecutionRequest, Option<Outcome>) -> Option<String>;

/// Dialects by the name in [`carrel_store::submission::Callback`].
const DIALECTS: &[(&str, Write)] = &[(judge0::DIALECT, judge0::callback_body)];

/// What the store queues for a callback.
#[derive(Debug, Deserialize)]
struct Queued {
    dialect: String,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    submission: SubmissionId,
}

/// The body that goes out: that of the dialect for a submission's own callback, else as it was queued.
///
/// # Errors
/// Why it cannot be made, for the log of deliveries.
pub(super) async fn write_body(app: &App, delivery: &Delivery) -> Result<String, String> {
    if delivery.webhook.is_some() {
        return Ok(delivery.body.clone());
    }
    let Ok(queued) = serde_json::from_str::<Queued>(&delivery.body) else {
        return Ok(delivery.body.clone());
    };
    let known = DIALECTS.iter().find(|(name, _)| *name == queued.dialect);
    let Some((_, write)) = known else {
        return Ok(delivery.body.clone());
    };
    let id = queued.data.submission;
    let read = async {
        let row = app.store.submission(id).await?;
        let work = app.store.work(id).await?;
        let outcome = app.store.outcome(id).await?;
        carrel_store::error::Result::Ok((row, work, outcome))
    };
    let (row, work, outcome) = read.await.map_err(|error| error.to_string())?;
    let Work::Execution(request) = work else {
        return Err(format!("`{id}` is no execution"));
    };
    write(&row, &request, outcome).ok_or_else(|| format!("`{id}` is of another dialect"))
}
