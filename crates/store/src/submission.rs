//! Submissions and their verdicts.

use std::collections::BTreeMap;

use async_trait::async_trait;
use carrel_model::execution::{ExecutionRequest, ExecutionResult, SubmissionState};
use carrel_model::id::{SubmissionId, UserId};
use carrel_model::trace::TraceParent;
use carrel_model::{ResultDocument, Verdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::queue::NewJob;

/// What is to be judged or run. Encoded as JSON with base64 bytes in the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// A learner's answer to a challenge of a published course version.
    Challenge(ChallengeWork),
    /// An ad-hoc execution.
    Execution(Box<ExecutionRequest>),
}

/// A learner's answer to a challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeWork {
    /// Course id.
    pub course: String,
    /// Digest of the published version that it is judged against.
    pub course_version: String,
    /// Challenge id.
    pub challenge: String,
    /// Step up to which it is judged; `None`: all.
    pub step: Option<String>,
    /// Language, where the challenge allows several; `None`: its own.
    pub language: Option<String>,
    /// Files by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A submission to be kept.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// Its id, made by the caller.
    pub id: SubmissionId,
    /// Who sent it.
    pub user: UserId,
    /// What it is.
    pub work: Work,
    /// Key under which the sender may repeat the request, with a digest of the request.
    pub idempotency: Option<IdempotencyKey>,
    /// Place in a trace that the work hangs below.
    pub trace: Option<TraceParent>,
    /// Where the request came from, for the log: request id.
    pub request: String,
    /// How it is queued.
    pub job: NewJob,
    /// URL that is told of the end once (Judge0's `callback_url`), delivered as its dialect says.
    pub callback: Option<Callback>,
}

/// A receiver told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Where to.
    pub url: String,
    /// Which body and method: `judge0`.
    pub dialect: String,
}

/// How long an idempotency key is kept, hours.
pub const IDEMPOTENCY_HOURS: u32 = 24;

/// A key that makes a repeated request one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// As the sender wrote it.
    pub key: String,
    /// SHA-256 of what was asked for: the same key with another request is refused.
    pub request_digest: [u8; 32],
}

/// What became of a request to submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// Kept and queued.
    New(SubmissionId),
    /// The same request was accepted before.
    Known(SubmissionId),
}

/// A submission as kept.
#[derive(Debug, Clone, PartialEq)]
pub struct SubmissionRow {
    /// Id.
    pub id: SubmissionId,
    /// Who sent it.
    pub user: UserId,
    /// Course id; `None` for an execution.
    pub course: Option<String>,
    /// Digest of the course version it was last judged against.
    pub course_version: Option<String>,
    /// Digest of the course version that it was sent to.
    pub sent_version: Option<String>,
    /// Challenge id; `None` for an execution.
    pub challenge: Option<String>,
    /// Step up to which it is judged.
    pub step: Option<String>,
    /// State.
    pub state: SubmissionState,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When a worker first began; `None`: not yet.
    pub started_at: Option<Timestamp>,
    /// When it got its present verdict.
    pub finished_at: Option<Timestamp>,
    /// Present verdict.
    pub verdict: Option<Verdict>,
    /// Points of the present verdict.
    pub points: Option<f64>,
    /// Points that could be reached.
    pub points_max: Option<f64>,
    /// How many verdicts it has had.
    pub verdicts: u32,
    /// How many of them are of regrades that were only looked at so far: none of a learner's business.
    pub previews: u32,
    /// Why it is parked, for operators.
    pub parked_reason: Option<String>,
}

/// What a worker found out. Written once per lease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// A verdict: the whole document in the author's view.
    Judged(Box<ResultDocument>),
    /// An execution ended.
    Executed(Box<ExecutionResult>),
    /// The challenge cannot be judged as it is written (the author's fault), or the
    /// submission may not be judged (the sender's): no retry helps.
    Refused {
        /// Whose fault: `author` or `sender`.
        fault: Fault,
        /// What to tell.
        message: String,
    },
}

/// Whose fault it is that there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The author's files.
    Author,
    /// What was sent.
    Sender,
}

/// One verdict of a submission's history.
#[derive(Debug, Clone, PartialEq)]
pub struct VerdictRow {
    /// Number from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Why it was judged: `submitted`, `rejudged`, `regraded`.
    pub reason: String,
    /// Course version it was judged against.
    pub course_version: Option<String>,
    /// Verdict; `None`: there is none, as of an execution and of what was refused.
    pub verdict: Option<Verdict>,
    /// Points reached.
    pub points: Option<f64>,
    /// What was found; `None`: the document has expired.
    pub outcome: Option<Outcome>,
    /// The one that counts ("never lower" may keep an older one).
    pub counts: bool,
    /// Of a regrade that was only looked at so far: none of a learner's business.
    pub preview: bool,
}

/// Which submissions a list is of; all given conditions hold together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionFilter {
    /// Of this sender.
    pub user: Option<UserId>,
    /// Of this course.
    pub course: Option<String>,
    /// Of this challenge.
    pub challenge: Option<String>,
    /// In this state.
    pub state: Option<SubmissionState>,
    /// With this present verdict.
    pub verdict: Option<Verdict>,
    /// Ad-hoc executions instead of submissions to challenges.
    pub executions: bool,
}

/// A judged submission of a learner, as figures of a challenge need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedRow {
    /// Who sent it.
    pub user: UserId,
    /// When it was accepted for judging.
    pub created_at: Timestamp,
    /// When its sender first opened the challenge, where that was noted.
    pub opened_at: Option<Timestamp>,
    /// Step up to which it was judged; `None`: as a whole.
    pub step: Option<String>,
    /// Verdict that counts; never a fault of the platform.
    pub verdict: Verdict,
    /// Ids of the checks that did not pass, each once; none where the document has expired.
    pub failing: Vec<String>,
}

/// A submission of a learner, as records of a course need it.
#[derive(Debug, Clone, PartialEq)]
pub struct SentRow {
    /// The submission.
    pub submission: SubmissionRow,
    /// When its sender first opened the challenge, where that was noted.
    pub opened_at: Option<Timestamp>,
}

/// Keeps submissions.
#[async_trait]
pub trait Submissions: Send + Sync {
    /// Keeps a submission and its job in one transaction. Workers may see it
    /// before this returns; it returns when both are on the disk.
    async fn submit(&self, new: NewSubmission) -> Result<Submitted>;

    /// The submission that this key of this person stands for already; a key that was used
    /// for another request is refused, as by [`Self::submit`].
    async fn repeated(&self, user: UserId, key: &IdempotencyKey) -> Result<Option<SubmissionId>>;

    /// One submission.
    async fn submission(&self, id: SubmissionId) -> Result<SubmissionRow>;

    /// What was sent.
    async fn work(&self, id: SubmissionId) -> Result<Work>;

    /// The present outcome; `None`: there is none yet. One whose document has expired is
    /// [`Error::State`](crate::Error::State).
    async fn outcome(&self, id: SubmissionId) -> Result<Option<Outcome>>;

    /// All verdicts it has had, oldest first.
    async fn history(&self, id: SubmissionId) -> Result<Vec<VerdictRow>>;

    /// A list, newest first.
    async fn submissions(
        &self,
        filter: SubmissionFilter,
        page: PageRequest,
    ) -> Result<Page<SubmissionRow>>;

    /// What learners sent to a challenge and what became of it: the newest `limit` that have
    /// a verdict, newest first. What authors of the course and operators sent is a rehearsal and
    /// left out, unless an operator is a learner of the course.
    async fn judged(&self, course: &str, challenge: &str, limit: u32) -> Result<Vec<JudgedRow>>;

    /// What learners sent to the challenges of a course and did not take back, newest first;
    /// rehearsals are left out as by [`Self::judged`].
    async fn sent(&self, course: &str, page: PageRequest) -> Result<Page<SentRow>>;

    /// Failed submissions of this person to this challenge so far: unlocks hints.
    async fn failures(&self, user: UserId, course: &str, challenge: &str) -> Result<u32>;

    /// Takes it back: it is cancelled at once; the worker of a running one is told to stop
    /// (it sees that at its next renewal, or by the bus). One that was judged before keeps
    /// that verdict and is finished again. Returns the state it has now.
    async fn cancel(&self, id: SubmissionId) -> Result<SubmissionState>;

    /// Queues it again; the verdict it has stays until the new one is written.
    async fn rejudge(&self, id: SubmissionId, job: NewJob) -> Result<()>;
}
