//! Everything that goes wrong leaves as RFC 9457 `application/problem+json`.

use std::fmt::Write as _;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use carrel_api::problem::{Code, FieldError, MEDIA_TYPE, ProblemDocument};
use schemars::JsonSchema;

use crate::openapi::declaring;
use crate::request_id;

/// Most of a cursor that a message repeats, characters.
const CURSOR_CHARACTERS_MAX: usize = 60;
/// Beginnings of messages that need the name of their field in front.
const PREDICATES: [&str; 7] = [
    "is ", "has ", "holds ", "must ", "lies ", "comes ", "takes ",
];

/// A result of a route.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// A problem on its way out. What only the log may know was logged when it was made.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    document: ProblemDocument,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem of this code.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            document: ProblemDocument::new(code, detail),
            headers: Vec::new(),
        }))
    }

    /// There is no such thing, or it is none of the caller's business.
    #[must_use]
    pub fn missing(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(Code::NotFound, format!("there is no {what} `{id}`"))
    }

    /// One field of what was sent is not valid.
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        let (field, message) = (field.into(), message.into());
        let detail = if is_predicate(&message) {
            format!("`{field}` {message}")
        } else {
            message.clone()
        };
        Self::new(Code::Invalid, detail).with_error(field, message)
    }

    /// A parameter of the address or a header is not valid.
    #[must_use]
    pub fn parameter(name: impl Into<String>, message: impl Into<String>) -> Self {
        let (name, message) = (name.into(), message.into());
        let between = if is_predicate(&message) { "" } else { ":" };
        let detail = format!("`{name}`{between} {message}");
        Self::new(Code::InvalidParameter, detail).with_error(name, message)
    }

    /// A cursor that no page of the list gave.
    #[must_use]
    pub fn cursor(cursor: &str) -> Self {
        let told: String = cursor.chars().take(CURSOR_CHARACTERS_MAX).collect();
        let message =
            format!("is `{told}`; it must be the `next` of a page of this list, or left out");
        Self::parameter("cursor", message)
    }

    /// A fault of ours: the chain of causes goes to the log, not to the reader.
    #[must_use]
    pub fn internal(error: &dyn std::error::Error) -> Self {
        let chain = tell_causes(error);
        tracing::error!(error = %chain, "fault of the service");
        let detail = "the service failed at this; its log tells more under the request id";
        Self::new(Code::Internal, detail)
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn with_error(self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.with_errors([FieldError {
            field: field.into(),
            message: message.into(),
            hint: None,
        }])
    }

    /// Adds what is wrong with fields.
    #[must_use]
    pub fn with_errors(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.0.document.errors.extend(errors);
        self
    }

    /// Says when to try again, milliseconds.
    #[must_use]
    pub fn with_retry_after(mut self, wait_ms: u64) -> Self {
        self.0.document.retry_after_ms = Some(wait_ms);
        let seconds = wait_ms.div_ceil(1_000).max(1);
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.document.code
    }

    /// What is told: for dialects with an envelope of their own.
    #[must_use]
    pub fn document(&self) -> &ProblemDocument {
        &self.0.document
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

fn is_predicate(message: &str) -> bool {
    PREDICATES.iter().any(|verb| message.starts_with(verb))
}

/// An error and its causes, in one line.
#[must_use]
pub fn tell_causes(error: &dyn std::error::Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(chain, ": {cause}");
        source = cause.source();
    }
    chain
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0.document.detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let Parts {
            mut document,
            headers,
        } = *self.0;
        document.request_id = request_id::current();
        // Plain strings and numbers always serialise.
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (status, body).into_response();
        let kind = HeaderValue::from_static(MEDIA_TYPE);
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response.headers_mut().extend(headers);
        response
    }
}

impl From<carrel_store::Error> for Problem {
    fn from(error: carrel_store::Error) -> Self {
        use carrel_store::Error;
        match &error {
            Error::Missing { .. } => Self::new(Code::NotFound, error.to_string()),
            Error::Exists { .. } => Self::new(Code::AlreadyExists, error.to_string()),
            Error::State { .. } => Self::new(Code::WrongState, error.to_string()),
            Error::Cursor { cursor } => Self::cursor(cursor),
            Error::KeyReused => Self::new(Code::IdempotencyKeyReused, error.to_string())
                .with_error("Idempotency-Key", "choose another key for another request"),
            Error::Full { .. } => {
                tracing::warn!(%error, "refused");
                Self::new(Code::Busy, error.to_string()).with_retry_after(1_000)
            }
            _ => Self::internal(&error),
        }
    }
}

impl OperationOutput for Problem {
    type Inner = ProblemDocument;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<Described> {
        let schema = context.schema.subschema_for::<ProblemDocument>();
        let description = "A problem; `code` tells which.";
        Some(declaring::give(description, [(MEDIA_TYPE, schema)]))
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<aide::openapi::StatusCode>, Described)> {
        let described = Self::operation_response(context, operation);
        described
            .map(|response| (None, response))
            .into_iter()
            .collect()
    }
}

/// Tells the document of a problem that says more than the envelope does.
pub(crate) struct Extended<T>(std::marker::PhantomData<T>);

impl<T: JsonSchema> OperationOutput for Extended<T> {
    type Inner = T;

    fn operation_response(context: &mut GenContext, _: &mut Operation) -> Option<Described> {
        let schema = context.schema.subschema_for::<T>();
        Some(declaring::give(
            "A problem, and more.",
            [(MEDIA_TYPE, schema)],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_when_to_come_back_in_whole_seconds() {
        let response = Problem::new(Code::Busy, "busy")
            .with_retry_after(1_200)
            .into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        assert_eq!(response.headers()[CONTENT_TYPE], MEDIA_TYPE);
    }

    #[test]
    fn an_engine_fault_keeps_its_causes_to_itself() {
        let error = carrel_store::Error::Engine {
            doing: "reading",
            source: "secret path".into(),
        };
        let problem = Problem::from(error);
        assert_eq!(problem.code(), Code::Internal);
        assert!(!format!("{problem}").contains("secret"));
    }
}
