//! A number, typed: answers in the author's order, the first that accepts wins.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::template::Amount;
use crate::text::Text;

/// What is right for a typed number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberKey {
    /// Answers; the first that accepts gives score and feedback.
    pub answers: Vec<NumberAnswer>,
    /// Decimal marks that are understood.
    #[serde(default)]
    pub decimal_mark: DecimalMark,
    /// Whether fractions such as `3/4` are understood.
    #[serde(default = "yes")]
    pub fractions: bool,
    /// Units; `None`: a number alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
}

impl NumberKey {
    /// A key of one number with a tolerance.
    #[must_use]
    pub fn near(value: impl Into<Amount>, tolerance: Tolerance) -> Self {
        Self {
            answers: vec![NumberAnswer::new(Accept::Near {
                value: value.into(),
                tolerance,
            })],
            decimal_mark: DecimalMark::default(),
            fractions: true,
            units: None,
        }
    }
}

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberAnswer {
    /// Which numbers it accepts.
    pub accept: Accept,
    /// Share of the points, −1 to 1.
    #[serde(default = "one")]
    pub score: f64,
    /// Feedback when it accepts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
}

impl NumberAnswer {
    /// An answer that is fully right.
    #[must_use]
    pub fn new(accept: Accept) -> Self {
        Self {
            accept,
            score: 1.0,
            feedback: None,
        }
    }
}

/// Which numbers are accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Accept {
    /// Numbers near a value.
    Near {
        /// The value.
        value: Amount,
        /// How near.
        tolerance: Tolerance,
    },
    /// Numbers from `min` to `max`, both included.
    Range {
        /// Least number.
        min: Amount,
        /// Greatest number.
        max: Amount,
    },
    /// Every answer, a number or not.
    Any,
}

/// How near x must be to the value a. A hair's breadth (10⁻¹² of the greater of 1 and |a|) is
/// always forgiven: it is the computer's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Tolerance {
    /// The same number.
    Exact,
    /// |x − a| ≤ by.
    Absolute {
        /// At least 0.
        by: f64,
    },
    /// |x − a| ≤ by · |a|.
    Relative {
        /// At least 0; 0.01 is one per cent.
        by: f64,
    },
    /// a / (1 + by) ≤ x ≤ a · (1 + by), for the magnitudes, with the same sign.
    Geometric {
        /// At least 0.
        by: f64,
    },
    /// |x − a| is at most half a unit of the n-th significant digit of a.
    SignificantDigits {
        /// 1 to 15.
        digits: u32,
    },
    /// |x − a| is at most half a unit of the n-th decimal.
    Decimals {
        /// 0 to 15.
        digits: u32,
    },
}

/// Decimal marks that are understood.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1.5` and `1,5`; blanks and `_` may separate groups of digits. A comma before three
    /// digits, as in `1,500`, may be either: such a number has to be written in another way.
    #[default]
    Either,
    /// `1.5`; a comma separates groups of three digits.
    Point,
    /// `1,5`; a point separates groups of three digits.
    Comma,
    /// `1,5` and `1.5`, where the language has the comma: it is the point before three digits,
    /// as in `1.500`, that may be either.
    CommaOrPoint,
}

/// Units of a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// Units that are understood; values are in the unit whose multiplier is 1.
    pub units: Vec<Unit>,
    /// Share that a missing or unknown unit costs, 0 to 1; `None`: the unit may be left out at no cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalty: Option<f64>,
    /// What the penalty is a share of.
    #[serde(default)]
    pub penalty_base: PenaltyBase,
    /// How the unit is given.
    #[serde(default)]
    pub entry: UnitEntry,
    /// Whether the unit stands before the number, as in `$ 5`.
    #[serde(default)]
    pub before: bool,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Name as typed; case counts (`mW` is not `MW`).
    pub name: String,
    /// How many of the base unit one of this unit is: 0.01 for `cm` when values are in `m`.
    pub multiplier: f64,
}

/// What a unit penalty is a share of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PenaltyBase {
    /// Of what the number alone would give.
    #[default]
    Answer,
    /// Of the question's points.
    Question,
}

/// How a unit is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitEntry {
    /// Typed with the number.
    #[default]
    Typed,
    /// Chosen from the units.
    Chosen,
}
