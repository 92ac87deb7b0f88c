//! Signing in and out.

use std::net::IpAddr;
use std::time::Instant;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::response::NoContent;
use carrel_api::Code;
use carrel_api::account::{Session, SignIn};
use carrel_model::id::UserId;
use carrel_store::account::{SessionRow, UserRow};
use jiff::Timestamp;

use super::audit::{Auditor, action};
use super::cookie_answer::CookieAnswer;
use super::name::check_name;
use super::password::{Error as PasswordError, Outcome, Password};
use super::{require_in_person, view};
use crate::address::ClientAddress;
use crate::app::App;
use crate::caller::{Caller, Through};
use crate::extract::Json;
use crate::problem::{Problem, Result};
use crate::session::ABSOLUTE;
use crate::session::cookie::Purpose;
use crate::session::failures::Attempt;
use crate::session::network::Network;
use crate::session::origin::check_not_foreign;
use crate::session::refuse_foreign;
use crate::session::secret::Secret;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/session",
            get_with(show, |operation| {
                operation
                    .id("getSession")
                    .tag("Accounts")
                    .summary("Who am I")
            })
            .post_with(sign_in, |operation| {
                operation
                    .id("signIn")
                    .tag("Accounts")
                    .summary("Sign in with name and password")
                    .description(
                        "Answers with a cookie for browsers. Programs use tokens. Failures are \
                         slowed per name and per address: 429 tells when to try again.",
                    )
            })
            .delete_with(sign_out, |operation| {
                operation.id("signOut").tag("Accounts").summary("Sign out")
            }),
        )
        .api_route(
            "/sessions",
            delete_with(sign_out_everywhere, |operation| {
                operation
                    .id("signOutEverywhere")
                    .tag("Accounts")
                    .summary("End all sessions of yours")
            }),
        )
}

async fn show(caller: Caller) -> Result<Json<Session>> {
    Ok(Json(view::session(&caller)))
}

async fn sign_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    auditor: Auditor,
    headers: HeaderMap,
    Json(sent): Json<SignIn>,
) -> Result<CookieAnswer<Json<Session>>> {
    check_not_foreign(&headers, app.config.public_url.as_deref()).map_err(refuse_foreign)?;
    let (cookie, caller) = sign_in_person(&app, address, auditor, &headers, &sent).await?;
    Ok(CookieAnswer(cookie, Json(view::session(&caller))))
}

/// Signs in by name and password, whoever asks: the value of the cookie, and the person.
pub(crate) async fn sign_in_person(
    app: &App,
    address: Option<IpAddr>,
    auditor: Auditor,
    headers: &HeaderMap,
    sent: &SignIn,
) -> Result<(String, Caller)> {
    guard_plain_http(app, address)?;
    let attempt = begin_attempt(app, &sent.name, address)?;
    match check(app, sent).await {
        Ok(Checked::Right(user)) => {
            app.guards.failures.succeeded(attempt);
            let auditor = auditor.of_session(user.id);
            let (cookie, caller) = begin(app, user, headers).await?;
            auditor
                .record(app, action::SESSION_CREATE, caller.id(), "password")
                .await;
            Ok((cookie, caller))
        }
        Ok(Checked::Wrong(user)) => {
            // Not what was typed: people type their password there.
            let object = user.map_or_else(|| "unknown name".to_owned(), |id| id.to_string());
            auditor
                .record(app, action::SESSION_FAILED, object, "password")
                .await;
            let detail = "name and password do not fit together";
            Err(Problem::new(Code::InvalidCredentials, detail))
        }
        Err(problem) => {
            app.guards.failures.taken_back(attempt);
            Err(problem)
        }
    }
}

/// Counts an attempt at a password, or says when the next one may be made.
pub(super) fn begin_attempt(app: &App, name: &str, address: Option<IpAddr>) -> Result<Attempt> {
    let begun = app
        .guards
        .failures
        .begin(name, Network::of(address), Instant::now());
    begun.map_err(|wait| {
        let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let detail = "too many wrong passwords; wait before the next attempt";
        Problem::new(Code::RateLimited, detail).with_retry_after(wait_ms)
    })
}

/// A session over plain HTTP never leaves this machine.
pub(super) fn guard_plain_http(app: &App, address: Option<IpAddr>) -> Result<()> {
    let local = address.is_none_or(|address| address.to_canonical().is_loopback());
    if app.config.account.plain_http && !local {
        let detail =
            "this service takes plain HTTP (`plain_http`), so only its own machine may sign in";
        return Err(Problem::new(Code::CrossSite, detail));
    }
    Ok(())
}

/// What was found of a name and a password.
enum Checked {
    /// They fit together.
    Right(UserRow),
    /// They do not; the person of that name.
    Wrong(Option<UserId>),
}

/// Looks at name and password; the same work is done when there is no such person.
async fn check(app: &App, sent: &SignIn) -> Result<Checked> {
    let user = match check_name(&sent.name) {
        Ok(()) => app.store.user_by_name(&sent.name).await?,
        Err(_) => None,
    };
    let id = user.as_ref().map(|user| user.id);
    let kept = user.as_ref().and_then(|user| user.password_hash.clone());
    let outcome = app.guards.passwords.check(&sent.password.0, kept).await;
    let outcome = outcome.map_err(tell_password_error)?;
    let (Some(mut user), true) = (user, outcome != Outcome::Wrong) else {
        return Ok(Checked::Wrong(id));
    };
    // Told only to whoever knows the password.
    if user.disabled {
        let detail = format!("the account `{}` is disabled; ask an operator", user.name);
        return Err(Problem::new(Code::AccountDisabled, detail));
    }
    if outcome == Outcome::RightButOld
        && let Ok(password) = Password::parse(&sent.password.0, &user.name)
    {
        let hash = app.guards.passwords.hash(password).await;
        let (kept, hash) = (
            user.password_hash.clone(),
            hash.map_err(tell_password_error)?,
        );
        // Only the very hash that was compared: another password may be kept by now.
        let replaced = app.store.replace_password(user.id, kept, hash.clone());
        if replaced.await? {
            user.password_hash = Some(hash);
        }
    }
    Ok(Checked::Right(user))
}

/// Begins a session with a secret of its own; one that the browser had before ends, so that
/// nobody can have planted it. None begins where the person was disabled or has another password
/// since `user` was read, by whom ever: that is what ends sessions.
pub(super) async fn begin(
    app: &App,
    user: UserRow,
    headers: &HeaderMap,
) -> Result<(String, Caller)> {
    for value in headers.get_all(COOKIE) {
        let old = value
            .to_str()
            .ok()
            .and_then(|text| app.guards.cookies.secret(text));
        if let Some(old) = old {
            app.store.end_session(old.hash()).await?;
        }
    }
    let secret = Secret::generate().map_err(|error| Problem::internal(&error))?;
    let now = Timestamp::now();
    let session = SessionRow {
        secret_hash: secret.hash(),
        user: user.id,
        created_at: now,
        expires_at: now + ABSOLUTE,
        seen_at: now,
    };
    let kept = user.password_hash.clone();
    if !app.store.add_session(session.clone(), kept).await? {
        let detail = "the password or the account was changed meanwhile; sign in again";
        return Err(Problem::new(Code::WrongState, detail));
    }
    let roles = app.store.roles(user.id).await?.into_iter().collect();
    let cookies = app.guards.cookies;
    let cookie = cookies.set(Purpose::Session, secret.reveal(), ABSOLUTE.as_secs());
    Ok((cookie, Caller::new(user, Through::Session(session), roles)))
}

async fn sign_out(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
) -> Result<CookieAnswer<NoContent>> {
    let cookie = end_session(&app, &caller, auditor).await?;
    Ok(CookieAnswer(cookie, NoContent))
}

/// Ends the caller's session: the value of the cookie that takes theirs away.
pub(crate) async fn end_session(app: &App, caller: &Caller, auditor: Auditor) -> Result<String> {
    let Through::Session(session) = caller.through() else {
        let detail = "a token does not sign out; revoke it instead";
        return Err(Problem::new(Code::ScopeMissing, detail));
    };
    app.store.end_session(session.secret_hash).await?;
    auditor
        .record(app, action::SESSION_END, caller.id(), "")
        .await;
    Ok(app.guards.cookies.clear(Purpose::Session))
}

pub(crate) async fn sign_out_everywhere(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
) -> Result<CookieAnswer<NoContent>> {
    require_in_person(&caller)?;
    app.store.end_sessions(caller.id()).await?;
    auditor
        .record(&app, action::SESSION_END_ALL, caller.id(), "")
        .await;
    let cookie = app.guards.cookies.clear(Purpose::Session);
    Ok(CookieAnswer(cookie, NoContent))
}

/// What is wrong with a password that was sent, or with us.
pub(super) fn tell_password_error(error: PasswordError) -> Problem {
    match &error {
        PasswordError::TooShort
        | PasswordError::TooLong
        | PasswordError::SameAsName
        | PasswordError::WellKnown => Problem::field("password", error.to_string()),
        PasswordError::Busy => Problem::new(Code::Busy, error.to_string()).with_retry_after(1_000),
        _ => Problem::internal(&error),
    }
}
