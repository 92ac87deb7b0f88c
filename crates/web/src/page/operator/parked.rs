//! Submissions that wait for an operator: looked at, run again, or given up.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::get;
use carrel_model::id::SubmissionId;
use carrel_store::queue::Parked;
use carrel_store::submission::{SubmissionRow, Work};
use serde::Deserialize;

use super::After;
use crate::account::audit::Auditor;
use crate::app::App;
use crate::caller::Caller;
use crate::node::{give_up, run_again};
use crate::page::place::encode;
use crate::page::{Form, Frame, show};
use crate::problem::Result;

/// Most bytes of a file that are shown.
const FILE_BYTES_SHOWN: usize = 20_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/operator/parked", get(list_parked))
        .route("/operator/parked/{id}", get(show_parked).post(decide))
}

#[derive(Template)]
#[template(path = "operator/parked.html")]
struct ParkedPage {
    frame: Frame,
    jobs: Vec<Parked>,
    next: Option<String>,
}

async fn list_parked(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Response> {
    caller.require_operator()?;
    let rows = app.store.parked(None, after.request()?).await?;
    show(&ParkedPage {
        frame,
        jobs: rows.items,
        next: rows.next.map(|cursor| cursor.0),
    })
}

#[derive(Template)]
#[template(path = "operator/job.html")]
struct JobPage {
    frame: Frame,
    row: SubmissionRow,
    files: Vec<(String, String)>,
    reason: Option<String>,
}

async fn show_parked(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(id): Path<SubmissionId>,
) -> Result<Response> {
    caller.require_operator()?;
    let row = app.store.submission(id).await?;
    let work = app.store.work(id).await?;
    let files = match &work {
        Work::Challenge(work) => &work.files,
        Work::Execution(work) => &work.files,
    };
    let show_file = |bytes: &[u8]| {
        let shown = &bytes[..bytes.len().min(FILE_BYTES_SHOWN)];
        String::from_utf8_lossy(shown).into_owned()
    };
    let files = files
        .iter()
        .map(|(name, bytes)| (name.clone(), show_file(bytes)))
        .collect();
    show(&JobPage {
        frame,
        reason: row.parked_reason.clone(),
        row,
        files,
    })
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Run,
    Drop,
}

#[derive(Debug, Deserialize)]
struct Decided {
    decision: Decision,
}

async fn decide(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(id): Path<SubmissionId>,
    Form(decided): Form<Decided>,
) -> Result<Redirect> {
    match decided.decision {
        Decision::Run => run_again(&app, (&caller, &auditor), id).await?,
        Decision::Drop => give_up(&app, (&caller, &auditor), id).await?,
    }
    if caller.is_operator() {
        return Ok(Redirect::to("/operator/parked"));
    }
    // Who runs the course alone goes back to where they came from.
    let row = app.store.submission(id).await?;
    let course = encode(&row.course.unwrap_or_default());
    let address = format!("/courses/{course}/author/submissions/{id}");
    Ok(Redirect::to(&address))
}
