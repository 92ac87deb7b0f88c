//! `carrel course import`: quizzes of other tools into a course, with a report of what was lost.

use std::path::PathBuf;

use carrel_exchange::Format;

use crate::cli::Session;
use crate::exit_code;
use crate::failure::Outcome;
use crate::terminal::text::printable;
use crate::wire::exchange::import::{Request, import};
use crate::wire::exchange::parse_source;

/// Arguments of `carrel course import`.
#[derive(Debug, clap::Args)]
pub struct CourseImportArguments {
    /// Files of other tools: each becomes a quiz, and questions of CodeRunner challenges beside it.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Directory of the course.
    #[arg(long, value_name = "COURSE")]
    into: PathBuf,
    /// Format of the files [default: by what each holds]: gift, aiken, moodle, qti, h5p.
    #[arg(long, value_name = "FORMAT", value_parser = parse_source)]
    from: Option<Format>,
    /// List what is imported at the end of this unit [default: among the drafts of the course].
    #[arg(long, value_name = "ID")]
    unit: Option<String>,
    /// Id of the quiz, once for each file [default: made of the file's name].
    #[arg(long = "quiz", value_name = "ID")]
    quizzes: Vec<String>,
    /// Put this before the ids of imported quizzes and challenges.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    prefix: String,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CourseImportArguments, session: &mut Session) -> Outcome {
    let report = import(&Request {
        files: &arguments.files,
        course: &arguments.into,
        format: arguments.from,
        unit: arguments.unit.as_deref(),
        quizzes: &arguments.quizzes,
        prefix: &arguments.prefix,
    })?;
    if arguments.json {
        session.terminal.json(&report)?;
    } else {
        let text = report.to_string();
        session
            .terminal
            .line(format_args!("{}", printable(&text)))?;
    }
    Ok(if report.is_empty() {
        // Nothing imported is a failure of what was named.
        exit_code::BAD_CHALLENGE
    } else {
        exit_code::OK
    })
}
