//! The job queue: fair between lanes, strict between bands, leased with fencing tokens.

use async_trait::async_trait;
use carrel_model::id::{NodeId, SubmissionId};
use carrel_model::trace::TraceParent;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::page::{Page, PageRequest};
use crate::spare::Spare;
use crate::submission::{Outcome, Work};

/// Attempts that end in a fault of ours before a job is parked.
pub const ATTEMPTS_MAX: u32 = 3;

/// Times that one attempt goes on in a later life of its worker, before its loss counts as an attempt.
pub const TAKE_OVERS_MAX: u32 = 20;

/// Which work goes first: a lower band only gets what the higher ones leave, and a small share so that it never starves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Somebody waits for the answer.
    Interactive,
    /// Graded work that may take a moment.
    Batch,
    /// Regrading of old submissions.
    Regrade,
}

/// How a submission is queued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Band.
    pub band: Band,
    /// Course, the outer lane: courses share fairly.
    pub course: String,
    /// Sender, the inner lane: people within a course share fairly.
    pub lane: String,
    /// Expected processor time, milliseconds; what the lane is charged.
    pub cost_ms: f64,
    /// Not before; `None`: at once.
    pub not_before: Option<Timestamp>,
    /// When the verdict should be there; for order, measuring and admission, not for dropping accepted work.
    pub target: Timestamp,
}

/// A job in a worker's hands.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// Which submission.
    pub submission: SubmissionId,
    /// Fencing token: only grows per job.
    pub token: u64,
    /// Attempt, from 1.
    pub attempt: u32,
    /// When the lease ends unless renewed.
    pub expires_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When the verdict should be there.
    pub target: Timestamp,
    /// Band.
    pub band: Band,
    /// Why it is judged: `submitted`, `rejudged`, `regraded`.
    pub reason: String,
    /// Request id of the sender, for the log.
    pub request: String,
    /// Place in a trace that the work hangs below.
    pub trace: Option<TraceParent>,
    /// Failed submissions of the sender to this challenge before: unlocks hints.
    pub failures: u32,
    /// What is to be done.
    pub work: Work,
}

/// What a renewal gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Goes on.
    Held,
    /// The sender took it back: stop, then [`Queue::finish`] or [`Queue::release`] is answered with `Stale`.
    Cancelled,
    /// Somebody else has it, or it is gone.
    Lost,
}

/// Whether a write under a lease counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Written.
    Applied,
    /// The lease was no longer the caller's: nothing was written.
    Stale,
}

/// What became of a job that was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// It waits again.
    Requeued,
    /// It had [`ATTEMPTS_MAX`] attempts: an operator has to look.
    Parked,
    /// The lease was no longer the caller's: nothing was written.
    Stale,
}

/// What waits now: for admission, metrics and pages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Depth {
    /// Queued jobs per band.
    pub queued: [u64; 3],
    /// Sum of the expected processor time of queued jobs per band, milliseconds.
    pub cost_ms: [f64; 3],
    /// Jobs in workers' hands.
    pub running: u64,
    /// Parked jobs.
    pub parked: u64,
    /// Jobs that wait for a node that has what they need; not counted as queued.
    pub passed_over: u64,
    /// Age of the oldest queued job, milliseconds.
    pub oldest_ms: u64,
    /// Interactive jobs that still wait after their target.
    pub overdue: u64,
}

/// What a new job would find in its band; times are expected processor time, milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Backlog {
    /// Jobs that wait in its band.
    pub queued: u64,
    /// Their time.
    pub queued_ms: f64,
    /// How far its sender is ahead of the others in its course: by what was given beyond
    /// a fair share lately, and by what waits.
    pub lane_ms: f64,
    /// How far its course is ahead of the other courses.
    pub course_ms: f64,
    /// Share of the band while those bands have work that have it now.
    pub share: f64,
    /// What is due before it, if it is interactive.
    pub before: DueBefore,
    /// What would be due before a job of somebody who is not ahead of the others.
    pub before_others: DueBefore,
    /// Jobs in workers' hands, of all bands.
    pub running: u64,
    /// Jobs of its sender in its band, of all courses: in workers' hands and waiting.
    pub own: u64,
}

/// Interactive work that waits and is due before something.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DueBefore {
    /// Expected processor time, milliseconds.
    pub cost_ms: f64,
    /// Wall time for which the oldest of it has waited, milliseconds.
    pub waited_ms: u64,
}

/// A job that waits for an operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Parked {
    /// Which submission.
    pub submission: SubmissionId,
    /// Course.
    pub course: String,
    /// Since when.
    pub at: Timestamp,
    /// Attempts made.
    pub attempts: u32,
    /// The last reason.
    pub reason: String,
}

/// The queue.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Leases up to `max` jobs to this node for `lease_ms`, in order of fairness; `max` is all
    /// the room that it has. Of a node with more than one slot some are kept from what nobody
    /// waits for (batch, regrades): an eighth, one at least.
    /// Interactive work that is due (a quarter of its target after it was accepted or its queue served, and later
    /// by what its sender and course are ahead of others) goes first in its band.
    /// Jobs whose lease ran out come again with a higher token.
    /// A node with one slot has none to keep: it begins what nobody waits for only once nothing
    /// interactive waits and none was begun for five seconds, or none of such work for a minute.
    async fn claim(&self, node: NodeId, max: u32, lease_ms: u64) -> Result<Vec<Lease>>;

    /// The same for one job in a spare slot ([`crate::spare`]): interactive work of somebody of
    /// whom nothing runs anywhere.
    async fn claim_spare(&self, node: NodeId, spare: Spare, lease_ms: u64) -> Result<Vec<Lease>>;

    /// Prolongs leases.
    async fn renew(
        &self,
        node: NodeId,
        leases: &[(SubmissionId, u64)],
        lease_ms: u64,
    ) -> Result<Vec<Renewal>>;

    /// Writes the outcome, ends the job, moves the events of the submission to their end.
    /// Returns when it is on the disk; publish only then. `cost_ms`: what it is charged,
    /// milliseconds of processor time: what it took, or what others would have had of its
    /// slot meanwhile. A fault of ours is no outcome and is refused (`State`): give the job
    /// back with [`Queue::release`].
    async fn finish(
        &self,
        submission: SubmissionId,
        token: u64,
        outcome: Outcome,
        cost_ms: f64,
    ) -> Result<Applied>;

    /// Gives it back after a fault of ours: retried with backoff, parked after
    /// [`ATTEMPTS_MAX`]. `counted` false: given back untouched (the worker
    /// drains), which is no attempt.
    async fn release(
        &self,
        submission: SubmissionId,
        token: u64,
        reason: &str,
        counted: bool,
    ) -> Result<Released>;

    /// Gives it back because this node lacks what it needs, which is no attempt: the node is
    /// not given it again, and another one that was not takes it first at its next claim.
    /// Where every node passed it over it waits, until [`Queue::offer_again`]. `reason`:
    /// what is lacking, for the operator.
    async fn pass_over(
        &self,
        submission: SubmissionId,
        token: u64,
        reason: &str,
    ) -> Result<Applied>;

    /// This node may have something that it lacked before: all that was passed over is
    /// queued again, for every node. How many.
    async fn offer_again(&self, node: NodeId) -> Result<u64>;

    /// Leases of this node that nobody else got: what an earlier life of its worker held,
    /// run out or not. They are taken over with a higher token and the same attempt, up
    /// to [`TAKE_OVERS_MAX`] times.
    async fn take_over(&self, node: NodeId, lease_ms: u64) -> Result<Vec<Lease>>;

    /// What waits now.
    async fn depth(&self) -> Result<Depth>;

    /// How many jobs would be claimed before this one; `None`: it does not wait.
    async fn position(&self, submission: SubmissionId) -> Result<Option<u64>>;

    /// What a new job of this lane would find: what admission asks.
    async fn backlog(&self, job: &NewJob) -> Result<Backlog>;

    /// Parked jobs, of this course or of all, oldest first.
    async fn parked(&self, course: Option<&str>, page: PageRequest) -> Result<Page<Parked>>;

    /// Runs a parked job again, with fresh attempts.
    async fn unpark(&self, submission: SubmissionId) -> Result<()>;

    /// Drops a parked job: the submission stays, without a verdict, as cancelled.
    async fn drop_parked(&self, submission: SubmissionId) -> Result<()>;
}
