//! People: users, tokens, roles, rate limits, the audit log, a person's data.

pub mod audit;
mod cookie_answer;
mod data;
mod deletion;
mod exporting;
pub(crate) mod members;
pub mod name;
mod openid_routes;
pub mod password;
pub(crate) mod sign_in;
pub(crate) mod tokens;
pub(crate) mod users;
pub mod view;

use aide::axum::ApiRouter;
use carrel_api::Code;
use carrel_model::id::UserId;
use carrel_store::account::{Role, UserRow};

use crate::app::App;
use crate::caller::{Caller, Through};
use crate::problem::{Problem, Result};
use crate::session::cookie::Cookies;
use crate::session::failures::Failures;
use crate::session::limits::{Limits, Rates};
use crate::session::openid;
pub(crate) use deletion::go_on as go_on_deleting;
use exporting::Exports;
use password::Passwords;

/// Settings of accounts and sessions.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Config {
    /// Cookies without `Secure`, for plain HTTP on the loopback interface while developing:
    /// from other addresses nobody can sign in then.
    pub plain_http: bool,
    /// How many requests there may be.
    pub rates: Rates,
    /// A provider of OpenID Connect to sign in at.
    pub openid: Option<openid::Settings>,
}

/// What guards accounts, shared by all requests.
#[derive(Debug)]
pub struct Guards {
    /// Checks passwords.
    pub passwords: Passwords,
    /// Counts failed sign-ins.
    pub failures: Failures,
    /// Counts requests.
    pub limits: Limits,
    /// Reads and writes cookies.
    pub cookies: Cookies,
    /// Signs in elsewhere.
    pub openid: Option<openid::Provider>,
    /// Counts exports that are on their way.
    exports: Exports,
}

impl Guards {
    /// As configured; nothing counted yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            passwords: Passwords::default(),
            failures: Failures::default(),
            limits: Limits::new(config.rates),
            cookies: Cookies {
                plain_http: config.plain_http,
            },
            openid: config.openid.clone().map(openid::Provider::new),
            exports: Exports::default(),
        }
    }
}

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .merge(sign_in::routes())
        .merge(openid_routes::routes())
        .merge(users::routes())
        .merge(tokens::routes())
        .merge(members::routes())
        .merge(audit::routes())
        .merge(data::routes())
}

/// Asks for the person in person: what a token could not undo is not done by a token, but for
/// an operator's that was made to operate.
fn require_in_person(caller: &Caller) -> Result<()> {
    match caller.through() {
        Through::Session(_) => Ok(()),
        Through::Token(_) if caller.is_operator() => Ok(()),
        Through::Token(_) => {
            let detail = "a token may not do this; sign in";
            Err(Problem::new(Code::ScopeMissing, detail))
        }
    }
}

/// The person that a path names: `me`, an id or a name. Others than oneself only for operators.
async fn find_person(app: &App, caller: &Caller, text: &str) -> Result<UserRow> {
    if is_own(caller, text) {
        return Ok(caller.user().clone());
    }
    caller.require_operator()?;
    named(app, text).await
}

fn is_own(caller: &Caller, text: &str) -> bool {
    let own = caller.user();
    text == "me"
        || text.eq_ignore_ascii_case(&own.name)
        || text.parse().is_ok_and(|id| own.id == id)
}

/// Whom a parameter means: `me`, an id or a name. Others than oneself only for authors of the
/// course, or operators where there is none. An id may be of a person who is gone.
///
/// # Errors
/// The caller may not ask for others, or nobody has that name.
pub(crate) async fn whom(
    app: &App,
    caller: &Caller,
    course: Option<&str>,
    text: &str,
) -> Result<UserId> {
    if !is_own(caller, text) {
        match course {
            Some(course) => caller.require_role(course, Role::Author)?,
            None => caller.require_operator()?,
        }
    }
    meant(app, caller, text).await
}

/// The person meant by `me`, an id or a name; an id may be of a person who is gone. Whether the
/// caller may ask is looked at before.
async fn meant(app: &App, caller: &Caller, text: &str) -> Result<UserId> {
    if is_own(caller, text) {
        return Ok(caller.id());
    }
    match text.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(named(app, text).await?.id),
    }
}

/// The person of this id or name.
pub(crate) async fn named(app: &App, text: &str) -> Result<UserRow> {
    if let Ok(id) = text.parse() {
        return Ok(app.store.user(id).await?);
    }
    let found = app.store.user_by_name(text).await?;
    found.ok_or_else(|| Problem::missing("user", text))
}
