//! Creates and shows submissions.

use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use carrel_api::Code;
use carrel_api::limits::WAIT_SECONDS_MAX;
use carrel_model::execution::ExecutionRequest;
use carrel_model::id::SubmissionId;
use carrel_store::page::PAGE_MAX;
use carrel_store::queue::Band;
use carrel_store::submission::{Callback, SubmissionFilter, SubmissionRow, Work};
use carrel_store::{Error, PageRequest};
use serde_json::{Map, Value, json};

use super::callback::DIALECT;
use super::note::Note;
use super::parameters::{self, Unreadable};
use super::routes::{Client, Refusal};
use super::view::{self, NotUtf8, Shown};
use super::{request, status};
use crate::app::App;
use crate::caller::Caller;
use crate::dialect::ending::ending;
use crate::dialect::language::{self, Offered};
use crate::intake::{self, Draft};
use crate::live;
use crate::problem::Problem;
use crate::webhook::receiver::check_callback;

/// Submissions on a page where nothing is said.
const PAGE_DEFAULT: i64 = 20;
/// Most submissions that a list looks through.
const LISTED_MAX: usize = 10_000;

const ONE_NOT_UTF8: &str = "some attributes for this submission cannot be converted to UTF-8, use base64_encoded=true query parameter";
const MANY_NOT_UTF8: &str = "some attributes for one or more submissions cannot be converted to UTF-8, use base64_encoded=true query parameter";

/// What a request asks to be told, and how.
struct Wanted {
    fields: Vec<&'static str>,
    is_base64: bool,
}

impl Wanted {
    fn read(app: &App, parameters: &Map<String, Value>) -> Result<Self, Refusal> {
        let fields = parameters::text(parameters, "fields").unwrap_or_default();
        let fields = view::choose(&fields)
            .map_err(|invalid| Refusal::bad(format!("invalid fields: [{}]", invalid.join(", "))))?;
        Ok(Self {
            fields,
            is_base64: is_base64(app, parameters),
        })
    }
}

fn is_base64(app: &App, parameters: &Map<String, Value>) -> bool {
    let told = parameters::text(parameters, "base64_encoded");
    match told.as_deref() {
        None => app.config.judge0.implicit_base64,
        Some(told) => told == "true",
    }
}

/// A submission of this interface, as kept.
struct Found {
    row: SubmissionRow,
    request: Box<ExecutionRequest>,
    note: Note,
}

impl Found {
    /// The submission of a token; `None`: there is none that this caller may see.
    async fn find(app: &App, caller: &Caller, token: &str) -> Result<Option<Self>, Refusal> {
        let Ok(id) = token.parse::<SubmissionId>() else {
            return Ok(None);
        };
        let row = match app.store.submission(id).await {
            Ok(row) => row,
            Err(Error::Missing { .. }) => return Ok(None),
            Err(error) => return Err(Problem::from(error).into()),
        };
        if row.user != caller.id() && !caller.is_operator() {
            return Ok(None);
        }
        Self::load(app, row).await
    }

    async fn load(app: &App, row: SubmissionRow) -> Result<Option<Self>, Refusal> {
        let request = match app.store.work(row.id).await {
            Ok(Work::Execution(request)) => request,
            Ok(Work::Challenge(_)) | Err(Error::Missing { .. }) => return Ok(None),
            Err(error) => return Err(Problem::from(error).into()),
        };
        let note = Note::read(&request);
        Ok(note.map(|note| Self { row, request, note }))
    }

    async fn show(
        &self,
        app: &App,
        wanted: &Wanted,
        offered: &[Offered],
    ) -> Result<Result<Value, NotUtf8>, Refusal> {
        let outcome = app
            .store
            .outcome(self.row.id)
            .await
            .map_err(Problem::from)?;
        let told = status::tell(&ending(self.row.state, outcome), &self.note);
        let shown = Shown {
            row: &self.row,
            request: &self.request,
            note: &self.note,
            told: &told,
            offered,
        };
        Ok(shown.show(&wanted.fields, wanted.is_base64))
    }
}

/// An execution of what was sent, with a callback that can be told.
fn read_one(
    app: &App,
    sent: &Map<String, Value>,
    is_base64: bool,
    offered: &[Offered],
) -> Result<ExecutionRequest, request::Errors> {
    let request = request::read(sent, is_base64, offered, &app.config.judge0)?;
    let callback = Note::read(&request).and_then(|note| note.callback_url);
    let private_allowed = app.config.webhooks_to_private_addresses;
    match callback.map(|url| check_callback(&url, private_allowed)) {
        None | Some(Ok(())) => Ok(request),
        Some(Err(problem)) => {
            let mut errors = request::Errors::default();
            errors.add("callback_url", problem.to_string());
            Err(errors)
        }
    }
}

async fn read_parameters(request: Request) -> Result<Map<String, Value>, Refusal> {
    let (parts, body) = request.into_parts();
    let read = parameters::read(&parts.headers, &parts.uri, body).await;
    read.map_err(|unreadable| match unreadable {
        Unreadable::Body(detail) => {
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, json!({"error": detail}))
        }
        Unreadable::Form(detail) => Refusal::new(
            StatusCode::BAD_REQUEST,
            json!({"status": 400, "error": "Bad Request", "detail": detail}),
        ),
    })
}

pub(super) async fn create(
    State(app): State<App>,
    Client(caller): Client,
    request: Request,
) -> Result<Response, Refusal> {
    let sent = read_parameters(request).await?;
    let wait = parameters::is_true(&sent, "wait");
    let wanted = Wanted::read(&app, &sent)?;
    let offered = language::offered(&app).await?;
    let request = read_one(&app, &sent, wanted.is_base64, &offered)
        .map_err(|errors| refuse_errors(errors, &sent, &offered))?;
    let kept = request.clone();
    // Before anything is queued: a refusal tells no token.
    let place = || live::take_place(&app, caller.id());
    let _place = wait.then(place).transpose()?;
    let id = submit(&app, &caller, request, wait).await?;
    if !wait {
        let token = json!({"token": id.to_string()});
        return Ok((StatusCode::CREATED, axum::Json(token)).into_response());
    }
    let within = Duration::from_secs(WAIT_SECONDS_MAX);
    let row = live::wait_for_end(&app, id, within).await?;
    let note = Note::read(&kept).ok_or_else(Refusal::not_found)?;
    let found = Found {
        row,
        request: Box::new(kept),
        note,
    };
    let shown = found.show(&app, &wanted, &offered).await?;
    let body =
        shown.unwrap_or_else(|NotUtf8| json!({"error": ONE_NOT_UTF8, "token": id.to_string()}));
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// What is wrong, as the sender's mistake; or as ours, where nothing is but that no node runs the
/// language.
fn refuse_errors(
    errors: request::Errors,
    sent: &Map<String, Value>,
    offered: &[Offered],
) -> Refusal {
    if errors.are_of_the_language()
        && let Some(problem) = request::absent(sent, offered)
    {
        return problem.into();
    }
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, errors.into_value())
}

/// Queues it. Work that nobody waits for at this connection is taken as batch work when it
/// would come too late otherwise, for theirs would queue it.
async fn submit(
    app: &App,
    caller: &Caller,
    request: ExecutionRequest,
    wait: bool,
) -> Result<SubmissionId, Refusal> {
    let note = Note::read(&request);
    let callback = note.and_then(|note| note.callback_url).map(|url| Callback {
        url,
        dialect: DIALECT.to_owned(),
    });
    let language = request.language.clone();
    let work = Work::Execution(Box::new(request));
    let draft = Draft {
        callback,
        ..Draft::interactive(work, language)
    };
    let later = Draft {
        band: Band::Batch,
        ..draft.clone()
    };
    let submitted = match intake::accept(app, caller, draft).await {
        Err(problem) if !wait && is_shed(&problem) => intake::accept(app, caller, later).await?,
        other => other?,
    };
    Ok(intake::id_of(submitted))
}

fn is_shed(problem: &Problem) -> bool {
    matches!(
        problem.code(),
        Code::Busy | Code::NoWorker | Code::TooMuchQueued
    )
}

pub(super) async fn create_batch(
    State(app): State<App>,
    Client(caller): Client,
    request: Request,
) -> Result<Response, Refusal> {
    let sent = read_parameters(request).await?;
    let is_base64 = is_base64(&app, &sent);
    let none = Vec::new();
    let submissions = sent.get("submissions").and_then(Value::as_array);
    let submissions = submissions.unwrap_or(&none);
    check_batch(&app, submissions.len())?;
    let offered = language::offered(&app).await?;
    let mut answers = Vec::with_capacity(submissions.len());
    let (mut any, mut ours) = (false, false);
    for sent in submissions {
        let empty = Map::new();
        let sent = sent.as_object().unwrap_or(&empty);
        match read_one(&app, sent, is_base64, &offered) {
            Err(errors) => {
                ours |= errors.are_of_the_language() && request::absent(sent, &offered).is_some();
                answers.push(errors.into_value());
            }
            Ok(request) => match submit(&app, &caller, request, false).await {
                Ok(id) => {
                    any = true;
                    answers.push(json!({"token": id.to_string()}));
                }
                // Those before it are kept and have to be told.
                Err(refusal) if !any => return Err(refusal),
                Err(_) => answers.push(json!({"error": ["queue is full"]})),
            },
        }
    }
    let status = match (any, ours) {
        (true, _) => StatusCode::CREATED,
        (false, true) => StatusCode::SERVICE_UNAVAILABLE,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok((status, axum::Json(answers)).into_response())
}

fn check_batch(app: &App, count: usize) -> Result<(), Refusal> {
    let most = app.config.judge0.max_submission_batch_size;
    if count > most {
        let message =
            format!("number of submissions in a batch should be less than or equal to {most}");
        return Err(Refusal::bad(message));
    }
    if count == 0 {
        let message = "there should be at least one submission in a batch";
        return Err(Refusal::bad(message));
    }
    Ok(())
}

pub(super) async fn show(
    State(app): State<App>,
    Client(caller): Client,
    Path(token): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let wanted = Wanted::read(&app, &parameters::query(&uri))?;
    let found = Found::find(&app, &caller, &token).await?;
    let found = found.ok_or_else(Refusal::not_found)?;
    let offered = language::offered(&app).await?;
    match found.show(&app, &wanted, &offered).await? {
        Ok(shown) => Ok(axum::Json(shown).into_response()),
        Err(NotUtf8) => Err(Refusal::bad(ONE_NOT_UTF8)),
    }
}

pub(super) async fn show_batch(
    State(app): State<App>,
    Client(caller): Client,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = parameters::query(&uri);
    let wanted = Wanted::read(&app, &query)?;
    let told = headers.get("tokens").and_then(|told| told.to_str().ok());
    let told = told.map(str::to_owned);
    let tokens = told.or_else(|| parameters::text(&query, "tokens"));
    let tokens = tokens.unwrap_or_default();
    let tokens: Vec<&str> = tokens
        .trim()
        .split(',')
        .filter(|token| !token.is_empty())
        .collect();
    check_batch(&app, tokens.len())?;
    let offered = language::offered(&app).await?;
    let mut shown = Vec::with_capacity(tokens.len());
    for token in tokens {
        let Some(found) = Found::find(&app, &caller, token).await? else {
            shown.push(Value::Null);
            continue;
        };
        let one = found.show(&app, &wanted, &offered).await?;
        shown.push(one.map_err(|NotUtf8| Refusal::bad(MANY_NOT_UTF8))?);
    }
    Ok(axum::Json(json!({"submissions": shown})).into_response())
}

/// All executions, for operators.
pub(super) async fn list(
    State(app): State<App>,
    Client(caller): Client,
    uri: Uri,
) -> Result<Response, Refusal> {
    if !caller.is_operator() {
        return Err(Refusal::forbidden());
    }
    let query = parameters::query(&uri);
    let wanted = Wanted::read(&app, &query)?;
    let whole = |name: &str, default: i64| {
        let text = parameters::text(&query, name);
        text.map_or(default, |text| text.trim().parse().unwrap_or(0))
    };
    let page = whole("page", 1);
    let per_page = whole("per_page", PAGE_DEFAULT);
    let Some(skip) = usize::try_from(page)
        .ok()
        .and_then(|page| page.checked_sub(1))
    else {
        return Err(Refusal::bad(format!("invalid page: {page}")));
    };
    let size = usize::try_from(per_page)
        .ok()
        .filter(|size| (1..=PAGE_MAX as usize).contains(size));
    let Some(size) = size else {
        return Err(Refusal::bad(format!("invalid per_page: {per_page}")));
    };
    let rows = list_executions(&app).await?;
    let total = rows.len();
    let offered = language::offered(&app).await?;
    let mut shown = Vec::new();
    for row in rows.into_iter().skip(skip.saturating_mul(size)).take(size) {
        // Executions of other interfaces are counted and not shown.
        let Some(found) = Found::load(&app, row).await? else {
            continue;
        };
        let one = found.show(&app, &wanted, &offered).await?;
        shown.push(one.map_err(|NotUtf8| Refusal::bad(MANY_NOT_UTF8))?);
    }
    let pages = total.div_ceil(size).max(1);
    let current = skip + 1;
    let meta = json!({
        "current_page": current,
        "next_page": (current < pages).then_some(current + 1),
        "prev_page": (current > 1).then_some(current - 1),
        "total_pages": pages,
        "total_count": total,
    });
    Ok(axum::Json(json!({"submissions": shown, "meta": meta})).into_response())
}

/// Executions, newest first, [`LISTED_MAX`] at most.
async fn list_executions(app: &App) -> Result<Vec<SubmissionRow>, Refusal> {
    let filter = SubmissionFilter {
        executions: true,
        ..SubmissionFilter::default()
    };
    let mut rows = Vec::new();
    let mut after = None;
    while rows.len() < LISTED_MAX {
        let request = PageRequest {
            after: after.take(),
            limit: PAGE_MAX,
        };
        let page = app.store.submissions(filter.clone(), request).await;
        let page = page.map_err(Problem::from)?;
        rows.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    rows.truncate(LISTED_MAX);
    Ok(rows)
}

/// Never allowed, as theirs has it by default: what is kept goes by its age.
pub(super) async fn remove(Client(caller): Client) -> Refusal {
    if !caller.is_operator() {
        return Refusal::forbidden();
    }
    Refusal::bad("delete not allowed")
}
