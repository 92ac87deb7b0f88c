//! Publishing in two steps: a file is uploaded and what it would change for learners is shown;
//! then that very file is published ([`crate::holding`] holds it in between).

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_api::Code;
use carrel_api::limits::COURSE_ARCHIVE_BYTES_MAX;
use carrel_course::difference::SubjectKind;
use carrel_store::account::Role;
use carrel_store::course::CourseVersion;
use serde::Deserialize;

use super::address;
use super::changes::{self, ShownChange};
use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::caller::Caller;
use crate::holding;
use crate::page::refusal::Refusal;
use crate::page::{Form, Frame, show_with};
use crate::problem::{Problem, Result};
use crate::publish::{Preview, preview_archive, publish_archive};

pub(super) fn routes() -> Router<App> {
    let upload = post(take).layer(DefaultBodyLimit::disable());
    Router::new()
        .route(
            "/courses/{course}/author/publish",
            get(show_form).merge(upload),
        )
        .route(
            "/courses/{course}/author/publish/{digest}",
            get(show_preview).post(publish),
        )
}

#[derive(Template)]
#[template(path = "author/publish.html")]
struct PublishPage {
    frame: Frame,
    course: String,
    title: String,
    /// Digest of the version that learners see.
    present: String,
    /// Digest of the uploaded file.
    digest: String,
    preview: Option<ShownPreview>,
    /// Why it cannot be published.
    refusal: Option<Refusal>,
}

struct ShownPreview {
    title: String,
    version: String,
    unchanged: bool,
    /// Results that learners have could be others, and stay until a regrade or rescore.
    affects_results: bool,
    subjects: Vec<ShownSubject>,
    /// Environments that no node has.
    missing: String,
}

struct ShownSubject {
    kind: SubjectKind,
    title: String,
    changes: Vec<ShownChange>,
}

impl PublishPage {
    fn new(frame: Frame, version: CourseVersion) -> Self {
        Self {
            frame,
            course: version.course,
            title: version.title,
            present: version.digest,
            digest: String::new(),
            preview: None,
            refusal: None,
        }
    }

    /// The page with why it was refused; a fault of ours is a page of its own.
    fn refuse(mut self, problem: Problem) -> Result<Response> {
        let refusal = Refusal::of(problem)?;
        let status = refusal.status;
        self.refusal = Some(refusal);
        show_with(status, &self)
    }
}

async fn find_course(app: &App, caller: &Caller, course: &str) -> Result<CourseVersion> {
    caller.require_role(course, Role::Author)?;
    Ok(app.store.course(course).await?)
}

async fn show_form(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
) -> Result<Response> {
    let version = find_course(&app, &caller, &course).await?;
    show_with(StatusCode::OK, &PublishPage::new(frame, version))
}

/// Takes the file; what it would change is a page with an address of its own.
async fn take(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
    request: Request,
) -> Result<Response> {
    let version = find_course(&app, &caller, &course).await?;
    match holding::receive(&app, &caller, request, COURSE_ARCHIVE_BYTES_MAX).await {
        Ok(held) => {
            let rest = format!("publish/{}", held.digest);
            Ok(Redirect::to(&address(&course, &rest)).into_response())
        }
        Err(problem) => PublishPage::new(frame, version).refuse(problem),
    }
}

async fn show_preview(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, digest)): Path<(String, String)>,
) -> Result<Response> {
    let version = find_course(&app, &caller, &course).await?;
    look(
        &app,
        &caller,
        PublishPage::new(frame, version),
        digest,
        None,
    )
    .await
}

/// The page of a held file: what it would change, or why it cannot be published.
async fn look(
    app: &App,
    caller: &Caller,
    mut page: PublishPage,
    digest: String,
    told: Option<Problem>,
) -> Result<Response> {
    let preview = async {
        let file = holding::open(app, caller, &digest).await?;
        preview_archive(app, file, &page.course).await
    };
    match preview.await {
        Ok(preview) => {
            page.preview = Some(ShownPreview::of(&page.frame, preview));
            page.digest = digest;
        }
        Err(problem) => return page.refuse(problem),
    }
    match told {
        Some(problem) => page.refuse(problem),
        None => show_with(StatusCode::OK, &page),
    }
}

impl ShownPreview {
    fn of(frame: &Frame, preview: Preview) -> Self {
        let subjects = preview.difference.subjects.into_iter();
        let subjects = subjects.map(|subject| ShownSubject {
            kind: subject.kind,
            title: subject.title,
            changes: subject
                .changes
                .iter()
                .map(|change| changes::describe(frame, change))
                .collect(),
        });
        let subjects: Vec<ShownSubject> = subjects.collect();
        let mut changes = subjects.iter().flat_map(|subject| &subject.changes);
        Self {
            affects_results: changes.any(|change| change.affects_results),
            title: preview.title,
            version: preview.version,
            unchanged: preview.unchanged,
            missing: preview.missing_environments.join(", "),
            subjects,
        }
    }
}

#[derive(Debug, Deserialize)]
struct Decided {
    /// The version against which the changes were shown.
    present: String,
}

async fn publish(
    State(app): State<App>,
    frame: Frame,
    (caller, auditor): (Caller, Auditor),
    Path((course, digest)): Path<(String, String)>,
    Form(decided): Form<Decided>,
) -> Result<Response> {
    let version = find_course(&app, &caller, &course).await?;
    if version.digest != decided.present {
        let told = Problem::new(Code::WrongState, frame.text("publish-overtaken"));
        let page = PublishPage::new(frame, version);
        return look(&app, &caller, page, digest, Some(told)).await;
    }
    let published = async {
        let file = holding::open(&app, &caller, &digest).await?;
        publish_archive(&app, file, &course, caller.id()).await
    };
    match published.await {
        Ok(published) => {
            if !published.unchanged {
                auditor
                    .of_course(&course)
                    .record(&app, action::COURSE_PUBLISH, &course, &published.version)
                    .await;
            }
            holding::forget(&app, &caller, &digest).await;
            Ok(Redirect::to(&address(&course, "versions")).into_response())
        }
        Err(problem) => PublishPage::new(frame, version).refuse(problem),
    }
}
