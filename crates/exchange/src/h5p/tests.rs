use carrel_quiz::kind::{BlankKey, Case, ChoiceScheme, Kind, Select};
use serde_json::json;

use super::*;
use crate::archive;

fn package(library: &str, content: &Value) -> Vec<u8> {
    let manifest = json!({"title": "Fruit!", "mainLibrary": library, "language": "en"});
    archive::write(&[
        ("h5p.json".to_owned(), manifest.to_string().into_bytes()),
        (CONTENT.to_owned(), content.to_string().into_bytes()),
        ("content/images/a.png".to_owned(), b"picture".to_vec()),
    ])
}

fn choice() -> Value {
    json!({
        "media": {"type": {"library": "H5P.Image 1.1", "params": {"alt": "two", "file": {"path": "images/a.png", "mime": "image/png"}}}},
        "question": "<p>Which?</p>",
        "answers": [
            {"correct": true, "text": "<div>a</div>", "tipsAndFeedback": {"tip": "<p>t</p>", "chosenFeedback": "yes", "notChosenFeedback": "a pity"}},
            {"correct": true, "text": "<div>b</div>"},
            {"correct": false, "text": "<div>c</div>", "tipsAndFeedback": {"tip": "<p>&nbsp;</p>", "chosenFeedback": ""}},
        ],
        "behaviour": {"type": "auto", "randomAnswers": false, "singlePoint": false},
        "overallFeedback": [{"from": 0, "to": 0, "feedback": "none"}, {"from": 1, "to": 99, "feedback": "some"}, {"from": 100, "to": 100, "feedback": "all"}],
    })
}

fn one(imported: &Imported) -> &Question {
    imported
        .quiz
        .questions()
        .next()
        .unwrap_or_else(|| panic!("{:?}", imported.losses))
}

#[test]
fn a_multiple_choice_keeps_tips_feedback_picture_and_points() {
    let imported = read(&package("H5P.MultiChoice", &choice()), "f.h5p").unwrap();
    assert_eq!(imported.losses, []);
    let question = one(&imported);
    assert_eq!((question.id.as_str(), question.points), ("fruit", 2.0));
    assert_eq!(
        question.text.source,
        "<p><img src=\"a.png\" alt=\"two\"></p><p>Which?</p>"
    );
    assert_eq!(imported.files[0].bytes, b"picture");
    assert_eq!(imported.files[0].path, question.attachments[0].path);
    let Kind::Choice(choice) = &question.kind else {
        panic!()
    };
    assert_eq!(choice.scheme, ChoiceScheme::RightMinusWrong);
    assert!(matches!(choice.select, Select::Many { .. }) && !choice.shuffle);
    let source = |text: &Option<carrel_quiz::Text>| text.as_ref().map(|text| text.source.clone());
    assert_eq!(source(&choice.options[0].tip).as_deref(), Some("<p>t</p>"));
    assert_eq!(source(&choice.options[0].feedback).as_deref(), Some("yes"));
    assert_eq!(
        source(&choice.options[0].feedback_not_chosen).as_deref(),
        Some("a pity")
    );
    assert_eq!(choice.options[2].tip, None);
    assert_eq!(
        source(&question.feedback.incorrect).as_deref(),
        Some("none")
    );
    assert_eq!(
        source(&question.feedback.partially_correct).as_deref(),
        Some("some")
    );
    assert_eq!(source(&question.feedback.correct).as_deref(), Some("all"));
}

#[test]
fn feedback_with_points_in_it_is_told() {
    let mut content = choice();
    content["overallFeedback"] =
        json!([{"from": 0, "to": 100, "feedback": "You got @score of @total"}]);
    let imported = read(&package("H5P.MultiChoice", &content), "f.h5p").unwrap();
    assert!(one(&imported).feedback.is_empty());
    assert!(
        imported.losses[0].what.contains("@score"),
        "{:?}",
        imported.losses
    );
}

#[test]
fn blanks_have_answers_and_rules() {
    let content = json!({
        "text": "<p>Fill in.</p>",
        "questions": ["<p>2 ** 3 = *8/eight/1\\/1:a number*</p>", "<p>*Oslo* is *cold:*</p>"],
        "behaviour": {"caseSensitive": false},
    });
    let imported = read(&package("H5P.Blanks", &content), "f.h5p").unwrap();
    let question = one(&imported);
    assert_eq!(
        question.text.source,
        "<p>Fill in.</p><p>2 ** 3 = [[1]]</p><p>[[2]] is [[3]]</p>"
    );
    assert_eq!(question.points, 3.0);
    let Kind::Blanks(blanks) = &question.kind else {
        panic!()
    };
    let BlankKey::Text(key) = &blanks.blanks[0].key else {
        panic!()
    };
    let answers: Vec<_> = key
        .patterns
        .iter()
        .map(|pattern| pattern.pattern.as_str())
        .collect();
    assert_eq!(answers, ["8", "eight", "1/1"]);
    assert_eq!(key.rules.case, Case::Ignore);
    assert_eq!(
        imported.losses[0].to_string(),
        "question `fruit`: the tips of 1 blank"
    );
}

#[test]
fn sets_draw_from_their_questions_and_tell_what_they_leave_out() {
    let entry = |library: &str, title: &str, params: Value| json!({"library": library, "metadata": {"title": title}, "params": params});
    let singles = json!({"choices": [{"question": "x", "answers": ["right", "wrong"]}, {"question": "y", "answers": ["1", "2"]}]});
    let content = json!({
        "passPercentage": 50, "randomQuestions": true, "poolSize": 2,
        "introPage": {"introduction": "<p>Hello</p>"},
        "questions": [
            entry("H5P.MultiChoice 1.16", "m", choice()),
            entry("H5P.TrueFalse 1.8", "t", json!({"question": "t", "correct": "false", "behaviour": {"feedbackOnWrong": "no"}})),
            entry("H5P.DragQuestion 1.14", "d", json!({})),
            entry("H5P.SingleChoiceSet 1.11", "s", singles),
        ],
    });
    let imported = read(&package("H5P.QuestionSet", &content), "f.h5p").unwrap();
    let Item::Pool(pool) = &imported.quiz.items[0] else {
        panic!()
    };
    let ids: Vec<_> = pool
        .questions
        .iter()
        .map(|question| question.id.as_str())
        .collect();
    assert_eq!((pool.draw, ids), (2, vec!["m", "t", "s-1", "s-1-2"]));
    assert_eq!(imported.quiz.settings.pass, Some(0.5));
    let Kind::TrueFalse(answer) = &pool.questions[1].kind else {
        panic!()
    };
    assert!(!answer.correct && answer.feedback_true.is_some());
    assert_eq!(
        imported.losses[0].to_string(),
        "question `d`: left out: content of the kind `H5P.DragQuestion` has no counterpart"
    );
}

#[test]
fn hostile_packages_are_refused() {
    let mut outside = choice();
    outside["media"]["type"]["params"]["file"]["path"] = json!("../../../etc/passwd");
    let imported = read(&package("H5P.MultiChoice", &outside), "f.h5p").unwrap();
    assert!(
        imported.losses[0].what.contains("leads out of the package"),
        "{:?}",
        imported.losses
    );
    assert!(read(b"PK\x03\x04", "f.h5p").is_err());
    let empty = archive::write(&[("h5p.json".to_owned(), b"{}".to_vec())]);
    let error = read(&empty, "f.h5p").unwrap_err().to_string();
    assert!(error.contains("mainLibrary"), "{error}");
    let deep = "[".repeat(100_000);
    let nested = archive::write(&[
        (
            "h5p.json".to_owned(),
            b"{\"mainLibrary\": \"H5P.Blanks\"}".to_vec(),
        ),
        (CONTENT.to_owned(), deep.into_bytes()),
    ]);
    assert!(read(&nested, "f.h5p").is_err());
}

proptest::proptest! {
    #[test]
    fn fuzz_h5p(content in carrel_fuzz::damaged_text(
        &[&choice().to_string(), "{\"questions\": [\"a *b/c:t* d\"], \"choices\": [{\"question\": \"q\", \"answers\": [\"a\", \"b\"]}]}"],
        &["*", "\"answers\"", "{}", "[]", "null", "\"correct\": true"],
    )) {
        if let Ok(value) = serde_json::from_str::<Value>(&content) {
            for library in ["H5P.MultiChoice", "H5P.Blanks", "H5P.SingleChoiceSet", "H5P.QuestionSet"] {
                let _ = read(&package(library, &value), "f.h5p");
            }
        }
    }
}
