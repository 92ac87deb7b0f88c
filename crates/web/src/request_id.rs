//! Every request has an id: that of the caller's `X-Request-Id` where it is well-formed, else a new one.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

/// Name of the header, in requests and responses.
pub const HEADER: &str = "x-request-id";
/// Longest id taken over from a caller, bytes.
const BYTES_MAX: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// Id of the request that this task answers; `None` outside of requests.
#[must_use]
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Whether this task answers a request.
pub(crate) fn is_answering() -> bool {
    CURRENT.try_with(|_| ()).is_ok()
}

/// Middleware: gives the id, logs under it, answers with it.
pub async fn give(request: Request, next: Next) -> Response {
    let told = request
        .headers()
        .get(HEADER)
        .and_then(|id| id.to_str().ok());
    let id = match told {
        Some(id) if is_well_formed(id) => id.to_owned(),
        _ => Uuid::now_v7().to_string(),
    };
    let span = tracing::info_span!(
        "request",
        id = %id,
        method = %request.method(),
        path = %request.uri().path(),
    );
    let value = HeaderValue::from_str(&id);
    let answer = CURRENT.scope(id, next.run(request)).instrument(span);
    let mut response = answer.await;
    if let Ok(value) = value {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn is_well_formed(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !id.is_empty() && id.len() <= BYTES_MAX && id.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_would_disturb_a_log_are_not_taken_over() {
        assert!(is_well_formed("a-1_B.2"));
        for bad in ["", "a b", "a\"b", "a=b", &"x".repeat(BYTES_MAX + 1)] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }
}
