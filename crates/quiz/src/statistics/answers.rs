//! What was answered, and how often.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GradedQuestion;
use crate::answer::{Answer, BlankAnswer};
use crate::kind::Outcome;

/// Most different answers that are told apart for one part.
const ANSWERS_MAX: usize = 200;
/// Most characters of an answer that are kept.
const ANSWER_CHARACTERS_MAX: usize = 200;

/// Answers to one part of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartAnswers {
    /// Id of the blank or item, place of an order; empty: the whole question.
    pub part: String,
    /// Answers, most frequent first.
    pub answers: Vec<AnswerCount>,
    /// Answers that are not told apart.
    pub others: usize,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerCount {
    /// Id of an option, target or item, or what was typed; `None`: nothing.
    pub answer: Option<String>,
    /// How many attempts.
    pub count: usize,
    /// Share of the attempts.
    pub share: f64,
    /// Mean of the question's points, as a share of the most, in these attempts.
    pub mean_share: Option<f64>,
}

type Counted = BTreeMap<Option<String>, (usize, f64)>;

/// Answers gathered by part.
#[derive(Debug, Default)]
pub(super) struct AnswerTally {
    parts: BTreeMap<String, Counted>,
    others: BTreeMap<String, usize>,
}

impl AnswerTally {
    pub(super) fn add(&mut self, one: &GradedQuestion) {
        let share = if one.points_max > 0.0 {
            one.points / one.points_max
        } else {
            0.0
        };
        for (part, answer) in classes(one.answer.as_ref()) {
            let known = self.parts.entry(part.clone()).or_default();
            if known.len() >= ANSWERS_MAX && !known.contains_key(&answer) {
                *self.others.entry(part).or_default() += 1;
                continue;
            }
            let (count, sum) = known.entry(answer).or_default();
            *count += 1;
            *sum += share;
        }
    }

    pub(super) fn finish(self, attempts: usize) -> Vec<PartAnswers> {
        let others = self.others;
        self.parts
            .into_iter()
            .map(|(part, counted)| {
                let mut answers: Vec<AnswerCount> = counted
                    .into_iter()
                    .map(|(answer, (count, sum))| AnswerCount {
                        answer,
                        count,
                        share: count as f64 / attempts.max(1) as f64,
                        mean_share: Some(sum / count as f64),
                    })
                    .collect();
                // Stable: those as frequent stay in the order of their texts.
                answers.sort_by_key(|answer| std::cmp::Reverse(answer.count));
                PartAnswers {
                    others: others.get(&part).copied().unwrap_or_default(),
                    part,
                    answers,
                }
            })
            .collect()
    }
}

/// Parts and what was answered to them.
fn classes(answer: Option<&Answer>) -> Vec<(String, Option<String>)> {
    let whole = |answer: Option<String>| vec![(String::new(), answer)];
    let listed = |ids: &[String]| {
        if ids.is_empty() {
            return whole(None);
        }
        let ids = ids.iter().map(|id| (String::new(), Some(id.clone())));
        ids.collect()
    };
    match answer {
        None | Some(Answer::Essay { .. }) => whole(None),
        Some(Answer::Choice { options }) => listed(options),
        Some(Answer::TrueFalse { value }) => whole(Some(value.to_string())),
        Some(Answer::Blanks { blanks }) => blanks
            .iter()
            .map(|(id, given)| match given {
                BlankAnswer::Typed(text) => (id.clone(), typed(text)),
                BlankAnswer::Chosen(ids) => (id.clone(), (!ids.is_empty()).then(|| ids.join(", "))),
            })
            .collect(),
        Some(Answer::ShortAnswer { text }) => whole(typed(text)),
        Some(Answer::Numeric { number, unit }) => whole(match unit {
            Some(unit) => typed(&format!("{number} {unit}")),
            None => typed(number),
        }),
        Some(Answer::Matching { targets }) => targets
            .iter()
            .map(|(item, target)| (item.clone(), Some(target.clone())))
            .collect(),
        Some(Answer::Ordering { items }) => items
            .iter()
            .enumerate()
            .map(|(place, item)| ((place + 1).to_string(), Some(item.clone())))
            .collect(),
        Some(Answer::Tracing { outcome }) => whole(match outcome {
            Outcome::Prints { output } => typed(output),
            Outcome::CompileError => Some("compile error".to_owned()),
            Outcome::RuntimeError { output } => typed(&format!("{output}\nruntime error")),
        }),
        Some(Answer::BugLine { lines }) => {
            listed(&lines.iter().map(u32::to_string).collect::<Vec<_>>())
        }
    }
}

/// A typed text without blanks around it, cut.
fn typed(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(ANSWER_CHARACTERS_MAX).collect())
}
