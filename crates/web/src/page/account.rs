//! One's own account: password, sessions, tokens.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_api::Code;
use carrel_api::account::{NewToken, PasswordChange, SecretText, TOKEN_DAYS_DEFAULT};
use carrel_model::account::Scope;
use carrel_model::id::TokenId;
use carrel_store::PageRequest;
use carrel_store::page::PAGE_MAX;
use jiff::Timestamp;
use serde::Deserialize;

use super::{Fields, Form, Frame};
use crate::account::audit::Auditor;
use crate::account::{sign_in, tokens, users};
use crate::address::ClientAddress;
use crate::app::App;
use crate::caller::{Caller, Through};
use crate::extract::{Json, Path as ApiPath};
use crate::problem::{Problem, Result};

/// Scopes that are offered; `operate` to operators only.
const SCOPES: [Scope; 5] = [
    Scope::Read,
    Scope::Submit,
    Scope::Execute,
    Scope::Author,
    Scope::Operate,
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(change_password))
        .route("/account/sign-out-everywhere", post(sign_out_everywhere))
        .route("/account/tokens", post(make_token))
        .route("/account/tokens/{token}/revoke", post(revoke_token))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    name: String,
    display_name: String,
    email: Option<String>,
    has_password: bool,
    /// When the session ends, as markup.
    session: Option<String>,
    courses: Vec<String>,
    tokens: Vec<ShownToken>,
    scopes: Vec<&'static str>,
    days: u32,
    /// A token that was made just now: told this once.
    made: Option<String>,
    changed: bool,
    problem: Option<String>,
}

struct ShownToken {
    id: TokenId,
    name: String,
    scopes: String,
    course: Option<String>,
    until: Option<String>,
    used: Option<String>,
}

/// What is told above the page.
#[derive(Debug, Default)]
struct Told {
    made: Option<String>,
    changed: bool,
    problem: Option<Problem>,
}

async fn show(State(app): State<App>, frame: Frame, caller: Caller) -> Result<Response> {
    show_with(&app, frame, &caller, Told::default()).await
}

async fn show_with(app: &App, frame: Frame, caller: &Caller, told: Told) -> Result<Response> {
    let user = caller.user();
    let page = PageRequest {
        after: None,
        limit: PAGE_MAX,
    };
    let now = Timestamp::now();
    let rows = app.store.tokens(Some(user.id), page).await?.items;
    let counts = |row: &carrel_store::account::TokenRow| {
        row.revoked_at.is_none() && row.expires_at.is_none_or(|until| until > now)
    };
    let tokens = rows.into_iter().filter(counts).map(|row| {
        let scopes: Vec<&str> = row.scopes.iter().map(|scope| scope.name()).collect();
        ShownToken {
            id: row.id,
            scopes: scopes.join(", "),
            name: row.name,
            course: row.course,
            until: row.expires_at.map(|until| frame.time(until)),
            used: row.used_at.map(|used| frame.time(used)),
        }
    });
    let offered = SCOPES
        .iter()
        .filter(|scope| **scope != Scope::Operate || caller.is_operator_somewhere());
    let status = told
        .problem
        .as_ref()
        .map_or(StatusCode::OK, Problem::status);
    let page = AccountPage {
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        has_password: user.password_hash.is_some(),
        session: match caller.through() {
            Through::Session(session) => Some(frame.time(session.expires_at)),
            Through::Token(_) => None,
        },
        courses: caller.roles().keys().cloned().collect(),
        tokens: tokens.collect(),
        scopes: offered.map(|scope| scope.name()).collect(),
        days: TOKEN_DAYS_DEFAULT,
        made: told.made,
        changed: told.changed,
        problem: told.problem.map(|problem| problem.to_string()),
        frame,
    };
    super::show_with(status, &page)
}

#[derive(Debug, Deserialize)]
struct NewPassword {
    #[serde(default)]
    old: String,
    new: SecretText,
    again: SecretText,
}

async fn change_password(
    State(app): State<App>,
    (frame, caller, address): (Frame, Caller, ClientAddress),
    (auditor, headers): (Auditor, HeaderMap),
    Form(filled): Form<NewPassword>,
) -> Result<Response> {
    if filled.new != filled.again {
        let problem = Problem::field("password", frame.text("account-not-the-same"));
        return show_refused(&app, frame, &caller, problem).await;
    }
    let change = PasswordChange {
        old_password: (!filled.old.is_empty()).then_some(SecretText(filled.old)),
        password: Some(filled.new),
    };
    let own = ApiPath("me".to_owned());
    let state = State(app.clone());
    let done = (auditor, headers);
    let who = (caller.clone(), address);
    match users::change_password(state, who, done, own, Json(change)).await {
        Ok(answer) => {
            // The new session's cookie goes along; all others have ended.
            let told = Told {
                changed: true,
                ..Told::default()
            };
            let mut page = show_with(&app, frame, &caller, told).await?;
            for cookie in answer.headers().get_all(SET_COOKIE) {
                page.headers_mut().append(SET_COOKIE, cookie.clone());
            }
            Ok(page)
        }
        Err(problem) => show_refused(&app, frame, &caller, problem).await,
    }
}

/// The page again, with what was refused; what is no fault of the form is a page of its own.
async fn show_refused(
    app: &App,
    frame: Frame,
    caller: &Caller,
    problem: Problem,
) -> Result<Response> {
    let of_form = [
        Code::Invalid,
        Code::InvalidCredentials,
        Code::RateLimited,
        Code::WrongState,
        Code::Busy,
    ];
    if !of_form.contains(&problem.code()) {
        return Err(problem);
    }
    let told = Told {
        problem: Some(problem),
        ..Told::default()
    };
    show_with(app, frame, caller, told).await
}

async fn sign_out_everywhere(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
) -> Result<Response> {
    let done = sign_in::sign_out_everywhere(State(app), caller, auditor).await?;
    let mut response = done.into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let target = HeaderValue::from_static("/sign-in");
    response.headers_mut().insert(LOCATION, target);
    Ok(response)
}

async fn make_token(
    State(app): State<App>,
    (frame, caller): (Frame, Caller),
    auditor: Auditor,
    fields: Fields,
) -> Result<Response> {
    let wanted: Vec<&str> = fields.values("scope").collect();
    let scopes = SCOPES
        .into_iter()
        .filter(|scope| wanted.contains(&scope.name()));
    let course = fields.value("course").filter(|course| !course.is_empty());
    let new = NewToken {
        name: fields.value("name").unwrap_or_default().trim().to_owned(),
        scopes: scopes.collect(),
        course: course.map(str::to_owned),
        days: fields
            .value("days")
            .and_then(|days| days.trim().parse().ok()),
    };
    let state = State(app.clone());
    match tokens::make(state, caller.clone(), auditor, Json(new)).await {
        Ok((_, Json(made))) => {
            let told = Told {
                made: Some(made.secret.0),
                ..Told::default()
            };
            show_with(&app, frame, &caller, told).await
        }
        Err(problem) => show_refused(&app, frame, &caller, problem).await,
    }
}

async fn revoke_token(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(token): Path<TokenId>,
) -> Result<Redirect> {
    tokens::revoke_token(&app, (&caller, &auditor), token).await?;
    Ok(Redirect::to("/account#tokens"))
}
