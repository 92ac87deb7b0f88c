//! Lines of a text that look as if they were meant as something else.
//!
//! They can be read, as text; a learner would see them. So their author is asked,
//! and says with a backslash, or with an empty line, that they are text.

mod keyword;
mod marker;

use super::line::{Entry, Fence, Line, Marker, form_of, known_keyword, split_keyword};
use super::problem::Problems;
use super::read;
use keyword::{header_slip, keyword_slip};
use marker::{blank_slip, heading_slip, option_slip};

pub(super) use keyword::near;

/// Most characters of a line that a hint repeats.
const SHOWN_MAX: usize = 60;
/// Leading blanks that make a line code.
const CODE_BLANKS: usize = 4;

/// What a line looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slip {
    /// Such as `an option`.
    pub(super) likeness: String,
    /// How what was meant is written.
    pub(super) meant: String,
    /// How the line stays text.
    way_out: String,
}

impl Slip {
    fn tell(&self, line: &Line<'_>, problems: &mut Problems) {
        let Self {
            likeness,
            meant,
            way_out,
        } = self;
        problems.push_slip(
            line.place(),
            format!("the line looks like {likeness}, and is text"),
            format!("did you mean `{meant}`? {way_out}"),
        );
    }
}

/// Tells of the slips in the text of a question. `is_below_heading`: the first
/// line stands directly below the heading and its keywords.
pub(super) fn report(lines: &[Line<'_>], is_below_heading: bool, problems: &mut Problems) {
    let mut fence = Fence::default();
    let mut after_blank = !is_below_heading;
    // Of a header that one slip ended, the keywords after it are no slips of their own.
    let mut in_header = false;
    for (index, line) in lines.iter().enumerate() {
        let is_covered = fence.covers(line.text);
        let starts_paragraph = std::mem::replace(&mut after_blank, line.is_blank());
        in_header &= !line.is_blank();
        if is_covered || line.is_blank() {
            continue;
        }
        let slip = if index == 0 && is_below_heading {
            let slip = header_slip(line.text).or_else(|| suspicious(line.text));
            in_header = slip.is_some();
            slip
        } else if starts_paragraph {
            suspicious(line.text)
        } else {
            line_slip(line.text)
        };
        if let Some(slip) = slip {
            slip.tell(line, problems);
        } else if !in_header && let Some((name, ..)) = known_keyword(line.text) {
            problems.push_slip(
                line.place(),
                format!("`{name}:` is part of the text above it"),
                format!("leave an empty line above it. {}", escaped(line.text)),
            );
        }
    }
}

/// Tells of answers in the introduction: those of a question whose heading is missing.
pub(super) fn report_introduction(
    lines: &[Line<'_>],
    starts_answers: impl Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let mut fence = Fence::default();
    let mut after_blank = true;
    for line in lines {
        let is_covered = fence.covers(line.text);
        let starts_paragraph = std::mem::replace(&mut after_blank, line.is_blank());
        if is_covered || line.is_blank() {
            continue;
        }
        let is_word = known_keyword(line.text).is_some();
        if starts_answers(line.text) && (starts_paragraph || !is_word) {
            problems.push_slip(
                line.place(),
                format!("`{}` stands before the first question", shown(line.text)),
                format!(
                    "a question begins with a heading `## Title {{#id}}`. {}",
                    escaped(line.text)
                ),
            );
        } else if let Some(slip) = suspicious(line.text) {
            slip.tell(line, problems);
        }
    }
}

/// Tells of a line after the answers that is none of them.
pub(super) fn report_stray(line: &Line<'_>, problems: &mut Problems) {
    let text = line.text;
    let likely = line_slip(text).or_else(|| header_slip(text));
    let (message, hint) = if let Some(Slip {
        likeness, meant, ..
    }) = likely
    {
        (
            format!("the line looks like {likeness}, and cannot be read"),
            format!("did you mean `{meant}`?"),
        )
    } else if text.starts_with('>') {
        (
            "feedback that belongs to no answer".to_owned(),
            "indent it by two blanks to make it feedback of the answer above: `  > …`".to_owned(),
        )
    } else if text.starts_with(' ') {
        (
            "the line is indented, but not by two blanks".to_owned(),
            "indent by two blanks what belongs to the line above".to_owned(),
        )
    } else if let Some(hint) = read::foreign_way_out(text) {
        (
            "here this is written in another way".to_owned(),
            hint.to_owned(),
        )
    } else if let Some(form) = split_keyword(text).and_then(|(name, ..)| form_of(name)) {
        (
            format!("`{}` cannot be read", shown(text)),
            format!("write `{form}`"),
        )
    } else if let Some((name, "", _)) = split_keyword(text) {
        (
            format!("there is no keyword `{name}`"),
            "docs/quiz-notation.md lists the keywords".to_owned(),
        )
    } else {
        (
            "text after the answers".to_owned(),
            "move it before the first answer, indent it by two blanks to go on with the line above, or make it `general: …`"
                .to_owned(),
        )
    };
    problems.push(line.place(), message, hint);
}

/// What a line that is text looks like, wherever it begins a paragraph. Such
/// lines are written with a backslash.
pub(super) fn suspicious(text: &str) -> Option<Slip> {
    keyword_slip(text).or_else(|| line_slip(text))
}

/// What a line that is text looks like, wherever it stands.
fn line_slip(text: &str) -> Option<Slip> {
    option_slip(text)
        .or_else(|| heading_slip(text))
        .or_else(|| blank_slip(text))
}

/// Keywords that may be said several times.
const REPEATED: [&str; 11] = [
    "tags", "file", "variable", "where", "hint", "unit", "blank", "bug", "line", "special", "pair",
];

/// Tells of keywords that are said twice: only one of the values would count.
pub(super) fn report_repeated(entries: &[Entry<'_>], problems: &mut Problems) {
    let mut seen: Vec<&str> = Vec::new();
    for entry in entries {
        let name = match entry.marker {
            Marker::Keyword { name, .. } if !REPEATED.contains(&name) => name,
            Marker::Block {
                info: info @ ("stdin" | "output"),
            } => info,
            _ => continue,
        };
        if seen.contains(&name) {
            problems.push_slip(
                entry.place,
                format!("`{name}` is said twice"),
                "keep one of them",
            );
        } else {
            seen.push(name);
        }
    }
}

fn escaped(text: &str) -> String {
    format!(
        "If it is text, begin the line with a backslash: `\\{}`",
        shown(text)
    )
}

/// A line as messages repeat it.
fn shown(text: &str) -> String {
    let text = text.trim_end();
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_honest_lines() {
        for (text, meant) in [
            ("shufle: no", "shuffle: no"),
            ("pionts: 2", "points: 2"),
            ("knid: essay", "kind: essay"),
            ("variabel a: 1 .. 2", "variable a: 1 .. 2"),
            ("variable: 1 .. 2", "variable name: 1 .. 2"),
            ("worng: -0.25", "wrong: -0.25"),
            ("pari 1 c: -0.25", "pair 1 c: -0.25"),
            ("speical 0.5: a b", "special 0.5: a b"),
            ("- [*] four", "- [x] four"),
            ("-(x) four", "- (x) four"),
            ("* ( ) four", "- ( ) four"),
            ("- () four", "- ( ) four"),
            ("- (x)four", "- (x) four"),
            ("  - (x) four", "- (x) four"),
            ("[ ] four", "- [ ] four"),
            ("*c) four", "- (x) four"),
            ("##Title {#a}", "## Title {#a}"),
            (" ## Title {#a}", "## Title {#a}"),
            ("=\u{a0}four", "= four"),
            ("-\u{a0}(x) four", "- (x) four"),
        ] {
            let slip = suspicious(text).unwrap_or_else(|| panic!("`{text}` is a slip"));
            assert_eq!(slip.meant, meant);
            assert!(slip.way_out.contains(&format!("`\\{text}`")), "{slip:?}");
        }
        for text in [
            "Note: read carefully",
            "note: read carefully",
            "code: `x = 1`",
            "example: 3",
            "https://example.org",
            "points 2: x",
            "where is it: here or there?",
            "Points: 2",
            "- (a) first",
            "- [link](https://example.org)",
            "- [x](https://example.org)",
            "-(x)+1",
            "*(x)*",
            "(x)",
            "    - (x) code",
            "#include <stdio.h>",
            "#### A heading",
            " ## A heading",
        ] {
            assert_eq!(suspicious(text), None, "`{text}`");
        }
    }

    #[test]
    fn words_of_sentences_are_no_slips() {
        for text in [
            "along: the road",
            "among: 3",
            "strong: 1",
            "bring: a pen",
            "wring: the towel",
            "wrong: a or b?",
            "parts: 2",
            "paths: 3",
            "pages: 4",
            "hairs: 5",
            "prices: 5",
            "rules: 2",
            "air pressure: 1 bar",
            "air pressure outside: 1",
            "fair share: half",
            "pair programming: two people",
            "spatial dimension: 3",
            "social class: x",
            "special characters: only \"_\" is allowed",
        ] {
            assert_eq!(suspicious(text), None, "`{text}`");
            assert_eq!(header_slip(text), None, "`{text}`");
            assert_eq!(known_keyword(text), None, "`{text}`");
        }
        for text in ["wrong: -0.25", "pairs: 0", "pair 1 c: -1", "special 0.5: a"] {
            assert!(known_keyword(text).is_some(), "`{text}`");
        }
        // What is no number is told where nothing but a keyword can be meant.
        assert!(header_slip("wrong: -25%").is_some());
    }

    #[test]
    fn below_a_heading_other_forms_are_slips_too() {
        for (text, meant) in [
            ("Points: 2", "points: 2"),
            ("points:2", "points: 2"),
            ("points = 2", "points: 2"),
            (" points: 2", "points: 2"),
            ("points：2", "points: 2"),
            ("Hints: count", "hint: count"),
        ] {
            let slip = header_slip(text).unwrap_or_else(|| panic!("`{text}` is a slip"));
            assert_eq!(slip.meant, meant);
            assert!(slip.way_out.contains("an empty line"), "{slip:?}");
        }
        for text in [
            "Note: read carefully",
            "line = input()",
            "file://a",
            "text::from(a)",
            "\tpoints: 2",
            "What is 2 + 2?",
        ] {
            assert_eq!(header_slip(text), None, "`{text}`");
        }
    }
}
