//! The OpenAPI document: served, and rendered as a page without anything from outside.

use std::fmt::Write as _;
use std::sync::OnceLock;

use aide::transform::{TransformOpenApi, TransformOperation};
use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::router;

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
    let scheme = aide::openapi::SecurityScheme::Http {
        scheme: "bearer".to_owned(),
        bearer_format: None,
        description: Some("An API token.".to_owned()),
        extensions: Default::default(),
    };
    api.title("Carrel")
        .version(env!("CARGO_PKG_VERSION"))
        .description(INTRODUCTION)
        .security_scheme("token", scheme)
        .security_requirement("token")
}

/// The document as it is served and committed, in JSON.
#[must_use]
pub fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_value(router::document()).unwrap_or_default();
        name_operations(&mut document);
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        text
    })
}

/// Gives every operation that has none an id for generated clients: method and path as one word.
fn name_operations(document: &mut Value) {
    let paths = document["paths"].as_object_mut();
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if operation["operationId"].is_null() {
                operation["operationId"] = name_operation(method, path).into();
            }
        }
    }
}

/// `get`, `/api/v1/submissions/{id}/files` → `getSubmissionsByIdFiles`.
fn name_operation(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    let below = path.strip_prefix(router::PREFIX).unwrap_or(path);
    for part in below.split('/').filter(|part| !part.is_empty()) {
        let word = match part.strip_prefix('{') {
            Some(parameter) => {
                name.push_str("By");
                parameter.trim_end_matches('}')
            }
            None => part,
        };
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
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
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    );
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page()))
}

/// The page: plain HTML, no script.
fn page() -> &'static str {
    static PAGE: OnceLock<String> = OnceLock::new();
    PAGE.get_or_init(|| {
        let document: Value = serde_json::from_str(document()).unwrap_or_default();
        render(&document)
    })
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
    code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#8882;padding:.7rem;overflow:auto}\
    summary{cursor:pointer;padding:.3rem 0}summary b{display:inline-block;min-width:4.5rem}\
    table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}\
    :root{color-scheme:light dark}";

fn render(document: &Value) -> String {
    let info = &document["info"];
    let title = escape(text(info, "title"));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title} API</title><style>{STYLE}</style>\
         <h1>{title} API {}</h1><p>{}</p><p><a href=\"/api/v1/openapi.json\">OpenAPI 3.1 document</a></p>",
        escape(text(info, "version")),
        escape(text(info, "description")),
    );
    let mut tags: Vec<(&str, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let tag = operation["tags"][0].as_str().unwrap_or("Other");
            let shown = render_operation(path, method, operation);
            match tags.iter_mut().find(|(name, _)| *name == tag) {
                Some((_, operations)) => operations.push_str(&shown),
                None => tags.push((tag, shown)),
            }
        }
    }
    for (tag, operations) in tags {
        let _ = write!(page, "<h2>{}</h2>{operations}", escape(tag));
    }
    page.push_str("<h2>Schemas</h2>");
    let schemas = &document["components"]["schemas"];
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let name = escape(name);
        let schema = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = write!(
            page,
            "<details id=\"schema-{name}\"><summary><code>{name}</code></summary><pre>{}</pre></details>",
            escape(&schema)
        );
    }
    page
}

fn render_operation(path: &str, method: &str, operation: &Value) -> String {
    let mut shown = format!(
        "<details><summary><b>{}</b> <code>{}</code> {}</summary><p>{}</p>",
        escape(&method.to_uppercase()),
        escape(path),
        escape(text(operation, "summary")),
        escape(text(operation, "description")),
    );
    let parameters = operation["parameters"].as_array();
    if let Some(parameters) = parameters.filter(|list| !list.is_empty()) {
        shown.push_str("<table><tr><th>Parameter<th>In<th>");
        for parameter in parameters {
            let _ = write!(
                shown,
                "<tr><td><code>{}</code><td>{}<td>{}",
                escape(text(parameter, "name")),
                escape(text(parameter, "in")),
                escape(text(parameter, "description")),
            );
        }
        shown.push_str("</table>");
    }
    for (kind, content) in operation["requestBody"]["content"]
        .as_object()
        .into_iter()
        .flatten()
    {
        let _ = write!(
            shown,
            "<p>Body <code>{}</code>: {}</p>",
            escape(kind),
            render_schema(&content["schema"])
        );
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let schema = response["content"]
            .as_object()
            .and_then(|content| content.values().next())
            .map(|content| render_schema(&content["schema"]));
        let _ = write!(
            shown,
            "<p><b>{}</b> {} {}</p>",
            escape(status),
            escape(text(response, "description")),
            schema.unwrap_or_default(),
        );
    }
    shown.push_str("</details>");
    shown
}

/// A link where it is a schema with a name, else the schema.
fn render_schema(schema: &Value) -> String {
    match schema["$ref"]
        .as_str()
        .and_then(|place| place.rsplit('/').next())
    {
        Some(name) => {
            let name = escape(name);
            format!("<a href=\"#schema-{name}\"><code>{name}</code></a>")
        }
        None => format!("<code>{}</code>", escape(&schema.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_operation_and_nothing_from_outside() {
        let document: Value = serde_json::from_str(document()).unwrap();
        let page = page();
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() > 20, "{}", paths.len());
        for path in paths.keys() {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        assert!(!page.contains("://") && !page.contains("<script"));
    }

    #[test]
    fn every_operation_has_a_group_a_summary_and_its_problem() {
        let document: Value = serde_json::from_str(document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = std::collections::BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path}");
                let id = operation["operationId"].as_str().unwrap();
                assert!(ids.insert(id.to_owned()), "{id} twice");
                assert!(operation["tags"][0].is_string(), "{method} {path}");
                assert!(
                    operation["responses"]["default"].is_object(),
                    "{method} {path}"
                );
            }
        }
    }

    #[test]
    fn texts_cannot_become_markup() {
        assert_eq!(escape("<a href=\"&\">"), "&lt;a href=&quot;&amp;&quot;&gt;");
    }
}
