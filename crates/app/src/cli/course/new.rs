//! `carrel course new`: a small course that is sound, to begin with.

use std::path::{Path, PathBuf};

use carrel_course::is_slug;
use carrel_image::definition::{HOST, stock_names};

use crate::cli::Session;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::naming::{id_of, title_of};
use crate::staging::Staging;
use crate::terminal::text::printable;
use crate::wire::environments;

/// Path and text of a file of `courses/template`, which is a course that is checked itself.
macro_rules! template {
    ($path:literal) => {
        (
            $path,
            include_str!(concat!("../../../../../courses/template/", $path)),
        )
    };
}

/// The files of a new course.
const FILES: [(&str, &str); 12] = [
    template!("course.toml"),
    template!("lessons/first-program.md"),
    template!("quizzes/first-program.quiz.md"),
    template!("challenges/greeting/challenge.toml"),
    template!("challenges/greeting/instructions.md"),
    template!("challenges/greeting/start/greeting.py"),
    template!("challenges/greeting/solution/greeting.py"),
    template!("challenges/greeting/submissions/wrong_answer/always_ada.py"),
    template!("challenges/greeting/data/ada.in"),
    template!("challenges/greeting/data/ada.ans"),
    template!("challenges/greeting/data/anybody.in"),
    template!("challenges/greeting/data/anybody.ans"),
];
/// What a new course has in place of the template's id, title and environments.
const ID: &str = "id = \"new-course\"";
const TITLE: &str = "title = \"New course\"";
const LANGUAGE: &str = "language = \"python\"\n";
const KIND: &str = "kind: tracing\n";
/// Id of a course in a directory whose name gives none.
const FALLBACK: &str = "course";

/// Arguments of `carrel course new`.
#[derive(Debug, clap::Args)]
pub struct CourseNewArguments {
    /// Directory of the course: one that is not there yet, or an empty one.
    directory: PathBuf,
    /// Id of the course, never to be changed [default: made of the directory's name].
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Title of the course [default: made of the directory's name].
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Environment of the programs in it [default: that of Python].
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CourseNewArguments, session: &mut Session) -> Outcome {
    let directory = &arguments.directory;
    let name = name_of(directory);
    let id = arguments
        .id
        .clone()
        .unwrap_or_else(|| id_of(&name, FALLBACK));
    for (what, said) in [
        ("id", Some(&id)),
        ("environment", arguments.environment.as_ref()),
    ] {
        if let Some(wrong) = said.filter(|said| !is_slug(said)) {
            return Err(Failure::usage(format!("`{wrong}` is no {what}"))
                .hint("lower-case letters, digits and `-`"));
        }
    }
    if let Some(name) = &arguments.environment {
        require_environment(name, session)?;
    }
    let title = arguments
        .title
        .clone()
        .unwrap_or_else(|| title_of(&name, "Course"));
    let quoted = toml::Value::String(title).to_string();
    let was_there = directory.is_dir();
    let written = write(directory, &|path, text| match path {
        "course.toml" => text.replacen(ID, &format!("id = \"{id}\""), 1).replacen(
            TITLE,
            &format!("title = {quoted}"),
            1,
        ),
        _ => with_environment(text, arguments.environment.as_deref()),
    });
    if written.is_err() && !was_there {
        // Nothing is in it; one that is full of something stays.
        let _ = std::fs::remove_dir(directory);
    }
    written?;
    let shown = directory.display().to_string();
    let shown = printable(&shown);
    let terminal = &mut session.terminal;
    terminal.line(format_args!(
        "{shown}: a course with a lesson, a quiz and a challenge"
    ))?;
    if arguments.id.is_none() && id_of(&name, "").is_empty() {
        terminal.line(format_args!(
            "  its id is `{id}`, for none can be made of the directory's name; `--id` gives another"
        ))?;
    }
    if arguments.environment.is_none() {
        terminal.line(format_args!(
            "  carrel env build python     once, for its programs"
        ))?;
    }
    terminal.line(format_args!("  carrel course check {shown}"))?;
    Ok(exit_code::OK)
}

/// An environment that carrel knows, or that is built here.
fn require_environment(name: &str, session: &Session) -> Result<(), Failure> {
    let mut known: Vec<String> = stock_names().chain([HOST]).map(str::to_owned).collect();
    if known.iter().any(|one| one == name) {
        return Ok(());
    }
    // Where the store is not there or another user's, nothing of it can be used either.
    if session.state.directory.is_dir()
        && let Ok(store) = environments::open(&session.state, None)
    {
        let built = store.list().map_err(environments::failure)?;
        known.extend(built.into_iter().map(|record| record.name));
    }
    if known.iter().any(|one| one == name) {
        return Ok(());
    }
    known.sort();
    known.dedup();
    Err(
        Failure::usage(format!("there is no environment `{name}`")).hint(format!(
            "known are {}; one of your own is built first: carrel env build DIRECTORY",
            known.join(", ")
        )),
    )
}

/// The name of a directory, also of one that is named by `.` or `..`.
fn name_of(directory: &Path) -> String {
    let real = match directory.file_name() {
        Some(_) => None,
        None => directory.canonicalize().ok(),
    };
    let named = real.as_deref().unwrap_or(directory);
    let name = named.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn write(directory: &Path, fill: &dyn Fn(&str, &str) -> String) -> Result<(), Failure> {
    let shown = directory.display();
    let cannot = |error: std::io::Error| Failure::usage(format!("cannot use `{shown}`: {error}"));
    if directory.symlink_metadata().is_ok() {
        let mut entries = std::fs::read_dir(directory).map_err(cannot)?;
        if entries.next().is_some() {
            return Err(Failure::usage(format!("`{shown}` is not empty"))
                .hint("name a directory that is not there yet; nothing was written"));
        }
    } else {
        std::fs::create_dir_all(directory).map_err(cannot)?;
    }
    let mut staging = Staging::start(directory)?;
    for (path, text) in FILES {
        staging.write(path, fill(path, text).as_bytes())?;
    }
    for path in ["lessons", "quizzes", "challenges", "course.toml"] {
        staging.plan(path)?;
    }
    staging.place()?;
    staging.keep();
    Ok(())
}

/// The environment stands where the formatter would put it.
fn with_environment(text: &str, environment: Option<&str>) -> String {
    let Some(name) = environment else {
        return text.to_owned();
    };
    text.replace(LANGUAGE, &format!("{LANGUAGE}environment = \"{name}\"\n"))
        .replace(KIND, &format!("{KIND}environment: {name}\n"))
}

#[cfg(test)]
mod tests {
    use carrel_quiz::notation;

    use super::*;

    #[test]
    fn what_is_replaced_is_in_the_template() {
        let all: String = FILES.iter().map(|(_, text)| *text).collect();
        for text in [ID, TITLE, LANGUAGE, KIND] {
            assert_eq!(all.matches(text).count(), 1, "{text}");
        }
    }

    #[test]
    fn every_file_of_the_template_is_written() {
        fn count(directory: &Path) -> usize {
            let entries = std::fs::read_dir(directory).unwrap();
            entries
                .map(|entry| match entry.unwrap().path() {
                    path if path.is_dir() => count(&path),
                    _ => 1,
                })
                .sum()
        }
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../courses/template");
        assert_eq!(count(&template), FILES.len());
    }

    #[test]
    fn the_quiz_is_written_as_the_formatter_writes_it() {
        let quiz = FILES.iter().find(|(path, _)| path.ends_with(".quiz.md"));
        for environment in [None, Some("host")] {
            let text = with_environment(quiz.unwrap().1, environment);
            assert_eq!(notation::format(&text, "q").as_deref(), Ok(text.as_str()));
        }
    }
}
