//! Members of a course: listed, given a role, taken out.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carrel_api::list::PageQuery;
use carrel_store::account::{Role, UserRow};
use serde::Deserialize;

use super::{ROWS_MAX, address};
use crate::account::audit::Auditor;
use crate::account::members::{may_name, set_role};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::page;
use crate::page::{Form, Frame, show_with};
use crate::problem::{Problem, Result};
use crate::session::recognise_again;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/courses/{course}/author/members", get(list).post(set))
}

#[derive(Debug, Default, Deserialize)]
struct After {
    after: Option<String>,
}

/// What is to become of a member; without a role they are taken out.
#[derive(Debug, Default, Deserialize)]
struct Given {
    person: String,
    #[serde(default)]
    role: String,
}

#[derive(Template)]
#[template(path = "author/members.html")]
struct MembersPage {
    frame: Frame,
    course: String,
    title: String,
    rows: Vec<Row>,
    /// Roles that the reader may give.
    roles: Vec<&'static str>,
    given: Given,
    refused: Option<String>,
    next: Option<String>,
}

struct Row {
    person: UserRow,
    role: &'static str,
    /// Whether the reader may change that.
    is_theirs: bool,
}

async fn list(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
    Query(after): Query<After>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let page = gather(&app, (frame, &caller), course, after).await?;
    show_with(StatusCode::OK, &page)
}

async fn gather(
    app: &App,
    (frame, caller): (Frame, &Caller),
    course: String,
    after: After,
) -> Result<MembersPage> {
    let version = app.store.course(&course).await?;
    let request = page(PageQuery {
        cursor: after.after,
        limit: Some(ROWS_MAX),
    })?;
    let rows = app.store.members(&course, request).await?;
    let row = |(person, role): (UserRow, Role)| Row {
        person,
        role: role.name(),
        is_theirs: may_name(caller, &course, role),
    };
    let roles = Role::ALL.iter().copied();
    Ok(MembersPage {
        rows: rows.items.into_iter().map(row).collect(),
        roles: roles
            .filter(|role| may_name(caller, &course, *role))
            .map(Role::name)
            .collect(),
        next: rows.next.map(|cursor| cursor.0),
        title: version.title,
        given: Given::default(),
        refused: None,
        frame,
        course,
    })
}

async fn set(
    State(app): State<App>,
    frame: Frame,
    (caller, auditor): (Caller, Auditor),
    Path(course): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response> {
    // Who may no more since the form began to come is not shown the members either.
    let caller = recognise_again(&app, &caller).await?;
    caller.require_role(&course, Role::Author)?;
    let done = async {
        let role = match given.role.as_str() {
            "" => None,
            name => Some(Role::of_name(name).ok_or_else(|| Problem::missing("role", name))?),
        };
        let whom = (course.as_str(), given.person.trim());
        set_role(&app, (&caller, &auditor), whom, role).await
    };
    match done.await {
        Ok(_) => Ok(Redirect::to(&address(&course, "members")).into_response()),
        Err(problem) if problem.status().is_client_error() => {
            let status = problem.status();
            let mut page = gather(&app, (frame, &caller), course, After::default()).await?;
            page.refused = Some(problem.document().detail.clone());
            page.given = given;
            show_with(status, &page)
        }
        Err(problem) => Err(problem),
    }
}
