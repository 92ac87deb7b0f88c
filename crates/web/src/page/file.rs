//! Files of a course that its texts show or offer. They are an author's: whatever they hold, a
//! browser runs nothing of it.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use carrel_api::Code;
use carrel_store::account::{Role, Scope};

use super::header::FILE_POLICY;
use super::place::{Place, path_of};
use crate::app::App;
use crate::availability::{self, Purpose};
use crate::caller::Caller;
use crate::catalogue::run_blocking;
use crate::problem::{Problem, Result};

/// Largest file that is served, bytes.
const FILE_BYTES_MAX: u64 = 32 << 20;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/courses/{course}/files/{version}/{*path}", get(serve))
}

async fn serve(
    State(app): State<App>,
    caller: Caller,
    Path((course, version, path)): Path<(String, String, String)>,
) -> Result<Response> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(&course, Role::Learner)?;
    // Only a version of this course: another's files are another's business.
    let found = app.store.course_version(&course, &version).await?;
    let place = Place::of(&app, found.digest).await?;
    if let Some(id) = place.challenge_of(&path)
        && availability::hides(&app, &caller, &course, &id).await?
    {
        return Err(Problem::missing("file", &path));
    }
    if let Some(id) = place.project_of(&path) {
        require_project(&app, &caller, (&course, &id), &path).await?;
    }
    let full = path_of(&app, &version, &path);
    let name = path.clone();
    let read = run_blocking(move || {
        let kind = place.find_file(&name)?;
        let fits = std::fs::metadata(&full).is_ok_and(|found| found.len() <= FILE_BYTES_MAX);
        Some((kind, fits.then(|| std::fs::read(&full))))
    });
    let (kind, bytes) = read.await?.ok_or_else(|| Problem::missing("file", &path))?;
    let bytes = bytes.ok_or_else(|| {
        let detail = format!("`{path}` is larger than {FILE_BYTES_MAX} bytes");
        Problem::new(Code::TooLarge, detail)
    })?;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?;
    Ok((headers_of(kind), bytes).into_response())
}

/// Asks that the caller may have the files of a project, whatever version they are of: they are
/// the project, and what holds for its page holds for them.
async fn require_project(
    app: &App,
    caller: &Caller,
    (course, id): (&str, &str),
    path: &str,
) -> Result<()> {
    if availability::hides(app, caller, course, id).await? {
        return Err(Problem::missing("file", path));
    }
    let present = app.store.course(course).await?;
    let files = app.catalogue.course(app, &present.digest).await?;
    if files.activity(id).is_none() && !caller.is_author(course) {
        // It went away, and what held it back went with it.
        return Err(Problem::missing("file", path));
    }
    availability::require(app, caller, &files, id, Purpose::See).await
}

/// Images are shown where they stand; everything else is saved, never opened as a document here.
fn headers_of(kind: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut say = |name, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    say(CONTENT_TYPE, kind);
    say(CONTENT_SECURITY_POLICY, FILE_POLICY);
    // A version never changes; the file is for members only.
    say(CACHE_CONTROL, "private, max-age=31536000, immutable");
    if !kind.starts_with("image/") {
        say(CONTENT_DISPOSITION, "attachment");
    }
    headers
}
