//! Matching.

use std::collections::BTreeMap;

use super::sentence::{quote, signed};
use super::{Outcome, PartScore, ScoreError, ScoreState, check_ids, clean_share, shown};
use crate::kind::{Matching, PartScheme};

pub(super) fn score(
    question: &str,
    key: &Matching,
    given: &BTreeMap<String, String>,
) -> Result<Outcome, ScoreError> {
    check_ids(question, "item", given.keys().map(String::as_str), |id| {
        key.items.iter().any(|item| item.id == id)
    })?;
    let text_of = |id: &str| {
        let found = key.targets.iter().find(|target| target.id == id);
        found.map(|target| &target.text)
    };
    let mut explanation = Vec::new();
    let mut parts = Vec::with_capacity(key.items.len());
    let mut feedback = Vec::new();
    for item in &key.items {
        let Some(target) = given.get(&item.id) else {
            parts.push(PartScore::unanswered(&item.id, item.weight));
            continue;
        };
        let Some(text) = text_of(target) else {
            return Err(ScoreError::WrongPart {
                question: question.to_owned(),
                what: "target",
                id: target
                    .chars()
                    .take(crate::limits::ID_CHARACTERS_MAX)
                    .collect(),
                problem: "does not have",
            });
        };
        let right = key.is_right(item, target);
        if !right {
            feedback.extend(shown(Some(&item.id), item.feedback.as_ref()));
        }
        let part = PartScore::new(&item.id, f64::from(u8::from(right)), item.weight);
        parts.push(match key.scheme {
            PartScheme::Weights { .. } => {
                let weight = key.weight(item, target);
                explanation.push(format!(
                    "{} with {}: {}",
                    quote(&item.text, &item.id),
                    quote(text, target),
                    signed(weight)
                ));
                weighed(part, weight, right)
            }
            PartScheme::EachPart | PartScheme::AllOrNothing => part,
        });
    }
    let mut whole = Outcome::of_parts(parts, key.scheme);
    explanation.append(&mut whole.explanation);
    Ok(Outcome {
        explanation,
        feedback,
        ..whole
    })
}

/// A part that gives a weight of its own: a wrong pair, or a right one.
fn weighed(part: PartScore, weight: f64, right: bool) -> PartScore {
    if right {
        return PartScore {
            fraction: 1.0,
            state: ScoreState::Correct,
            ..part
        };
    }
    let state = if weight > 0.0 {
        ScoreState::PartiallyCorrect
    } else {
        ScoreState::Incorrect
    };
    // Of an item whose right pair gives nothing there is no share.
    if part.weight > 0.0 {
        PartScore {
            fraction: clean_share(weight / part.weight),
            state,
            ..part
        }
    } else {
        PartScore {
            fraction: f64::from(u8::from(weight != 0.0)),
            weight,
            state,
            ..part
        }
    }
}
