//! Re-running all submissions of a challenge after its tests changed.

use async_trait::async_trait;
use carrel_model::Verdict;
use carrel_model::id::{RegradeId, SubmissionId, UserId};
use jiff::Timestamp;

use crate::error::Result;
use crate::page::{Page, PageRequest};

/// A regrade to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegrade {
    /// Its id, made by the caller.
    pub id: RegradeId,
    /// Course.
    pub course: String,
    /// Challenge.
    pub challenge: String,
    /// Version to judge against.
    pub course_version: String,
    /// Only tell what would change; nothing counts until [`Regrades::apply`].
    pub preview: bool,
    /// A submission never loses points by it.
    pub never_lower: bool,
    /// Who asked for it.
    pub user: UserId,
}

/// How far a regrade is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegradeRow {
    /// What was asked for.
    pub regrade: NewRegrade,
    /// `running`, `finished`, `cancelled`, `applying`, `applied`.
    pub state: RegradeState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Submissions in all.
    pub submissions: u64,
    /// Of them judged anew.
    pub judged: u64,
    /// Of them with another verdict or other points.
    pub changed: u64,
}

/// State of a regrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegradeState {
    /// Submissions are being judged.
    Running,
    /// All are judged.
    Finished,
    /// Stopped before its end; what was judged stays told, nothing more is.
    Cancelled,
    /// A preview whose results are being made to count, whoever asked for it is there or not.
    Applying,
    /// A preview whose results were then made to count.
    Applied,
}

/// What a regrade does to one submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which.
    pub submission: SubmissionId,
    /// Whose.
    pub user: UserId,
    /// Verdict and points before.
    pub before: (Option<Verdict>, f64),
    /// Verdict and points after; `None`: not judged yet.
    pub after: Option<(Verdict, f64)>,
    /// The new one counts (or would, in a preview).
    pub counts: bool,
}

/// Keeps regrades. Their jobs are in the band [`crate::queue::Band::Regrade`].
#[async_trait]
pub trait Regrades: Send + Sync {
    /// Begins one: a job for every finished submission of the challenge, queued in bounded
    /// batches as workers claim. One at a time per challenge.
    async fn regrade(&self, new: NewRegrade) -> Result<RegradeRow>;
    /// How far it is.
    async fn regrade_row(&self, id: RegradeId) -> Result<RegradeRow>;
    /// Regrades of a course, newest first.
    async fn regrades(&self, course: &str, page: PageRequest) -> Result<Page<RegradeRow>>;
    /// What changes; submissions that stay the same are left out.
    async fn changes(&self, id: RegradeId, page: PageRequest) -> Result<Page<Change>>;
    /// Stops it; queued jobs of it go away.
    async fn cancel_regrade(&self, id: RegradeId) -> Result<RegradeRow>;
    /// Begins to make the results of a finished preview count, which goes on with
    /// [`Self::apply`], whoever calls it and whenever; `false`: that was begun before.
    async fn begin_applying(&self, id: RegradeId) -> Result<bool>;
    /// Makes the results of a finished preview count, in bounded batches. Begins it where that
    /// was not done yet, and goes on where it was broken off.
    async fn apply(&self, id: RegradeId) -> Result<RegradeRow>;
    /// Those whose results are being made to count.
    async fn applying(&self) -> Result<Vec<RegradeId>>;
}
