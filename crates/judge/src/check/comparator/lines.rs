//! Line by line: blanks at the ends of lines and blank lines at both ends do not count.

use super::{Lines, Mismatch, equal_without_case, mismatch};

/// Compares line by line.
#[must_use]
pub fn compare(case_sensitive: bool, expected: &[u8], actual: &[u8]) -> Option<Mismatch> {
    let (expected_start, expected_lines) = trimmed_lines(expected);
    let (actual_start, actual_lines) = trimmed_lines(actual);
    let equal = |a: &[u8], b: &[u8]| {
        if case_sensitive {
            a == b
        } else {
            equal_without_case(a, b)
        }
    };
    let pairs = expected_lines.iter().zip(&actual_lines);
    let same = pairs.take_while(|(a, b)| equal(a, b)).count();
    let at = Lines {
        expected: expected_start + same,
        actual: actual_start + same,
    };
    let message = match (expected_lines.len() == same, actual_lines.len() == same) {
        (true, true) => return None,
        (true, false) => "the output goes on after the end of the expected output".to_owned(),
        (false, true) if actual_lines.is_empty() => "there is no output".to_owned(),
        (false, true) => "the output ends too early".to_owned(),
        (false, false) => {
            format!(
                "the output differs from the expected output in line {}",
                at.actual + 1
            )
        }
    };
    Some(mismatch(message, expected, actual, at))
}

/// The lines without trailing blanks, from the first to the last that is not
/// blank, and how many blank ones came before.
fn trimmed_lines(text: &[u8]) -> (usize, Vec<&[u8]>) {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').map(trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|line| line.is_empty()).count();
    (blank, lines.split_off(blank))
}

/// Cuts off spaces, tabs, carriage returns, vertical tabs and form feeds.
fn trim_end(line: &[u8]) -> &[u8] {
    let keep = line
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c));
    &line[..keep.map_or(0, |last| last + 1)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_at_the_ends_do_not_count_those_inside_do() {
        assert_eq!(compare(true, b"a b\nc\n", b"\n\na b  \r\nc\n\n \n"), None);
        assert!(compare(true, b"a b", b"a  b").is_some());
        assert!(compare(true, b"a\n\nb", b"a\nb").is_some());
        assert!(compare(true, b"a", b" a").is_some());
    }

    #[test]
    fn case_counts_only_where_asked() {
        assert_eq!(compare(false, b"Yes", b"yES"), None);
        assert_eq!(compare(true, b"Yes", b"yES").unwrap().difference.line, 1);
    }

    #[test]
    fn the_line_told_is_that_of_the_learners_output() {
        let found = compare(true, b"a\nb\nc", b"\n\na\nb\nx").unwrap();
        assert_eq!(found.difference.line, 5);
        assert_eq!(found.difference.expected, "c");
        assert_eq!(found.difference.actual, "x");
        assert_eq!(
            compare(true, b"a", b" \n").unwrap().message,
            "there is no output"
        );
    }

    proptest! {
        #[test]
        fn any_output_equals_itself_with_blanks_added(lines in prop::collection::vec("[a-z ]{0,6}", 0..8)) {
            let text = lines.join("\n");
            let padded: String = lines.iter().map(|line| format!("{line} \t\r\n")).collect();
            prop_assert_eq!(compare(true, text.as_bytes(), format!("\n{padded}\n").as_bytes()), None);
        }

        #[test]
        fn a_changed_visible_byte_is_found(text in "[a-z\n]{1,40}", at in 0usize..40) {
            let mut other = text.clone().into_bytes();
            let at = at % other.len();
            prop_assume!(other[at] != b'\n');
            other[at] = b'X';
            prop_assert!(compare(true, text.as_bytes(), &other).is_some());
        }
    }
}
