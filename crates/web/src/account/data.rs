//! A person's data: all of it handed out, or deleted.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use axum::response::{IntoResponse as _, NoContent, Response};
use carrel_api::account::UserDeletion;

use super::audit::{Auditor, action};
use super::cookie_answer::CookieAnswer;
use super::users::{require_other_operator, require_password};
use super::{find_person, require_in_person};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path};
use crate::problem::Result;
use crate::session::cookie::Purpose;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/users/{user}/export",
            get_with(export, |operation| {
                operation
                    .id("exportUser")
                    .tag("Accounts")
                    .summary("Everything that is kept of a person, as JSON")
                    .response::<200, Json<serde_json::Value>>()
            }),
        )
        .api_route(
            "/users/{user}/deletion",
            post_with(delete, |operation| {
                operation
                    .id("deleteUser")
                    .tag("Accounts")
                    .summary("Delete a person and all that is kept of them")
                    .description(
                        "This cannot be undone. To delete yourself send your password. \
                         Entries of the audit log stay, without the name.",
                    )
                    .response::<204, ()>()
            }),
        )
}

async fn export(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(user): Path<String>,
) -> Result<Response> {
    require_in_person(&caller)?;
    let person = find_person(&app, &caller, &user).await?;
    let data = app.store.export_user(person.id).await?;
    auditor
        .record(&app, action::USER_EXPORT, person.id, "")
        .await;
    // Not to be kept by caches, to be saved by browsers.
    let headers = [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"carrel-export.json\""),
        ),
    ];
    Ok((headers, Json(data)).into_response())
}

async fn delete(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(user): Path<String>,
    Json(sent): Json<UserDeletion>,
) -> Result<Response> {
    require_in_person(&caller)?;
    let person = find_person(&app, &caller, &user).await?;
    let is_own = person.id == caller.id();
    if is_own && person.password_hash.is_some() {
        require_password(&app, &caller, sent.password, "password").await?;
    }
    if person.operator && !person.disabled {
        require_other_operator(&app, person.id).await?;
    }
    auditor
        .record(&app, action::USER_DELETE, person.id, "")
        .await;
    app.store.delete_user(person.id).await?;
    if is_own {
        let cookie = app.guards.cookies.clear(Purpose::Session);
        return Ok(CookieAnswer(cookie, NoContent).into_response());
    }
    Ok(NoContent.into_response())
}
