//! The sentences of explanations.

use super::{PartScore, ScoreState};
use crate::expression::format_number;
use crate::text::Text;

/// Most characters of an author's text that an explanation quotes.
const QUOTE_CHARACTERS_MAX: usize = 40;
/// Most parts that a sentence lists one by one.
const PARTS_SHOWN_MAX: usize = 12;

/// A number with at most two decimals: 0.67, 1, −0.33.
pub(super) fn short(number: f64) -> String {
    format_number((number * 100.0).round() / 100.0)
}

/// The same with its sign.
pub(super) fn signed(number: f64) -> String {
    if number > 0.0 {
        format!("+{}", short(number))
    } else {
        short(number)
    }
}

/// The first line of a text, cut.
pub(super) fn quote(text: &Text, id: &str) -> String {
    let line = text.source.lines().find(|line| !line.trim().is_empty());
    let line = line.unwrap_or(id).trim();
    if line.chars().count() <= QUOTE_CHARACTERS_MAX {
        return format!("“{line}”");
    }
    let cut: String = line.chars().take(QUOTE_CHARACTERS_MAX - 1).collect();
    format!("“{cut}…”")
}

/// How a mean came about.
pub(super) fn mean_sentence(parts: &[PartScore], mean: f64) -> String {
    let right = parts
        .iter()
        .filter(|part| part.state == ScoreState::Correct)
        .count();
    let counted = format!("{right} of {} parts right", parts.len());
    let partly = parts
        .iter()
        .any(|part| part.state == ScoreState::PartiallyCorrect || part.fraction < 0.0);
    let weighted = parts
        .windows(2)
        .any(|pair| pair[0].weight != pair[1].weight);
    if !(partly || weighted) || parts.len() > PARTS_SHOWN_MAX {
        return format!("{counted}: {}", short(mean));
    }
    let terms: Vec<String> = parts
        .iter()
        .map(|part| {
            if weighted {
                format!("{} × {}", short(part.weight), short(part.fraction))
            } else {
                short(part.fraction)
            }
        })
        .collect();
    let total: f64 = parts.iter().map(|part| part.weight).sum();
    format!(
        "{counted}: ({}) / {} = {}",
        terms.join(" + "),
        short(total),
        short(mean)
    )
}
