//! `carrel admin export` and `carrel admin delete`.

use carrel_store::account::Authority;
use carrel_store::export::Export;
use carrel_web::account::audit::action;

use super::user::require_other_operator;
use super::{Database, Session};
use crate::exit_code;
use crate::failure::{Failure, Outcome};

/// Arguments of `carrel admin export`.
#[derive(Debug, clap::Args)]
pub struct ExportArguments {
    /// Name or id.
    user: String,
}

/// Arguments of `carrel admin delete`.
#[derive(Debug, clap::Args)]
pub struct DeleteArguments {
    /// Name or id.
    user: String,
    /// Do it: without this nothing is deleted.
    #[arg(long)]
    yes: bool,
}

/// Runs `carrel admin export`.
///
/// # Errors
/// See [`exit_code`].
pub fn export(arguments: &ExportArguments, session: &mut Session) -> Outcome {
    let database = Database::open(&session.state)?;
    let person = database.person(&arguments.user)?;
    let mut export = Export::new(person.id);
    while let Some(text) = database.wait(export.next(database.store()))? {
        session.terminal.write(&text)?;
    }
    session.terminal.line(format_args!(""))?;
    database.record(action::USER_EXPORT, person.id, "")?;
    Ok(exit_code::OK)
}

/// Runs `carrel admin delete`.
///
/// # Errors
/// See [`exit_code`].
pub fn delete(arguments: &DeleteArguments, session: &mut Session) -> Outcome {
    let database = Database::open(&session.state)?;
    let person = database.person(&arguments.user)?;
    require_other_operator(&database, &person)?;
    if !arguments.yes {
        let name = &person.name;
        return Err(Failure::usage(format!(
            "this deletes `{name}` and all that is kept of them for good"
        ))
        .hint(format!(
            "`carrel admin export {name}` keeps a copy; --yes deletes"
        )));
    }
    database.record(action::USER_DELETE, person.id, "")?;
    let store = database.store();
    database.wait(store.delete_user(person.id, Authority::Host))?;
    session
        .terminal
        .line(format_args!("deleted {}", person.name))?;
    Ok(exit_code::OK)
}
