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
    /// Wrong pairs that give or take away something, under [`PartScheme::Weights`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<PairWeight>,
    /// What any other wrong pair gives, as a share of the question's points, under
    /// [`PartScheme::Weights`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wrong_pair: f64,
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

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

impl Matching {
    /// Whether a target is right for an item: its own, or one that looks the same.
    #[must_use]
    pub fn is_right(&self, item: &MatchItem, target: &str) -> bool {
        let text_of = |id: &str| {
            let found = self.targets.iter().find(|target| target.id == id);
            found.map(|target| &target.text)
        };
        target == item.target
            || text_of(target).is_some_and(|text| text_of(&item.target) == Some(text))
    }

    /// What a pair gives as a share of the question's points, under [`PartScheme::Weights`].
    #[must_use]
    pub fn weight(&self, item: &MatchItem, target: &str) -> f64 {
        if self.is_right(item, target) {
            return item.weight;
        }
        let same = |pair: &&PairWeight| pair.item == item.id && pair.target == target;
        let told = self.pairs.iter().find(same);
        told.map_or(self.wrong_pair, |pair| pair.weight)
    }
}

/// What a wrong pair gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PairWeight {
    /// Id of the item.
    pub item: String,
    /// Id of the target, which is not the right one.
    pub target: String,
    /// Share of the question's points; below 0 it takes points away.
    pub weight: f64,
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
    /// Its weight beside the others, above 0; under [`PartScheme::Weights`] a share of the
    /// question's points, which may be 0.
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
