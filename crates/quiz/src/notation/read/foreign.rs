//! Answers as other notations write them: what to write here instead.

/// How an answer of text2qti, Aiken or GIFT is written here; `None` where a line looks like none.
pub(super) fn way_out(line: &str) -> Option<&'static str> {
    let line = line.trim();
    let bare = line.strip_prefix('*').unwrap_or(line);
    let mut letters = bare.chars();
    let is_lettered = letters
        .next()
        .is_some_and(|letter| letter.is_ascii_alphabetic())
        && letters.next().is_some_and(|sign| ").".contains(sign))
        && letters.next().is_some_and(char::is_whitespace);
    let is_line_of = |sign: char| line.len() >= 3 && line.chars().all(|letter| letter == sign);
    if is_lettered {
        Some(
            "write options as `- ( ) wrong` and `- (x) right`, with `[ ]` where several may be chosen",
        )
    } else if line.starts_with("* ") {
        Some("write answers that are typed as `= answer`")
    } else if is_line_of('_') {
        Some("say `kind: essay` below the heading, and take the line out")
    } else if is_line_of('^') {
        Some(
            "say `kind: essay` below the heading and `format: files only` below the text, and take the line out",
        )
    } else if ["{=", "{~", "{T}", "{F}", "{TRUE}", "{FALSE}", "{#"]
        .iter()
        .any(|sign| line.contains(sign))
        && line.ends_with('}')
    {
        Some("this looks like GIFT: `carrel course import` takes such files over")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::way_out;

    #[test]
    fn answers_of_others_are_known() {
        for (line, expected) in [
            ("a)  6", "- ( )"),
            ("*c) 5", "- (x)"),
            ("B. two", "- ( )"),
            ("*   Santa Claus", "= answer"),
            ("____", "kind: essay"),
            ("^^^^", "files only"),
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
        ] {
            assert_eq!(way_out(line), None, "{line}");
        }
    }
}
