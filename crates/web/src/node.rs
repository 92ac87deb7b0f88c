//! Nodes, incidents and parked work: what operators look after.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with, put_with};
use axum::extract::State;
use axum::response::NoContent;
use carrel_api::List;
use carrel_api::list::PageQuery;
use carrel_api::operation::{Incident, IncidentQuery, NewOrders, Node, Orders, Parked};
use carrel_bus::Hint;
use carrel_model::id::{NodeId, SubmissionId};
use carrel_store::ledger::IncidentRow;
use carrel_store::node::{NodeOrders, NodeRow};
use carrel_store::queue;

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, list, page};
use crate::openapi::tagged;
use crate::problem::Result;

const TAG: &str = "Operation";
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
            get_with(list_incidents, tagged(TAG, "Incidents, newest first")),
        )
        .api_route(
            "/parked",
            get_with(
                list_parked,
                tagged(TAG, "Submissions that wait for an operator"),
            ),
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
    caller.require_operator()?;
    let request = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let rows = app.store.incidents(query.kind.as_deref(), request).await?;
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

async fn list_parked(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Parked>>> {
    caller.require_operator()?;
    let rows = app.store.parked(page(query)?).await?;
    Ok(Json(list(rows, |row: queue::Parked| Parked {
        submission: row.submission,
        course: row.course,
        at: row.at,
        attempts: row.attempts,
        reason: row.reason,
    })))
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
/// The caller is no operator, or it is not parked.
pub async fn run_again(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    id: SubmissionId,
) -> Result<()> {
    caller.require_operator()?;
    app.store.unpark(id).await?;
    auditor.record(app, action::PARKED_RETRY, id, "").await;
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
/// The caller is no operator, or it is not parked.
pub async fn give_up(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    id: SubmissionId,
) -> Result<()> {
    caller.require_operator()?;
    app.store.drop_parked(id).await?;
    auditor.record(app, action::PARKED_DROP, id, "").await;
    Ok(())
}
