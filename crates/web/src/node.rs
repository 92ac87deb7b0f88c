//! Nodes, incidents and parked work: what operators look after.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with, put_with};
use axum::extract::State;
use axum::response::NoContent;
use carrel_api::List;
use carrel_api::list::PageQuery;
use carrel_api::operation::{
    Incident, IncidentQuery, NewOrders, Node, Orders, Parked, ParkedQuery,
};
use carrel_bus::Hint;
use carrel_model::id::{NodeId, SubmissionId};
use carrel_store::ledger::{IncidentFilter, IncidentRow};
use carrel_store::node::{NodeOrders, NodeRow};
use carrel_store::queue;

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, list, page};
use crate::openapi::tagged;
use crate::problem::Result;

const TAG: &str = "Operation";
const OF_COURSE: &str = "Operators of a course see those of its submissions, with `?course=`.";
/// How long a silent node is still listed, milliseconds.
pub(crate) const LISTED_MS: u64 = 24 * 3_600_000;

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/nodes",
            get_with(list_nodes, tagged(TAG, "Nodes of the last day")),
        )
        .api_route(
            "/nodes/{id}/orders",
            put_with(order, tagged(TAG, "Drain a node, or let it work again")),
        )
        .api_route(
            "/incidents",
            get_with(list_incidents, |operation| {
                tagged(TAG, "Incidents, newest first")(operation).description(OF_COURSE)
            }),
        )
        .api_route(
            "/parked",
            get_with(list_parked, |operation| {
                tagged(TAG, "Submissions that wait for an operator")(operation)
                    .description(OF_COURSE)
            }),
        )
        .api_route(
            "/parked/{submission}",
            delete_with(drop_parked, tagged(TAG, "Give a parked submission up")),
        )
        .api_route(
            "/parked/{submission}/retry",
            post_with(unpark, tagged(TAG, "Judge a parked submission again")),
        )
}

fn show(row: NodeRow) -> Node {
    let report = row.report;
    let names = report.environments.into_iter().map(|(name, _)| name);
    Node {
        id: report.id,
        epoch: report.epoch,
        host: report.host,
        version: report.version,
        slots: report.slots,
        spare_slots: report.spare_slots,
        busy: report.busy,
        rate_milli: report.rate_milli,
        accepting: report.accepting,
        orders: match row.orders {
            NodeOrders::Work => Orders::Work,
            NodeOrders::Drain => Orders::Drain,
        },
        beat_at: row.beat_at,
        canary_ms: report.canary_ms,
        missing_layers: report.missing_layers,
        environments: names.collect(),
    }
}

async fn list_nodes(State(app): State<App>, caller: Caller) -> Result<Json<Vec<Node>>> {
    caller.require_operator()?;
    let rows = app.store.nodes(LISTED_MS).await?;
    Ok(Json(rows.into_iter().map(show).collect()))
}

async fn order(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<NodeId>,
    Json(new): Json<NewOrders>,
) -> Result<NoContent> {
    let orders = match new.orders {
        Orders::Work => NodeOrders::Work,
        Orders::Drain => NodeOrders::Drain,
    };
    give_orders(&app, (&caller, &auditor), id, orders).await?;
    Ok(NoContent)
}

/// Drains a node, or lets it work again.
///
/// # Errors
/// The caller is no operator, or there is no such node.
pub async fn give_orders(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    id: NodeId,
    orders: NodeOrders,
) -> Result<()> {
    caller.require_operator()?;
    app.store.order(id, orders).await?;
    app.bus.send(&Hint::Node { node: id });
    app.nodes.forget();
    let detail = match orders {
        NodeOrders::Work => "work",
        NodeOrders::Drain => "drain",
    };
    auditor.record(app, action::NODE_ORDER, id, detail).await;
    tracing::info!(node = %id, ?orders, by = %caller.id(), "ordered");
    Ok(())
}

async fn list_incidents(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<IncidentQuery>,
) -> Result<Json<List<Incident>>> {
    require_runs(&caller, query.course.as_deref())?;
    let request = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let filter = IncidentFilter {
        kind: query.kind,
        course: query.course,
    };
    let rows = app.store.incidents(filter, request).await?;
    Ok(Json(list(rows, |row: IncidentRow| Incident {
        id: row.id,
        at: row.at,
        node: row.node,
        submission: row.submission,
        user: row.user,
        kind: row.kind,
        detail: row.detail,
    })))
}

/// Asks for somebody who runs the course, or where none is named the service.
fn require_runs(caller: &Caller, course: Option<&str>) -> Result<()> {
    match course {
        Some(course) => caller.require_operator_of(course),
        None => caller.require_operator(),
    }
}

async fn list_parked(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ParkedQuery>,
) -> Result<Json<List<Parked>>> {
    require_runs(&caller, query.course.as_deref())?;
    let request = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let rows = app.store.parked(query.course.as_deref(), request).await?;
    Ok(Json(list(rows, |row: queue::Parked| Parked {
        submission: row.submission,
        course: row.course,
        at: row.at,
        attempts: row.attempts,
        reason: row.reason,
    })))
}

/// Asks for somebody who runs the course that a submission belongs to; that course. Others learn
/// nothing of it, not even whether it is there.
///
/// # Errors
/// The caller does not run it.
async fn require_runs_that(app: &App, caller: &Caller, id: SubmissionId) -> Result<Option<String>> {
    let course = match app.store.submission(id).await {
        Ok(row) => row.course,
        Err(carrel_store::Error::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    require_runs(caller, course.as_deref())?;
    Ok(course)
}

/// Writes to the audit log what was done to a parked submission.
async fn record(
    app: &App,
    auditor: &Auditor,
    action: &str,
    (id, course): (SubmissionId, Option<String>),
) {
    match course {
        Some(course) => auditor.of_course(&course).record(app, action, id, "").await,
        None => auditor.record(app, action, id, "").await,
    }
}

async fn unpark(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<SubmissionId>,
) -> Result<NoContent> {
    run_again(&app, (&caller, &auditor), id).await?;
    Ok(NoContent)
}

/// Judges a parked submission again, with fresh attempts.
///
/// # Errors
/// The caller runs neither the service nor its course, or it is not parked.
pub async fn run_again(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    id: SubmissionId,
) -> Result<()> {
    let course = require_runs_that(app, caller, id).await?;
    app.store.unpark(id).await?;
    record(app, auditor, action::PARKED_RETRY, (id, course)).await;
    app.bus.send(&Hint::Job);
    Ok(())
}

async fn drop_parked(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<SubmissionId>,
) -> Result<NoContent> {
    give_up(&app, (&caller, &auditor), id).await?;
    Ok(NoContent)
}

/// Gives a parked submission up: it stays, without a verdict, as cancelled.
///
/// # Errors
/// The caller runs neither the service nor its course, or it is not parked.
pub async fn give_up(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    id: SubmissionId,
) -> Result<()> {
    let course = require_runs_that(app, caller, id).await?;
    app.store.drop_parked(id).await?;
    record(app, auditor, action::PARKED_DROP, (id, course)).await;
    Ok(())
}
