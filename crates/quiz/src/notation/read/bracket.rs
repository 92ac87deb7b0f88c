//! Double brackets in a text that are no blanks, and most likely were meant as some.

use super::Body;
use super::blanks::SIGNS;
use crate::defect::is_id;
use crate::notation::line::Fence;
use crate::notation::problem::Problems;

/// Leading blanks that make a line code.
const CODE: &str = "    ";

/// `[[content]]` that is shown as it stands.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::notation) struct Stray<'a> {
    offset: usize,
    content: &'a str,
}

impl Stray<'_> {
    /// Tells of it, as a slip.
    pub(super) fn tell(&self, body: &Body<'_>, problems: &mut Problems) {
        problems.push_slip(body.place(self.offset), self.message(), self.hint());
    }

    /// Tells of a blank in a question that has other answers.
    pub(super) fn tell_beside_answers(&self, body: &Body<'_>, problems: &mut Problems) {
        let message = format!(
            "the blank `[[{}]]` is shown as it stands: the question has other answers",
            self.content
        );
        let hint = "take them away, or make two questions of it; if it is text, write a backslash before it or put it between back-ticks";
        problems.push_slip(body.place(self.offset), message, hint);
    }

    pub(super) fn place(&self, body: &Body<'_>) -> (usize, usize) {
        body.place(self.offset)
    }

    pub(super) fn message(&self) -> String {
        format!(
            "`[[{}]]` is no blank, and is shown as it stands",
            self.content
        )
    }

    pub(super) fn hint(&self) -> String {
        let content = self.content.trim();
        let text = "if it is text, write a backslash before it or put it between back-ticks";
        match content.chars().next() {
            Some(sign) if SIGNS.contains(&sign) => {
                let value = content[1..].trim();
                format!("leave a blank after the sign: `[[{sign} {value}]]`; {text}")
            }
            Some(_) => {
                let below = if is_id(content) {
                    format!(", or tell what is right below the text: `blank {content}:`")
                } else {
                    String::new()
                };
                format!(
                    "write `[[= {content}]]` for a text, `[[# 3]]` for a number, `[[? *right | wrong]]` for a choice{below}; {text}"
                )
            }
            None => format!("write what is right between them: `[[= Paris]]`; {text}"),
        }
    }
}

/// Double brackets that are neither blanks (with a sign, or told of by one of `ids`)
/// nor code, links or escaped.
pub(in crate::notation) fn find_stray<'a>(text: &'a str, ids: &[&str]) -> Vec<Stray<'a>> {
    find(text, |content| {
        !has_sign(content) && !ids.contains(&content)
    })
}

/// Blanks with a sign outside of code: text, where the question has other answers.
pub(in crate::notation) fn find_signed(text: &str) -> Vec<Stray<'_>> {
    find(text, has_sign)
}

fn find(text: &str, is_meant: impl Fn(&str) -> bool) -> Vec<Stray<'_>> {
    let mut stray = Vec::new();
    let mut fence = Fence::default();
    let mut offset = 0;
    for line in text.split('\n') {
        let is_code = fence.covers(line.trim_start()) || line.starts_with(CODE);
        if !is_code {
            let found = scan(line).into_iter();
            let found = found.filter(|(_, content)| is_meant(content));
            stray.extend(found.map(|(at, content)| Stray {
                offset: offset + at,
                content,
            }));
        }
        offset += line.len() + 1;
    }
    stray
}

/// Double brackets of one line outside of back-ticks.
fn scan(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(letter) = line[at..].chars().next() {
        let rest = &line[at..];
        at += match letter {
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '`' => code_length(rest),
            // The content holds no bracket that opens: only up to that one is searched.
            '[' if rest.starts_with("[[") => match inner(&rest[2..]).find("]]") {
                Some(length) => {
                    let end = length + 2;
                    let content = &rest[2..end];
                    let is_link = rest[end + 2..].starts_with('(');
                    if !is_link {
                        found.push((at, content));
                    }
                    end + 2
                }
                None => 1,
            },
            other => other.len_utf8(),
        };
    }
    found
}

/// A text up to the next bracket that opens.
fn inner(text: &str) -> &str {
    text.split('[').next().unwrap_or_default()
}

fn has_sign(content: &str) -> bool {
    let mut letters = content.chars();
    letters.next().is_some_and(|sign| SIGNS.contains(&sign)) && letters.next() == Some(' ')
}

/// Length of the code between back-ticks that a text starts with; of the
/// back-ticks alone where they are never closed.
fn code_length(text: &str) -> usize {
    let run = |text: &str| text.bytes().take_while(|byte| *byte == b'`').count();
    let length = run(text);
    let mut at = length;
    while let Some(next) = text[at..].find('`') {
        at += next;
        let closing = run(&text[at..]);
        at += closing;
        if closing == length {
            return at;
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, &str)> {
        let stray = find_stray(text, &["told"]);
        stray
            .iter()
            .map(|stray| (stray.offset, stray.content))
            .collect()
    }

    #[test]
    fn what_was_meant_as_a_blank_is_found() {
        assert_eq!(found("é [[Paris]]\nor [[=x]]"), [(3, "Paris"), (16, "=x")]);
        assert_eq!(found("[[]] and [[ ]]"), [(0, ""), (9, " ")]);
        assert_eq!(found("`a` [[Paris]] `b`"), [(4, "Paris")]);
        assert_eq!(found("`open [[Paris]]"), [(6, "Paris")]);
    }

    #[test]
    fn blanks_beside_answers_are_found() {
        let found =
            find_signed("a [[= b]] `[[= c]]` \\[[= d]] [[e]]\n```\n[[# 1]]\n```\n[[? *f | g]]");
        let contents: Vec<&str> = found.iter().map(|stray| stray.content).collect();
        assert_eq!(contents, ["= b", "? *f | g"]);
    }

    #[test]
    fn blanks_code_links_and_escaped_brackets_are_none() {
        for text in [
            "[[= a]], [[# 1]], [[? *a | b]] and [[told]]",
            "`[[1]]` and ``a ` [[1]]``",
            "```\n[[1]]\n```",
            "  ~~~\n  [[1]]\n  ~~~",
            "    [[1]]",
            "\\[[Paris]]",
            "[[Paris]](https://example.org)",
            "[[1, 2], [3, 4]]",
            "[[open",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
