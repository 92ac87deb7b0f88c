//! Signing in and out, by a form.

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_api::Code;
use carrel_api::account::{SecretText, SignIn};
use serde::Deserialize;

use super::{Form, Frame};
use crate::account::audit::Auditor;
use crate::account::sign_in::{end_session, sign_in_person};
use crate::address::ClientAddress;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Problem, Result};
use crate::session::openid::flow::is_own_path;
use crate::session::origin::check_same_origin;
use crate::session::refuse_foreign;

/// Where one goes who wanted no certain page.
const HOME: &str = "/courses";

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(show).post(sign_in))
        .route("/sign-out", post(sign_out))
}

/// Address of the page that leads on to another after signing in.
pub(crate) fn address(wanted: &str) -> String {
    match serde_urlencoded::to_string([("return_to", wanted)]) {
        Ok(query) => format!("/sign-in?{query}"),
        Err(_) => "/sign-in".to_owned(),
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    name: String,
    return_to: String,
    told: Option<String>,
    elsewhere: bool,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    return_to: String,
}

impl Wanted {
    /// A path of this service, whatever was sent.
    fn path(&self) -> &str {
        if is_own_path(&self.return_to) {
            &self.return_to
        } else {
            HOME
        }
    }
}

async fn show(
    State(app): State<App>,
    frame: Frame,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    if frame.person().is_some() {
        return Ok(Redirect::to(wanted.path()).into_response());
    }
    super::show(&SignInPage {
        frame,
        name: String::new(),
        return_to: wanted.path().to_owned(),
        told: None,
        elsewhere: app.guards.openid.is_some(),
    })
}

#[derive(Debug, Deserialize)]
struct Filled {
    name: String,
    password: SecretText,
    #[serde(flatten)]
    wanted: Wanted,
}

async fn sign_in(
    State(app): State<App>,
    (frame, auditor): (Frame, Auditor),
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Form(filled): Form<Filled>,
) -> Result<Response> {
    // A form is posted by a browser, which says where from: stricter than for programs.
    check_same_origin(&headers, app.config.public_url.as_deref()).map_err(refuse_foreign)?;
    let sent = SignIn {
        name: filled.name.trim().to_owned(),
        password: filled.password,
    };
    let done = sign_in_person(&app, address, auditor, &headers, &sent).await;
    let problem = match done {
        Ok((cookie, _)) => return redirect_with(&cookie, filled.wanted.path()),
        Err(problem) => problem,
    };
    let told = match problem.code() {
        Code::InvalidCredentials => frame.text("sign-in-wrong"),
        Code::RateLimited | Code::AccountDisabled | Code::Busy => problem.to_string(),
        _ => return Err(problem),
    };
    let page = SignInPage {
        frame,
        name: sent.name,
        return_to: filled.wanted.path().to_owned(),
        told: Some(told),
        elsewhere: app.guards.openid.is_some(),
    };
    super::show_with(problem.status(), &page)
}

async fn sign_out(State(app): State<App>, caller: Caller, auditor: Auditor) -> Result<Response> {
    let cookie = end_session(&app, &caller, auditor).await?;
    let mut response = redirect_with(&cookie, "/sign-in")?;
    // What the browser keeps of this service goes as well (ASVS 8.3.4); the choice of colours is
    // a cookie, which is told nothing here, and stays.
    let cleared = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", cleared);
    Ok(response)
}

fn redirect_with(cookie: &str, path: &str) -> Result<Response> {
    let cookie = HeaderValue::from_str(cookie).map_err(|error| Problem::internal(&error))?;
    let mut response = Redirect::to(path).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
