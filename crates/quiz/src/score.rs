//! Points for answers: pure, deterministic, and explained.
//!
//! [`Scorer::new`] prepares a question once (variables filled in, patterns
//! compiled); [`Scorer::score`] then scores any number of answers to it.

mod blanks;
mod bug_line;
mod choice;
mod matching;
mod number;
mod ordering;
mod sentence;
mod special;
mod text;
mod tracing;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::answer::Answer;
use crate::instance::{Instance, InstanceError};
use crate::kind::{Kind, PartScheme, TrueFalse};
use crate::quantity::noun;
use crate::question::Question;
use crate::text::Text;

pub use number::{ReadNumber, Unreadable, read_number};
pub(crate) use text::distance;
pub use text::{PatternError, TextMatcher};

use sentence::{mean_sentence, short};

/// What an answer is worth, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// What became of the answer.
    pub state: ScoreState,
    /// Share of the points, −1 to 1; below 0 only where the author takes points away.
    pub fraction: f64,
    /// Points: the share of the question's.
    pub points: f64,
    /// Points of a fully right answer.
    pub points_max: f64,
    /// How the share came about, line by line.
    pub explanation: Vec<String>,
    /// Results of the parts, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartScore>,
    /// Feedback on this answer, in the order to be shown. The general explanation stands with the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<ShownFeedback>,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreState {
    /// Fully right.
    Correct,
    /// Right in part.
    PartiallyCorrect,
    /// Wrong.
    Incorrect,
    /// There is no answer.
    Unanswered,
    /// It cannot be read as what was asked for, such as a word for a number or a number that may
    /// be read in two ways; it costs no try.
    Invalid,
    /// A person must grade it.
    NeedsGrading,
    /// Nothing was asked.
    NotScored,
}

/// What one part is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartScore {
    /// Id of the blank, item, option or line.
    pub part: String,
    /// What became of it.
    pub state: ScoreState,
    /// Share of the part's weight.
    pub fraction: f64,
    /// Weight beside the other parts.
    pub weight: f64,
}

/// Feedback that an answer brings up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShownFeedback {
    /// Part it is about; `None`: the whole answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What is shown.
    pub text: Text,
}

/// What cannot be read as what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UnreadablePart {
    /// Id of the blank; `None`: the whole answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// What it can be taken for, or that it is nothing.
    pub message: String,
}

/// Why a question or an answer cannot be scored.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ScoreError {
    /// The author's: variables cannot be filled in.
    #[error("filling in the variables of question `{question}`")]
    Instance {
        /// Id of the question.
        question: String,
        /// What is wrong.
        #[source]
        cause: InstanceError,
    },
    /// The author's: a pattern cannot be compiled.
    #[error("compiling the pattern `{pattern}` of question `{question}`")]
    Pattern {
        /// Id of the question.
        question: String,
        /// The pattern.
        pattern: String,
        /// What is wrong.
        #[source]
        cause: PatternError,
    },
    /// The sender's: the answer is of another kind.
    #[error("question `{question}` wants an answer of kind `{wanted}`, not `{given}`")]
    WrongKind {
        /// Id of the question.
        question: String,
        /// Kind of the question.
        wanted: &'static str,
        /// Kind of the answer.
        given: &'static str,
    },
    /// The sender's: the answer names what the question does not have, or names it twice.
    #[error("the answer to question `{question}` names {what} `{id}`, which it {problem}")]
    WrongPart {
        /// Id of the question.
        question: String,
        /// Option, blank, item, target or line.
        what: &'static str,
        /// What was named.
        id: String,
        /// `does not have`, or `names twice`.
        problem: &'static str,
    },
    /// The sender's: the answer is too large.
    #[error("the answer to question `{question}` is larger than the limit of {limit}")]
    TooLarge {
        /// Id of the question.
        question: String,
        /// The limit with its unit.
        limit: String,
    },
}

/// What one kind of question says of an answer; the whole is made of it in one place.
#[derive(Debug, Clone, Default)]
struct Outcome {
    fraction: f64,
    state: Option<ScoreState>,
    explanation: Vec<String>,
    parts: Vec<PartScore>,
    feedback: Vec<ShownFeedback>,
}

/// A question prepared for scoring.
#[derive(Debug)]
pub struct Scorer {
    question: Question,
    key: Key,
}

#[derive(Debug)]
enum Key {
    Text(TextMatcher),
    Number(number::NumberMatcher),
    Blanks(Vec<blanks::BlankMatcher>),
    Plain,
}

/// Scores one answer; to score many to the same question, keep a [`Scorer`].
///
/// # Errors
/// As [`Scorer::new`] and [`Scorer::score`].
pub fn score(
    question: &Question,
    instance: &Instance,
    answer: Option<&Answer>,
) -> Result<Score, ScoreError> {
    Scorer::new(question, instance)?.score(answer)
}

impl Scorer {
    /// Prepares a question as an instance shows it.
    ///
    /// # Errors
    /// When its variables cannot be filled in or a pattern does not compile.
    pub fn new(question: &Question, instance: &Instance) -> Result<Self, ScoreError> {
        let question = instance
            .resolve(question)
            .map_err(|cause| ScoreError::Instance {
                question: question.id.clone(),
                cause,
            })?;
        let key = match &question.kind {
            Kind::ShortAnswer(key) => {
                Key::Text(TextMatcher::new(key).map_err(|(pattern, cause)| {
                    ScoreError::Pattern {
                        question: question.id.clone(),
                        pattern,
                        cause,
                    }
                })?)
            }
            Kind::Numeric(key) => Key::Number(number::NumberMatcher::new(key)),
            Kind::Blanks(blanks) => Key::Blanks(blanks::prepare(&question.id, blanks)?),
            _ => Key::Plain,
        };
        Ok(Self { question, key })
    }

    /// The question with its variables filled in.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// Scores an answer; `None` is an unanswered question.
    ///
    /// # Errors
    /// When the answer is of another kind or names what the question does not have:
    /// the sender's fault, never the learner's answer.
    pub fn score(&self, answer: Option<&Answer>) -> Result<Score, ScoreError> {
        match &self.question.kind {
            Kind::Description => return Ok(self.unscored(ScoreState::NotScored)),
            Kind::Essay(_) if answer.is_some_and(|answer| !is_empty_essay(answer)) => {
                return Ok(self.unscored(ScoreState::NeedsGrading));
            }
            _ => {}
        }
        let Some(answer) = answer else {
            return Ok(self.unscored(ScoreState::Unanswered));
        };
        if answer.kind_name() != self.question.kind.name() {
            return Err(ScoreError::WrongKind {
                question: self.question.id.clone(),
                wanted: self.question.kind.name(),
                given: answer.kind_name(),
            });
        }
        let mut outcome = self.decide(answer)?;
        special::apply(&self.question, answer, &mut outcome);
        Ok(self.finish(outcome))
    }

    /// What in an answer cannot be read as what was asked for: told to a learner at any time, for
    /// it says nothing of what is right.
    ///
    /// # Errors
    /// As [`Scorer::score`].
    pub fn find_unreadable(&self, answer: &Answer) -> Result<Vec<UnreadablePart>, ScoreError> {
        let question = self.question.id.as_str();
        if let (Kind::Blanks(key), Key::Blanks(matchers), Answer::Blanks { blanks }) =
            (&self.question.kind, &self.key, answer)
        {
            return blanks::find_unreadable(question, key, matchers, blanks);
        }
        let score = self.score(Some(answer))?;
        let is_unreadable = score.state == ScoreState::Invalid;
        let message = score
            .explanation
            .into_iter()
            .next()
            .filter(|_| is_unreadable);
        Ok(message
            .map(|message| UnreadablePart {
                part: None,
                message,
            })
            .into_iter()
            .collect())
    }

    /// What is told of an answer that is no try, because something in it cannot be read: nothing
    /// of what is right.
    ///
    /// # Errors
    /// As [`Scorer::score`].
    pub fn tell_unreadable(&self, answer: &Answer, mut score: Score) -> Result<Score, ScoreError> {
        let unreadable = self.find_unreadable(answer)?;
        score.parts.retain(|part| part.state == ScoreState::Invalid);
        score.explanation = unreadable.into_iter().map(|one| one.message).collect();
        score.feedback.clear();
        (score.fraction, score.points) = (0.0, 0.0);
        Ok(score)
    }

    fn decide(&self, answer: &Answer) -> Result<Outcome, ScoreError> {
        let id = self.question.id.as_str();
        match (&self.question.kind, &self.key, answer) {
            (Kind::Choice(choice), _, Answer::Choice { options }) => {
                choice::score(id, choice, options)
            }
            (Kind::TrueFalse(key), _, Answer::TrueFalse { value }) => {
                Ok(score_true_false(key, *value))
            }
            (Kind::ShortAnswer(key), Key::Text(matcher), Answer::ShortAnswer { text }) => {
                matcher.check_length(id, text)?;
                Ok(matcher.score(key, text))
            }
            (Kind::Numeric(key), Key::Number(matcher), Answer::Numeric { number, unit }) => {
                matcher.check_length(id, number)?;
                Ok(matcher.score(key, number, unit.as_deref()))
            }
            (Kind::Blanks(key), Key::Blanks(matchers), Answer::Blanks { blanks }) => {
                blanks::score(id, key, matchers, blanks)
            }
            (Kind::Matching(key), _, Answer::Matching { targets }) => {
                matching::score(id, key, targets)
            }
            (Kind::Ordering(key), _, Answer::Ordering { items }) => ordering::score(id, key, items),
            (Kind::Tracing(key), _, Answer::Tracing { outcome }) => {
                tracing::score(id, key, outcome)
            }
            (Kind::BugLine(key), _, Answer::BugLine { lines }) => bug_line::score(id, key, lines),
            // Kinds agree, as checked; an empty essay is all that is left.
            _ => Ok(Outcome::unanswered()),
        }
    }

    fn unscored(&self, state: ScoreState) -> Score {
        let sentence = match state {
            ScoreState::NotScored => "nothing is asked here",
            ScoreState::NeedsGrading => "a person grades this answer",
            _ => "there is no answer",
        };
        let points_max = if state == ScoreState::NotScored {
            0.0
        } else {
            self.question.points
        };
        Score {
            state,
            fraction: 0.0,
            points: 0.0,
            points_max,
            explanation: vec![sentence.to_owned()],
            parts: Vec::new(),
            feedback: Vec::new(),
        }
    }

    fn finish(&self, outcome: Outcome) -> Score {
        let fraction = clean_share(outcome.fraction.clamp(-1.0, 1.0));
        let state = outcome.state.unwrap_or_else(|| state_of(fraction));
        let points = clean(fraction * self.question.points);
        let mut explanation = outcome.explanation;
        if state == ScoreState::Unanswered {
            explanation = vec!["there is no answer".to_owned()];
        } else {
            explanation.push(format!(
                "{} × {} {} = {} {}",
                short(fraction),
                short(self.question.points),
                noun(self.question.points, "point", "points"),
                short(points),
                noun(points, "point", "points")
            ));
        }
        let mut feedback = outcome.feedback;
        let whole = &self.question.feedback;
        let shown = match state {
            ScoreState::Correct => &whole.correct,
            ScoreState::PartiallyCorrect => &whole.partially_correct,
            ScoreState::Incorrect => &whole.incorrect,
            _ => &None,
        };
        feedback.extend(shown.iter().map(|text| ShownFeedback {
            part: None,
            text: text.clone(),
        }));
        Score {
            state,
            fraction,
            points,
            points_max: self.question.points,
            explanation,
            parts: outcome.parts,
            feedback,
        }
    }
}

/// Sums of shares such as 1/3 + 1/3 + 1/3 must be 1, and nothing is −0. Finer than
/// [`clean`], so that 2/3 of 3 points are 2 points.
fn clean_share(share: f64) -> f64 {
    (share * 1e12).round() / 1e12 + 0.0
}

/// Points without the noise of floating point.
fn clean(number: f64) -> f64 {
    let rounded = (number * 1e9).round() / 1e9;
    rounded + 0.0
}

fn state_of(fraction: f64) -> ScoreState {
    if fraction >= 1.0 {
        ScoreState::Correct
    } else if fraction > 0.0 {
        ScoreState::PartiallyCorrect
    } else {
        ScoreState::Incorrect
    }
}

fn is_empty_essay(answer: &Answer) -> bool {
    matches!(answer, Answer::Essay { text, files } if text.trim().is_empty() && files.is_empty())
}

fn score_true_false(key: &TrueFalse, value: bool) -> Outcome {
    let feedback = if value {
        &key.feedback_true
    } else {
        &key.feedback_false
    };
    let right = value == key.correct;
    Outcome {
        fraction: f64::from(u8::from(right)),
        explanation: vec![format!(
            "`{value}` is {}",
            if right { "right" } else { "wrong" }
        )],
        feedback: shown(None, feedback.as_ref()),
        ..Outcome::default()
    }
}

fn shown(part: Option<&str>, text: Option<&Text>) -> Vec<ShownFeedback> {
    text.map(|text| ShownFeedback {
        part: part.map(str::to_owned),
        text: text.clone(),
    })
    .into_iter()
    .collect()
}

impl Outcome {
    fn unanswered() -> Self {
        Self {
            state: Some(ScoreState::Unanswered),
            ..Self::default()
        }
    }

    fn unreadable(why: String) -> Self {
        Self {
            state: Some(ScoreState::Invalid),
            explanation: vec![why],
            ..Self::default()
        }
    }

    /// Parts put together. One that cannot be read makes the whole no try.
    fn of_parts(parts: Vec<PartScore>, scheme: PartScheme) -> Self {
        let unanswered = parts
            .iter()
            .all(|part| part.state == ScoreState::Unanswered);
        let (fraction, explanation) = match scheme {
            PartScheme::Weights { floor, ceiling } => {
                let sum = parts.iter().map(|part| part.weight * part.fraction).sum();
                Self::held(sum, floor, ceiling)
            }
            PartScheme::EachPart => Self::mean(&parts, false),
            PartScheme::AllOrNothing => Self::mean(&parts, true),
        };
        let unreadable = parts.iter().any(|part| part.state == ScoreState::Invalid);
        let state = if unreadable {
            Some(ScoreState::Invalid)
        } else {
            unanswered.then_some(ScoreState::Unanswered)
        };
        Self {
            // A floor above 0 is for wrong answers, not for none.
            fraction: if unanswered { 0.0 } else { fraction },
            state,
            explanation,
            parts,
            feedback: Vec::new(),
        }
    }

    /// A sum of weights within its bounds.
    fn held(sum: f64, floor: f64, ceiling: f64) -> (f64, Vec<String>) {
        let fraction = clean_share(sum).min(ceiling).max(floor);
        let mut explanation = vec![format!("together {}", short(sum))];
        if (fraction - sum).abs() > 1e-6 {
            explanation.push(format!(
                "held within {} and {}",
                short(floor),
                short(ceiling)
            ));
        }
        (fraction, explanation)
    }

    /// The weighted mean of parts, or all or nothing.
    fn mean(parts: &[PartScore], all_or_nothing: bool) -> (f64, Vec<String>) {
        let weights: f64 = parts.iter().map(|part| part.weight).sum();
        let sum: f64 = parts.iter().map(|part| part.weight * part.fraction).sum();
        let mean = if weights > 0.0 {
            clean_share(sum / weights)
        } else {
            0.0
        };
        let mut explanation = vec![mean_sentence(parts, mean)];
        let mut fraction = mean;
        if all_or_nothing && mean < 1.0 {
            fraction = 0.0;
            explanation.push("only a fully right answer counts".to_owned());
        }
        (fraction, explanation)
    }
}

impl PartScore {
    fn new(part: &str, fraction: f64, weight: f64) -> Self {
        let fraction = clean_share(fraction);
        Self {
            part: part.to_owned(),
            state: state_of(fraction),
            fraction,
            weight,
        }
    }

    fn unanswered(part: &str, weight: f64) -> Self {
        Self {
            state: ScoreState::Unanswered,
            ..Self::new(part, 0.0, weight)
        }
    }
}

/// The first of some ids that is not known, or is there twice.
fn check_ids<'a>(
    question: &str,
    what: &'static str,
    given: impl Iterator<Item = &'a str>,
    is_known: impl Fn(&str) -> bool,
) -> Result<(), ScoreError> {
    let mut seen = std::collections::HashSet::new();
    for id in given {
        let problem = if !is_known(id) {
            "does not have"
        } else if !seen.insert(id) {
            "names twice"
        } else {
            continue;
        };
        return Err(ScoreError::WrongPart {
            question: question.to_owned(),
            what,
            id: id.chars().take(crate::limits::ID_CHARACTERS_MAX).collect(),
            problem,
        });
    }
    Ok(())
}
