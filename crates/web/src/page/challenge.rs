//! The challenge page: the task, an editor, submitting with live checks, running, history.
//!
//! Everything works as plain forms and pages; scripts (`web-ui/src/islands/challenge.ts`) put the
//! editor in the place of the boxes and follow a submission by a stream of pieces of this page
//! ([`stream`]), which are the same templates as those of the page of a submission.

mod files;
mod hints;
mod history;
mod outcome;
mod place;
mod run;
mod stream;
mod submission;
mod texts;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_store::PageRequest;
use carrel_store::account::Scope;
use carrel_store::draft::{Changed, DraftPlace, DraftRow};
use carrel_store::submission::{SubmissionFilter, Submitted};
use serde::Deserialize;

use super::header::allow_style_nonce;
use super::{Fields, Frame, held};
use crate::app::App;
use crate::availability::{self, Purpose};
use crate::caller::Caller;
use crate::content::open_challenge;
use crate::idempotency::Key;
use crate::live::is_over;
use crate::problem::{Problem, Result};
use crate::submission::shown;
use crate::submission::upload::Upload;
use files::FileView;
use hints::Hints;
use history::Item;
use outcome::Outcome;
use place::{Here, StepLink};

/// Earlier submissions listed on the page.
const HISTORY_MAX: u32 = 30;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/courses/{course}/challenges/{challenge}",
            get(show).post(submit),
        )
        .route(
            "/courses/{course}/challenges/{challenge}/submissions/{id}",
            get(submission::show),
        )
        .route(
            "/courses/{course}/challenges/{challenge}/submissions/{id}/cancel",
            post(submission::cancel),
        )
        .route(
            "/courses/{course}/challenges/{challenge}/submissions/{id}/stream",
            get(stream::follow),
        )
        .route(
            "/courses/{course}/challenges/{challenge}/runs",
            post(run::start),
        )
        .route(
            "/courses/{course}/challenges/{challenge}/runs/{id}",
            get(run::show),
        )
}

#[derive(Template)]
#[template(path = "challenge/page.html")]
struct ChallengePage {
    frame: Frame,
    nonce: String,
    preload: String,
    course: String,
    course_title: String,
    course_address: String,
    address: String,
    id: String,
    title: String,
    user: String,
    steps: Vec<StepLink>,
    step: Option<String>,
    step_number: Option<usize>,
    instructions: Arc<str>,
    hints: Hints,
    files: Vec<FileView>,
    revision: u64,
    stdin: String,
    told: Option<String>,
    /// What holds learners back, as markup.
    held: Option<String>,
    /// Nothing is taken from the caller any more.
    closed: bool,
    result: Option<Outcome>,
    stream: Option<String>,
    history: Vec<Item>,
    texts: Vec<(&'static str, String)>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    step: Option<String>,
}

/// What was typed and not taken: it stands in the page again.
#[derive(Debug, Default)]
struct Typed {
    files: Option<crate::submission::upload::Files>,
    stdin: String,
    told: Option<String>,
}

async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    caller.require_scope(Scope::Read)?;
    let here = Here::find(&app, &caller, path).await?;
    open_challenge(&app, &caller, &here.course, &here.challenge().id).await?;
    let page = describe(&app, frame, (&caller, &here), wanted, Typed::default()).await?;
    answer(&page)
}

fn answer(page: &ChallengePage) -> Result<Response> {
    let mut response = super::show(page)?;
    let policy = allow_style_nonce(&page.nonce)?;
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

async fn describe(
    app: &App,
    frame: Frame,
    (caller, here): (&Caller, &Here),
    wanted: Wanted,
    typed: Typed,
) -> Result<ChallengePage> {
    let challenge = here.challenge();
    let filter = SubmissionFilter {
        user: Some(caller.id()),
        course: Some(here.course.clone()),
        challenge: Some(challenge.id.clone()),
        ..SubmissionFilter::default()
    };
    let request = PageRequest {
        after: None,
        limit: HISTORY_MAX,
    };
    let rows = app.store.submissions(filter, request).await?.items;
    let (steps, step) = here.steps(&rows, wanted.step.as_deref());
    let draft = app.store.draft(draft_place(caller, here)).await?;
    let DraftRow {
        revision, files, ..
    } = draft;
    let typed_files = typed.files.unwrap_or(files);
    let files = files::describe(here, step, typed_files).await?;
    let grammars = files.iter().map(|file| file.grammar);
    let latest = rows.first().cloned();
    let open = latest.as_ref().filter(|row| !is_over(row.state));
    let stream = open.map(|row| here.stream(row.id));
    let result = match latest.filter(|row| is_over(row.state)) {
        Some(row) => {
            let seen = shown::find(app, caller, &row.id.to_string()).await?;
            let told = shown::describe(app, seen).await?;
            Some(Outcome::of(&frame, here, &told))
        }
        None => None,
    };
    let mut history = Vec::with_capacity(rows.len());
    for row in &rows {
        history.push(Item::of(app, &frame, here, row).await?);
    }
    let several = challenge.steps.len() > 1;
    let held = held::notice(app, &frame, (caller, &here.found.course), &challenge.id).await?;
    Ok(ChallengePage {
        preload: files::preload(&frame, grammars),
        nonce: make_nonce()?,
        course: here.course.clone(),
        course_title: here.found.course.title.clone(),
        course_address: here.course_address(),
        address: here.address(),
        id: challenge.id.clone(),
        title: challenge.title.clone(),
        user: caller.id().to_string(),
        step: several.then(|| challenge.steps[step].id.clone()),
        step_number: several.then_some(step + 1),
        instructions: here.instructions(app, &frame, step).await?,
        hints: hints::describe(app, &frame, (caller, here), step).await?,
        files,
        revision,
        stdin: typed.stdin,
        told: typed.told,
        closed: held.is_some() && !frame.is_author(&here.course),
        held,
        result,
        stream,
        history,
        texts: texts::all(&frame),
        steps,
        frame,
    })
}

fn draft_place(caller: &Caller, here: &Here) -> DraftPlace {
    DraftPlace {
        user: caller.id(),
        course: here.course.clone(),
        challenge: here.challenge().id.clone(),
    }
}

/// For the one style sheet that the editor makes itself.
fn make_nonce() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Problem::internal(&error))?;
    Ok(hex::encode(bytes))
}

/// What the form of the page holds.
struct Posted {
    upload: Upload,
    revision: Option<u64>,
    stdin: String,
}

fn read_form(fields: &Fields) -> Posted {
    // A form's lines end in CR LF whatever stood in the box.
    let text = |value: &str| value.replace("\r\n", "\n");
    let files = fields.0.iter().filter_map(|(name, value)| {
        let path = name.strip_prefix("file:")?;
        Some((path.to_owned(), text(value).into_bytes()))
    });
    Posted {
        upload: Upload {
            files: files.collect(),
            step: fields.value("step").map(str::to_owned),
            band: carrel_api::submission::Band::Interactive,
        },
        revision: fields.value("revision").and_then(|text| text.parse().ok()),
        stdin: text(fields.value("stdin").unwrap_or_default()),
    }
}

/// The form without scripts: leads to the page of the submission.
async fn submit(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(path): Path<(String, String)>,
    fields: Fields,
) -> Result<Response> {
    let here = Here::find(&app, &caller, path).await?;
    let posted = read_form(&fields);
    keep_draft(&app, (&caller, &here), &posted).await;
    match take(&app, &caller, &here, &posted).await {
        Ok(submitted) => {
            let id = crate::intake::id_of(submitted);
            Ok(Redirect::to(&here.submission(id)).into_response())
        }
        Err(problem) => tell(&app, frame, (&caller, &here), posted, problem).await,
    }
}

/// Takes a submission, where its challenge is open to the sender.
async fn take(app: &App, caller: &Caller, here: &Here, posted: &Posted) -> Result<Submitted> {
    let (course, challenge) = (&here.found.course, &here.found.challenge().id);
    availability::require(app, caller, course, challenge, Purpose::Work).await?;
    crate::submission::accept(
        app,
        caller,
        &here.found,
        (posted.upload.clone(), Key::default()),
    )
    .await
}

/// The page once more, with what was typed and why it was not taken.
async fn tell(
    app: &App,
    frame: Frame,
    (caller, here): (&Caller, &Here),
    posted: Posted,
    problem: Problem,
) -> Result<Response> {
    let mut told = problem.to_string();
    if let Some(wait_ms) = problem.document().retry_after_ms {
        let seconds = wait_ms.div_ceil(1_000);
        told = format!(
            "{told} {}",
            frame.fill("challenge-refused-later", "seconds", seconds)
        );
    }
    let wanted = Wanted {
        step: posted.upload.step,
    };
    let typed = Typed {
        files: Some(posted.upload.files),
        stdin: posted.stdin,
        told: Some(told),
    };
    let page = describe(app, frame, (caller, here), wanted, typed).await?;
    let mut response = answer(&page)?;
    *response.status_mut() = problem.status();
    Ok(response)
}

/// Who comes back finds what they sent. Where it cannot be kept (another tab went on, say), the
/// submission itself still holds it.
async fn keep_draft(app: &App, (caller, here): (&Caller, &Here), posted: &Posted) {
    let files = posted.upload.files.clone();
    let Some(revision) = posted.revision else {
        return;
    };
    if crate::draft::check(&here.found, &files).is_err() {
        return;
    }
    let place = draft_place(caller, here);
    match app.store.change_draft(place, revision, files).await {
        Ok(Changed::Kept { .. } | Changed::Behind(_)) => {}
        Err(error) => tracing::warn!(%error, "a draft was not kept"),
    }
}
