//! Points changed after an answer key was changed. The caller computes what changes, for
//! scoring is pure; the store keeps it, and makes it count where nothing else happened since.

use async_trait::async_trait;
use carrel_model::id::{AttemptId, RescoreId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::attempt::{Grade, NewMark};
use crate::error::Result;
use crate::page::{Page, PageRequest};

/// Most attempts that one rescore may change.
pub const CHANGES_MAX: usize = 20_000;

/// A rescore to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRescore {
    /// Its id, made by the caller.
    pub id: RescoreId,
    /// Course.
    pub course: String,
    /// Quiz.
    pub quiz: String,
    /// Version whose key is used.
    pub course_version: String,
    /// Nobody loses points by it.
    pub never_lower: bool,
    /// Who asked for it.
    pub user: UserId,
    /// Attempts that were looked at.
    pub attempts: u64,
}

/// What a rescore does to one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct NewChange {
    /// Which.
    pub attempt: AttemptId,
    /// Revision that it was computed from.
    pub revision: u64,
    /// Points before.
    pub points_before: f64,
    /// What it is worth after.
    pub after: Grade,
    /// Points of the questions that change.
    pub marks: Vec<NewMark>,
}

/// A rescore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RescoreRow {
    /// What was asked for.
    pub rescore: NewRescore,
    /// Whether it counts.
    pub state: RescoreState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was made to count.
    pub applied_at: Option<Timestamp>,
    /// Attempts that it changes.
    pub changed: u64,
    /// Of them changed otherwise before it was applied, and therefore left alone.
    pub skipped: u64,
}

/// Whether a rescore counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RescoreState {
    /// Only told.
    Preview,
    /// Being made to count, whoever asked for it is there or not.
    Applying,
    /// Counts.
    Applied,
}

/// A change as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRow {
    /// What changes.
    pub change: NewChange,
    /// Whose attempt it is.
    pub user: UserId,
    /// What became of it.
    pub state: ChangeState,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Only told so far.
    Waiting,
    /// It counts.
    Applied,
    /// The attempt was changed otherwise in the meantime.
    Skipped,
}

/// Keeps rescores.
#[async_trait]
pub trait Rescores: Send + Sync {
    /// Keeps one as a preview. At most [`CHANGES_MAX`] changes.
    async fn rescore(&self, new: NewRescore, changes: Vec<NewChange>) -> Result<RescoreRow>;
    /// One.
    async fn rescore_row(&self, id: RescoreId) -> Result<RescoreRow>;
    /// Those of a course, newest first.
    async fn rescores(&self, course: &str, page: PageRequest) -> Result<Page<RescoreRow>>;
    /// Those of a quiz that count, oldest first.
    async fn applied_rescores(&self, course: &str, quiz: &str) -> Result<Vec<RescoreRow>>;
    /// What changes, by attempt.
    async fn rescore_changes(&self, id: RescoreId, page: PageRequest) -> Result<Page<ChangeRow>>;
    /// Begins to make it count, which goes on with [`Self::apply_rescore`], whoever calls it and
    /// whenever; `false`: that was begun before.
    async fn begin_applying_rescore(&self, id: RescoreId) -> Result<bool>;
    /// Makes it count, in bounded batches. Begins it where that was not done yet, and goes on
    /// where it was broken off.
    async fn apply_rescore(&self, id: RescoreId) -> Result<RescoreRow>;
    /// Those that are being made to count.
    async fn applying_rescores(&self) -> Result<Vec<RescoreId>>;
}
