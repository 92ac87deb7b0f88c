//! Whether the service lives, is ready, and what it measures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use carrel_api::Code;
use carrel_store::queue::Depth;
use serde::Serialize;

use crate::app::App;
use crate::extract::Json;
use crate::metrics::families::{Families, write_labels};
use crate::problem::{Problem, Result};
use crate::provision;
use crate::stages::Lateness;

/// Media type of OpenMetrics text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Routes below the root.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// What `/healthz` tells.
#[derive(Debug, Serialize)]
struct Health {
    /// `ok`, `late` (targets are missed for long) or `failing` (the store does not answer).
    status: &'static str,
    version: &'static str,
    /// Interactive verdicts of the last minute, and those after their target.
    verdicts_last_minute: usize,
    late_last_minute: usize,
    queued: [u64; 3],
    running: u64,
    parked: u64,
    oldest_queued_ms: u64,
    /// Nodes that told of themselves lately.
    nodes: usize,
}

async fn health(State(app): State<App>) -> Response {
    let alive = app.store.check().await;
    let depth = app.store.depth().await.unwrap_or_default();
    let nodes = app.nodes.rows(&app).await.map_or(0, |rows| rows.len());
    let lateness = app.stages.lateness();
    let status = match &alive {
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            "failing"
        }
        Ok(()) if lateness.late => "late",
        Ok(()) => "ok",
    };
    let code = match alive {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let health = describe(status, lateness, &depth, nodes);
    (code, Json(health)).into_response()
}

fn describe(status: &'static str, lateness: Lateness, depth: &Depth, nodes: usize) -> Health {
    Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        verdicts_last_minute: lateness.ended,
        late_last_minute: lateness.missed,
        queued: depth.queued,
        running: depth.running,
        parked: depth.parked,
        oldest_queued_ms: depth.oldest_ms,
        nodes,
    }
}

async fn ready(State(app): State<App>) -> Result<&'static str> {
    if app.is_stopping() {
        let problem = Problem::new(Code::Busy, "the service stops");
        return Err(problem.with_retry_after(1_000));
    }
    app.store.check().await?;
    Ok("ready\n")
}

async fn metrics(State(app): State<App>) -> Result<Response> {
    let mut text = app
        .metrics
        .encode()
        .map_err(|error| Problem::internal(&error))?;
    if let Ok(depth) = app.store.depth().await {
        text.push_str(&describe_depth(&depth));
    }
    let missing = provision::missing_for_courses(&app).await?;
    text.push_str(&describe_missing(&missing));
    let mut families = Families::default();
    for row in app.nodes.rows(&app).await?.iter() {
        let report = &row.report;
        let node = report.id.to_string();
        let labels = [("node", node.as_str()), ("host", report.host.as_str())];
        families.add(&report.metrics, &labels);
    }
    text.push_str(&families.text());
    text.push_str("# EOF\n");
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

fn describe_missing(missing: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = "# HELP carrel_missing_environment_courses Courses that need an environment \
        that no node has.\n# TYPE carrel_missing_environment_courses gauge\n"
        .to_owned();
    for (name, courses) in missing {
        let labels = write_labels(&[("environment", name)]);
        let count = courses.len();
        let _ = writeln!(
            text,
            "carrel_missing_environment_courses{{{labels}}} {count}"
        );
    }
    text
}

fn describe_depth(depth: &Depth) -> String {
    let mut text = String::new();
    let bands = ["interactive", "batch", "regrade"];
    let _ = writeln!(
        text,
        "# HELP carrel_queue_jobs Jobs that wait.\n# TYPE carrel_queue_jobs gauge"
    );
    for (band, queued) in bands.iter().zip(depth.queued) {
        let _ = writeln!(text, "carrel_queue_jobs{{band=\"{band}\"}} {queued}");
    }
    let singles = [
        (
            "carrel_queue_running",
            "Jobs in workers' hands.",
            depth.running,
        ),
        (
            "carrel_queue_parked",
            "Jobs that wait for an operator.",
            depth.parked,
        ),
        (
            "carrel_queue_passed_over",
            "Jobs that wait for a node that has what they need.",
            depth.passed_over,
        ),
        (
            "carrel_queue_oldest_milliseconds",
            "Age of the oldest job that waits.",
            depth.oldest_ms,
        ),
    ];
    for (name, help, value) in singles {
        let _ = writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"
        );
    }
    text
}
