//! Who calls: the ways in which clients of other services send their key.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;
use carrel_api::Code;
use carrel_model::id::TokenId;
use carrel_store::account::{Scope, TokenRow};
use jiff::Timestamp;

use crate::app::App;
use crate::caller::{Caller, Recognised, Through};
use crate::problem::{Problem, Result};

/// Paths below which keys are looked for in these ways.
const PREFIXES: [&str; 3] = ["/api/v2/", "/piston/", "/judge0/"];
/// Headers that carry nothing but the key: Judge0's own, and that of the marketplace it is offered on.
const HEADERS: [&str; 2] = ["x-auth-token", "x-rapidapi-key"];
/// Judge0 also takes the name of its header as a parameter of the address.
const PARAMETER: &str = "x-auth-token";

/// Middleware in front of [`crate::session`]: a key that stands where clients of
/// other services put it becomes `Authorization: Bearer`.
pub async fn translate(mut request: Request, next: Next) -> Response {
    if PREFIXES
        .iter()
        .any(|prefix| request.uri().path().starts_with(prefix))
    {
        let key = find_key(request.headers(), request.uri());
        let value = key.and_then(|key| HeaderValue::from_str(&format!("Bearer {key}")).ok());
        if let Some(mut value) = value {
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
    }
    next.run(request).await
}

/// The key, unless `Authorization` says it as the standard does.
fn find_key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let value = value.to_str().ok()?.trim();
        // Clients of Piston send the key alone, without a scheme.
        return (!value.contains(' ')).then(|| value.to_owned());
    }
    let told = HEADERS.iter().find_map(|name| headers.get(*name));
    if let Some(value) = told {
        return value.to_str().ok().map(|value| value.trim().to_owned());
    }
    let query = uri.query().unwrap_or_default();
    query.split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        // Keys of ours consist of letters, digits and `_`: nothing to decode.
        (name.eq_ignore_ascii_case(PARAMETER) && !value.is_empty()).then(|| value.to_owned())
    })
}

/// The caller of a dialect's route: who was recognised, else the account that stands for
/// everybody where one is configured.
///
/// # Errors
/// Nobody, a key that does not count, or one that is not for executions.
pub async fn identify(
    app: &App,
    recognised: &Recognised,
    anonymous: Option<&str>,
) -> Result<Caller> {
    let caller = match (recognised, anonymous) {
        (Recognised::Caller(caller), _) => caller.clone(),
        (Recognised::Refused(problem), _) => return Err(problem.clone()),
        (Recognised::Nobody, Some(name)) => stand_in(app, name).await?,
        (Recognised::Nobody, None) => {
            let detail = "send a token with the scope `execute`";
            return Err(Problem::new(Code::Unauthenticated, detail));
        }
    };
    caller.require_outside_courses(Scope::Execute)?;
    Ok(caller)
}

/// Everybody, under the account that stands for them; may execute and nothing else.
async fn stand_in(app: &App, name: &str) -> Result<Caller> {
    let Some(user) = app.store.user_by_name(name).await? else {
        tracing::error!(name, "the account for callers without a key does not exist");
        let detail = "callers without a key are not provided for";
        return Err(Problem::new(Code::Unauthenticated, detail));
    };
    if user.disabled {
        let detail = "callers without a key are not let in at the moment";
        return Err(Problem::new(Code::AccountDisabled, detail));
    }
    let token = TokenRow {
        id: TokenId::new(),
        secret_hash: [0; 32],
        user: user.id,
        name: "without a key".to_owned(),
        scopes: BTreeSet::from([Scope::Execute]),
        course: None,
        expires_at: None,
        created_at: Timestamp::now(),
        used_at: None,
        revoked_at: None,
    };
    Ok(Caller::new(user, Through::Token(token), BTreeMap::new()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(header: Option<(&'static str, &str)>, uri: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        find_key(&headers, &uri.parse().unwrap())
    }

    #[test]
    fn a_key_is_found_where_their_clients_put_it() {
        let path = "/judge0/authenticate";
        assert_eq!(key(Some(("x-auth-token", "k")), path).as_deref(), Some("k"));
        assert_eq!(
            key(Some(("x-rapidapi-key", "k")), path).as_deref(),
            Some("k")
        );
        assert_eq!(
            key(Some(("authorization", "k")), path).as_deref(),
            Some("k")
        );
        assert_eq!(key(None, "/a?b=c&X-Auth-Token=k").as_deref(), Some("k"));
        assert_eq!(key(Some(("authorization", "Bearer k")), path), None);
        assert_eq!(key(None, "/a?X-Auth-Token="), None);
    }
}
