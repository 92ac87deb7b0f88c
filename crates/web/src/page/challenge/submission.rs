//! The page of one submission: its way while it is judged, then its verdict. Loads itself anew
//! until it is over, so that it needs no script.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use carrel_api::Code;
use carrel_store::event::EventKind;
use carrel_store::submission::Work;
use jiff::Timestamp;

use super::hints::{self, Hints};
use super::outcome::{CheckView, Outcome};
use super::place::{Here, Trail};
use crate::account::audit::Auditor;
use crate::app::App;
use crate::caller::Caller;
use crate::live::is_over;
use crate::page::{self, Frame};
use crate::problem::{Problem, Result};
use crate::submission::{shown, withdraw};

#[derive(Template)]
#[template(path = "challenge/submission.html")]
struct SubmissionPage {
    frame: Frame,
    trail: Trail,
    title: String,
    at: Timestamp,
    late: bool,
    over: bool,
    outcome: Option<Outcome>,
    words: String,
    cancel: Option<String>,
    checks: Vec<CheckView>,
    hints: Hints,
    sent: Vec<(String, String)>,
}

/// Somebody else's submission is shown to authors only; one of another challenge is not here.
async fn find(app: &App, caller: &Caller, here: &Here, id: &str) -> Result<shown::Seen> {
    let seen = shown::find(app, caller, id).await?;
    if seen.course != here.course || seen.challenge != here.challenge().id {
        return Err(Problem::missing("submission", id));
    }
    Ok(seen)
}

pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, challenge, id)): Path<(String, String, String)>,
) -> Result<Response> {
    let here = Here::find(&app, &caller, (course, challenge)).await?;
    let seen = find(&app, &caller, &here, &id).await?;
    let view = seen.view;
    let withdrawable = shown::require_withdrawable(&caller, &seen).is_ok();
    let told = shown::describe(&app, seen).await?;
    let over = is_over(told.state);
    let steps = &here.challenge().steps;
    let step = steps
        .iter()
        .position(|step| Some(&step.id) == told.step.as_ref());
    let step = step.unwrap_or(steps.len() - 1);
    let mut checks = Vec::new();
    if !over {
        for event in app.store.events(told.id, 0).await? {
            if let EventKind::Check { results } = event.kind {
                let results = carrel_model::view::show_results(here.challenge(), &results, view);
                checks.extend(results.iter().map(|test| CheckView::of(&frame, test)));
            }
        }
    }
    let words = match told.position {
        Some(position) => frame.fill("challenge-stage-queued", "count", position),
        None => frame.text("challenge-stage-started"),
    };
    let title = here.challenge().title.as_str();
    page::show(&SubmissionPage {
        trail: here.trail(),
        title: frame.fill("challenge-submission-of", "title", title),
        at: told.created_at,
        late: told.late,
        over,
        outcome: over.then(|| Outcome::of(&frame, &here, &told)),
        words,
        cancel: withdrawable.then(|| format!("{}/cancel", here.submission(told.id))),
        checks,
        hints: hints::describe(&app, &frame, (&caller, &here), step).await?,
        sent: sent(&app, told.id).await?,
        frame,
    })
}

/// What was sent, as text; what has expired is not there.
async fn sent(app: &App, id: carrel_model::id::SubmissionId) -> Result<Vec<(String, String)>> {
    let work = match app.store.work(id).await {
        Ok(Work::Challenge(work)) => work,
        Ok(Work::Execution(_)) | Err(carrel_store::Error::State { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let files = work.files.into_iter();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(files.map(|(path, bytes)| (path, text(bytes))).collect())
}

pub(super) async fn cancel(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path((course, challenge, id)): Path<(String, String, String)>,
) -> Result<Response> {
    let here = Here::find(&app, &caller, (course, challenge)).await?;
    let seen = find(&app, &caller, &here, &id).await?;
    match withdraw(&app, (&caller, &auditor), &seen).await {
        Ok(()) => {}
        // It ended in the same moment: its page says how.
        Err(problem) if problem.code() == Code::WrongState => {}
        Err(problem) => return Err(problem),
    }
    Ok(Redirect::to(&here.submission(seen.row.id)).into_response())
}
