//! `docs/quiz-notation.md` is true.

use carrel_quiz::notation::{format, parse, parse_with_places};
use carrel_quiz::right::right_answer;
use carrel_quiz::{Instance, Kind, Quiz, Scorer};

const DOCUMENT: &str = include_str!("../../../../docs/quiz-notation.md");

/// Examples of the document as whole files.
fn examples() -> Vec<String> {
    let mut examples = Vec::new();
    for block in DOCUMENT.split("````markdown\n").skip(1) {
        let (example, _) = block.split_once("````\n").unwrap();
        examples.push(if example.starts_with("+++") {
            example.to_owned()
        } else {
            format!("+++\nid = \"example\"\ntitle = \"Example\"\n+++\n\n{example}")
        });
    }
    examples
}

fn quizzes() -> Vec<Quiz> {
    examples()
        .iter()
        .map(|example| match parse(example, "quiz-notation.md") {
            Ok(quiz) => quiz,
            Err(problems) => panic!("{problems}\n{example}"),
        })
        .collect()
}

#[test]
fn every_kind_has_an_example() {
    let quizzes = quizzes();
    for name in [
        "choice",
        "true_false",
        "blanks",
        "short_answer",
        "numeric",
        "matching",
        "ordering",
        "tracing",
        "bug_line",
        "essay",
        "description",
    ] {
        let mut questions = quizzes.iter().flat_map(Quiz::questions);
        assert!(
            questions.any(|question| question.kind.name() == name),
            "{name}"
        );
    }
}

#[test]
fn formatting_keeps_the_meaning_and_is_done_once() {
    for example in examples() {
        let quiz = parse(&example, "example.md").unwrap();
        let once = format(&example, "example.md").unwrap();
        let again =
            parse(&once, "formatted.md").unwrap_or_else(|problems| panic!("{problems}\n{once}"));
        assert_eq!(again, quiz, "{once}");
        assert_eq!(format(&once, "formatted.md").unwrap(), once);
    }
}

/// Front matter is the author's, with its comments.
#[test]
fn formatting_leaves_the_front_matter_as_it_is() {
    let text = "\u{feff}+++\r\n# One of three.\r\nid = \"q\"\r\ntitle = 'Q'\r\nintroduction = { source = \"= no answer\" }\r\ngrade = \"highest\" # as always\r\n+++\r\n## A {#a}\r\n\r\nText\r\n- (x) a\r\n- ( ) b\r\nshuffle: no\r\ngeneral: So it is.\r\n";
    let formatted = format(text, "q.md").unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(
        formatted,
        "+++\n# One of three.\nid = \"q\"\ntitle = 'Q'\nintroduction = { source = \"= no answer\" }\ngrade = \"highest\" # as always\n+++\n\n## A {#a}\n\nText\n\n- (x) a\n- ( ) b\n\nshuffle: no\ngeneral: So it is.\n"
    );
    assert_eq!(parse(&formatted, "q.md"), parse(text, "q.md"));
    assert_eq!(format(&formatted, "q.md").unwrap(), formatted);
}

/// The courses that come with this are written as the formatter writes them.
#[test]
fn the_courses_here_are_formatted() {
    let courses = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../courses");
    let mut seen = 0;
    for directory in ["sample/quizzes", "template/quizzes"] {
        for entry in std::fs::read_dir(courses.join(directory)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.display().to_string();
            let formatted = format(&text, &name).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(
                formatted, text,
                "{name}: run `carrel course format courses`"
            );
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen} quizzes");
}

#[test]
fn the_declared_answers_get_full_points() {
    for question in quizzes().iter().flat_map(Quiz::questions) {
        for seed in 0..20 {
            let instance = Instance::draw(question, seed).unwrap();
            let scorer = Scorer::new(question, &instance).unwrap();
            let Some(answer) = right_answer(scorer.question()) else {
                assert!(!question.kind.is_scored(), "{}", question.id);
                continue;
            };
            let score = scorer.score(Some(&answer)).unwrap();
            assert_eq!(score.fraction, 1.0, "{}: {score:?}", question.id);
        }
    }
}

#[test]
fn examples_are_read_as_they_are_meant() {
    let quizzes = quizzes();
    let find = |id: &str| quizzes.iter().find_map(|quiz| quiz.question(id)).unwrap();
    let Kind::Choice(primes) = &find("primes").kind else {
        panic!("primes is a choice");
    };
    assert_eq!(primes.options.len(), 4);
    assert!(primes.options[3].fixed && primes.options[3].weight == Some(-1.0));
    assert_eq!(
        primes.options[0]
            .feedback_not_chosen
            .as_ref()
            .unwrap()
            .source,
        "You left out the only even one."
    );
    let Kind::Blanks(fill) = &find("fill").kind else {
        panic!("fill has blanks");
    };
    assert_eq!(fill.blanks.len(), 4);
    assert!(find("fill").text.source.contains("for number in [[4]]:"));
    let Kind::Tracing(countdown) = &find("countdown").kind else {
        panic!("countdown is a program");
    };
    assert_eq!(
        (countdown.language.as_str(), countdown.stdin.as_str()),
        ("python", "2\n")
    );
    let Kind::Matching(uses) = &find("uses").kind else {
        panic!("uses is a matching");
    };
    assert_eq!((uses.items.len(), uses.targets.len()), (3, 4));
    assert_eq!(find("range-1").points, 2.0);
    assert_eq!(
        find("range-1").feedback.general.as_ref().unwrap().source,
        "`range(n)` has *n* numbers and starts with 0."
    );
}

#[test]
fn places_are_known() {
    let text = &examples()[0];
    let parsed = parse_with_places(text, "loops.md").unwrap();
    let line_of = |wanted: &str| text.lines().position(|line| line.contains(wanted)).unwrap() + 1;
    assert_eq!(
        parsed.places.get("range-1", "").unwrap().0,
        line_of("{#range-1}")
    );
    assert_eq!(
        parsed.places.get("range-1", "option b").unwrap().0,
        line_of("- ( ) 5")
    );
    assert_eq!(
        parsed.places.get("once", "answer 1").unwrap().0,
        line_of("= break")
    );
    assert_eq!(
        parsed.places.get("once", "nothing like it").unwrap().0,
        line_of("{#once}")
    );
}
