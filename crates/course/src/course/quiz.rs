//! A quiz of a course: a file in the notation of quizzes.

use std::path::Path;

use super::CourseQuiz;
use crate::problem::Problems;

/// Reads a quiz file; `path` is relative to the course.
pub(super) fn read(full: &Path, path: &str, problems: &mut Problems) -> Option<CourseQuiz> {
    let message = format!("`{path}` is a quiz, and this version of Carrel reads no quiz files yet");
    problems.push_path(full, message, "put it into `drafts` of course.toml");
    None
}
