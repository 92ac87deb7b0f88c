//! API tokens: made, listed, revoked.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::NoContent;
use carrel_api::account::{
    NewToken, SecretText, TOKEN_DAYS_DEFAULT, TOKEN_DAYS_MAX, TOKEN_NAME_LENGTH_MAX, TOKENS_MAX,
    Token, TokenMade, TokenQuery,
};
use carrel_api::list::PageQuery;
use carrel_api::{Code, List};
use carrel_model::id::{TokenId, UserId};
use carrel_store::PageRequest;
use carrel_store::account::{Authority, Credential, Scope, TokenRow};
use carrel_store::page::PAGE_MAX;
use jiff::{SignedDuration, Timestamp};

use super::audit::{Auditor, action};
use super::{find_person, require_in_person, view};
use crate::app::App;
use crate::caller::{Caller, Through};
use crate::extract::{Json, Path, Query, list, page};
use crate::problem::{Problem, Result};
use crate::session::token::TokenText;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/tokens",
            get_with(list_some, |operation| {
                operation
                    .id("listTokens")
                    .tag("Accounts")
                    .summary("List tokens, newest first")
            })
            .post_with(make, |operation| {
                operation
                    .id("makeToken")
                    .tag("Accounts")
                    .summary("Make a token for yourself")
                    .description("The secret is in this answer and nowhere else.")
                    .response::<201, Json<TokenMade>>()
            }),
        )
        .api_route(
            "/tokens/{token}",
            delete_with(revoke, |operation| {
                operation
                    .id("revokeToken")
                    .tag("Accounts")
                    .summary("Revoke a token")
            }),
        )
}

async fn list_some(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TokenQuery>,
) -> Result<Json<List<Token>>> {
    let user = match query.user.as_deref() {
        None => Some(caller.id()),
        Some("all") => {
            caller.require_operator()?;
            None
        }
        Some(text) => Some(find_person(&app, &caller, text).await?.id),
    };
    let wanted = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let rows = app.store.tokens(user, wanted).await?;
    Ok(Json(list(rows, view::token)))
}

pub(crate) async fn make(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Json(sent): Json<NewToken>,
) -> Result<(StatusCode, Json<TokenMade>)> {
    require_in_person(&caller)?;
    check(&caller, &sent)?;
    require_room(&app, caller.id()).await?;
    let text = TokenText::generate().map_err(|error| Problem::internal(&error))?;
    let now = Timestamp::now();
    let days = i64::from(sent.days.unwrap_or(TOKEN_DAYS_DEFAULT));
    let row = TokenRow {
        id: TokenId::new(),
        secret_hash: text.hash(),
        user: caller.id(),
        name: sent.name,
        scopes: sent.scopes,
        course: sent.course,
        expires_at: Some(now + SignedDuration::from_hours(24 * days)),
        created_at: now,
        used_at: None,
        revoked_at: None,
    };
    app.store
        .add_token(row.clone(), credential(&caller))
        .await?;
    let scopes: Vec<&str> = row.scopes.iter().map(|scope| scope.name()).collect();
    let detail = format!("{} scopes={} days={days}", row.name, scopes.join(","));
    auditor
        .record(&app, action::TOKEN_CREATE, row.id, &detail)
        .await;
    let made = TokenMade {
        token: view::token(row),
        secret: SecretText(text.reveal().to_owned()),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Through what the caller asks.
fn credential(caller: &Caller) -> Credential {
    match caller.through() {
        Through::Session(session) => Credential::Session(session.secret_hash),
        Through::Token(token) => Credential::Token(token.id),
    }
}

fn check(caller: &Caller, sent: &NewToken) -> Result<()> {
    let length = sent.name.chars().count();
    if !(1..=TOKEN_NAME_LENGTH_MAX).contains(&length) || sent.name.contains(char::is_control) {
        let message = format!("must have 1 to {TOKEN_NAME_LENGTH_MAX} printable characters");
        return Err(Problem::field("name", message));
    }
    if sent.scopes.is_empty() {
        return Err(Problem::field(
            "scopes",
            "a token without a scope is good for nothing",
        ));
    }
    let days = sent.days.unwrap_or(TOKEN_DAYS_DEFAULT);
    if !(1..=TOKEN_DAYS_MAX).contains(&days) {
        let message = format!("must be between 1 and {TOKEN_DAYS_MAX}");
        return Err(Problem::field("days", message));
    }
    let operates = match &sent.course {
        Some(course) => caller.runs(course),
        None => caller.is_operator_somewhere(),
    };
    if sent.scopes.contains(&Scope::Operate) && !operates {
        return Err(Problem::field("scopes", "`operate` is for operators"));
    }
    match &sent.course {
        Some(course) if caller.role(course).is_none() => {
            let message = format!("there is no course `{course}` that you are a member of");
            Err(Problem::field("course", message))
        }
        _ => Ok(()),
    }
}

/// Tokens that still count are bounded; those that are over or revoked are not counted.
async fn require_room(app: &App, user: UserId) -> Result<()> {
    let (mut after, mut alive, now) = (None, 0, Timestamp::now());
    loop {
        let wanted = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let rows = app.store.tokens(Some(user), wanted).await?;
        let counts = |row: &&TokenRow| {
            row.revoked_at.is_none() && row.expires_at.is_none_or(|until| until > now)
        };
        alive += rows.items.iter().filter(counts).count();
        if alive >= TOKENS_MAX {
            let detail = format!("you have {TOKENS_MAX} tokens; revoke one first");
            return Err(Problem::new(Code::WrongState, detail));
        }
        after = rows.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn revoke(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<TokenId>,
) -> Result<NoContent> {
    revoke_token(&app, (&caller, &auditor), id).await?;
    Ok(NoContent)
}

/// Revokes a token: one's own, or another's as an operator.
///
/// # Errors
/// There is no such token that the caller may revoke.
pub(crate) async fn revoke_token(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    id: TokenId,
) -> Result<()> {
    // A token may end itself: that is what one does with a token that leaked.
    let itself = matches!(caller.through(), Through::Token(token) if token.id == id);
    let by = if itself {
        Authority::Own
    } else if owns(app, caller.id(), id).await? {
        require_in_person(caller)?;
        Authority::Own
    } else if caller.user().operator {
        caller.require_operator()?;
        Authority::Operator(caller.id())
    } else {
        return Err(Problem::missing("token", id));
    };
    app.store.revoke_token(id, by).await?;
    auditor.record(app, action::TOKEN_REVOKE, id, "").await;
    Ok(())
}

async fn owns(app: &App, user: UserId, id: TokenId) -> Result<bool> {
    let mut after = None;
    loop {
        let wanted = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let rows = app.store.tokens(Some(user), wanted).await?;
        if rows.items.iter().any(|row| row.id == id) {
            return Ok(true);
        }
        after = rows.next;
        if after.is_none() {
            return Ok(false);
        }
    }
}
