//! Typed numbers.

use super::{Entry, Reader};
use crate::kind::{
    Accept, DecimalMark, NumberAnswer, NumberKey, PenaltyBase, Tolerance, Unit, UnitEntry, Units,
};
use crate::notation::attribute::Known;
use crate::notation::line::Marker;
use crate::notation::place::Stretches;
use crate::notation::rich::{self, Placed};
use crate::template::Amount;

const HINT: &str = "write `3.14`, `3.14 +- 0.01`, `200 +- 5%`, `1 .. 2`, `9.81 to 3 digits`, `{{a + b}}` or `*`; for texts, take `kind: numeric` away";

const EXPRESSION_START: &str = "{{";

const OF_NUMBERS: Known = Known {
    id: false,
    words: &[],
    keys: &["score"],
};

impl Reader<'_> {
    pub(super) fn read_number_key(&mut self, entries: Vec<Entry<'_>>) -> NumberKey {
        let mut key = NumberKey {
            answers: Vec::new(),
            decimal_mark: DecimalMark::default(),
            fractions: true,
            units: None,
        };
        let mut others = Vec::new();
        for entry in entries {
            match (&entry.marker, entry.keyword()) {
                (Marker::Answer, _) => {
                    let answer = self.read_number_answer(&entry, key.answers.len());
                    key.answers.extend(answer);
                }
                (_, Some("decimal")) => key.decimal_mark = self.word(&entry).unwrap_or_default(),
                (_, Some("fractions")) => key.fractions = self.word(&entry).unwrap_or(true),
                (_, Some("unit")) => {
                    if let Some(unit) = self.read_unit(&entry) {
                        let units = &mut key.units.get_or_insert_with(Units::none).units;
                        units.push(unit);
                        self.place(&format!("unit {}", units.len()), entry.value_place());
                    }
                }
                (_, Some("units")) => {
                    self.place("units", entry.value_place());
                    self.read_units(&entry, key.units.get_or_insert_with(Units::none));
                }
                _ => others.push(entry),
            }
        }
        self.refuse(others, "a number is asked for");
        key
    }

    fn read_number_answer(&mut self, entry: &Entry<'_>, index: usize) -> Option<NumberAnswer> {
        let part = format!("answer {}", index + 1);
        self.place(&part, entry.place);
        let parts = self.split_feedback(&entry.lines);
        let Placed {
            attributes,
            source: text,
            stretches,
        } = rich::read_placed(&parts.text, OF_NUMBERS, self.problems);
        self.place_expressions(&part, &text, &stretches);
        let feedback = self.optional(&format!("{part} feedback"), &parts.feedback);
        let accept = read_accept(&text);
        if accept.is_none() {
            self.problems.push(
                entry.value_place(),
                format!("`{text}` is no number that can be asked for"),
                way_out(&text),
            );
        }
        Some(NumberAnswer {
            accept: accept?,
            score: attributes.number("score", self.problems).unwrap_or(1.0),
            feedback,
        })
    }

    /// Where the expressions of a number stand: `answer 1`, and `answer 1 upper` of a range.
    pub(super) fn place_expressions(&mut self, part: &str, text: &str, stretches: &Stretches) {
        let after = |at: usize| text[..at].chars().count() + EXPRESSION_START.len();
        let first = text.find(EXPRESSION_START);
        let last = text.rfind(EXPRESSION_START);
        if let Some(at) = first {
            self.place_text(part, stretches.from(after(at)));
        }
        if let Some(at) = last {
            self.place_text(&format!("{part} upper"), stretches.from(after(at)));
        }
    }

    /// `cm = 0.01`, or `m`.
    fn read_unit(&mut self, entry: &Entry<'_>) -> Option<Unit> {
        let text = self.one_line(entry);
        let (name, rest) = match text.strip_prefix('"') {
            Some(_) => rich::take_quoted(&text)?,
            None => {
                let end = text.find('=').unwrap_or(text.len());
                (text[..end].trim().to_owned(), &text[end..])
            }
        };
        let rest = rest.trim();
        let multiplier = match rest.strip_prefix('=') {
            Some(number) => rich::parse_number(number.trim()),
            None => rest.is_empty().then_some(1.0),
        };
        if multiplier.is_none() {
            self.problems.push(
                entry.value_place(),
                format!("`{text}` is no unit"),
                "write `unit: cm = 0.01`: how many of the base unit it is",
            );
        }
        Some(Unit {
            name,
            multiplier: multiplier?,
        })
    }

    /// `penalty 0.1 of question, chosen, before`.
    fn read_units(&mut self, entry: &Entry<'_>, units: &mut Units) {
        let text = self.one_line(entry);
        for part in text.split(',').map(str::trim) {
            let penalty = part.strip_prefix("penalty ").and_then(|rest| {
                let (number, base) = rest.split_once(" of ").unwrap_or((rest, "answer"));
                let base = match base.trim() {
                    "answer" => PenaltyBase::Answer,
                    "question" => PenaltyBase::Question,
                    _ => return None,
                };
                Some((rich::parse_number(number.trim())?, base))
            });
            match (part, penalty) {
                ("optional", _) => units.penalty = None,
                ("chosen", _) => units.entry = UnitEntry::Chosen,
                ("before", _) => units.before = true,
                (_, Some((penalty, base))) => {
                    units.penalty = Some(penalty);
                    units.penalty_base = base;
                }
                // A base without a penalty has no effect, but formats carry it.
                ("of question", _) => units.penalty_base = PenaltyBase::Question,
                _ => self.problems.push(
                    entry.value_place(),
                    format!("`{part}` says nothing about units"),
                    "possible are: optional, penalty 0.1, penalty 0.1 of question, chosen, before",
                ),
            }
        }
    }
}

impl Units {
    pub(in crate::notation) fn none() -> Self {
        Self {
            units: Vec::new(),
            penalty: None,
            penalty_base: PenaltyBase::default(),
            entry: UnitEntry::default(),
            before: false,
        }
    }
}

/// How what somebody may write for a number is written here.
fn way_out(text: &str) -> String {
    let is_number = |text: &str| rich::parse_number(text.trim()).is_some();
    let range = |(min, max): (&str, &str)| {
        (is_number(min) && is_number(max))
            .then(|| format!("write a range as `{} .. {}`", min.trim(), max.trim()))
    };
    let in_brackets = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']')?.split_once(','));
    let mut signs = ["...", "…", "–", " to "].into_iter();
    let told = in_brackets
        .and_then(range)
        .or_else(|| signs.find_map(|sign| range(text.split_once(sign)?)));
    if let Some(told) = told {
        return told;
    }
    let (whole, fraction) = text.split_once(',').unwrap_or_default();
    if is_number(&format!("{whole}.{fraction}")) {
        let plain = text.replace(',', ".");
        return format!(
            "numbers here have a point, and nothing between groups of digits: `{plain}` or `{whole}{fraction}`"
        );
    }
    match text.split_once(' ') {
        Some((number, unit)) if is_number(number) && unit.chars().all(char::is_alphabetic) => {
            format!("write `= {number}`, and the unit below the answers: `unit: {unit}`")
        }
        _ => HINT.to_owned(),
    }
}

/// Which numbers a line accepts.
pub(super) fn read_accept(text: &str) -> Option<Accept> {
    let text = text.trim();
    if text == "*" {
        return Some(Accept::Any);
    }
    let (value, rest) = take_amount(text)?;
    if let Some(max) = rest.strip_prefix("..") {
        let (max, rest) = take_amount(max.trim_start())?;
        return rest.is_empty().then_some(Accept::Range { min: value, max });
    }
    let tolerance = read_tolerance(rest)?;
    Some(Accept::Near { value, tolerance })
}

fn read_tolerance(text: &str) -> Option<Tolerance> {
    if text.is_empty() {
        return Some(Tolerance::Exact);
    }
    if let Some(rest) = text.strip_prefix("+-").or_else(|| text.strip_prefix('±')) {
        let rest = rest.trim();
        if let Some(percent) = rest.strip_suffix('%') {
            let by = rich::parse_number(percent.trim())? / 100.0;
            return Some(Tolerance::Relative { by });
        }
        if let Some(share) = rest.strip_suffix("relative") {
            let by = rich::parse_number(share.trim())?;
            return Some(Tolerance::Relative { by });
        }
        let by = rich::parse_number(rest)?;
        return Some(Tolerance::Absolute { by });
    }
    if let Some(rest) = text.strip_prefix("geometric ") {
        let by = rich::parse_number(rest.trim())?;
        return Some(Tolerance::Geometric { by });
    }
    let (digits, what) = text.strip_prefix("to ")?.trim().split_once(' ')?;
    let digits = digits.parse().ok()?;
    match what.trim() {
        "digits" => Some(Tolerance::SignificantDigits { digits }),
        "decimals" => Some(Tolerance::Decimals { digits }),
        _ => None,
    }
}

/// A number or `{{expression}}`, and what follows it.
fn take_amount(text: &str) -> Option<(Amount, &str)> {
    if let Some(rest) = text.strip_prefix("{{") {
        let (expression, rest) = rest.split_once("}}")?;
        return Some((Amount::Expression(expression.to_owned()), rest.trim_start()));
    }
    let end = text
        .char_indices()
        .find(|(at, letter)| {
            *letter == ' '
                || *letter == '±'
                || (*at > 0 && text[*at..].starts_with(".."))
                || (*at > 0 && text[*at..].starts_with("+-"))
        })
        .map_or(text.len(), |(at, _)| at);
    let number = rich::parse_number(&text[..end])?;
    Some((Amount::Number(number), text[end..].trim_start()))
}
