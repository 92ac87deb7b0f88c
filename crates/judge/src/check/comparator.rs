//! Comparing an output with the expected one.

pub mod exact;
pub mod lines;
pub mod tokens;

use carrel_model::challenge::Comparator;
use carrel_model::result::Difference;

use crate::text;

/// Most characters of either side of a difference.
const SHOWN_CHARACTERS_MAX: usize = 400;
/// Lines shown from the first difference on.
const SHOWN_LINES: usize = 3;

/// Where an output first differs from the expected one.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// What is wrong, without telling anything of the expected output.
    pub message: String,
    /// The two texts at that place.
    pub difference: Difference,
}

/// Compares; `None`: they are equal in the sense of the comparator.
#[must_use]
pub fn compare(comparator: &Comparator, expected: &[u8], actual: &[u8]) -> Option<Mismatch> {
    match comparator {
        Comparator::Exact => exact::compare(expected, actual),
        Comparator::Lines { case_sensitive } => lines::compare(*case_sensitive, expected, actual),
        Comparator::Tokens(options) => tokens::compare(options, expected, actual),
    }
}

/// A line of the expected output and the line of the actual one that it was held against, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lines {
    pub(crate) expected: usize,
    pub(crate) actual: usize,
}

/// A mismatch with the text from these lines on.
pub(crate) fn mismatch(message: String, expected: &[u8], actual: &[u8], at: Lines) -> Mismatch {
    Mismatch {
        message,
        difference: Difference {
            line: at.actual as u64 + 1,
            expected: excerpt(expected, at.expected),
            actual: excerpt(actual, at.actual),
        },
    }
}

fn excerpt(bytes: &[u8], line: usize) -> String {
    let lines: Vec<&[u8]> = bytes
        .split(|byte| *byte == b'\n')
        .skip(line)
        .take(SHOWN_LINES)
        .collect();
    let shown = text::readable(&lines.join(&b'\n'), SHOWN_CHARACTERS_MAX);
    shown.trim_end_matches('\n').to_owned()
}

/// Equal but for upper and lower case: of all letters where both are UTF-8, else of ASCII ones.
pub(crate) fn equal_without_case(a: &[u8], b: &[u8]) -> bool {
    if a.eq_ignore_ascii_case(b) {
        return true;
    }
    if a.is_ascii() || b.is_ascii() {
        return false;
    }
    match (str::from_utf8(a), str::from_utf8(b)) {
        (Ok(a), Ok(b)) => a.to_lowercase() == b.to_lowercase(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_beyond_ascii_have_case_too() {
        assert!(equal_without_case("ÄÖ".as_bytes(), "äö".as_bytes()));
        assert!(equal_without_case(b"\xffA", b"\xffa"));
        assert!(!equal_without_case(b"\xffA", b"\xfea"));
        assert!(!equal_without_case(b"k", "\u{212a}".as_bytes()));
    }

    #[test]
    fn an_excerpt_is_short_and_harmless() {
        assert_eq!(excerpt(b"a\nb\nc\nd\ne", 1), "b\nc\nd");
        assert_eq!(excerpt(b"\x1b[2J", 0), "\u{fffd}[2J");
        assert_eq!(excerpt(b"a", 7), "");
        assert!(excerpt(&[b'x'; 10_000], 0).chars().count() <= SHOWN_CHARACTERS_MAX);
    }
}
