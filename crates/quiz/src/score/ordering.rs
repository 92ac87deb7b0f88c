//! Ordering.

use std::collections::HashMap;

use super::sentence::short;
use super::{Outcome, PartScore, ScoreError, check_ids};
use crate::kind::{OrderScheme, Ordering};

/// Stands for every distractor.
const DISTRACTOR: usize = usize::MAX;

pub(super) fn score(
    question: &str,
    key: &Ordering,
    given: &[String],
) -> Result<Outcome, ScoreError> {
    let known = classes(key);
    check_ids(question, "item", given.iter().map(String::as_str), |id| {
        known.contains_key(id)
    })?;
    if given.is_empty() {
        return Ok(Outcome::unanswered());
    }
    let class_of = |id: &str| known.get(id).copied().unwrap_or(DISTRACTOR);
    let right: Vec<usize> = key.items.iter().map(|item| class_of(&item.id)).collect();
    let given: Vec<usize> = given.iter().map(|id| class_of(id)).collect();
    let parts = right
        .iter()
        .zip(&key.items)
        .enumerate()
        .map(|(place, (class, item))| {
            let at_place = given.get(place) == Some(class);
            PartScore::new(&item.id, f64::from(u8::from(at_place)), 1.0)
        })
        .collect();
    let (fraction, explanation) = weigh(key.scheme, &right, &given);
    Ok(Outcome {
        fraction,
        explanation: vec![explanation],
        parts,
        ..Outcome::default()
    })
}

/// Items of the same text are of one class, the place of the first of them.
fn classes(key: &Ordering) -> HashMap<&str, usize> {
    let mut classes: HashMap<&str, usize> = HashMap::new();
    for (place, item) in key.items.iter().enumerate() {
        let first = key.items.iter().position(|other| other.text == item.text);
        classes.insert(&item.id, first.unwrap_or(place));
    }
    for item in &key.distractors {
        classes.insert(&item.id, DISTRACTOR);
    }
    classes
}

fn weigh(scheme: OrderScheme, right: &[usize], given: &[usize]) -> (f64, String) {
    let count = right.len();
    if right == given {
        return (1.0, format!("all {count} items in the right order"));
    }
    let used = given.iter().filter(|class| **class == DISTRACTOR).count();
    let (found, whole, sentence) = match scheme {
        OrderScheme::AllOrNothing => return (0.0, refuse(used)),
        OrderScheme::Positions => {
            let placed = right.iter().zip(given).filter(|(a, b)| a == b).count();
            let sentence = format!("{placed} of {count} items at their place");
            (placed, count, sentence)
        }
        OrderScheme::Neighbours => {
            let whole = count.saturating_sub(1);
            let found = common_neighbours(right, given);
            let sentence = format!("{found} of {whole} items right after the one they follow");
            // Items that look the same can be chained otherwise with the same neighbours.
            let is_chained_otherwise = found == whole && used == 0 && whole > 0;
            if is_chained_otherwise {
                let sentence = format!("{sentence}, less 1 since the order is another");
                (found - 1, whole, sentence)
            } else {
                (found, whole, sentence)
            }
        }
        OrderScheme::LongestCommonSubsequence => {
            let longest = common_subsequence(right, given);
            // One item alone is always in order.
            let counted = if longest > 1 { longest } else { 0 };
            let sentence = format!("{longest} of {count} items are in order among themselves");
            (counted, count, sentence)
        }
    };
    let less = match used {
        0 => String::new(),
        _ => format!(", less {used} that {} not belong", does(used)),
    };
    let fraction = found.saturating_sub(used) as f64 / whole.max(1) as f64;
    (fraction, format!("{sentence}{less}: {}", short(fraction)))
}

/// Why an order that is not the right one gets nothing.
fn refuse(used: usize) -> String {
    let sentence = "the order is not the right one";
    match used {
        0 => sentence.to_owned(),
        _ => format!("{sentence}: {used} in it {} not belong", does(used)),
    }
}

fn does(count: usize) -> &'static str {
    if count == 1 { "does" } else { "do" }
}

/// How many of the right neighbourhoods there are in an order, each as often as it is right.
fn common_neighbours(right: &[usize], given: &[usize]) -> usize {
    let mut left: Vec<&[usize]> = given.windows(2).collect();
    let found = right.windows(2).filter(|pair| {
        let place = left.iter().position(|other| other == pair);
        place.map(|place| left.swap_remove(place)).is_some()
    });
    found.count()
}

/// Length of the longest common subsequence; distractors are in none.
fn common_subsequence(right: &[usize], given: &[usize]) -> usize {
    let mut row = vec![0; given.len() + 1];
    for class in right {
        let mut diagonal = 0;
        for (column, other) in given.iter().enumerate() {
            let above = row[column + 1];
            row[column + 1] = if class == other {
                diagonal + 1
            } else {
                above.max(row[column])
            };
            diagonal = above;
        }
    }
    row[given.len()]
}
