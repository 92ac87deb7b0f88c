//! Ordering, as Moodle's question type writes it into GIFT: `{>4 CONTIGUOUS VERT ABSOLUTE SHOW abc`,
//! then one item on each line, in the right order.

use carrel_quiz::kind::{OrderItem, OrderScheme, Ordering};

use super::block::{Format, Piece};
use crate::error::Problem;
use crate::moodle::order_scheme;

/// Words of the first line, in this order; each may be missing.
const DRAWN: [&str; 6] = ["ALL", "EXACT", "RANDOM", "REL", "CONTIGUOUS", "CONTIG"];
const LAYOUT: [&str; 8] = ["HORIZONTAL", "HORI", "H", "1", "VERTICAL", "VERT", "V", "0"];
const SHOWN: [&str; 8] = ["SHOW", "TRUE", "YES", "1", "HIDE", "FALSE", "NO", "0"];
const NUMBERING: [&str; 6] = ["NONE", "ABC", "ABCD", "123", "III", "IIII"];

/// An order, and what of it is lost.
pub(super) type Read = (Ordering, Vec<String>);

/// `None`: the answers are no order.
pub(super) fn read(answers: Piece<'_>, usual: Format) -> Option<Result<Read, Problem>> {
    let mut lines = answers.strip_prefix(">")?.lines().into_iter();
    let head = lines.next().map(|line| line.plain()).unwrap_or_default();
    let counted = head.starts_with(|letter: char| letter.is_ascii_digit());
    // `{>}` is the name of an operator.
    if !counted && lines.len() == 0 {
        return None;
    }
    let mut items = Vec::new();
    let mut losses = Vec::new();
    let mut add = |text| {
        items.push(OrderItem {
            id: (items.len() + 1).to_string(),
            text,
        });
    };
    let (words, first) = head_of(&head);
    if !first.is_empty() {
        add(usual.text(first));
    }
    lines.for_each(|line| add(line.text(usual)));
    if items.len() < 2 {
        return Some(Err(answers.problem(
            "ordering needs at least two items, each on a line of its own",
        )));
    }
    let scheme = order_scheme(&words.grading).unwrap_or_else(|| {
        losses.push(format!(
            "the grading type `{}` became the longest common subsequence",
            words.grading
        ));
        OrderScheme::default()
    });
    let part = words.count.is_some_and(|count| count < items.len());
    if part && !matches!(words.drawn.as_str(), "" | "ALL" | "EXACT") {
        losses.push("a part of the items was to be drawn: all are shown".to_owned());
    }
    for (asked, what) in [
        (
            words.beside,
            "the items stood side by side: here they stand below each other",
        ),
        (
            words.hidden,
            "how the points come about was not shown: here it is",
        ),
        (words.numbered, "the items were numbered: here they are not"),
    ] {
        if asked {
            losses.push(what.to_owned());
        }
    }
    let ordering = Ordering {
        items,
        distractors: Vec::new(),
        scheme,
    };
    Some(Ok((ordering, losses)))
}

/// What the first line says.
struct Words {
    count: Option<usize>,
    drawn: String,
    grading: String,
    /// Side by side.
    beside: bool,
    /// The details of the grade are not shown.
    hidden: bool,
    numbered: bool,
}

/// The words of the first line, and an item that may follow them.
fn head_of(line: &str) -> (Words, String) {
    let mut words = line.split_whitespace().peekable();
    let count = words.next_if(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    let mut one_of = |known: &[&str]| {
        let word = words.next_if(|word| known.contains(&word.to_ascii_uppercase().as_str()));
        word.map(str::to_ascii_uppercase).unwrap_or_default()
    };
    let drawn = one_of(&DRAWN);
    let beside = matches!(one_of(&LAYOUT).as_str(), "HORIZONTAL" | "HORI" | "H" | "1");
    let grading = words
        .next_if(|word| is_grading(&word.to_ascii_uppercase()))
        .map(str::to_ascii_uppercase)
        .unwrap_or_default();
    let mut one_of = |known: &[&str]| {
        let word = words.next_if(|word| known.contains(&word.to_ascii_uppercase().as_str()));
        word.map(str::to_ascii_uppercase).unwrap_or_default()
    };
    let hidden = matches!(one_of(&SHOWN).as_str(), "HIDE" | "FALSE" | "NO" | "0");
    let numbered = !matches!(one_of(&NUMBERING).as_str(), "" | "NONE");
    let rest: Vec<&str> = words.collect();
    let words = Words {
        count: count.and_then(|count| count.parse().ok()),
        drawn,
        grading,
        beside,
        hidden,
        numbered,
    };
    (words, rest.join(" "))
}

/// Types with a counterpart here, and Moodle's others by how their names begin.
fn is_grading(word: &str) -> bool {
    order_scheme(word).is_some()
        || ["RELATIVE_", "LONGEST_"]
            .iter()
            .any(|start| word.starts_with(start))
}
