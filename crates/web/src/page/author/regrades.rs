//! Regrades: begun with a preview, looked at change by change, applied or stopped; and the list of
//! rescores beside them.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use carrel_api::list::PageQuery;
use carrel_api::operation::NewRegrade;
use carrel_store::PageRequest;
use carrel_store::account::Role;
use carrel_store::regrade::{Change, RegradeRow, RegradeState};
use carrel_store::rescore::{RescoreRow, RescoreState};
use serde::Deserialize;

use super::{Names, ROWS_MAX, address, require_here};
use crate::account::audit::Auditor;
use crate::app::App;
use crate::applying::apply_regrade;
use crate::caller::Caller;
use crate::extract::page;
use crate::page::{Form, Frame, show};
use crate::problem::Result;
use crate::regrade::{begin_regrade, cancel_regrade, find};

/// Rescores listed beside the regrades: the newest.
const RESCORES_SHOWN: u32 = 20;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/courses/{course}/author/regrades",
            get(list_regrades).post(begin),
        )
        .route("/courses/{course}/author/regrades/{id}", get(show_regrade))
        .route(
            "/courses/{course}/author/regrades/{id}/decide",
            post(decide),
        )
}

#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
    #[serde(default)]
    challenge: String,
}

#[derive(Template)]
#[template(path = "author/regrades.html")]
struct RegradesPage {
    frame: Frame,
    course: String,
    title: String,
    challenge: String,
    challenges: Vec<(String, String)>,
    quizzes: Vec<(String, String)>,
    rescores: Vec<RescoreRow>,
    rows: Vec<RegradeRow>,
    next: Option<String>,
}

async fn list_regrades(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
    Query(after): Query<After>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let version = app.store.course(&course).await?;
    let files = app.catalogue.course(&app, &version.digest).await?;
    let request = page(PageQuery {
        cursor: after.after,
        limit: Some(ROWS_MAX),
    })?;
    let rows = app.store.regrades(&course, request).await?;
    let latest = PageRequest {
        after: None,
        limit: RESCORES_SHOWN,
    };
    let rescores = app.store.rescores(&course, latest).await?.items;
    let challenges = files.challenges.iter();
    let quizzes = files.quizzes.iter().map(|one| &one.quiz);
    show(&RegradesPage {
        frame,
        course,
        title: version.title,
        challenge: after.challenge,
        challenges: challenges
            .map(|challenge| (challenge.id.clone(), challenge.title.clone()))
            .collect(),
        quizzes: quizzes
            .map(|quiz| (quiz.id.clone(), quiz.title.clone()))
            .collect(),
        rescores,
        rows: rows.items,
        next: rows.next.map(|cursor| cursor.0),
    })
}

#[derive(Debug, Deserialize)]
struct Begun {
    challenge: String,
    at_once: Option<String>,
    may_lower: Option<String>,
}

async fn begin(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(course): Path<String>,
    Form(begun): Form<Begun>,
) -> Result<Redirect> {
    let new = NewRegrade {
        version: None,
        preview: begun.at_once.is_none(),
        never_lower: begun.may_lower.is_none(),
    };
    let whom = (course.as_str(), begun.challenge.as_str());
    let row = begin_regrade(&app, (&caller, &auditor), whom, new).await?;
    Ok(Redirect::to(&address(
        &course,
        &format!("regrades/{}", row.regrade.id),
    )))
}

#[derive(Template)]
#[template(path = "author/regrade.html")]
struct RegradePage {
    frame: Frame,
    course: String,
    title: String,
    progress: String,
    row: RegradeRow,
    changes: Vec<Change>,
    names: Names,
    next: Option<String>,
}

async fn show_regrade(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Result<Response> {
    let row = find(&app, &caller, &id).await?;
    require_here(&course, &row.regrade.course, "regrade", &id)?;
    let title = app.store.course(&course).await?.title;
    let request = page(PageQuery {
        cursor: after.after,
        limit: Some(ROWS_MAX),
    })?;
    let changes = app.store.changes(row.regrade.id, request).await?;
    let names = Names::read(&app, changes.items.iter().map(|change| change.user)).await;
    let progress = frame.fill2(
        "regrade-progress",
        ("judged", row.judged),
        ("submissions", row.submissions),
    );
    show(&RegradePage {
        frame,
        progress,
        course,
        title,
        row,
        changes: changes.items,
        names,
        next: changes.next.map(|cursor| cursor.0),
    })
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Apply,
    Cancel,
}

#[derive(Debug, Deserialize)]
struct Decided {
    decision: Decision,
}

async fn decide(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path((course, id)): Path<(String, String)>,
    Form(decided): Form<Decided>,
) -> Result<Redirect> {
    let row = find(&app, &caller, &id).await?;
    require_here(&course, &row.regrade.course, "regrade", &id)?;
    let id = row.regrade.id;
    match decided.decision {
        Decision::Apply => apply_regrade(&app, &auditor, &row).await?,
        Decision::Cancel => cancel_regrade(&app, &auditor, id).await?,
    };
    Ok(Redirect::to(&address(&course, &format!("regrades/{id}"))))
}
