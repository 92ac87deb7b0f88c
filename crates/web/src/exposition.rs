//! `/metrics`: what this process measured, what the store and the disk say now, and what nodes told.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use carrel_store::node::NodeRow;
use carrel_store::queue::Depth;

use crate::app::App;
use crate::condition::{self, Condition};
use crate::metrics::families::{Families, write_labels};
use crate::nodes::Standing;
use crate::problem::{Problem, Result};
use crate::provision;

/// Media type of OpenMetrics text.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(crate) async fn show(State(app): State<App>) -> Result<Response> {
    let mut text = app
        .metrics
        .encode()
        .map_err(|error| Problem::internal(&error))?;
    describe_health(&mut text, condition::look(&app).await.condition);
    if let Ok(depth) = app.store.depth().await {
        describe_depth(&mut text, &depth);
    }
    describe_disk(&mut text, &app);
    // Where the store does not answer, the rest is told all the more.
    if let Ok(missing) = provision::missing_for_courses(&app).await {
        describe_missing(&mut text, &missing);
    }
    if let Ok(rows) = app.nodes.rows(&app).await {
        describe_nodes(&mut text, &rows);
        text.push_str(&gather(&rows));
    }
    text.push_str("# EOF\n");
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response())
}

/// Writes a gauge. Writing into a string cannot fail.
fn gauge(text: &mut String, (name, help): (&str, &str), samples: &[(String, u64)]) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

fn single(value: u64) -> [(String, u64); 1] {
    [(String::new(), value)]
}

fn describe_health(text: &mut String, condition: Condition) {
    let of = |one: Condition| {
        let labels = format!("{{status=\"{}\"}}", one.name());
        (labels, u64::from(one == condition))
    };
    let help = "How the service does: 1 at the status that /healthz tells.";
    gauge(text, ("carrel_health", help), &Condition::ALL.map(of));
}

fn describe_depth(text: &mut String, depth: &Depth) {
    let bands = ["interactive", "batch", "regrade"];
    let of_band = |(band, queued): (&str, u64)| (format!("{{band=\"{band}\"}}"), queued);
    let queued: Vec<_> = bands.into_iter().zip(depth.queued).map(of_band).collect();
    gauge(text, ("carrel_queue_jobs", "Jobs that wait."), &queued);
    for (name, help, value) in [
        ("running", "Jobs in workers' hands.", depth.running),
        ("parked", "Jobs that wait for an operator.", depth.parked),
        (
            "passed_over",
            "Jobs that wait for a node that has what they need.",
            depth.passed_over,
        ),
        (
            "oldest_milliseconds",
            "Age of the oldest job that waits.",
            depth.oldest_ms,
        ),
        (
            "overdue",
            "Interactive jobs that still wait after their target.",
            depth.overdue,
        ),
    ] {
        let name = format!("carrel_queue_{name}");
        gauge(text, (&name, help), &single(value));
    }
}

fn describe_nodes(text: &mut String, rows: &[NodeRow]) {
    let of = |standing: Standing| {
        let count = rows.iter().filter(|row| Standing::of(row) == standing);
        let labels = format!("{{state=\"{}\"}}", standing.name());
        (labels, count.count() as u64)
    };
    let help = "Nodes that told of themselves lately, by what they are at.";
    gauge(text, ("carrel_nodes", help), &Standing::ALL.map(of));
}

fn describe_missing(text: &mut String, missing: &BTreeMap<String, Vec<String>>) {
    let of = |(name, courses): (&String, &Vec<String>)| {
        let labels = write_labels(&[("environment", name)]);
        (format!("{{{labels}}}"), courses.len() as u64)
    };
    let samples: Vec<_> = missing.iter().map(of).collect();
    let help = "Courses that need an environment that no node has.";
    let name = "carrel_missing_environment_courses";
    gauge(text, (name, help), &samples);
}

/// What workers measured, by node.
fn gather(rows: &[NodeRow]) -> String {
    let mut families = Families::default();
    for NodeRow { report, .. } in rows {
        let node = report.id.to_string();
        let labels = [("node", node.as_str()), ("host", report.host.as_str())];
        families.add(&report.metrics, &labels);
    }
    families.text()
}

/// Room of the file system that the database is on.
fn describe_disk(text: &mut String, app: &App) {
    let directory = &app.config.state_directory;
    let room = match rustix::fs::statvfs(directory) {
        Ok(room) => room,
        Err(error) => {
            let place = directory.display();
            tracing::warn!(%place, %error, "cannot see how much room the disk has");
            return;
        }
    };
    // What only root may fill is no room for the service.
    for (name, help, blocks) in [
        ("free", "Room left for the database.", room.f_bavail),
        ("size", "Size of the disk of the database.", room.f_blocks),
    ] {
        let name = format!("carrel_disk_{name}_bytes");
        let bytes = blocks.saturating_mul(room.f_frsize);
        gauge(text, (&name, help), &single(bytes));
    }
}
