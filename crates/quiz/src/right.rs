//! The right answer that a question declares.

use std::collections::BTreeMap;

use crate::answer::{Answer, BlankAnswer};
use crate::expression::format_number;
use crate::kind::{
    Accept, BlankKey, Choice, ChoiceScheme, DecimalMark, Kind, NumberKey, PatternKind, Select,
    TextKey, UnitEntry,
};
use crate::question::Question;
use crate::template::Amount;

/// An answer that gets full points, where one can be told: a regular expression
/// names none, and an essay has none. Variables must be filled in
/// ([`crate::Instance::resolve`]).
#[must_use]
pub fn right_answer(question: &Question) -> Option<Answer> {
    Some(match &question.kind {
        Kind::Choice(choice) => Answer::Choice {
            options: right_options(choice),
        },
        Kind::TrueFalse(key) => Answer::TrueFalse { value: key.correct },
        Kind::Blanks(blanks) => {
            let mut answers = BTreeMap::new();
            for blank in &blanks.blanks {
                let answer = match &blank.key {
                    BlankKey::Text(key) => BlankAnswer::Typed(right_text(key)?),
                    BlankKey::Number(key) => BlankAnswer::Typed(right_number(key, true)?.0),
                    BlankKey::Choice(choice) => BlankAnswer::Chosen(right_options(choice)),
                };
                answers.insert(blank.id.clone(), answer);
            }
            Answer::Blanks { blanks: answers }
        }
        Kind::ShortAnswer(key) => Answer::ShortAnswer {
            text: right_text(key)?,
        },
        Kind::Numeric(key) => {
            let (number, unit) = right_number(key, false)?;
            Answer::Numeric { number, unit }
        }
        Kind::Matching(matching) => Answer::Matching {
            targets: matching
                .items
                .iter()
                .map(|item| (item.id.clone(), item.target.clone()))
                .collect(),
        },
        Kind::Ordering(ordering) => Answer::Ordering {
            items: ordering.items.iter().map(|item| item.id.clone()).collect(),
        },
        Kind::Tracing(tracing) => Answer::Tracing {
            outcome: tracing.expected.clone(),
        },
        Kind::BugLine(bug_line) => Answer::BugLine {
            lines: bug_line.bugs.iter().map(|bug| bug.first_line).collect(),
        },
        Kind::Essay(_) | Kind::Description => return None,
    })
}

fn right_options(choice: &Choice) -> Vec<String> {
    let ids = |options: Vec<&crate::kind::ChoiceOption>| {
        options
            .into_iter()
            .map(|option| option.id.clone())
            .collect()
    };
    let right: Vec<_> = choice
        .options
        .iter()
        .filter(|option| option.correct)
        .collect();
    if choice.select != Select::One {
        return ids(right);
    }
    let by_weight = matches!(choice.scheme, ChoiceScheme::Weights { .. });
    let best = right.into_iter().reduce(|best, option| {
        if by_weight && choice.weight(option) > choice.weight(best) {
            option
        } else {
            best
        }
    });
    ids(best.into_iter().collect())
}

fn right_text(key: &TextKey) -> Option<String> {
    let right = || key.patterns.iter().filter(|pattern| pattern.score >= 1.0);
    right()
        .find(|pattern| pattern.kind == PatternKind::Exact)
        .map(|pattern| pattern.pattern.clone())
        .or_else(|| {
            right()
                .find(|pattern| pattern.kind == PatternKind::Wildcard)
                .map(|pattern| strip_stars(&pattern.pattern))
                .filter(|text| !text.trim().is_empty())
        })
}

/// A text that a wildcard matches: its stars stand for nothing.
fn strip_stars(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' => {}
            '\\' => text.push(
                letters
                    .next_if(|next| "*\\".contains(*next))
                    .unwrap_or('\\'),
            ),
            _ => text.push(letter),
        }
    }
    text
}

/// The number as typed, and its unit where that is chosen.
fn right_number(key: &NumberKey, in_blank: bool) -> Option<(String, Option<String>)> {
    let answer = key.answers.iter().find(|answer| answer.score >= 1.0)?;
    let number = match &answer.accept {
        Accept::Near {
            value: Amount::Number(number),
            ..
        }
        | Accept::Range {
            min: Amount::Number(number),
            ..
        } => *number,
        Accept::Any => 0.0,
        _ => return None,
    };
    // All digits: a rounded one might be refused.
    let mut typed = if format_number(number).parse() == Ok(number) {
        format_number(number)
    } else {
        format!("{number:e}")
    };
    // Of `1.234`, a point could separate groups.
    if matches!(
        key.decimal_mark,
        DecimalMark::Comma | DecimalMark::CommaOrPoint
    ) {
        typed = typed.replace('.', ",");
    }
    let Some(units) = key.units.as_ref() else {
        return Some((typed, None));
    };
    let base = units.units.iter().find(|unit| unit.multiplier == 1.0);
    let Some(base) = base else {
        return units.penalty.is_none().then_some((typed, None));
    };
    Some(match units.entry {
        UnitEntry::Chosen if !in_blank => (typed, Some(base.name.clone())),
        _ if units.before => (format!("{} {typed}", base.name), None),
        _ => (format!("{typed} {}", base.name), None),
    })
}
