//! The OpenAPI document: served, and rendered as a page without anything from outside.
//!
//! Routes tell what they take and give by the types of their handlers. What no type tells
//! is derived from the document itself, in one place ([`completion`]), so that a new route
//! cannot forget it.

mod completion;
pub mod declaring;
mod page;
mod place;

use std::sync::OnceLock;

use aide::openapi::{ApiKeyLocation, SecurityScheme};
use aide::transform::{TransformOpenApi, TransformOperation};
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::router;
use crate::session::cookie::{Cookies, Purpose};

/// What is true of every operation, at the top of the document.
const INTRODUCTION: &str = "Courses, challenges, submissions and executions. \
    Sign in by `Authorization: Bearer` with a token. Errors are `application/problem+json` \
    (RFC 9457) with a stable `code`. Lists are paged by `cursor`.";

/// Describes an operation: its group and what it does, in one line.
pub fn tagged(
    tag: &'static str,
    summary: &'static str,
) -> impl for<'a> Fn(TransformOperation<'a>) -> TransformOperation<'a> {
    move |operation| operation.tag(tag).summary(summary)
}

pub(crate) fn introduce(api: TransformOpenApi<'_>) -> TransformOpenApi<'_> {
    let token = SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some("An API token.".to_owned()),
        extensions: Default::default(),
    };
    let cookies = Cookies { plain_http: false };
    let session = SecurityScheme::ApiKey {
        location: ApiKeyLocation::Cookie,
        name: cookies.name(Purpose::Session),
        description: Some(
            "The cookie of a signed-in browser. A service that speaks plain HTTP names it `carrel`."
                .to_owned(),
        ),
        extensions: Default::default(),
    };
    api.title("Carrel")
        .version(env!("CARGO_PKG_VERSION"))
        .description(INTRODUCTION)
        .security_scheme(declaring::TOKEN, token)
        .security_scheme(declaring::SESSION, session)
}

/// The document as it is served and committed, in JSON.
#[must_use]
pub fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_value(router::document()).unwrap_or_default();
        completion::complete(&mut document);
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    })
}

/// Routes below the root.
pub fn routes() -> Router<App> {
    let json = [(header::CONTENT_TYPE, "application/json")];
    Router::new()
        .route(
            "/api/v1/openapi.json",
            get(move || async move { (json, document()) }),
        )
        .route("/docs", get(show_page))
}

/// The page, with the one style that stands in it allowed by its digest.
async fn show_page() -> impl IntoResponse {
    let digest = STANDARD.encode(Sha256::digest(page::STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    );
    (
        [(header::CONTENT_SECURITY_POLICY, policy)],
        Html(page::page()),
    )
}
