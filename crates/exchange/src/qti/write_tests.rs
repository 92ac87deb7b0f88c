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
    let mut other = choice();
    other.id = "o".to_owned();
    pooled
        .hints
        .push(carrel_quiz::question::Hint::new(Text::plain("h")));
    let tracing = Kind::Tracing(carrel_quiz::kind::Tracing {
        source: "print(1)".to_owned(),
        language: "python".to_owned(),
        environment: None,
        stdin: String::new(),
        expected: carrel_quiz::kind::Outcome::CompileError,
        scheme: carrel_quiz::kind::LineScheme::AllOrNothing,
    });
    let pool = Pool {
        id: "pool".to_owned(),
        title: String::new(),
        draw: 1,
        points: None,
        questions: vec![pooled, other],
    };
    let lost = Question::new("t", Text::plain("t"), tracing);
    let (exported, imported) = package(vec![Item::Pool(pool), Item::Question(lost)]);
    let told: Vec<String> = exported.losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "question `p`: hints",
            "question `t`: left out: QTI has no questions of the kind `tracing`"
        ]
    );
    assert_eq!(imported.losses, []);
    let Some(Item::Pool(again)) = imported.quiz.items.first() else {
        panic!("{:?}", imported.quiz.items)
    };
    assert_eq!(
        (again.id.as_str(), again.draw, again.questions.len()),
        ("pool", 1, 2)
    );
    assert_eq!(imported.quiz.title, "A & B");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(exported.bytes)).unwrap();
    let mut test = String::new();
    let mut file = archive.by_name("assessment.xml").unwrap();
    std::io::Read::read_to_string(&mut file, &mut test).unwrap();
    assert!(test.contains("<selection select=\"1\"/>"), "{test}");
}

#[test]
fn what_a_test_says_of_attempts_comes_back() {
    let quiz = Quiz {
        id: "quiz".to_owned(),
        title: "T".to_owned(),
        introduction: Some(Text::plain("Read first.")),
        settings: carrel_quiz::Settings {
            time_limit_seconds: Some(90),
            shuffle: true,
            sequential: true,
            attempts: Some(2),
            pass: Some(0.5),
            ..carrel_quiz::Settings::default()
        },
        items: vec![Item::Question(Question::new(
            "d",
            Text::plain("text"),
            Kind::Description,
        ))],
    };
    let exported = write(&quiz, &[], Version::V2p1);
    let told: Vec<&str> = exported
        .losses
        .iter()
        .map(|loss| loss.what.as_str())
        .collect();
    assert_eq!(told, ["settings of the quiz: attempts, points to pass"]);
    let imported = read_package(&exported.bytes, "quiz.zip").unwrap();
    assert_eq!(imported.losses, []);
    let again = imported.quiz.settings;
    assert_eq!(again.time_limit_seconds, Some(90));
    assert!(again.shuffle && again.sequential);
    assert!(
        imported
            .quiz
            .introduction
            .unwrap()
            .source
            .contains("Read first.")
    );
}

#[test]
fn what_a_test_says_beyond_a_quiz_is_told() {
    let item = |id: &str| {
        format!(
            "<assessmentItem identifier='{id}'><itemBody><p>{id}</p></itemBody></assessmentItem>"
        )
        .into_bytes()
    };
    let test = "<assessmentTest title='T'><testPart navigationMode='linear' submissionMode='simultaneous'><assessmentSection title='one'><assessmentItemRef href='b.xml'><weight identifier='W' value='2'/></assessmentItemRef></assessmentSection><assessmentSection title='two'><preCondition><isNull><variable identifier='X'/></isNull></preCondition><assessmentItemRef href='a.xml'/></assessmentSection></testPart></assessmentTest>";
    let manifest = "<manifest><resource type='imsqti_test_xmlv2p1' href='t/test.xml'/><resource type='imsqti_item_xmlv2p1' href='t/a.xml'/><resource type='imsqti_item_xmlv2p1' href='t/b.xml'/><resource type='imsqti_item_xmlv2p1' href='t/c.xml'/></manifest>";
    let zip = archive::write(&[
        ("imsmanifest.xml".to_owned(), manifest.as_bytes().to_vec()),
        ("t/test.xml".to_owned(), test.as_bytes().to_vec()),
        ("t/a.xml".to_owned(), item("a")),
        ("t/b.xml".to_owned(), item("b")),
        ("t/c.xml".to_owned(), item("c")),
    ]);
    let imported = read_package(&zip, "quiz.zip").unwrap();
    let ids: Vec<&str> = imported
        .quiz
        .questions()
        .map(|question| question.id.as_str())
        .collect();
    assert_eq!(ids, ["b", "a", "c"]);
    let told: Vec<&str> = imported
        .losses
        .iter()
        .map(|loss| loss.what.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "the test: the section `one`: its questions stand in the row",
            "the test: the section `two`: its questions stand in the row",
            "the test: weights of items",
            "the test: conditions on which questions follow",
            "questions that the test does not use stand at the end",
        ]
    );
}

#[test]
fn a_passage_of_the_package_stands_before_the_text() {
    let item = "<qti-assessment-item identifier='a'><qti-assessment-stimulus-ref identifier='s' href='../texts/s.xml'/><qti-item-body><p>Ask</p></qti-item-body></qti-assessment-item>";
    let passage = "<qti-assessment-stimulus><qti-stimulus-body><p>Once <img src='p.png'/></p></qti-stimulus-body></qti-assessment-stimulus>";
    let manifest = "<manifest><resource type='imsqti_item_xmlv3p0' href='items/a.xml'/></manifest>";
    let zip = archive::write(&[
        ("imsmanifest.xml".to_owned(), manifest.as_bytes().to_vec()),
        ("items/a.xml".to_owned(), item.as_bytes().to_vec()),
        ("texts/s.xml".to_owned(), passage.as_bytes().to_vec()),
        ("texts/p.png".to_owned(), b"picture".to_vec()),
    ]);
    let imported = read_package(&zip, "quiz.zip").unwrap();
    assert_eq!(imported.losses, []);
    let question = imported.quiz.questions().next().unwrap();
    assert_eq!(
        question.text.source,
        "<div><p>Once <img src=\"p.png\"></p></div><p>Ask</p>"
    );
    assert_eq!(imported.files.len(), 1);
    let alone = crate::qti::read_item(item, "a.xml").unwrap();
    assert!(alone.losses[0].what.contains("the passage was left out"));
}

#[test]
fn patterns_go_out_and_score_the_same_when_they_come_back() {
    use carrel_quiz::kind::{PatternKind, TextKey, TextPattern};
    let mut key = TextKey::exact(["Oslo"]);
    key.patterns
        .push(TextPattern::new(PatternKind::Regex, "col(?:o|ou)r"));
    key.patterns.push(TextPattern {
        score: 0.5,
        ..TextPattern::new(PatternKind::Wildcard, "os*")
    });
    key.patterns.push(TextPattern {
        score: -0.5,
        ..TextPattern::new(PatternKind::Wildcard, "*")
    });
    let question = Question::new("q", Text::plain("Which?"), Kind::ShortAnswer(key));
    let (exported, imported) = package(vec![Item::Question(question.clone())]);
    assert_eq!((exported.losses, imported.losses), (vec![], vec![]));
    let again = imported.quiz.questions().next().unwrap();
    for text in ["oslo", "OSLO", "colour", "Color", "ostend", "Paris"] {
        let points = |question: &Question| {
            let answer = carrel_quiz::Answer::ShortAnswer {
                text: text.to_owned(),
            };
            let scorer = carrel_quiz::Scorer::new(question, &carrel_quiz::Instance::default());
            scorer.unwrap().score(Some(&answer)).unwrap().points
        };
        assert_eq!(points(&question), points(again), "{text}");
    }
}

#[test]
fn every_field_without_a_place_is_named() {
    use carrel_quiz::kind::{DecimalMark, Essay, EssayFormat, NumberKey, Numbering};
    let mut listed = choice();
    listed.tags.push("t".to_owned());
    listed.category.push("c".to_owned());
    let Kind::Choice(options) = &mut listed.kind else {
        panic!()
    };
    options.numbering = Numbering::Digits;
    let mut number = NumberKey::near(1.0, Tolerance::Exact);
    (number.decimal_mark, number.fractions) = (DecimalMark::Comma, false);
    let number = Question::new("n", Text::plain("n"), Kind::Numeric(number));
    let essay = Essay {
        format: EssayFormat::Code,
        lines: Some(12),
        words_max: Some(9),
        start: Some(Text::plain("s")),
        grader_notes: Some(Text::plain("g")),
        ..Essay::default()
    };
    let mut essay = Question::new("e", Text::plain("e"), Kind::Essay(essay));
    essay.points = 5.0;
    let items = [listed, number, essay].map(Item::Question).to_vec();
    let (exported, imported) = package(items);
    let told: Vec<String> = exported.losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "question `q 1`: tags",
            "question `q 1`: the category",
            "question `q 1`: the numbering of options",
            "question `n`: which decimal mark is understood",
            "question `n`: that fractions are not understood",
            "question `e`: the number of words of an essay",
            "question `e`: the text that an essay starts with",
            "question `e`: notes for graders",
        ]
    );
    let essay = imported.quiz.question("e").unwrap();
    let Kind::Essay(read) = &essay.kind else {
        panic!()
    };
    assert_eq!(essay.points, 5.0);
    assert_eq!((read.format, read.lines), (EssayFormat::Code, Some(12)));
}

#[test]
fn an_order_by_places_tells_that_what_does_not_belong_counts_otherwise() {
    use carrel_quiz::kind::{OrderItem, OrderScheme, Ordering};
    let item = |id: &str| OrderItem {
        id: id.to_owned(),
        text: Text::plain(id),
    };
    let losses = |scheme| {
        let ordering = Ordering {
            items: vec![item("a"), item("b")],
            distractors: vec![item("c")],
            scheme,
        };
        let question = Question::new("o", Text::plain("Sort."), Kind::Ordering(ordering));
        package(vec![Item::Question(question)]).0.losses.len()
    };
    assert_eq!(losses(OrderScheme::AllOrNothing), 0);
    assert_eq!(losses(OrderScheme::Positions), 1);
    assert_eq!(losses(OrderScheme::LongestCommonSubsequence), 2);
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
