//! Blanks in the question's text or code.
//!
//! The text holds `[[id]]` where a blank stands; double brackets around anything
//! that is not the id of a blank are text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Choice, NumberKey, PartScheme, TextKey};

/// Blanks in running text or code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blanks {
    /// The blanks; each stands exactly once in the text.
    pub blanks: Vec<Blank>,
    /// How they are put together.
    #[serde(default)]
    pub scheme: PartScheme,
}

/// One blank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blank {
    /// Id within the question; by default `1`, `2`, …. Letters, digits, `-`, `_`.
    pub id: String,
    /// Its weight beside the others, above 0; under [`PartScheme::Weights`] a share of the
    /// question's points.
    #[serde(default = "one")]
    pub weight: f64,
    /// Width of the field in characters; `None`: as all others, so that it tells nothing of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// What belongs there.
    pub key: BlankKey,
}

impl Blank {
    /// A blank of weight 1.
    #[must_use]
    pub fn new(id: impl Into<String>, key: BlankKey) -> Self {
        Self {
            id: id.into(),
            weight: 1.0,
            width: None,
            key,
        }
    }
}

fn one() -> f64 {
    1.0
}

/// What belongs into a blank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum BlankKey {
    /// A typed text.
    Text(TextKey),
    /// A typed number.
    Number(NumberKey),
    /// A choice in the line.
    Choice(Choice),
}
