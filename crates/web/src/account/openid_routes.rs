//! Signing in at an OpenID Connect provider.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::response::{IntoResponse as _, Redirect, Response};
use carrel_api::Code;
use carrel_model::id::UserId;
use carrel_store::account::{Authority, UserRow};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use super::audit::{Auditor, action};
use super::cookie_answer::CookieAnswer;
use super::name::{check_display_name, check_email, check_name};
use super::sign_in::{begin, guard_plain_http};
use crate::address::ClientAddress;
use crate::app::App;
use crate::extract::Query;
use crate::problem::{Problem, Result};
use crate::session::cookie::Purpose;
use crate::session::openid::{Claims, Error, Flow, Provider, flow};

/// Where the provider sends browsers back to, below the service's own address.
const CALLBACK: &str = "/api/v1/session/openid/callback";
/// Names tried for somebody new whose name is taken.
const NAMES_TRIED_MAX: u32 = 50;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/session/openid",
            get_with(start, |operation| {
                operation
                    .id("startOpenId")
                    .tag("Accounts")
                    .summary(
                        "Sign in at the OpenID Connect provider: for browsers, redirects there",
                    )
                    .response::<303, Redirect>()
            }),
        )
        .api_route(
            "/session/openid/callback",
            get_with(finish, |operation| {
                operation
                    .id("finishOpenId")
                    .tag("Accounts")
                    .summary("Where the OpenID Connect provider sends browsers back to")
                    .response::<303, Redirect>()
            }),
        )
}

/// Beginning to sign in.
#[derive(Debug, Deserialize, JsonSchema)]
struct StartQuery {
    /// Path within the service to go to afterwards.
    #[serde(default)]
    return_to: Option<String>,
}

/// What the provider sends back (RFC 6749 §4.1.2, RFC 9207).
#[derive(Debug, Deserialize, JsonSchema)]
struct FinishQuery {
    /// What the tokens are fetched for.
    #[serde(default)]
    code: Option<String>,
    /// Which sign-in it belongs to.
    #[serde(default)]
    state: Option<String>,
    /// Issuer that answers.
    #[serde(default)]
    iss: Option<String>,
    /// Why nobody was signed in.
    #[serde(default)]
    error: Option<String>,
}

async fn start(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    Query(query): Query<StartQuery>,
) -> Result<CookieAnswer<Redirect>> {
    let (provider, redirect_uri) = configured(&app)?;
    guard_plain_http(&app, address)?;
    let flow = Flow::begin(query.return_to.as_deref());
    let flow = flow.map_err(|error| Problem::internal(&error))?;
    let url = provider
        .authorization_url(&flow, &redirect_uri)
        .await
        .map_err(tell)?;
    let cookie = app
        .guards
        .cookies
        .set(Purpose::OpenId, flow.cookie_value(), flow::SECONDS);
    Ok(CookieAnswer(cookie, Redirect::to(&url)))
}

async fn finish(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    (auditor, headers): (Auditor, HeaderMap),
    Query(query): Query<FinishQuery>,
) -> Result<Response> {
    let (provider, redirect_uri) = configured(&app)?;
    guard_plain_http(&app, address)?;
    let flow = find_flow(&app, &headers, &query)?;
    if let Some(error) = query.error {
        return Err(failed(format!(
            "the provider signed nobody in: {}",
            printable(&error)
        )));
    }
    let issuer = &provider.settings().issuer;
    if query.iss.as_ref().is_some_and(|told| told != issuer) {
        return Err(failed("the answer is of another provider"));
    }
    let code = query
        .code
        .ok_or_else(|| failed("the provider sent no code"))?;
    let claims = match provider.redeem(&flow, &code, &redirect_uri).await {
        Ok(claims) => claims,
        Err(error) => {
            auditor
                .record(&app, action::SESSION_FAILED, "unknown name", "openid")
                .await;
            return Err(tell(error));
        }
    };
    let user = find_user(&app, provider, claims, &auditor).await?;
    let auditor = auditor.of_session(user.id);
    let (cookie, caller) = begin(&app, user, &headers).await?;
    auditor
        .record(&app, action::SESSION_CREATE, caller.id(), "openid")
        .await;
    let mut response = CookieAnswer(cookie, Redirect::to(&flow.return_to)).into_response();
    if let Ok(cleared) = HeaderValue::from_str(&app.guards.cookies.clear(Purpose::OpenId)) {
        response.headers_mut().append(SET_COOKIE, cleared);
    }
    Ok(response)
}

fn configured(app: &App) -> Result<(&Provider, String)> {
    let missing = || Problem::new(Code::NotFound, "no OpenID Connect provider is configured");
    let provider = app.guards.openid.as_ref().ok_or_else(missing)?;
    let Some(own) = app.config.public_url.as_deref() else {
        let detail = "signing in elsewhere needs the setting `public_url`";
        return Err(Problem::new(Code::NotFound, detail));
    };
    Ok((provider, format!("{}{CALLBACK}", own.trim_end_matches('/'))))
}

/// The sign-in that this browser began, when the answer is to that.
fn find_flow(app: &App, headers: &HeaderMap, query: &FinishQuery) -> Result<Flow> {
    let mut cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let value = cookies.find_map(|text| app.guards.cookies.value(Purpose::OpenId, text));
    let flow = value.as_deref().and_then(Flow::parse);
    let state = query.state.as_deref().unwrap_or_default();
    flow.filter(|flow| flow.is_state(state))
        .ok_or_else(|| failed("this browser began no such sign-in, or too long ago; begin again"))
}

/// The person that the provider speaks of; somebody new where that is configured.
async fn find_user(
    app: &App,
    provider: &Provider,
    claims: Claims,
    auditor: &Auditor,
) -> Result<UserRow> {
    let settings = provider.settings();
    let found = app
        .store
        .user_by_subject(&settings.issuer, &claims.sub)
        .await?;
    if let Some(user) = found {
        if user.disabled {
            let detail = format!("the account `{}` is disabled; ask an operator", user.name);
            return Err(Problem::new(Code::AccountDisabled, detail));
        }
        return Ok(user);
    }
    if !settings.create_users {
        let detail = "nobody here is linked to that account; ask an operator to link yours";
        return Err(Problem::new(Code::AccountDisabled, detail));
    }
    let user = add(app, &settings.issuer, claims).await?;
    auditor
        .record(app, action::USER_ADD, user.id, "openid")
        .await;
    Ok(user)
}

async fn add(app: &App, issuer: &str, claims: Claims) -> Result<UserRow> {
    let wanted = choose_name(&claims);
    let display_name = claims
        .name
        .clone()
        .filter(|name| check_display_name(name).is_ok());
    // An address that nobody has proved may be anybody's.
    let proved = claims.email_verified == Some(true);
    let email = claims
        .email
        .filter(|email| proved && check_email(email).is_ok());
    let mut row = UserRow {
        id: UserId::new(),
        name: wanted.clone(),
        display_name: display_name.unwrap_or_else(|| wanted.clone()),
        email,
        password_hash: None,
        operator: false,
        disabled: false,
        subject: Some((issuer.to_owned(), claims.sub)),
        created_at: Timestamp::now(),
    };
    for number in 2..NAMES_TRIED_MAX {
        if app.store.user_by_name(&row.name).await?.is_none() {
            match app.store.add_user(row.clone(), Authority::Own).await {
                Ok(()) => return Ok(row),
                // Somebody took the name just now.
                Err(carrel_store::Error::Exists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        row.name = format!("{wanted}-{number}");
    }
    Err(failed(format!(
        "too many people are called `{wanted}`; ask an operator"
    )))
}

/// A name as near to the one there as our rules allow.
fn choose_name(claims: &Claims) -> String {
    let local = claims
        .email
        .as_deref()
        .and_then(|email| email.split('@').next());
    let told = claims
        .preferred_username
        .as_deref()
        .or(local)
        .unwrap_or_default();
    let kept = |letter: &char| letter.is_ascii_alphanumeric() || "._-+@".contains(*letter);
    let name: String = told.chars().filter(kept).collect();
    let name = name.trim_start_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let name: String = name.chars().take(60).collect();
    if check_name(&name).is_ok() {
        name
    } else {
        "learner".to_owned()
    }
}

fn failed(detail: impl Into<String>) -> Problem {
    Problem::new(Code::SignInFailed, detail)
}

/// What is told of a failure; the log has its causes.
fn tell(error: Error) -> Problem {
    tracing::warn!(
        error = &error as &dyn std::error::Error,
        "signing in at the provider"
    );
    match error {
        Error::Unreachable { .. } | Error::Answer { .. } | Error::Failing => {
            let detail = "the OpenID Connect provider does not answer as it should";
            Problem::new(Code::Busy, detail).with_retry_after(5_000)
        }
        Error::BrokenOff => Problem::internal(&error),
        error => failed(error.to_string()),
    }
}

/// Bytes of another's making, bounded.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_ascii_graphic() || *letter == ' ')
        .take(100)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(name: Option<&str>, email: Option<&str>) -> Claims {
        let claims = serde_json::json!({"iss": "i", "sub": "7", "aud": "c", "exp": 0, "iat": 0,
            "preferred_username": name, "email": email});
        serde_json::from_value(claims).unwrap()
    }

    #[test]
    fn a_name_fits_our_rules_whatever_the_provider_says() {
        let of = |name, email| choose_name(&claims(name, email));
        assert_eq!(of(Some("Ada L."), None), "AdaL.");
        assert_eq!(of(None, Some("ada@b.example")), "ada");
        assert_eq!(of(Some("--é"), None), "learner");
        assert_eq!(of(Some("me"), None), "learner");
        assert_eq!(of(None, None), "learner");
        assert_eq!(of(Some(&"x".repeat(99)), None).len(), 60);
    }
}
