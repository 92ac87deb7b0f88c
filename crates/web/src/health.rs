//! Whether the service lives and is ready.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use carrel_api::Code;
use serde::Serialize;

use crate::app::App;
use crate::condition::{self, Condition, Finding};
use crate::exposition;
use crate::extract::Json;
use crate::problem::{Problem, Result};

/// Routes below the root.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(exposition::show))
}

/// What `/healthz` tells.
#[derive(Debug, Serialize)]
struct Health {
    /// A word of [`Condition`].
    status: &'static str,
    /// What is not well, worst first.
    reasons: Vec<String>,
    version: &'static str,
    /// Interactive verdicts of the last minute, and those that the service gave too late.
    verdicts_last_minute: usize,
    late_last_minute: usize,
    /// Interactive submissions that still wait after their target.
    overdue: usize,
    queued: [u64; 3],
    running: u64,
    parked: u64,
    oldest_queued_ms: u64,
    /// Nodes that told of themselves lately.
    nodes: usize,
}

async fn health(State(app): State<App>) -> Response {
    let found = condition::look(&app).await;
    // Late work is done; of these two nothing is.
    let status = if found.condition >= Condition::NotJudging {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (status, Json(describe(found))).into_response()
}

fn describe(found: Finding) -> Health {
    let Finding {
        lateness, depth, ..
    } = found;
    Health {
        status: found.condition.name(),
        reasons: found.reasons,
        version: env!("CARGO_PKG_VERSION"),
        verdicts_last_minute: lateness.ended,
        late_last_minute: lateness.missed,
        overdue: lateness.overdue,
        queued: depth.queued,
        running: depth.running,
        parked: depth.parked,
        oldest_queued_ms: depth.oldest_ms,
        nodes: found.nodes,
    }
}

/// Whether this process takes requests. That nothing can be judged is no reason to send people
/// elsewhere: courses are read, quizzes are answered and batch work is taken all the same.
async fn ready(State(app): State<App>) -> Result<&'static str> {
    if app.is_stopping() {
        let problem = Problem::new(Code::Busy, "the service stops");
        return Err(problem.with_retry_after(1_000));
    }
    app.store_check.ask(&app).await?;
    Ok("ready\n")
}
