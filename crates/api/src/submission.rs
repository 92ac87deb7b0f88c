//! Submissions, their verdicts and events.

use std::collections::BTreeMap;

use carrel_model::execution::SubmissionState;
use carrel_model::id::{SubmissionId, UserId};
use carrel_model::result::TestResult;
use carrel_model::{ResultDocument, Verdict};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::Content;

/// How soon it is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Somebody waits: refused at once when its target cannot be met.
    #[default]
    Interactive,
    /// May take a moment: queued behind interactive work.
    Batch,
}

/// What a learner sends as JSON. Archives and multipart bodies carry the files only; the rest
/// is then in the address.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubmission {
    /// Files by path.
    #[serde(deserialize_with = "crate::content::read_files")]
    pub files: BTreeMap<String, Content>,
    /// Step up to which it is judged; all where not said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<String>,
    /// How soon it is wanted.
    #[serde(default)]
    pub band: Band,
}

/// What the address says of a submission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubmitQuery {
    /// Wait for the verdict this many seconds at most (the same as `Prefer: wait=N`).
    pub wait: Option<u64>,
    /// Step up to which it is judged, for bodies that are not JSON.
    pub step: Option<String>,
    /// How soon it is wanted, for bodies that are not JSON.
    pub band: Option<Band>,
}

/// A submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Submission {
    /// Id.
    pub id: SubmissionId,
    /// Who sent it.
    pub user: UserId,
    /// Course.
    pub course: String,
    /// Version of the course that it was last judged against.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Challenge.
    pub challenge: String,
    /// Step up to which it is judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<String>,
    /// State.
    pub state: SubmissionState,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Whether it was sent after the challenge was due for its sender.
    #[serde(default)]
    pub late: bool,
    /// When a worker first began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<Timestamp>,
    /// When it got its present verdict.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finished_at: Option<Timestamp>,
    /// How many jobs come before it, while it is queued; only told of a single submission.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub position: Option<u64>,
    /// Present verdict.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<Verdict>,
    /// Points of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points: Option<f64>,
    /// Points that could be reached.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points_max: Option<f64>,
    /// How many verdicts it has had.
    pub verdicts: u32,
    /// Why there is no verdict, where it cannot be judged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<Refusal>,
    /// Why it waits for an operator; for authors.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parked_reason: Option<String>,
    /// The result contract, as the caller may see it; only told of a single submission.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<ResultDocument>,
}

/// Why something cannot be judged or run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// `author`: the challenge is at fault; `sender`: what was sent is.
    pub fault: String,
    /// What to tell.
    pub message: String,
}

/// Which submissions a list is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubmissionQuery {
    /// `next` of the page before; absent: the first page.
    pub cursor: Option<String>,
    /// Rows wanted, from 1 to 200; 50 where not said.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// Of this person, by `me`, id or name (authors of the course and operators may name another than themselves).
    pub user: Option<String>,
    /// Of everybody (authors of `course`, operators).
    pub everybody: Option<bool>,
    /// Of this course.
    pub course: Option<String>,
    /// Of this challenge.
    pub challenge: Option<String>,
    /// In this state.
    pub state: Option<SubmissionState>,
    /// With this present verdict.
    pub verdict: Option<Verdict>,
}

/// One verdict of a submission's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PastVerdict {
    /// Number from 1.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Why it was judged: `submitted`, `rejudged`, `regraded`.
    pub reason: String,
    /// Version it was judged against.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    /// Verdict.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verdict: Option<Verdict>,
    /// Points.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub points: Option<f64>,
    /// The one that counts.
    pub counts: bool,
}

/// Files of a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedFiles {
    /// By path.
    pub files: BTreeMap<String, Content>,
}

/// `data` of the events of a submission, by the name of the event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum SubmissionEvent {
    /// It waits; sent again when the position changes. Has no id.
    Queued {
        /// How many jobs come before it.
        position: u64,
    },
    /// A worker began.
    Started {
        /// Attempt, from 1.
        attempt: u32,
    },
    /// The compile step began.
    Compiling {},
    /// A check ended, as the reader may see it.
    Check {
        /// Its results.
        results: Vec<TestResult>,
    },
    /// An attempt ended in a fault of ours; it is tried again.
    Retrying {},
    /// The last event: the submission with its result.
    Verdict(Box<Submission>),
    /// The last event: taken back.
    Cancelled {},
    /// The last event: it waits for an operator.
    Parked {},
}

impl SubmissionEvent {
    /// Name of the event.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Started { .. } => "started",
            Self::Compiling {} => "compiling",
            Self::Check { .. } => "check",
            Self::Retrying {} => "retrying",
            Self::Verdict(_) => "verdict",
            Self::Cancelled {} => "cancelled",
            Self::Parked {} => "parked",
        }
    }
}
