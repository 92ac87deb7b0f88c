//! A lesson: Markdown below TOML front matter.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::Lesson;
use crate::document::Document;
use crate::placed::Placed;
use crate::problem::{Problem, Problems};
use crate::raw::LessonFile;
use crate::slug::{self, is_slug};

/// Largest lesson file, bytes.
pub const LESSON_BYTES_MAX: u64 = 1 << 20;
/// Line above and below the front matter.
const FENCE: &str = "+++";
/// Longest time that is taken for one, minutes.
const MINUTES_MAX: u32 = 1_000;

/// Whether a file begins as one with front matter does.
pub(super) fn has_front_matter(path: &Path) -> bool {
    let mut start = [0; 8];
    let length = File::open(path).and_then(|mut file| file.read(&mut start));
    let Ok(length) = length else { return false };
    let start = start[..length]
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&start[..length]);
    start.starts_with(b"+++\n") || start.starts_with(b"+++\r\n")
}

/// Reads a lesson file; `path` is relative to the course.
pub(super) fn read(full: &Path, path: &str, problems: &mut Problems) -> Option<Lesson> {
    let text = read_text(full, LESSON_BYTES_MAX, problems)?;
    parse(&text, full, path, problems)
}

/// Reads a file of UTF-8 text within a bound.
pub(super) fn read_text(full: &Path, bytes_max: u64, problems: &mut Problems) -> Option<String> {
    let mut bytes = Vec::new();
    let read = File::open(full).and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        problems.push_path(full, format!("cannot be read: {error}"), "");
        return None;
    }
    if bytes.len() as u64 > bytes_max {
        problems.push_path(
            full,
            format!("is larger than {bytes_max} bytes"),
            "split it",
        );
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            problems.push(Problem {
                path: full.to_owned(),
                line: Some(1 + valid.iter().filter(|byte| **byte == b'\n').count()),
                column: None,
                message: "is not UTF-8 text".to_owned(),
                hint: Some("save the file as UTF-8".to_owned()),
            });
            None
        }
    }
}

/// Front matter and text; `None` for the front matter where there is none or it does not end.
fn split(text: &str) -> Option<(&str, &str)> {
    let first = text.split_inclusive('\n').next()?;
    if first.trim_end() != FENCE {
        return None;
    }
    let mut at = first.len();
    for line in text[at..].split_inclusive('\n') {
        if line.trim_end() == FENCE {
            return Some((&text[first.len()..at], &text[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

/// Parses the text of a lesson file.
fn parse(text: &str, full: &Path, path: &str, problems: &mut Problems) -> Option<Lesson> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some((front, markdown)) = split(text) else {
        let (message, hint) = if text.starts_with(FENCE) {
            (
                "its front matter does not end",
                "close it with a line `+++`",
            )
        } else {
            (
                "has no front matter",
                "begin the file with a line `+++`, id = \"…\", title = \"…\", and a line `+++`",
            )
        };
        problems.push(Problem {
            path: full.to_owned(),
            line: Some(1),
            column: Some(1),
            message: message.to_owned(),
            hint: Some(hint.to_owned()),
        });
        return None;
    };
    // The line of the fence counts, so that places are those in the file.
    let mut document = Document::new(full.to_owned(), format!("\n{front}"));
    let file: LessonFile = document.parse(problems)?;
    let mut require = |value: Option<&Placed<String>>, key: &str, hint: &str| match value {
        Some(text) if !text.value.trim().is_empty() => Some(text.value.clone()),
        Some(text) => {
            let message = format!("`{key}` is empty");
            problems.push(document.describe(Some(text.span.clone()), message, hint));
            None
        }
        None => {
            if !document.was_refused(key) {
                let message = format!("`{key}` is missing");
                problems.push(document.describe(Some(0..0), message, hint));
            }
            None
        }
    };
    let id = require(
        file.id.as_ref(),
        "id",
        "a short name that never changes, such as `loops`",
    );
    let title = require(file.title.as_ref(), "title", "what learners see");
    check_values(&document, &file, problems);
    Some(Lesson {
        id: id?,
        title: title?,
        path: path.to_owned(),
        summary: file.summary.map(|summary| summary.value),
        minutes: file.minutes.map(|minutes| minutes.value),
        markdown: markdown.to_owned(),
        // The two fences stand around the front matter.
        first_line: front.matches('\n').count() + 3,
    })
}

fn check_values(document: &Document, file: &LessonFile, problems: &mut Problems) {
    if let Some(id) = &file.id
        && !id.value.trim().is_empty()
        && !is_slug(&id.value)
    {
        let message = format!("`{}` is not an id", id.value);
        problems.push(document.describe(Some(id.span.clone()), message, slug::HINT));
    }
    if let Some(minutes) = &file.minutes {
        let what = "the minutes that reading takes";
        check_minutes(document, minutes, what, problems);
    }
}

/// Checks how long something takes; `what` says in words what it is.
pub(super) fn check_minutes(
    document: &Document,
    minutes: &Placed<u32>,
    what: &str,
    problems: &mut Problems,
) {
    if !(1..=MINUTES_MAX).contains(&minutes.value) {
        let message = format!("`minutes` is {}", minutes.value);
        let hint = format!("{what}, 1 to {MINUTES_MAX}");
        problems.push(document.describe(Some(minutes.span.clone()), message, &hint));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::markdown::Outline;

    fn read(text: &str) -> (Option<Lesson>, String) {
        let mut problems = Problems::new();
        let lesson = parse(text, Path::new("a.md"), "a.md", &mut problems);
        (lesson, problems.to_string())
    }

    #[test]
    fn front_matter_and_text_are_told_apart() {
        let text = "\u{feff}+++\r\nid = 'a'\r\ntitle = 'A'\r\nminutes = 5\r\n+++\r\n# A\r\n+++\r\n";
        let (lesson, problems) = read(text);
        let lesson = lesson.unwrap();
        assert_eq!(problems, "");
        assert_eq!((lesson.id.as_str(), lesson.title.as_str()), ("a", "A"));
        assert_eq!(lesson.markdown, "# A\r\n+++\r\n");
        assert_eq!(lesson.minutes, Some(5));
        assert_eq!(lesson.first_line, 6);
    }

    #[test]
    fn places_are_those_of_the_file() {
        let (lesson, problems) = read("+++\nid = 'Not An Id'\n\nminutes = 0\ntitel = 'A'\n+++\n");
        assert!(lesson.is_none());
        for expected in [
            "a.md:2:6: `Not An Id` is not an id",
            "a.md:4:11: `minutes` is 0",
            "a.md:5:1: unknown key `titel`\n  hint: did you mean `title`?",
            "a.md:1:1: `title` is missing",
        ] {
            assert!(
                problems.contains(expected),
                "{expected} not in:\n{problems}"
            );
        }
    }

    const WHOLE: &str = "+++\nid = 'a'\ntitle = 'A'\nsummary = 'S'\nminutes = 5\n+++\n# A {#a}\n\n[b](c.md#d) ![e](f.png) $x$\n";

    proptest! {
        /// Whatever a file holds: a lesson or a problem, and a text whose outline can be read.
        #[test]
        fn fuzz_lesson(text in carrel_fuzz::damaged_text(&[WHOLE], &["+++\n", "\r\n", "\u{feff}", "[[", "](", "{#", "$$", "> [!NOTE]"])) {
            let (lesson, problems) = read(&text);
            prop_assert!(lesson.is_some() || !problems.is_empty(), "nothing, and no reason");
            if let Some(lesson) = lesson {
                prop_assert!(text.ends_with(&lesson.markdown));
                let before = &text[..text.len() - lesson.markdown.len()];
                // A file may end with its fence, and then has no text to count lines for.
                if !lesson.markdown.is_empty() {
                    prop_assert_eq!(before.matches('\n').count() + 1, lesson.first_line);
                }
                for reference in Outline::read(&lesson.markdown).references {
                    prop_assert!(lesson.markdown.is_char_boundary(reference.offset));
                }
            }
        }
    }

    #[test]
    fn front_matter_that_is_missing_or_open_is_told() {
        assert!(read("# A\n").1.contains("a.md:1:1: has no front matter"));
        assert!(
            read("+++\nid='a'\n")
                .1
                .contains("a.md:1:1: its front matter does not end")
        );
        assert!(read("").1.contains("has no front matter"));
    }
}
