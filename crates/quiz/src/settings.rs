//! How a quiz is attempted: time, attempts, tries, order, and who sees what when.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a quiz is attempted. Without anything said: no time limit, any number of
/// attempts, one try, feedback after submitting, everything shown then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Time for an attempt in seconds; no limit where not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_limit_seconds: Option<u32>,
    /// Seconds after the limit in which answers that were on their way still count.
    pub grace_seconds: u32,
    /// Attempts; any number where not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// Seconds between two attempts.
    pub wait_seconds: u32,
    /// Which attempt counts.
    pub grade: GradeMethod,
    /// Tries at each question; `"any"` for any number until it is right, 1 where not said.
    /// With more than one, each try is scored at once.
    #[serde(with = "tries")]
    #[schemars(with = "tries::Tries")]
    pub tries: Option<u32>,
    /// Whether a single try is scored at once, or when the attempt is submitted.
    pub immediate: bool,
    /// Share of the points that each wrong try costs, 0 to 1.
    pub penalty: f64,
    /// Which try counts.
    pub try_counted: TryCounted,
    /// Whether each attempt has its own order of questions.
    pub shuffle: bool,
    /// Whether questions are answered one after another without going back.
    pub sequential: bool,
    /// Points needed to pass, as a share of all, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass: Option<f64>,
    /// Who sees what when.
    pub review: ReviewRules,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_limit_seconds: None,
            grace_seconds: 60,
            attempts: None,
            wait_seconds: 0,
            grade: GradeMethod::default(),
            tries: Some(1),
            immediate: false,
            penalty: 0.0,
            try_counted: TryCounted::default(),
            shuffle: false,
            sequential: false,
            pass: None,
            review: ReviewRules::default(),
        }
    }
}

/// Which attempt counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GradeMethod {
    /// The best.
    #[default]
    Highest,
    /// The mean of all.
    Average,
    /// The first.
    First,
    /// The last.
    Last,
}

/// Which try of a question counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TryCounted {
    /// The best after its penalties (Moodle: adaptive).
    #[default]
    Best,
    /// The last after its penalties (Moodle: interactive).
    Last,
}

/// What a learner sees at which moment. A learner always sees the own answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewRules {
    /// During the attempt, of questions that were scored at once.
    pub during: BTreeSet<ReviewPart>,
    /// After submitting, while the quiz is open.
    pub after_submit: BTreeSet<ReviewPart>,
    /// After the quiz closed.
    pub after_close: BTreeSet<ReviewPart>,
}

impl Default for ReviewRules {
    fn default() -> Self {
        let all = BTreeSet::from(ReviewPart::ALL);
        Self {
            during: all
                .iter()
                .copied()
                .filter(|part| *part != ReviewPart::RightAnswer)
                .collect(),
            after_submit: all.clone(),
            after_close: all,
        }
    }
}

/// One thing that may be shown or not.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ReviewPart {
    /// Whether an answer was right.
    Correctness,
    /// Points, and how they came about.
    Points,
    /// Feedback on the answer.
    Feedback,
    /// The general explanation.
    GeneralFeedback,
    /// The right answer.
    RightAnswer,
}

impl ReviewPart {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Correctness,
        Self::Points,
        Self::Feedback,
        Self::GeneralFeedback,
        Self::RightAnswer,
    ];
}

/// What one person has beyond the others: changeable during an attempt, and
/// copied from one quiz to another as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Accommodation {
    /// Factor on the time limit, at least 1.
    pub time_factor: f64,
    /// Seconds added after the factor.
    pub extra_seconds: u32,
    /// Attempts added.
    pub extra_attempts: u32,
    /// No time limit at all.
    pub untimed: bool,
    /// Seconds by which the quiz or challenge is due, and closes, later.
    pub late_seconds: u32,
}

impl Default for Accommodation {
    fn default() -> Self {
        Self {
            time_factor: 1.0,
            extra_seconds: 0,
            extra_attempts: 0,
            untimed: false,
            late_seconds: 0,
        }
    }
}

/// `tries` as it is written: leaving it out means one, so "any number" needs a word.
mod tries {
    use schemars::JsonSchema;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(untagged)]
    pub(super) enum Tries {
        Number(u32),
        Word(Word),
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub(super) enum Word {
        Any,
    }

    #[expect(clippy::ref_option, reason = "serde hands over references")]
    pub(super) fn serialize<S: Serializer>(
        tries: &Option<u32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        tries
            .map_or(Tries::Word(Word::Any), Tries::Number)
            .serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u32>, D::Error> {
        Ok(match Tries::deserialize(deserializer)? {
            Tries::Number(number) => Some(number),
            Tries::Word(Word::Any) => None,
        })
    }
}
