//! The author's files, with every problem told as one failure.

use std::path::Path;

use carrel_course::Problems;
use carrel_course::course::Course;
use carrel_course::raw::{ChallengeFile, CourseFile, LessonFile, ProjectFile, SubmissionsFile};
use carrel_model::challenge::Challenge;
use carrel_quiz::notation::FrontMatter;

use crate::failure::Failure;

/// Reads a challenge.
///
/// # Errors
/// Every problem in it, by file and line.
pub fn load_challenge(directory: &Path) -> Result<Challenge, Failure> {
    carrel_course::challenge::load(directory).map_err(failure)
}

/// Reads a course, a single challenge, or a directory of challenges.
///
/// # Errors
/// Every problem in it, by file and line.
pub fn load_course(directory: &Path) -> Result<Course, Failure> {
    carrel_course::course::load(directory).map_err(failure)
}

/// Reads a course as [`load_course`] does, and follows the links of its texts.
///
/// # Errors
/// Every problem in it, by file and line.
pub fn load_whole_course(directory: &Path) -> Result<Course, Failure> {
    let course = load_course(directory)?;
    let problems = carrel_course::course::check_texts(&course);
    if problems.is_empty() {
        Ok(course)
    } else {
        Err(failure(problems))
    }
}

/// JSON Schema of `challenge.toml`.
#[must_use]
pub fn challenge_schema() -> schemars::Schema {
    schemars::schema_for!(ChallengeFile)
}

/// JSON Schema of `submissions.toml`.
#[must_use]
pub fn submissions_schema() -> schemars::Schema {
    schemars::schema_for!(SubmissionsFile)
}

/// JSON Schema of `course.toml`.
#[must_use]
pub fn course_schema() -> schemars::Schema {
    schemars::schema_for!(CourseFile)
}

/// JSON Schema of `project.toml`.
#[must_use]
pub fn project_schema() -> schemars::Schema {
    schemars::schema_for!(ProjectFile)
}

/// JSON Schema of a lesson's front matter.
#[must_use]
pub fn lesson_schema() -> schemars::Schema {
    schemars::schema_for!(LessonFile)
}

/// JSON Schema of a quiz's front matter.
#[must_use]
pub fn quiz_schema() -> schemars::Schema {
    schemars::schema_for!(FrontMatter)
}

/// The author's fault; each problem stands on a line that begins with its place.
pub fn failure(problems: Problems) -> Failure {
    let count = problems.list().len();
    let head = match count {
        1 => "there is a problem in the author's files".to_owned(),
        _ => format!("there are {count} problems in the author's files"),
    };
    Failure::bad_challenge(anyhow::anyhow!("{head}\n{problems}"))
}
