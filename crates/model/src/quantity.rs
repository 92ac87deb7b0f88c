//! Numbers with their nouns, as English writes them.

use std::fmt::Display;

/// The noun that goes with a number: `file` with 1, `files` with all others.
#[must_use]
pub fn noun<'a, N: Copy + PartialEq + From<u8>>(number: N, one: &'a str, many: &'a str) -> &'a str {
    if number == N::from(1) { one } else { many }
}

/// A number with its noun: `1 file`, `3 files`.
#[must_use]
pub fn number_of<N: Copy + Display + PartialEq + From<u8>>(
    number: N,
    one: &str,
    many: &str,
) -> String {
    format!("{number} {}", noun(number, one, many))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_as_one() {
        assert_eq!(number_of(0_usize, "file", "files"), "0 files");
        assert_eq!(number_of(1_u64, "file", "files"), "1 file");
        assert_eq!(number_of(2_u32, "try", "tries"), "2 tries");
        assert_eq!(number_of(1.0, "point", "points"), "1 point");
        assert_eq!(noun(0.5, "point", "points"), "points");
    }
}
