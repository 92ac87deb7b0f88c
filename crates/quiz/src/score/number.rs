//! Typed numbers and their units.

use unicode_normalization::UnicodeNormalization;

use super::sentence::short;
use super::text::check_typed_length;
use super::{Outcome, ScoreError, ScoreState, shown};
use crate::expression::format_number;
use crate::kind::{Accept, DecimalMark, NumberKey, PenaltyBase, Tolerance, UnitEntry, Units};
use crate::template::Amount;

/// Share of the greater of 1 and |a| that is always forgiven: floating point's own error.
const HAIR: f64 = 1e-12;

/// A number at the start of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadNumber<'a> {
    /// The number.
    pub value: f64,
    /// What follows, without blanks around it: the unit.
    pub rest: &'a str,
}

/// Reads the number at the start of a text: sign, digits with group separators,
/// decimal mark, `e5`, `×10^5`, and where allowed fractions `3/4` and `1 3/4`.
#[must_use]
pub fn read_number(text: &str, mark: DecimalMark, fractions: bool) -> Option<ReadNumber<'_>> {
    let text = text.trim();
    let mut rest = text;
    let mut sign = 1.0;
    if let Some(after) = rest.strip_prefix(['-', '\u{2212}', '\u{2013}']) {
        sign = -1.0;
        rest = after.trim_start();
    } else if let Some(after) = rest.strip_prefix('+') {
        rest = after.trim_start();
    }
    let (digits, after) = split_mantissa(rest);
    let decimal = plain_decimal(&digits, mark)?;
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa: f64 = decimal.parse().ok()?;
    let (mut value, mut rest) = (mantissa, after);
    if let Some((exponent, after)) = read_exponent(after) {
        // Read as one text: scaling the mantissa afterwards would round twice.
        value = format!("{decimal}e{exponent}").parse().ok()?;
        rest = after;
    } else if fractions && is_whole {
        if let Some((denominator, after)) = read_slash(after) {
            value = mantissa / denominator;
            rest = after;
        } else if let Some((numerator, denominator, after)) = read_mixed(after) {
            value = mantissa + numerator / denominator;
            rest = after;
        }
    }
    let value = sign * value;
    value.is_finite().then_some(ReadNumber {
        value,
        rest: rest.trim(),
    })
}

/// Digits, marks and separators at the start, separators left out.
fn split_mantissa(text: &str) -> (String, &str) {
    let mut kept = String::new();
    let letters: Vec<(usize, char)> = text.char_indices().take(400).collect();
    let is_digit = |index: usize| {
        letters
            .get(index)
            .is_some_and(|(_, letter)| letter.is_ascii_digit())
    };
    let mut index = 0;
    while let Some((_, letter)) = letters.get(index) {
        let follows = is_digit(index + 1);
        let precedes = index > 0 && is_digit(index - 1);
        let three = follows && is_digit(index + 2) && is_digit(index + 3) && !is_digit(index + 4);
        match letter {
            '0'..='9' => kept.push(*letter),
            '.' | ',' if follows || (precedes && index + 1 == letters.len()) => kept.push(*letter),
            '_' if precedes && follows => {}
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}' if precedes && three => {}
            _ => break,
        }
        index += 1;
    }
    let at = letters.get(index).map_or(text.len(), |(at, _)| *at);
    (kept, &text[at..])
}

/// The digits with a point as decimal mark and without separators of groups.
fn plain_decimal(digits: &str, mark: DecimalMark) -> Option<String> {
    let points = digits.matches('.').count();
    let commas = digits.matches(',').count();
    let decimal = match mark {
        DecimalMark::Point => '.',
        DecimalMark::Comma => ',',
        DecimalMark::Either => match (points, commas) {
            (_, 0) if points > 1 => ',',
            (0, _) if commas > 1 => '.',
            (_, 0) => '.',
            (0, _) => ',',
            _ if digits.rfind('.') > digits.rfind(',') => '.',
            _ => ',',
        },
    };
    let group = if decimal == '.' { ',' } else { '.' };
    let (whole, fraction) = digits.split_once(decimal).unwrap_or((digits, ""));
    if fraction.contains(['.', ',']) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let mut groups = whole.split(group);
    let first = groups.next().unwrap_or_default();
    if whole.contains(group) && (first.is_empty() || groups.any(|group| group.len() != 3)) {
        return None;
    }
    let plain = whole.replace(group, "");
    Some(format!("{plain}.{fraction}0"))
}

fn read_exponent(text: &str) -> Option<(i32, &str)> {
    let trimmed = text.trim_start();
    let rest = if let Some(rest) = text.strip_prefix(['e', 'E']) {
        rest
    } else {
        trimmed
            .strip_prefix(['×', 'x', '*', '·'])?
            .trim_start()
            .strip_prefix("10")?
            .strip_prefix('^')?
    };
    let unsigned = rest.strip_prefix(['-', '\u{2212}', '+']).unwrap_or(rest);
    let negative = rest.starts_with(['-', '\u{2212}']);
    let (digits, after) = split_digits(unsigned);
    let exponent: i32 = digits.parse().ok().filter(|exponent| *exponent <= 400)?;
    Some((if negative { -exponent } else { exponent }, after))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn read_slash(text: &str) -> Option<(f64, &str)> {
    let rest = text
        .trim_start()
        .strip_prefix(['/', '\u{2044}'])?
        .trim_start();
    let (digits, after) = split_digits(rest);
    Some((digits.parse().ok()?, after))
}

fn read_mixed(text: &str) -> Option<(f64, f64, &str)> {
    let (digits, after) = split_digits(text.strip_prefix(' ')?.trim_start());
    let numerator: f64 = digits.parse().ok()?;
    let (denominator, after) = read_slash(after)?;
    Some((numerator, denominator, after))
}

/// A number key, ready to match.
#[derive(Debug)]
pub(super) struct NumberMatcher {
    /// Names of the units in one way of writing, with their multipliers.
    units: Vec<(String, f64)>,
}

/// What a typed answer says.
enum Said {
    /// A number in the base unit, and what is wrong with its unit.
    Number(f64, Option<String>),
    /// No number.
    Unreadable,
}

impl NumberMatcher {
    pub(super) fn new(key: &NumberKey) -> Self {
        let units = key.units.iter().flat_map(|units| &units.units);
        Self {
            units: units
                .map(|unit| (plain_unit(&unit.name), unit.multiplier))
                .collect(),
        }
    }

    pub(super) fn check_length(&self, question: &str, typed: &str) -> Result<(), ScoreError> {
        check_typed_length(question, typed)
    }

    pub(super) fn score(&self, key: &NumberKey, typed: &str, unit: Option<&str>) -> Outcome {
        if typed.trim().is_empty() {
            return Outcome::unanswered();
        }
        let (value, wrong_unit) = match self.read(key, typed, unit) {
            Said::Number(value, wrong_unit) => (Some(value), wrong_unit),
            Said::Unreadable => (None, None),
        };
        let found = key.answers.iter().find(|answer| match value {
            Some(value) => accepts(&answer.accept, value),
            None => answer.accept == Accept::Any,
        });
        let Some(answer) = found else {
            let Some(value) = value else {
                return Outcome {
                    state: Some(ScoreState::Invalid),
                    explanation: vec![format!("`{}` cannot be read as a number", typed.trim())],
                    ..Outcome::default()
                };
            };
            return Outcome {
                explanation: vec![format!("{} is not accepted", format_number(value))],
                ..Outcome::default()
            };
        };
        let mut explanation = vec![format!(
            "{}: {}",
            describe(&answer.accept),
            short(answer.score)
        )];
        let mut fraction = answer.score;
        if let (Some(reason), Some(units)) = (wrong_unit, &key.units) {
            fraction = charge_unit(fraction, units);
            explanation.push(format!("{reason}: {}", short(fraction)));
        }
        Outcome {
            fraction,
            explanation,
            feedback: shown(None, answer.feedback.as_ref()),
            ..Outcome::default()
        }
    }

    fn read(&self, key: &NumberKey, typed: &str, chosen: Option<&str>) -> Said {
        let mut typed_unit = None;
        let mut number = typed.trim();
        if let Some((unit, rest)) = self.strip_front(number) {
            typed_unit = Some(unit);
            number = rest;
        }
        let Some(read) = read_number(number, key.decimal_mark, key.fractions) else {
            return Said::Unreadable;
        };
        let Some(units) = &key.units else {
            return if read.rest.is_empty() {
                Said::Number(read.value, None)
            } else {
                Said::Unreadable
            };
        };
        let name = match (typed_unit, chosen, units.entry) {
            (_, Some(chosen), UnitEntry::Chosen) => plain_unit(chosen),
            (Some(unit), ..) if read.rest.is_empty() => unit,
            _ => plain_unit(read.rest),
        };
        let found = self.units.iter().find(|(known, _)| *known == name);
        match (found, name.is_empty(), units.penalty) {
            (Some((_, multiplier)), ..) => Said::Number(read.value * multiplier, None),
            (None, true, None) => Said::Number(read.value, None),
            (None, false, None) => Said::Unreadable,
            (None, true, Some(_)) => Said::Number(read.value, Some("the unit is missing".into())),
            (None, false, Some(_)) => {
                Said::Number(read.value, Some(format!("`{name}` is not the unit")))
            }
        }
    }

    /// The longest known unit that a text starts with, and what follows it.
    fn strip_front<'a>(&self, text: &'a str) -> Option<(String, &'a str)> {
        self.units
            .iter()
            .filter(|(name, _)| !name.is_empty())
            .filter_map(|(name, _)| text.strip_prefix(name.as_str()).map(|rest| (name, rest)))
            .max_by_key(|(name, _)| name.len())
            .map(|(name, rest)| (name.clone(), rest.trim_start()))
    }
}

/// The two micro signs, and the like, are one.
fn plain_unit(name: &str) -> String {
    name.trim().nfkc().collect()
}

fn charge_unit(fraction: f64, units: &Units) -> f64 {
    let penalty = units.penalty.unwrap_or(0.0);
    let charged = match units.penalty_base {
        PenaltyBase::Answer => fraction * (1.0 - penalty),
        PenaltyBase::Question => fraction - penalty,
    };
    // The penalty takes away what was gained, no more.
    charged.max(fraction.min(0.0))
}

fn number_of(amount: &Amount) -> f64 {
    match amount {
        Amount::Number(number) => *number,
        // Left only where a question without variables holds an expression: accepts nothing.
        Amount::Expression(_) => f64::NAN,
    }
}

/// Whether a number is accepted.
pub(super) fn accepts(accept: &Accept, x: f64) -> bool {
    match accept {
        Accept::Any => true,
        Accept::Range { min, max } => {
            let (min, max) = (number_of(min), number_of(max));
            x >= min - hair(min) && x <= max + hair(max)
        }
        Accept::Near { value, tolerance } => is_near(x, number_of(value), *tolerance),
    }
}

fn hair(a: f64) -> f64 {
    HAIR * a.abs().max(1.0)
}

fn is_near(x: f64, a: f64, tolerance: Tolerance) -> bool {
    let distance = (x - a).abs();
    let allowed = match tolerance {
        Tolerance::Exact => 0.0,
        Tolerance::Absolute { by } => by,
        Tolerance::Relative { by } => by * a.abs(),
        Tolerance::Geometric { by } => {
            let (size, bound) = (x.abs(), 1.0 + by);
            return distance <= hair(a)
                || (x.signum() == a.signum()
                    && size >= a.abs() / bound - hair(a)
                    && size <= a.abs() * bound + hair(a));
        }
        Tolerance::SignificantDigits { digits } => half_unit_of_digit(a, digits),
        Tolerance::Decimals { digits } => {
            0.5 * 10_f64.powi(-i32::try_from(digits).unwrap_or(i32::MAX))
        }
    };
    distance <= allowed + hair(a)
}

/// Half a unit of the n-th significant digit of a number.
fn half_unit_of_digit(a: f64, digits: u32) -> f64 {
    if a == 0.0 || !a.is_finite() {
        return 0.0;
    }
    let text = format!("{a:e}");
    let exponent: i32 = text
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let digits = i32::try_from(digits).unwrap_or(i32::MAX);
    0.5 * 10_f64.powi((exponent + 1).saturating_sub(digits))
}

/// What an answer accepts, in words.
pub(super) fn describe(accept: &Accept) -> String {
    let say = |amount: &Amount| format_number(number_of(amount));
    match accept {
        Accept::Any => "any answer is accepted".to_owned(),
        Accept::Range { min, max } => format!("within {} and {}", say(min), say(max)),
        Accept::Near { value, tolerance } => {
            let value = say(value);
            match tolerance {
                Tolerance::Exact => format!("equal to {value}"),
                Tolerance::Absolute { by } => format!("within {value} ± {}", format_number(*by)),
                Tolerance::Relative { by } => {
                    format!("within {value} ± {} %", format_number(by * 100.0))
                }
                Tolerance::Geometric { by } => {
                    format!("within {value} times or over {}", format_number(1.0 + by))
                }
                Tolerance::SignificantDigits { digits } => {
                    format!("{value} to {digits} significant digits")
                }
                Tolerance::Decimals { digits } => format!("{value} to {digits} decimals"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{NumberAnswer, Unit};

    fn value(text: &str) -> Option<f64> {
        read_number(text, DecimalMark::Either, true)
            .filter(|read| read.rest.is_empty())
            .map(|read| read.value)
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, expected) in [
            ("42", 42.0),
            (" -3.5 ", -3.5),
            ("\u{2212}2", -2.0),
            ("1,5", 1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1 000 000", 1e6),
            ("1.234,5", 1234.5),
            ("1,234.5", 1234.5),
            ("1,234,567", 1_234_567.0),
            ("1_000", 1000.0),
            ("6.02e23", 6.02e23),
            ("1.5 × 10^3", 1500.0),
            ("2*10^-2", 0.02),
            ("3/4", 0.75),
            ("1 1/2", 1.5),
            ("-1 1/2", -1.5),
            ("1/ 3", 1.0 / 3.0),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "abc",
            "1.2.3",
            "1,23,456.7",
            "--1",
            "1/0",
            "e5",
            ".",
            "-",
            "1e999",
        ] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn the_decimal_mark_may_be_fixed() {
        let read = |text, mark| read_number(text, mark, true).map(|read| read.value);
        assert_eq!(read("1,500", DecimalMark::Point), Some(1500.0));
        assert_eq!(read("1,500", DecimalMark::Comma), Some(1.5));
        assert_eq!(read("1,5", DecimalMark::Point), None);
        assert_eq!(read("1.500,25", DecimalMark::Comma), Some(1500.25));
    }

    #[test]
    fn tolerances() {
        let near = |tolerance, x| {
            accepts(
                &Accept::Near {
                    value: Amount::Number(200.0),
                    tolerance,
                },
                x,
            )
        };
        assert!(near(Tolerance::Exact, 200.0) && !near(Tolerance::Exact, 200.001));
        let absolute = Tolerance::Absolute { by: 0.1 };
        assert!(near(absolute, 200.1) && near(absolute, 199.9) && !near(absolute, 200.11));
        let relative = Tolerance::Relative { by: 0.05 };
        assert!(near(relative, 210.0) && !near(relative, 210.1));
        let geometric = Tolerance::Geometric { by: 1.0 };
        assert!(near(geometric, 100.0) && near(geometric, 400.0));
        assert!(!near(geometric, 99.0) && !near(geometric, -200.0));
        let digits = Tolerance::SignificantDigits { digits: 2 };
        assert!(near(digits, 205.0) && !near(digits, 206.0));
        let decimals = Tolerance::Decimals { digits: 1 };
        assert!(near(decimals, 200.05) && !near(decimals, 200.06));
        let range = Accept::Range {
            min: Amount::Number(1.0),
            max: Amount::Number(2.0),
        };
        assert!(accepts(&range, 1.0) && accepts(&range, 2.0) && !accepts(&range, 2.1));
        // 0.1 + 0.2 is 0.3 for people.
        let sum = Accept::Near {
            value: Amount::Number(0.1 + 0.2),
            tolerance: Tolerance::Exact,
        };
        assert!(accepts(&sum, 0.3));
    }

    fn with_units(penalty: Option<f64>, penalty_base: PenaltyBase) -> NumberKey {
        NumberKey {
            units: Some(Units {
                units: vec![
                    Unit {
                        name: "m".into(),
                        multiplier: 1.0,
                    },
                    Unit {
                        name: "cm".into(),
                        multiplier: 0.01,
                    },
                ],
                penalty,
                penalty_base,
                entry: UnitEntry::Typed,
                before: false,
            }),
            ..NumberKey::near(1.5, Tolerance::Exact)
        }
    }

    #[test]
    fn units_multiply_and_may_cost() {
        let fraction = |key: &NumberKey, typed| NumberMatcher::new(key).score(key, typed, None);
        let free = with_units(None, PenaltyBase::Answer);
        for typed in ["1.5", "1.5 m", "150 cm", "150cm", "cm 150"] {
            assert_eq!(fraction(&free, typed).fraction, 1.0, "{typed}");
        }
        assert_eq!(fraction(&free, "1.5 kg").state, Some(ScoreState::Invalid));
        let charged = with_units(Some(0.25), PenaltyBase::Answer);
        assert_eq!(fraction(&charged, "150 cm").fraction, 1.0);
        assert_eq!(fraction(&charged, "1.5").fraction, 0.75);
        assert_eq!(fraction(&charged, "1.5 kg").fraction, 0.75);
        let mut half = with_units(Some(0.25), PenaltyBase::Question);
        half.answers[0].score = 0.5;
        assert_eq!(fraction(&half, "1.5").fraction, 0.25);
    }

    #[test]
    fn any_catches_what_is_no_number() {
        let mut key = NumberKey::near(2.0, Tolerance::Exact);
        let typed = |key: &NumberKey, typed| NumberMatcher::new(key).score(key, typed, None);
        assert_eq!(typed(&key, "two").state, Some(ScoreState::Invalid));
        key.answers.push(NumberAnswer {
            score: 0.0,
            ..NumberAnswer::new(Accept::Any)
        });
        assert_eq!(typed(&key, "two").state, None);
        assert_eq!(typed(&key, "2").fraction, 1.0);
    }
}
