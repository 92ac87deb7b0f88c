use carrel_model::Verdict;
use carrel_quiz::kind::{Choice, ChoiceOption, Kind, NumberKey, TextKey, Tolerance};
use carrel_quiz::{Answer, Instance, Text};

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
            duration_ms: 120_999,
            points: score.points,
            points_max: score.points_max,
            passed: Some(true),
        }),
    };
    let told = of_attempt(&home(version), &attempt);
    assert_eq!(
        told,
        of_attempt(&home(version), &attempt),
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
    assert_eq!(told[3]["result"]["duration"], "PT120.99S");
    assert_eq!(
        told[0]["id"], "8832f0f6-8bd7-5815-a177-1c77a7138818",
        "ids of what was sent before stay"
    );
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

fn submission(step: Option<Step<'static>>, verdict: Verdict, points: f64) -> Submission<'static> {
    Submission {
        id: "submission-1",
        learner: "ada",
        activity: "courses/c/challenges/leap",
        title: "Leap year",
        step,
        sent_at: "2026-11-29T06:00:00Z",
        duration_ms: Some(61_000),
        judged: Some(Judged {
            at: "2026-11-29T06:00:01Z",
            verdict,
            points,
            points_max: 4.0,
        }),
    }
}

#[test]
fn a_submission_is_told_with_its_verdict() {
    let home = home(Version::V1p0p3);
    let sent = submission(None, Verdict::TimeLimit, 3.0);
    let told = of_submission(&home, &sent);
    assert_eq!(told, of_submission(&home, &sent), "the same record");
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["verb"]["display"]["en"], "attempted");
    assert!(told[0].get("result").is_none());
    assert_eq!(told[1]["verb"]["display"]["en"], "failed");
    let object = &told[1]["object"];
    assert_eq!(
        object["id"],
        "https://learn.example/courses/c/challenges/leap"
    );
    assert_eq!(object["definition"]["name"]["en"], "Leap year");
    assert_eq!(
        told[1]["result"],
        json!({
            "completion": true,
            "success": false,
            "score": {"scaled": 0.75, "raw": 3.0, "min": 0.0, "max": 4.0},
            "duration": "PT61.00S",
            "extensions": {"https://learn.example/xapi/extensions/verdict": "time_limit"},
        })
    );
    let registration = |line: &Value| line["context"]["registration"].clone();
    assert_eq!(registration(&told[0]), registration(&told[1]));

    let passed = of_submission(&home, &submission(None, Verdict::Accepted, 4.0));
    assert_eq!(passed[1]["verb"]["display"]["en"], "passed");
    assert_eq!(passed[1]["result"]["success"], true);
    assert_eq!(passed[0]["id"], told[0]["id"]);
    assert_ne!(passed[1]["id"], told[1]["id"]);

    let waiting = Submission {
        judged: None,
        ..sent
    };
    assert_eq!(of_submission(&home, &waiting).len(), 1);
}

#[test]
fn a_submission_up_to_a_step_does_not_pass_the_challenge() {
    let step = Step {
        id: "one",
        title: "First",
    };
    let told = of_submission(
        &home(Version::V2p0p0),
        &submission(Some(step), Verdict::Accepted, 4.0),
    );
    let challenge = "https://learn.example/courses/c/challenges/leap";
    for line in &told {
        assert_eq!(line["object"]["id"], format!("{challenge}/steps/one"));
        assert_eq!(line["object"]["definition"]["name"]["en"], "First");
        let parent = &line["context"]["contextActivities"]["parent"][0];
        assert_eq!(parent["id"], challenge);
    }
}

#[test]
fn a_lesson_is_told_once_for_each_reader() {
    let reading = |learner| Reading {
        learner,
        activity: "courses/c/lessons/intro",
        title: "Introduction",
        at: "2026-11-29T06:00:00Z",
    };
    let home = home(Version::V1p0p3);
    let told = of_reading(&home, &reading("ada"));
    assert_eq!(
        told["verb"]["id"],
        "http://adlnet.gov/expapi/verbs/experienced"
    );
    assert_eq!(told["actor"]["account"]["name"], "ada");
    assert_eq!(
        told["object"]["definition"]["type"],
        "http://adlnet.gov/expapi/activities/lesson"
    );
    assert_eq!(told, of_reading(&home, &reading("ada")));
    assert_ne!(told["id"], of_reading(&home, &reading("bob"))["id"]);
}

#[test]
fn a_project_is_told_once_for_each_who_is_done() {
    let completion = |learner| Completion {
        learner,
        activity: "courses/c/projects/page",
        title: "A page",
        at: "2026-11-29T06:00:00Z",
    };
    let home = home(Version::V2p0p0);
    let told = of_completion(&home, &completion("ada"));
    assert_eq!(
        told["verb"]["id"],
        "http://adlnet.gov/expapi/verbs/completed"
    );
    assert_eq!(
        told["object"]["id"],
        "https://learn.example/courses/c/projects/page"
    );
    assert_eq!(told["result"], json!({"completion": true}), "no score");
    assert_eq!(told, of_completion(&home, &completion("ada")));
    assert_ne!(told["id"], of_completion(&home, &completion("bob"))["id"]);
}

#[test]
fn durations_are_of_iso_8601() {
    assert_eq!(duration(0), "PT0.00S");
    assert_eq!(duration(59), "PT0.05S");
    assert_eq!(duration(90_061_230), "PT90061.23S");
    assert_eq!(duration(-5), "PT0.00S");
}
