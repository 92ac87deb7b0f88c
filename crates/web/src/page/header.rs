//! Rules for browsers, on every answer: OWASP's Secure Headers, as strict as the pages allow.

use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::problem::{Problem, Result};

/// For pages: scripts, styles and images of this service only, nothing inline, in nobody's frame.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";
/// The page's rules where a script of ours makes a style sheet itself, which says this once.
///
/// # Errors
/// The nonce is no word.
pub fn allow_style_nonce(nonce: &str) -> Result<HeaderValue> {
    let allowed = format!("style-src 'self' 'nonce-{nonce}'");
    let policy = PAGE_POLICY.replace("style-src 'self'", &allowed);
    HeaderValue::from_str(&policy).map_err(|error| Problem::internal(&error))
}

/// For everything else: should it be opened as a document, it may do nothing.
const OTHER_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// For files that authors or learners wrote.
pub const FILE_POLICY: &str = OTHER_POLICY;
/// What no page asks for.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
    gyroscope=(), microphone=(), midi=(), payment=(), usb=(), interest-cohort=()";

/// On every answer alike.
const ALWAYS: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // With less than this a form would be posted without its `Origin`.
    (REFERRER_POLICY, "same-origin"),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];
/// Seconds for which browsers ask over HTTPS only.
const HTTPS_ONLY: &str = "max-age=31536000";

/// Middleware: adds what the route did not say by itself.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        say(headers, name, value);
    }
    let page = headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = if page { PAGE_POLICY } else { OTHER_POLICY };
    say(headers, CONTENT_SECURITY_POLICY, policy);
    let secure = app.config.public_url.as_deref();
    if secure.is_some_and(|url| url.starts_with("https://")) {
        say(headers, STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    response
}

fn say(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
