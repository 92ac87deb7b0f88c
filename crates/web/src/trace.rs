//! Which trace a request belongs to: that of its `traceparent`, or its own where traces are on.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use carrel_model::trace::TraceParent;
use tracing::Instrument as _;

use crate::app::App;

/// Name of the header.
const HEADER: &str = "traceparent";

tokio::task_local! {
    static PLACE: TraceParent;
}

/// The place of the request that this task answers; `None`: it is not traced.
#[must_use]
pub fn current() -> Option<TraceParent> {
    PLACE.try_with(|place| *place).ok()
}

/// Middleware: gives the place, and logs under it.
pub(crate) async fn follow(State(app): State<App>, request: Request, next: Next) -> Response {
    let told = request.headers().get(HEADER);
    let told = told.and_then(|told| told.to_str().ok()?.parse::<TraceParent>().ok());
    if told.is_none() && !app.config.traces {
        return next.run(request).await;
    }
    let place = told.map_or_else(TraceParent::begin, TraceParent::child);
    let span = tracing::info_span!(
        "http_request",
        trace_place = %place,
        trace_parent = told.map(tracing::field::display),
        http.request.method = %request.method(),
        url.path = %request.uri().path(),
        http.response.status_code = tracing::field::Empty,
    );
    let answer = PLACE.scope(place, next.run(request));
    let response = answer.instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    response
}
