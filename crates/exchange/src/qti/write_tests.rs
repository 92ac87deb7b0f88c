use carrel_quiz::question::Feedback;
use carrel_quiz::template::{Amount, Variable, VariableSource};
use carrel_quiz::text::Attachment;
use carrel_quiz::{Kind, Pool, Text};

use super::*;
use crate::qti::read_package;
use carrel_quiz::kind::{Choice, ChoiceOption, Tolerance};

fn choice() -> Question {
    let mut right = ChoiceOption::new("a", Text::markdown("*right*"), true);
    right.feedback = Some(Text::plain("yes"));
    right.feedback_not_chosen = Some(Text::plain("a pity"));
    let wrong = ChoiceOption::new("1", Text::plain("a < b"), false);
    let mut question = Question::new(
        "q 1",
        Text::html("<p>See <img src=\"my pic.png\"><br>"),
        Kind::Choice(Choice::one(vec![right, wrong])),
    );
    question.points = 3.0;
    question.feedback = Feedback {
        general: Some(Text::plain("why")),
        correct: Some(Text::plain("well done")),
        partially_correct: Some(Text::plain("nearly")),
        incorrect: Some(Text::plain("no")),
    };
    question.attachments.push(Attachment {
        name: "my pic.png".to_owned(),
        media_type: "image/png".to_owned(),
        path: "files/q/my pic.png".to_owned(),
    });
    question
}

fn package(items: Vec<Item>) -> (Exported, crate::Imported) {
    let quiz = Quiz {
        id: "quiz".to_owned(),
        title: "A & B".to_owned(),
        items,
        ..Quiz::default()
    };
    let files = [File {
        path: "files/q/my pic.png".to_owned(),
        bytes: b"picture".to_vec(),
    }];
    let exported = write(&quiz, &files, Version::V2p1);
    let imported = read_package(&exported.bytes, "quiz.zip").unwrap();
    (exported, imported)
}

#[test]
fn feedback_and_pictures_come_back() {
    let (exported, imported) = package(vec![Item::Question(choice())]);
    assert_eq!((exported.losses, imported.losses), (vec![], vec![]));
    let question = imported.quiz.questions().next().unwrap();
    assert_eq!(question.points, 3.0);
    assert_eq!(question.attachments.len(), 1);
    assert_eq!(imported.files[0].bytes, b"picture");
    let Kind::Choice(choice) = &question.kind else {
        panic!()
    };
    assert_eq!(choice.options[1].id, "1");
    assert_eq!(choice.options[1].text.source, "a &lt; b");
    let told = |text: &Option<Text>| text.as_ref().unwrap().source.clone();
    assert_eq!(told(&choice.options[0].feedback), "yes");
    assert_eq!(told(&choice.options[0].feedback_not_chosen), "a pity");
    assert_eq!(told(&question.feedback.general), "why");
    assert_eq!(told(&question.feedback.correct), "well done");
    assert_eq!(told(&question.feedback.partially_correct), "nearly");
    assert_eq!(told(&question.feedback.incorrect), "no");
}

#[test]
fn variables_come_back_as_variables() {
    let key = carrel_quiz::kind::NumberKey::near(
        Amount::Expression("a * b + 1".to_owned()),
        Tolerance::Absolute { by: 0.25 },
    );
    let mut question = Question::new(
        "v",
        Text::plain("{{a}} · {{ b }} + {{2 - 1}}?"),
        Kind::Numeric(key),
    );
    let variable = |name: &str, source| Variable {
        name: name.to_owned(),
        source,
    };
    question.template = Some(carrel_quiz::template::Template {
        variables: vec![
            variable(
                "a",
                VariableSource::Range {
                    min: 2.0,
                    max: 5.0,
                    step: 1.0,
                },
            ),
            variable(
                "b",
                VariableSource::Range {
                    min: 0.5,
                    max: 2.0,
                    step: 0.5,
                },
            ),
        ],
        conditions: vec!["a > b".to_owned()],
    });
    let (exported, imported) = package(vec![Item::Question(question)]);
    assert_eq!((exported.losses, imported.losses), (vec![], vec![]));
    let again = imported.quiz.questions().next().unwrap();
    for seed in 0..20 {
        let instance = carrel_quiz::Instance::draw(again, seed).unwrap();
        let number = |name: &str| match &instance.values[name] {
            carrel_quiz::template::Value::Number(number) => *number,
            other @ carrel_quiz::template::Value::Text(_) => panic!("{other:?}"),
        };
        let (a, b) = (number("a"), number("b"));
        assert!(a > b && (2.0..=5.0).contains(&a) && (0.5..=2.0).contains(&b));
        let resolved = instance.resolve(again).unwrap();
        let shown = carrel_quiz::expression::format_number;
        assert_eq!(
            resolved.text.source,
            format!("{} · {} + 1?", shown(a), shown(b))
        );
        let answer = |number: f64| carrel_quiz::Answer::Numeric {
            number: number.to_string(),
            unit: None,
        };
        let scorer = carrel_quiz::Scorer::new(again, &instance).unwrap();
        let score = |number| scorer.score(Some(&answer(number))).unwrap().fraction;
        assert_eq!(score(a * b + 1.2), 1.0);
        assert_eq!(score(a * b + 1.3), 0.0);
    }
}

#[test]
fn a_test_lists_items_and_pools_and_what_is_lost_is_told() {
    let mut pooled = choice();
    pooled.id = "p".to_owned();
    pooled
        .hints
        .push(carrel_quiz::question::Hint::new(Text::plain("h")));
    let tracing = Kind::Tracing(carrel_quiz::kind::Tracing {
        source: "print(1)".to_owned(),
        language: "python".to_owned(),
        environment: None,
        stdin: String::new(),
        expected: carrel_quiz::kind::Outcome::CompileError,
        scheme: carrel_quiz::kind::PartScheme::AllOrNothing,
    });
    let pool = Pool {
        id: "pool".to_owned(),
        title: String::new(),
        draw: 1,
        points: None,
        questions: vec![pooled],
    };
    let lost = Question::new("t", Text::plain("t"), tracing);
    let (exported, imported) = package(vec![Item::Pool(pool), Item::Question(lost)]);
    let told: Vec<String> = exported.losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "question `p`: hints, penalties and the number of tries",
            "question `t`: left out: QTI has no questions of the kind `tracing`"
        ]
    );
    assert_eq!(imported.quiz.questions().count(), 1);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(exported.bytes)).unwrap();
    let mut test = String::new();
    let mut file = archive.by_name("assessment.xml").unwrap();
    std::io::Read::read_to_string(&mut file, &mut test).unwrap();
    assert!(test.contains("<selection select=\"1\"/>"), "{test}");
}

proptest::proptest! {
    #[test]
    fn fuzz_packages_are_read_or_refused(bytes in carrel_fuzz::damaged(
        vec![
            package(vec![Item::Question(choice())]).0.bytes,
            archive::write(&[("imsmanifest.xml".to_owned(), b"<manifest><resource type='imsqti_item_xmlv2p1' href='../../etc/passwd'/></manifest>".to_vec())]),
        ],
        &["PK\x03\x04", "imsmanifest.xml", "../", "\u{0}"],
    )) {
        let _ = read_package(&bytes, "p.zip");
    }
}
