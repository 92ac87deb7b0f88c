//! What the receiver of a `callback_url` is sent: with `PUT`, as their `IsolateJob` does it.

use carrel_model::execution::ExecutionRequest;
use carrel_store::submission::{Outcome, SubmissionRow};

use super::note::Note;
use super::status;
use super::view::{DEFAULT_FIELDS, Shown};
use crate::dialect::ending::ending;

/// Name of this interface in a `Callback` of the store.
pub(crate) const DIALECT: &str = "judge0";

/// The body: the default fields, in base64. `None`: the execution did not come over this interface.
pub(crate) fn callback_body(
    row: &SubmissionRow,
    request: &ExecutionRequest,
    outcome: Option<Outcome>,
) -> Option<String> {
    let note = Note::read(request)?;
    let told = status::tell(&ending(row.state, outcome), &note);
    let shown = Shown {
        row,
        request,
        note: &note,
        told: &told,
        offered: &[],
    };
    // With base64 every text can be written.
    shown
        .show(&DEFAULT_FIELDS, true)
        .ok()
        .map(|body| body.to_string())
}
