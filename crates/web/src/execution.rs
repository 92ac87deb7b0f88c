//! Ad-hoc executions, and what there is to run them in.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::response::Response;
use carrel_api::execution::{
    Environment, Execution, ExecutionOutcome, Language, NewExecution, Stage, WaitQuery,
};
use carrel_api::limits::{ARGUMENT_BYTES_MAX, ARGUMENTS_MAX, RUNS_MAX, STDIN_BYTES_MAX};
use carrel_api::list::PageQuery;
use carrel_api::{Content, List};
use carrel_model::Limits;
use carrel_model::execution::{ExecutionRequest, ExecutionResult, StageResult};
use carrel_model::limits::BOUNDS;
use carrel_store::account::Scope;
use carrel_store::submission::{Outcome, SubmissionFilter, SubmissionRow, Submitted, Work};

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, list, page};
use crate::idempotency::Key;
use crate::intake::{self, Draft};
use crate::live::{is_over, wait_in_turn};
use crate::openapi::tagged;
use crate::prefer::{self, Preference};
use crate::problem::{Problem, Result};
use crate::submission::band;
use crate::submission::shown::describe_refusal;
use crate::submission::upload::{check_files, decode_files};

const TAG: &str = "Executions";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/executions",
            post_with(create, |operation| {
                tagged(TAG, "Run a program")(operation)
                    .description(
                        "Source, environment, input and limits in, output out; no challenge. \
                         `Prefer: wait=N` or `?wait=N` answers when it is done (200), else with \
                         202 and `Location`.",
                    )
                    .response::<200, Json<Execution>>()
                    .response::<202, Json<Execution>>()
            })
            .get_with(list_executions, tagged(TAG, "List one's own executions")),
        )
        .api_route(
            "/executions/{id}",
            get_with(get, tagged(TAG, "An execution with its outcome")),
        )
        .api_route(
            "/executions/{id}/cancel",
            post_with(cancel, tagged(TAG, "Take it back")),
        )
        .api_route(
            "/environments",
            get_with(environments, tagged(TAG, "Environments that nodes have")),
        )
        .api_route(
            "/languages",
            get_with(languages, tagged(TAG, "Languages that can be run now")),
        )
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<WaitQuery>,
    (preference, key): (Preference, Key),
    Json(new): Json<NewExecution>,
) -> Result<Response> {
    caller.require_outside_courses(Scope::Execute)?;
    let wait = preference.wait(query.wait);
    let band = band(new.band);
    let request = parse(new)?;
    let language = request.language.clone();
    let mut work = Work::Execution(Box::new(request));
    // Of the request as it was sent: it is the same also where the operator allows less by now.
    let idempotency = key.of(&work, band);
    if let Work::Execution(request) = &mut work {
        let most = &app.config.execution_limits;
        request.limits = settle(&request.limits, most);
        request.compile_limits = request.compile_limits.map(|limits| settle(&limits, most));
    }
    let draft = Draft {
        band,
        idempotency,
        ..Draft::interactive(work, language)
    };
    let submitted = take(&app, &caller, draft).await?;
    let id = intake::id_of(submitted);
    let row = wait_in_turn(&app, caller.id(), id, wait).await?;
    let over = is_over(row.state);
    let shown = describe(&app, row).await?;
    let location = format!("{}/executions/{id}", crate::router::PREFIX);
    let mut response = prefer::answer(shown, over, &location, wait);
    if let Submitted::Known(_) = submitted {
        let replayed = axum::http::HeaderValue::from_static("true");
        response
            .headers_mut()
            .insert("idempotency-replayed", replayed);
    }
    Ok(response)
}

/// Takes an execution. One that was taken before under its key is answered by that, also where
/// its language is gone or the operator allows less by now.
async fn take(app: &App, caller: &Caller, draft: Draft) -> Result<Submitted> {
    if let Some(key) = &draft.idempotency
        && let Some(id) = app.store.repeated(caller.id(), key).await?
    {
        return Ok(Submitted::Known(id));
    }
    if let Work::Execution(request) = &draft.work {
        let most = &app.config.execution_limits;
        check_limits("limits", &request.limits, most)?;
        if let Some(limits) = &request.compile_limits {
            check_limits("compile_limits", limits, most)?;
        }
        check_language(app, request).await?;
    }
    intake::accept(app, caller, draft).await
}

fn parse(new: NewExecution) -> Result<ExecutionRequest> {
    let files = decode_files(new.files)?;
    check_files(&files)?;
    if let Some(entry) = new
        .entry
        .as_ref()
        .filter(|entry| !files.contains_key(*entry))
    {
        let message = format!("there is no file `{entry}`");
        return Err(Problem::field("entry", message));
    }
    for (field, arguments) in [
        ("arguments", &new.arguments),
        ("compiler_arguments", &new.compiler_arguments),
    ] {
        check_arguments(field, arguments)?;
    }
    if !(1..=RUNS_MAX).contains(&new.runs) {
        let message = format!("is {}; it must be between 1 and {RUNS_MAX}", new.runs);
        return Err(Problem::field("runs", message));
    }
    let stdin = new.stdin.map(Content::into_bytes).transpose();
    let stdin = stdin.map_err(|error| Problem::field("stdin.base64", error.to_string()))?;
    let stdin = stdin.unwrap_or_default();
    if stdin.len() > STDIN_BYTES_MAX {
        let message = format!("has {} bytes; at most {STDIN_BYTES_MAX}", stdin.len());
        return Err(Problem::field("stdin", message));
    }
    Ok(ExecutionRequest {
        language: new.language,
        environment: new.environment,
        environment_of_challenge: false,
        files,
        entry: new.entry,
        arguments: new.arguments,
        compiler_arguments: new.compiler_arguments,
        stdin,
        limits: new.limits,
        compile_limits: new.compile_limits,
        merge_stderr: new.merge_stderr,
        runs: new.runs,
        note: None,
        conversation: None,
    })
}

fn check_arguments(field: &str, arguments: &[String]) -> Result<()> {
    if arguments.len() > ARGUMENTS_MAX {
        let message = format!("has {} items; at most {ARGUMENTS_MAX}", arguments.len());
        return Err(Problem::field(field, message));
    }
    for (index, argument) in arguments.iter().enumerate() {
        let problem = if argument.len() > ARGUMENT_BYTES_MAX {
            "is too long"
        } else if argument.contains('\0') {
            "has a null character"
        } else {
            continue;
        };
        return Err(Problem::field(format!("{field}[{index}]"), problem));
    }
    Ok(())
}

/// A limit that nobody changed is no request: where the operator allows less, it is that.
fn settle(limits: &Limits, most: &Limits) -> Limits {
    let mut values = limits.values();
    let bounds = Limits::default().values().into_iter().zip(most.values());
    for (value, (usual, most)) in values.iter_mut().zip(bounds) {
        if *value == usual {
            *value = most.min(usual);
        }
    }
    Limits::from_values(values)
}

/// The limits, or less where the operator allows less.
#[must_use]
pub(crate) fn within(limits: Limits, most: &Limits) -> Limits {
    let mut values = limits.values();
    for (value, most) in values.iter_mut().zip(most.values()) {
        *value = most.min(*value);
    }
    Limits::from_values(values)
}

/// Within the bounds of the program, and what the operator allows.
///
/// # Errors
/// The limits that are not, all of them.
pub fn check_limits(field: &str, limits: &Limits, most: &Limits) -> Result<()> {
    let mut problem: Option<Problem> = None;
    let values = limits.values().into_iter().zip(most.values());
    for ((name, least, bound), (value, allowed)) in BOUNDS.into_iter().zip(values) {
        let bound = bound.min(allowed);
        if value >= least && value <= bound {
            continue;
        }
        let message = format!("is {value}; it must be between {least} and {bound}");
        let place = format!("{field}.{name}");
        problem = Some(match problem {
            None => Problem::field(place, message),
            Some(problem) => problem.with_error(place, message),
        });
    }
    problem.map_or(Ok(()), Err)
}

/// A language that no node runs is told at once, with those that are.
async fn check_language(app: &App, request: &ExecutionRequest) -> Result<()> {
    let known = list_languages(app).await?;
    if known.is_empty() {
        // No node has told yet: admission says what that means.
        return Ok(());
    }
    if known.iter().any(|language| language.id == request.language) {
        return Ok(());
    }
    let of_others = crate::dialect::language::absent(&[], |names| names.id == request.language);
    if let Some(problem) = of_others {
        return Err(problem);
    }
    let names: Vec<&str> = known.iter().map(|language| language.id.as_str()).collect();
    let message = format!(
        "there is no language `{}`; there are: {}",
        request.language,
        names.join(", ")
    );
    Err(Problem::field("language", message))
}

/// One execution that the caller may see.
pub(crate) async fn find(app: &App, caller: &Caller, id: &str) -> Result<SubmissionRow> {
    let missing = || Problem::missing("execution", id);
    let id = id.parse().map_err(|_| missing())?;
    let row = match app.store.submission(id).await {
        Err(carrel_store::Error::Missing { .. }) => return Err(missing()),
        other => other?,
    };
    if row.challenge.is_some() || (row.user != caller.id() && !caller.is_operator()) {
        return Err(missing());
    }
    Ok(row)
}

fn summarise(row: SubmissionRow) -> Execution {
    Execution {
        id: row.id,
        user: row.user,
        state: row.state,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        refusal: None,
        result: None,
    }
}

async fn describe(app: &App, row: SubmissionRow) -> Result<Execution> {
    let outcome = app.store.outcome(row.id).await?;
    let mut shown = summarise(row);
    match outcome {
        Some(Outcome::Executed(result)) => shown.result = Some(show_result(*result)),
        Some(Outcome::Refused { fault, message }) => {
            shown.refusal = Some(describe_refusal(fault, message));
        }
        Some(Outcome::Judged(_)) | None => {}
    }
    Ok(shown)
}

fn show_result(result: ExecutionResult) -> ExecutionOutcome {
    ExecutionOutcome {
        environment: result.environment,
        compile: result.compile.map(show_stage),
        run: result.run.map(show_stage),
        platform_fault: result.platform_fault.is_some(),
    }
}

fn show_stage(stage: StageResult) -> Stage {
    Stage {
        stdout: Content::from_bytes(stage.stdout),
        stderr: Content::from_bytes(stage.stderr),
        exit_code: stage.exit_code,
        signal: stage.signal,
        cause: stage.cause,
        limit: stage.limit,
        message: stage.message,
        usage: stage.usage,
    }
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<WaitQuery>,
    preference: Preference,
) -> Result<Json<Execution>> {
    caller.require_outside_courses(Scope::Execute)?;
    let mut row = find(&app, &caller, &id).await?;
    let wait = preference.wait(query.wait);
    if !wait.is_zero() {
        row = wait_in_turn(&app, caller.id(), row.id, wait).await?;
    }
    describe(&app, row).await.map(Json)
}

async fn list_executions(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Execution>>> {
    caller.require_outside_courses(Scope::Execute)?;
    let filter = SubmissionFilter {
        user: Some(caller.id()),
        executions: true,
        ..SubmissionFilter::default()
    };
    let rows = app.store.submissions(filter, page(query)?).await?;
    Ok(Json(list(rows, summarise)))
}

async fn cancel(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(id): Path<String>,
) -> Result<Json<Execution>> {
    caller.require_outside_courses(Scope::Execute)?;
    let found = find(&app, &caller, &id).await?;
    let id = found.id;
    app.store.cancel(id).await?;
    if found.user != caller.id() {
        auditor
            .record(&app, action::SUBMISSION_CANCEL, id, "")
            .await;
    }
    app.bus.send(&carrel_bus::Hint::Cancel { submission: id });
    let row = app.store.submission(id).await?;
    describe(&app, row).await.map(Json)
}

async fn environments(State(app): State<App>, _: Caller) -> Result<Json<Vec<Environment>>> {
    let mut known: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    for row in app.nodes.rows(&app).await?.iter() {
        for environment in &row.report.environments {
            *known.entry(environment.clone()).or_default() += 1;
        }
    }
    let shown = known
        .into_iter()
        .map(|((name, digest), nodes)| Environment {
            name,
            digest,
            nodes,
        });
    Ok(Json(shown.collect()))
}

async fn languages(State(app): State<App>, _: Caller) -> Result<Json<Vec<Language>>> {
    list_languages(&app).await.map(Json)
}

/// Languages of all nodes that told of themselves lately, by id.
///
/// # Errors
/// Nodes cannot be read.
pub async fn list_languages(app: &App) -> Result<Vec<Language>> {
    let mut known = BTreeMap::new();
    for row in app.nodes.rows(app).await?.iter() {
        for language in &row.report.languages {
            let shown = Language {
                id: language.id.clone(),
                version: language.version.clone(),
                environment: language.environment.clone(),
                compiled: language.compiled,
            };
            known.insert((shown.id.clone(), shown.environment.clone()), shown);
        }
    }
    Ok(known.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_out_of_bounds_is_named() {
        let most = Limits::default();
        let limits = Limits {
            cpu_ms: 0,
            wall_ms: most.wall_ms + 1,
            ..most
        };
        let problem = check_limits("limits", &limits, &most).unwrap_err();
        let detail = &problem.document().detail;
        assert!(detail.starts_with("`limits.cpu_ms` is 0;"), "{detail}");
        let fields: Vec<&str> = problem
            .document()
            .errors
            .iter()
            .map(|error| error.field.as_str())
            .collect();
        assert_eq!(fields, ["limits.cpu_ms", "limits.wall_ms"]);
        assert!(check_limits("limits", &most, &most).is_ok());
    }

    #[test]
    fn what_is_not_said_is_what_the_operator_allows() {
        let most = Limits {
            cpu_ms: 1_000,
            ..Limits::default()
        };
        let limits = settle(&Limits::default(), &most);
        assert_eq!(limits.cpu_ms, 1_000);
        assert!(check_limits("limits", &limits, &most).is_ok());
        let asked = Limits {
            cpu_ms: 1_001,
            ..Limits::default()
        };
        let problem = check_limits("limits", &settle(&asked, &most), &most).unwrap_err();
        assert_eq!(problem.document().errors[0].field, "limits.cpu_ms");
    }

    #[test]
    fn an_entry_that_is_not_sent_is_named() {
        let new = r#"{"language":"python","files":{"a.py":""},"entry":"b.py"}"#;
        let problem = parse(serde_json::from_str(new).unwrap()).unwrap_err();
        assert_eq!(problem.document().errors[0].field, "entry");
    }
}
