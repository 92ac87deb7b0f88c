//! What a learner did with one question, and what that is worth: tries, hints, penalties.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::quantity::number_of;
use crate::question::Question;
use crate::right_parts::{RightCount, keep_right};
use crate::score::{Score, ScoreError, ScoreState, Scorer};
use crate::settings::{Settings, TryCounted};

/// Everything a learner did with one question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The answer saved last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Tries and hints in the order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// A try or a hint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// An answer that was scored at once.
    Try {
        /// The answer.
        answer: Answer,
        /// When, in milliseconds since 1970.
        at_ms: i64,
    },
    /// A hint that was taken.
    Hint {
        /// Its place among the question's hints, from 0.
        index: u32,
        /// When, in milliseconds since 1970.
        at_ms: i64,
        /// How many parts of the answer were right then, where the hint tells that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        right: Option<RightCount>,
    },
}

/// Rules of one question in one quiz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TryRules {
    /// Tries; `None`: any number.
    pub tries: Option<u32>,
    /// Whether each try is scored at once.
    pub at_once: bool,
    /// Share of the points that each wrong try costs.
    pub penalty: f64,
    /// Which try counts.
    pub counted: TryCounted,
    /// Points of a fully right answer.
    pub points_max: f64,
}

impl TryRules {
    /// The quiz's rules with what the question says for itself.
    #[must_use]
    pub fn new(settings: &Settings, question: &Question, points_max: f64) -> Self {
        let tries = question.tries.or(settings.tries);
        Self {
            tries,
            at_once: settings.immediate || tries != Some(1),
            penalty: question.penalty.unwrap_or(settings.penalty),
            counted: settings.try_counted,
            points_max,
        }
    }
}

/// What a response is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Graded {
    /// The try that counts, as scored by itself.
    pub score: Score,
    /// Share of the points after penalties.
    pub fraction: f64,
    /// Points after penalties.
    pub points: f64,
    /// Points of a fully right answer.
    pub points_max: f64,
    /// Tries used.
    pub tries: u32,
    /// How penalties came about; empty where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub explanation: Vec<String>,
}

/// One try after its penalties.
struct Counted {
    score: Score,
    fraction: f64,
    explanation: Vec<String>,
}

impl Response {
    /// Number of tries that cost one: what could not be read costs none.
    ///
    /// # Errors
    /// When an answer does not belong to the question.
    pub fn tries_used(&self, scorer: &Scorer) -> Result<u32, ScoreError> {
        let mut used = 0;
        for step in &self.steps {
            if let Step::Try { answer, .. } = step
                && is_try(scorer.score(Some(answer))?.state)
            {
                used += 1;
            }
        }
        Ok(used)
    }

    /// What the response is worth. `finished`: the attempt is over, so an answer
    /// that was saved and not tried is a try as well, where one is left.
    ///
    /// # Errors
    /// When an answer does not belong to the question.
    pub fn grade(
        &self,
        scorer: &Scorer,
        rules: &TryRules,
        finished: bool,
    ) -> Result<Graded, ScoreError> {
        let mut counted: Option<Counted> = None;
        let (mut tries, mut wrong, mut hint_cost) = (0, 0_u32, 0.0);
        let mut hints_taken = Vec::new();
        // The answer tried last, and what a hint left of it: that is no other try.
        let (mut last_tried, mut left) = (None, None);
        let last = (finished || !rules.at_once)
            .then_some(self.answer.as_ref())
            .flatten();
        let steps = self.steps.iter().map(Some).chain([None]);
        for step in steps {
            let answer = match step {
                Some(Step::Hint { index, .. }) => {
                    if !hints_taken.contains(index) {
                        hints_taken.push(*index);
                        hint_cost += hint_cost_of(scorer.question(), *index);
                    }
                    left = left_by(scorer, *index, last_tried)?.or(left);
                    continue;
                }
                Some(Step::Try { answer, .. }) => answer,
                None => match last {
                    Some(answer) if last_tried != Some(answer) && left.as_ref() != Some(answer) => {
                        answer
                    }
                    _ => break,
                },
            };
            if rules.tries.is_some_and(|most| tries >= most) {
                break;
            }
            (last_tried, left) = (Some(answer), None);
            let score = scorer.score(Some(answer))?;
            if step.is_none() && score.state == ScoreState::Invalid && counted.is_some() {
                // What was saved cannot be read: it takes nothing from what was tried.
                break;
            }
            if is_try(score.state) {
                tries += 1;
            }
            let is_right = score.state == ScoreState::Correct;
            let next = charge(score, wrong, hint_cost, rules.penalty);
            if matches!(
                next.score.state,
                ScoreState::Incorrect | ScoreState::PartiallyCorrect
            ) {
                wrong += 1;
            }
            let replaces = counted.as_ref().is_none_or(|best| {
                rules.counted == TryCounted::Last || next.fraction >= best.fraction
            });
            if replaces {
                counted = Some(next);
            }
            if is_right && step.is_some() {
                // Nothing is tried after the right answer; what was typed later counts nothing.
                break;
            }
        }
        let counted = counted.map_or_else(|| Counted::nothing(scorer), Ok)?;
        Ok(finish(counted, tries, rules))
    }
}

impl Counted {
    fn nothing(scorer: &Scorer) -> Result<Self, ScoreError> {
        Ok(Self {
            score: scorer.score(None)?,
            fraction: 0.0,
            explanation: Vec::new(),
        })
    }
}

/// What a hint left of the answer that was tried before it, where it clears what is wrong.
fn left_by(
    scorer: &Scorer,
    index: u32,
    tried: Option<&Answer>,
) -> Result<Option<Answer>, ScoreError> {
    let hint = scorer.question().hints.get(index as usize);
    let Some(tried) = tried.filter(|_| hint.is_some_and(|hint| hint.clear_wrong)) else {
        return Ok(None);
    };
    let score = scorer.score(Some(tried))?;
    Ok(keep_right(scorer.question(), tried, &score))
}

fn is_try(state: ScoreState) -> bool {
    !matches!(state, ScoreState::Invalid | ScoreState::Unanswered)
}

fn hint_cost_of(question: &Question, index: u32) -> f64 {
    question
        .hints
        .get(index as usize)
        .map_or(0.0, |hint| hint.cost)
}

fn charge(score: Score, wrong: u32, hint_cost: f64, penalty: f64) -> Counted {
    let mut explanation = Vec::new();
    let mut fraction = score.fraction;
    let lost = penalty * f64::from(wrong) + hint_cost;
    if lost > 0.0 && fraction > 0.0 {
        fraction = (fraction - lost).max(0.0);
        if wrong > 0 && penalty > 0.0 {
            explanation.push(format!(
                "{} before, {} each",
                number_of(wrong, "wrong try", "wrong tries"),
                crate::expression::format_number(penalty)
            ));
        }
        if hint_cost > 0.0 {
            explanation.push(format!(
                "hints: {}",
                crate::expression::format_number(hint_cost)
            ));
        }
        explanation.push(format!(
            "{} − {} = {}",
            two_decimals(score.fraction),
            two_decimals(lost),
            two_decimals(fraction)
        ));
    }
    Counted {
        score,
        fraction,
        explanation,
    }
}

fn two_decimals(number: f64) -> String {
    crate::expression::format_number((number * 100.0).round() / 100.0)
}

fn finish(counted: Counted, tries: u32, rules: &TryRules) -> Graded {
    let mut score = counted.score;
    let points_max = if score.state == ScoreState::NotScored {
        0.0
    } else {
        rules.points_max
    };
    let clean = |number: f64| (number * 1e9).round() / 1e9 + 0.0;
    score.points_max = points_max;
    score.points = clean(score.fraction * points_max);
    Graded {
        fraction: clean(counted.fraction),
        points: clean(counted.fraction * points_max),
        points_max,
        tries,
        explanation: counted.explanation,
        score,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Instance;
    use crate::kind::{Kind, TextKey, TextPattern};
    use crate::question::Hint;
    use crate::text::Text;

    fn scorer() -> Scorer {
        let mut key = TextKey::exact(["right"]);
        key.patterns.push(TextPattern {
            score: 0.5,
            ..TextPattern::new(crate::kind::PatternKind::Exact, "half")
        });
        let mut question = Question::new("q", Text::plain("?"), Kind::ShortAnswer(key));
        question.hints = vec![Hint {
            cost: 0.1,
            ..Hint::new(Text::plain("it is right"))
        }];
        Scorer::new(&question, &Instance::default()).unwrap()
    }

    fn tried(text: &str) -> Step {
        Step::Try {
            answer: typed(text),
            at_ms: 0,
        }
    }

    fn typed(text: &str) -> Answer {
        Answer::ShortAnswer { text: text.into() }
    }

    const RULES: TryRules = TryRules {
        tries: Some(3),
        at_once: true,
        penalty: 0.25,
        counted: TryCounted::Best,
        points_max: 4.0,
    };

    fn grade(steps: Vec<Step>, rules: TryRules) -> Graded {
        let response = Response {
            answer: None,
            steps,
        };
        response.grade(&scorer(), &rules, true).unwrap()
    }

    #[test]
    fn each_wrong_try_and_each_hint_costs_once() {
        let graded = grade(vec![tried("wrong"), tried("right")], RULES);
        assert_eq!((graded.points, graded.tries), (3.0, 2));
        let hint = Step::Hint {
            index: 0,
            at_ms: 0,
            right: None,
        };
        let graded = grade(vec![hint.clone(), hint, tried("right")], RULES);
        assert_eq!(graded.fraction, 0.9);
        assert!(
            graded
                .explanation
                .iter()
                .any(|line| line == "1 − 0.1 = 0.9")
        );
    }

    #[test]
    fn the_best_try_counts_or_the_last() {
        let steps = vec![tried("half"), tried("wrong")];
        assert_eq!(grade(steps.clone(), RULES).fraction, 0.5);
        let last = TryRules {
            counted: TryCounted::Last,
            ..RULES
        };
        assert_eq!(grade(steps, last).fraction, 0.0);
    }

    #[test]
    fn tries_beyond_the_limit_and_penalties_beyond_zero_do_not_count() {
        let wrong = || tried("wrong");
        let graded = grade(vec![wrong(), wrong(), wrong(), tried("right")], RULES);
        assert_eq!((graded.fraction, graded.tries), (0.0, 3));
        let dear = TryRules {
            penalty: 0.8,
            tries: None,
            ..RULES
        };
        assert_eq!(
            grade(vec![wrong(), wrong(), tried("right")], dear).fraction,
            0.0
        );
    }

    #[test]
    fn what_is_typed_after_the_right_answer_counts_nothing() {
        let response = Response {
            answer: Some(typed("wrong")),
            steps: vec![tried("right")],
        };
        let last = TryRules {
            counted: TryCounted::Last,
            ..RULES
        };
        let graded = response.grade(&scorer(), &last, true).unwrap();
        assert_eq!((graded.fraction, graded.tries), (1.0, 1));
    }

    #[test]
    fn a_saved_answer_that_cannot_be_read_takes_nothing_from_what_was_tried() {
        let key = crate::kind::NumberKey::near(2.0, crate::kind::Tolerance::Exact);
        let question = Question::new("q", Text::plain("?"), Kind::Numeric(key));
        let scorer = Scorer::new(&question, &Instance::default()).unwrap();
        let typed = |number: &str| Answer::Numeric {
            number: number.to_owned(),
            unit: None,
        };
        let mut response = Response {
            answer: Some(typed("many")),
            steps: Vec::new(),
        };
        let last = TryRules {
            counted: TryCounted::Last,
            ..RULES
        };
        let state = |response: &Response| {
            let graded = response.grade(&scorer, &last, true).unwrap();
            (graded.fraction, graded.tries, graded.score.state)
        };
        assert_eq!(state(&response), (0.0, 0, ScoreState::Invalid));
        let at_ms = 0;
        let answer = typed("3");
        response.steps.push(Step::Try { answer, at_ms });
        assert_eq!(state(&response), (0.0, 1, ScoreState::Incorrect));
    }

    #[test]
    fn a_saved_answer_counts_when_the_attempt_is_over() {
        let response = Response {
            answer: Some(typed("right")),
            steps: vec![tried("wrong")],
        };
        let grade = |finished| {
            response
                .grade(&scorer(), &RULES, finished)
                .unwrap()
                .fraction
        };
        assert_eq!(grade(false), 0.0);
        assert_eq!(grade(true), 0.75);
    }
}
