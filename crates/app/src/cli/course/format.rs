//! `carrel course format`: quiz files in the one way that the notation has.

use std::path::{Path, PathBuf};

use carrel_course::course::{QUIZ_SUFFIX, find_quizzes};
use carrel_model::quantity::number_of;
use carrel_quiz::limits::NOTATION_BYTES_MAX;
use carrel_quiz::notation;

use crate::cli::Session;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::staging::replace_file;
use crate::terminal::text::printable;
use crate::wire::course::failure;

/// Arguments of `carrel course format`.
#[derive(Debug, clap::Args)]
pub struct CourseFormatArguments {
    /// Quiz files (`*.quiz.md`), and directories whose quizzes are meant.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; name the files that would change, and end with 1 where there is one.
    #[arg(long)]
    check: bool,
}

/// A file whose text is not as it would be written.
struct Change {
    path: PathBuf,
    formatted: String,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`]. Where one file has problems, none is changed.
pub fn run(arguments: &CourseFormatArguments, session: &mut Session) -> Outcome {
    let mut changes = Vec::new();
    let mut problems = Vec::new();
    let mut number = 0_usize;
    for path in find(&arguments.paths)? {
        number += 1;
        match format(&path)? {
            Ok(Some(formatted)) => changes.push(Change { path, formatted }),
            Ok(None) => {}
            Err(found) => problems.push(found.to_string()),
        }
    }
    if !problems.is_empty() {
        let hint = "no file was changed";
        return Err(Failure::bad_challenge(anyhow::anyhow!(problems.join("\n"))).hint(hint));
    }
    let verb = if arguments.check {
        "would be formatted"
    } else {
        "formatted"
    };
    for change in &changes {
        if !arguments.check {
            replace_file(&change.path, change.formatted.as_bytes())?;
        }
        let name = change.path.display().to_string();
        session
            .terminal
            .line(format_args!("{verb}: {}", printable(&name)))?;
    }
    let as_it_is = number - changes.len();
    session.terminal.note(format_args!(
        "{as_it_is} of {} formatted already",
        number_of(number, "file was", "files were")
    ))?;
    Ok(if arguments.check && !changes.is_empty() {
        exit_code::REJECTED
    } else {
        exit_code::OK
    })
}

fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        if path.is_dir() {
            let quizzes = find_quizzes(path).map_err(failure)?;
            if quizzes.is_empty() {
                let message = format!("`{name}` holds no file that ends with `{QUIZ_SUFFIX}`");
                return Err(Failure::usage(message));
            }
            found.extend(quizzes);
        } else if matches!(path.try_exists(), Ok(false)) {
            return Err(Failure::usage(format!("`{name}` does not exist")));
        } else if name.ends_with(QUIZ_SUFFIX) {
            found.push(path.clone());
        } else {
            let hint = format!("name files that end with `{QUIZ_SUFFIX}`, or directories");
            return Err(Failure::usage(format!("`{name}` is no quiz")).hint(hint));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The text as it would be written, where that differs.
fn format(path: &Path) -> Result<Result<Option<String>, notation::Problems>, Failure> {
    let name = path.display().to_string();
    let told = |error: std::io::Error| Failure::usage(format!("cannot read `{name}`: {error}"));
    let metadata = std::fs::metadata(path).map_err(told)?;
    if metadata.len() > NOTATION_BYTES_MAX as u64 {
        let message = format!("`{name}` is larger than {NOTATION_BYTES_MAX} bytes");
        return Err(Failure::usage(message).hint("split it into several quizzes"));
    }
    let text = std::fs::read_to_string(path).map_err(told)?;
    let formatted = match notation::format(&text, &name) {
        Ok(formatted) => formatted,
        Err(problems) => return Ok(Err(problems)),
    };
    // The promise to keep what a quiz means is kept here as well, before anything is replaced.
    if notation::parse(&formatted, &name) != notation::parse(&text, &name) {
        let message = format!("formatting `{name}` would change what it means");
        return Err(Failure::platform(anyhow::anyhow!(message))
            .hint("the file was left as it is; please report this with the file"));
    }
    Ok(Ok((formatted != text).then_some(formatted)))
}
