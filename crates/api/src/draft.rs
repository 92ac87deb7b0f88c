//! Drafts: what a learner has written for a challenge and not sent yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::problem::ProblemDocument;

/// A draft.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Draft {
    /// Grows with every change; 0: there never was one.
    pub revision: u64,
    /// When it was changed last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changed_at: Option<Timestamp>,
    /// Files by path; none: there is no draft.
    pub files: BTreeMap<String, Content>,
}

/// A draft that is to be kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDraft {
    /// The revision that was changed; 0: there was none.
    pub revision: u64,
    /// All of its files by path.
    #[serde(deserialize_with = "crate::content::read_files")]
    pub files: BTreeMap<String, Content>,
}

/// Which draft is thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftQuery {
    /// The revision that was seen last.
    pub revision: u64,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeptDraft {
    /// Its revision now.
    pub revision: u64,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

/// Somebody was there before: the problem, and what is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DraftConflict {
    /// With the code `draft_changed`.
    #[serde(flatten)]
    pub problem: ProblemDocument,
    /// The draft as it is kept now.
    pub draft: Draft,
}
