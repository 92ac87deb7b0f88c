use carrel_quiz::kind::{Choice, ChoiceOption, Kind, NumberKey, TextKey, Tolerance};
use carrel_quiz::{Instance, Text};

use super::*;

fn home(version: Version) -> Home<'static> {
    Home {
        address: "https://learn.example",
        version,
        language: "en",
    }
}

fn lines(version: Version, question: &Question, answer: &Answer) -> Vec<Value> {
    let score = carrel_quiz::score::score(question, &Instance::default(), Some(answer)).unwrap();
    let attempt = Attempt {
        id: "attempt-1",
        learner: "ada",
        activity: "courses/c/quizzes/q",
        title: "Quiz",
        started_at: "2026-11-29T06:00:00Z",
        answers: vec![Answered {
            question,
            answer,
            score: &score,
            at: "2026-11-29T06:01:00Z",
        }],
        end: Some(End {
            at: "2026-11-29T06:02:00Z",
            points: score.points,
            points_max: score.points_max,
            passed: Some(true),
        }),
    };
    let told = statements(&home(version), &attempt);
    assert_eq!(
        told,
        statements(&home(version), &attempt),
        "the same record, the same ids"
    );
    told
}

fn choice() -> Question {
    let options = vec![
        ChoiceOption::new("a", Text::markdown("*one*"), true),
        ChoiceOption::new("b", Text::plain("two"), true),
        ChoiceOption::new("c", Text::plain("three"), false),
    ];
    let mut question = Question::new(
        "which",
        Text::plain("Which?"),
        Kind::Choice(Choice::many(options)),
    );
    question.points = 4.0;
    question
}

#[test]
fn an_attempt_is_told_from_begin_to_end() {
    let answer = Answer::Choice {
        options: vec!["a".to_owned()],
    };
    let told = lines(Version::V1p0p3, &choice(), &answer);
    let verbs: Vec<&str> = told
        .iter()
        .map(|line| {
            line["verb"]["id"]
                .as_str()
                .unwrap()
                .rsplit('/')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(verbs, ["attempted", "answered", "completed", "passed"]);
    for line in &told {
        assert_eq!(line["version"], "1.0.3");
        assert_eq!(
            line["actor"]["account"],
            json!({"homePage": "https://learn.example", "name": "ada"})
        );
        assert_eq!(
            Uuid::parse_str(line["id"].as_str().unwrap())
                .unwrap()
                .get_version_num(),
            5
        );
        assert_eq!(
            line["context"]["registration"],
            told[0]["context"]["registration"]
        );
    }
    let answered = &told[1];
    assert_eq!(
        answered["object"]["id"],
        "https://learn.example/courses/c/quizzes/q/questions/which"
    );
    assert_eq!(
        answered["object"]["definition"]["interactionType"],
        "choice"
    );
    assert_eq!(
        answered["object"]["definition"]["correctResponsesPattern"],
        json!(["a[,]b"])
    );
    assert_eq!(
        answered["object"]["definition"]["choices"][0],
        json!({"id": "a", "description": {"en": "one"}})
    );
    assert_eq!(answered["result"]["response"], "a");
    assert_eq!(
        answered["result"]["score"],
        json!({"scaled": 0.5, "raw": 2.0, "min": 0.0, "max": 4.0})
    );
    assert_eq!(answered["result"]["success"], false);
    assert_eq!(told[3]["result"]["success"], true);
    let ids: std::collections::BTreeSet<_> =
        told.iter().map(|line| line["id"].to_string()).collect();
    assert_eq!(ids.len(), 4);
}

#[test]
fn patterns_follow_the_key() {
    let told = |kind: Kind, answer: Answer| {
        let question = Question::new("q", Text::plain("q"), kind);
        lines(Version::V2p0p0, &question, &answer)[1]["object"]["definition"].clone()
    };
    let typed = told(
        Kind::ShortAnswer(TextKey::exact(["Oslo"])),
        Answer::ShortAnswer {
            text: "oslo".to_owned(),
        },
    );
    assert_eq!(
        typed["correctResponsesPattern"],
        json!(["{case_matters=false}Oslo"])
    );
    let number = told(
        Kind::Numeric(NumberKey::near(2.0, Tolerance::Absolute { by: 0.5 })),
        Answer::Numeric {
            number: "2".to_owned(),
            unit: None,
        },
    );
    assert_eq!(number["interactionType"], "numeric");
    assert_eq!(number["correctResponsesPattern"], json!(["1.5[:]2.5"]));
    let essay = told(
        Kind::Essay(carrel_quiz::kind::Essay::default()),
        Answer::Essay {
            text: "long".to_owned(),
            files: Vec::new(),
        },
    );
    assert_eq!(essay["interactionType"], "long-fill-in");
    assert!(essay.get("correctResponsesPattern").is_none());
}
