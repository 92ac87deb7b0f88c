//! Numbers as people write them.

use crate::kind::DecimalMark;

/// What stands before a number below 0.
const MINUS_SIGNS: [char; 3] = ['-', '\u{2212}', '\u{2013}'];
/// What stands before a number.
const SIGNS: [char; 4] = ['-', '\u{2212}', '\u{2013}', '+'];

/// A number at the start of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadNumber<'a> {
    /// The number.
    pub value: f64,
    /// What follows, without blanks around it: the unit.
    pub rest: &'a str,
}

/// Why a text is not read as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unreadable {
    /// It is none.
    NoNumber,
    /// It may be one of two: its only mark is a decimal mark, or separates groups of digits.
    Ambiguous {
        /// The number where the mark is a decimal mark.
        as_decimal: f64,
        /// The number where it separates groups.
        as_groups: f64,
    },
}

/// Reads the number at the start of a text: sign, digits with group separators,
/// decimal mark, `e5`, `×10^5`, and where allowed fractions `3/4` and `1 3/4`.
///
/// # Errors
/// Where there is none, and where there may be one of two.
pub fn read_number(
    text: &str,
    mark: DecimalMark,
    fractions: bool,
) -> Result<ReadNumber<'_>, Unreadable> {
    let read = |mark| read_with(text.trim(), mark, fractions).ok_or(Unreadable::NoNumber);
    let Some((as_decimal, as_groups)) = readings(text, mark) else {
        return read(mark);
    };
    let (as_decimal, as_groups) = (read(as_decimal)?, read(as_groups)?);
    Err(Unreadable::Ambiguous {
        as_decimal: as_decimal.value,
        as_groups: as_groups.value,
    })
}

/// The marks by which a number of one to three digits, a mark and three digits can be read,
/// where both are possible: in `0.125` and `1,50` the mark separates no groups.
fn readings(text: &str, mark: DecimalMark) -> Option<(DecimalMark, DecimalMark)> {
    let (sign, readings) = match mark {
        DecimalMark::Either => (',', (DecimalMark::Comma, DecimalMark::Point)),
        DecimalMark::CommaOrPoint => ('.', (DecimalMark::Point, DecimalMark::Comma)),
        DecimalMark::Point | DecimalMark::Comma => return None,
    };
    let unsigned = text.trim().trim_start_matches(SIGNS).trim_start();
    let (digits, _) = split_mantissa(unsigned);
    let (whole, rest) = digits.split_once(sign)?;
    let is_group = rest.len() == 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    let is_first = (1..=3).contains(&whole.len())
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && !whole.starts_with('0');
    (is_group && is_first).then_some(readings)
}

/// Reads with one understanding of the marks.
fn read_with(text: &str, mark: DecimalMark, fractions: bool) -> Option<ReadNumber<'_>> {
    let mut rest = text;
    let mut sign = 1.0;
    if let Some(after) = rest.strip_prefix(MINUS_SIGNS) {
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
        DecimalMark::Either | DecimalMark::CommaOrPoint => match (points, commas) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<f64> {
        read_number(text, DecimalMark::Either, true)
            .ok()
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
        let read = |text, mark| read_number(text, mark, true).ok().map(|read| read.value);
        assert_eq!(read("1,500", DecimalMark::Point), Some(1500.0));
        assert_eq!(read("1,500", DecimalMark::Comma), Some(1.5));
        assert_eq!(read("1,5", DecimalMark::Point), None);
        assert_eq!(read("1.500,25", DecimalMark::Comma), Some(1500.25));
    }

    #[test]
    fn a_mark_before_three_digits_may_be_either() {
        let ambiguous = |text, mark| match read_number(text, mark, true) {
            Err(Unreadable::Ambiguous {
                as_decimal,
                as_groups,
            }) => Some((as_decimal, as_groups)),
            _ => None,
        };
        let (english, german) = (DecimalMark::Either, DecimalMark::CommaOrPoint);
        assert_eq!(ambiguous("1,500", english), Some((1.5, 1500.0)));
        assert_eq!(ambiguous(" -12,345 m", english), Some((-12.345, -12_345.0)));
        assert_eq!(ambiguous("1,500e3", english), Some((1500.0, 1_500_000.0)));
        assert_eq!(ambiguous("1.500", german), Some((1.5, 1500.0)));
        let number = |text, mark| read_number(text, mark, true).ok().map(|read| read.value);
        for (text, value) in [
            ("1.500", 1.5),
            ("1,5", 1.5),
            ("1,50", 1.5),
            ("1,5000", 1.5),
            ("0,125", 0.125),
            (",500", 0.5),
            ("1234,567", 1234.567),
            ("1 234,567", 1234.567),
            ("1,234,567", 1_234_567.0),
            ("1,234.5", 1234.5),
            ("1500", 1500.0),
        ] {
            assert_eq!(number(text, english), Some(value), "{text}");
        }
        for (text, value) in [
            ("1,500", 1.5),
            ("1,5", 1.5),
            ("1.5", 1.5),
            ("0.125", 0.125),
            ("1.234.567", 1_234_567.0),
            ("1.234,5", 1234.5),
        ] {
            assert_eq!(number(text, german), Some(value), "{text}");
        }
        // Where the question says it, there is no doubt.
        assert_eq!(number("1,500", DecimalMark::Point), Some(1500.0));
        assert_eq!(number("1.500", DecimalMark::Comma), Some(1500.0));
    }
}
