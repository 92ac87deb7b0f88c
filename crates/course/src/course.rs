//! A course: units in order, each with lessons, quizzes, challenges and projects.
//!
//! [`load`] reads a directory with `course.toml`; or a directory of challenges
//! without one, which is a course of one unit.

mod addition;
mod content;
mod decimal;
mod discovery;
mod header;
mod lesson;
mod loose;
mod order;
mod project;
mod quiz;
mod references;
mod unit;
mod visibility;

use std::path::{Path, PathBuf};

use carrel_model::Challenge;
use carrel_quiz::Quiz;
use jiff::Timestamp;

use crate::problem::Problems;
use crate::raw::COURSE_FILE;

pub use addition::{AdditionError, Section, add_activities};
pub use discovery::find_quizzes;
pub use lesson::LESSON_BYTES_MAX;
pub use project::{
    Instructions, PROJECT_BYTES_MAX, PROJECT_FILES_MAX, Project, STAGES_MAX, Stage, is_project,
};
pub use quiz::find_warnings;
pub use visibility::Visibility;

/// End of the name of a quiz file.
pub const QUIZ_SUFFIX: &str = ".quiz.md";
/// End of the name of a lesson file.
pub const LESSON_SUFFIX: &str = ".md";
/// Language of a course that says none.
pub const DEFAULT_LANGUAGE: &str = "en";

/// A whole course, read from its directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Directory that holds `course.toml`.
    pub directory: PathBuf,
    /// Stable id.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it is about, Markdown.
    pub description: Option<String>,
    /// Language it is written in, a BCP 47 tag.
    pub language: String,
    /// Licence.
    pub licence: Option<String>,
    /// Units, in order.
    pub units: Vec<Unit>,
    /// All lessons, in course order.
    pub lessons: Vec<Lesson>,
    /// All quizzes, in course order.
    pub quizzes: Vec<CourseQuiz>,
    /// All challenges, in course order.
    pub challenges: Vec<Challenge>,
    /// All workspace projects, in course order.
    pub projects: Vec<Project>,
}

/// Activities that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Id, unique among all units and activities of the course.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it is about, Markdown.
    pub description: Option<String>,
    /// Units and activities before it that must be passed first.
    pub requires: Vec<String>,
    /// When its activities can be worked on, where they do not say otherwise.
    pub availability: Availability,
    /// Whether learners see that it is there, and what is in it.
    pub visibility: Visibility,
    /// What learners do, in order.
    pub activities: Vec<Activity>,
}

/// Kinds of activities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActivityKind {
    /// A text to read.
    Lesson,
    /// Questions.
    Quiz,
    /// A programming task.
    Challenge,
    /// A workspace project: something larger, made from files that are given.
    Project,
}

impl ActivityKind {
    /// The word for it, as in JSON and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lesson => "lesson",
            Self::Quiz => "quiz",
            Self::Challenge => "challenge",
            Self::Project => "project",
        }
    }

    /// The kind of a file by its path; `None`: it is a directory's, and what lies in it tells.
    #[must_use]
    pub fn of_file(path: &str) -> Option<Self> {
        if path.ends_with(QUIZ_SUFFIX) {
            Some(Self::Quiz)
        } else {
            path.ends_with(LESSON_SUFFIX).then_some(Self::Lesson)
        }
    }

    /// Whether there are points for it; the others are only marked as done.
    #[must_use]
    pub fn is_graded(self) -> bool {
        match self {
            Self::Lesson | Self::Project => false,
            Self::Quiz | Self::Challenge => true,
        }
    }
}

/// One thing that learners do, with its place and rules in the course.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    /// Lesson, quiz, challenge or project.
    pub kind: ActivityKind,
    /// Id of that.
    pub id: String,
    /// Units and activities before it that must be passed first.
    pub requires: Vec<String>,
    /// When it can be worked on; what is not said here is as the unit says ([`Unit::availability_of`]).
    pub availability: Availability,
    /// Whether learners see that it is there; a hidden unit hides it too ([`Unit::hides`]).
    pub visibility: Visibility,
    /// Weight in the course, where the author says one ([`Activity::weight`]).
    pub points: Option<f64>,
    /// Whether the unit is passed without it.
    pub optional: bool,
}

impl Activity {
    /// Weight in the course: what the author says, else 1, and 0 where there are no points.
    #[must_use]
    pub fn weight(&self) -> f64 {
        let usual = if self.kind.is_graded() { 1.0 } else { 0.0 };
        self.points.unwrap_or(usual)
    }
}

/// When something can be worked on. A bound that is not said does not exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Availability {
    /// From when on.
    pub opens: Option<Timestamp>,
    /// Until when work is in time.
    pub due: Option<Timestamp>,
    /// From when nothing is taken any more.
    pub closes: Option<Timestamp>,
}

impl Unit {
    /// When an activity of the unit can be worked on: as it says, and as the unit says where it does not.
    #[must_use]
    pub fn availability_of(&self, activity: &Activity) -> Availability {
        activity.availability.within(self.availability)
    }
}

impl Availability {
    /// As this says, and as the other says where this does not.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self {
            opens: self.opens.or(other.opens),
            due: self.due.or(other.due),
            closes: self.closes.or(other.closes),
        }
    }
}

/// A text to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// Id, unique among all units and activities of the course.
    pub id: String,
    /// Title.
    pub title: String,
    /// File, relative to the course; links and images in the text are relative to it.
    pub path: String,
    /// One or two sentences for lists.
    pub summary: Option<String>,
    /// Minutes that reading takes.
    pub minutes: Option<u32>,
    /// The text, without its front matter.
    pub markdown: String,
    /// Line of the file at which the text begins, from 1.
    pub first_line: usize,
}

/// A quiz with its place in the course.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseQuiz {
    /// File, relative to the course; links and images in its texts are relative to it.
    pub path: String,
    /// The quiz.
    pub quiz: Quiz,
}

impl Course {
    /// All activities in order, each with its unit.
    pub fn activities(&self) -> impl Iterator<Item = (&Unit, &Activity)> {
        let of_unit = |unit| Unit::activities_of(unit);
        self.units.iter().flat_map(of_unit)
    }

    /// An activity of this id, with its unit.
    #[must_use]
    pub fn activity(&self, id: &str) -> Option<(&Unit, &Activity)> {
        self.activities().find(|(_, activity)| activity.id == id)
    }

    /// The unit of this id.
    #[must_use]
    pub fn unit(&self, id: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.id == id)
    }

    /// The lesson of this id.
    #[must_use]
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// The quiz of this id.
    #[must_use]
    pub fn quiz(&self, id: &str) -> Option<&CourseQuiz> {
        self.quizzes.iter().find(|quiz| quiz.quiz.id == id)
    }

    /// The challenge of this id.
    #[must_use]
    pub fn challenge(&self, id: &str) -> Option<&Challenge> {
        self.challenges.iter().find(|challenge| challenge.id == id)
    }

    /// The project of this id.
    #[must_use]
    pub fn project(&self, id: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.id == id)
    }

    /// Title of an activity or unit; `None` where there is none of this id.
    #[must_use]
    pub fn title_of(&self, id: &str) -> Option<&str> {
        let lesson = || self.lesson(id).map(|lesson| lesson.title.as_str());
        let quiz = || self.quiz(id).map(|quiz| quiz.quiz.title.as_str());
        let challenge = || self.challenge(id).map(|challenge| challenge.title.as_str());
        let project = || self.project(id).map(|project| project.title.as_str());
        let unit = || self.unit(id).map(|unit| unit.title.as_str());
        let activity = lesson().or_else(quiz).or_else(challenge).or_else(project);
        activity.or_else(unit)
    }
}

impl Unit {
    fn activities_of(unit: &Self) -> impl Iterator<Item = (&Self, &Activity)> {
        unit.activities.iter().map(move |activity| (unit, activity))
    }
}

/// Reads a course: a directory with `course.toml`, a single challenge, or a
/// directory that holds challenges (an imported track).
///
/// # Errors
/// Every problem of the course and everything in it.
pub fn load(directory: &Path) -> Result<Course, Problems> {
    let mut problems = Problems::new();
    let course = if directory.join(COURSE_FILE).is_file() {
        header::load(directory, &mut problems)
    } else {
        loose::load(directory, &mut problems)
    };
    match course {
        Some(course) if problems.is_empty() => Ok(course),
        _ => Err(problems),
    }
}

/// What is wrong with the texts of a course that can be read: links and images that
/// lead nowhere, and slips in quizzes.
///
/// It is asked for when a course is checked or published, not whenever one is loaded:
/// what is asked of authors may grow, and a version that learners work with stays readable.
#[must_use]
pub fn check_texts(course: &Course) -> Problems {
    let mut problems = references::check_references(course);
    problems.append(quiz::find_slips(course));
    problems
}

#[cfg(test)]
mod tests;
