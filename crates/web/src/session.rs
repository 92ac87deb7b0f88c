//! Recognises who makes a request, before any route is reached, and how much of that there may be.
//!
//! A browser has a cookie with a random secret, a program an API token; of both only a hash is
//! kept. What is recognised stands in the request as [`Recognised`]; routes ask for a
//! [`crate::Caller`]. `docs/security.md` tells the rules.

pub mod cookie;
pub mod failures;
pub mod limits;
pub mod network;
pub mod openid;
pub mod origin;
pub mod rate;
mod recognition;
pub mod secret;
pub mod token;

pub(crate) use recognition::{recognise_again, refuse_foreign};

use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};

use crate::address::{ClientAddress, Peer};
use crate::app::App;
use crate::caller::Recognised;
use crate::dialect;
use crate::page::asset;
use crate::session::network::Network;

/// A session ends this long after signing in, whatever happens.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A session ends when it was not used for so long.
pub const IDLE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Paths of the operator's own probes: neither recognised nor counted; nor are the pages' scripts
/// and styles, which are the same for everybody and kept by browsers.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Middleware: puts [`Recognised`] into the request, or answers that there were too many.
pub async fn recognise(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if PROBES.contains(&path) || path.starts_with(asset::PREFIX) {
        request.extensions_mut().insert(Recognised::Nobody);
        return next.run(request).await;
    }
    let recognised = recognition::recognise(&app, request.method(), request.headers()).await;
    let network = Network::of(address_of(&app, &request).0);
    let share = app.guards.limits.take(&recognised, network, Instant::now());
    request.extensions_mut().insert(recognised);
    let mut response = match share.refusal() {
        Some(problem) => dialect::refuse(request.uri().path(), problem),
        None => next.run(request).await,
    };
    share.tell(response.headers_mut());
    response
}

fn address_of(app: &App, request: &Request) -> ClientAddress {
    let peer = request.extensions().get::<Peer>().copied();
    let lines = request.headers().get_all("x-forwarded-for");
    let forwarded = lines
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok());
    ClientAddress::find(peer, forwarded, &app.config.trusted_proxies)
}

/// Whether a session that began and was last used then is over now.
#[must_use]
pub fn is_over(expires_at: Timestamp, seen_at: Timestamp, now: Timestamp) -> bool {
    now >= expires_at || now.duration_since(seen_at) >= IDLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_age_or_by_rest() {
        let begun = Timestamp::UNIX_EPOCH;
        let expires = begun + ABSOLUTE;
        let days = |days: i64| begun + SignedDuration::from_hours(24 * days);
        assert!(!is_over(expires, begun, days(6)));
        assert!(is_over(expires, begun, days(7)));
        assert!(!is_over(expires, days(28), days(29)));
        assert!(is_over(expires, days(29), days(30)));
        // A clock that was set back ends nothing.
        assert!(!is_over(expires, days(3), days(1)));
    }
}
