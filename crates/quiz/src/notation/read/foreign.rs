//! Questions as other notations write them: what to write here instead.

/// How a line of text2qti, Aiken or GIFT is written here; `None` where a line looks like none.
pub(in crate::notation) fn way_out(line: &str) -> Option<&'static str> {
    let line = line.trim();
    let is_line_of = |sign: char| line.len() >= 3 && line.chars().all(|letter| letter == sign);
    if is_lettered(line) {
        Some(
            "write options as `- ( ) wrong` and `- (x) right`, with `[ ]` where several may be chosen",
        )
    } else if line.starts_with("[*]") || line.starts_with("[ ]") || line.starts_with("[]") {
        Some("write options as `- [ ] wrong` and `- [x] right`")
    } else if follows(line, "*") {
        Some("write answers that are typed as `= answer`")
    } else if follows(line, "...") {
        Some(
            "write feedback for every answer as `general: …` below the answers, that of one option below it, indented by two blanks: `  > …`",
        )
    } else if is_line_of('_') {
        Some("say `kind: essay` below the heading, and take the line out")
    } else if is_line_of('^') {
        Some(
            "say `kind: essay` below the heading and `format: files only` below the text, and take the line out",
        )
    } else if ["GROUP", "END_GROUP"].contains(&line) {
        Some(
            "a group is a pool: a heading `## Title {#id draw=1}`, and its questions below it as `### Title {#id}`",
        )
    } else if line.starts_with("ANSWER: ") {
        Some(
            "write options as `- ( ) wrong` and `- (x) right`; `carrel course import` takes files of Aiken over",
        )
    } else if ["{=", "{~", "{T}", "{F}", "{TRUE}", "{FALSE}", "{#"]
        .iter()
        .any(|sign| line.contains(sign))
        && line.ends_with('}')
        && !line.starts_with('#')
    {
        Some("this looks like GIFT: `carrel course import` takes such files over")
    } else {
        None
    }
}

/// The same of lines that mean something there, and may well be text where no other line does.
pub(in crate::notation) fn way_out_among_others(line: &str) -> Option<&'static str> {
    let trimmed = line.trim();
    let digits = trimmed.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let is_numbered = digits.len() < trimmed.len() && follows(digits, ".");
    let word = trimmed.split_once(':').map(|(word, _)| word.to_lowercase());
    let of_word = match word.as_deref() {
        Some("quiz title") => Some("write `title = \"…\"` in the front matter"),
        Some("quiz description") => {
            Some("write it without `Quiz description:` below the front matter")
        }
        Some("title" | "text title") => {
            Some("a question begins with a heading, which holds its title: `## Title {#id}`")
        }
        Some("text") => Some("a text between questions is a question of `kind: description`"),
        Some("points") => Some("write `points: 2` directly below the heading"),
        Some("pick") => Some("say it in the heading of the pool: `## Title {#id draw=1}`"),
        Some("points per question") => {
            Some("say it in the heading of the pool: `## Title {#id draw=1 points=2}`")
        }
        Some("shuffle answers") => {
            Some("options are shuffled; `shuffle: no` below them leaves them in place")
        }
        Some("one question at a time" | "can't go back") => {
            Some("write `sequential = true` in the front matter")
        }
        Some("show correct answers") => {
            Some("write a table `[review]` in the front matter: docs/quiz-notation.md")
        }
        _ => None,
    };
    if of_word.is_some() {
        of_word
    } else if is_numbered {
        Some("a question begins with a heading `## Title {#id}`, and its text stands below it")
    } else if follows(trimmed, "+") {
        Some("write feedback for a right answer as `correct: …` below the answers")
    } else if follows(trimmed, "-") {
        Some("write feedback for a wrong answer as `incorrect: …` below the answers")
    } else {
        None
    }
}

/// Whether a line is a sign, and something after a blank.
fn follows(line: &str, sign: &str) -> bool {
    line.strip_prefix(sign)
        .is_some_and(|rest| rest.starts_with([' ', '\t']))
}

/// `a) text`, `*a) text`, `A. text`.
fn is_lettered(line: &str) -> bool {
    let mut letters = line.strip_prefix('*').unwrap_or(line).chars();
    letters
        .next()
        .is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.next().is_some_and(|sign| ").".contains(sign))
        && letters.next().is_some_and(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_others_are_known() {
        for (line, expected) in [
            ("a)  6", "- ( )"),
            ("*c) 5", "- (x)"),
            ("B. two", "- ( )"),
            ("[*] T. rex", "- [x]"),
            ("*   Santa Claus", "= answer"),
            ("... No.", "general: …"),
            ("____", "kind: essay"),
            ("^^^^", "files only"),
            ("GROUP", "draw=1"),
            ("ANSWER: B", "Aiken"),
            ("Who? {=Grant ~Lee}", "GIFT"),
        ] {
            let told = way_out(line).unwrap_or_else(|| panic!("{line}"));
            assert!(told.contains(expected), "{line}: {told}");
        }
        for line in [
            "What is it?",
            "a b",
            "__",
            "*emphasis*",
            "{1, 2}",
            "I.e. this",
            "1. one",
            "... ",
            "#### Heading {#a}",
        ] {
            assert_eq!(way_out(line), None, "{line}");
        }
    }

    #[test]
    fn beside_them_more_is_known() {
        for (line, expected) in [
            ("1.  What is 2+3?", "## Title {#id}"),
            ("Quiz title: Addition", "front matter"),
            ("Points: 2", "points: 2"),
            ("pick: 1", "draw=1"),
            ("+   Well done", "correct: …"),
            ("-   No", "incorrect: …"),
        ] {
            let told = way_out_among_others(line).unwrap_or_else(|| panic!("{line}"));
            assert!(told.contains(expected), "{line}: {told}");
        }
        assert_eq!(way_out_among_others("What is it?"), None);
    }
}
