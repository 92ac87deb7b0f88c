//! Drafts: what a learner has written for a challenge and not sent yet.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use carrel_api::draft::{Draft, DraftConflict, DraftQuery, KeptDraft, NewDraft};
use carrel_api::problem::MEDIA_TYPE;
use carrel_api::{Code, Content};
use carrel_store::account::{Role, Scope};
use carrel_store::draft::{Changed, DraftPlace, DraftRow};

use crate::app::App;
use crate::availability;
use crate::caller::Caller;
use crate::catalogue::{self, Found};
use crate::extract::{Json, Path, Query};
use crate::openapi::tagged;
use crate::problem::{Extended, Problem, Result};
use crate::request_id;
use crate::submission::upload::{Files, check_files, decode_files};

const TAG: &str = "Drafts";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/courses/{course}/challenges/{challenge}/draft",
        get_with(get, tagged(TAG, "One's own draft"))
            .put_with(put, |operation| {
                tagged(TAG, "Keep one's own draft")(operation)
                    .description(
                        "`revision` is the one that was changed. When the draft has another one \
                         by now (another tab or device), nothing is changed: 409 \
                         `draft_changed` with what is kept.",
                    )
                    .response::<200, Json<KeptDraft>>()
                    .response::<409, Extended<DraftConflict>>()
            })
            .delete_with(throw_away, |operation| {
                tagged(TAG, "Throw one's own draft away")(operation)
                    .response::<200, Json<KeptDraft>>()
                    .response::<409, Extended<DraftConflict>>()
            }),
    )
}

/// Where the caller's own draft of a challenge is kept.
async fn find(
    app: &App,
    caller: &Caller,
    (course, challenge): (String, String),
) -> Result<(Found, DraftPlace)> {
    caller.require_role(&course, Role::Learner)?;
    let found = catalogue::find(app, &course, &challenge).await?;
    availability::require_shown(app, caller, &found.course, &challenge)?;
    let place = DraftPlace {
        user: caller.id(),
        course,
        challenge,
    };
    Ok((found, place))
}

/// A draft as it is told.
#[must_use]
pub fn show(row: DraftRow) -> Draft {
    let files = row.files.into_iter();
    let files = files.map(|(path, bytes)| (path, Content::from_bytes(bytes)));
    Draft {
        revision: row.revision,
        changed_at: row.changed_at,
        files: files.collect(),
    }
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<Json<Draft>> {
    if !caller.has_scope(Scope::Submit) {
        caller.require_scope(Scope::Read)?;
    }
    let (_, place) = find(&app, &caller, path).await?;
    let row = app.store.draft(place).await?;
    Ok(Json(show(row)))
}

async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Json(new): Json<NewDraft>,
) -> Result<Response> {
    caller.require_scope(Scope::Submit)?;
    let (found, place) = find(&app, &caller, path).await?;
    let files = decode_files(new.files)?;
    check(&found, &files)?;
    change(&app, place, new.revision, files).await
}

/// What is kept could be sent: the same bounds hold, and only files that a learner may send.
///
/// # Errors
/// The first file at fault.
pub fn check(found: &Found, files: &Files) -> Result<()> {
    check_files(files)?;
    let paths = files.keys().map(String::as_str);
    carrel_course::sent::check_files(found.challenge(), paths).map_err(|refused| {
        let field = format!("files.{}", refused.path.escape_debug());
        Problem::field(field, refused.to_string())
    })
}

async fn throw_away(
    State(app): State<App>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(query): Query<DraftQuery>,
) -> Result<Response> {
    caller.require_scope(Scope::Submit)?;
    let (_, place) = find(&app, &caller, path).await?;
    change(&app, place, query.revision, BTreeMap::new()).await
}

async fn change(app: &App, place: DraftPlace, revision: u64, files: Files) -> Result<Response> {
    match app.store.change_draft(place, revision, files).await? {
        Changed::Kept { revision, at } => {
            let changed_at = at;
            Ok(Json(KeptDraft {
                revision,
                changed_at,
            })
            .into_response())
        }
        Changed::Behind(row) => Ok(tell_conflict(row)),
    }
}

fn tell_conflict(row: DraftRow) -> Response {
    let detail = format!(
        "the draft is at revision {} by now; put both together and send that revision",
        row.revision
    );
    let problem = Problem::new(Code::DraftChanged, detail);
    let mut document = problem.document().clone();
    document.request_id = request_id::current();
    let conflict = DraftConflict {
        problem: document,
        draft: show(row),
    };
    let mut response = (problem.status(), Json(conflict)).into_response();
    let kind = HeaderValue::from_static(MEDIA_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
