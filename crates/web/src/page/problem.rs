//! Problems as pages, for browsers; programs keep the problem document.

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use carrel_api::Code;
use carrel_api::problem::{FieldError, MEDIA_TYPE, ProblemDocument};

use super::Frame;
use crate::router::PREFIX;

/// Paths below which only programs ask.
const PROGRAMS: [&str; 3] = [PREFIX, "/api/v2", "/judge0"];
/// Largest problem document that becomes a page, bytes.
const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    status: u16,
    title: String,
    detail: String,
    errors: Vec<FieldError>,
    request_id: Option<String>,
}

/// Middleware: turns a problem document into a page where a browser asked for one, and leads who
/// is not signed in to where one signs in.
pub(crate) async fn show_problems(request: Request, next: Next) -> Response {
    if !asks_for_page(request.uri().path(), request.headers()) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let frame = Frame::of(&parts);
    let (method, uri) = (parts.method.clone(), parts.uri.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    if !is_problem(response.headers()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, DOCUMENT_BYTES_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Ok(document) = serde_json::from_slice::<ProblemDocument>(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    if document.code == Code::Unauthenticated && method == Method::GET {
        let wanted = uri.path_and_query().map_or("/", |wanted| wanted.as_str());
        return Redirect::to(&super::sign_in::address(wanted)).into_response();
    }
    let page = ProblemPage {
        frame,
        status: document.status,
        title: document.title,
        detail: document.detail,
        errors: document.errors,
        request_id: document.request_id,
    };
    match super::show_with(head.status, &page) {
        Ok(shown) => {
            let (shown, body) = shown.into_parts();
            head.headers.remove(CONTENT_LENGTH);
            head.headers.extend(shown.headers);
            Response::from_parts(head, body)
        }
        Err(problem) => problem.into_response(),
    }
}

fn asks_for_page(path: &str, headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter();
    let page = accepted.any(|value| {
        let kinds = value.to_str().unwrap_or_default();
        kinds
            .split(',')
            .any(|kind| kind.trim().starts_with("text/html"))
    });
    page && !PROGRAMS.iter().any(|prefix| path.starts_with(prefix))
}

fn is_problem(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    kind == Some(MEDIA_TYPE.as_bytes())
}
