//! Responses to all interactions of an item, and the answers of Carrel that say the same.

use std::collections::BTreeMap;

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::{BlankKey, Kind};
use carrel_quiz::random::Random;
use carrel_quiz::{Answer, Question};

use super::value::{Atom, Value};
use crate::qti::node::own_id;

/// What is given in each response, by the identifier of its variable.
pub(super) type Given = BTreeMap<String, Value>;

/// The answer that says what was given; nothing where it cannot be said here.
pub(super) fn answer(question: &Question, given: &Given) -> Option<Answer> {
    let alone = || given.values().next().filter(|_| given.len() == 1);
    let texts = |value: &Value| {
        let ids = value.atoms().iter();
        ids.map(|atom| own_id(&atom.to_string()).to_owned())
            .collect::<Vec<String>>()
    };
    Some(match &question.kind {
        Kind::Choice(_) => Answer::Choice {
            options: texts(alone()?),
        },
        Kind::TrueFalse(_) => Answer::TrueFalse {
            value: alone()?.as_text()?.parse().ok()?,
        },
        Kind::ShortAnswer(_) => Answer::ShortAnswer {
            text: alone()?.atoms().first()?.to_string(),
        },
        Kind::Numeric(_) => Answer::Numeric {
            number: alone()?.atoms().first()?.to_string(),
            unit: None,
        },
        Kind::Ordering(_) => Answer::Ordering {
            items: texts(alone()?),
        },
        Kind::Matching(matching) => {
            let mut targets = BTreeMap::new();
            for atom in alone()?.atoms() {
                let Atom::Pair(one, other) = atom else {
                    return None;
                };
                let (one, other) = (own_id(one).to_owned(), own_id(other).to_owned());
                let turned = !matching.items.iter().any(|item| item.id == one);
                let (item, target) = if turned { (other, one) } else { (one, other) };
                if targets.insert(item, target).is_some() {
                    return None;
                }
            }
            Answer::Matching { targets }
        }
        Kind::Blanks(blanks) => {
            let mut answers = BTreeMap::new();
            for (id, value) in given {
                for atom in value.atoms() {
                    let (id, chosen) = match atom {
                        Atom::Pair(word, gap) => (own_id(gap), own_id(word)),
                        _ => (own_id(id), ""),
                    };
                    let blank = blanks.blanks.iter().find(|blank| blank.id == id)?;
                    let text = atom.to_string();
                    let answer = match &blank.key {
                        BlankKey::Choice(_) if chosen.is_empty() => {
                            BlankAnswer::Chosen(texts(value))
                        }
                        BlankKey::Choice(_) => BlankAnswer::Chosen(vec![chosen.to_owned()]),
                        _ => BlankAnswer::Typed(text),
                    };
                    let known = answers.insert(id.to_owned(), answer.clone());
                    if known.is_some_and(|known| known != answer) {
                        return None;
                    }
                }
            }
            Answer::Blanks { blanks: answers }
        }
        _ => return None,
    })
}

/// Responses to all interactions together: all of them, or a number of them.
pub(super) fn together(parts: &[(String, Vec<Value>)], limit: usize) -> Vec<Given> {
    let count: f64 = parts
        .iter()
        .map(|(_, values)| values.len() as f64)
        .product();
    let given = |pick: &dyn Fn(usize, &[Value]) -> usize| -> Given {
        let numbered = parts.iter().enumerate();
        let picked = numbered.map(|(part, (id, values))| {
            (
                id.clone(),
                values
                    .get(pick(part, values))
                    .cloned()
                    .unwrap_or(Value::Null),
            )
        });
        picked.collect()
    };
    let mut all = Vec::new();
    if count <= limit as f64 {
        let mut turn = 0_usize;
        while (turn as f64) < count {
            let mut rest = turn;
            let mut places = Vec::with_capacity(parts.len());
            for (_, values) in parts {
                places.push(rest % values.len());
                rest /= values.len();
            }
            all.push(given(&|part, _| places[part]));
            turn += 1;
        }
        return all;
    }
    all.push(given(&|_, _| 0));
    all.push(given(&|_, values| values.len() - 1));
    for (changed, (_, values)) in parts.iter().enumerate() {
        for value in 0..values.len() {
            if all.len() < limit {
                // The others right, and the others empty.
                all.push(given(&|part, _| if part == changed { value } else { 0 }));
                all.push(given(&|part, values| match part == changed {
                    true => value,
                    false => values.len() - 1,
                }));
            }
        }
    }
    let mut random = Random::new(4);
    while all.len() < limit {
        let picks: Vec<usize> = parts
            .iter()
            .map(|(_, values)| random.index(values.len()))
            .collect();
        all.push(given(&|part, _| picks[part]));
    }
    all
}
