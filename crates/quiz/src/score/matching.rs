//! Matching.

use std::collections::BTreeMap;

use super::{Outcome, PartScore, ScoreError, check_ids, shown};
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
        key.targets
            .iter()
            .find(|target| target.id == id)
            .map(|target| &target.text)
    };
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
        // Targets that look the same are the same.
        let right = *target == item.target || text_of(&item.target) == Some(text);
        if !right {
            feedback.extend(shown(Some(&item.id), item.feedback.as_ref()));
        }
        parts.push(PartScore::new(
            &item.id,
            f64::from(u8::from(right)),
            item.weight,
        ));
    }
    let whole = Outcome::of_parts(parts, key.scheme == PartScheme::AllOrNothing);
    Ok(Outcome { feedback, ..whole })
}
