//! What the activities of a course hold, each with an id of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carrel_model::Challenge;

use super::{ActivityKind, CourseQuiz, Lesson, Project, lesson, project, quiz};
use crate::challenge;
use crate::problem::Problems;
use crate::raw::{CHALLENGE_FILE, PROJECT_FILE};

/// Everything read so far.
#[derive(Debug, Default)]
pub(super) struct Contents {
    pub(super) lessons: Vec<Lesson>,
    pub(super) quizzes: Vec<CourseQuiz>,
    pub(super) challenges: Vec<Challenge>,
    pub(super) projects: Vec<Project>,
    /// Where each id is written.
    ids: BTreeMap<String, PathBuf>,
}

impl Contents {
    /// Reads what lies at a path; its id, where it could be read.
    pub(super) fn read(
        &mut self,
        root: &Path,
        path: &str,
        kind: ActivityKind,
        problems: &mut Problems,
    ) -> Option<String> {
        let full = root.join(path);
        match kind {
            ActivityKind::Challenge => self.read_challenge(&full, problems),
            ActivityKind::Lesson => {
                let lesson = lesson::read(&full, path, problems)?;
                let id = lesson.id.clone();
                self.note_id(&id, full, problems);
                self.lessons.push(lesson);
                Some(id)
            }
            ActivityKind::Quiz => {
                let quiz = quiz::read(&full, path, problems)?;
                let id = quiz.quiz.id.clone();
                self.note_id(&id, full, problems);
                self.quizzes.push(quiz);
                Some(id)
            }
            ActivityKind::Project => {
                let project = project::read(&full, path, problems)?;
                let id = project.id.clone();
                self.note_id(&id, full.join(PROJECT_FILE), problems);
                self.projects.push(project);
                Some(id)
            }
        }
    }

    /// Reads a challenge directory; its id, where it could be read.
    pub(super) fn read_challenge(
        &mut self,
        directory: &Path,
        problems: &mut Problems,
    ) -> Option<String> {
        match challenge::load(directory) {
            Ok(challenge) => {
                let id = challenge.id.clone();
                self.note_id(&id, directory.join(CHALLENGE_FILE), problems);
                self.challenges.push(challenge);
                Some(id)
            }
            Err(more) => {
                problems.append(more);
                None
            }
        }
    }

    /// Where an id is written.
    pub(super) fn find(&self, id: &str) -> Option<&PathBuf> {
        self.ids.get(id)
    }

    fn note_id(&mut self, id: &str, path: PathBuf, problems: &mut Problems) {
        if let Some(other) = self.ids.insert(id.to_owned(), path.clone()) {
            let message = format!("has the id `{id}` of `{}`", other.display());
            let hint = "give each lesson, quiz, challenge and project of the course its own id";
            problems.push_path(path, message, hint);
        }
    }
}
