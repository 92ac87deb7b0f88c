//! From headers to a person: a token first, then the session's cookie.

use axum::http::header::{AUTHORIZATION, COOKIE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method};
use carrel_api::Code;
use carrel_store::account::UserRow;
use jiff::Timestamp;

use super::origin;
use super::secret::Secret;
use super::token::TokenText;
use crate::app::App;
use crate::caller::{Caller, Recognised, Through};
use crate::problem::{Problem, Result};

/// Header in which clients of Judge0 send their token.
const JUDGE0_TOKEN: &str = "x-auth-token";

/// Who makes the request with these headers.
pub(super) async fn recognise(app: &App, method: &Method, headers: &HeaderMap) -> Recognised {
    if let Some(text) = find_token(headers) {
        return match of_token(app, text).await {
            Ok(caller) => Recognised::Caller(caller),
            Err(problem) => Recognised::Refused(problem),
        };
    }
    let cookies = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let cookies: Vec<&str> = cookies.collect();
    // HTTP/2 may send a cookie header in parts (RFC 9113 §8.2.3).
    let Some(secret) = app.guards.cookies.secret(&cookies.join("; ")) else {
        return Recognised::Nobody;
    };
    match of_session(app, &secret).await {
        Ok(None) => Recognised::Nobody,
        Ok(Some(caller)) => match guard_origin(app, method, headers) {
            Ok(()) => Recognised::Caller(caller),
            Err(problem) => Recognised::Refused(problem),
        },
        Err(problem) => Recognised::Refused(problem),
    }
}

/// What was sent as a token: `Authorization: Bearer`, or the header that Judge0's clients send.
fn find_token(headers: &HeaderMap) -> Option<&str> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let value = value.to_str().ok()?;
        let (scheme, text) = value.split_once(' ').unwrap_or((value, ""));
        return scheme.eq_ignore_ascii_case("bearer").then(|| text.trim());
    }
    headers
        .get(JUDGE0_TOKEN)
        .map(|value| value.to_str().unwrap_or_default().trim())
}

async fn of_token(app: &App, text: &str) -> Result<Caller> {
    let token = TokenText::parse(text)
        .ok_or_else(|| refuse_token("it is not written as a token of this service is"))?;
    let found = app.store.token(token.hash()).await?;
    let (token, user) = found.ok_or_else(|| refuse_token("it is unknown, over or revoked"))?;
    let over = token
        .expires_at
        .is_some_and(|until| until <= Timestamp::now());
    if over || token.revoked_at.is_some() {
        return Err(refuse_token("it is over or revoked"));
    }
    refuse_disabled(&user)?;
    let roles = app.store.roles(user.id).await?;
    Ok(Caller::new(
        user,
        Through::Token(token),
        roles.into_iter().collect(),
    ))
}

fn refuse_token(why: &str) -> Problem {
    let challenge = "Bearer realm=\"carrel\", error=\"invalid_token\"";
    let detail = format!("the token does not count: {why}; make another one");
    Problem::new(Code::InvalidToken, detail)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

async fn of_session(app: &App, secret: &Secret) -> Result<Option<Caller>> {
    let Some((session, user)) = app.store.session(secret.hash()).await? else {
        return Ok(None);
    };
    if super::is_over(session.expires_at, session.seen_at, Timestamp::now()) {
        app.store.end_session(secret.hash()).await?;
        return Ok(None);
    }
    refuse_disabled(&user)?;
    let roles = app.store.roles(user.id).await?;
    let caller = Caller::new(user, Through::Session(session), roles.into_iter().collect());
    Ok(Some(caller))
}

/// The caller as they are now: a request may have been recognised long before its last byte came.
///
/// # Errors
/// The account is gone or disabled, or the session or token through which they asked.
pub(crate) async fn recognise_again(app: &App, caller: &Caller) -> Result<Caller> {
    let user = app.store.user(caller.id()).await?;
    refuse_disabled(&user)?;
    let still = match caller.through() {
        Through::Session(session) => app.store.session(session.secret_hash).await?.is_some(),
        Through::Token(token) => app.store.token(token.secret_hash).await?.is_some(),
    };
    if !still {
        let detail = "you were signed out, or the token was revoked, while the request came in";
        return Err(Problem::new(Code::Unauthenticated, detail));
    }
    let roles = app.store.roles(user.id).await?;
    let through = caller.through().clone();
    Ok(Caller::new(user, through, roles.into_iter().collect()))
}

fn refuse_disabled(user: &UserRow) -> Result<()> {
    if user.disabled {
        let detail = format!("the account `{}` is disabled; ask an operator", user.name);
        return Err(Problem::new(Code::AccountDisabled, detail));
    }
    Ok(())
}

fn guard_origin(app: &App, method: &Method, headers: &HeaderMap) -> Result<()> {
    if !origin::is_unsafe(method, headers) {
        return Ok(());
    }
    origin::check_same_origin(headers, app.config.public_url.as_deref()).map_err(refuse_foreign)
}

/// Tells that a request came from a page of another site.
pub(crate) fn refuse_foreign(why: origin::Foreign) -> Problem {
    let detail = format!("{why}; a program sends a token instead of a cookie");
    Problem::new(Code::CrossSite, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_token_stands_in_one_of_two_headers() {
        assert_eq!(
            find_token(&headers("authorization", "bearer  x ")),
            Some("x")
        );
        assert_eq!(find_token(&headers("authorization", "Basic x")), None);
        assert_eq!(find_token(&headers("x-auth-token", "x")), Some("x"));
        assert_eq!(find_token(&headers("cookie", "x")), None);
    }
}
