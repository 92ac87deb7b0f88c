//! The document as a page for readers.

use std::fmt::Write as _;
use std::sync::OnceLock;

use serde_json::Value;

use super::document;

/// The page: plain HTML, no script.
pub(super) fn page() -> &'static str {
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

/// The page's one style.
pub(super) const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
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
        shown.push_str("<table><tr><th>Parameter<th>In<th>Takes<th>");
        for parameter in parameters {
            let _ = write!(
                shown,
                "<tr><td><code>{}</code><td>{}<td>{}<td>{}",
                escape(text(parameter, "name")),
                escape(text(parameter, "in")),
                render_form(parameter),
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
        let _ = write!(
            shown,
            "<p><b>{}</b> {}",
            escape(status),
            escape(text(response, "description")),
        );
        for (kind, content) in response["content"].as_object().into_iter().flatten() {
            let schema = render_schema(&content["schema"]);
            let _ = write!(shown, " <code>{}</code>: {schema}", escape(kind));
        }
        shown.push_str("</p>");
    }
    shown.push_str("</details>");
    shown
}

/// What a parameter takes: its type or the schema it has, and whether it must be there.
fn render_form(parameter: &Value) -> String {
    let schema = &parameter["schema"];
    let form = match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some(_), Some("uuid")) => "uuid".to_owned(),
        (Some(kind), _) => escape(kind),
        (None, _) => render_schema(schema),
    };
    let required = parameter["required"] == true;
    format!("{form}{}", if required { ", required" } else { "" })
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
        assert!(page.contains("<tr><td><code>course</code><td>path<td>string, required<td>"));
        assert!(page.contains("<tr><td><code>Idempotency-Key</code><td>header<td>string<td>"));
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.len() > 20, "{}", paths.len());
        for path in paths.keys() {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        assert!(!page.contains("://") && !page.contains("<script"));
    }

    #[test]
    fn texts_cannot_become_markup() {
        assert_eq!(escape("<a href=\"&\">"), "&lt;a href=&quot;&amp;&quot;&gt;");
    }
}
