//! Webhooks: receivers of events, and sending to them.

mod dialect;
pub mod receiver;
pub mod sending;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, NoContent, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_api::limits::WEBHOOKS_MAX;
use carrel_api::list::PageQuery;
use carrel_api::operation::{DeliveryState, EnableWebhook, LastDelivery, NewWebhook, Webhook};
use carrel_api::{Code, List};
use carrel_model::id::WebhookId;
use carrel_store::account::Role;
use carrel_store::webhook::{Progress, WebhookRow, WebhookState};
use carrel_store::{Page, PageRequest};
use jiff::Timestamp;

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, MaybeJson, Path, Query, list, page};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

const TAG: &str = "Webhooks";
const ENABLE: &str = "What was given up in the last days (a setting; 3) is sent again, at once; \
                      with `{\"resend\": false}` nothing is. `resent` tells how many. What is not \
                      sent again then never is. Does nothing where the webhook is not disabled.";
/// Milliseconds of a day.
const DAY_MS: u64 = 24 * 3_600_000;
/// Bytes of a signature key (Standard Webhooks: 24 to 64).
const SECRET_BYTES: usize = 32;
/// What stands before the key where it is told.
const SECRET_PREFIX: &str = "whsec_";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/webhooks",
            get_with(list_of_course, tagged(TAG, "Webhooks of a course")).post_with(
                create_for_course,
                |operation| {
                    tagged(TAG, "Tell a receiver of every verdict of a course")(operation)
                        .description("The answer holds the key of the signature, this once.")
                        .response::<201, Json<Webhook>>()
                },
            ),
        )
        .api_route(
            "/courses/{course}/webhooks/{id}",
            delete_with(remove_of_course, tagged(TAG, "Remove a webhook")),
        )
        .api_route(
            "/courses/{course}/webhooks/{id}/enable",
            post_with(enable_of_course, |operation| {
                tagged(TAG, "Enable a webhook again")(operation).description(ENABLE)
            }),
        )
        .api_route(
            "/webhooks",
            get_with(
                list_of_all,
                tagged(TAG, "Webhooks of all courses (operators)"),
            )
            .post_with(create_for_all, |operation| {
                tagged(TAG, "Tell a receiver of every verdict (operators)")(operation)
                    .response::<201, Json<Webhook>>()
            }),
        )
        .api_route(
            "/webhooks/{id}",
            delete_with(
                remove_of_all,
                tagged(TAG, "Remove a webhook of all courses"),
            ),
        )
        .api_route(
            "/webhooks/{id}/enable",
            post_with(enable_of_all, |operation| {
                tagged(TAG, "Enable a webhook of all courses again")(operation).description(ENABLE)
            }),
        )
}

fn show(row: WebhookRow, state: WebhookState) -> Webhook {
    Webhook {
        id: row.id,
        user: row.user,
        course: row.course,
        url: row.url,
        disabled: row.disabled,
        created_at: row.created_at,
        waiting: state.waiting,
        given_up: state.given_up,
        last_delivery: state.last.map(|last| LastDelivery {
            at: last.at,
            state: match last.progress {
                Progress::Waiting => DeliveryState::Waiting,
                Progress::Delivered => DeliveryState::Delivered,
                Progress::GivenUp => DeliveryState::GivenUp,
            },
            attempts: last.attempts,
            error: last.error,
        }),
        resent: None,
        secret: None,
    }
}

async fn create(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    course: Option<String>,
    new: NewWebhook,
) -> Result<Response> {
    receiver::check_url(&new.url, app.config.webhooks_to_private_addresses)
        .map_err(|error| Problem::field("url", error.to_string()))?;
    let all = PageRequest {
        after: None,
        limit: carrel_store::page::PAGE_MAX,
    };
    let present = app.store.webhooks(course.as_deref(), all).await?;
    if present.items.len() >= WEBHOOKS_MAX {
        let detail = format!("there are {WEBHOOKS_MAX} webhooks already; remove one");
        return Err(Problem::new(Code::WrongState, detail));
    }
    let mut secret = vec![0; SECRET_BYTES];
    rustix::rand::getrandom(&mut secret, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| Problem::internal(&std::io::Error::from(error)))?;
    let told = format!("{SECRET_PREFIX}{}", STANDARD.encode(&secret));
    let row = WebhookRow {
        id: WebhookId::new(),
        user: caller.id(),
        course,
        url: new.url,
        secret,
        disabled: false,
        created_at: Timestamp::now(),
    };
    app.store.add_webhook(row.clone()).await?;
    record(app, auditor, action::WEBHOOK_CREATE, &row).await;
    let mut shown = show(row, WebhookState::default());
    shown.secret = Some(told);
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

/// Writes to the audit log what was done to a webhook.
async fn record(app: &App, auditor: &Auditor, action: &str, row: &WebhookRow) {
    match &row.course {
        Some(course) => {
            let auditor = auditor.of_course(course);
            auditor.record(app, action, row.id, course).await;
        }
        None => auditor.record(app, action, row.id, "").await,
    }
}

async fn create_for_course(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(course): Path<String>,
    Json(new): Json<NewWebhook>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    app.store.course(&course).await?;
    create(&app, (&caller, &auditor), Some(course), new).await
}

async fn create_for_all(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Json(new): Json<NewWebhook>,
) -> Result<Response> {
    caller.require_operator()?;
    create(&app, (&caller, &auditor), None, new).await
}

async fn list_some(
    app: &App,
    course: Option<&str>,
    query: PageQuery,
) -> Result<Json<List<Webhook>>> {
    let rows = app.store.webhooks(course, page(query)?).await?;
    let mut items = Vec::new();
    for row in rows.items {
        let state = app.store.webhook_state(row.id).await?;
        items.push(show(row, state));
    }
    let next = rows.next;
    Ok(Json(list(Page { items, next }, std::convert::identity)))
}

async fn list_of_course(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Webhook>>> {
    caller.require_role(&course, Role::Author)?;
    list_some(&app, Some(&course), query).await
}

async fn list_of_all(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Webhook>>> {
    caller.require_operator()?;
    list_some(&app, None, query).await
}

/// A webhook only where it is one of these: ids of other courses name nothing here.
async fn find(app: &App, course: Option<&str>, id: &str) -> Result<WebhookRow> {
    let missing = || Problem::missing("webhook", id);
    let id: WebhookId = id.parse().map_err(|_| missing())?;
    let all = PageRequest {
        after: None,
        limit: carrel_store::page::PAGE_MAX,
    };
    let rows = app.store.webhooks(course, all).await?;
    let mut rows = rows.items.into_iter();
    rows.find(|row| row.id == id).ok_or_else(missing)
}

async fn remove(app: &App, auditor: &Auditor, course: Option<&str>, id: &str) -> Result<NoContent> {
    let row = find(app, course, id).await?;
    app.store.remove_webhook(row.id).await?;
    record(app, auditor, action::WEBHOOK_REMOVE, &row).await;
    Ok(NoContent)
}

async fn enable(
    app: &App,
    auditor: &Auditor,
    (course, id): (Option<&str>, &str),
    wanted: EnableWebhook,
) -> Result<Json<Webhook>> {
    let row = find(app, course, id).await?;
    let days = u64::from(app.config.webhook_resend_days);
    let resend_ms = if wanted.resend { days * DAY_MS } else { 0 };
    let resent = app.store.enable_webhook(row.id, resend_ms).await?;
    record(app, auditor, action::WEBHOOK_ENABLE, &row).await;
    let row = find(app, course, id).await?;
    let state = app.store.webhook_state(row.id).await?;
    let mut shown = show(row, state);
    shown.resent = Some(resent);
    Ok(Json(shown))
}

async fn enable_of_course(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((course, id)): Path<(String, String)>,
    MaybeJson(wanted): MaybeJson<EnableWebhook>,
) -> Result<Json<Webhook>> {
    caller.require_role(&course, Role::Author)?;
    enable(&app, &auditor, (Some(&course), &id), wanted).await
}

async fn enable_of_all(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<String>,
    MaybeJson(wanted): MaybeJson<EnableWebhook>,
) -> Result<Json<Webhook>> {
    caller.require_operator()?;
    enable(&app, &auditor, (None, &id), wanted).await
}

async fn remove_of_course(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((course, id)): Path<(String, String)>,
) -> Result<NoContent> {
    caller.require_role(&course, Role::Author)?;
    remove(&app, &auditor, Some(&course), &id).await
}

async fn remove_of_all(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<String>,
) -> Result<NoContent> {
    caller.require_operator()?;
    remove(&app, &auditor, None, &id).await
}
