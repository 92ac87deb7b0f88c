//! Live events of a submission, kept so that a reader can resume after any of them.

use async_trait::async_trait;
use carrel_model::id::SubmissionId;
use carrel_model::result::TestResult;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;

/// Most events of one submission; further checks are told only with the verdict.
pub const EVENTS_MAX: u32 = 1_000;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// A worker began; `attempt` from 1.
    Started {
        /// Attempt.
        attempt: u32,
    },
    /// The compile step began.
    Compiling,
    /// A check ended; in the author's view: what a learner may see is decided when it is shown.
    Check {
        /// All results of that check.
        results: Vec<TestResult>,
    },
    /// An attempt ended in a fault of ours; it is tried again.
    Retrying,
    /// The last event: the outcome can be read.
    Finished,
    /// The last event: taken back.
    Cancelled,
    /// It waits for an operator.
    Parked,
}

/// An event with its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Number in the submission, from 1, without gaps.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// Keeps events. They are not synced to the disk one by one: after a crash of
/// the machine some may be missing, the verdict is not.
#[async_trait]
pub trait Events: Send + Sync {
    /// Adds events of a submission under a lease; events of a lease that is no longer
    /// held (or of a regrade) are dropped. Returns the number of the last one. Workers add
    /// [`EventKind::Compiling`] and [`EventKind::Check`]; the others are written by the
    /// engine with the change of state that they tell, and are left out here.
    async fn append(
        &self,
        submission: SubmissionId,
        token: u64,
        kinds: Vec<EventKind>,
    ) -> Result<u32>;

    /// Events after this number, oldest first.
    async fn events(&self, submission: SubmissionId, after: u32) -> Result<Vec<Event>>;
}
