//! Submitted attempts at a quiz scored by its present key: what would change is shown, then counts.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use carrel_api::grading::NewRescore;
use carrel_api::list::PageQuery;
use carrel_store::rescore::{ChangeRow, ChangeState, RescoreRow, RescoreState};
use serde::Deserialize;

use super::{Names, ROWS_MAX, address, require_here};
use crate::account::audit::Auditor;
use crate::app::App;
use crate::applying::apply_rescore;
use crate::caller::Caller;
use crate::extract::page;
use crate::page::{Form, Frame, show};
use crate::problem::Result;
use crate::rescore::{create, find};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses/{course}/author/rescores", post(begin))
        .route("/courses/{course}/author/rescores/{id}", get(show_rescore))
        .route("/courses/{course}/author/rescores/{id}/apply", post(apply))
}

#[derive(Debug, Deserialize)]
struct Begun {
    quiz: String,
    may_lower: Option<String>,
}

/// Nothing counts yet: the page of it shows what would change.
async fn begin(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(course): Path<String>,
    Form(begun): Form<Begun>,
) -> Result<Redirect> {
    let new = NewRescore {
        version: None,
        preview: true,
        never_lower: begun.may_lower.is_none(),
        questions: None,
    };
    let whom = (course.as_str(), begun.quiz.as_str());
    let rescore = create(&app, &caller, &auditor, whom, new).await?;
    let rest = format!("rescores/{}", rescore.id);
    Ok(Redirect::to(&address(&course, &rest)))
}

#[derive(Template)]
#[template(path = "author/rescore.html")]
struct RescorePage {
    frame: Frame,
    course: String,
    title: String,
    quiz: String,
    looked_at: String,
    row: RescoreRow,
    changes: Vec<ChangeRow>,
    names: Names,
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

async fn show_rescore(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Result<Response> {
    let row = find(&app, &caller, &id).await?;
    require_here(&course, &row.rescore.course, "rescore", &id)?;
    let version = app.store.course(&course).await?;
    let files = app.catalogue.course(&app, &version.digest).await?;
    let request = page(PageQuery {
        cursor: after.after,
        limit: Some(ROWS_MAX),
    })?;
    let changes = app.store.rescore_changes(row.rescore.id, request).await?;
    let names = Names::read(&app, changes.items.iter().map(|change| change.user)).await;
    let quiz = row.rescore.quiz.as_str();
    let looked_at = frame.fill("rescore-attempts", "count", row.rescore.attempts);
    show(&RescorePage {
        quiz: files.title_of(quiz).unwrap_or(quiz).to_owned(),
        looked_at,
        frame,
        course,
        title: version.title,
        row,
        changes: changes.items,
        names,
        next: changes.next.map(|cursor| cursor.0),
    })
}

async fn apply(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path((course, id)): Path<(String, String)>,
) -> Result<Redirect> {
    let row = find(&app, &caller, &id).await?;
    require_here(&course, &row.rescore.course, "rescore", &id)?;
    apply_rescore(&app, &auditor, &row).await?;
    Ok(Redirect::to(&address(&course, &format!("rescores/{id}"))))
}
