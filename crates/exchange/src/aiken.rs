//! Aiken: choices of one right option, as plain text
//! (<https://docs.moodle.org/en/Aiken_format>).
//!
//! A question on one line (further lines before the first option belong to
//! it), options `A.` or `A)`, then `ANSWER: A`.

use carrel_quiz::kind::{Choice, ChoiceOption, Kind, Numbering};
use carrel_quiz::{Item, Question, Quiz, Text};

use crate::error::{Error, Problem};
use crate::identity::Identities;
use crate::limits::{FILE_BYTES_MAX, PROBLEMS_MAX, QUESTIONS_MAX};
use crate::report::Imported;

/// One question while its lines are read.
#[derive(Default)]
struct Draft {
    line: u32,
    text: Vec<String>,
    options: Vec<(char, String)>,
    /// Its text is missing, which was told.
    refused: bool,
}

/// Reads a file.
///
/// # Errors
/// Every line that is not as the format wants it, by its place.
pub fn read(text: &str, file: &str) -> Result<Imported, Error> {
    if text.len() > FILE_BYTES_MAX {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "its size in bytes",
            limit: FILE_BYTES_MAX,
        });
    }
    let mut reader = Reader::default();
    for (number, line) in (1_u32..).zip(text.trim_start_matches('\u{feff}').lines()) {
        reader.take(number, line.trim());
    }
    reader.end();
    if !reader.problems.is_empty() {
        reader.problems.truncate(PROBLEMS_MAX);
        return Err(Error::Invalid {
            file: file.to_owned(),
            format: "Aiken",
            problems: reader.problems,
        });
    }
    let quiz = Quiz {
        id: crate::identity::slug(file),
        items: reader.questions.into_iter().map(Item::Question).collect(),
        ..Quiz::default()
    };
    if quiz.items.len() > QUESTIONS_MAX {
        return Err(Error::TooLarge {
            file: file.to_owned(),
            what: "its number of questions",
            limit: QUESTIONS_MAX,
        });
    }
    Ok(Imported {
        quiz,
        files: Vec::new(),
        challenges: Vec::new(),
        losses: Vec::new(),
    })
}

#[derive(Default)]
struct Reader {
    ids: Identities,
    draft: Draft,
    questions: Vec<Question>,
    problems: Vec<Problem>,
}

impl Reader {
    fn take(&mut self, number: u32, line: &str) {
        if line.is_empty() {
            return;
        }
        if line.starts_with("ANSWER:") {
            self.answer(number, line);
        } else if let Some((letter, text)) = option_of(line) {
            self.option(number, letter, text);
        } else if self.draft.options.is_empty() {
            if self.draft.text.is_empty() {
                self.draft.line = number;
                self.draft.refused = false;
            }
            self.draft.text.push(line.to_owned());
        } else {
            self.refuse(number, "after the options there must be a line `ANSWER: ` with the letter of the right one");
            self.draft = Draft {
                line: number,
                text: vec![line.to_owned()],
                ..Draft::default()
            };
        }
    }

    fn option(&mut self, number: u32, letter: char, text: &str) {
        if self.draft.refused {
            return;
        }
        if self.draft.text.is_empty() {
            self.draft.refused = true;
            return self.refuse(
                number,
                "this option belongs to no question: the question's text must stand above it",
            );
        }
        if text.is_empty() {
            self.refuse(number, "this option is empty");
        }
        if self.draft.options.iter().any(|(other, _)| *other == letter) {
            self.refuse(number, "an option above has this letter already");
        }
        self.draft.options.push((letter, text.to_owned()));
    }

    fn answer(&mut self, number: u32, line: &str) {
        if self.draft.refused {
            self.draft = Draft::default();
        } else if let Some(letter) = answer_of(line) {
            self.finish(number, letter);
        } else {
            self.draft = Draft::default();
            self.refuse(
                number,
                "after `ANSWER: ` there must be the letter of the right option, a capital one",
            );
        }
    }

    fn finish(&mut self, number: u32, letter: char) {
        let draft = std::mem::take(&mut self.draft);
        if draft.options.len() < 2 {
            return self.refuse(
                number,
                "this answer belongs to no question with at least two options",
            );
        }
        if !draft.options.iter().any(|(known, _)| *known == letter) {
            return self.refuse(number, &format!("there is no option `{letter}` above"));
        }
        let options = draft.options.iter().map(|(known, text)| {
            let id = known.to_ascii_lowercase().to_string();
            ChoiceOption::new(id, Text::plain(text.as_str()), *known == letter)
        });
        let mut choice = Choice::one(options.collect());
        choice.numbering = Numbering::UpperLetters;
        let text = draft.text.join("\n");
        let id = self.ids.take(&text);
        self.questions
            .push(Question::new(id, Text::plain(text), Kind::Choice(choice)));
    }

    fn end(&mut self) {
        if !self.draft.text.is_empty() {
            let line = self.draft.line;
            self.refuse(
                line,
                "the file ends before this question has its `ANSWER: ` line",
            );
        }
    }

    fn refuse(&mut self, line: u32, message: &str) {
        self.problems.push(Problem {
            line,
            column: 0,
            message: message.to_owned(),
        });
    }
}

/// The letter of `ANSWER: B`.
fn answer_of(line: &str) -> Option<char> {
    let mut letters = line.strip_prefix("ANSWER:")?.trim().chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_uppercase() => Some(letter),
        _ => None,
    }
}

/// The letter and text of `A. text`, `A) text` or `A)text`; `A.text` may be a name.
fn option_of(line: &str) -> Option<(char, &str)> {
    let mut letters = line.chars();
    let letter = letters.next().filter(char::is_ascii_uppercase)?;
    let mark = letters.next()?;
    let text = letters.as_str();
    let is_option = mark == ')' || mark == '.' && text.starts_with(char::is_whitespace);
    is_option.then(|| (letter, text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_read_with_its_right_option() {
        let text = "Which is a mammal?\nA. Carp\nB) Whale\nC. Newt\nANSWER: B\n\nTwo\nlines\nA)x\nB. y\nANSWER: A";
        let quiz = read(text, "animals.txt").unwrap().quiz;
        let questions: Vec<&Question> = quiz.questions().collect();
        assert_eq!(questions.len(), 2);
        let Kind::Choice(choice) = &questions[0].kind else {
            panic!("{questions:?}")
        };
        let right: Vec<&str> = choice
            .options
            .iter()
            .filter(|option| option.correct)
            .map(|option| option.text.source.as_str())
            .collect();
        assert_eq!(right, ["Whale"]);
        assert_eq!(questions[1].text.source, "Two\nlines");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, word) in [
            ("Q\nA. x\nB. y\nANSWER: C", 4, "no option `C`"),
            ("Q\nA. x\nB. y\n\nNext\nA. x\nB. y\nANSWER: A", 5, "ANSWER"),
            ("Q\nA. x\nANSWER: A", 3, "two options"),
            ("Q\nA. x\nB. y", 1, "ends before"),
            (
                "A. x\nB. y\nANSWER: A\nQ\nA. x\nB. y\nANSWER: A",
                1,
                "no question",
            ),
            ("ANSWER: A\nQ\nA. x\nB. y\nANSWER: A", 1, "no question"),
            (
                "Q\nA. x\nB. y\nANSWER: b\nQ\nA. x\nB. y\nANSWER: A",
                4,
                "capital",
            ),
            ("Q\nA)\nB) y\nANSWER: A", 2, "empty"),
            ("Q\nA) x\nA) y\nB) z\nANSWER: A", 3, "letter already"),
        ] {
            let Err(Error::Invalid { problems, .. }) = read(text, "f") else {
                panic!("{text}")
            };
            assert_eq!((problems.len(), problems[0].line), (1, line), "{text}");
            assert!(problems[0].message.contains(word), "{problems:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn fuzz_aiken(text in carrel_fuzz::damaged_text(
            &["What?\nA. one\nB) two\nANSWER: B\n\nTwo\nlines\nA)x\nB. y\nANSWER: A\n"],
            &["ANSWER:", "ANSWER: C", "A.", "B)", "\n", "\r\n", "\u{feff}", "é. "],
        )) {
            if let Ok(imported) = read(&text, "f") {
                for question in imported.quiz.questions() {
                    let Kind::Choice(choice) = &question.kind else {
                        panic!("{question:?}")
                    };
                    proptest::prop_assert_eq!(choice.right_count(), 1);
                }
            }
        }
    }
}
