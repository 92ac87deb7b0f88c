//! The Markdown notation of quizzes: `docs/quiz-notation.md` tells it to authors.
//!
//! [`parse`] collects every problem with line and column. [`write()`] writes
//! anything that [`crate::defect::find`] has no errors for, so that reading it
//! again gives the same quiz; [`format()`] is both, one after the other.

mod attribute;
mod document;
mod front_matter;
mod line;
mod place;
mod problem;
mod read;
mod rich;
mod slip;
mod words;
mod write;

use std::borrow::Cow;

use crate::defect::{self, Defect, Severity};
use crate::limits::NOTATION_BYTES_MAX;
use crate::quiz::Quiz;

pub use front_matter::FrontMatter;
pub use place::Places;
pub use problem::{Problem, Problems};
pub use write::write;

/// A quiz with what its author should look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The quiz.
    pub quiz: Quiz,
    /// Where questions and their parts stand.
    pub places: Places,
    /// What most likely is not what its author meant: refused when a quiz is checked,
    /// and read as it was by whoever has to go on with a quiz that learners see.
    pub slips: Problems,
    /// What is odd, though the quiz can be used.
    pub warnings: Problems,
}

/// Reads a quiz; `file_name` is what problems name.
///
/// # Errors
/// Every problem and every slip found, with line and column.
pub fn parse(text: &str, file_name: &str) -> Result<Quiz, Problems> {
    let parsed = parse_with_places(text, file_name)?;
    if parsed.slips.is_empty() {
        Ok(parsed.quiz)
    } else {
        Err(parsed.slips)
    }
}

/// Reads a quiz, and tells where things stand, what is a slip and what is odd.
///
/// # Errors
/// Every problem found, with line and column; slips beside them.
pub fn parse_with_places(text: &str, file_name: &str) -> Result<Parsed, Problems> {
    let mut problems = Problems::new(file_name);
    if text.len() > NOTATION_BYTES_MAX {
        problems.push(
            (1, 1),
            format!("the file is larger than {NOTATION_BYTES_MAX} bytes"),
            "split it into several quizzes",
        );
        return Err(problems);
    }
    if text.contains('\r') && !text.contains('\n') {
        problems.push(
            (1, 1),
            "the lines of the file end with carriage returns only",
            "save it with line ends of Unix or Windows",
        );
        return Err(problems);
    }
    let mut places = Places::default();
    let quiz = document::read(&unify(text), &mut problems, &mut places);
    let mut warnings = Problems::new(file_name);
    // Defects of what could not be read would only be consequences.
    if problems.is_empty() {
        for defect in defect::find(&quiz) {
            let place = places.find(&defect);
            let message = message_of(&defect);
            match defect.severity {
                Severity::Error => problems.push(place, message, defect.hint),
                Severity::Slip => problems.push_slip(place, message, defect.hint),
                Severity::Warning => warnings.push(place, message, defect.hint),
            }
        }
    }
    if problems.is_empty() {
        return Ok(Parsed {
            quiz,
            places,
            slips: problems.take_slips().with_slips(),
            warnings: warnings.with_slips(),
        });
    }
    Err(problems.with_slips())
}

fn message_of(defect: &Defect) -> String {
    match (&defect.question, defect.part.as_str()) {
        (Some(question), "") => format!("question `{question}`: {}", defect.message),
        (Some(question), part) => format!("question `{question}`, {part}: {}", defect.message),
        (None, _) => defect.message.clone(),
    }
}

/// Reads a quiz and writes it again, in the one way that [`write()`] has. The front matter is
/// left as it is: its order and comments are the author's.
///
/// # Errors
/// Every problem found, with line and column.
pub fn format(text: &str, file_name: &str) -> Result<String, Problems> {
    let quiz = parse(text, file_name)?;
    let unified = unify(text);
    Ok(match front_matter::find(&unified) {
        Some(front) => write::write_below(front, &quiz),
        // A quiz that could be read has one.
        None => write(&quiz),
    })
}

/// A text without the mark of its encoding, and with the line ends of this system.
fn unify(text: &str) -> Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Only files of another system have carriage returns; a copy is made for them alone.
    if text.contains("\r\n") {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{parse, write};

    /// The document itself, and one file with most of what it tells of.
    const DOCUMENT: &str = include_str!("../../../docs/quiz-notation.md");
    const QUIZ: &str = "+++\nid = \"q\"\ntitle = \"Q\"\n[review]\nduring = []\n+++\n\n## A {#a}\n\n[[= a | b]] and [[c]]\n\nblank c: {number weight=2}\n  = {score=0.5} 3 +- 5%\n    > No.\n\n## P {#p draw=1}\n\n### B {#b}\nkind: tracing\n\nWhat?\n\n```py source\nx\n```\n\n```output\n1\n```\n\n### C {#c}\nkind: matching\nvariable n: 1 .. 3\n\nMatch.\n\n- a => b\n- => {{n}}\n\nhint: {cost=0.1} No.\n\n## D {#d}\n\nWhich?\n\n- [x] {fixed} a\n  > b\n  >! c\n- [ ] d\n\nchoose: 1..2\n";

    /// Words that mean something.
    const PIECES: [&str; 24] = [
        "+++\n",
        "## X {#x}\n",
        "### X {#x draw=1}\n",
        "\n- (x) y",
        "\n- [ ] z",
        "\n= w",
        "kind: numeric\n",
        "[[= ",
        "]]",
        "{{",
        "}}",
        "\n  > f",
        "```source\n",
        "{exact} \"",
        "\\",
        "\n\n",
        " => ",
        "variable n: 1 .. 2\n",
        "pionts: 2\n",
        "\n- [*] x",
        "##Y\n",
        "[[z]]",
        "\u{0}",
        "\u{feff}",
    ];

    #[test]
    fn the_sample_of_the_fuzz_target_is_a_quiz() {
        let quiz = parse(QUIZ, "q.md").unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(quiz.questions().count(), 4);
    }

    proptest! {
        #[test]
        fn fuzz_notation(text in carrel_fuzz::damaged_text(&[DOCUMENT, QUIZ], &PIECES)) {
            if let Ok(quiz) = parse(&text, "damaged.md") {
                let written = write(&quiz);
                let read = parse(&written, "written.md");
                prop_assert_eq!(read.as_ref(), Ok(&quiz), "{}", written);
                prop_assert_eq!(write(&quiz), written);
            }
        }
    }
}
