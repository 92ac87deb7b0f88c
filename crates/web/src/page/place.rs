//! Where an author's text stands: the version of a course whose pages and files it may lead to.

use std::path::{Component, Path};
use std::sync::Arc;

use carrel_course::course::{Course, Project};
use carrel_markdown::Targets;
use carrel_store::account::{Role, Scope};

use crate::app::App;
use crate::caller::Caller;
use crate::catalogue;
use crate::problem::Result;

/// A version of a course, as the reader of a page has it before them.
#[derive(Debug, Clone)]
pub struct Place {
    /// The version's digest.
    pub version: String,
    /// The course.
    pub course: Arc<Course>,
}

/// Endings of files that pages may show or offer, and their media types; everything else stays
/// with the author.
const KINDS: [(&str, &str); 14] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("svg", "image/svg+xml"),
    ("pdf", "application/pdf"),
    ("csv", "text/csv; charset=utf-8"),
    ("txt", "text/plain; charset=utf-8"),
    ("json", "application/json"),
    ("zip", "application/zip"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
];
/// Directory of a challenge whose files may be shown; all others may hold what is to be found out.
const CHALLENGE_FILES: &str = "images";

impl Place {
    /// The present version of a course, for its members; somebody else is told that there is none.
    ///
    /// # Errors
    /// There is no such course for this caller.
    pub async fn find(app: &App, caller: &Caller, course: &str) -> Result<Self> {
        caller.require_scope(Scope::Read)?;
        caller.require_role(course, Role::Learner)?;
        let version = app.store.course(course).await?;
        Self::of(app, version.digest).await
    }

    /// A certain version.
    ///
    /// # Errors
    /// Its files are damaged.
    pub async fn of(app: &App, version: String) -> Result<Self> {
        let course = app.catalogue.course(app, &version).await?;
        Ok(Self { version, course })
    }

    /// Path of the course's page.
    #[must_use]
    pub fn address(&self) -> String {
        format!("/courses/{}", encode(&self.course.id))
    }

    /// Path of the page of an activity.
    #[must_use]
    pub fn activity(&self, kind: carrel_course::course::ActivityKind, id: &str) -> String {
        use carrel_course::course::ActivityKind;
        let kind = match kind {
            ActivityKind::Lesson => "lessons",
            ActivityKind::Quiz => "quizzes",
            ActivityKind::Challenge => "challenges",
            ActivityKind::Project => "projects",
        };
        format!("{}/{kind}/{}", self.address(), encode(id))
    }

    /// Directory of a challenge's texts, from the course's.
    #[must_use]
    pub fn challenge_directory(&self, id: &str) -> Option<String> {
        let challenge = self.course.challenge(id)?;
        let below = challenge.directory.strip_prefix(&self.course.directory);
        below.ok()?.to_str().map(str::to_owned)
    }

    /// Id of the challenge in whose directory a file lies.
    #[must_use]
    pub fn challenge_of(&self, path: &str) -> Option<String> {
        let mut challenges = self.course.challenges.iter();
        let holds = |challenge: &&carrel_model::Challenge| {
            let below = challenge.directory.strip_prefix(&self.course.directory);
            below.is_ok_and(|directory| Path::new(path).starts_with(directory))
        };
        challenges.find(holds).map(|challenge| challenge.id.clone())
    }

    /// Id of the project in whose directory a file lies.
    #[must_use]
    pub fn project_of(&self, path: &str) -> Option<String> {
        let mut projects = self.course.projects.iter();
        let holds = |project: &&Project| Path::new(path).starts_with(&project.path);
        projects.find(holds).map(|project| project.id.clone())
    }

    /// Media type of a file that readers may have; `None`: they may not, or there is none.
    #[must_use]
    pub fn find_file(&self, path: &str) -> Option<&'static str> {
        let own = Path::new(path);
        let plain = own.components().all(|part| match part {
            Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
            _ => false,
        });
        let ending = own.extension()?.to_str()?.to_ascii_lowercase();
        let (_, kind) = KINDS.iter().find(|(known, _)| *known == ending)?;
        let within = |challenge: &carrel_model::Challenge| {
            let directory = challenge
                .directory
                .strip_prefix(&self.course.directory)
                .ok()?;
            own.strip_prefix(directory).ok().map(Path::to_owned)
        };
        let mut below = self.course.challenges.iter().filter_map(within);
        let hidden = below
            .next()
            .is_some_and(|rest| !rest.starts_with(CHALLENGE_FILES));
        let full = self.course.directory.join(own);
        let drafted = || self.is_below_draft(own);
        // `symlink_metadata` follows no link, so that none leads out of the course.
        let is_file = || std::fs::symlink_metadata(&full).is_ok_and(|found| found.is_file());
        (plain && !hidden && is_file() && !drafted()).then_some(*kind)
    }

    /// Whether a file lies in the directory of a challenge or project that is no activity of
    /// this version: a draft, or one that nobody listed.
    fn is_below_draft(&self, path: &Path) -> bool {
        let is_listed = |directory: &Path| {
            let full = self.course.directory.join(directory);
            let mut challenges = self.course.challenges.iter();
            challenges.any(|challenge| challenge.directory == full)
                || self
                    .course
                    .projects
                    .iter()
                    .any(|project| Path::new(&project.path) == directory)
        };
        let mut above = path.ancestors().skip(1);
        above.any(|directory| {
            let full = self.course.directory.join(directory);
            let holds = |name| full.join(name).is_file();
            (holds("challenge.toml") || holds("project.toml")) && !is_listed(directory)
        })
    }
}

impl Targets for Place {
    fn file(&self, path: &str) -> Option<String> {
        self.find_file(path)?;
        let parts: Vec<String> = path.split('/').map(encode).collect();
        let (course, version) = (self.address(), &self.version);
        Some(format!("{course}/files/{version}/{}", parts.join("/")))
    }

    fn page(&self, path: &str) -> Option<String> {
        use carrel_course::course::ActivityKind::{Challenge, Lesson, Project, Quiz};
        let course = &self.course;
        if let Some(lesson) = course.lessons.iter().find(|lesson| lesson.path == path) {
            return Some(self.activity(Lesson, &lesson.id));
        }
        if let Some(quiz) = course.quizzes.iter().find(|quiz| quiz.path == path) {
            return Some(self.activity(Quiz, &quiz.quiz.id));
        }
        let mut projects = course.projects.iter();
        let found = projects.find(|one| one.path == path || one.instructions.path == path);
        if let Some(project) = found {
            return Some(self.activity(Project, &project.id));
        }
        let path = path.strip_suffix("/instructions.md").unwrap_or(path);
        let mut challenges = course.challenges.iter();
        let found = challenges.find(|challenge| {
            challenge.directory.strip_prefix(&course.directory) == Ok(Path::new(path))
        });
        found.map(|challenge| self.activity(Challenge, &challenge.id))
    }
}

/// One part of a path, with everything that has a meaning in addresses written by percent signs.
#[must_use]
pub fn encode(part: &str) -> String {
    let mut encoded = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}

/// Full path of a file of the version on disk.
#[must_use]
pub fn path_of(app: &App, version: &str, path: &str) -> std::path::PathBuf {
    catalogue::directory(app).join(version).join(path)
}
