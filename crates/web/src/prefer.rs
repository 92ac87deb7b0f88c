//! How long a request waits: `Prefer: wait=N` and `respond-async` (RFC 7240), or `?wait=N`.

use std::time::Duration;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use carrel_api::limits::WAIT_SECONDS_MAX;
use schemars::json_schema;
use serde::Serialize;

use crate::extract::Json;
use crate::openapi::declaring;
use crate::problem::{Problem, Result};

/// Name of the header.
const HEADER: &str = "Prefer";

/// What `Prefer` says of waiting, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preference(Option<u64>);

impl Preference {
    /// How long to wait; at most [`WAIT_SECONDS_MAX`]. What the address says goes before the header.
    #[must_use]
    pub fn wait(self, query: Option<u64>) -> Duration {
        // `respond-async` asks for what is done anyway without `wait`.
        let seconds = query.or(self.0).unwrap_or(0).min(WAIT_SECONDS_MAX);
        Duration::from_secs(seconds)
    }

    fn read(headers: &HeaderMap) -> Result<Self> {
        let mut wait = None;
        for value in headers.get_all(HEADER) {
            let value = value.to_str().unwrap_or_default();
            for preference in value.split([',', ';']) {
                let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
                // A preference that is not known is left aside (RFC 7240 §2).
                if !name.trim().eq_ignore_ascii_case("wait") {
                    continue;
                }
                let seconds = value.trim().trim_matches('"').parse::<u64>();
                let seconds = seconds.map_err(|_| {
                    Problem::parameter(HEADER, "has a `wait` that is no whole number of seconds")
                })?;
                wait = Some(seconds);
            }
        }
        Ok(Self(wait))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Preference {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Self::read(&parts.headers)
    }
}

impl OperationInput for Preference {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let description = "`wait=N`: answer when it is over, after N seconds at most.";
        let schema = json_schema!({"type": "string"});
        declaring::take_header(context, operation, (HEADER, description), schema);
    }
}

/// Answers with something that may still be on its way: 200 when it is over, else 202 and where to look.
pub fn answer<T: Serialize>(body: T, over: bool, location: &str, waited: Duration) -> Response {
    let status = if over {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(location) {
        headers.insert(axum::http::header::LOCATION, location);
    }
    if !waited.is_zero() {
        let applied = format!("wait={}", waited.as_secs());
        if let Ok(applied) = HeaderValue::from_str(&applied) {
            headers.insert(HeaderName::from_static("preference-applied"), applied);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(header: &str, query: Option<u64>) -> Result<u64> {
        let mut headers = HeaderMap::new();
        headers.insert("prefer", header.parse().unwrap());
        Preference::read(&headers).map(|preference| preference.wait(query).as_secs())
    }

    #[test]
    fn waits_as_long_as_asked_for_within_bounds() {
        assert_eq!(wait("wait=5", None).unwrap(), 5);
        assert_eq!(wait("respond-async, wait=\"7\"", None).unwrap(), 7);
        assert_eq!(wait("respond-async", None).unwrap(), 0);
        assert_eq!(wait("handling=lenient; wait=3", Some(9)).unwrap(), 9);
        assert_eq!(wait("wait=100000", None).unwrap(), WAIT_SECONDS_MAX);
        assert!(wait("wait=soon", None).is_err());
    }
}
