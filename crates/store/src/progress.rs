//! How far people are in a course, and what single ones have beyond the others.

use async_trait::async_trait;
use carrel_model::id::UserId;
use jiff::Timestamp;
use serde_json::Value;

use crate::attempt::AttemptRow;
use crate::error::Result;
use crate::page::{Page, PageRequest};

/// How far one person is in one course.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProgressRow {
    /// Lessons that were seen, and when first.
    pub lessons: Vec<(String, Timestamp)>,
    /// Projects that were marked as done, and when first.
    pub projects: Vec<(String, Timestamp)>,
    /// Attempts at quizzes that have ended, in the order they were made.
    pub attempts: Vec<AttemptRow>,
    /// Challenges that have a verdict, step by step.
    pub challenges: Vec<ChallengeProgress>,
}

/// What one person sent to one challenge up to one step.
#[derive(Debug, Clone, PartialEq)]
pub struct ChallengeProgress {
    /// Challenge.
    pub challenge: String,
    /// Step; `None`: to be judged as a whole.
    pub step: Option<String>,
    /// Most points of one submission.
    pub points: f64,
    /// Points that it could have got.
    pub points_max: f64,
    /// When the one that counts was sent: the first that got the most points.
    pub counted_at: Timestamp,
    /// Digest of the course version that it was sent to.
    pub counted_version: Option<String>,
    /// When the first accepted one was sent.
    pub passed_at: Option<Timestamp>,
    /// Submissions that have a verdict.
    pub submissions: u64,
}

/// A lesson that somebody has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRow {
    /// Who.
    pub user: UserId,
    /// Lesson.
    pub lesson: String,
    /// When first.
    pub at: Timestamp,
}

/// A project that somebody has marked as done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneRow {
    /// Who.
    pub user: UserId,
    /// Project.
    pub project: String,
    /// When first.
    pub at: Timestamp,
}

/// What one person has beyond the others.
#[derive(Debug, Clone, PartialEq)]
pub struct AccommodationRow {
    /// Who.
    pub user: UserId,
    /// In which course.
    pub course: String,
    /// At which quiz or challenge; `None`: at all that have none of their own.
    pub quiz: Option<String>,
    /// What: a document.
    pub document: Value,
    /// Since when.
    pub changed_at: Timestamp,
    /// Who gave it; `None`: somebody who is gone.
    pub changed_by: Option<UserId>,
}

/// An accommodation to be given or taken.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAccommodation {
    /// To whom.
    pub user: UserId,
    /// In which course.
    pub course: String,
    /// At which quiz or challenge; `None`: at all that have none of their own.
    pub quiz: Option<String>,
    /// What; `None`: it is taken.
    pub document: Option<Value>,
    /// By whom.
    pub by: UserId,
}

/// Keeps progress and accommodations.
#[async_trait]
pub trait Progress: Send + Sync {
    /// A lesson was seen; again changes nothing.
    async fn see_lesson(&self, user: UserId, course: &str, lesson: &str) -> Result<()>;
    /// Lessons of a course that learners have seen, by learner; those of authors and operators
    /// are left out.
    async fn lessons_seen(&self, course: &str, page: PageRequest) -> Result<Page<SeenRow>>;
    /// A project was marked as done; again changes nothing.
    async fn finish_project(&self, user: UserId, course: &str, project: &str) -> Result<()>;
    /// Projects of a course that learners have marked as done, by learner; those of authors and
    /// operators are left out.
    async fn projects_done(&self, course: &str, page: PageRequest) -> Result<Page<DoneRow>>;
    /// A challenge was opened; again changes nothing.
    async fn open_challenge(&self, user: UserId, course: &str, challenge: &str) -> Result<()>;
    /// How far a person is.
    async fn progress(&self, user: UserId, course: &str) -> Result<ProgressRow>;
    /// Gives an accommodation, or takes it (`None`).
    async fn set_accommodation(&self, new: NewAccommodation) -> Result<()>;
    /// What a person has in a course.
    async fn accommodations_of(&self, user: UserId, course: &str) -> Result<Vec<AccommodationRow>>;
    /// Everything given in a course, by person.
    async fn accommodations(&self, course: &str) -> Result<Vec<AccommodationRow>>;
    /// Gives members of a course what they have in another as a whole (not at single quizzes),
    /// where they have nothing yet; tells how many.
    async fn copy_accommodations(&self, from: &str, to: &str, by: UserId) -> Result<u64>;
}
