//! Addresses of rescores.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use carrel_api::List;
use carrel_api::grading::{NewRescore, Rescore, RescoreChange};
use carrel_api::list::PageQuery;
use carrel_model::id::RescoreId;
use carrel_store::account::Role;
use carrel_store::rescore as kept;

use super::{show, show_change};
use crate::account::audit::Auditor;
use crate::app::App;
use crate::applying::apply_rescore;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, list, page};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

const TAG: &str = "Rescores";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/quizzes/{quiz}/rescores",
            post_with(create, |operation| {
                tagged(TAG, "Score submitted attempts by a changed key")(operation)
                    .description(
                        "Computed at once. With `preview` nothing counts until it is applied; \
                         with `never_lower` nobody loses points. What a person graded stays. \
                         Attempts that go on are scored by it when they end.",
                    )
                    .response::<201, Json<Rescore>>()
            }),
        )
        .api_route(
            "/courses/{course}/rescores",
            get_with(
                list_rescores,
                tagged(TAG, "Rescores of a course, newest first"),
            ),
        )
        .api_route("/rescores/{id}", get_with(get, tagged(TAG, "A rescore")))
        .api_route(
            "/rescores/{id}/changes",
            get_with(changes, tagged(TAG, "What a rescore changes, or would")),
        )
        .api_route(
            "/rescores/{id}/apply",
            post_with(apply, |operation| {
                tagged(TAG, "Make a preview count")(operation).description(
                    "It goes on when the request is broken off or the service stops; the state \
                     is `applying` meanwhile. Asking again waits for the rest.",
                )
            }),
        )
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((course, quiz)): Path<(String, String)>,
    Json(new): Json<NewRescore>,
) -> Result<Response> {
    let rescore = super::create(&app, &caller, &auditor, (&course, &quiz), new).await?;
    let location = format!("{}/rescores/{}", crate::router::PREFIX, rescore.id);
    let location = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, location, Json(rescore)).into_response())
}

/// A rescore of a course whose author the caller is.
///
/// # Errors
/// There is none for this caller.
pub(crate) async fn find(app: &App, caller: &Caller, id: &str) -> Result<kept::RescoreRow> {
    let missing = || Problem::missing("rescore", id);
    let known: RescoreId = id.parse().map_err(|_| missing())?;
    let row = match app.store.rescore_row(known).await {
        Err(carrel_store::Error::Missing { .. }) => return Err(missing()),
        other => other?,
    };
    caller.require_author_of(&row.rescore.course, "rescore", id)?;
    Ok(row)
}

async fn list_rescores(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Rescore>>> {
    caller.require_role(&course, Role::Author)?;
    let rows = app.store.rescores(&course, page(query)?).await?;
    Ok(Json(list(rows, show)))
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Rescore>> {
    find(&app, &caller, &id).await.map(show).map(Json)
}

async fn changes(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<RescoreChange>>> {
    let row = find(&app, &caller, &id).await?;
    let rows = app
        .store
        .rescore_changes(row.rescore.id, page(query)?)
        .await?;
    Ok(Json(list(rows, show_change)))
}

async fn apply(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<String>,
) -> Result<Json<Rescore>> {
    let row = find(&app, &caller, &id).await?;
    let row = apply_rescore(&app, &auditor, &row).await?;
    Ok(Json(show(row)))
}
