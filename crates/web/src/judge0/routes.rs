//! The routes, who may use them, and the form of refusals.

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_METHOD, RETRY_AFTER,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use carrel_api::Code;
use serde_json::{Value, json};

use super::{information, submissions};
use crate::app::App;
use crate::caller::{Caller, Recognised};
use crate::dialect::client;
use crate::problem::Problem;

/// Routes below the root, under `/judge0`.
pub fn routes() -> Router<App> {
    let all: [(&str, MethodRouter<App>); 18] = [
        (
            "/submissions",
            get(submissions::list).post(submissions::create),
        ),
        (
            "/submissions/batch",
            get(submissions::show_batch).post(submissions::create_batch),
        ),
        (
            "/submissions/{token}",
            get(submissions::show).delete(submissions::remove),
        ),
        ("/languages", get(information::list_languages)),
        ("/languages/all", get(information::list_all_languages)),
        ("/languages/{id}", get(information::show_language)),
        ("/statuses", get(information::list_statuses)),
        ("/system_info", get(information::show_system)),
        ("/config_info", get(information::show_configuration)),
        ("/about", get(information::show_about)),
        ("/version", get(information::show_version)),
        ("/isolate", get(information::show_isolate)),
        ("/license", get(information::show_license)),
        ("/workers", get(information::list_workers)),
        ("/authenticate", post(authenticate)),
        ("/authorize", post(authorize)),
        // What they count over all submissions is not counted here.
        ("/statistics", get(find_nothing)),
        ("/health", get(find_nothing)),
    ];
    let routes = all
        .into_iter()
        .fold(Router::new(), |router, (path, route)| {
            // Their framework takes a slash at the end, and clients rely on it.
            router
                .route(path, route.clone())
                .route(&format!("{path}/"), route)
        });
    let routes = routes
        .route("/", get(information::greet))
        .fallback(find_nothing)
        .method_not_allowed_fallback(find_nothing)
        .layer(middleware::from_fn(let_pages_in));
    Router::new().nest("/judge0", routes)
}

/// Pages of every origin may call, as theirs has it by default. What counts is the token in
/// the header: cookies are not sent along.
async fn let_pages_in(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let any = HeaderValue::from_static("*");
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
    if asks {
        let methods = HeaderValue::from_static("GET, POST, DELETE, OPTIONS");
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        let names = "Content-Type, Authorization, X-Auth-Token, X-Auth-User, X-RapidAPI-Key, \
                     X-RapidAPI-Host, X-Judge0-App, X-Judge0-App-Version, Tokens";
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(names),
        );
    }
    response
}

/// A refusal in their form.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    /// Absent: an empty body, as they answer to a missing key.
    body: Option<Value>,
    retry_ms: Option<u64>,
}

impl Refusal {
    /// With a body.
    pub(super) fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body: Some(body),
            retry_ms: None,
        }
    }

    /// 400 with `error`.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, json!({"error": message.into()}))
    }

    /// Their framework's answer to what is not there.
    pub(super) fn not_found() -> Self {
        let body = json!({"status": 404, "error": "Not Found"});
        Self::new(StatusCode::NOT_FOUND, body)
    }

    /// 403, empty.
    pub(super) fn forbidden() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            body: None,
            retry_ms: None,
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let document = problem.document();
        let status = problem.status();
        let body = match problem.code() {
            _ if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => None,
            Code::Busy | Code::NoWorker | Code::TooMuchQueued => {
                Some(json!({"error": "queue is full", "detail": document.detail}))
            }
            Code::NotFound => return Self::not_found(),
            _ => Some(json!({"error": document.detail})),
        };
        let status = match problem.code() {
            Code::TooMuchQueued => StatusCode::SERVICE_UNAVAILABLE,
            _ => status,
        };
        Self {
            status,
            body,
            retry_ms: document.retry_after_ms,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, axum::Json(body)).into_response(),
            None => self.status.into_response(),
        };
        if let Some(wait_ms) = self.retry_ms {
            let seconds = HeaderValue::from(wait_ms.div_ceil(1_000).max(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

/// A problem in their form, which pages of every origin may read.
pub(crate) fn refuse(problem: Problem) -> Response {
    let mut response = Refusal::from(problem).into_response();
    let any = HeaderValue::from_static("*");
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
}

/// Who calls; every route asks for it, as theirs does where a token is configured.
#[derive(Debug)]
pub(super) struct Client(pub(super) Caller);

impl FromRequestParts<App> for Client {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let recognised = parts.extensions.get::<Recognised>();
        let recognised = recognised.cloned().unwrap_or(Recognised::Nobody);
        let anonymous = app.config.judge0.anonymous.as_deref();
        Ok(Self(client::identify(app, &recognised, anonymous).await?))
    }
}

async fn authenticate(_: Client) -> StatusCode {
    StatusCode::OK
}

/// Their second token is for administration: here it is one of an operator.
async fn authorize(Client(caller): Client) -> StatusCode {
    if caller.is_operator() {
        StatusCode::OK
    } else {
        StatusCode::FORBIDDEN
    }
}

async fn find_nothing() -> Refusal {
    Refusal::not_found()
}
