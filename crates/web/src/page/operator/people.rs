//! People: added, changed, given roles and new passwords; their tokens.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_api::account::{NewUser, SecretText, UserChange};
use carrel_model::id::TokenId;
use carrel_store::PageRequest;
use carrel_store::account::{Role, TokenRow, UserRow};
use carrel_store::page::PAGE_MAX;
use serde::Deserialize;

use super::After;
use crate::account::audit::Auditor;
use crate::account::members::set_role;
use crate::account::named;
use crate::account::tokens::revoke_token;
use crate::account::users::{add_person, change_person, reset_password};
use crate::app::App;
use crate::caller::Caller;
use crate::page::{Form, Frame, show, show_with};
use crate::problem::{Problem, Result};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/operator/people", get(list_people).post(add))
        .route("/operator/people/{user}", get(show_person).post(change))
        .route("/operator/people/{user}/password", post(reset))
        .route("/operator/people/{user}/roles", post(change_role))
        .route("/operator/people/{user}/tokens/{id}", post(revoke))
}

#[derive(Template)]
#[template(path = "operator/people.html")]
struct PeoplePage {
    frame: Frame,
    people: Vec<UserRow>,
    next: Option<String>,
    name: String,
    display_name: String,
    told: Option<String>,
}

/// A form that was refused: what was in it, and why.
#[derive(Default)]
struct Refused {
    name: String,
    display_name: String,
    told: Option<String>,
}

async fn list_people(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Response> {
    caller.require_operator()?;
    show(&gather_people(&app, frame, after, Refused::default()).await?)
}

async fn gather_people(
    app: &App,
    frame: Frame,
    after: After,
    refused: Refused,
) -> Result<PeoplePage> {
    let rows = app.store.users(after.request()?).await?;
    Ok(PeoplePage {
        frame,
        people: rows.items,
        next: rows.next.map(|cursor| cursor.0),
        name: refused.name,
        display_name: refused.display_name,
        told: refused.told,
    })
}

#[derive(Debug, Deserialize)]
struct Added {
    name: String,
    #[serde(default)]
    display_name: String,
    operator: Option<String>,
}

async fn add(
    State(app): State<App>,
    frame: Frame,
    (caller, auditor): (Caller, Auditor),
    Form(added): Form<Added>,
) -> Result<Response> {
    let sent = NewUser {
        name: added.name.trim().to_owned(),
        display_name: Some(added.display_name.trim().to_owned()).filter(|name| !name.is_empty()),
        email: None,
        password: None,
        operator: added.operator.is_some(),
    };
    match add_person(&app, (&caller, &auditor), sent).await {
        Ok(done) => show(&PasswordPage {
            frame,
            name: done.user.name,
            password: done.password.unwrap_or(SecretText(String::new())),
        }),
        Err(problem) if problem.status().is_client_error() && caller.is_operator() => {
            let refused = Refused {
                name: added.name,
                display_name: added.display_name,
                told: Some(tell(&problem)),
            };
            let page = gather_people(&app, frame, After { after: None }, refused).await?;
            show_with(problem.status(), &page)
        }
        Err(problem) => Err(problem),
    }
}

/// What is wrong with a form, in one line.
fn tell(problem: &Problem) -> String {
    let errors = problem.document().errors.iter();
    let parts: Vec<String> = errors.map(|error| error.message.clone()).collect();
    match parts.is_empty() {
        true => problem.to_string(),
        false => parts.join("; "),
    }
}

/// A password that was drawn, told this once.
#[derive(Template)]
#[template(path = "operator/password.html")]
struct PasswordPage {
    frame: Frame,
    name: String,
    password: SecretText,
}

#[derive(Template)]
#[template(path = "operator/person.html")]
struct PersonPage {
    frame: Frame,
    row: UserRow,
    own: bool,
    roles: Vec<(String, Role)>,
    courses: Vec<String>,
    tokens: Vec<TokenRow>,
}

async fn show_person(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Response> {
    caller.require_operator()?;
    let row = named(&app, &user).await?;
    let all = PageRequest {
        after: None,
        limit: PAGE_MAX,
    };
    let courses = app.store.courses(all.clone()).await?.items;
    let tokens = app.store.tokens(Some(row.id), all).await?.items;
    show(&PersonPage {
        frame,
        own: row.id == caller.id(),
        roles: app.store.roles(row.id).await?,
        courses: courses.into_iter().map(|version| version.course).collect(),
        tokens: tokens
            .into_iter()
            .filter(|token| token.revoked_at.is_none())
            .collect(),
        row,
    })
}

/// The page of a person; names are of letters, digits and `._-+@` only.
fn back_to(user: &str) -> Result<Redirect> {
    if crate::account::name::check_name(user).is_err() && user.parse::<uuid::Uuid>().is_err() {
        return Err(Problem::missing("user", user));
    }
    Ok(Redirect::to(&format!("/operator/people/{user}")))
}

#[derive(Debug, Deserialize)]
struct Changed {
    display_name: Option<String>,
    email: Option<String>,
    operator: Option<bool>,
    disabled: Option<bool>,
}

async fn change(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(user): Path<String>,
    Form(changed): Form<Changed>,
) -> Result<Redirect> {
    caller.require_operator()?;
    let sent = UserChange {
        display_name: changed.display_name,
        email: changed.email,
        operator: changed.operator,
        disabled: changed.disabled,
    };
    change_person(&app, (&caller, &auditor), &user, sent).await?;
    back_to(&user)
}

async fn reset(
    State(app): State<App>,
    frame: Frame,
    (caller, auditor): (Caller, Auditor),
    Path(user): Path<String>,
) -> Result<Response> {
    let (row, password) = reset_password(&app, (&caller, &auditor), &user).await?;
    show(&PasswordPage {
        frame,
        name: row.name,
        password,
    })
}

#[derive(Debug, Deserialize)]
struct RoleChanged {
    course: String,
    #[serde(default)]
    role: String,
}

async fn change_role(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(user): Path<String>,
    Form(changed): Form<RoleChanged>,
) -> Result<Response> {
    caller.require_operator()?;
    let role = Role::of_name(&changed.role);
    let whom = (changed.course.as_str(), user.as_str());
    set_role(&app, (&caller, &auditor), whom, role).await?;
    Ok(back_to(&user)?.into_response())
}

async fn revoke(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path((user, id)): Path<(String, TokenId)>,
) -> Result<Redirect> {
    caller.require_operator()?;
    revoke_token(&app, (&caller, &auditor), id).await?;
    back_to(&user)
}
