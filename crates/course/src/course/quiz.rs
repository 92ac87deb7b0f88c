//! A quiz of a course: a file in the notation of quizzes.

use std::path::Path;

use carrel_model::quantity::number_of;
use carrel_quiz::limits::NOTATION_BYTES_MAX;
use carrel_quiz::notation::{self, Parsed, Places};

use super::lesson::read_text;
use super::{Course, CourseQuiz};
use crate::problem::{Problem, Problems};
use crate::slug::{self, is_slug};

/// Reads a quiz file; `path` is relative to the course.
pub(super) fn read(full: &Path, path: &str, problems: &mut Problems) -> Option<CourseQuiz> {
    let text = read_text(full, NOTATION_BYTES_MAX as u64, problems)?;
    let Parsed { quiz, places, .. } = parse(&text, full, problems)?;
    if !is_slug(&quiz.id) {
        let place = places.get("", "id");
        problems.push(Problem {
            path: full.to_owned(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            message: format!("`{}` is not an id", quiz.id),
            hint: Some(slug::HINT.to_owned()),
        });
    }
    Some(CourseQuiz {
        path: path.to_owned(),
        quiz,
    })
}

fn parse(text: &str, full: &Path, problems: &mut Problems) -> Option<Parsed> {
    match notation::parse_with_places(text, "") {
        Ok(parsed) => Some(parsed),
        Err(found) => {
            append(&found, full, problems);
            None
        }
    }
}

fn append(found: &notation::Problems, full: &Path, problems: &mut Problems) {
    for problem in found.list() {
        problems.push(Problem {
            path: full.to_owned(),
            line: Some(problem.line),
            column: Some(problem.column),
            message: problem.message.clone(),
            hint: Some(problem.hint.clone()).filter(|hint| !hint.is_empty()),
        });
    }
    if found.left_out() > 0 {
        let more = number_of(found.left_out(), "more problem", "more problems");
        let message = format!("has {more}");
        problems.push_path(full, message, "");
    }
}

/// Where the questions of a quiz stand; empty where its file cannot be read any more.
pub(super) fn find_places(course: &Course, quiz: &CourseQuiz) -> Places {
    let full = course.directory.join(&quiz.path);
    let mut problems = Problems::new();
    let parsed = read_text(&full, NOTATION_BYTES_MAX as u64, &mut problems)
        .and_then(|text| parse(&text, &full, &mut problems));
    parsed.map(|parsed| parsed.places).unwrap_or_default()
}

/// What is odd in the quizzes of a course, though they can be used.
#[must_use]
pub fn find_warnings(course: &Course) -> Problems {
    collect(course, |parsed| &parsed.warnings)
}

/// What in the quizzes of a course most likely is not what its author meant.
pub(super) fn find_slips(course: &Course) -> Problems {
    collect(course, |parsed| &parsed.slips)
}

/// Reads every quiz once more, for what is told of it beside its questions.
fn collect(course: &Course, told: impl Fn(&Parsed) -> &notation::Problems) -> Problems {
    let mut found = Problems::new();
    for quiz in &course.quizzes {
        let full = course.directory.join(&quiz.path);
        let mut problems = Problems::new();
        let text = read_text(&full, NOTATION_BYTES_MAX as u64, &mut problems);
        if let Some(parsed) = text.and_then(|text| parse(&text, &full, &mut problems)) {
            append(told(&parsed), &full, &mut found);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<CourseQuiz>, String) {
        let directory = tempfile::tempdir().unwrap();
        let full = directory.path().join("q.quiz.md");
        std::fs::write(&full, text).unwrap();
        let mut problems = Problems::new();
        let quiz = super::read(&full, "q.quiz.md", &mut problems);
        let shown = format!("{}/", directory.path().display());
        (quiz, problems.to_string().replace(&shown, ""))
    }

    #[test]
    fn a_quiz_is_read_and_its_id_is_that_of_an_activity() {
        let text = "+++\nid = \"q-1\"\ntitle = \"Q\"\n+++\n\n## One {#one}\n\nWhat?\n\n= yes\n";
        let (quiz, problems) = read(text);
        assert_eq!(problems, "");
        assert_eq!(quiz.unwrap().quiz.questions().count(), 1);
        let (_, problems) = read(&text.replace("id = \"q-1\"", "id   = \"Q_1\""));
        assert!(
            problems.starts_with("q.quiz.md:2:8: `Q_1` is not an id"),
            "{problems}"
        );
    }

    #[test]
    fn a_slip_refuses_no_course_that_is_published_and_is_told_of_one_that_is_checked() {
        let directory = tempfile::tempdir().unwrap();
        let text =
            "+++\nid = \"q\"\ntitle = \"Q\"\n+++\n\n## One {#one}\npionts: 2\n\nWhat?\n\n= yes\n";
        std::fs::write(directory.path().join("q.quiz.md"), text).unwrap();
        let text = "id='c'\ntitle='C'\n[[units]]\nid='u'\ntitle='U'\nactivities=['q.quiz.md']\n";
        std::fs::write(directory.path().join("course.toml"), text).unwrap();
        let course = crate::course::load(directory.path()).unwrap();
        assert_eq!(course.quizzes[0].quiz.questions().count(), 1);
        let told = crate::course::check_texts(&course).to_string();
        assert!(
            told.contains("q.quiz.md:7:1: the line looks like the keyword `points:`")
                && told.contains("did you mean `points: 2`?"),
            "{told}"
        );
    }

    #[test]
    fn problems_keep_their_places() {
        let (quiz, problems) =
            read("+++\nid = \"q\"\ntitle = \"Q\"\n+++\n\n## One {#one}\n\nWhat?\n");
        assert!(quiz.is_none());
        assert!(problems.starts_with("q.quiz.md:6:"), "{problems}");
    }
}
