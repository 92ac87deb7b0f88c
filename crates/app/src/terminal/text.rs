//! Hostile text made fit for a terminal: what a learner's program printed may
//! hold escape sequences that would move the cursor, retitle the window or hide text.

use carrel_model::quantity::number_of;

/// The text with every control and direction-changing character escaped; line ends and tabs stay.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '\n' || letter == '\t' {
            safe.push(letter);
        } else if letter.is_control() || changes_direction(letter) {
            safe.extend(letter.escape_unicode());
        } else {
            safe.push(letter);
        }
    }
    safe
}

/// Bidirectional controls (Unicode Standard Annex 9 §2), which can make a line read as another.
fn changes_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// At most this many lines; says how many were left out.
#[must_use]
pub fn first_lines(text: &str, lines_max: usize) -> Vec<String> {
    let all: Vec<&str> = text.trim_end().lines().collect();
    let mut kept: Vec<String> = all
        .iter()
        .take(lines_max)
        .map(|line| (*line).to_owned())
        .collect();
    if all.len() > lines_max {
        let more = number_of(all.len() - lines_max, "more line", "more lines");
        kept.push(format!("… {more}"));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stay_visible() {
        assert_eq!(
            printable("a\u{1b}[31mb\r\n\tc\u{202e}"),
            "a\\u{1b}[31mb\\u{d}\n\tc\\u{202e}"
        );
    }

    #[test]
    fn long_text_is_cut_and_said_so() {
        assert_eq!(first_lines("a\nb\nc\n", 2), ["a", "b", "… 1 more line"]);
        assert_eq!(first_lines("a\nb\n", 2), ["a", "b"]);
    }
}
