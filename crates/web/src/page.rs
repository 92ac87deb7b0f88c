//! The pages: what people see in a browser, written here and alive before any script arrives.
//!
//! A page is a template (`templates/`) over a struct with a [`Frame`]: who looks at it, in which
//! language, what stands around it. Texts come from the catalogue ([`message`]), scripts and styles
//! from [`asset`]. Forms are posted to the page's own routes, which answer with a redirect; what
//! goes wrong becomes a page where a browser asked and stays a problem document elsewhere
//! ([`problem`]). [`header`] puts the rules for browsers on every answer.

mod account;
pub(crate) mod asset;
mod author;
mod challenge;
mod course;
mod file;
pub mod form;
pub mod frame;
pub mod header;
mod held;
mod home;
mod lesson;
pub mod locale;
pub mod message;
mod operator;
pub mod place;
pub mod plot;
pub(crate) mod problem;
mod project;
mod quiz;
mod refusal;
mod sign_in;
pub mod text;

use askama::Template;
use axum::Router;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};

use crate::app::App;
use crate::problem::{Problem, Result};

pub use form::{Fields, Form};
pub use frame::Frame;
pub use place::Place;
pub use text::Texts;

/// Every page, its forms and what they are made of.
pub fn routes() -> Router<App> {
    Router::new()
        .merge(account::routes())
        .merge(asset::routes())
        .merge(author::routes())
        .merge(challenge::routes())
        .merge(course::routes())
        .merge(file::routes())
        .merge(home::routes())
        .merge(lesson::routes())
        .merge(operator::routes())
        .merge(project::routes())
        .merge(quiz::routes())
        .merge(sign_in::routes())
}

/// A page as an answer.
///
/// # Errors
/// The template cannot be written: a fault of ours.
pub fn show(page: &impl Template) -> Result<Response> {
    show_with(StatusCode::OK, page)
}

/// A page as an answer with another status than 200.
///
/// # Errors
/// The template cannot be written: a fault of ours.
pub fn show_with(status: StatusCode, page: &impl Template) -> Result<Response> {
    let text = page.render().map_err(|error| Problem::internal(&error))?;
    let mut response = (status, Html(text)).into_response();
    // A page is somebody's: it stays in no cache, and is read anew after signing out.
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, never);
    Ok(response)
}
