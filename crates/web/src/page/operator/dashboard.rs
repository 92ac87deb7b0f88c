//! How the service does: time to a verdict against its target, what waits, nodes, what went wrong.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use carrel_model::id::NodeId;
use carrel_store::PageRequest;
use carrel_store::ledger::{IncidentFilter, IncidentRow};
use carrel_store::node::{NodeOrders, NodeRow};
use serde::Deserialize;

use crate::account::audit::Auditor;
use crate::app::App;
use crate::caller::Caller;
use crate::condition::{self, Condition};
use crate::history::{Distribution, Happened, INTERVAL_SECONDS, Interval, Levels, Stage};
use crate::node::{LISTED_MS, give_orders};
use crate::operation::measure_levels;
use crate::page::plot::{Plot, Series};
use crate::page::{Form, Frame, show};
use crate::problem::Result;
use crate::provision;

/// Spans that can be looked at, minutes.
const SPANS: [u32; 3] = [5, 15, 60];
/// Verdicts that say that a limit was hit.
const LIMITS: [&str; 3] = ["time_limit", "memory_limit", "output_limit"];
/// Latest incidents shown.
const INCIDENTS_SHOWN: u32 = 5;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/operator", get(show_dashboard))
        .route("/operator/nodes/{id}", post(order_node))
}

#[derive(Template)]
#[template(path = "operator/dashboard.html")]
struct DashboardPage {
    frame: Frame,
    minutes: u32,
    condition: Condition,
    levels: Option<Levels>,
    more: String,
    oldest: String,
    happened: Happened,
    stages: Vec<StageShown>,
    limits: u64,
    plots: Vec<Plot>,
    nodes: Vec<NodeShown>,
    /// Environments that no node has, with the courses that need them.
    missing: Vec<(String, String)>,
    incidents: Vec<IncidentRow>,
}

struct StageShown {
    name: &'static str,
    count: u64,
    p50: String,
    p99: String,
    max: String,
    over: bool,
}

struct NodeShown {
    row: NodeRow,
    silent: bool,
    pool: String,
    canary: Option<String>,
    environments: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Span {
    minutes: Option<u32>,
}

async fn show_dashboard(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Query(span): Query<Span>,
) -> Result<Response> {
    caller.require_operator()?;
    let minutes = SPANS
        .into_iter()
        .find(|known| Some(*known) == span.minutes)
        .unwrap_or(15);
    let wanted = usize::try_from(u64::from(minutes) * 60 / INTERVAL_SECONDS).unwrap_or(usize::MAX);
    let history = &app.metrics.history;
    let happened = history.together(wanted);
    let levels = measure_levels(&app).await.ok();
    let condition = condition::look(&app).await.condition;
    let latest = PageRequest {
        after: None,
        limit: INCIDENTS_SHOWN,
    };
    let target_ms = app.config.admission.target_ms as f64;
    let plots = draw(&frame, &history.intervals(wanted), target_ms);
    let (more, oldest) = levels.as_ref().map_or_else(Default::default, |levels| {
        let [_, batch, regrade] = levels.depth.queued;
        let more = frame.fill2(
            "operator-queued-more",
            ("batch", batch),
            ("regrade", regrade),
        );
        (more, frame.duration(levels.depth.oldest_ms as f64))
    });
    let page = DashboardPage {
        minutes,
        more,
        oldest,
        condition,
        stages: Stage::ALL
            .into_iter()
            .map(|stage| show_stage(&frame, stage, happened.stage(stage), target_ms))
            .collect(),
        limits: LIMITS
            .iter()
            .filter_map(|name| happened.verdicts.get(name))
            .sum(),
        plots,
        levels,
        happened,
        nodes: list_nodes(&app, &frame).await?,
        missing: provision::missing_for_courses(&app)
            .await?
            .into_iter()
            .map(|(name, courses)| (name, courses.join(", ")))
            .collect(),
        incidents: app
            .store
            .incidents(IncidentFilter::default(), latest)
            .await?
            .items,
        frame,
    };
    show(&page)
}

fn show_stage(frame: &Frame, stage: Stage, times: &Distribution, target_ms: f64) -> StageShown {
    let of = |share| times.quantile_ms(share);
    let tell = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), |ms| frame.duration(ms));
    StageShown {
        name: stage.name(),
        count: times.count(),
        p50: tell(of(0.5)),
        p99: tell(of(0.99)),
        max: tell((times.count() > 0).then(|| times.max_ms())),
        over: stage == Stage::Total && of(0.99).is_some_and(|ms| ms > target_ms),
    }
}

async fn list_nodes(app: &App, frame: &Frame) -> Result<Vec<NodeShown>> {
    let silence_ms = app.config.admission.node_silence_ms;
    let live = app.store.nodes(silence_ms).await?;
    let rows = app.store.nodes(LISTED_MS).await?;
    let shown = rows.into_iter().map(|row| NodeShown {
        silent: !live.iter().any(|other| other.report.id == row.report.id),
        pool: frame.fill2(
            "node-pool-of",
            ("busy", row.report.busy),
            ("slots", row.report.slots),
        ),
        canary: row.report.canary_ms.map(|ms| frame.duration(ms)),
        environments: row
            .report
            .environments
            .iter()
            .map(|(name, digest)| match digest {
                Some(digest) => format!("{name} {}", digest.get(..8).unwrap_or(digest)),
                None => name.clone(),
            })
            .collect(),
        row,
    });
    Ok(shown.collect())
}

fn draw(frame: &Frame, intervals: &[Interval], target_ms: f64) -> Vec<Plot> {
    let line = |class, text: &str, latest: &dyn Fn(f64) -> String, values: Vec<Option<f64>>| {
        let last = values.iter().rev().flatten().next();
        Series {
            class,
            label: frame.text(text),
            latest: last.map_or_else(|| "–".to_owned(), |value| latest(*value)),
            values,
        }
    };
    let each = |value: &dyn Fn(&Interval) -> Option<f64>| -> Vec<Option<f64>> {
        intervals.iter().map(value).collect()
    };
    let total = |share: f64| each(&move |one| one.happened.stage(Stage::Total).quantile_ms(share));
    let level = |of: fn(&Levels) -> u64| {
        each(&move |one| one.levels.as_ref().map(|levels| of(levels) as f64))
    };
    let a_minute = |of: fn(&Happened) -> u64| {
        let intervals_a_minute = 60.0 / INTERVAL_SECONDS as f64;
        each(&move |one| Some(of(&one.happened) as f64 * intervals_a_minute))
    };
    let duration = |ms: f64| frame.duration(ms);
    let number = |count: f64| frame.number(count);
    let queued = |levels: &Levels| levels.depth.queued.iter().sum();
    vec![
        Plot::new(
            frame.text("operator-plot-latency"),
            vec![
                line("a", "operator-median", &duration, total(0.5)),
                line("b", "operator-p99", &duration, total(0.99)),
                line(
                    "bound",
                    "operator-target",
                    &duration,
                    each(&|_| Some(target_ms)),
                ),
            ],
            duration,
        ),
        Plot::new(
            frame.text("operator-plot-queue"),
            vec![
                line("b", "operator-queued", &number, level(queued)),
                line("a", "operator-busy", &number, level(|levels| levels.busy)),
                line(
                    "bound",
                    "operator-slots",
                    &number,
                    level(|levels| levels.slots),
                ),
            ],
            number,
        ),
        Plot::new(
            frame.text("operator-plot-rate"),
            vec![
                line("a", "operator-verdicts", &number, a_minute(Happened::ended)),
                line(
                    "b",
                    "operator-refused",
                    &number,
                    a_minute(|one| one.refused),
                ),
                line("c", "operator-late", &number, a_minute(|one| one.late)),
            ],
            number,
        ),
    ]
}

#[derive(Debug, Deserialize)]
struct Ordered {
    orders: NodeOrders,
}

async fn order_node(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(id): Path<NodeId>,
    Form(ordered): Form<Ordered>,
) -> Result<Redirect> {
    give_orders(&app, (&caller, &auditor), id, ordered.orders).await?;
    Ok(Redirect::to("/operator#nodes"))
}
