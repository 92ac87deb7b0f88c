//! `carrel admin`: people, roles, tokens, backup and restore, on the service's database itself.
//! The service may run meanwhile (but for `restore`); what is done here stands in its audit log.

pub mod copy;
pub mod data;
pub mod role;
pub mod token;
pub mod user;

use std::future::Future;
use std::path::PathBuf;

use carrel_model::id::UserId;
use carrel_store::Store;
use carrel_store::account::UserRow;
use carrel_store::ledger::AuditRow;
use carrel_store::sqlite::{Options, SqliteStore};
use clap::Subcommand;
use jiff::Timestamp;

use super::Session;
use crate::config::service::Places;
use crate::config::state::State;
use crate::exit_code;
use crate::failure::{Failure, Outcome};

/// Commands for who runs the service.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Add, list and change people.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Give and take roles in courses.
    #[command(subcommand)]
    Role(role::RoleCommand),
    /// Make, list and revoke API tokens.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Write a consistent copy of the database and of the published courses; the service may run meanwhile.
    Backup(copy::BackupArguments),
    /// Put what `carrel admin backup` wrote in its place again; refused while the service runs.
    Restore(copy::RestoreArguments),
    /// Print everything that is kept of a person, as JSON.
    Export(data::ExportArguments),
    /// Delete a person and all that is kept of them. This cannot be undone.
    Delete(data::DeleteArguments),
}

/// Runs the command.
///
/// # Errors
/// See [`crate::exit_code`].
pub fn run(command: &AdminCommand, session: &mut Session) -> Outcome {
    match command {
        AdminCommand::User(command) => user::run(command, session),
        AdminCommand::Role(command) => role::run(command, session),
        AdminCommand::Token(command) => token::run(command, session),
        AdminCommand::Backup(arguments) => copy::back_up(arguments, session),
        AdminCommand::Restore(arguments) => copy::restore(arguments, session),
        AdminCommand::Export(arguments) => data::export(arguments, session),
        AdminCommand::Delete(arguments) => data::delete(arguments, session),
    }
}

/// Where the service keeps its rows.
fn database_of(state: &State) -> PathBuf {
    Places::of(state).database()
}

/// The opened database, and what drives its calls.
struct Database {
    store: SqliteStore,
    runtime: tokio::runtime::Runtime,
}

impl Database {
    /// Opens the database that is there.
    fn open(state: &State) -> Result<Self, Failure> {
        let path = database_of(state);
        if !path.exists() {
            let problem = anyhow::anyhow!("there is no database at `{}`", path.display());
            return Err(Failure::not_ready(problem)
                .hint("start `carrel serve` once: it makes the database")
                .hint("name the service's state directory with --state-directory"));
        }
        let store = SqliteStore::open(&path, Options::default()).map_err(failure)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Failure::platform)?;
        Ok(Self { store, runtime })
    }

    /// Waits for an answer of the database.
    fn wait<T>(
        &self,
        answer: impl Future<Output = carrel_store::error::Result<T>>,
    ) -> Result<T, Failure> {
        self.runtime.block_on(answer).map_err(failure)
    }

    fn store(&self) -> &dyn Store {
        &self.store
    }

    /// The person of this name or id.
    fn person(&self, text: &str) -> Result<UserRow, Failure> {
        let store = self.store();
        if let Ok(id) = text.parse::<UserId>() {
            return self.wait(store.user(id));
        }
        let found = self.wait(store.user_by_name(text))?;
        found.ok_or_else(|| {
            Failure::usage(format!("there is no user `{text}`"))
                .hint("`carrel admin user list` tells who there is")
        })
    }

    /// Writes to the audit log.
    fn record(&self, action: &str, object: impl ToString, detail: &str) -> Result<(), Failure> {
        let entry = audit_entry(action, object, detail);
        self.wait(self.store().add_audit(entry))
    }

    /// Writes to the audit log what is about a course.
    fn record_of(
        &self,
        course: &str,
        action: &str,
        object: impl ToString,
        detail: &str,
    ) -> Result<(), Failure> {
        let entry = AuditRow {
            course: Some(course.to_owned()),
            ..audit_entry(action, object, detail)
        };
        self.wait(self.store().add_audit(entry))
    }
}

/// An entry of the audit log for what is done on the command line.
pub fn audit_entry(action: &str, object: impl ToString, detail: &str) -> AuditRow {
    let own = rustix::process::getuid().as_raw();
    AuditRow {
        at: Timestamp::now(),
        user: None,
        through: "command_line".to_owned(),
        address: None,
        action: action.to_owned(),
        course: None,
        object: object.to_string(),
        detail: format!("{detail} uid={own}").trim_start().to_owned(),
    }
}

/// Whose fault an error of the database is.
fn failure(error: carrel_store::Error) -> Failure {
    use carrel_store::Error;
    let code = match &error {
        Error::Missing { .. } | Error::Exists { .. } | Error::State { .. } => exit_code::USAGE,
        Error::TooNew { .. } => exit_code::NOT_READY,
        _ => exit_code::PLATFORM_FAULT,
    };
    let too_new = matches!(error, Error::TooNew { .. });
    let failure = Failure::new(code, error);
    if too_new {
        return failure.hint("use the newer carrel that wrote it");
    }
    failure
}
