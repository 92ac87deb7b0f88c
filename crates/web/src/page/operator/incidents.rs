//! Signs of weirdness and faults of ours, newest first.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use carrel_store::ledger::{IncidentFilter, IncidentRow};
use serde::Deserialize;

use super::After;
use crate::app::App;
use crate::caller::Caller;
use crate::page::{Frame, show};
use crate::problem::Result;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/operator/incidents", get(list_incidents))
}

#[derive(Template)]
#[template(path = "operator/incidents.html")]
struct IncidentsPage {
    frame: Frame,
    kind: String,
    incidents: Vec<IncidentRow>,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    kind: String,
    #[serde(flatten)]
    after: After,
}

async fn list_incidents(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    caller.require_operator()?;
    let kind = Some(wanted.kind.trim()).filter(|kind| !kind.is_empty());
    let filter = IncidentFilter {
        kind: kind.map(str::to_owned),
        course: None,
    };
    let rows = app.store.incidents(filter, wanted.after.request()?).await?;
    show(&IncidentsPage {
        frame,
        kind: kind.unwrap_or_default().to_owned(),
        incidents: rows.items,
        next: rows.next.map(|cursor| cursor.0),
    })
}
