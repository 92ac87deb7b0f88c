//! Files of other tools become quizzes and challenges of a course: all of them, or none.

use std::path::{Path, PathBuf};

use carrel_course::course::{Course, Section, add_activities};
use carrel_course::is_slug;
use carrel_course::raw::COURSE_FILE;
use carrel_exchange::{Format, Loss};

use super::super::course::load_whole_course;
use super::report::{ImportReport, ImportedActivity, ImportedFile};
use super::stage::{self, Activity};
use super::{read_file, read_source};
use crate::failure::Failure;
use crate::naming::{id_of, title_of};
use crate::staging::Staging;

/// Largest `course.toml`.
const COURSE_BYTES_MAX: usize = 1 << 20;
/// How an id can be changed.
const OTHER_ID: &str = "give the quiz another id with `--quiz ID`, or all that is imported a prefix with `--prefix TEXT`";

/// What is to be imported, and where to.
#[derive(Debug)]
pub struct Request<'a> {
    /// Files, each with its quiz.
    pub files: &'a [PathBuf],
    /// Directory of the course.
    pub course: &'a Path,
    /// Format of all files; each one's own where not said.
    pub format: Option<Format>,
    /// Unit that lists what is imported; without it, it becomes drafts.
    pub unit: Option<&'a str>,
    /// Ids of the quizzes, in the order of the files.
    pub quizzes: &'a [String],
    /// What ids of quizzes and challenges begin with.
    pub prefix: &'a str,
}

/// One file, read.
struct Source {
    file: String,
    format: Format,
    activities: Vec<(&'static str, Activity)>,
    losses: Vec<Loss>,
}

/// Imports files into a course.
///
/// # Errors
/// A file cannot be read, an id or a path is taken, or the course is not sound; then nothing is
/// changed.
pub fn import(request: &Request<'_>) -> Result<ImportReport, Failure> {
    let course = open_course(request)?;
    check_ids(request)?;
    let retired = retired_ids(request.course)?;
    let mut staging = Staging::start(request.course)?;
    let mut sources: Vec<Source> = Vec::new();
    for (index, file) in request.files.iter().enumerate() {
        let taken = |id: &str| {
            let mut written = sources.iter().flat_map(|source| &source.activities);
            let here = written.any(|(_, activity)| activity.id == id);
            let here = here.then(|| "of another file that is imported".to_owned());
            here.or_else(|| find_id(&course, &retired, id))
        };
        let source = read_one(request, (index, file), &taken, &mut staging)?;
        sources.push(source);
    }
    let mut activities: Vec<&mut Activity> = sources
        .iter_mut()
        .flat_map(|source| source.activities.iter_mut().map(|(_, activity)| activity))
        .collect();
    if !activities.is_empty() {
        stage::check(&mut activities, &staging)?;
        list(request, &activities, &mut staging)?;
        load_whole_course(request.course)?;
        staging.keep();
    }
    Ok(ImportReport {
        course: request.course.display().to_string(),
        files: sources
            .into_iter()
            .map(|one| report(one, request.unit))
            .collect(),
    })
}

fn open_course(request: &Request<'_>) -> Result<Course, Failure> {
    let directory = request.course;
    if !directory.join(COURSE_FILE).is_file() {
        let message = format!("`{}` holds no {COURSE_FILE}", directory.display());
        return Err(Failure::usage(message)
            .hint("name the directory of a course; `carrel course new DIRECTORY` begins one"));
    }
    let course = load_whole_course(directory)
        .map_err(|failure| failure.hint("mend the course first: nothing was imported"))?;
    if let Some(id) = request.unit.filter(|id| course.unit(id).is_none()) {
        let units: Vec<String> = course
            .units
            .iter()
            .map(|unit| format!("`{}`", unit.id))
            .collect();
        return Err(Failure::usage(format!("the course has no unit `{id}`"))
            .hint(format!("its units are {}", units.join(", "))));
    }
    Ok(course)
}

fn check_ids(request: &Request<'_>) -> Result<(), Failure> {
    if request.quizzes.len() > request.files.len() {
        return Err(Failure::usage("there are more `--quiz ID` than files")
            .hint("each file becomes one quiz"));
    }
    let prefix = (!request.prefix.is_empty()).then(|| format!("{}x", request.prefix));
    for id in request.quizzes.iter().chain(&prefix) {
        if !is_slug(id) {
            let said = if Some(id) == prefix.as_ref() {
                request.prefix
            } else {
                id
            };
            return Err(Failure::usage(format!("`{said}` is no id"))
                .hint("ids have lower-case letters, digits and `-`"));
        }
    }
    Ok(())
}

/// Ids that the course had once.
fn retired_ids(directory: &Path) -> Result<Vec<String>, Failure> {
    let course: toml::Table =
        toml::from_str(&course_text(directory)?).map_err(Failure::bad_challenge)?;
    let retired = course.get("retired").and_then(toml::Value::as_array);
    let ids = retired
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str);
    Ok(ids.map(str::to_owned).collect())
}

fn course_text(directory: &Path) -> Result<String, Failure> {
    let bytes = read_file(&directory.join(COURSE_FILE), COURSE_BYTES_MAX)?;
    String::from_utf8(bytes).map_err(Failure::bad_challenge)
}

/// Whose id this is already.
fn find_id(course: &Course, retired: &[String], id: &str) -> Option<String> {
    if retired.iter().any(|one| one == id) {
        return Some("of something that the course had once".to_owned());
    }
    if course.unit(id).is_some() {
        return Some("of a unit of the course".to_owned());
    }
    let (_, activity) = course.activity(id)?;
    let kind = activity.kind.name();
    let path = match (course.lesson(id), course.quiz(id), course.challenge(id)) {
        (Some(lesson), _, _) => lesson.path.clone(),
        (_, Some(quiz), _) => quiz.path.clone(),
        (_, _, Some(challenge)) => challenge.directory.display().to_string(),
        _ => id.to_owned(),
    };
    Some(format!("of the {kind} `{path}`"))
}

fn read_one(
    request: &Request<'_>,
    (index, path): (usize, &Path),
    taken: &dyn Fn(&str) -> Option<String>,
    staging: &mut Staging,
) -> Result<Source, Failure> {
    let (format, bytes) = read_source(path, request.format)?;
    let file = path.display().to_string();
    let mut imported = carrel_exchange::read(format, &bytes, &file).map_err(|error| {
        // What is XML or an archive is known by what it holds.
        let way_out = match (request.format, format) {
            (None, Format::Gift | Format::Aiken) => {
                "nothing was imported; if it is of another format, say so with `--from FORMAT`"
            }
            _ => "nothing was imported",
        };
        Failure::bad_challenge(error).hint(way_out)
    })?;
    let require = |id: &str| match taken(id) {
        Some(whose) => {
            Err(Failure::usage(format!("`{id}`, from `{file}`, is the id {whose}")).hint(OTHER_ID))
        }
        None => Ok(()),
    };
    let with_hint = |failure: Failure| match failure.exit_code {
        crate::exit_code::USAGE => failure.hint(OTHER_ID),
        _ => failure,
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let id = match request.quizzes.get(index) {
        Some(id) => id.clone(),
        None => format!("{}{}", request.prefix, id_of(&stem, "quiz")),
    };
    let mut activities = Vec::new();
    let quiz = stage::write_quiz(&mut imported, (&id, &title_of(&stem, "Quiz")), staging);
    if let Some(quiz) = quiz.map_err(with_hint)? {
        require(&quiz.id)?;
        activities.push(("quiz", quiz));
    }
    for directory in &imported.challenges {
        let id = format!("{}{}", request.prefix, directory.name);
        require(&id)?;
        let is_own = activities
            .iter()
            .any(|(_, other): &(_, Activity)| other.id == id);
        if is_own {
            let message = format!("`{id}` is the quiz and a challenge of `{file}`");
            return Err(Failure::usage(message).hint(OTHER_ID));
        }
        let challenge = stage::write_challenge(directory, &id, staging).map_err(with_hint)?;
        activities.push(("challenge", challenge));
    }
    Ok(Source {
        file,
        format,
        activities,
        losses: imported.losses,
    })
}

/// Lists what is sound in the unit, and the rest among the drafts; places all of it.
fn list(
    request: &Request<'_>,
    activities: &[&mut Activity],
    staging: &mut Staging,
) -> Result<(), Failure> {
    let is_listed = |one: &Activity| request.unit.is_some() && one.problems.is_empty();
    let paths = |listed: bool| -> Vec<String> {
        let chosen = activities.iter().filter(|one| is_listed(one) == listed);
        chosen.map(|one| one.path.clone()).collect()
    };
    let mut text = course_text(request.course)?;
    let sections = [
        request.unit.map(|unit| (Section::Unit(unit), paths(true))),
        Some((Section::Drafts, paths(false))),
    ];
    for (section, paths) in sections.into_iter().flatten() {
        text = add_activities(&text, section, &paths).map_err(Failure::bad_challenge)?;
    }
    staging.place()?;
    staging.replace(COURSE_FILE, text.as_bytes())
}

fn report(source: Source, unit: Option<&str>) -> ImportedFile {
    let activities = source
        .activities
        .into_iter()
        .map(|(kind, activity)| ImportedActivity {
            kind,
            id: activity.id,
            path: activity.path,
            questions: activity.questions,
            attachments: activity.attachments,
            unit: unit
                .filter(|_| activity.problems.is_empty())
                .map(str::to_owned),
            problems: activity.problems,
        });
    ImportedFile {
        file: source.file,
        format: source.format.name(),
        activities: activities.collect(),
        losses: source.losses,
    }
}
