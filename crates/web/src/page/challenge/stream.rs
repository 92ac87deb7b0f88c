//! A submission live, each event as the piece of page that shows it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::Event;
use axum::response::{IntoResponse as _, Response};
use carrel_api::submission::{Submission, SubmissionEvent};
use futures_util::StreamExt as _;

use super::hints::{self, Hints};
use super::history::Item;
use super::outcome::{CheckView, Outcome};
use super::place::Here;
use crate::app::App;
use crate::caller::Caller;
use crate::events::{self, Resumed, Told};
use crate::page::Frame;
use crate::problem::{Problem, Result};

#[derive(Template)]
#[template(path = "challenge/stage.html")]
struct StagePiece {
    frame: Frame,
    words: String,
    cancel: Option<String>,
}

#[derive(Template)]
#[template(
    source = r#"{% for check in checks %}{% include "challenge/check.html" %}{% endfor %}"#,
    ext = "html"
)]
struct ChecksPiece {
    frame: Frame,
    checks: Vec<CheckView>,
}

#[derive(Template)]
#[template(path = "challenge/verdict.html")]
struct VerdictPiece {
    frame: Frame,
    outcome: Outcome,
    hints: Hints,
    item: Item,
}

#[derive(Clone)]
struct Reader {
    app: App,
    frame: Frame,
    caller: Caller,
    here: Here,
    id: String,
}

pub(super) async fn follow(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, challenge, id)): Path<(String, String, String)>,
    Resumed(after): Resumed,
) -> Result<Response> {
    let here = Here::find(&app, &caller, (course, challenge)).await?;
    let Some(told) = events::open(&app, &caller, &id, after).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let reader = Reader {
        app,
        frame,
        caller,
        here,
        id,
    };
    let pieces = told.filter_map(move |told| {
        let reader = reader.clone();
        async move { reader.write(told).await }
    });
    Ok(events::answer(pieces))
}

impl Reader {
    /// The piece of an event; what cannot be written is told by the log and left out, and the page
    /// looks again when it is loaded.
    async fn write(&self, told: Told) -> Option<Event> {
        let name = told.event.name();
        match self.markup(&told.event).await {
            Ok(markup) => Some(events::frame(&told, name).data(markup)),
            Err(problem) => {
                tracing::error!(%problem, submission = %self.id, "a piece of a page is missing");
                None
            }
        }
    }

    async fn markup(&self, event: &SubmissionEvent) -> Result<String> {
        let frame = &self.frame;
        match event {
            SubmissionEvent::Queued { position } => {
                self.stage(frame.fill("challenge-stage-queued", "count", *position))
            }
            SubmissionEvent::Started { attempt: 1 } => {
                self.stage(frame.text("challenge-stage-started"))
            }
            SubmissionEvent::Started { .. } => {
                self.stage(frame.text("challenge-stage-started-again"))
            }
            SubmissionEvent::Compiling {} => self.stage(frame.text("challenge-stage-compiling")),
            SubmissionEvent::Retrying {} => self.stage(frame.text("challenge-stage-retrying")),
            SubmissionEvent::Check { results } => render(&ChecksPiece {
                frame: frame.clone(),
                checks: results
                    .iter()
                    .map(|test| CheckView::of(frame, test))
                    .collect(),
            }),
            SubmissionEvent::Verdict(shown) => self.verdict(shown).await,
            SubmissionEvent::Cancelled {} | SubmissionEvent::Parked {} => {
                let seen =
                    crate::submission::shown::find(&self.app, &self.caller, &self.id).await?;
                let shown = crate::submission::shown::describe(&self.app, seen).await?;
                self.verdict(&shown).await
            }
        }
    }

    fn stage(&self, words: String) -> Result<String> {
        render(&StagePiece {
            frame: self.frame.clone(),
            words,
            cancel: Some(format!(
                "{}/submissions/{}/cancel",
                self.here.address(),
                self.id
            )),
        })
    }

    async fn verdict(&self, shown: &Submission) -> Result<String> {
        let row = self.app.store.submission(shown.id).await?;
        let steps = &self.here.challenge().steps;
        let step = steps
            .iter()
            .position(|step| Some(&step.id) == shown.step.as_ref());
        let step = step.unwrap_or(steps.len() - 1);
        let frame = &self.frame;
        render(&VerdictPiece {
            outcome: Outcome::of(frame, &self.here, shown),
            hints: hints::describe(&self.app, frame, (&self.caller, &self.here), step).await?,
            item: Item::of(&self.app, frame, &self.here, &row).await?,
            frame: frame.clone(),
        })
    }
}

fn render(piece: &impl Template) -> Result<String> {
    piece.render().map_err(|error| Problem::internal(&error))
}
