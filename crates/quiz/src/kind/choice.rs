//! One or several of some options; true or false.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// A choice among options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// How many may be chosen.
    pub select: Select,
    /// The options, in the author's order.
    pub options: Vec<ChoiceOption>,
    /// How partly right answers count.
    #[serde(default)]
    pub scheme: ChoiceScheme,
    /// Whether each attempt has its own order (options that are `fixed` keep their place).
    #[serde(default = "yes")]
    pub shuffle: bool,
    /// How options are numbered.
    #[serde(default)]
    pub numbering: Numbering,
    /// How options are laid out.
    #[serde(default)]
    pub layout: Layout,
}

fn yes() -> bool {
    true
}

/// How many options may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Select {
    /// Exactly one.
    One,
    /// Several.
    Many {
        /// Least number that makes an answer complete.
        #[serde(default)]
        min: u32,
        /// Greatest number that may be chosen; `None`: all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<u32>,
    },
}

/// One option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// Id within the question; answers name it, so it survives shuffling. By default `a`, `b`, ….
    pub id: String,
    /// What is shown.
    pub text: Text,
    /// Whether it belongs to the right answer.
    #[serde(default)]
    pub correct: bool,
    /// Share of the points that choosing it gives, −1 to 1; `None`: see [`Choice::weight`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Keeps its place when options are shuffled ("all of the above").
    #[serde(default)]
    pub fixed: bool,
    /// Feedback when it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
    /// Feedback when it was not chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback_not_chosen: Option<Text>,
    /// A tip that may be opened before answering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tip: Option<Text>,
}

impl ChoiceOption {
    /// An option without feedback, of the default weight.
    #[must_use]
    pub fn new(id: impl Into<String>, text: Text, correct: bool) -> Self {
        Self {
            id: id.into(),
            text,
            correct,
            weight: None,
            fixed: false,
            feedback: None,
            feedback_not_chosen: None,
            tip: None,
        }
    }
}

/// How partly right choices count. Let R be the number of right options.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChoiceScheme {
    /// Exactly the right options, or nothing.
    AllOrNothing,
    /// Sum of the weights of the chosen options, held within the bounds
    /// (Moodle: fractions; QTI: mapping).
    Weights {
        /// Least result, −1 to 0: below 0 for negative marking.
        #[serde(default)]
        floor: f64,
        /// Greatest result, above 0, at most 1.
        #[serde(default = "one")]
        ceiling: f64,
    },
    /// (right ones chosen − wrong ones chosen) / R, at least 0.
    RightMinusWrong,
    /// Share of all options that were rightly chosen or rightly left
    /// (PrairieLearn: every decision counts).
    EveryDecision,
}

impl Default for ChoiceScheme {
    fn default() -> Self {
        Self::Weights {
            floor: 0.0,
            ceiling: 1.0,
        }
    }
}

fn one() -> f64 {
    1.0
}

/// How options are numbered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// Not at all.
    #[default]
    None,
    /// a, b, c.
    LowerLetters,
    /// A, B, C.
    UpperLetters,
    /// 1, 2, 3.
    Digits,
    /// i, ii, iii.
    LowerRoman,
    /// I, II, III.
    UpperRoman,
}

/// How options are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Below each other; in a blank, a drop-down list.
    #[default]
    Standard,
    /// Below each other.
    Vertical,
    /// Side by side.
    Horizontal,
    /// A drop-down list.
    DropDown,
}

impl Choice {
    /// A choice of one option, shuffled, scored by weights.
    #[must_use]
    pub fn one(options: Vec<ChoiceOption>) -> Self {
        Self {
            select: Select::One,
            options,
            scheme: ChoiceScheme::default(),
            shuffle: true,
            numbering: Numbering::default(),
            layout: Layout::default(),
        }
    }

    /// A choice of any number of options, shuffled, scored by weights.
    #[must_use]
    pub fn many(options: Vec<ChoiceOption>) -> Self {
        Self {
            select: Select::Many { min: 0, max: None },
            ..Self::one(options)
        }
    }

    /// Share of the points that choosing an option gives under
    /// [`ChoiceScheme::Weights`]: its own weight, or else, of a choice of one,
    /// 1 when right and 0 when wrong; of a choice of many, 1/R when right and
    /// −1/R when wrong, so that choosing everything gains nothing.
    #[must_use]
    pub fn weight(&self, option: &ChoiceOption) -> f64 {
        if let Some(weight) = option.weight {
            return weight;
        }
        if self.select == Select::One {
            return if option.correct { 1.0 } else { 0.0 };
        }
        let right = self.right_count();
        match (right, option.correct) {
            (0, _) => 0.0,
            (_, true) => 1.0 / right as f64,
            (_, false) => -1.0 / right as f64,
        }
    }

    /// Number of right options.
    #[must_use]
    pub fn right_count(&self) -> usize {
        self.options.iter().filter(|option| option.correct).count()
    }
}

/// True or false.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrueFalse {
    /// What is right.
    pub correct: bool,
    /// Feedback to the answer "true".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback_true: Option<Text>,
    /// Feedback to the answer "false".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback_false: Option<Text>,
}
