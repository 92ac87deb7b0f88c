//! Measures and logs every answered request.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::metrics::RequestLabels;

/// Middleware: time by route, method and status; one line in the log.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    // An unknown method is a label that anybody could invent.
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "other",
    };
    let method = method.to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let seconds = began.elapsed().as_secs_f64();
    // What is refused for want of room is what the metrics tell; a flood must not fill the log too.
    if status >= 500 && status != 503 {
        tracing::warn!(status, seconds, "answered");
    } else {
        tracing::debug!(status, seconds, "answered");
    }
    let labels = RequestLabels {
        route,
        method,
        status,
    };
    app.metrics.requests.get_or_create(&labels).observe(seconds);
    response
}
