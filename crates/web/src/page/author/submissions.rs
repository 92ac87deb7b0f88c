//! What learners sent, filtered; one of them with its checks, files and verdicts.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use carrel_api::list::PageQuery;
use carrel_api::submission::Submission;
use carrel_model::Verdict;
use carrel_store::account::Role;
use carrel_store::submission::{SubmissionFilter, SubmissionRow, VerdictRow, Work};
use serde::Deserialize;

use super::{Names, ROWS_MAX, address};
use crate::account::audit::Auditor;
use crate::account::named;
use crate::app::App;
use crate::caller::Caller;
use crate::extract::page;
use crate::page::{Frame, show};
use crate::problem::{Problem, Result};
use crate::submission::judge_again;
use crate::submission::shown::{Seen, describe, find, is_late};

/// Most bytes of a file that are shown.
const FILE_BYTES_SHOWN: usize = 100_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/courses/{course}/author/submissions",
            get(list_submissions),
        )
        .route(
            "/courses/{course}/author/submissions/{id}",
            get(show_submission),
        )
        .route(
            "/courses/{course}/author/submissions/{id}/rejudge",
            post(rejudge),
        )
}

#[derive(Template)]
#[template(path = "author/submissions.html")]
struct SubmissionsPage {
    frame: Frame,
    course: String,
    title: String,
    wanted: Wanted,
    challenges: Vec<(String, String)>,
    /// With whether each came late.
    rows: Vec<(SubmissionRow, bool)>,
    names: Names,
    next: Option<String>,
}

impl SubmissionsPage {
    fn challenge_title(&self, id: Option<&String>) -> String {
        let id = id.map(String::as_str).unwrap_or_default();
        let known = self.challenges.iter().find(|(known, _)| known == id);
        known.map_or(id, |(_, title)| title).to_owned()
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    challenge: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    verdict: String,
    after: Option<String>,
}

async fn list_submissions(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let version = app.store.course(&course).await?;
    let files = app.catalogue.course(&app, &version.digest).await?;
    let user = match wanted.person.trim() {
        "" => None,
        text => Some(named(&app, text).await?.id),
    };
    let filter = SubmissionFilter {
        user,
        course: Some(course.clone()),
        challenge: Some(wanted.challenge.clone()).filter(|id| !id.is_empty()),
        state: None,
        verdict: Verdict::DECLARABLE
            .into_iter()
            .find(|one| one.name() == wanted.verdict),
        executions: false,
    };
    let request = page(PageQuery {
        cursor: wanted.after.clone(),
        limit: Some(ROWS_MAX),
    })?;
    let rows = app.store.submissions(filter, request).await?;
    let names = Names::read(&app, rows.items.iter().map(|row| row.user)).await;
    let mut shown = Vec::with_capacity(rows.items.len());
    for row in rows.items {
        let late = is_late(&app, &row).await?;
        shown.push((row, late));
    }
    let challenges = files.challenges.iter();
    show(&SubmissionsPage {
        frame,
        course,
        title: version.title,
        wanted,
        challenges: challenges
            .map(|challenge| (challenge.id.clone(), challenge.title.clone()))
            .collect(),
        rows: shown,
        names,
        next: rows.next.map(|cursor| cursor.0),
    })
}

#[derive(Template)]
#[template(path = "author/submission.html")]
struct SubmissionPage {
    frame: Frame,
    course: String,
    title: String,
    person: String,
    shown: Submission,
    files: Vec<(String, String)>,
    history: Vec<VerdictRow>,
}

/// A submission of this course that the caller may see as its author.
async fn find_here(app: &App, caller: &Caller, course: &str, id: &str) -> Result<Seen> {
    caller.require_role(course, Role::Author)?;
    let seen = find(app, caller, id).await?;
    if seen.course != course {
        return Err(Problem::missing("submission", id));
    }
    Ok(seen)
}

async fn show_submission(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
) -> Result<Response> {
    let seen = find_here(&app, &caller, &course, &id).await?;
    let title = app.store.course(&course).await?.title;
    let row = &seen.row;
    let files = match app.store.work(row.id).await {
        Ok(Work::Challenge(work)) => work.files,
        // What has expired is not there any more.
        Ok(Work::Execution(_)) | Err(carrel_store::Error::State { .. }) => Default::default(),
        Err(error) => return Err(error.into()),
    };
    let show_file = |bytes: &[u8]| {
        let cut = &bytes[..bytes.len().min(FILE_BYTES_SHOWN)];
        String::from_utf8_lossy(cut).into_owned()
    };
    let history = app.store.history(row.id).await?;
    let names = Names::read(&app, std::iter::once(row.user)).await;
    let person = names.of(&row.user);
    show(&SubmissionPage {
        frame,
        course,
        title,
        person,
        shown: describe(&app, seen).await?,
        files: files
            .iter()
            .map(|(name, bytes)| (name.clone(), show_file(bytes)))
            .collect(),
        history,
    })
}

async fn rejudge(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path((course, id)): Path<(String, String)>,
) -> Result<Redirect> {
    let seen = find_here(&app, &caller, &course, &id).await?;
    judge_again(&app, (&caller, &auditor), &seen).await?;
    Ok(Redirect::to(&address(
        &course,
        &format!("submissions/{}", seen.row.id),
    )))
}
