//! Blanks: each is a small question of its own.

use std::collections::BTreeMap;

use super::number::NumberMatcher;
use super::text::TextMatcher;
use super::{Outcome, PartScore, ScoreError, ScoreState, UnreadablePart, check_ids, choice};
use crate::answer::BlankAnswer;
use crate::kind::{Blank, BlankKey, Blanks};

#[derive(Debug)]
pub(super) enum BlankMatcher {
    Text(TextMatcher),
    Number(NumberMatcher),
    Choice,
}

pub(super) fn prepare(question: &str, blanks: &Blanks) -> Result<Vec<BlankMatcher>, ScoreError> {
    let prepare_one = |blank: &Blank| {
        Ok(match &blank.key {
            BlankKey::Text(key) => {
                BlankMatcher::Text(TextMatcher::new(key).map_err(|(pattern, cause)| {
                    ScoreError::Pattern {
                        question: question.to_owned(),
                        pattern,
                        cause,
                    }
                })?)
            }
            BlankKey::Number(key) => BlankMatcher::Number(NumberMatcher::new(key)),
            BlankKey::Choice(_) => BlankMatcher::Choice,
        })
    };
    blanks.blanks.iter().map(prepare_one).collect()
}

pub(super) fn score(
    question: &str,
    key: &Blanks,
    matchers: &[BlankMatcher],
    answers: &BTreeMap<String, BlankAnswer>,
) -> Result<Outcome, ScoreError> {
    check_ids(
        question,
        "blank",
        answers.keys().map(String::as_str),
        |id| key.blanks.iter().any(|blank| blank.id == id),
    )?;
    let mut parts = Vec::with_capacity(key.blanks.len());
    let mut explanation = Vec::new();
    let mut feedback = Vec::new();
    for (blank, matcher) in key.blanks.iter().zip(matchers) {
        let Some(answer) = answers.get(&blank.id) else {
            parts.push(PartScore::unanswered(&blank.id, blank.weight));
            continue;
        };
        let outcome = score_blank(question, blank, matcher, answer)?;
        let mut part = PartScore::new(&blank.id, outcome.fraction.clamp(-1.0, 1.0), blank.weight);
        if let Some(state) = outcome.state {
            part.state = state;
        }
        if part.state != ScoreState::Unanswered {
            for line in outcome.explanation {
                explanation.push(format!("blank {}: {line}", blank.id));
            }
        }
        for mut shown in outcome.feedback {
            shown.part = Some(blank.id.clone());
            feedback.push(shown);
        }
        parts.push(part);
    }
    let mut whole = Outcome::of_parts(parts, key.scheme);
    explanation.append(&mut whole.explanation);
    Ok(Outcome {
        explanation,
        feedback,
        ..whole
    })
}

/// What in the blanks cannot be read.
pub(super) fn find_unreadable(
    question: &str,
    key: &Blanks,
    matchers: &[BlankMatcher],
    answers: &BTreeMap<String, BlankAnswer>,
) -> Result<Vec<UnreadablePart>, ScoreError> {
    let mut unreadable = Vec::new();
    for (blank, matcher) in key.blanks.iter().zip(matchers) {
        let Some(answer) = answers.get(&blank.id) else {
            continue;
        };
        let outcome = score_blank(question, blank, matcher, answer)?;
        let is_unreadable = outcome.state == Some(ScoreState::Invalid);
        let messages = outcome.explanation.into_iter().filter(|_| is_unreadable);
        unreadable.extend(messages.map(|message| UnreadablePart {
            part: Some(blank.id.clone()),
            message,
        }));
    }
    Ok(unreadable)
}

fn score_blank(
    question: &str,
    blank: &Blank,
    matcher: &BlankMatcher,
    answer: &BlankAnswer,
) -> Result<Outcome, ScoreError> {
    let outcome = match (&blank.key, matcher, answer) {
        (BlankKey::Text(key), BlankMatcher::Text(matcher), BlankAnswer::Typed(typed)) => {
            matcher.check_length(question, typed)?;
            matcher.score(key, typed)
        }
        (BlankKey::Number(key), BlankMatcher::Number(matcher), BlankAnswer::Typed(typed)) => {
            matcher.check_length(question, typed)?;
            matcher.score(key, typed, None)
        }
        (BlankKey::Choice(key), _, BlankAnswer::Chosen(chosen)) => {
            choice::score(question, key, chosen)?
        }
        (_, _, given) => {
            let (wanted, given) = match given {
                BlankAnswer::Typed(_) => ("chosen options in a blank", "a typed text"),
                BlankAnswer::Chosen(_) => ("a typed text in a blank", "chosen options"),
            };
            return Err(ScoreError::WrongKind {
                question: question.to_owned(),
                wanted,
                given,
            });
        }
    };
    Ok(outcome)
}
