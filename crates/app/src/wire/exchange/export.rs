//! Quizzes of a course in the format of another tool.

use std::path::{Path, PathBuf};

use carrel_course::course::{ActivityKind, QUIZ_SUFFIX};
use carrel_course::raw::COURSE_FILE;
use carrel_exchange::limits::ATTACHMENT_BYTES_MAX;
use carrel_exchange::{Exported, File, Format};
use carrel_quiz::limits::NOTATION_BYTES_MAX;
use carrel_quiz::{Quiz, notation};

use super::super::course::load_whole_course;
use super::read_file;
use super::report::{ExportReport, ExportedQuiz};
use crate::failure::Failure;
use crate::staging::{Staging, write_new};

/// The way out where something is there already.
const OTHER_PLACE: &str = "name another place with `--output PATH`, or remove what is there";

/// Exports a quiz, or all quizzes of a course.
///
/// # Errors
/// The files have problems, the format is not written, or something is at the place already.
pub fn export(path: &Path, format: Format, output: Option<&Path>) -> Result<ExportReport, Failure> {
    if !format.can_write() {
        let message = format!("`{format}` ({}) is read, not written", format.title());
        let formats = super::list_formats(Format::can_write);
        return Err(Failure::usage(message).hint(format!("those that are written:\n{formats}")));
    }
    if path.is_dir() {
        export_course(path, format, output)
    } else {
        export_quiz(path, format, output)
    }
}

fn export_quiz(
    path: &Path,
    format: Format,
    output: Option<&Path>,
) -> Result<ExportReport, Failure> {
    let name = path.display().to_string();
    let bytes = read_file(path, NOTATION_BYTES_MAX)?;
    if !name.ends_with(QUIZ_SUFFIX) {
        let message = format!("`{name}` is neither a course nor a quiz");
        let hint =
            format!("name a directory with course.toml, or a file that ends with `{QUIZ_SUFFIX}`");
        return Err(Failure::usage(message).hint(hint));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::bad_challenge(anyhow::anyhow!("`{name}` is not UTF-8 text")))?;
    let quiz = notation::parse(&text, &name).map_err(Failure::bad_challenge)?;
    let exported = write(&quiz, parent_of(path), format)?;
    let to = output.map_or_else(|| PathBuf::from(file_name(&quiz, format)), Path::to_owned);
    existing_parent_of(&to)?;
    write_new(&to, &exported.bytes).map_err(with_hint)?;
    Ok(ExportReport {
        format: format.name(),
        quizzes: vec![report(&quiz, to.display().to_string(), exported)],
        left_out: Vec::new(),
    })
}

fn export_course(
    directory: &Path,
    format: Format,
    output: Option<&Path>,
) -> Result<ExportReport, Failure> {
    let course = load_whole_course(directory)?;
    if course.quizzes.is_empty() {
        let message = format!("`{}` has no quiz to export", directory.display());
        return Err(Failure::usage(message));
    }
    let to = output.map_or_else(
        || PathBuf::from(format!("{}-{format}", course.id)),
        Path::to_owned,
    );
    let Some(name) = to.file_name().and_then(|name| name.to_str()) else {
        let message = format!("`{}` is no name of a directory", to.display());
        return Err(Failure::usage(message));
    };
    let mut staging = Staging::start(existing_parent_of(&to)?)?;
    let mut quizzes = Vec::new();
    for one in &course.quizzes {
        let full = course.directory.join(&one.path);
        let exported = write(&one.quiz, parent_of(&full), format)?;
        let file = file_name(&one.quiz, format);
        staging.write(&format!("{name}/{file}"), &exported.bytes)?;
        quizzes.push(report(
            &one.quiz,
            to.join(file).display().to_string(),
            exported,
        ));
    }
    staging.plan(name).map_err(with_hint)?;
    staging.place().map_err(with_hint)?;
    staging.keep();
    let others = course
        .activities()
        .filter(|(_, one)| one.kind != ActivityKind::Quiz);
    Ok(ExportReport {
        format: format.name(),
        quizzes,
        left_out: others
            .map(|(_, one)| format!("{} `{}`", one.kind.name(), one.id))
            .collect(),
    })
}

/// The directory that a path is in.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The directory that something is to be written into.
fn existing_parent_of(path: &Path) -> Result<&Path, Failure> {
    let parent = parent_of(path);
    if parent.is_dir() {
        return Ok(parent);
    }
    let message = format!("`{}` is no directory", parent.display());
    Err(Failure::usage(message).hint("make it first, or name another place with `--output PATH`"))
}

fn with_hint(failure: Failure) -> Failure {
    match failure.exit_code {
        crate::exit_code::USAGE => failure.hint(OTHER_PLACE),
        _ => failure,
    }
}

fn file_name(quiz: &Quiz, format: Format) -> String {
    let extension = format.extensions().first().copied().unwrap_or_default();
    format!("{}.{extension}", quiz.id)
}

fn report(quiz: &Quiz, file: String, exported: Exported) -> ExportedQuiz {
    ExportedQuiz {
        quiz: quiz.id.clone(),
        file,
        questions: quiz.questions().count(),
        losses: exported.losses,
    }
}

fn write(quiz: &Quiz, beside: &Path, format: Format) -> Result<Exported, Failure> {
    let files = read_attachments(quiz, beside)?;
    carrel_exchange::write(format, quiz, &files).map_err(Failure::usage)
}

/// The files that questions name, each once. None lies outside of the course, or of the directory
/// of a quiz that belongs to none.
fn read_attachments(quiz: &Quiz, beside: &Path) -> Result<Vec<File>, Failure> {
    let mut files: Vec<File> = Vec::new();
    let mut root = None;
    for question in quiz.questions() {
        for attachment in &question.attachments {
            let path = &attachment.path;
            if files.iter().any(|file| file.path == *path) {
                continue;
            }
            let wrong = |what: &str| {
                Failure::bad_challenge(anyhow::anyhow!(
                    "quiz `{}`, question `{}`: the file `{path}` {what}",
                    quiz.id,
                    question.id
                ))
            };
            let cannot = |error: std::io::Error| wrong(&format!("cannot be read: {error}"));
            let real = beside.join(path).canonicalize().map_err(cannot)?;
            if root.is_none() {
                root = Some(find_root(beside).map_err(cannot)?);
            }
            if !root.as_ref().is_some_and(|root| real.starts_with(root)) {
                return Err(wrong("leads out of the course"));
            }
            let bytes = read_file(&real, ATTACHMENT_BYTES_MAX)?;
            files.push(File {
                path: path.clone(),
                bytes,
            });
        }
    }
    Ok(files)
}

/// The course that a directory belongs to; itself where there is none.
fn find_root(directory: &Path) -> std::io::Result<PathBuf> {
    let directory = directory.canonicalize()?;
    let is_course = |path: &&Path| path.join(COURSE_FILE).is_file();
    let found = directory.ancestors().find(is_course).map(Path::to_owned);
    Ok(found.unwrap_or(directory))
}
