//! What changes for learners between two versions of a course.
//!
//! Told before a version is published. [`between`] is pure; [`Version::read`]
//! adds what only the files tell: whether tests, starters, instructions and files of
//! projects changed.

mod challenge;
mod identity;
mod outline;
mod project;
mod question;
mod quiz;
mod value;
mod version;
mod wording;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::course::Course;

pub use identity::{Identities, Reuse, Reused};
pub use version::Version;

/// Everything that changes, in the order of the new version; what is gone comes last.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CourseDifference")]
pub struct Difference {
    /// What changes, subject by subject.
    pub subjects: Vec<SubjectDifference>,
}

/// What changes of one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectDifference {
    /// What it is.
    pub kind: SubjectKind,
    /// Its id.
    pub id: String,
    /// Its title in the new version, or the last one it had.
    pub title: String,
    /// What changes.
    pub changes: Vec<Change>,
}

/// What can change.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// The course as a whole.
    Course,
    /// A unit.
    Unit,
    /// A lesson.
    Lesson,
    /// A quiz.
    Quiz,
    /// A challenge.
    Challenge,
    /// A workspace project.
    Project,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It stands elsewhere: in another unit, or in another order.
    Moved {
        /// Unit in which it was; absent for a unit itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// Unit in which it is; absent for a unit itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// A text that learners read.
    Text {
        /// Which, such as `instructions`.
        what: String,
    },
    /// A setting or rule.
    Value {
        /// Which, such as `due` or `limits.cpu_ms`.
        what: String,
        /// What it was; absent: not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
        /// What it is; absent: not said any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// Whether results that learners have could be others under it.
        affects_results: bool,
    },
    /// Files that learners get, such as the starter.
    Files {
        /// Which, such as `starter`.
        what: String,
        /// Their paths.
        paths: Vec<String>,
        /// Whether results that learners have could be others with them.
        affects_results: bool,
    },
    /// Its id, or that of a question of it, named something else in an earlier version.
    Reused {
        /// Id of the question; absent: the id is that of the subject.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        question: Option<String>,
        /// What it named, such as `a challenge`, `a choice question` or `a question of quiz loops`.
        before: String,
        /// What it names.
        after: String,
    },
    /// A question of a quiz.
    Question(PartChange),
    /// A check of a challenge.
    Check(PartChange),
}

/// What changes of a question or check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PartChange {
    /// Its id.
    pub id: String,
    /// Its title; empty where it has none.
    pub title: String,
    /// Added, removed, changed.
    pub effect: Effect,
    /// What is right has changed: the key of a question, what a check tests or demands.
    pub key: bool,
    /// A text that learners read has changed.
    pub text: bool,
    /// Feedback, hints or messages have changed.
    pub feedback: bool,
    /// Rules have changed: how often it may be tried, when hints are given, or who sees a check.
    pub rules: bool,
    /// What tries and hints cost has changed.
    #[serde(default)]
    pub cost: bool,
    /// It stands elsewhere in the order.
    #[serde(default)]
    pub moved: bool,
    /// The pool that a question is drawn from, where that has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolChange>,
    /// Points, where they have changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<PointsChange>,
}

/// The pool of a question before and after; absent: it is always asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PoolChange {
    /// Before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What happens to a question or check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another one than before.
    Changed,
}

/// Points before and after.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PointsChange {
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
}

impl PartChange {
    fn new(id: &str, title: &str, effect: Effect) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            effect,
            key: false,
            text: false,
            feedback: false,
            rules: false,
            cost: false,
            moved: false,
            pool: None,
            points: None,
        }
    }

    /// Whether nothing is different after all.
    fn is_same(&self) -> bool {
        let differs = self.key || self.text || self.feedback || self.rules || self.cost;
        let stands = !self.moved && self.pool.is_none();
        self.effect == Effect::Changed && !differs && stands && self.points.is_none()
    }

    /// Whether results that learners have could be others.
    #[must_use]
    pub fn affects_results(&self) -> bool {
        let counts = self.key || self.cost || self.points.is_some() || self.pool.is_some();
        self.effect != Effect::Changed || counts
    }
}

impl Change {
    /// Whether results that learners have could be others: then judging or scoring again is worth a thought.
    #[must_use]
    pub fn affects_results(&self) -> bool {
        match self {
            Self::Added
            | Self::Removed
            | Self::Moved { .. }
            | Self::Text { .. }
            | Self::Reused { .. } => false,
            Self::Value {
                affects_results, ..
            }
            | Self::Files {
                affects_results, ..
            } => *affects_results,
            Self::Question(part) | Self::Check(part) => part.affects_results(),
        }
    }
}

impl Difference {
    /// Whether nothing changes for learners.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// The quizzes and challenges whose results could be others under the new version.
    pub fn affected(&self) -> impl Iterator<Item = &SubjectDifference> {
        let affects =
            |subject: &&SubjectDifference| subject.changes.iter().any(Change::affects_results);
        self.subjects.iter().filter(affects)
    }
}

/// What changes from one version to the next.
#[must_use]
pub fn between(before: &Version<'_>, after: &Version<'_>) -> Difference {
    let mut subjects = outline::compare(before.course, after.course);
    for subject in &mut subjects {
        if subject.changes.contains(&Change::Added) || subject.changes.contains(&Change::Removed) {
            continue;
        }
        let contents = compare_contents(before, after, subject.kind, &subject.id);
        subject.changes.extend(contents);
    }
    subjects.retain(|subject| !subject.changes.is_empty());
    let mut difference = Difference { subjects };
    difference.add_reused(
        &identity::compare(before.course, after.course),
        after.course,
    );
    difference
}

fn compare_contents(
    before: &Version<'_>,
    after: &Version<'_>,
    kind: SubjectKind,
    id: &str,
) -> Vec<Change> {
    let courses = [before.course, after.course];
    match kind {
        SubjectKind::Course | SubjectKind::Unit => Vec::new(),
        SubjectKind::Lesson => match courses.map(|course| course.lesson(id)) {
            [Some(before), Some(after)] => outline::compare_lessons(before, after),
            _ => Vec::new(),
        },
        SubjectKind::Quiz => match courses.map(|course| course.quiz(id)) {
            [Some(old), Some(new)] => quiz::compare(&old.quiz, &new.quiz),
            _ => Vec::new(),
        },
        SubjectKind::Challenge => match courses.map(|course| course.challenge(id)) {
            [Some(old), Some(new)] => challenge::compare((before, old), (after, new)),
            _ => Vec::new(),
        },
        SubjectKind::Project => match courses.map(|course| course.project(id)) {
            [Some(old), Some(new)] => project::compare((before, old), (after, new)),
            _ => Vec::new(),
        },
    }
}

/// A course on its own, for callers that have no files at hand.
impl<'a> From<&'a Course> for Version<'a> {
    fn from(course: &'a Course) -> Self {
        Version::without_files(course)
    }
}

#[cfg(test)]
mod noticed;
#[cfg(test)]
mod tests;
