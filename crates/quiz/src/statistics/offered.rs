//! What a question offers to choose from, whether anybody chose it or not.

use crate::kind::{BlankKey, Choice, Kind, Matching, Ordering};
use crate::question::Question;
use crate::text::Text;

/// Most pairs of a part and what can be chosen there: of more, only what was chosen is listed.
const OFFERED_MAX: usize = 2_000;
/// Most characters of a text that are kept.
const TEXT_CHARACTERS_MAX: usize = 200;

/// One thing that can be chosen for one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offered {
    pub(super) part: String,
    /// As an answer names it.
    pub(super) id: String,
    /// What is shown; `None`: the id says it.
    pub(super) text: Option<String>,
    pub(super) right: bool,
}

/// Everything that can be chosen for each part. Nothing where answers are typed; lines of a program
/// are no list to choose from either.
pub(super) fn offered(question: &Question) -> Vec<Offered> {
    match &question.kind {
        Kind::Choice(choice) => of_choice("", choice),
        Kind::TrueFalse(key) => [true, false]
            .map(|value| Offered {
                part: String::new(),
                id: value.to_string(),
                text: None,
                right: value == key.correct,
            })
            .to_vec(),
        Kind::Blanks(blanks) => blanks
            .blanks
            .iter()
            .flat_map(|blank| match &blank.key {
                BlankKey::Choice(choice) => of_choice(&blank.id, choice),
                BlankKey::Text(_) | BlankKey::Number(_) => Vec::new(),
            })
            .collect(),
        Kind::Matching(matching) => of_matching(matching),
        Kind::Ordering(ordering) => of_ordering(ordering),
        Kind::ShortAnswer(_)
        | Kind::Numeric(_)
        | Kind::Tracing(_)
        | Kind::BugLine(_)
        | Kind::Essay(_)
        | Kind::Description => Vec::new(),
    }
}

fn of_choice(part: &str, choice: &Choice) -> Vec<Offered> {
    let options = choice.options.iter().map(|option| Offered {
        part: part.to_owned(),
        id: option.id.clone(),
        text: shown(&option.text),
        right: option.correct,
    });
    options.collect()
}

fn of_matching(matching: &Matching) -> Vec<Offered> {
    if matching.items.len() * matching.targets.len() > OFFERED_MAX {
        return Vec::new();
    }
    let mut list = Vec::new();
    for item in &matching.items {
        list.extend(matching.targets.iter().map(|target| Offered {
            part: item.id.clone(),
            id: target.id.clone(),
            text: shown(&target.text),
            right: target.id == item.target,
        }));
    }
    list
}

/// Every item, those that belong nowhere too, can stand at every place.
fn of_ordering(ordering: &Ordering) -> Vec<Offered> {
    let all = || ordering.items.iter().chain(&ordering.distractors);
    if ordering.items.len() * all().count() > OFFERED_MAX {
        return Vec::new();
    }
    let mut list = Vec::new();
    for (place, right) in ordering.items.iter().enumerate() {
        list.extend(all().map(|item| Offered {
            part: (place + 1).to_string(),
            id: item.id.clone(),
            text: shown(&item.text),
            // Items of the same text may stand for each other.
            right: item.text == right.text,
        }));
    }
    list
}

/// The beginning of a text in one line.
fn shown(text: &Text) -> Option<String> {
    let words: Vec<&str> = text.source.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(TEXT_CHARACTERS_MAX).collect();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests;
