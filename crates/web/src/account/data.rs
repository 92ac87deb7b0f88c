//! A person's data: all of it handed out, or deleted.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, NoContent, Response};
use carrel_api::Code;
use carrel_api::account::UserDeletion;
use carrel_model::id::UserId;
use carrel_store::PageRequest;
use carrel_store::account::UserRow;
use carrel_store::page::PAGE_MAX;

use super::audit::{Auditor, action};
use super::cookie_answer::CookieAnswer;
use super::users::{authority, require_operator_still, require_password};
use super::{deletion, exporting, find_person, require_in_person};
use crate::address::ClientAddress;
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path};
use crate::problem::{Problem, Result};
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
                    .description(
                        "Written while it is read; an answer that breaks off is not whole. One \
                         at a time for each caller, and few together: else 429.",
                    )
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
                        "This cannot be undone, and goes on when the request is broken off. To \
                         delete yourself send your password. Entries of the audit log stay, \
                         without person, address and detail.",
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
    let body = exporting::begin(&app, &caller, person.id).await?;
    auditor
        .record(&app, action::USER_EXPORT, person.id, "")
        .await;
    // Not to be kept by caches, to be saved by browsers.
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"carrel-export.json\""),
        ),
    ];
    Ok((headers, body).into_response())
}

async fn delete(
    State(app): State<App>,
    (caller, ClientAddress(address)): (Caller, ClientAddress),
    auditor: Auditor,
    Path(user): Path<String>,
    Json(sent): Json<UserDeletion>,
) -> Result<Response> {
    require_in_person(&caller)?;
    let id = find_person(&app, &caller, &user).await?.id;
    // As they are now: the request may have been recognised long before its last byte came.
    let person = app.store.user(id).await?;
    let is_own = id == caller.id();
    if !is_own {
        require_operator_still(&app, &caller).await?;
    } else if person.password_hash.is_some() {
        require_password(&app, &person, address, (sent.password, "password")).await?;
    }
    if person.operator && !person.disabled {
        require_other_operator(&app, person.id).await?;
    }
    auditor
        .record(&app, action::USER_DELETE, person.id, "")
        .await;
    deletion::delete(&app, person.id, authority(&caller, person.id)).await?;
    if is_own {
        let cookie = app.guards.cookies.clear(Purpose::Session);
        return Ok(CookieAnswer(cookie, NoContent).into_response());
    }
    Ok(NoContent.into_response())
}

/// Somebody must be left who can run the service: told before anything is noted, and looked at
/// once more when the person goes.
async fn require_other_operator(app: &App, leaving: UserId) -> Result<()> {
    let mut after = None;
    loop {
        let wanted = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let rows = app.store.users(wanted).await?;
        let is_other = |user: &UserRow| user.operator && !user.disabled && user.id != leaving;
        if rows.items.iter().any(is_other) {
            return Ok(());
        }
        after = rows.next;
        if after.is_none() {
            let detail = "this is the last operator; make another person operator first";
            return Err(Problem::new(Code::WrongState, detail));
        }
    }
}
