//! A short text, typed: patterns in the author's order, the first that matches wins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What is right for a typed text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextKey {
    /// Patterns; the first that matches gives score and feedback.
    pub patterns: Vec<TextPattern>,
    /// What makes no difference.
    #[serde(default)]
    pub rules: TextRules,
}

impl TextKey {
    /// A key of exact texts, each fully right, under the default rules.
    #[must_use]
    pub fn exact<S: Into<String>>(texts: impl IntoIterator<Item = S>) -> Self {
        Self {
            patterns: texts
                .into_iter()
                .map(|text| TextPattern::new(PatternKind::Exact, text))
                .collect(),
            rules: TextRules::default(),
        }
    }
}

/// One pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextPattern {
    /// How the pattern is read.
    #[serde(default)]
    pub kind: PatternKind,
    /// The pattern; it must match the whole answer.
    pub pattern: String,
    /// Share of the points, −1 to 1.
    #[serde(default = "one")]
    pub score: f64,
    /// Feedback when it matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
}

impl TextPattern {
    /// A pattern that is fully right.
    #[must_use]
    pub fn new(kind: PatternKind, pattern: impl Into<String>) -> Self {
        Self {
            kind,
            pattern: pattern.into(),
            score: 1.0,
            feedback: None,
        }
    }
}

fn one() -> f64 {
    1.0
}

/// How a pattern is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PatternKind {
    /// The very text.
    #[default]
    Exact,
    /// `*` stands for any text, `\*` for a star, `\\` for a backslash.
    Wildcard,
    /// A regular expression of the crate `regex`: linear time, no back references, no look-around.
    Regex,
}

/// What makes no difference between answer and pattern.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextRules {
    /// Upper and lower case.
    #[serde(default)]
    pub case: Case,
    /// Blanks.
    #[serde(default)]
    pub spaces: Spaces,
    /// Unicode normalisation of both sides.
    #[serde(default)]
    pub unicode: UnicodeForm,
    /// Accents make no difference: `é` is `e`.
    #[serde(default)]
    pub ignore_accents: bool,
    /// Letters that may differ (Levenshtein distance) from an exact pattern of at least four times as many letters.
    #[serde(default)]
    pub typos: u32,
}

/// Whether case makes a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// `Paris` is `paris`.
    #[default]
    Ignore,
    /// `Paris` is not `paris`.
    Exact,
}

/// How blanks are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spaces {
    /// Those at the ends are left out, several within are one.
    #[default]
    Collapse,
    /// Only those at the ends are left out.
    Trim,
    /// All are left out.
    Remove,
    /// Each counts.
    Exact,
}

/// Unicode normalisation of both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnicodeForm {
    /// Canonical: one way to write `é`.
    #[default]
    Nfc,
    /// Compatible: `ﬁ` is `fi`, `²` is `2`, full-width letters are letters.
    Nfkc,
}
