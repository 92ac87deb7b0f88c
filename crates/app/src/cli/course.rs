//! `carrel course`: work with a whole course.

pub mod check;
pub mod diff;
pub mod preview;
pub mod publish;
pub mod report;
pub mod stats;
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
    /// Tell what changes for learners between two versions of a course.
    Diff(diff::CourseDiffArguments),
    /// See a course as learners do, in a browser on this machine: serves it until Ctrl-C, publishes it anew when files change, and keeps nothing.
    Preview(preview::CoursePreviewArguments),
    /// Publish a directory, or a revision of a git repository, on a service: shows what changes for learners, and asks.
    Publish(publish::CoursePublishArguments),
    /// Tell figures of quizzes and challenges from a service.
    Stats(stats::CourseStatsArguments),
}

/// Runs the command.
///
/// # Errors
/// See [`crate::exit_code`].
pub fn run(command: &CourseCommand, session: &mut Session) -> Outcome {
    match command {
        CourseCommand::Check(arguments) => check::run(arguments, session),
        CourseCommand::Diff(arguments) => diff::run(arguments, session),
        CourseCommand::Preview(arguments) => preview::run(arguments, session),
        CourseCommand::Publish(arguments) => publish::run(arguments, session),
        CourseCommand::Stats(arguments) => stats::run(arguments, session),
    }
}
