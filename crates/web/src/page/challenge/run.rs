//! Running one's program with input of one's own. Nothing is judged; what comes out is text.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse as _, Redirect, Response};
use carrel_model::execution::{ExecutionRequest, ExecutionResult, StageResult};
use carrel_store::account::Scope;
use carrel_store::submission::{Outcome, SubmissionRow, Work};

use super::outcome::tell_cause;
use super::place::{Here, Trail};
use super::{read_form, tell};
use crate::app::App;
use crate::caller::Caller;
use crate::catalogue::{read_files, run_blocking};
use crate::execution;
use crate::intake::{self, Draft};
use crate::live::{is_over, wait_in_turn};
use crate::page::{self, Fields, Frame};
use crate::problem::{Problem, Result};

/// How long the page waits for the end before it shows that it is on its way, seconds.
const WAIT_SECONDS: u64 = 10;

#[derive(Template)]
#[template(path = "challenge/run.html")]
struct RunPage {
    frame: Frame,
    trail: Trail,
    title: String,
    run: RunView,
}

#[derive(Debug, Default)]
struct RunView {
    over: bool,
    well: bool,
    say: String,
    title: String,
    cause: String,
    usage: Option<String>,
    /// Instead of an output.
    told: Option<String>,
    stdout: String,
    stderr: String,
}

pub(super) async fn start(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    (Path(path), headers): (Path<(String, String)>, HeaderMap),
    fields: Fields,
) -> Result<Response> {
    let here = Here::find(&app, &caller, path).await?;
    let posted = read_form(&fields);
    match accept(&app, &caller, &here, &posted).await {
        Ok(id) => Ok(Redirect::to(&here.run(id)).into_response()),
        Err(problem) if takes_page(&headers) => {
            tell(&app, frame, (&caller, &here), posted, problem).await
        }
        Err(problem) => Err(problem),
    }
}

/// Whether a browser shows the answer as its next page; a script takes the problem itself.
fn takes_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|kinds| kinds.contains("text/html"))
}

async fn accept(
    app: &App,
    caller: &Caller,
    here: &Here,
    posted: &super::Posted,
) -> Result<carrel_model::id::SubmissionId> {
    caller.require_outside_courses(Scope::Execute)?;
    crate::draft::check(&here.found, &posted.upload.files)?;
    let stdin = posted.stdin.clone().into_bytes();
    let challenge = here.challenge();
    let supplied = challenge.supplied.clone();
    let supplied = run_blocking(move || read_files(&supplied)).await?;
    let supplied = supplied.map_err(|error| Problem::internal(&error))?;
    let mut files = crate::submission::upload::decode_files(supplied)?;
    files.extend(posted.upload.files.clone());
    let request = ExecutionRequest {
        language: challenge.language.clone(),
        environment: Some(challenge.environment.clone()),
        environment_of_challenge: true,
        files,
        entry: challenge.entry.clone(),
        arguments: Vec::new(),
        compiler_arguments: Vec::new(),
        stdin,
        limits: execution::within(challenge.limits, &app.config.execution_limits),
        compile_limits: None,
        merge_stderr: false,
        runs: 1,
        note: None,
        conversation: None,
    };
    let draft = Draft::interactive(Work::Execution(Box::new(request)), &challenge.language);
    let submitted = intake::accept(app, caller, draft).await?;
    Ok(intake::id_of(submitted))
}

pub(super) async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, challenge, id)): Path<(String, String, String)>,
) -> Result<Response> {
    let here = Here::find(&app, &caller, (course, challenge)).await?;
    let row = execution::find(&app, &caller, &id).await?;
    let wait = Duration::from_secs(WAIT_SECONDS);
    let row = wait_in_turn(&app, caller.id(), row.id, wait).await?;
    let title = here.challenge().title.as_str();
    let run = describe(&app, &frame, &row).await?;
    page::show(&RunPage {
        trail: here.trail(),
        title: frame.fill("challenge-run-of", "title", title),
        run,
        frame,
    })
}

async fn describe(app: &App, frame: &Frame, row: &SubmissionRow) -> Result<RunView> {
    if !is_over(row.state) {
        return Ok(RunView::default());
    }
    let fault = || RunView {
        over: true,
        say: frame.text("challenge-run-title-fault"),
        title: frame.text("challenge-run-title-fault"),
        told: Some(frame.text("challenge-run-fault")),
        ..RunView::default()
    };
    Ok(match app.store.outcome(row.id).await? {
        Some(Outcome::Executed(result)) if result.platform_fault.is_none() => {
            tell_result(frame, *result)
        }
        Some(Outcome::Refused { message, .. }) => RunView {
            told: Some(message),
            ..fault()
        },
        _ => fault(),
    })
}

fn tell_result(frame: &Frame, result: ExecutionResult) -> RunView {
    if let Some(run) = result.run {
        return tell_stage(frame, run, "challenge-run-title-failed");
    }
    match result.compile {
        Some(compile) => tell_stage(frame, compile, "challenge-run-title-compile"),
        None => RunView {
            over: true,
            title: frame.text("challenge-run-title-failed"),
            ..RunView::default()
        },
    }
}

fn tell_stage(frame: &Frame, stage: StageResult, failed: &str) -> RunView {
    let well = stage.cause.is_none();
    let title = frame.text(if well {
        "challenge-run-title-ended"
    } else {
        failed
    });
    let cause = match &stage.cause {
        None => frame.fill("challenge-run-exit", "code", stage.exit_code.unwrap_or(0)),
        Some(cause) => tell_cause(frame, cause),
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let time = frame.number(stage.usage.cpu_ms.round());
    RunView {
        over: true,
        well,
        say: format!("{title}: {cause}"),
        title,
        cause,
        usage: Some(frame.fill("challenge-run-usage", "time", time)),
        told: None,
        stdout: text(stage.stdout),
        stderr: text(stage.stderr),
    }
}
