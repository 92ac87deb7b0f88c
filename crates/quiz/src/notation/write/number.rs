//! Numbers that are asked for, and their units.

use super::Page;
use crate::kind::{
    Accept, DecimalMark, NumberAnswer, NumberKey, PenaltyBase, Tolerance, UnitEntry, Units,
};
use crate::notation::rich::{is_one_line, quote, write_number};
use crate::template::Amount;

/// Which numbers an answer accepts.
pub(in crate::notation) fn accept(accept: &Accept) -> String {
    match accept {
        Accept::Any => "*".to_owned(),
        Accept::Range { min, max } => format!("{} .. {}", amount(min), amount(max)),
        Accept::Near { value, tolerance } => format!("{}{}", amount(value), tolerated(*tolerance)),
    }
}

fn amount(amount: &Amount) -> String {
    match amount {
        Amount::Number(number) => write_number(*number),
        Amount::Expression(expression) => format!("{{{{{expression}}}}}"),
    }
}

fn tolerated(tolerance: Tolerance) -> String {
    match tolerance {
        Tolerance::Exact => String::new(),
        Tolerance::Absolute { by } => format!(" +- {}", write_number(by)),
        Tolerance::Relative { by } => {
            let percent = by * 100.0;
            // Not every share survives the way to per cent and back.
            if percent / 100.0 == by && write_number(percent).len() <= 6 {
                format!(" +- {}%", write_number(percent))
            } else {
                format!(" +- {} relative", write_number(by))
            }
        }
        Tolerance::Geometric { by } => format!(" geometric {}", write_number(by)),
        Tolerance::SignificantDigits { digits } => format!(" to {digits} digits"),
        Tolerance::Decimals { digits } => format!(" to {digits} decimals"),
    }
}

pub(super) fn write_number_key(key: &NumberKey, page: &mut Page) {
    for answer in &key.answers {
        write_answer(answer, page);
    }
    page.end_answers();
    page.word("decimal", key.decimal_mark, DecimalMark::default());
    page.word("fractions", key.fractions, true);
    if let Some(units) = &key.units {
        write_units(units, page);
    }
}

fn write_answer(answer: &NumberAnswer, page: &mut Page) {
    let mut line = accept(&answer.accept);
    if answer.score != 1.0 {
        line = format!("{{score={}}} {line}", write_number(answer.score));
    }
    super::kind::write_with_feedback("=", vec![line], answer.feedback.as_ref(), page);
}

fn write_units(units: &Units, page: &mut Page) {
    for unit in &units.units {
        let is_bare =
            is_one_line(&unit.name) && !unit.name.contains('=') && !unit.name.starts_with('"');
        let name = if is_bare {
            unit.name.clone()
        } else {
            quote(&unit.name)
        };
        let value = if unit.multiplier == 1.0 {
            name
        } else {
            format!("{name} = {}", write_number(unit.multiplier))
        };
        page.keyword("unit", &value);
    }
    let mut words = Vec::new();
    match (units.penalty, units.penalty_base) {
        (Some(penalty), PenaltyBase::Answer) => {
            words.push(format!("penalty {}", write_number(penalty)));
        }
        (Some(penalty), PenaltyBase::Question) => {
            words.push(format!("penalty {} of question", write_number(penalty)));
        }
        (None, PenaltyBase::Question) => words.push("of question".to_owned()),
        (None, PenaltyBase::Answer) => {}
    }
    if units.entry == UnitEntry::Chosen {
        words.push("chosen".to_owned());
    }
    if units.before {
        words.push("before".to_owned());
    }
    if words.is_empty() && units.units.is_empty() {
        words.push("optional".to_owned());
    }
    if !words.is_empty() {
        page.keyword("units", &words.join(", "));
    }
}
