//! Items to put in order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// Items in their right order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ordering {
    /// The items in the right order, at least two.
    pub items: Vec<OrderItem>,
    /// Items that belong nowhere and must be left out (Parsons problems).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distractors: Vec<OrderItem>,
    /// How partly right orders count.
    #[serde(default)]
    pub scheme: OrderScheme,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderItem {
    /// Id within the question; by default `1`, `2`, …, distractors going on from the items.
    pub id: String,
    /// What is shown. Items of the same text may stand for each other.
    pub text: Text,
}

/// How partly right orders count. Let n be the number of items. Each distractor used takes away as
/// much as one item or neighbourhood gives; nothing falls below 0, and no order but the right one
/// gets everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderScheme {
    /// Items at their place, less distractors used, over n.
    Positions,
    /// Length of the longest common subsequence with the right order, less distractors used,
    /// over n.
    #[default]
    LongestCommonSubsequence,
    /// Right neighbourhoods ("b comes right after a"), less distractors used, over n − 1.
    Neighbours,
    /// The right order, or nothing.
    AllOrNothing,
}
