//! Versions of a course: which is the present one, and the way back to an earlier one.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use carrel_api::list::PageQuery;
use carrel_store::account::Role;
use carrel_store::course::CourseVersion;
use serde::Deserialize;

use super::{ROWS_MAX, address};
use crate::account::audit::Auditor;
use crate::app::App;
use crate::caller::Caller;
use crate::course::make_present;
use crate::extract::page;
use crate::page::{Frame, show};
use crate::problem::Result;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses/{course}/author/versions", get(list_versions))
        .route(
            "/courses/{course}/author/versions/{version}/present",
            post(restore),
        )
}

#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "author/versions.html")]
struct VersionsPage {
    frame: Frame,
    course: String,
    title: String,
    present: String,
    rows: Vec<CourseVersion>,
    next: Option<String>,
}

async fn list_versions(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
    Query(after): Query<After>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let version = app.store.course(&course).await?;
    let request = page(PageQuery {
        cursor: after.after,
        limit: Some(ROWS_MAX),
    })?;
    let rows = app.store.course_versions(&course, request).await?;
    show(&VersionsPage {
        frame,
        course,
        title: version.title,
        present: version.digest,
        rows: rows.items,
        next: rows.next.map(|cursor| cursor.0),
    })
}

async fn restore(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path((course, version)): Path<(String, String)>,
) -> Result<Redirect> {
    make_present(&app, (&caller, &auditor), &course, &version).await?;
    Ok(Redirect::to(&address(&course, "versions")))
}
