//! Extractors that answer with a [`Problem`] naming the field when they cannot.

use aide::generate::GenContext;
use aide::openapi::{Operation, ReferenceOr, Response as Described, StatusCode};
use aide::{OperationInput, OperationOutput};
use axum::body::{Body, Bytes};
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use carrel_api::limits::{
    ANSWER_BODY_BYTES_MAX, JSON_BODY_BYTES_MAX, PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX,
};
use carrel_api::list::PageQuery;
use carrel_api::{Code, List};
use carrel_store::{Cursor, Page, PageRequest};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::objects::Objects;
use crate::problem::{Problem, Result};
pub use crate::query::Query;

/// A JSON body, in or out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        require_json(request.headers())?;
        let bytes = read_body(request.into_body(), JSON_BODY_BYTES_MAX).await?;
        parse_json(&bytes).map(Self)
    }
}

/// A JSON body that may be left out: then it is as if it said nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct MaybeJson<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for MaybeJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let (head, body) = request.into_parts();
        let bytes = read_body(body, JSON_BODY_BYTES_MAX).await?;
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        require_json(&head.headers)?;
        parse_json(&bytes).map(Self)
    }
}

impl<T: JsonSchema> OperationInput for MaybeJson<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        axum::Json::<T>::operation_input(context, operation);
        if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
            body.required = false;
        }
    }
}

/// A JSON body of something small: an answer, a mark.
#[derive(Debug, Clone, Copy, Default)]
pub struct SmallJson<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for SmallJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        require_json(request.headers())?;
        let bytes = read_body(request.into_body(), ANSWER_BODY_BYTES_MAX).await?;
        parse_json(&bytes).map(Self)
    }
}

impl<T: JsonSchema> OperationInput for SmallJson<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        axum::Json::<T>::operation_input(context, operation);
    }
}

fn require_json(headers: &HeaderMap) -> Result<()> {
    let told = headers.get(header::CONTENT_TYPE);
    let told = told.and_then(|told| told.to_str().ok()).unwrap_or_default();
    let kind = told.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        return Ok(());
    }
    Err(refuse_kind(&kind, "`application/json`"))
}

/// Refuses the form of a body, naming those that are taken.
pub(crate) fn refuse_kind(kind: &str, taken: &str) -> Problem {
    let detail = if kind.is_empty() {
        format!("there is no `Content-Type`; send {taken}")
    } else {
        format!("`Content-Type` is `{kind}`; send {taken}")
    };
    Problem::new(Code::UnsupportedMediaType, detail)
}

/// Reads a body up to a limit.
///
/// # Errors
/// It is larger, or the connection broke.
pub async fn read_body(body: Body, bytes_max: usize) -> Result<Bytes> {
    let read = axum::body::to_bytes(body, bytes_max).await;
    read.map_err(|error| {
        // The limit is told by the type of the cause only.
        let limited = std::error::Error::source(&error)
            .is_some_and(|cause| cause.to_string().contains("length limit"));
        if limited {
            let detail = format!("the body is larger than {bytes_max} bytes");
            Problem::new(Code::TooLarge, detail)
        } else {
            Problem::new(Code::InvalidRequest, "the body broke off")
        }
    })
}

/// Place of a problem with the body as a whole.
const BODY: &str = "body";

/// Parses an object of JSON, naming the field that is wrong.
///
/// # Errors
/// Not JSON, or not of this form.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let reader = &mut serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(Objects(&mut *reader)).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() {
            // The place within the text says nothing that the field does not.
            let message = cause.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            Problem::field(place(&path, message), reword(message))
        } else {
            Problem::new(
                Code::InvalidRequest,
                format!("the body is not JSON: {cause}"),
            )
        }
    })?;
    let rest = reader.end();
    rest.map_err(|cause| {
        Problem::new(
            Code::InvalidRequest,
            format!("the body is not JSON: {cause}"),
        )
    })?;
    Ok(value)
}

/// The field that a message is about: where one is missing, that one.
fn place(path: &str, message: &str) -> String {
    let missing = message.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.strip_suffix('`'));
    match (path, missing) {
        (".", Some(field)) => field.to_owned(),
        (".", None) => BODY.to_owned(),
        (path, Some(field)) => format!("{path}.{field}"),
        (path, None) => path.to_owned(),
    }
}

/// A message of the parser in the words of JSON, without names that only this program knows.
fn reword(message: &str) -> String {
    let message = message.replace("invalid type: map", "invalid type: object");
    let message = message.replace("invalid type: sequence", "invalid type: list");
    let Some((found, expected)) = message.split_once(", expected ") else {
        return message;
    };
    let words = if expected.starts_with("struct ") || expected == "a map" {
        "an object"
    } else if expected.contains("tagged enum ") {
        "an object of one of its kinds"
    } else if expected.starts_with("enum ") {
        "one of its words"
    } else if expected == "a sequence" {
        "a list"
    } else {
        expected
    };
    if found == "invalid type: list" && words.starts_with("an object") {
        return format!("is a list; send {words} (`{{…}}`)");
    }
    format!("{found}, expected {words}")
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let kind = [(header::CONTENT_TYPE, "application/json")];
                (kind, body).into_response()
            }
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

impl<T: JsonSchema> OperationInput for Json<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        axum::Json::<T>::operation_input(context, operation);
    }
}

impl<T: JsonSchema> OperationOutput for Json<T> {
    type Inner = T;

    fn operation_response(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Option<Described> {
        axum::Json::<T>::operation_response(context, operation)
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Described)> {
        axum::Json::<T>::inferred_responses(context, operation)
    }
}

/// Parts of the path. One that does not parse names nothing that is there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Self(value))
            .map_err(|rejection| match rejection {
                PathRejection::FailedToDeserializePathParams(cause) => match cause.kind() {
                    ErrorKind::ParseErrorAtKey { key, value, .. }
                    | ErrorKind::DeserializeError { key, value, .. } => {
                        Problem::missing(key, value)
                    }
                    _ => Problem::new(Code::NotFound, "there is no such thing"),
                },
                other => Problem::internal(&other),
            })
    }
}

impl<T: JsonSchema> OperationInput for Path<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        axum::extract::Path::<T>::operation_input(context, operation);
    }
}

/// Turns what was asked for into a bounded request to the store.
///
/// # Errors
/// `limit` is out of bounds.
pub fn page(query: PageQuery) -> Result<PageRequest> {
    let limit = query.limit.unwrap_or(PAGE_ROWS_DEFAULT);
    if !(1..=PAGE_ROWS_MAX).contains(&limit) {
        let message = format!("is `{limit}`; it must be a whole number from 1 to {PAGE_ROWS_MAX}");
        return Err(Problem::parameter("limit", message));
    }
    Ok(PageRequest {
        after: query.cursor.map(Cursor),
        limit,
    })
}

/// Turns a page of rows into a list of what is shown of them.
#[must_use]
pub fn list<R, T>(page: Page<R>, show: impl FnMut(R) -> T) -> List<T> {
    List {
        items: page.items.into_iter().map(show).collect(),
        next: page.next.map(|cursor| cursor.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sent {
        #[expect(dead_code, reason = "only parsed")]
        files: std::collections::BTreeMap<String, u32>,
    }

    #[test]
    fn a_wrong_field_is_named_by_its_path() {
        let problem = parse_json::<Sent>(br#"{"files":{"main.py":"x"}}"#).unwrap_err();
        assert_eq!(problem.code(), Code::Invalid);
        let error = &problem.document().errors[0];
        assert_eq!(error.field, "files.main.py");
        assert!(!error.message.contains("line"), "{}", error.message);
        for (body, field, message) in [
            ("{}", "files", "missing field `files`"),
            (r#"[{"a":1}]"#, "body", "is a list; send an object (`{…}`)"),
            (
                r#""x""#,
                "body",
                r#"invalid type: string "x", expected an object"#,
            ),
            (
                r#"{"files":[]}"#,
                "files",
                "is a list; send an object (`{…}`)",
            ),
        ] {
            let problem = parse_json::<Sent>(body.as_bytes()).unwrap_err();
            let error = &problem.document().errors[0];
            assert_eq!(
                (error.field.as_str(), error.message.as_str()),
                (field, message)
            );
        }
        let problem = parse_json::<Sent>(br#"{"files":{}} x"#).unwrap_err();
        assert_eq!(problem.code(), Code::InvalidRequest);
    }

    #[test]
    fn a_page_has_bounds() {
        let ask = |limit| {
            page(PageQuery {
                cursor: None,
                limit,
            })
        };
        assert_eq!(ask(None).unwrap().limit, PAGE_ROWS_DEFAULT);
        assert!(ask(Some(0)).is_err());
        assert!(ask(Some(PAGE_ROWS_MAX + 1)).is_err());
    }
}
