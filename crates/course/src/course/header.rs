//! `course.toml` as a whole: what stands above the units, and what holds for all of them.

use std::path::{Path, PathBuf};

use super::content::Contents;
use super::unit::Reader;
use super::{ActivityKind, Course, DEFAULT_LANGUAGE, decimal, discovery, order};
use crate::document::Document;
use crate::placed::Placed;
use crate::problem::Problems;
use crate::raw::{COURSE_FILE, CourseFile};

/// Most characters of a language tag.
const LANGUAGE_CHARACTERS_MAX: usize = 35;

pub(super) fn load(directory: &Path, problems: &mut Problems) -> Option<Course> {
    let mut document = Document::open(&directory.join(COURSE_FILE), problems)?;
    let file: CourseFile = document.parse(problems)?;
    let id = require(&document, file.id.as_ref(), "id", problems);
    let title = require(&document, file.title.as_ref(), "title", problems);
    let language = find_language(&document, file.language.as_ref(), problems);
    if file.units.is_empty() && !document.was_refused_in(None, "units") {
        let hint = "add [[units]] with id, title and activities = [\"path\", …]";
        problems.push(document.describe(Some(0..0), "the course has no unit", hint));
    }
    let mut reader = Reader {
        root: directory,
        document: &document,
        problems,
        contents: Contents::default(),
        paths: Vec::new(),
        complete: true,
        unit_ids: Vec::new(),
        requirements: Vec::new(),
    };
    let units: Vec<_> = file.units.iter().map(|unit| reader.read(unit)).collect();
    let drafts: Vec<PathBuf> = file
        .drafts
        .iter()
        .filter_map(|path| reader.find(path).map(|_| directory.join(&path.value)))
        .collect();
    order::check(&mut reader, &units, &file.retired);
    let Reader {
        mut contents,
        paths,
        ..
    } = reader;
    let mark = decimal::mark_of(&language);
    for quiz in &mut contents.quizzes {
        quiz.quiz.set_usual_mark(mark);
    }
    let listed = |path: &PathBuf| {
        drafts.contains(path) || paths.iter().any(|listed| directory.join(listed) == *path)
    };
    report_unlisted(directory, listed, problems);
    Some(Course {
        directory: directory.to_owned(),
        id,
        title,
        description: file.description.map(|text| text.value),
        language,
        licence: file.licence.map(|text| text.value),
        units,
        lessons: contents.lessons,
        quizzes: contents.quizzes,
        challenges: contents.challenges,
        projects: contents.projects,
    })
}

fn require(
    document: &Document,
    text: Option<&Placed<String>>,
    key: &str,
    problems: &mut Problems,
) -> String {
    match text {
        Some(text) if !text.value.trim().is_empty() => text.value.clone(),
        Some(text) => {
            let message = format!("`{key}` is empty");
            problems.push(document.describe(Some(text.span.clone()), message, ""));
            String::new()
        }
        None => {
            if !document.was_refused_in(None, key) {
                problems.push(document.describe(Some(0..0), format!("`{key}` is missing"), ""));
            }
            String::new()
        }
    }
}

fn find_language(
    document: &Document,
    said: Option<&Placed<String>>,
    problems: &mut Problems,
) -> String {
    let Some(said) = said else {
        return DEFAULT_LANGUAGE.to_owned();
    };
    if !is_language_tag(&said.value) {
        let message = format!("`{}` is no language tag", said.value);
        let hint = "a tag of BCP 47, such as `en`, `de` or `pt-BR`";
        problems.push(document.describe(Some(said.span.clone()), message, hint));
    }
    said.value.clone()
}

/// Whether a text has the form of a BCP 47 tag: a language, and parts after it.
fn is_language_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    text.len() <= LANGUAGE_CHARACTERS_MAX
        && (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn report_unlisted(directory: &Path, listed: impl Fn(&PathBuf) -> bool, problems: &mut Problems) {
    let found = discovery::find(directory, problems);
    let challenges = found.challenges.into_iter();
    let challenges = challenges.map(|path| (ActivityKind::Challenge, path));
    let projects = found.projects.into_iter();
    let projects = projects.map(|path| (ActivityKind::Project, path));
    for (kind, path) in challenges.chain(projects).chain(found.files) {
        if !listed(&path) {
            let verb = if path.is_dir() { "holds" } else { "is" };
            let message = format!("{verb} a {} that no unit lists", kind.name());
            let hint = "list it in a unit of course.toml, or in `drafts`";
            problems.push_path(path, message, hint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_have_their_form() {
        for right in ["en", "de", "pt-BR", "zh-Hant-TW", "sr-Latn"] {
            assert!(is_language_tag(right), "{right}");
        }
        for wrong in ["", "e", "english language", "en_GB", "en-", "-en", "12"] {
            assert!(!is_language_tag(wrong), "{wrong}");
        }
    }
}
