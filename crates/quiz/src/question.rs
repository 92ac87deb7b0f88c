//! One question with its feedback, hints and points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::kind::Kind;
use crate::template::Template;
use crate::text::{Attachment, Text};

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Stable id, unique within the quiz and never reused: letters, digits, `-`, `_`, `.`.
    pub id: String,
    /// Short name for authors and reports; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What is asked. Blanks stand in it as `[[id]]`, variables as `{{expression}}`.
    pub text: Text,
    /// Points for a fully right answer, at least 0.
    #[serde(default = "one")]
    pub points: f64,
    /// What kind of answer is wanted, and what is right.
    pub kind: Kind,
    /// Feedback on the question as a whole.
    #[serde(default, skip_serializing_if = "Feedback::is_empty")]
    pub feedback: Feedback,
    /// Hints in the order they are given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
    /// Share of the points that each wrong try costs, 0 to 1; `None`: the quiz's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalty: Option<f64>,
    /// Share of the points that a wrong answer gives, −1 to 1: one that would get nothing. Below
    /// 0 it takes points away; no answer at all always gets nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wrong: f64,
    /// Whole answers with a share of their own, whatever the scheme of the kind says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub special: Vec<SpecialAnswer>,
    /// Tries; `None`: the quiz's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<u32>,
    /// Words to find the question by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Category as a path from the outermost, such as `["Python", "Loops"]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<String>,
    /// Embedded files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Variables of a parameterised question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
}

fn one() -> f64 {
    1.0
}

impl Question {
    /// A question of one point without feedback, hints or variables.
    #[must_use]
    pub fn new(id: impl Into<String>, text: Text, kind: Kind) -> Self {
        Self {
            id: id.into(),
            title: String::new(),
            text,
            points: 1.0,
            kind,
            feedback: Feedback::default(),
            hints: Vec::new(),
            penalty: None,
            wrong: 0.0,
            special: Vec::new(),
            tries: None,
            tags: Vec::new(),
            category: Vec::new(),
            attachments: Vec::new(),
            template: None,
        }
    }
}

/// One whole answer, and what it gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialAnswer {
    /// The answer: options (in any order), items in their order, or targets of items.
    pub answer: Answer,
    /// Share of the points, −1 to 1.
    pub share: f64,
}

/// Feedback on the question as a whole; that on single options stands with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// Shown whatever was answered: the explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub general: Option<Text>,
    /// Shown for a fully right answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct: Option<Text>,
    /// Shown for an answer that is right in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partially_correct: Option<Text>,
    /// Shown for a wrong answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incorrect: Option<Text>,
}

impl Feedback {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A hint, taken on demand or given after a wrong try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// The hint.
    pub text: Text,
    /// Share of the points that taking it costs, 0 to 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cost: f64,
    /// Wrong tries needed before it may be taken.
    #[serde(default, skip_serializing_if = "is_none_needed")]
    pub after_tries: u32,
    /// Taking it clears the wrong parts of the answer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub clear_wrong: bool,
    /// Taking it tells how many parts of the answer are right.
    #[serde(default, skip_serializing_if = "is_false")]
    pub show_right_count: bool,
}

impl Hint {
    /// A hint that costs nothing.
    #[must_use]
    pub fn new(text: Text) -> Self {
        Self {
            text,
            cost: 0.0,
            after_tries: 0,
            clear_wrong: false,
            show_right_count: false,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_none_needed(number: &u32) -> bool {
    *number == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}
