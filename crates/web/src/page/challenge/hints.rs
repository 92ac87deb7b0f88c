//! Hints: those that failures have unlocked, and how far the next one is.

use std::sync::Arc;

use super::place::Here;
use crate::app::App;
use crate::caller::Caller;
use crate::page::Frame;
use crate::problem::Result;

/// Hints of a step.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// As HTML.
    pub(super) shown: Vec<Arc<str>>,
    /// Failures until the next one; `None`: there are no more.
    pub(super) more: Option<u32>,
}

/// The hints of a step for the caller; an author sees all.
pub(super) async fn describe(
    app: &App,
    frame: &Frame,
    (caller, here): (&Caller, &Here),
    step: usize,
) -> Result<Hints> {
    let challenge = here.challenge();
    let hints = &challenge.steps[step].hints;
    if hints.is_empty() {
        return Ok(Hints::default());
    }
    let failures = if caller.is_author(&here.course) {
        u32::MAX
    } else {
        let failures = app.store.failures(caller.id(), &here.course, &challenge.id);
        failures.await?
    };
    let mut shown = Vec::new();
    let mut more = None;
    for hint in hints {
        if hint.after_failures <= failures {
            shown.push(here.render(app, frame, "", &hint.text).await?);
        } else {
            let left = hint.after_failures - failures;
            more = Some(more.map_or(left, |least: u32| least.min(left)));
        }
    }
    Ok(Hints { shown, more })
}
