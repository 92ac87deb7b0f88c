//! The routes and their answers.

use std::fmt::Display;
use std::time::Duration;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use carrel_api::limits::{JSON_BODY_BYTES_MAX, WAIT_SECONDS_MAX};
use carrel_store::submission::Work;
use serde_json::{Value, json};

use super::request::{self, Wrong};
use super::{response, socket};
use crate::app::App;
use crate::caller::{Caller, Recognised};
use crate::dialect::client;
use crate::dialect::ending::{self, CancelOnDrop, Ending};
use crate::dialect::language::{self, Offered};
use crate::dialect::version::{is_selected, write_version};
use crate::extract::read_body;
use crate::intake::{self, Draft};
use crate::live;
use crate::problem::Problem;

/// The version of Piston whose interface this is.
const VERSION: &str = "3.1.1";
/// May stand in front of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Largest message of a WebSocket, bytes.
const SOCKET_MESSAGE_BYTES_MAX: usize = JSON_BODY_BYTES_MAX;

/// Routes below the root: under `/api/v2` as on a host of its own, under `/api/v2/piston` as
/// at the public instance, and under `/piston/api/v2`.
pub fn routes() -> Router<App> {
    let alone = resources("");
    let both = alone.clone().merge(resources("/piston"));
    Router::new()
        .nest("/api/v2", finish(both))
        .nest("/piston/api/v2", finish(alone))
        .route("/piston", get(greet))
}

fn resources(prefix: &str) -> Router<App> {
    let packages = get(list_packages)
        .post(refuse_packages)
        .delete(refuse_packages);
    let all: [(&str, MethodRouter<App>); 4] = [
        ("/runtimes", get(list_runtimes)),
        ("/execute", post(execute)),
        ("/packages", packages),
        ("/connect", get(connect)),
    ];
    all.into_iter()
        .fold(Router::new(), |router, (path, route)| {
            // Their framework takes a slash at the end, and clients rely on it.
            router
                .route(&format!("{prefix}{path}"), route.clone())
                .route(&format!("{prefix}{path}/"), route)
        })
}

fn finish(router: Router<App>) -> Router<App> {
    router
        .fallback(find_nothing)
        .method_not_allowed_fallback(find_nothing)
        .layer(middleware::from_fn(require_json))
}

/// An error in their form.
struct Refusal {
    status: StatusCode,
    body: Value,
    retry_ms: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            body: json!({"message": message.into()}),
            retry_ms: None,
        }
    }

    fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// Of a body that cannot be read: theirs tells the error in `stack`, and nothing else.
    fn unreadable(message: &str) -> Self {
        let mut refusal = Self::bad(message);
        refusal.body["stack"] = Value::String(format!("SyntaxError: {message}"));
        refusal
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let document = problem.document();
        Self {
            retry_ms: document.retry_after_ms,
            ..Self::new(problem.status(), document.detail.clone())
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body)).into_response();
        if let Some(wait_ms) = self.retry_ms {
            let seconds = HeaderValue::from(wait_ms.div_ceil(1_000).max(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Sent(message) => Self::bad(message),
            Wrong::Absent(problem) => problem.into(),
        }
    }
}

/// A problem in their form.
pub(crate) fn refuse(problem: Problem) -> Response {
    Refusal::from(problem).into_response()
}

async fn require_json(request: Request, next: Next) -> Response {
    let told = request.headers().get(CONTENT_TYPE);
    let is_json = told
        .and_then(|told| told.to_str().ok())
        .is_some_and(|told| told.starts_with("application/json"));
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || is_json {
        return next.run(request).await;
    }
    let message = "requests must be of type application/json";
    Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response()
}

async fn find_nothing() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Not Found")
}

async fn greet() -> Response {
    axum::Json(json!({"message": format!("Piston v{VERSION}")})).into_response()
}

async fn identify(app: &App, recognised: &Recognised) -> Result<Caller, Refusal> {
    let anonymous = app.config.piston.anonymous.as_deref();
    Ok(client::identify(app, recognised, anonymous).await?)
}

/// The runtimes tell nothing that needs a key.
async fn list_runtimes(State(app): State<App>) -> Result<Response, Refusal> {
    let offered = language::offered(&app).await?;
    let show = |one: &Offered| {
        let mut shown = json!({
            "language": one.names.piston,
            "version": write_version(one.version),
            "aliases": one.names.aliases,
        });
        if let Some(runtime) = one.names.runtime {
            shown["runtime"] = Value::from(runtime);
        }
        shown
    };
    let list: Vec<Value> = offered.iter().map(show).collect();
    Ok(axum::Json(list).into_response())
}

async fn list_packages(State(app): State<App>) -> Result<Response, Refusal> {
    let offered = language::offered(&app).await?;
    let mut packages: Vec<(&str, String)> = offered
        .iter()
        .map(|one| {
            let package = one.names.runtime.unwrap_or(one.names.piston);
            (package, write_version(one.version))
        })
        .collect();
    packages.sort();
    packages.dedup();
    let show = |(language, version): &(&str, String)| json!({"language": language, "language_version": version, "installed": true});
    let list: Vec<Value> = packages.iter().map(show).collect();
    Ok(axum::Json(list).into_response())
}

async fn refuse_packages(
    State(app): State<App>,
    Extension(recognised): Extension<Recognised>,
    request: Request,
) -> Refusal {
    if let Err(refusal) = identify(&app, &recognised).await {
        return refusal;
    }
    let body = match read_json(request).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let text = |field: &str| body[field].as_str().unwrap_or("undefined").to_owned();
    let (language, selector) = (text("language"), text("version"));
    let offered = language::offered(&app).await.unwrap_or_default();
    let is_here = |one: &Offered| {
        one.names.runtime.unwrap_or(one.names.piston) == language
            && is_selected(one.version, &selector)
    };
    if !offered.iter().any(is_here) {
        let message = format!("Requested package {language}-{selector} does not exist");
        return Refusal::new(StatusCode::NOT_FOUND, message);
    }
    let message = "packages belong to the environments of this service; its operator builds \
                   them, and they are neither installed nor removed over this interface";
    Refusal::new(StatusCode::FORBIDDEN, message)
}

/// Reads a body as theirs does: none is an empty object, and what is neither object nor list is
/// not taken.
async fn read_json(request: Request) -> Result<Value, Refusal> {
    let bytes = read_body(request.into_body(), JSON_BODY_BYTES_MAX).await?;
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    if text.is_empty() {
        return Ok(json!({}));
    }
    let refuse = |why: &dyn Display| Refusal::unreadable(&format!("the body is not JSON: {why}"));
    match serde_json::from_slice(text).map_err(|error| refuse(&error))? {
        body @ (Value::Object(_) | Value::Array(_)) => Ok(body),
        _ => Err(refuse(&"it is neither an object nor a list")),
    }
}

async fn execute(
    State(app): State<App>,
    Extension(recognised): Extension<Recognised>,
    request: Request,
) -> Result<Response, Refusal> {
    let caller = identify(&app, &recognised).await?;
    let body = read_json(request).await?;
    let offered = language::offered(&app).await?;
    let job = request::read(&body, &offered, &app.config.piston)?;
    // Before anything is queued: who may not wait would never hear of it.
    let _place = live::take_place(&app, caller.id())?;
    let work = Work::Execution(Box::new(job.request));
    let draft = Draft::interactive(work, job.offered.names.id);
    let id = intake::id_of(intake::accept(&app, &caller, draft).await?);
    let mut guard = CancelOnDrop::new(&app, id);
    let end = ending::wait(&app, id, Duration::from_secs(WAIT_SECONDS_MAX)).await?;
    let failed = |message: String| {
        tracing::warn!(submission = %id, message, "an execution of a Piston client failed");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    };
    let result = match end {
        Ending::Executed(result) => result,
        Ending::Refused(message) => {
            guard.disarm();
            return Err(Refusal::bad(message));
        }
        Ending::Failed(message) => {
            guard.disarm();
            return Err(failed(message));
        }
        Ending::Queued | Ending::Running => {
            let message = format!("it did not end within {WAIT_SECONDS_MAX} s; try again later");
            return Err(Refusal {
                retry_ms: Some(5_000),
                ..Refusal::new(StatusCode::SERVICE_UNAVAILABLE, message)
            });
        }
    };
    guard.disarm();
    let answer = response::answer(job.offered, &result)
        .ok_or_else(|| failed("neither compile step nor run was reached".to_owned()))?;
    Ok(axum::Json(answer).into_response())
}

async fn connect(
    State(app): State<App>,
    Extension(recognised): Extension<Recognised>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let caller = identify(&app, &recognised).await?;
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        // As theirs: nothing answers an ordinary request here.
        Err(_) => return Err(find_nothing().await),
    };
    let place = live::take_place(&app, caller.id())?;
    let upgrade = upgrade
        .max_message_size(SOCKET_MESSAGE_BYTES_MAX)
        .max_frame_size(SOCKET_MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| async move {
        socket::converse(app, caller, socket).await;
        drop(place);
    }))
}
