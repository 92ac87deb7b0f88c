//! Looking for challenges, projects, lessons and quizzes below a directory.

use std::path::{Path, PathBuf};

use super::{ActivityKind, LESSON_SUFFIX, QUIZ_SUFFIX, lesson, project};
use crate::challenge;
use crate::problem::Problems;

/// Most activities of a course.
pub(super) const ACTIVITIES_MAX: usize = 5_000;
/// How deep activities are looked for below a directory.
const DEPTH_MAX: usize = 4;
/// Most entries of directories that are looked at.
const ENTRIES_MAX: usize = 200_000;

/// What was found, in order of the paths.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Directories that hold a challenge.
    pub(super) challenges: Vec<PathBuf>,
    /// Directories that hold a project.
    pub(super) projects: Vec<PathBuf>,
    /// Quizzes, and Markdown files that begin with front matter.
    pub(super) files: Vec<(ActivityKind, PathBuf)>,
}

/// Looks below a directory, which may be a challenge itself. What lies in a challenge or project
/// belongs to it.
pub(super) fn find(directory: &Path, problems: &mut Problems) -> Found {
    let mut found = Found::default();
    if challenge::is_challenge(directory) {
        found.challenges.push(directory.to_owned());
        return found;
    }
    let mut open = vec![(directory.to_owned(), 0)];
    let mut entries_seen = 0;
    while let Some((path, depth)) = open.pop() {
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => {
                problems.push_path(path, format!("cannot be listed: {error}"), "");
                continue;
            }
        };
        for entry in entries.flatten() {
            entries_seen += 1;
            let path = entry.path();
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            // `file_type` does not follow links: a link cannot lead out, or in a circle.
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if hidden {
                continue;
            }
            if kind.is_file() {
                found.files.extend(recognise(path));
            } else if kind.is_dir() && challenge::is_challenge(&path) {
                found.challenges.push(path);
            } else if kind.is_dir() && project::is_project(&path) {
                found.projects.push(path);
            } else if kind.is_dir() && depth + 1 < DEPTH_MAX {
                open.push((path, depth + 1));
            }
        }
        let count = found.challenges.len() + found.projects.len() + found.files.len();
        if count > ACTIVITIES_MAX || entries_seen > ENTRIES_MAX {
            let message = format!(
                "holds more than {ACTIVITIES_MAX} activities, or more than {ENTRIES_MAX} files"
            );
            problems.push_path(directory, message, "split the course");
            break;
        }
    }
    found.challenges.sort();
    found.projects.sort();
    found.files.sort();
    found
}

/// The quiz files below a directory, in order of their paths: hidden directories and those of
/// challenges and projects left out, links not followed.
///
/// # Errors
/// A directory cannot be listed, or there are too many files.
pub fn find_quizzes(directory: &Path) -> Result<Vec<PathBuf>, Problems> {
    let mut problems = Problems::new();
    let found = find(directory, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let quizzes = found.files.into_iter();
    Ok(quizzes
        .filter(|(kind, _)| *kind == ActivityKind::Quiz)
        .map(|(_, path)| path)
        .collect())
}

/// A quiz by its name, a lesson by its name and front matter: a README has none.
fn recognise(path: PathBuf) -> Option<(ActivityKind, PathBuf)> {
    let name = path.file_name()?.to_str()?;
    if name.ends_with(QUIZ_SUFFIX) {
        return Some((ActivityKind::Quiz, path));
    }
    let is_lesson = name.ends_with(LESSON_SUFFIX) && lesson::has_front_matter(&path);
    is_lesson.then_some((ActivityKind::Lesson, path))
}
