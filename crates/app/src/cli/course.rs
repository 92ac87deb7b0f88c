//! `carrel course`: work with a whole course.

pub mod check;
pub mod report;
mod task;
mod teller;
mod trace;

use clap::Subcommand;

use super::Session;
use crate::failure::Outcome;

/// Commands on a course.
#[derive(Debug, Subcommand)]
pub enum CourseCommand {
    /// Check every file, link and question, run the programs of tracing questions, and judge every reference solution, starter and declared submission; refuse the course where one differs from what its author declared.
    Check(check::CourseCheckArguments),
}

/// Runs the command.
///
/// # Errors
/// See [`crate::exit_code`].
pub fn run(command: &CourseCommand, session: &mut Session) -> Outcome {
    match command {
        CourseCommand::Check(arguments) => check::run(arguments, session),
    }
}
