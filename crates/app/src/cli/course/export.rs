//! `carrel course export`: quizzes for other tools, with a report of what they cannot hold.

use std::path::PathBuf;

use carrel_exchange::Format;

use crate::cli::Session;
use crate::exit_code;
use crate::failure::Outcome;
use crate::terminal::text::printable;
use crate::wire::exchange::export::export;
use crate::wire::exchange::parse_target;

/// Arguments of `carrel course export`.
#[derive(Debug, clap::Args)]
pub struct CourseExportArguments {
    /// Directory of a course, or one of its quizzes (`*.quiz.md`).
    #[arg(value_name = "COURSE_OR_QUIZ")]
    path: PathBuf,
    /// Format: gift, moodle, qti (2.1), qti2.2, canvas (QTI 1.2).
    #[arg(long, value_name = "FORMAT", value_parser = parse_target)]
    to: Format,
    /// File to write; of a course, the directory for a file of each quiz [default: named after the quiz or course, here].
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CourseExportArguments, session: &mut Session) -> Outcome {
    let report = export(&arguments.path, arguments.to, arguments.output.as_deref())?;
    if arguments.json {
        session.terminal.json(&report)?;
    } else {
        let text = report.to_string();
        session
            .terminal
            .line(format_args!("{}", printable(&text)))?;
    }
    Ok(exit_code::OK)
}
