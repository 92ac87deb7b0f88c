//! Published courses: immutable versions, content-addressed.

use async_trait::async_trait;
use carrel_model::id::UserId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::page::{Page, PageRequest};

/// A published version. Its files are a blob of the state directory, named by `digest`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CourseVersion {
    /// Course id.
    pub course: String,
    /// SHA-256 of the canonical archive of its files, in hex.
    pub digest: String,
    /// Title.
    pub title: String,
    /// Who published it; `None`: given to the server at its start.
    pub published_by: Option<UserId>,
    /// When.
    pub published_at: Timestamp,
    /// Ids and titles of challenges in order, and what the API tells of each, as JSON.
    pub contents: serde_json::Value,
}

/// What a submission is expected to be charged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedCost {
    /// Milliseconds of processor time.
    pub cost_ms: f64,
    /// By what the same person sent lately, not by what others did.
    pub own: bool,
}

/// Keeps course versions.
#[async_trait]
pub trait Courses: Send + Sync {
    /// Adds a version and makes it the present one. The same digest again changes nothing but that.
    async fn publish(&self, version: CourseVersion) -> Result<()>;
    /// The present version of a course.
    async fn course(&self, id: &str) -> Result<CourseVersion>;
    /// A version by digest.
    async fn course_version(&self, id: &str, digest: &str) -> Result<CourseVersion>;
    /// Present versions of all courses by id.
    async fn courses(&self, page: PageRequest) -> Result<Page<CourseVersion>>;
    /// All versions of a course, newest first.
    async fn course_versions(&self, id: &str, page: PageRequest) -> Result<Page<CourseVersion>>;
    /// What the next submission of this person to a challenge (`None`: an execution) is
    /// expected to be charged, milliseconds: the mean of what the last few of the same person
    /// were in the last ten minutes; where there is but one, a moving mean over those of all,
    /// in which a person counts who sent none in the ten minutes before. `None`: nothing is
    /// known.
    async fn expected_cost(
        &self,
        user: UserId,
        course: &str,
        challenge: Option<&str>,
    ) -> Result<Option<ExpectedCost>>;
}
