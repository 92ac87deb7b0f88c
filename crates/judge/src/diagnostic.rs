//! Finds file and line of the first error in what a compiler or interpreter said.

use serde::Deserialize;

/// How one tool tells where an error is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// Text with `{file}`, `{line}` and `{column}` in it, such as `{file}:{line}:{column}: error`.
    /// Without `{file}` it speaks of the file that was looked at.
    pub text: String,
    /// Only what follows a line that starts with this counts
    /// (tools that write the place on another line than the word `error`).
    #[serde(default)]
    pub after: Option<String>,
}

/// Place of an error in one of the files that were given to the tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// File, as named by the caller; `None` where the tool names none.
    pub file: Option<String>,
    /// Line from 1; `None` where the tool tells none.
    pub line: Option<u64>,
}

/// The place of the first error that one of the patterns finds. Only files of
/// `files` count: messages may speak of a standard library or of the tool itself.
#[must_use]
pub fn locate(message: &str, patterns: &[Pattern], files: &[&str]) -> Option<Place> {
    let mut by_length: Vec<&str> = files.to_vec();
    by_length.sort_by_key(|file| std::cmp::Reverse(file.len()));
    let mut open: Vec<bool> = patterns
        .iter()
        .map(|pattern| pattern.after.is_none())
        .collect();
    for line in message.lines() {
        for (pattern, open) in patterns.iter().zip(&mut open) {
            if let Some(start) = &pattern.after
                && line.starts_with(start.as_str())
            {
                *open = true;
            }
            if *open && let Some(place) = match_line(line, &pattern.text, &by_length) {
                return Some(place);
            }
        }
    }
    None
}

/// Tries a pattern at every position of one line.
fn match_line(line: &str, pattern: &str, files: &[&str]) -> Option<Place> {
    line.char_indices()
        .find_map(|(at, _)| match_at(line, at, pattern, files))
}

/// Tries a pattern at one position.
fn match_at(line: &str, at: usize, pattern: &str, files: &[&str]) -> Option<Place> {
    let mut rest = &line[at..];
    let mut place = Place {
        file: None,
        line: None,
    };
    let mut left = pattern;
    while !left.is_empty() {
        if let Some(after) = left.strip_prefix("{file}") {
            let before = &line[..line.len() - rest.len()];
            let file = files
                .iter()
                .find(|file| rest.starts_with(**file) && begins_name(before))?;
            place.file = Some((*file).to_owned());
            rest = &rest[file.len()..];
            left = after;
        } else if let Some(after) = left.strip_prefix("{line}") {
            place.line = Some(take_number(&mut rest)?);
            left = after;
        } else if let Some(after) = left.strip_prefix("{column}") {
            take_number(&mut rest)?;
            left = after;
        } else {
            let literal = &left[..left[1..].find('{').map_or(left.len(), |end| end + 1)];
            rest = rest.strip_prefix(literal)?;
            left = &left[literal.len()..];
        }
    }
    Some(place)
}

/// A file name may begin here: `x.c` is not found in `ax.c`, but in `/work/x.c`.
fn begins_name(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+'))
}

/// Takes the decimal number at the start.
fn take_number(rest: &mut &str) -> Option<u64> {
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern {
            text: text.to_owned(),
            after: None,
        }
    }

    fn place(file: &str, line: u64) -> Option<Place> {
        Some(Place {
            file: Some(file.to_owned()),
            line: Some(line),
        })
    }

    #[test]
    fn gcc_warnings_before_the_error_do_not_count() {
        let message =
            "a.c: In function 'f':\na.c:3:5: warning: unused\na.c:7:1: error: expected ';'\n";
        let found = locate(
            message,
            &[pattern("{file}:{line}:{column}: error")],
            &["a.c"],
        );
        assert_eq!(found, place("a.c", 7));
    }

    #[test]
    fn python_traceback_names_the_learners_file_not_the_tool() {
        let message = "Traceback:\n  File \"<string>\", line 1, in <module>\n  File \"x.py\", line 12\n    def\n";
        let found = locate(
            message,
            &[pattern("File \"{file}\", line {line}")],
            &["x.py"],
        );
        assert_eq!(found, place("x.py", 12));
    }

    #[test]
    fn rustc_place_follows_the_word_error() {
        let message = "warning: unused\n --> main.rs:1:5\nerror[E0425]: no\n --> main.rs:9:2\n";
        let arrow = Pattern {
            text: "--> {file}:{line}:{column}".to_owned(),
            after: Some("error".to_owned()),
        };
        assert_eq!(locate(message, &[arrow], &["main.rs"]), place("main.rs", 9));
    }

    #[test]
    fn the_longest_file_name_wins_and_parts_of_names_do_not_match() {
        let patterns = [pattern("{file}:{line}")];
        assert_eq!(
            locate("/work/src/b.c:4: no", &patterns, &["b.c", "src/b.c"]),
            place("src/b.c", 4)
        );
        assert_eq!(locate("ab.c:4: no", &patterns, &["b.c"]), None);
    }

    #[test]
    fn a_pattern_without_file_leaves_it_open() {
        let found = locate(
            "Parse error near line 3: no",
            &[pattern("near line {line}")],
            &["q.sql"],
        );
        assert_eq!(
            found,
            Some(Place {
                file: None,
                line: Some(3)
            })
        );
    }

    #[test]
    fn absurd_numbers_and_empty_messages_are_no_places() {
        let patterns = [pattern("{file}:{line}")];
        assert_eq!(
            locate("a.c:99999999999999999999999", &patterns, &["a.c"]),
            None
        );
        assert_eq!(locate("", &patterns, &["a.c"]), None);
    }
}
