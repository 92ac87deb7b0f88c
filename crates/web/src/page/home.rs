//! The list of courses, and the way to it.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::{Redirect, Response};
use axum::routing::get;
use carrel_api::list::PageQuery;
use carrel_store::account::Scope;
use serde::Deserialize;

use super::Frame;
use crate::app::App;
use crate::caller::Caller;
use crate::extract::page;
use crate::problem::Result;

/// Courses on one page.
const COURSES_MAX: u32 = 60;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/courses") }))
        .route("/courses", get(list_courses))
}

#[derive(Template)]
#[template(path = "courses.html")]
struct CoursesPage {
    frame: Frame,
    courses: Vec<Shown>,
    next: Option<String>,
}

struct Shown {
    id: String,
    title: String,
    activities: usize,
    author: bool,
}

#[derive(Debug, Deserialize)]
struct After {
    after: Option<String>,
}

async fn list_courses(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Query(query): Query<After>,
) -> Result<Response> {
    caller.require_scope(Scope::Read)?;
    let wanted = page(PageQuery {
        cursor: query.after,
        limit: Some(COURSES_MAX),
    })?;
    let rows = app.store.courses(wanted).await?;
    let mut courses = Vec::new();
    let now = app.store.now();
    for version in rows.items {
        let Some(role) = caller.role(&version.course) else {
            continue;
        };
        let course = app.catalogue.course(&app, &version.digest).await?;
        courses.push(Shown {
            id: version.course,
            title: version.title,
            activities: course
                .activities()
                .filter(|(unit, one)| role.writes() || !unit.hides(one, now))
                .count(),
            author: role.writes(),
        });
    }
    super::show(&CoursesPage {
        frame,
        courses,
        next: rows.next.map(|cursor| cursor.0),
    })
}
