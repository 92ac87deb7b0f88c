//! Bringing a new course: its files are uploaded, what they hold or what is wrong with them is
//! shown, and that very file is published ([`crate::holding`] holds it in between). A course that
//! is here already goes on to its authors' page for publishing.

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_api::limits::COURSE_ARCHIVE_BYTES_MAX;
use serde::Deserialize;

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::caller::Caller;
use crate::holding;
use crate::page::place::encode;
use crate::page::refusal::Refusal;
use crate::page::{Form, Frame, show_with};
use crate::problem::{Problem, Result};
use crate::publish::{Contents, look_into, publish_archive};

pub(super) fn routes() -> Router<App> {
    let upload = post(take).layer(DefaultBodyLimit::disable());
    Router::new()
        .route("/operator/courses", get(show_form).merge(upload))
        .route("/operator/courses/{digest}", get(look).post(publish))
}

#[derive(Template)]
#[template(path = "operator/courses.html")]
struct CoursesPage {
    frame: Frame,
    /// Digest of the uploaded file.
    digest: String,
    contents: Option<Contents>,
    refusal: Option<Refusal>,
}

impl CoursesPage {
    fn new(frame: Frame) -> Self {
        Self {
            frame,
            digest: String::new(),
            contents: None,
            refusal: None,
        }
    }

    fn refuse(mut self, problem: Problem) -> Result<Response> {
        let refusal = Refusal::of(problem)?;
        let status = refusal.status;
        self.refusal = Some(refusal);
        show_with(status, &self)
    }
}

async fn show_form(frame: Frame, caller: Caller) -> Result<Response> {
    caller.require_operator()?;
    show_with(StatusCode::OK, &CoursesPage::new(frame))
}

/// Takes the file; what it holds is a page with an address of its own.
async fn take(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    request: Request,
) -> Result<Response> {
    caller.require_operator()?;
    match holding::receive(&app, &caller, request, COURSE_ARCHIVE_BYTES_MAX).await {
        Ok(held) => {
            let address = format!("/operator/courses/{}", held.digest);
            Ok(Redirect::to(&address).into_response())
        }
        Err(problem) => CoursesPage::new(frame).refuse(problem),
    }
}

/// The page on which a held file of a course that is here already is published.
async fn find_authors_page(app: &App, course: &str, digest: &str) -> Result<Option<Redirect>> {
    match app.store.course(course).await {
        Ok(_) => {
            let address = format!("/courses/{}/author/publish/{digest}", encode(course));
            Ok(Some(Redirect::to(&address)))
        }
        Err(carrel_store::Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn look(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(digest): Path<String>,
) -> Result<Response> {
    caller.require_operator()?;
    let mut page = CoursesPage::new(frame);
    let contents = async {
        let file = holding::open(&app, &caller, &digest).await?;
        look_into(&app, file).await
    };
    match contents.await {
        Ok(contents) => {
            if let Some(elsewhere) = find_authors_page(&app, &contents.course, &digest).await? {
                return Ok(elsewhere.into_response());
            }
            page.contents = Some(contents);
            page.digest = digest;
            show_with(StatusCode::OK, &page)
        }
        Err(problem) => page.refuse(problem),
    }
}

#[derive(Debug, Deserialize)]
struct Decided {
    /// The course that was shown.
    course: String,
}

async fn publish(
    State(app): State<App>,
    frame: Frame,
    (caller, auditor): (Caller, Auditor),
    Path(digest): Path<String>,
    Form(decided): Form<Decided>,
) -> Result<Response> {
    caller.require_operator()?;
    let course = decided.course.as_str();
    // It may have come in the meantime: then what would change is looked at first.
    if let Some(elsewhere) = find_authors_page(&app, course, &digest).await? {
        return Ok(elsewhere.into_response());
    }
    let published = async {
        let file = holding::open(&app, &caller, &digest).await?;
        publish_archive(&app, file, course, caller.id()).await
    };
    match published.await {
        Ok(published) => {
            auditor
                .of_course(course)
                .record(&app, action::COURSE_PUBLISH, course, &published.version)
                .await;
            holding::forget(&app, &caller, &digest).await;
            let address = format!("/courses/{}", encode(course));
            Ok(Redirect::to(&address).into_response())
        }
        Err(problem) => CoursesPage::new(frame).refuse(problem),
    }
}
