//! Courses, their versions and challenges.

use std::collections::BTreeMap;

use carrel_model::id::UserId;
use carrel_model::{Limits, Visibility};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::progress::Unit;

/// A course in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CourseSummary {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Present version: SHA-256 of its files, in hex.
    pub version: String,
    /// When that was published.
    pub published_at: Timestamp,
    /// The caller's role: `learner` or `author`.
    pub role: String,
}

/// A course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Course {
    /// What a list tells.
    #[serde(flatten)]
    pub summary: CourseSummary,
    /// What it is about, Markdown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// Language it is written in, a BCP 47 tag.
    pub language: String,
    /// Units in order, with what the caller did.
    pub units: Vec<Unit>,
    /// Challenges in order.
    pub challenges: Vec<ChallengeSummary>,
}

/// A challenge in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChallengeSummary {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Language.
    pub language: String,
    /// How many steps it has.
    pub steps: usize,
    /// How many checks it has.
    pub checks: usize,
    /// Points of all checks.
    pub points_max: f64,
    /// Time from accept to verdict that is aimed at, milliseconds; absent: that of the service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target_ms: Option<u64>,
}

/// A challenge, as the caller may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Challenge {
    /// Course id.
    pub course: String,
    /// Version of the course.
    pub version: String,
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Language.
    pub language: String,
    /// Environment.
    pub environment: String,
    /// Paths or patterns (`*` within one part, `**` over parts) of files that may be sent.
    pub editable: Vec<String>,
    /// File that is run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entry: Option<String>,
    /// Limits of each run.
    pub limits: Limits,
    /// Time from accept to verdict that is aimed at, milliseconds.
    pub target_ms: u64,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Checks in order; of hidden ones only that they are there.
    pub checks: Vec<Check>,
    /// Files to start from.
    pub start: BTreeMap<String, Content>,
    /// Files that lie beside the learner's.
    pub supplied: BTreeMap<String, Content>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Instructions, Markdown.
    pub instructions: String,
    /// Steps that come before it.
    pub requires: Vec<String>,
    /// Hints that the caller has unlocked (authors: all).
    pub hints: Vec<String>,
    /// Files to start from, over those of the challenge.
    pub start: BTreeMap<String, Content>,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Id.
    pub id: String,
    /// Step.
    pub step: String,
    /// Title.
    pub title: String,
    /// Points.
    pub points: f64,
    /// Must pass for acceptance.
    pub required: bool,
    /// Who sees its details, when.
    pub visibility: Visibility,
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// SHA-256 of its files, in hex.
    pub version: String,
    /// Title.
    pub title: String,
    /// When.
    pub published_at: Timestamp,
    /// Who; absent: given to the service at its start.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub published_by: Option<UserId>,
    /// Commit of the author's repository that it was made from, where whoever published it said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub commit: Option<String>,
}

/// How a version is published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PublishQuery {
    /// Only tell what would change for learners.
    pub preview: bool,
    /// Commit that the files are of: 40 or 64 hexadecimal digits. Kept with the version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// What publishing gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    /// Course id.
    pub course: String,
    /// Its present version now.
    pub version: String,
    /// Title.
    pub title: String,
    /// How many challenges it has.
    pub challenges: usize,
    /// It was the present version before: nothing changed.
    pub unchanged: bool,
    /// Environments that its challenges and projects need and that no node has now: submissions
    /// to such challenges are refused until one has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_environments: Vec<String>,
}
