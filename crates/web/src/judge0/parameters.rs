//! Parameters as Rails reads them: from the address and the body, cast to the type of their column.

use axum::body::Body;
use axum::http::{HeaderMap, Uri, header};
use carrel_api::limits::JSON_BODY_BYTES_MAX;
use serde_json::{Map, Value};

use crate::extract::read_body;

/// Why the body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Larger than [`JSON_BODY_BYTES_MAX`], or broken off.
    Body(String),
    /// Not what its type says.
    Form(String),
}

/// Reads body and address; what stands in the address wins.
///
/// # Errors
/// The body is too large or not of its form.
pub(super) async fn read(
    headers: &HeaderMap,
    uri: &Uri,
    body: Body,
) -> Result<Map<String, Value>, Unreadable> {
    let bytes = read_body(body, JSON_BODY_BYTES_MAX)
        .await
        .map_err(|problem| Unreadable::Body(problem.to_string()))?;
    let told = headers.get(header::CONTENT_TYPE);
    let told = told.and_then(|told| told.to_str().ok()).unwrap_or_default();
    let mut parameters = if bytes.iter().all(u8::is_ascii_whitespace) {
        Map::new()
    } else if told.starts_with("application/x-www-form-urlencoded") {
        read_pairs(&bytes)
    } else {
        let form = |error: serde_json::Error| Unreadable::Form(error.to_string());
        match serde_json::from_slice(&bytes).map_err(form)? {
            Value::Object(object) => object,
            // Rails puts what is no object under a name that nothing looks at.
            _ => Map::new(),
        }
    };
    parameters.extend(query(uri));
    Ok(parameters)
}

/// The parameters of the address alone.
pub(super) fn query(uri: &Uri) -> Map<String, Value> {
    read_pairs(uri.query().unwrap_or_default().as_bytes())
}

/// Any bytes are pairs: what is not encoded means itself, and of a name that comes twice the
/// last one counts.
fn read_pairs(text: &[u8]) -> Map<String, Value> {
    let pairs = serde_urlencoded::from_bytes::<Vec<(String, String)>>(text);
    pairs
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}

/// Whether a parameter says `true` (the text and nothing else).
pub(super) fn is_true(parameters: &Map<String, Value>, name: &str) -> bool {
    parameters.get(name).is_some_and(|value| value == "true")
}

/// A scalar as text; lists and objects are not permitted and count as absent.
pub(super) fn text(parameters: &Map<String, Value>, name: &str) -> Option<String> {
    match parameters.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(if *value { "t" } else { "f" }.to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number, or that it is none; an empty text is absent.
pub(super) fn number(parameters: &Map<String, Value>, name: &str) -> Result<Option<f64>, ()> {
    match parameters.get(name) {
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => {
            let number: Option<f64> = text.trim().parse().ok();
            number
                .filter(|number| number.is_finite())
                .map(Some)
                .ok_or(())
        }
        Some(Value::Bool(_)) => Err(()),
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => Ok(None),
    }
}

/// A truth value: everything is true but what Rails lists as false.
pub(super) fn truth(parameters: &Map<String, Value>, name: &str) -> Option<bool> {
    match parameters.get(name)? {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(!matches!(
            text.as_str(),
            "0" | "f" | "F" | "false" | "FALSE" | "off" | "OFF"
        )),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[tokio::test]
    async fn the_address_wins_over_the_body() {
        let uri: Uri = "/?wait=true&a=%20x+y".parse().unwrap();
        let body = Body::from(r#"{"wait": "false", "b": [1]}"#);
        let read = read(&HeaderMap::new(), &uri, body).await.unwrap();
        assert!(is_true(&read, "wait"));
        assert_eq!(text(&read, "a").as_deref(), Some(" x y"));
        assert_eq!(text(&read, "b"), None);
        assert!(!is_true(&object(json!({"wait": true})), "wait"));
    }

    #[tokio::test]
    async fn forms_are_read_too() {
        let mut headers = HeaderMap::new();
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        headers.insert(header::CONTENT_TYPE, kind);
        let body = Body::from("language_id=71&source_code=print(1)");
        let read = read(&headers, &"/".parse().unwrap(), body).await.unwrap();
        assert_eq!(number(&read, "language_id"), Ok(Some(71.0)));
        assert_eq!(text(&read, "source_code").as_deref(), Some("print(1)"));
    }

    #[tokio::test]
    async fn forms_are_read_whatever_their_length_and_however_little_is_encoded() {
        let mut headers = HeaderMap::new();
        let kind = "application/x-www-form-urlencoded".parse().unwrap();
        headers.insert(header::CONTENT_TYPE, kind);
        let long = "x%22".repeat(40_000);
        for (sent, source) in [
            (long.as_str(), "x\"".repeat(40_000)),
            (
                "if a<\"b\": # é\n\tprint(1)",
                "if a<\"b\": # é\n\tprint(1)".into(),
            ),
            ("a+b%2Bc%C3%A9", "a b+cé".into()),
        ] {
            let body = Body::from(format!("language_id=71&source_code={sent}"));
            let read = read(&headers, &"/".parse().unwrap(), body).await.unwrap();
            assert_eq!(text(&read, "language_id").as_deref(), Some("71"));
            assert_eq!(text(&read, "source_code"), Some(source));
        }
    }

    #[tokio::test]
    async fn what_is_no_json_is_told() {
        let body = Body::from("{");
        let read = read(&HeaderMap::new(), &"/".parse().unwrap(), body).await;
        assert!(matches!(read, Err(Unreadable::Form(_))));
    }

    #[test]
    fn casts_are_those_of_rails() {
        let sent =
            object(json!({"a": "4", "b": "x", "c": "", "d": 2.5, "e": "off", "f": "yes", "g": 0}));
        assert_eq!(number(&sent, "a"), Ok(Some(4.0)));
        assert_eq!(number(&sent, "b"), Err(()));
        assert_eq!(number(&sent, "c"), Ok(None));
        assert_eq!(number(&sent, "d"), Ok(Some(2.5)));
        let truths = ["e", "f", "g", "c", "z"].map(|name| truth(&sent, name));
        assert_eq!(truths, [Some(false), Some(true), Some(false), None, None]);
    }
}
