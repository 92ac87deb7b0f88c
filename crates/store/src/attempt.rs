//! Attempts at quizzes: what was asked, what was answered, what it is worth.
//!
//! The store knows no questions: papers and responses are documents. It knows
//! who, when, and in which order: an answer is kept only while the attempt goes
//! on by the engine's clock, an older save never replaces a newer one, and what
//! depends on the whole attempt is written only if nothing changed meanwhile.

use async_trait::async_trait;
use carrel_model::id::{AttemptId, RescoreId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Result;
use crate::page::{Page, PageRequest};

/// An attempt to be started.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAttempt {
    /// Its id, made by the caller.
    pub id: AttemptId,
    /// Whose.
    pub user: UserId,
    /// Course.
    pub course: String,
    /// Version that it stays on.
    pub course_version: String,
    /// Quiz.
    pub quiz: String,
    /// Which one of this person at this quiz, from 1.
    pub number: u32,
    /// When it starts.
    pub started_at: Timestamp,
    /// From when on answers are refused; `None`: it has no end.
    pub ends_at: Option<Timestamp>,
    /// What is asked: never changes.
    pub paper: Value,
    /// What is small and changes.
    pub state: Value,
}

/// What became of a start.
#[derive(Debug, Clone, PartialEq)]
pub enum Started {
    /// It was started.
    New(AttemptRow),
    /// This one goes on; nothing was started.
    Running(AttemptRow),
    /// Another number is due: attempts were made meanwhile.
    Stale,
}

/// An attempt without its documents.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    /// Id.
    pub id: AttemptId,
    /// Whose.
    pub user: UserId,
    /// Course.
    pub course: String,
    /// Version that it stays on.
    pub course_version: String,
    /// Quiz.
    pub quiz: String,
    /// Which one of this person at this quiz, from 1.
    pub number: u32,
    /// When it was started.
    pub started_at: Timestamp,
    /// From when on answers are refused; `None`: it has no end.
    pub ends_at: Option<Timestamp>,
    /// When and by whom it was ended; `None`: it goes on.
    pub ended: Option<(Timestamp, EndedBy)>,
    /// What is small and changes.
    pub state: Value,
    /// Grows with every change of anything of the attempt.
    pub revision: u64,
    /// What it is worth; `None` until it is ended.
    pub grade: Option<Grade>,
    /// Paper and responses have expired; the grade stays.
    pub answers_gone: bool,
}

/// Who ended an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The learner.
    Learner,
    /// The end of its time.
    Deadline,
}

/// What an attempt is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Grade {
    /// Points.
    pub points: f64,
    /// Points of an attempt without a mistake.
    pub points_max: f64,
    /// Whether it is passed; `None`: the quiz does not say what is needed, or a person must grade first.
    pub passed: Option<bool>,
    /// Whether an answer waits for a person.
    pub needs_grading: bool,
}

/// An attempt with its documents.
#[derive(Debug, Clone, PartialEq)]
pub struct WholeAttempt {
    /// What lists tell.
    pub row: AttemptRow,
    /// What is asked.
    pub paper: Value,
    /// What the learner did, by question.
    pub responses: Vec<ResponseRow>,
    /// Points that do not follow from the answers alone, oldest first; the last one of a question counts.
    pub marks: Vec<MarkRow>,
}

/// What a learner did with one question.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseRow {
    /// Question.
    pub question: String,
    /// Number of the newest save, as its sender counts.
    pub sequence: u64,
    /// Grows with every change of this response.
    pub revision: u64,
    /// When it was changed last.
    pub saved_at: Timestamp,
    /// The response.
    pub document: Value,
}

/// A response to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResponse {
    /// Question.
    pub question: String,
    /// Number of the save; at least that of the one before.
    pub sequence: u64,
    /// Revision of the response that this one is made from; 0: there was none.
    pub revision: u64,
    /// The response.
    pub document: Value,
}

/// What became of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is on the disk, since this moment.
    Done(Timestamp),
    /// A newer one is there: read it and decide anew.
    Stale,
    /// The attempt has ended, or its time is over.
    Over,
}

/// Points of one question given by a person or by a changed key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewMark {
    /// Question.
    pub question: String,
    /// Points from now on.
    pub points: f64,
    /// Words to the learner.
    pub comment: Option<String>,
    /// How the points came about, line by line.
    pub explanation: Vec<String>,
}

/// A mark, kept for ever beside those before it.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkRow {
    /// Question, points, words.
    pub mark: NewMark,
    /// When.
    pub at: Timestamp,
    /// By whom; `None`: somebody who is gone.
    pub by: Option<UserId>,
    /// The rescore that gave it; `None`: a person did.
    pub rescore: Option<RescoreId>,
}

/// Grades of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMarking {
    /// Who.
    pub by: UserId,
    /// Points of questions.
    pub marks: Vec<NewMark>,
    /// What the whole is worth from then on.
    pub grade: Grade,
}

/// How an attempt ends.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEnd {
    /// When it counts as submitted.
    pub at: Timestamp,
    /// By whom.
    pub by: EndedBy,
    /// What it is worth.
    pub grade: Grade,
    /// Marks of keys that were changed since it was started, with their rescore.
    pub marks: Vec<(RescoreId, NewMark)>,
}

/// Which attempts a list is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptFilter {
    /// Of this person.
    pub user: Option<UserId>,
    /// Of this course.
    pub course: Option<String>,
    /// At this quiz.
    pub quiz: Option<String>,
    /// Only those that have ended, or have not.
    pub ended: Option<bool>,
    /// Only those that wait for a person's grade.
    pub needs_grading: bool,
}

/// Keeps attempts.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// The engine's clock: what deadlines are measured by.
    fn now(&self) -> Timestamp;
    /// Starts one. One at a time per person and quiz.
    async fn start_attempt(&self, new: NewAttempt) -> Result<Started>;
    /// One, without its documents.
    async fn attempt(&self, id: AttemptId) -> Result<AttemptRow>;
    /// One with everything.
    async fn whole_attempt(&self, id: AttemptId) -> Result<WholeAttempt>;
    /// A list, newest first.
    async fn attempts(&self, filter: AttemptFilter, page: PageRequest) -> Result<Page<AttemptRow>>;
    /// All of a person at a quiz, in the order they were made.
    async fn attempts_of(&self, user: UserId, course: &str, quiz: &str) -> Result<Vec<AttemptRow>>;
    /// Keeps a response; answered when it is on the disk.
    async fn keep_response(&self, id: AttemptId, response: NewResponse) -> Result<Kept>;
    /// Replaces what is small, if nothing changed since `revision`; tells whether it did.
    async fn change_attempt(
        &self,
        id: AttemptId,
        revision: u64,
        state: Value,
        ends_at: Option<Timestamp>,
    ) -> Result<bool>;
    /// Ends one, if nothing changed since `revision`; tells whether it did.
    async fn end_attempt(&self, id: AttemptId, revision: u64, end: NewEnd) -> Result<bool>;
    /// Adds marks of a person to an ended one, if nothing changed since `revision`; tells whether it did.
    async fn mark_attempt(&self, id: AttemptId, revision: u64, marking: NewMarking)
    -> Result<bool>;
    /// Those whose time is over and that have not ended, the longest over first, after this one:
    /// its end and its id.
    async fn overdue_attempts(
        &self,
        after: Option<(Timestamp, AttemptId)>,
        limit: u32,
    ) -> Result<Vec<AttemptRow>>;
    /// When the next one's time is over.
    async fn next_attempt_end(&self) -> Result<Option<Timestamp>>;
}
