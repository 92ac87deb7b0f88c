//! Numbers with their nouns, as English writes them.

use std::fmt::Display;

/// A number with its noun: `1 try`, `3 tries`.
pub(crate) fn number_of<N: Copy + Display + PartialEq + From<u8>>(
    number: N,
    one: &str,
    many: &str,
) -> String {
    format!("{number} {}", noun(number, one, many))
}

/// The noun that goes with a number.
pub(crate) fn noun<'a, N: Copy + PartialEq + From<u8>>(
    number: N,
    one: &'a str,
    many: &'a str,
) -> &'a str {
    if number == N::from(1) { one } else { many }
}

/// The whole of a number: `the only try was`, `all 3 tries were`.
pub(crate) fn all_of(number: u32, one: &str, many: &str) -> String {
    match number {
        1 => format!("the only {one}"),
        more => format!("all {more} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::attempt::AttemptError;

    #[test]
    fn one_is_told_as_one() {
        let told = |error: AttemptError| error.to_string();
        let hint = |tries, used| told(AttemptError::HintNotDue { tries, used });
        assert_eq!(hint(1, 0), "the hint can be taken after 1 try; 0 were made");
        assert_eq!(
            hint(2, 1),
            "the hint can be taken after 2 tries; 1 was made"
        );
        let used = |tries| told(AttemptError::NoTriesLeft { tries });
        assert_eq!(used(1), "the only try was used");
        assert_eq!(used(3), "all 3 tries were used");
        let made = told(AttemptError::NoAttemptsLeft { attempts: 1 });
        assert_eq!(made, "the only attempt was made");
    }
}
