//! What was answered, and how often.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GradedQuestion;
use super::offered::{Offered, offered};
use crate::answer::{Answer, BlankAnswer};
use crate::kind::Outcome;
use crate::question::Question;

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
    /// Answers, most frequent first; what can be chosen and nobody chose is among them.
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
    /// Text of the option, target or item; `None`: the answer says it.
    pub text: Option<String>,
    /// Whether it is right; `None`: it was typed, or the question no longer offers it.
    pub right: Option<bool>,
    /// How many attempts.
    pub count: usize,
    /// Share of the attempts.
    pub share: f64,
    /// Mean of the question's points, as a share of the most, in these attempts; `None`: nobody's.
    pub mean_share: Option<f64>,
}

/// How often something was answered, the sum of the shares, and what it is.
#[derive(Debug, Default)]
struct Count {
    count: usize,
    shares: f64,
    offered: Option<Offered>,
}

type Counted = BTreeMap<Option<String>, Count>;

/// Answers gathered by part.
#[derive(Debug, Default)]
pub(super) struct AnswerTally {
    parts: BTreeMap<String, Counted>,
    others: BTreeMap<String, usize>,
}

impl AnswerTally {
    /// Begins with what the question offers, chosen by nobody yet.
    pub(super) fn new(question: &Question) -> Self {
        let mut parts: BTreeMap<String, Counted> = BTreeMap::new();
        for one in offered(question) {
            let answers = parts.entry(one.part.clone()).or_default();
            let count = Count {
                offered: Some(one.clone()),
                ..Count::default()
            };
            answers.insert(Some(one.id), count);
        }
        Self {
            parts,
            others: BTreeMap::new(),
        }
    }

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
            let counted = known.entry(answer).or_default();
            counted.count += 1;
            counted.shares += share;
        }
    }

    pub(super) fn finish(self, attempts: usize) -> Vec<PartAnswers> {
        let others = self.others;
        let mut parts: Vec<PartAnswers> = self
            .parts
            .into_iter()
            .map(|(part, counted)| {
                let counted = counted.into_iter();
                let mut answers: Vec<AnswerCount> = counted
                    .map(|(answer, count)| count.finish(answer, attempts))
                    .collect();
                // Stable: those as frequent stay in the order of their texts.
                answers.sort_by_key(|answer| std::cmp::Reverse(answer.count));
                PartAnswers {
                    others: others.get(&part).copied().unwrap_or_default(),
                    part,
                    answers,
                }
            })
            .collect();
        // Stable: places and numbered parts as they are counted, the others by name after them.
        parts.sort_by_key(|part| part.part.parse().unwrap_or(u32::MAX));
        parts
    }
}

impl Count {
    fn finish(self, answer: Option<String>, attempts: usize) -> AnswerCount {
        let (text, right) = match self.offered {
            Some(offered) => (offered.text, Some(offered.right)),
            None => (None, None),
        };
        AnswerCount {
            answer,
            text,
            right,
            count: self.count,
            share: self.count as f64 / attempts.max(1) as f64,
            mean_share: (self.count > 0).then(|| self.shares / self.count as f64),
        }
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
        None => whole(None),
        // What was written is for whoever reads it, and is counted nowhere.
        Some(Answer::Essay { text, files }) if text.trim().is_empty() && files.is_empty() => {
            whole(None)
        }
        Some(Answer::Essay { .. }) => Vec::new(),
        Some(Answer::Choice { options }) => listed(options),
        Some(Answer::TrueFalse { value }) => whole(Some(value.to_string())),
        Some(Answer::Blanks { blanks }) => {
            let mut classes = Vec::new();
            for (id, given) in blanks {
                match given {
                    BlankAnswer::Typed(text) => classes.push((id.clone(), typed(text))),
                    BlankAnswer::Chosen(ids) if ids.is_empty() => classes.push((id.clone(), None)),
                    BlankAnswer::Chosen(ids) => {
                        classes.extend(ids.iter().map(|one| (id.clone(), Some(one.clone()))));
                    }
                }
            }
            classes
        }
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
