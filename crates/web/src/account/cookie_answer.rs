//! An answer that gives or takes a cookie.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described, StatusCode};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::response::{IntoResponse, Response};

/// The value of a `Set-Cookie` header, and the rest of the answer.
pub(crate) struct CookieAnswer<T>(pub(super) String, pub(super) T);

impl<T: IntoResponse> IntoResponse for CookieAnswer<T> {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        // Of our own letters only, so that it always is a header.
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().append(SET_COOKIE, value);
        }
        let never = HeaderValue::from_static("no-store");
        response.headers_mut().insert(CACHE_CONTROL, never);
        response
    }
}

impl<T: OperationOutput> OperationOutput for CookieAnswer<T> {
    type Inner = T::Inner;

    fn operation_response(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Option<Described> {
        T::operation_response(context, operation)
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Described)> {
        T::inferred_responses(context, operation)
    }
}
