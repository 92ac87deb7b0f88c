//! `carrel admin role`.

use carrel_model::account::Role;
use carrel_store::account::Giver;
use carrel_web::account::audit::action;
use clap::Subcommand;

use super::{Database, Session};
use crate::exit_code;
use crate::failure::Outcome;

/// Commands on roles.
#[derive(Debug, Subcommand)]
pub enum RoleCommand {
    /// Give a person a role in a course; the course need not be published yet.
    Set {
        /// Name or id.
        user: String,
        /// Id of the course.
        course: String,
        /// The role.
        role: RoleName,
    },
    /// Take a person's role in a course.
    Remove {
        /// Name or id.
        user: String,
        /// Id of the course.
        course: String,
    },
    /// List a person's roles.
    #[command(alias = "ls")]
    List {
        /// Name or id.
        user: String,
    },
}

/// A role as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RoleName {
    /// Takes the course.
    Learner,
    /// Writes it.
    Author,
    /// Runs it: what an author may, and names authors, looks after parked submissions.
    Operator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Learner => Self::Learner,
            RoleName::Author => Self::Author,
            RoleName::Operator => Self::Operator,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(command: &RoleCommand, session: &mut Session) -> Outcome {
    let database = Database::open(&session.state)?;
    match command {
        RoleCommand::Set { user, course, role } => {
            set(&database, (user, course), Some((*role).into()), session)
        }
        RoleCommand::Remove { user, course } => set(&database, (user, course), None, session),
        RoleCommand::List { user } => list(&database, user, session),
    }
}

fn set(
    database: &Database,
    (user, course): (&String, &String),
    role: Option<Role>,
    session: &mut Session,
) -> Outcome {
    let person = database.person(user)?;
    let store = database.store();
    database.wait(store.set_role(person.id, course, role, Giver::Host))?;
    let name = &person.name;
    match role {
        Some(role) => {
            let detail = format!("{course} {role}");
            database.record_of(course, action::ROLE_SET, person.id, &detail)?;
            session
                .terminal
                .line(format_args!("{name} is {role} of {course}"))?;
        }
        None => {
            database.record_of(course, action::ROLE_REMOVE, person.id, course)?;
            session
                .terminal
                .line(format_args!("{name} has no role in {course}"))?;
        }
    }
    Ok(exit_code::OK)
}

fn list(database: &Database, user: &str, session: &mut Session) -> Outcome {
    let person = database.person(user)?;
    for (course, role) in database.wait(database.store().roles(person.id))? {
        session.terminal.line(format_args!("{course}  {role}"))?;
    }
    Ok(exit_code::OK)
}
