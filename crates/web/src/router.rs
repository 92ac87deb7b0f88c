//! Every path in one place.

use aide::axum::ApiRouter;
use aide::openapi::OpenApi;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::{Router, middleware};
use carrel_api::Code;
use carrel_api::limits::JSON_BODY_BYTES_MAX;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::problem::Problem;
use crate::trace;
use crate::{
    accommodation, account, attempt, content, course, dialect, draft, events, execution, gradebook,
    health, judge0, leftover, node, observe, openapi, operation, page, patience, piston, progress,
    project, regrade, request_id, rescore, session, statistics, submission, webhook, xapi,
};

/// Prefix of the API of this version.
pub const PREFIX: &str = "/api/v1";

/// All resources of the API, below [`PREFIX`].
fn resources() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(course::routes())
        .merge(content::routes())
        .merge(project::routes())
        .merge(progress::routes())
        .merge(attempt::routes())
        .merge(accommodation::routes())
        .merge(rescore::routes())
        .merge(gradebook::routes())
        .merge(xapi::routes())
        .merge(statistics::routes())
        .merge(submission::routes())
        .merge(draft::routes())
        .merge(events::routes())
        .merge(execution::routes())
        .merge(regrade::routes())
        .merge(webhook::routes())
        .merge(node::routes())
        .merge(operation::routes())
        .merge(account::routes())
}

/// The routes of the API and what OpenAPI tells of them.
fn describe() -> (Router<App>, OpenApi) {
    aide::generate::reset_context();
    aide::generate::infer_responses(true);
    aide::generate::extract_schemas(true);
    let mut document = OpenApi::default();
    let routes = ApiRouter::new()
        .nest(PREFIX, resources())
        .finish_api_with(&mut document, openapi::introduce);
    (routes, document)
}

/// The OpenAPI 3.1 document of the API.
#[must_use]
pub fn document() -> OpenApi {
    describe().1
}

/// The whole service over its state.
pub fn router(app: App) -> Router {
    let (api, _) = describe();
    Router::new()
        .merge(api)
        .merge(openapi::routes())
        .merge(health::routes())
        .merge(piston::routes())
        .merge(judge0::routes())
        .merge(page::routes())
        .fallback(find_nothing)
        .method_not_allowed_fallback(refuse_method)
        .layer(middleware::from_fn(page::problem::show_problems))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            session::recognise,
        ))
        // Routes read their bodies by limits of their own; this holds for whoever forgets.
        .layer(DefaultBodyLimit::max(JSON_BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(app.clone(), patience::wait))
        // Outside: what a route left unread is nothing that it waited for in vain.
        .layer(middleware::from_fn(leftover::take))
        .layer(middleware::from_fn(dialect::client::translate))
        .layer(contain_panics())
        .layer(middleware::from_fn_with_state(
            app.clone(),
            page::header::guard,
        ))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            observe::observe,
        ))
        .layer(middleware::from_fn(request_id::give))
        .layer(middleware::from_fn_with_state(app.clone(), trace::follow))
        .with_state(app)
}

/// A handler's answer where a route panics.
type TellPanic = fn(Box<dyn std::any::Any + Send>) -> axum::response::Response;

/// A route that panics is answered as a failure of ours; the process goes on
/// (see [`crate::containment`]).
#[must_use]
pub fn contain_panics() -> CatchPanicLayer<TellPanic> {
    CatchPanicLayer::custom(tell_panic as TellPanic)
}

async fn find_nothing(uri: Uri) -> Problem {
    Problem::new(
        Code::NotFound,
        format!("there is nothing at `{}`", uri.path()),
    )
}

async fn refuse_method(method: Method, uri: Uri) -> Problem {
    let detail = format!("`{}` does not take {method}", uri.path());
    Problem::new(Code::MethodNotAllowed, detail)
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
fn tell_panic(panic: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    tracing::error!(panic = text, "a route panicked");
    let detail = "the service failed at this; its log tells more under the request id";
    Problem::new(Code::Internal, detail).into_response()
}
