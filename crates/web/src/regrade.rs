//! Regrades: judging all submissions of a challenge again after its tests changed.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use carrel_api::List;
use carrel_api::list::PageQuery;
use carrel_api::operation::{Change, NewRegrade, Regrade, RegradeState};
use carrel_bus::Hint;
use carrel_model::id::RegradeId;
use carrel_store::account::Role;
use carrel_store::regrade as kept;

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::applying::apply_regrade;
use crate::caller::Caller;
use crate::catalogue;
use crate::extract::{Json, Path, Query, list, page};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};
use crate::provision;

const TAG: &str = "Regrades";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/challenges/{challenge}/regrades",
            post_with(create, |operation| {
                tagged(TAG, "Judge all submissions of a challenge again")(operation)
                    .description(
                        "In the background, below live work. With `preview` nothing counts until \
                         it is applied; with `never_lower` nobody loses points. 503 \
                         `no_environment` where no worker has what the challenge needs.",
                    )
                    .response::<202, Json<Regrade>>()
            }),
        )
        .api_route(
            "/courses/{course}/regrades",
            get_with(
                list_regrades,
                tagged(TAG, "Regrades of a course, newest first"),
            ),
        )
        .api_route(
            "/regrades/{id}",
            get_with(get, tagged(TAG, "How far a regrade is")),
        )
        .api_route(
            "/regrades/{id}/changes",
            get_with(changes, tagged(TAG, "What a regrade changes, or would")),
        )
        .api_route(
            "/regrades/{id}/cancel",
            post_with(cancel, tagged(TAG, "Stop a regrade")),
        )
        .api_route(
            "/regrades/{id}/apply",
            post_with(apply, |operation| {
                tagged(TAG, "Make the results of a finished preview count")(operation).description(
                    "In bounded batches, which go on when the request is broken off or the \
                     service stops; the state is `applying` meanwhile. Asking again waits for the \
                     rest.",
                )
            }),
        )
}

fn show(row: kept::RegradeRow) -> Regrade {
    let kept::RegradeRow {
        regrade,
        state,
        created_at,
        submissions,
        judged,
        changed,
    } = row;
    Regrade {
        id: regrade.id,
        course: regrade.course,
        challenge: regrade.challenge,
        version: regrade.course_version,
        preview: regrade.preview,
        never_lower: regrade.never_lower,
        user: regrade.user,
        state: match state {
            kept::RegradeState::Running => RegradeState::Running,
            kept::RegradeState::Finished => RegradeState::Finished,
            kept::RegradeState::Cancelled => RegradeState::Cancelled,
            kept::RegradeState::Applying => RegradeState::Applying,
            kept::RegradeState::Applied => RegradeState::Applied,
        },
        created_at,
        submissions,
        judged,
        changed,
    }
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((course, challenge)): Path<(String, String)>,
    Json(new): Json<NewRegrade>,
) -> Result<Response> {
    let whom = (course.as_str(), challenge.as_str());
    let row = begin_regrade(&app, (&caller, &auditor), whom, new).await?;
    let location = format!("{}/regrades/{}", crate::router::PREFIX, row.regrade.id);
    let location = [(axum::http::header::LOCATION, location)];
    Ok((StatusCode::ACCEPTED, location, Json(show(row))).into_response())
}

/// Begins to judge all submissions of a challenge again.
///
/// # Errors
/// The caller is no author of the course, there is no such challenge, one runs already, or no
/// node could judge it.
pub async fn begin_regrade(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    (course, challenge): (&str, &str),
    new: NewRegrade,
) -> Result<kept::RegradeRow> {
    caller.require_role(course, Role::Author)?;
    let version = match &new.version {
        Some(version) => app.store.course_version(course, version).await?,
        None => app.store.course(course).await?,
    };
    let found = catalogue::find_in(app, version, challenge).await?;
    provision::require_for(app, found.challenge()).await?;
    let regrade = kept::NewRegrade {
        id: RegradeId::new(),
        course: course.to_owned(),
        challenge: challenge.to_owned(),
        course_version: found.version.digest,
        preview: new.preview,
        never_lower: new.never_lower,
        user: caller.id(),
    };
    let id = regrade.id;
    let detail = format!(
        "{}/{} preview={} never_lower={}",
        regrade.course, regrade.challenge, regrade.preview, regrade.never_lower
    );
    let row = app.store.regrade(regrade).await?;
    auditor
        .of_course(course)
        .record(app, action::REGRADE_CREATE, id, &detail)
        .await;
    app.bus.send(&Hint::Job);
    tracing::info!(regrade = %id, submissions = row.submissions, "regrade begun");
    Ok(row)
}

/// A regrade of a course whose author the caller is.
///
/// # Errors
/// There is none that the caller may see.
pub async fn find(app: &App, caller: &Caller, id: &str) -> Result<kept::RegradeRow> {
    let missing = || Problem::missing("regrade", id);
    let known: RegradeId = id.parse().map_err(|_| missing())?;
    let row = match app.store.regrade_row(known).await {
        Err(carrel_store::Error::Missing { .. }) => return Err(missing()),
        other => other?,
    };
    caller.require_author_of(&row.regrade.course, "regrade", id)?;
    Ok(row)
}

async fn list_regrades(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Regrade>>> {
    caller.require_role(&course, Role::Author)?;
    let rows = app.store.regrades(&course, page(query)?).await?;
    Ok(Json(list(rows, show)))
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Regrade>> {
    find(&app, &caller, &id).await.map(show).map(Json)
}

async fn changes(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Change>>> {
    let row = find(&app, &caller, &id).await?;
    let rows = app.store.changes(row.regrade.id, page(query)?).await?;
    Ok(Json(list(rows, |change: kept::Change| Change {
        submission: change.submission,
        user: change.user,
        verdict_before: change.before.0,
        points_before: change.before.1,
        verdict_after: change.after.map(|(verdict, _)| verdict),
        points_after: change.after.map(|(_, points)| points),
        counts: change.counts,
    })))
}

async fn cancel(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<String>,
) -> Result<Json<Regrade>> {
    let row = find(&app, &caller, &id).await?;
    cancel_regrade(&app, &auditor, row.regrade.id)
        .await
        .map(show)
        .map(Json)
}

/// Stops a regrade.
///
/// # Errors
/// It does not run.
pub async fn cancel_regrade(
    app: &App,
    auditor: &Auditor,
    id: RegradeId,
) -> Result<kept::RegradeRow> {
    let row = app.store.cancel_regrade(id).await?;
    auditor
        .of_course(&row.regrade.course)
        .record(app, action::REGRADE_CANCEL, id, "")
        .await;
    Ok(row)
}

async fn apply(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<String>,
) -> Result<Json<Regrade>> {
    let row = find(&app, &caller, &id).await?;
    apply_regrade(&app, &auditor, &row)
        .await
        .map(show)
        .map(Json)
}
