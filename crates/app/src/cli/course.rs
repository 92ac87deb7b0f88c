//! `carrel course`: work with a whole course.

pub mod check;
pub mod diff;
pub mod export;
pub mod format;
pub mod import;
pub mod new;
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
    /// Begin a course: a small one that passes `carrel course check` and shows how lessons, quizzes and challenges are written.
    New(new::CourseNewArguments),
    /// Write quiz files in the one way that the notation has; what they mean stays the same.
    Format(format::CourseFormatArguments),
    /// Take quizzes of other tools into a course: Moodle XML (with challenges from CodeRunner), GIFT, Aiken, QTI 2.x and 3.0, H5P. Tell by name what could not be carried over.
    Import(import::CourseImportArguments),
    /// Write the quizzes of a course for other tools: Moodle XML, GIFT, QTI 2.1 or 2.2, QTI 1.2 for Canvas. Tell by name what could not be carried over.
    Export(export::CourseExportArguments),
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
        CourseCommand::New(arguments) => new::run(arguments, session),
        CourseCommand::Format(arguments) => format::run(arguments, session),
        CourseCommand::Import(arguments) => import::run(arguments, session),
        CourseCommand::Export(arguments) => export::run(arguments, session),
    }
}
