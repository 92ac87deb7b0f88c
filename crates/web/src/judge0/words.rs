//! Command lines as the shell splits them: `compiler_options` and `command_line_arguments`.

/// Characters that theirs takes out before a shell sees the text.
const REMOVED: &[char] = &['$', '&', ';', '<', '>', '|', '`'];

/// A quote that was opened and not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unbalanced;

/// Splits into words by the shell's quotes and backslashes. Nothing is expanded.
///
/// # Errors
/// A quote has no end.
pub(super) fn split(text: &str) -> Result<Vec<String>, Unbalanced> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars().filter(|letter| !REMOVED.contains(letter));
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        Some('\'') => break,
                        Some(letter) => word.push(letter),
                        None => return Err(Unbalanced),
                    }
                }
            }
            '"' => read_quoted(&mut letters, word.get_or_insert_default())?,
            '\\' => word.get_or_insert_default().extend(letters.next()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

fn read_quoted(
    letters: &mut impl Iterator<Item = char>,
    word: &mut String,
) -> Result<(), Unbalanced> {
    loop {
        match letters.next() {
            Some('"') => return Ok(()),
            Some('\\') => match letters.next() {
                Some(letter @ ('"' | '\\')) => word.push(letter),
                Some(letter) => word.extend(['\\', letter]),
                None => return Err(Unbalanced),
            },
            Some(letter) => word.push(letter),
            None => return Err(Unbalanced),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        for (text, words) in [
            ("", vec![]),
            ("  -O2\t-Wall ", vec!["-O2", "-Wall"]),
            (
                r#"a 'b c' "d \" e" f\ g"#,
                vec!["a", "b c", "d \" e", "f g"],
            ),
            (r#"-D'X=1'y "" z"#, vec!["-DX=1y", "", "z"]),
            (r#""a\n""#, vec![r"a\n"]),
            (
                "a; rm -rf $HOME | `b` > c",
                vec!["a", "rm", "-rf", "HOME", "b", "c"],
            ),
        ] {
            assert_eq!(split(text).unwrap(), words, "{text}");
        }
        assert_eq!(split("'a"), Err(Unbalanced));
        assert_eq!(split("\"a\\"), Err(Unbalanced));
    }
}
