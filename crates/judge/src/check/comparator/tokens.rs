//! Token by token, as the default output validator of Kattis problem packages
//! decides (problem package format 2025-09, "Default output validator").
//!
//! Tokens stand between ASCII white space. Without a tolerance they are
//! compared as text. With one, an expected token that is a finite number asks
//! for a finite number: `inf`, `nan` and numbers beyond the range of a double
//! are no numbers there, so that they are compared as text where expected, and
//! wrong where a number is expected. Upper and lower case are those of ASCII. Numbers are read as C's `strtod` reads
//! them, hexadecimal ones included. Unlike the original, a NUL byte is an
//! ordinary character of a token and does not end it.

use carrel_model::challenge::TokenOptions;

use super::{Lines, Mismatch, mismatch};

/// Compares token by token.
#[must_use]
pub fn compare(options: &TokenOptions, expected: &[u8], actual: &[u8]) -> Option<Mismatch> {
    let mut judge = Reader::new(expected);
    let mut team = Reader::new(actual);
    let found = compare_readers(options, &mut judge, &mut team)?;
    let at = Lines {
        expected: judge.line,
        actual: team.line,
    };
    let place = format!("in line {}", at.actual + 1);
    let message = match found {
        Found::Empty => "there is no output".to_owned(),
        Found::Early => "the output ends too early".to_owned(),
        Found::Trailing => format!("there is more output than expected, {place}"),
        Found::Space => format!("the white space differs {place}"),
        Found::NotANumber => format!("a number is expected {place}"),
        Found::TooFar => format!("a number is too far from the expected one {place}"),
        Found::Token => format!("the output differs from the expected output {place}"),
    };
    Some(mismatch(message, expected, actual, at))
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Empty,
    Early,
    Trailing,
    Space,
    NotANumber,
    TooFar,
    Token,
}

fn compare_readers(
    options: &TokenOptions,
    judge: &mut Reader<'_>,
    team: &mut Reader<'_>,
) -> Option<Found> {
    loop {
        if options.space_change_sensitive {
            while let Some(space) = judge.peek_space() {
                if team.peek() != Some(space) {
                    return Some(Found::Space);
                }
                judge.step();
                team.step();
            }
            if team.peek_space().is_some() {
                return Some(Found::Space);
            }
        } else {
            judge.skip_space();
            team.skip_space();
        }
        let Some(wanted) = judge.peek_token() else {
            break;
        };
        let Some(given) = team.peek_token() else {
            let empty = team.bytes.iter().all(|byte| is_space(*byte));
            return Some(if empty { Found::Empty } else { Found::Early });
        };
        if let Some(found) = compare_tokens(options, wanted, given) {
            return Some(found);
        }
        judge.at += wanted.len();
        team.at += given.len();
    }
    team.peek_token().map(|_| Found::Trailing)
}

fn compare_tokens(options: &TokenOptions, wanted: &[u8], given: &[u8]) -> Option<Found> {
    // A negative tolerance is no tolerance, as in the original.
    let absolute = options
        .absolute_tolerance
        .filter(|tolerance| *tolerance >= 0.0);
    let relative = options
        .relative_tolerance
        .filter(|tolerance| *tolerance >= 0.0);
    let tolerant = absolute.is_some() || relative.is_some();
    if tolerant && let Some(wanted) = parse_number(wanted) {
        let Some(given) = parse_number(given) else {
            return Some(Found::NotANumber);
        };
        let error = (wanted - given).abs();
        let near = absolute.is_some_and(|tolerance| error <= tolerance)
            || relative.is_some_and(|tolerance| error <= tolerance * wanted.abs());
        return (!near).then_some(Found::TooFar);
    }
    let equal = if options.case_sensitive {
        wanted == given
    } else {
        wanted.eq_ignore_ascii_case(given)
    };
    (!equal).then_some(Found::Token)
}

/// A finite number that is the whole token, in the forms of C's `strtod`.
fn parse_number(token: &[u8]) -> Option<f64> {
    let text = str::from_utf8(token).ok()?;
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = unsigned.as_bytes();
    let value = if let [b'0', b'x' | b'X', ..] = lower {
        parse_hexadecimal(without_empty_exponent(&unsigned[2..], ['p', 'P']))?
    } else if lower
        .iter()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        && !lower.starts_with(b"+")
        && !lower.starts_with(b"-")
    {
        without_empty_exponent(unsigned, ['e', 'E']).parse().ok()?
    } else {
        return None;
    };
    let value = if negative { -value } else { value };
    f64::is_finite(value).then_some(value)
}

/// `1e`, `1e+` and `0x1p-` are the numbers before the mark, as the `scanf` of
/// glibc reads them and with it the original.
fn without_empty_exponent(text: &str, marks: [char; 2]) -> &str {
    let unsigned = text.strip_suffix(['+', '-']).unwrap_or(text);
    unsigned.strip_suffix(marks).unwrap_or(text)
}

/// Hexadecimal digits with an optional point and binary exponent, after `0x`.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (digits, exponent) = match text.split_once(['p', 'P']) {
        Some((digits, exponent)) => (digits, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0_f64;
    let mut scale = 0_i32;
    for (digit, is_fraction) in whole
        .chars()
        .map(|c| (c, false))
        .chain(fraction.chars().map(|c| (c, true)))
    {
        let digit = digit.to_digit(16)?;
        // Beyond 64 digits only the magnitude changes: the value stays finite.
        if value < 1e76 {
            value = value * 16.0 + f64::from(digit);
            scale -= if is_fraction { 4 } else { 0 };
        } else if !is_fraction {
            scale = scale.saturating_add(4);
        }
    }
    Some(scale_by_power_of_two(
        value,
        i64::from(scale) + i64::from(exponent),
    ))
}

fn parse_exponent(text: &str) -> Option<i32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Too large for an integer is too large for a double as well.
    let limit = if text.starts_with('-') {
        -100_000
    } else {
        100_000
    };
    Some(text.parse().unwrap_or(limit).clamp(-100_000, 100_000))
}

/// In steps, because the power alone may be out of range where the product is not.
fn scale_by_power_of_two(mut value: f64, mut exponent: i64) -> f64 {
    while exponent != 0 && value != 0.0 && value.is_finite() {
        let step = exponent.clamp(-500, 500);
        // The clamp keeps it within an i32.
        value *= 2.0_f64.powi(i32::try_from(step).unwrap_or(0));
        exponent -= step;
    }
    value
}

/// C's `isspace` in the C locale.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// A place in a text, with its line from 0.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            line: 0,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_space(&self) -> Option<u8> {
        self.peek().filter(|byte| is_space(*byte))
    }

    fn step(&mut self) {
        if self.peek() == Some(b'\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    fn skip_space(&mut self) {
        while self.peek_space().is_some() {
            self.step();
        }
    }

    fn peek_token(&self) -> Option<&'a [u8]> {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let length = rest
            .iter()
            .position(|byte| is_space(*byte))
            .unwrap_or(rest.len());
        (length > 0).then(|| &rest[..length])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn accepts(options: &TokenOptions, expected: &str, actual: &str) -> bool {
        compare(options, expected.as_bytes(), actual.as_bytes()).is_none()
    }

    fn tolerant(absolute: f64, relative: f64) -> TokenOptions {
        TokenOptions {
            absolute_tolerance: Some(absolute),
            relative_tolerance: Some(relative),
            ..TokenOptions::default()
        }
    }

    #[test]
    fn white_space_and_case_count_only_where_asked() {
        let plain = TokenOptions::default();
        assert!(accepts(&plain, "1 2\n", "1\n\t2"));
        assert!(accepts(&plain, "Yes", "YES\n\n"));
        assert!(!accepts(&plain, "1 2", "12"));
        let case = TokenOptions {
            case_sensitive: true,
            ..plain
        };
        assert!(!accepts(&case, "Yes", "YES"));
        let space = TokenOptions {
            space_change_sensitive: true,
            ..plain
        };
        assert!(accepts(&space, "1 2\n", "1 2\n"));
        assert!(!accepts(&space, "1 2\n", "1  2\n"));
        assert!(!accepts(&space, "1 2\n", "1\n2\n"));
        assert!(!accepts(&space, "1 2\n", "1 2"));
        assert!(!accepts(&space, "1 2", "1 2\n"));
    }

    #[test]
    fn numbers_within_either_tolerance_are_equal() {
        let options = tolerant(1e-6, 1e-6);
        assert!(accepts(&options, "1000000", "1000001"));
        assert!(accepts(&options, "0", "1e-7"));
        assert!(!accepts(&options, "0", "1e-5"));
        assert!(accepts(&options, "0.5", ".5e0"));
        assert!(accepts(&options, "16", "0x1p4"));
        assert!(accepts(&options, "1.5", "+0X.18p+4"));
        assert!(!accepts(&options, "1", "one"));
        assert!(!accepts(&options, "1", "1x"));
        assert!(accepts(&options, "one", "ONE"));
        assert!(!accepts(&TokenOptions::default(), "1.0", "1"));
    }

    #[test]
    fn infinity_and_nan_are_text_where_expected_and_wrong_for_a_number() {
        let options = tolerant(1e9, 1e9);
        for word in ["inf", "-inf", "nan", "Infinity", "1e999", "NaN"] {
            assert!(accepts(&options, word, word), "{word}");
            assert!(!accepts(&options, "1", word), "{word}");
            assert!(!accepts(&options, word, "1"), "{word}");
        }
        assert!(accepts(&options, "INF", "inf"));
        assert!(!accepts(&options, "inf", "infinity"));
        assert!(accepts(&options, "0", "1e-999"));
    }

    #[test]
    fn half_numbers_are_no_numbers() {
        let numbers = [
            "1", "-1", "+1.", ".5", "1e5", "1E-5", "0x10", "0x.8", "0x1p-3",
        ];
        for text in numbers {
            assert!(parse_number(text.as_bytes()).is_some(), "{text}");
        }
        let words = [
            "", "-", ".", "e", ".e", "1ee", "1e+1.", "0x", "0x.", "0xp", "--1", "+-1", "1+", "1_0",
            "1e5.5", "é", "e5",
        ];
        for text in words {
            assert_eq!(parse_number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_number(b"0x1p4"), Some(16.0));
        assert_eq!(parse_number(b"0x1p99999999999"), None);
        assert_eq!(
            parse_number(format!("0x{}", "f".repeat(2_000)).as_bytes()),
            None
        );
    }

    #[test]
    fn the_end_is_told_apart() {
        let message = |expected: &str, actual: &str| {
            compare(
                &TokenOptions::default(),
                expected.as_bytes(),
                actual.as_bytes(),
            )
            .unwrap()
            .message
        };
        assert_eq!(message("1", " \n"), "there is no output");
        assert_eq!(message("1 2", "1"), "the output ends too early");
        assert_eq!(
            message("1", "1\n2"),
            "there is more output than expected, in line 2"
        );
        assert_eq!(
            message("1\n2", "1\n3"),
            "the output differs from the expected output in line 2"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_equal_themselves(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            case_sensitive: bool,
            space_change_sensitive: bool,
            tolerance in prop::option::of(-1.0..1.0f64),
        ) {
            let options = TokenOptions {
                case_sensitive,
                space_change_sensitive,
                relative_tolerance: tolerance,
                absolute_tolerance: tolerance,
            };
            prop_assert_eq!(compare(&options, &bytes, &bytes), None);
        }

        #[test]
        fn any_two_outputs_are_compared_without_a_panic(
            a in "[ \n0-9a-zA-Z.+-]{0,40}",
            b in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let _ = compare(&tolerant(0.1, 0.1), a.as_bytes(), &b);
            let _ = compare(&tolerant(0.1, 0.1), &b, a.as_bytes());
        }

        #[test]
        fn the_amount_of_white_space_does_not_count(tokens in prop::collection::vec("[a-z0-9]{1,5}", 0..10)) {
            prop_assert!(accepts(&TokenOptions::default(), &tokens.join(" "), &tokens.join("\n \t")));
        }

        #[test]
        fn an_absolute_tolerance_is_kept(wanted in -1e6..1e6f64, error in -2.0..2.0f64) {
            let given = wanted + error;
            let options = TokenOptions { absolute_tolerance: Some(1.0), ..TokenOptions::default() };
            let near = (wanted - given).abs() <= 1.0;
            prop_assert_eq!(accepts(&options, &format!("{wanted:?}"), &format!("{given:?}")), near);
        }

        #[test]
        fn decimal_numbers_are_read_as_rust_reads_them(value in any::<f64>()) {
            let read = parse_number(format!("{value:e}").as_bytes());
            prop_assert_eq!(read, value.is_finite().then_some(value));
        }
    }
}
