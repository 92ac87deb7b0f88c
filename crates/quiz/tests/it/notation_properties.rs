//! Whatever the model holds can be written and read; whatever is read does no harm.

use carrel_quiz::defect::{self, Severity};
use carrel_quiz::kind::{NumberKey, Tolerance};
use carrel_quiz::notation::{format, parse, write};
use carrel_quiz::template::Amount;
use carrel_quiz::{Item, Kind, Question, Quiz, Text};
use proptest::prelude::*;
use proptest::sample::select;

use crate::strategies::{PIECES, question, quiz, template};

fn has_errors(quiz: &Quiz) -> bool {
    defect::find(quiz)
        .iter()
        .any(|defect| defect.severity != Severity::Warning)
}

fn check_round_trip(quiz: &Quiz) -> Result<(), TestCaseError> {
    let written = write(quiz);
    let read = match parse(&written, "written.md") {
        Ok(read) => read,
        Err(problems) => return Err(TestCaseError::fail(format!("{problems}\n---\n{written}"))),
    };
    if &read != quiz {
        let (was, is) = (format!("{quiz:#?}"), format!("{read:#?}"));
        let first = was.lines().zip(is.lines()).find(|(was, is)| was != is);
        return Err(TestCaseError::fail(format!("{first:?}\n---\n{written}")));
    }
    prop_assert_eq!(write(&read), written);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_the_same(quiz in quiz()) {
        prop_assume!(!has_errors(&quiz));
        check_round_trip(&quiz)?;
    }

    #[test]
    fn each_question_is_read_as_it_was_written(question in question("q")) {
        let quiz = Quiz { id: "quiz".to_owned(), title: "Quiz".to_owned(), items: vec![Item::Question(question)], ..Quiz::default() };
        prop_assume!(!has_errors(&quiz));
        check_round_trip(&quiz)?;
    }

    #[test]
    fn variables_too(template in template()) {
        let value = Amount::Expression("a + c".to_owned());
        let mut question = Question::new("q", Text::markdown("{{a}} and {{c}}?"), Kind::Numeric(NumberKey::near(value, Tolerance::Relative { by: 0.07 })));
        question.template = Some(template);
        let quiz = Quiz { id: "quiz".to_owned(), title: "Quiz".to_owned(), items: vec![Item::Question(question)], ..Quiz::default() };
        prop_assume!(!has_errors(&quiz));
        check_round_trip(&quiz)?;
    }

    #[test]
    fn arbitrary_text_is_refused_or_formatted_for_good(pieces in prop::collection::vec(select(PIECES.to_vec()), 0..40)) {
        let body = pieces.join("\n");
        let _ = parse(&body, "x.md");
        let file = format!("+++\nid = \"q\"\ntitle = \"Q\"\n+++\n\n## Q {{#q}}\n\nText\n\n{body}");
        if let Ok(quiz) = parse(&file, "x.md") {
            let once = format(&file, "x.md").unwrap();
            let read = parse(&once, "y.md");
            prop_assert_eq!(read.as_ref(), Ok(&quiz), "{}", once);
            prop_assert_eq!(format(&once, "y.md").unwrap(), once);
        }
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(text in any::<String>()) {
        let _ = parse(&text, "x.md");
        let _ = parse(&format!("+++\nid = \"q\"\ntitle = \"Q\"\n+++\n## Q {{#q}}\n{text}"), "x.md");
        let _ = parse(&format!("+++\n{text}\n+++\n"), "x.md");
    }
}
