//! Typed numbers and their units.

mod read;

use unicode_normalization::UnicodeNormalization;

use super::sentence::short;
use super::text::check_typed_length;
use super::{Outcome, ScoreError, shown};
use crate::expression::format_number;
use crate::kind::{Accept, DecimalMark, NumberKey, PenaltyBase, Tolerance, UnitEntry, Units};
use crate::template::Amount;

pub use read::{ReadNumber, Unreadable, read_number};

/// Share of the greater of 1 and |a| that is always forgiven: floating point's own error.
const HAIR: f64 = 1e-12;

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
    /// No number, and why.
    Unreadable(String),
    /// One of two numbers.
    Ambiguous(String),
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
        let (value, wrong_unit, unreadable) = match self.read(key, typed, unit) {
            Said::Number(value, wrong_unit) => (Some(value), wrong_unit, String::new()),
            Said::Unreadable(why) => (None, None, why),
            // Even where any answer has its score: it would be another one for the other number.
            Said::Ambiguous(why) if asks_for_numbers(key) => return Outcome::unreadable(why),
            Said::Ambiguous(why) => (None, None, why),
        };
        let found = key.answers.iter().find(|answer| match value {
            Some(value) => accepts(&answer.accept, value),
            None => answer.accept == Accept::Any,
        });
        let Some(answer) = found else {
            let Some(value) = value else {
                return Outcome::unreadable(unreadable);
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
        let unreadable =
            || Said::Unreadable(format!("`{}` cannot be read as a number", typed.trim()));
        match read_number(number, key.decimal_mark, key.fractions) {
            Ok(read) => self
                .with_unit(key, read, typed_unit.as_deref(), chosen)
                .unwrap_or_else(unreadable),
            Err(Unreadable::NoNumber) => unreadable(),
            Err(Unreadable::Ambiguous {
                as_decimal,
                as_groups,
            }) => {
                // Both end at the same place, and what follows is a unit, or else no number.
                let read = read_number(number, DecimalMark::Point, key.fractions);
                let rest = read.map_or("", |read| read.rest);
                let value = as_decimal;
                self.with_unit(
                    key,
                    ReadNumber { value, rest },
                    typed_unit.as_deref(),
                    chosen,
                )
                .map_or_else(unreadable, |_| {
                    let units = (typed_unit.as_deref().unwrap_or_default(), rest);
                    tell_ambiguous((typed, units), key.decimal_mark, as_decimal, as_groups)
                })
            }
        }
    }

    /// A number with its unit; `None` where what follows is none.
    fn with_unit(
        &self,
        key: &NumberKey,
        read: ReadNumber<'_>,
        typed_unit: Option<&str>,
        chosen: Option<&str>,
    ) -> Option<Said> {
        let Some(units) = &key.units else {
            return read
                .rest
                .is_empty()
                .then_some(Said::Number(read.value, None));
        };
        let name = match (typed_unit, chosen, units.entry) {
            (_, Some(chosen), UnitEntry::Chosen) => plain_unit(chosen),
            (Some(unit), ..) if read.rest.is_empty() => unit.to_owned(),
            _ => plain_unit(read.rest),
        };
        let found = self.units.iter().find(|(known, _)| *known == name);
        Some(match (found, name.is_empty(), units.penalty) {
            (Some((_, multiplier)), ..) => Said::Number(read.value * multiplier, None),
            (None, true, None) => Said::Number(read.value, None),
            (None, false, None) => return None,
            (None, true, Some(_)) => Said::Number(read.value, Some("the unit is missing".into())),
            (None, false, Some(_)) => {
                Said::Number(read.value, Some(format!("`{name}` is not the unit")))
            }
        })
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

/// Whether a number is asked for, and not just anything.
fn asks_for_numbers(key: &NumberKey) -> bool {
    let mut answers = key.answers.iter();
    answers.any(|answer| answer.accept != Accept::Any)
}

/// A number that may be one of two, and how each of them is written, with the unit before or
/// behind it.
fn tell_ambiguous(
    (typed, (before, behind)): (&str, (&str, &str)),
    mark: DecimalMark,
    as_decimal: f64,
    as_groups: f64,
) -> Said {
    let (groups, decimal) = (format_number(as_groups), format_number(as_decimal));
    // The mark that is not in doubt.
    let decimal = match mark {
        DecimalMark::CommaOrPoint => decimal.replace('.', ","),
        _ => decimal,
    };
    let with_unit = |number: &str| {
        let words = [before, number, behind];
        let words = words.iter().filter(|word| !word.is_empty());
        words.copied().collect::<Vec<_>>().join(" ")
    };
    Said::Ambiguous(format!(
        "`{}` can be read as {groups} and as {decimal}: write `{}` or `{}`",
        typed.trim(),
        with_unit(&groups),
        with_unit(&decimal)
    ))
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
    use crate::score::ScoreState;

    #[test]
    fn an_ambiguous_number_costs_nothing_and_says_how_to_write_it() {
        let mut key = NumberKey::near(1500.0, Tolerance::Exact);
        let score = |key: &NumberKey, typed| NumberMatcher::new(key).score(key, typed, None);
        let told = score(&key, "1,500");
        assert_eq!(told.state, Some(ScoreState::Invalid));
        assert_eq!(
            told.explanation,
            ["`1,500` can be read as 1500 and as 1.5: write `1500` or `1.5`"]
        );
        // A wrong answer that catches the rest does not catch what may be right.
        key.answers.push(NumberAnswer {
            score: 0.0,
            ..NumberAnswer::new(Accept::Any)
        });
        assert_eq!(score(&key, "1,500").state, Some(ScoreState::Invalid));
        assert_eq!(score(&key, "1,50").state, None);
        // Where anything is as good, so is this.
        key.answers.remove(0);
        key.answers[0].score = 1.0;
        assert_eq!(score(&key, "1,500").fraction, 1.0);
    }

    #[test]
    fn a_number_in_doubt_keeps_its_unit_and_is_none_before_other_words() {
        let explain = |key: &NumberKey, typed| {
            let outcome = NumberMatcher::new(key).score(key, typed, None);
            assert_eq!(outcome.state, Some(ScoreState::Invalid), "{typed}");
            outcome.explanation.join(" ")
        };
        let plain = NumberKey::near(1500.0, Tolerance::Exact);
        let units = with_units(None, PenaltyBase::Answer);
        for (key, typed) in [
            (&plain, "1,500 apples"),
            (&plain, "1,500/2"),
            (&units, "1,500 kg"),
        ] {
            let told = explain(key, typed);
            assert!(told.contains("cannot be read as a number"), "{told}");
        }
        let told = explain(&units, "1,500 m");
        assert!(told.ends_with("write `1500 m` or `1.5 m`"), "{told}");
        let told = explain(&units, "cm 1,500");
        assert!(told.ends_with("write `cm 1500` or `cm 1.5`"), "{told}");
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
