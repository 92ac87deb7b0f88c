//! Adding and changing people.

use std::net::IpAddr;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, put_with};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use carrel_api::account::{
    NewUser, PasswordChange, PasswordChanged, SecretText, User, UserAdded, UserChange,
};
use carrel_api::list::PageQuery;
use carrel_api::{Code, List};
use carrel_model::id::UserId;
use carrel_store::account::{Authority, UserRow, UserUpdate};
use jiff::Timestamp;

use super::audit::{Auditor, action};
use super::cookie_answer::CookieAnswer;
use super::name::{check_display_name, check_email, check_name};
use super::password::{Outcome, Password};
use super::sign_in::{begin, tell_password_error};
use super::{find_person, require_in_person, view};
use crate::address::ClientAddress;
use crate::app::App;
use crate::caller::{Caller, Through};
use crate::extract::{Json, Path, Query, list, page};
use crate::problem::{Problem, Result};

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/users",
            get_with(list_all, |operation| {
                operation
                    .id("listUsers")
                    .tag("Accounts")
                    .summary("List people by name (operators)")
            })
            .post_with(add, |operation| {
                operation
                    .id("addUser")
                    .tag("Accounts")
                    .summary("Add a person (operators)")
                    .response::<201, Json<UserAdded>>()
            }),
        )
        .api_route(
            "/users/{user}",
            get_with(show, |operation| {
                operation
                    .id("getUser")
                    .tag("Accounts")
                    .summary("One person: `me`, an id or a name")
            })
            .patch_with(change, |operation| {
                operation
                    .id("changeUser")
                    .tag("Accounts")
                    .summary("Change a person")
            }),
        )
        .api_route(
            "/users/{user}/password",
            put_with(change_password, |operation| {
                operation
                    .id("changePassword")
                    .tag("Accounts")
                    .summary("Change one's password, or reset another's (operators)")
                    .description("All other sessions of that person end.")
                    .response::<200, Json<PasswordChanged>>()
            }),
        )
}

async fn list_all(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<User>>> {
    caller.require_operator()?;
    let rows = app.store.users(page(query)?).await?;
    Ok(Json(list(rows, view::user)))
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Json<User>> {
    let user = find_person(&app, &caller, &user).await?;
    Ok(Json(view::user(user)))
}

async fn add(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Json(sent): Json<NewUser>,
) -> Result<(StatusCode, Json<UserAdded>)> {
    let added = add_person(&app, (&caller, &auditor), sent).await?;
    Ok((StatusCode::CREATED, Json(added)))
}

/// Adds a person.
///
/// # Errors
/// The caller is no operator, a part is not allowed, or the name is taken.
pub(crate) async fn add_person(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    sent: NewUser,
) -> Result<UserAdded> {
    caller.require_operator()?;
    check_name(&sent.name).map_err(|error| told("name", &error))?;
    let display_name = sent.display_name.unwrap_or_else(|| sent.name.clone());
    check_display_name(&display_name).map_err(|error| told("display_name", &error))?;
    if let Some(email) = &sent.email {
        check_email(email).map_err(|error| told("email", &error))?;
    }
    let (password, drawn) = choose_password(sent.password, &sent.name)?;
    let hash = app.guards.passwords.hash(password).await;
    require_operator_still(app, caller).await?;
    let row = UserRow {
        id: UserId::new(),
        name: sent.name,
        display_name,
        email: sent.email,
        password_hash: Some(hash.map_err(tell_password_error)?),
        operator: sent.operator,
        disabled: false,
        subject: None,
        created_at: Timestamp::now(),
    };
    let by = Authority::Operator(caller.id());
    app.store.add_user(row.clone(), by).await?;
    let detail = if row.operator { "operator" } else { "" };
    auditor.record(app, action::USER_ADD, row.id, detail).await;
    Ok(UserAdded {
        user: view::user(row),
        password: drawn,
    })
}

fn told(field: &str, error: &super::name::Error) -> Problem {
    Problem::field(field, error.to_string())
}

/// The password that was sent, or one drawn at random, which is to be told.
fn choose_password(sent: Option<SecretText>, name: &str) -> Result<(Password, Option<SecretText>)> {
    if let Some(SecretText(text)) = sent {
        let password = Password::parse(&text, name).map_err(tell_password_error)?;
        return Ok((password, None));
    }
    let password = Password::generate().map_err(|error| Problem::internal(&error))?;
    let told = SecretText(password.reveal().to_owned());
    Ok((password, Some(told)))
}

async fn change(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(user): Path<String>,
    Json(sent): Json<UserChange>,
) -> Result<Json<User>> {
    let changed = change_person(&app, (&caller, &auditor), &user, sent).await?;
    Ok(Json(changed))
}

/// Changes a person: `me`, an id or a name.
///
/// # Errors
/// The caller may not, a part is not allowed, or the last operator would go.
pub(crate) async fn change_person(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    user: &str,
    sent: UserChange,
) -> Result<User> {
    require_in_person(caller)?;
    let id = find_person(app, caller, user).await?.id;
    let of_power = sent.operator.is_some() || sent.disabled.is_some();
    if of_power {
        caller.require_operator()?;
    }
    let by = if of_power {
        Authority::Operator(caller.id())
    } else {
        authority(caller, id)
    };
    let (old, new) = app.store.change_user(id, update(sent)?, by).await?;
    let detail = describe(&old, &new);
    auditor
        .record(app, action::USER_CHANGE, new.id, &detail)
        .await;
    Ok(view::user(new))
}

/// By whose power the caller changes this person: their own, or an operator's.
pub(super) fn authority(caller: &Caller, id: UserId) -> Authority {
    if id == caller.id() {
        Authority::Own
    } else {
        Authority::Operator(caller.id())
    }
}

fn update(sent: UserChange) -> Result<UserUpdate> {
    if let Some(name) = &sent.display_name {
        check_display_name(name).map_err(|error| told("display_name", &error))?;
    }
    let email = sent
        .email
        .map(|email| Some(email).filter(|email| !email.is_empty()));
    if let Some(Some(email)) = &email {
        check_email(email).map_err(|error| told("email", &error))?;
    }
    Ok(UserUpdate {
        display_name: sent.display_name,
        email,
        operator: sent.operator,
        disabled: sent.disabled,
        subject: None,
    })
}

/// The caller may have been recognised long before the last of the request came.
pub(super) async fn require_operator_still(app: &App, caller: &Caller) -> Result<()> {
    let now = app.store.user(caller.id()).await?;
    if now.operator && !now.disabled {
        return Ok(());
    }
    let detail = "this is for those who run the service";
    Err(Problem::new(Code::OperatorRequired, detail))
}

fn describe(old: &UserRow, new: &UserRow) -> String {
    let mut changes = Vec::new();
    if old.display_name != new.display_name {
        changes.push("display_name".to_owned());
    }
    if old.email != new.email {
        changes.push("email".to_owned());
    }
    if old.operator != new.operator {
        changes.push(format!("operator={}", new.operator));
    }
    if old.disabled != new.disabled {
        changes.push(format!("disabled={}", new.disabled));
    }
    changes.join(" ")
}

pub(crate) async fn change_password(
    State(app): State<App>,
    (caller, ClientAddress(address)): (Caller, ClientAddress),
    (auditor, headers): (Auditor, HeaderMap),
    Path(user): Path<String>,
    Json(sent): Json<PasswordChange>,
) -> Result<Response> {
    require_in_person(&caller)?;
    let id = find_person(&app, &caller, &user).await?.id;
    // As it is now: the request may have been recognised long before its last byte came.
    let row = app.store.user(id).await?;
    let is_own = id == caller.id();
    if is_own && row.password_hash.is_some() {
        require_password(&app, &row, address, (sent.old_password, "old_password")).await?;
    }
    let (password, drawn) = choose_password(sent.password, &row.name)?;
    let hash = app.guards.passwords.hash(password).await;
    let hash = hash.map_err(tell_password_error)?;
    let row = if is_own {
        let kept = row.password_hash.clone();
        if !app.store.replace_password(id, kept, hash.clone()).await? {
            let detail = "the password or the account was changed meanwhile; begin again";
            return Err(Problem::new(Code::WrongState, detail));
        }
        app.store.end_sessions(id).await?;
        UserRow {
            password_hash: Some(hash),
            ..row
        }
    } else {
        app.store
            .set_password(id, hash, authority(&caller, id))
            .await?;
        row
    };
    let detail = if is_own { "own" } else { "reset" };
    auditor
        .record(&app, action::USER_PASSWORD, id, detail)
        .await;
    let answer = Json(PasswordChanged { password: drawn });
    if is_own && matches!(caller.through(), Through::Session(_)) {
        let (cookie, _) = begin(&app, row, &headers).await?;
        return Ok(CookieAnswer(cookie, answer).into_response());
    }
    Ok(answer.into_response())
}

/// Draws another person a new password, which is told once; their sessions end.
///
/// # Errors
/// The caller is no operator, or it is their own: that is changed with the present one.
pub(crate) async fn reset_password(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    user: &str,
) -> Result<(UserRow, SecretText)> {
    require_in_person(caller)?;
    caller.require_operator()?;
    let row = find_person(app, caller, user).await?;
    if row.id == caller.id() {
        let detail = "your own password is changed on your account page";
        return Err(Problem::new(Code::WrongState, detail));
    }
    let password = Password::generate().map_err(|error| Problem::internal(&error))?;
    let told = SecretText(password.reveal().to_owned());
    let hash = app.guards.passwords.hash(password).await;
    let hash = hash.map_err(tell_password_error)?;
    let by = authority(caller, row.id);
    app.store.set_password(row.id, hash, by).await?;
    auditor
        .record(app, action::USER_PASSWORD, row.id, "reset")
        .await;
    Ok((row, told))
}

/// Asks a person for their own password once more; failures are slowed as at signing in.
pub(super) async fn require_password(
    app: &App,
    user: &UserRow,
    address: Option<IpAddr>,
    (sent, field): (Option<SecretText>, &'static str),
) -> Result<()> {
    let Some(SecretText(sent)) = sent else {
        return Err(Problem::field(
            field,
            "your present password is needed for this",
        ));
    };
    let attempt = super::sign_in::begin_attempt(app, &user.name, address)?;
    let kept = user.password_hash.clone();
    match app.guards.passwords.check(&sent, kept).await {
        Ok(Outcome::Wrong) => Err(Problem::field(field, "this is not your present password")),
        Ok(_) => {
            app.guards.failures.succeeded(attempt);
            Ok(())
        }
        Err(error) => {
            app.guards.failures.taken_back(attempt);
            Err(tell_password_error(error))
        }
    }
}
