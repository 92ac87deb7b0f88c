//! Byte by byte.

use super::{Lines, Mismatch, mismatch};

/// Compares byte by byte.
#[must_use]
pub fn compare(expected: &[u8], actual: &[u8]) -> Option<Mismatch> {
    if expected == actual {
        return None;
    }
    let same = expected
        .iter()
        .zip(actual)
        .take_while(|(a, b)| a == b)
        .count();
    let line = expected[..same]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    let message = match (expected.len() == same, actual.len() == same) {
        (true, _) => "the output goes on after the end of the expected output".to_owned(),
        (_, true) => "the output ends too early".to_owned(),
        _ => format!(
            "the output differs from the expected output in line {}",
            line + 1
        ),
    };
    Some(mismatch(
        message,
        expected,
        actual,
        Lines {
            expected: line,
            actual: line,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_counts() {
        assert_eq!(compare(b"a\n", b"a\n"), None);
        assert_eq!(compare(b"a\nb\n", b"a\nc\n").unwrap().difference.line, 2);
        assert!(compare(b"a\n", b"a").unwrap().message.contains("too early"));
        assert!(compare(b"a", b"a\n").unwrap().message.contains("goes on"));
        assert!(compare(b"a\n", b"a\r\n").is_some());
    }
}
