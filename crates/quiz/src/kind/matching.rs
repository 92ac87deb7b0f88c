//! A target for each item; targets may be shared, and some may belong to none.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PartScheme;
use crate::text::Text;

/// Items and targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// What is to be matched.
    pub items: Vec<MatchItem>,
    /// What it is matched with; those of no item are distractors.
    pub targets: Vec<MatchTarget>,
    /// How the items are put together.
    #[serde(default)]
    pub scheme: PartScheme,
    /// Whether each attempt has its own order of items and targets.
    #[serde(default = "yes")]
    pub shuffle: bool,
}

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}

/// One item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchItem {
    /// Id within the question; by default `1`, `2`, ….
    pub id: String,
    /// What is shown.
    pub text: Text,
    /// Id of the right target.
    pub target: String,
    /// Its weight beside the others, above 0.
    #[serde(default = "one")]
    pub weight: f64,
    /// Feedback when it was matched wrongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
}

/// One target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchTarget {
    /// Id within the question; by default `a`, `b`, ….
    pub id: String,
    /// What is shown.
    pub text: Text,
}
