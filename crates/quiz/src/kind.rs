//! Kinds of questions: what is asked for, and what is right.

pub mod blanks;
pub mod bug_line;
pub mod choice;
pub mod essay;
pub mod matching;
pub mod numeric;
pub mod ordering;
pub mod short_answer;
pub mod tracing;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use blanks::{Blank, BlankKey, Blanks};
pub use bug_line::{Bug, BugLine, LineNote};
pub use choice::{Choice, ChoiceOption, ChoiceScheme, Layout, Numbering, Select, TrueFalse};
pub use essay::{Essay, EssayFormat};
pub use matching::{MatchItem, MatchTarget, Matching, PairWeight};
pub use numeric::{
    Accept, DecimalMark, NumberAnswer, NumberKey, PenaltyBase, Tolerance, Unit, UnitEntry, Units,
};
pub use ordering::{OrderItem, OrderScheme, Ordering};
pub use short_answer::{Case, PatternKind, Spaces, TextKey, TextPattern, TextRules, UnicodeForm};
pub use tracing::{Outcome, Tracing};

/// What kind of answer is wanted, and what is right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Kind {
    /// One or several of some options.
    Choice(Choice),
    /// True or false.
    TrueFalse(TrueFalse),
    /// Blanks in the question's text or code.
    Blanks(Blanks),
    /// A short text, typed.
    ShortAnswer(TextKey),
    /// A number, typed.
    Numeric(NumberKey),
    /// A target for each item.
    Matching(Matching),
    /// Items to put in order.
    Ordering(Ordering),
    /// What a program prints.
    Tracing(Tracing),
    /// The line with the bug.
    BugLine(BugLine),
    /// A long text that a person grades.
    Essay(Essay),
    /// Nothing is asked: a text between questions.
    Description,
}

impl Kind {
    /// Name of the kind, as in JSON and reports.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Choice(_) => "choice",
            Self::TrueFalse(_) => "true_false",
            Self::Blanks(_) => "blanks",
            Self::ShortAnswer(_) => "short_answer",
            Self::Numeric(_) => "numeric",
            Self::Matching(_) => "matching",
            Self::Ordering(_) => "ordering",
            Self::Tracing(_) => "tracing",
            Self::BugLine(_) => "bug_line",
            Self::Essay(_) => "essay",
            Self::Description => "description",
        }
    }

    /// Whether Carrel gives the points; an essay waits for a person, a description has none.
    #[must_use]
    pub fn is_scored(&self) -> bool {
        !matches!(self, Self::Essay(_) | Self::Description)
    }
}

/// How points of several parts (blanks, pairs) are put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PartScheme {
    /// The weighted mean of the parts.
    #[default]
    EachPart,
    /// Full points when every part is fully right, none otherwise.
    AllOrNothing,
    /// The sum of what the parts give, held within the bounds (QTI: mapping). The weight of a
    /// part is then its share of the question's points, whatever the weights of the others.
    Weights {
        /// Least result, from −1 to less than the greatest.
        floor: f64,
        /// Greatest result, above 0, at most 1.
        ceiling: f64,
    },
}

/// How points of several lines (of an output, with bugs) are put together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineScheme {
    /// Each line counts.
    #[default]
    EachPart,
    /// Full points when every line is right, none otherwise.
    AllOrNothing,
}

impl From<LineScheme> for PartScheme {
    fn from(scheme: LineScheme) -> Self {
        match scheme {
            LineScheme::EachPart => Self::EachPart,
            LineScheme::AllOrNothing => Self::AllOrNothing,
        }
    }
}
