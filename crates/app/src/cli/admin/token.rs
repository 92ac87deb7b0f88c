//! `carrel admin token`.

use std::collections::{BTreeMap, BTreeSet};

use carrel_model::account::{Role, Scope};
use carrel_model::id::{TokenId, UserId};
use carrel_store::PageRequest;
use carrel_store::account::{Authority, Credential, TokenRow, UserRow};
use carrel_store::page::PAGE_MAX;
use carrel_web::account::audit::action;
use carrel_web::account::view;
use carrel_web::session::token::TokenText;
use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};

use super::{Database, Session};
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::terminal::text::printable;

/// Days that a token counts where nothing is said.
const DAYS_DEFAULT: &str = "90";
/// Most days.
const DAYS_MAX: i64 = 3_660;

/// Commands on tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for a person and print it; it is not shown again.
    Create(CreateArguments),
    /// List tokens, newest first: of everybody with the name of their owner.
    #[command(alias = "ls")]
    List {
        /// Of this person only: name or id.
        user: Option<String>,
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token.
    Revoke {
        /// Id of the token, as `list` tells it.
        id: TokenId,
    },
}

/// Arguments of `carrel admin token create`.
#[derive(Debug, clap::Args)]
pub struct CreateArguments {
    /// Whose: name or id.
    user: String,
    /// Name, to know it again.
    #[arg(long, default_value = "command line")]
    name: String,
    /// What for (again for more).
    #[arg(long = "scope", required = true, value_name = "SCOPE")]
    scopes: Vec<ScopeName>,
    /// Only for this course.
    #[arg(long, value_name = "ID")]
    course: Option<String>,
    /// Days that it counts, up to 3660, or `never` for one that ends only when revoked.
    #[arg(long, default_value = DAYS_DEFAULT, value_name = "DAYS", value_parser = parse_days)]
    days: Days,
}

/// A scope as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ScopeName {
    /// Read what its owner may read.
    Read,
    /// Submit and read the verdicts.
    Submit,
    /// Ad-hoc execution, also through the Piston and Judge0 endpoints.
    Execute,
    /// What an author may do.
    Author,
    /// What an operator may do.
    Operate,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Submit => Self::Submit,
            ScopeName::Execute => Self::Execute,
            ScopeName::Author => Self::Author,
            ScopeName::Operate => Self::Operate,
        }
    }
}

/// How long a token counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// So many days.
    Number(i64),
    /// Until it is revoked.
    Never,
}

fn parse_days(text: &str) -> Result<Days, String> {
    if text == "never" {
        return Ok(Days::Never);
    }
    match text.parse::<i64>() {
        Ok(days) if (1..=DAYS_MAX).contains(&days) => Ok(Days::Number(days)),
        _ => Err(format!("must be `never` or a number from 1 to {DAYS_MAX}")),
    }
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(command: &TokenCommand, session: &mut Session) -> Outcome {
    let database = Database::open(&session.state)?;
    match command {
        TokenCommand::Create(arguments) => create(&database, arguments, session),
        TokenCommand::List { user, json } => list(&database, user.as_deref(), *json, session),
        TokenCommand::Revoke { id } => revoke(&database, *id, session),
    }
}

/// Whether a person runs the service, the course that the token is for, or where it is for none
/// any course.
fn operates(
    database: &Database,
    person: &UserRow,
    arguments: &CreateArguments,
) -> Result<bool, Failure> {
    let roles = database.wait(database.store().roles(person.id))?;
    let runs = |(of, role): &(String, Role)| {
        *role == Role::Operator && arguments.course.as_ref().is_none_or(|only| only == of)
    };
    Ok(person.operator || roles.iter().any(runs))
}

fn create(database: &Database, arguments: &CreateArguments, session: &mut Session) -> Outcome {
    let person = database.person(&arguments.user)?;
    let scopes: BTreeSet<Scope> = arguments.scopes.iter().map(|name| (*name).into()).collect();
    if scopes.contains(&Scope::Operate) && !operates(database, &person, arguments)? {
        let name = &person.name;
        let course = arguments.course.as_deref().unwrap_or("COURSE");
        return Err(
            Failure::usage(format!("`{name}` is no operator")).hint(format!(
                "`carrel admin user operator {name}` makes them one, \
                 `carrel admin role set {name} {course} operator` one of a course only"
            )),
        );
    }
    let text = TokenText::generate()
        .map_err(|error| Failure::platform(anyhow::anyhow!("drawing random bytes: {error}")))?;
    let now = Timestamp::now();
    let row = TokenRow {
        id: TokenId::new(),
        secret_hash: text.hash(),
        user: person.id,
        name: arguments.name.clone(),
        scopes,
        course: arguments.course.clone(),
        expires_at: match arguments.days {
            Days::Number(days) => Some(now + SignedDuration::from_hours(24 * days)),
            Days::Never => None,
        },
        created_at: now,
        used_at: None,
        revoked_at: None,
    };
    let store = database.store();
    database.wait(store.add_token(row.clone(), Credential::Host))?;
    let names: Vec<&str> = row.scopes.iter().map(|scope| scope.name()).collect();
    database.record(
        action::TOKEN_CREATE,
        row.id,
        &format!("scopes={}", names.join(",")),
    )?;
    // Alone on standard output, for `$(carrel admin token create …)`.
    session.terminal.line(format_args!("{}", text.reveal()))?;
    let id = row.id;
    session
        .terminal
        .note(format_args!("note: token {id}; it is not shown again"))?;
    Ok(exit_code::OK)
}

fn list(database: &Database, user: Option<&str>, json: bool, session: &mut Session) -> Outcome {
    let user = user
        .map(|text| database.person(text))
        .transpose()?
        .map(|person| person.id);
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let wanted = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = database.wait(database.store().tokens(user, wanted))?;
        rows.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if json {
        let shown: Vec<_> = rows.into_iter().map(view::token).collect();
        session.terminal.json(&shown)?;
        return Ok(exit_code::OK);
    }
    let now = Timestamp::now();
    // Of one person all are theirs.
    let owners = match user {
        Some(_) => BTreeMap::new(),
        None => names(database)?,
    };
    for row in rows {
        let owner = owners.get(&row.user);
        let owner = owner.map(|name| format!("  {name}")).unwrap_or_default();
        let scopes: Vec<&str> = row.scopes.iter().map(|scope| scope.name()).collect();
        let course = row
            .course
            .as_ref()
            .map(|id| format!("  course {id}"))
            .unwrap_or_default();
        let state = match (row.revoked_at, row.expires_at) {
            (Some(at), _) => format!("revoked {at:.0}"),
            (None, Some(until)) if until <= now => format!("over since {until:.0}"),
            (None, Some(until)) => format!("until {until:.0}"),
            (None, None) => "until revoked".to_owned(),
        };
        let (id, name, scopes) = (row.id, printable(&row.name), scopes.join(","));
        session.terminal.line(format_args!(
            "{id}{owner}  {name}  {scopes}{course}  {state}"
        ))?;
    }
    Ok(exit_code::OK)
}

/// Names of people by their ids.
fn names(database: &Database) -> Result<BTreeMap<UserId, String>, Failure> {
    let people = super::user::all(database)?.into_iter();
    Ok(people.map(|person| (person.id, person.name)).collect())
}

fn revoke(database: &Database, id: TokenId, session: &mut Session) -> Outcome {
    database.wait(database.store().revoke_token(id, Authority::Host))?;
    database.record(action::TOKEN_REVOKE, id, "")?;
    session.terminal.line(format_args!("revoked {id}"))?;
    Ok(exit_code::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_bounded_or_never() {
        assert_eq!(parse_days("never"), Ok(Days::Never));
        assert_eq!(parse_days("30"), Ok(Days::Number(30)));
        for bad in ["0", "3661", "-1", "x", ""] {
            assert!(parse_days(bad).is_err(), "{bad}");
        }
        assert!(parse_days(DAYS_DEFAULT).is_ok());
    }

    #[test]
    fn every_scope_can_be_typed() {
        use clap::ValueEnum as _;
        let typed: BTreeSet<Scope> = ScopeName::value_variants()
            .iter()
            .map(|name| (*name).into())
            .collect();
        assert_eq!(typed, Scope::ALL.iter().copied().collect());
        for name in ScopeName::value_variants() {
            let word = name.to_possible_value().unwrap().get_name().to_owned();
            assert_eq!(Scope::of_name(&word), Some((*name).into()));
        }
    }
}
