//! Scores of each kind, and why.

use std::collections::BTreeMap;

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::Outcome;
use carrel_quiz::notation::parse;
use carrel_quiz::score::{Score, ScoreError, ScoreState};
use carrel_quiz::{Answer, Instance, Question, score::score};

fn question(body: &str) -> Question {
    let text = format!("+++\nid = \"q\"\ntitle = \"Q\"\n+++\n\n## Q {{#q}}\n{body}");
    let quiz = parse(&text, "q.md").unwrap_or_else(|problems| panic!("{problems}"));
    quiz.questions().next().unwrap().clone()
}

fn try_score(question: &Question, answer: &Answer) -> Result<Score, ScoreError> {
    score(question, &Instance::default(), Some(answer))
}

fn fraction(question: &Question, answer: &Answer) -> f64 {
    try_score(question, answer).unwrap().fraction
}

fn chosen(options: &[&str]) -> Answer {
    Answer::Choice {
        options: options.iter().map(|id| (*id).to_owned()).collect(),
    }
}

const THREE_OF_FIVE: &str = "\nWhich?\n\n- [x] a\n- [x] b\n- [x] c\n- [ ] d\n- [ ] e\n";

#[test]
fn choice_by_each_scheme() {
    let two_and_one_wrong = chosen(&["a", "b", "d"]);
    for (scoring, expected) in [
        ("weights", 1.0 / 3.0),
        ("right minus wrong", 1.0 / 3.0),
        ("every decision", 0.6),
        ("all or nothing", 0.0),
    ] {
        let question = question(&format!("{THREE_OF_FIVE}scoring: {scoring}\n"));
        let found = fraction(&question, &two_and_one_wrong);
        assert!((found - expected).abs() < 1e-8, "{scoring}: {found}");
        assert_eq!(
            fraction(&question, &chosen(&["c", "a", "b"])),
            1.0,
            "{scoring}"
        );
    }
    let weighted = question(
        "\nWhich?\n\n- [x] {weight=0.75} a\n- [x] {weight=0.25} b\n- [ ] {weight=-1} c\nscoring: weights -0.5 .. 1\n",
    );
    assert_eq!(fraction(&weighted, &chosen(&["a"])), 0.75);
    assert_eq!(fraction(&weighted, &chosen(&["a", "c"])), -0.25);
    assert_eq!(fraction(&weighted, &chosen(&["c"])), -0.5);
    let score = try_score(&weighted, &chosen(&["c"])).unwrap();
    assert!(
        score
            .explanation
            .iter()
            .any(|line| line == "held within -0.5 and 1"),
        "{score:?}"
    );
}

#[test]
fn an_explanation_says_why_two_thirds() {
    let question = question("points: 3\n\nA [[= a]], b [[= b]], c [[= c]].\n");
    let blanks = [("1", "a"), ("2", "B"), ("3", "x")]
        .map(|(id, text)| (id.to_owned(), BlankAnswer::Typed(text.to_owned())));
    let score = try_score(
        &question,
        &Answer::Blanks {
            blanks: BTreeMap::from(blanks),
        },
    )
    .unwrap();
    assert_eq!(score.points, 2.0);
    assert_eq!(score.state, ScoreState::PartiallyCorrect);
    assert_eq!(
        score.explanation,
        [
            "blank 1: matches the answer `a`: 1",
            "blank 2: matches the answer `b`: 1",
            "blank 3: no accepted answer matches",
            "2 of 3 parts right: 0.67",
            "0.67 × 3 points = 2 points",
        ]
    );
}

#[test]
fn order_by_each_scheme() {
    let order = |items: &str| Answer::Ordering {
        items: items.chars().map(String::from).collect(),
    };
    for (scoring, given, expected) in [
        ("longest common subsequence", "1243", 0.75),
        ("longest common subsequence", "4321", 0.0),
        ("longest common subsequence", "12534", 0.75),
        ("longest common subsequence", "123", 0.75),
        ("positions", "1243", 0.5),
        ("positions", "2341", 0.0),
        ("neighbours", "2341", 2.0 / 3.0),
        ("positions", "12345", 0.75),
        ("positions", "51234", 0.0),
        ("positions", "5", 0.0),
        ("neighbours", "12345", 2.0 / 3.0),
        ("neighbours", "12534", 1.0 / 3.0),
        ("longest common subsequence", "12345", 0.75),
        ("all or nothing", "12345", 0.0),
        ("all or nothing", "1243", 0.0),
        ("all or nothing", "1234", 1.0),
    ] {
        let question = question(&format!(
            "kind: ordering\n\nSort.\n\n1. a\n2. b\n3. c\n4. d\n+ x\nscoring: {scoring}\n"
        ));
        let found = fraction(&question, &order(given));
        assert!(
            (found - expected).abs() < 1e-8,
            "{scoring} {given}: {found}"
        );
    }
    let twins = question("kind: ordering\n\nSort.\n\n1. a\n2. b\n3. a\nscoring: positions\n");
    assert_eq!(
        fraction(&twins, &order("321")),
        1.0,
        "items that look the same are the same"
    );
}

#[test]
fn an_order_says_what_does_not_belong_in_it() {
    let items = ["1", "2", "3", "4"].map(String::from).to_vec();
    for (scoring, expected) in [
        (
            "positions",
            "3 of 3 items at their place, less 1 that does not belong: 0.67",
        ),
        (
            "neighbours",
            "2 of 2 items right after the one they follow, less 1 that does not belong: 0.5",
        ),
        (
            "longest common subsequence",
            "3 of 3 items are in order among themselves, less 1 that does not belong: 0.67",
        ),
        (
            "all or nothing",
            "the order is not the right one: 1 in it does not belong",
        ),
    ] {
        let question = question(&format!(
            "kind: ordering\n\nSort.\n\n1. a\n2. b\n3. c\n+ d\nscoring: {scoring}\n"
        ));
        let answer = Answer::Ordering {
            items: items.clone(),
        };
        let score = try_score(&question, &answer).unwrap();
        assert_eq!(score.explanation[0], expected);
        assert_ne!(score.state, ScoreState::Correct, "{scoring}");
    }
}

#[test]
fn matching_counts_each_item_and_same_targets() {
    let question =
        question("kind: matching\n\nMatch.\n\n- a => x\n  > no\n- b => y\n- {weight=2} c => x\n");
    let pairs = |targets: &[(&str, &str)]| Answer::Matching {
        targets: targets
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect(),
    };
    assert_eq!(
        fraction(&question, &pairs(&[("1", "a"), ("2", "b"), ("3", "a")])),
        1.0
    );
    let score = try_score(&question, &pairs(&[("1", "b"), ("3", "a")])).unwrap();
    assert_eq!(score.fraction, 0.5);
    assert_eq!(score.feedback[0].text.source, "no");
    let wrong = try_score(&question, &pairs(&[("1", "z")])).unwrap_err();
    assert!(matches!(
        wrong,
        ScoreError::WrongPart { what: "target", .. }
    ));
}

#[test]
fn tracing_forgives_blanks_at_ends_and_counts_lines() {
    let body = "kind: tracing\n\nWhat?\n\n```python source\nx\n```\n\n```output\na\nb\nc\n```\n";
    let prints = |output: &str| Answer::Tracing {
        outcome: Outcome::Prints {
            output: output.to_owned(),
        },
    };
    let whole = question(body);
    assert_eq!(fraction(&whole, &prints("a  \nb\nc\n\n")), 1.0);
    assert_eq!(fraction(&whole, &prints("a\nb\n")), 0.0);
    let lines = question(&format!("{body}\nscoring: each part\n"));
    assert!((fraction(&lines, &prints("a\nb\n")) - 2.0 / 3.0).abs() < 1e-8);
    let error = Answer::Tracing {
        outcome: Outcome::CompileError,
    };
    assert_eq!(fraction(&lines, &error), 0.0);
}

#[test]
fn bug_lines_cost_when_wrong() {
    let question = question(
        "kind: bug-line\n\nWhere?\n\n```c source\na\nb\nc\nd\ne\n```\n\nbug 2-3: yes\nbug 5:\nline 1: no\n",
    );
    let lines = |lines: &[u32]| Answer::BugLine {
        lines: lines.to_vec(),
    };
    assert_eq!(fraction(&question, &lines(&[3, 5])), 1.0);
    assert_eq!(fraction(&question, &lines(&[2])), 0.5);
    assert_eq!(fraction(&question, &lines(&[2, 1])), 0.0);
    assert_eq!(
        fraction(&question, &lines(&[2, 3])),
        0.5,
        "one bug is found once"
    );
    let score = try_score(&question, &lines(&[1, 2])).unwrap();
    let shown: Vec<&str> = score
        .feedback
        .iter()
        .map(|shown| shown.text.source.as_str())
        .collect();
    assert_eq!(shown, ["yes", "no"]);
    assert!(try_score(&question, &lines(&[6])).is_err());
}

#[test]
fn answers_that_do_not_belong_are_refused_not_scored() {
    let question = question(THREE_OF_FIVE);
    for wrong in [
        chosen(&["z"]),
        chosen(&["a", "a"]),
        Answer::TrueFalse { value: true },
    ] {
        assert!(try_score(&question, &wrong).is_err(), "{wrong:?}");
    }
    assert_eq!(
        try_score(&question, &chosen(&[])).unwrap().state,
        ScoreState::Unanswered
    );
}

#[test]
fn people_grade_essays() {
    let question = question("kind: essay\n\nWrite.\n");
    let essay = |text: &str| Answer::Essay {
        text: text.to_owned(),
        files: Vec::new(),
    };
    assert_eq!(
        try_score(&question, &essay("I")).unwrap().state,
        ScoreState::NeedsGrading
    );
    assert_eq!(
        try_score(&question, &essay(" ")).unwrap().state,
        ScoreState::Unanswered
    );
}

#[test]
fn values_do_not_change_what_a_pattern_means() {
    let question = question(
        "variable a: one of \"a*b\", \"a(b\"\n\nType {{a}}.\n\n= {wildcard} x{{a}}\n= {regex} y{{a}}\n",
    );
    for seed in 0..10 {
        let instance = Instance::draw(&question, seed).unwrap();
        let value = carrel_quiz::expression::format_value(&instance.values["a"]);
        for (text, expected) in [
            (format!("x{value}"), 1.0),
            (format!("y{value}"), 1.0),
            ("xaxb".to_owned(), 0.0),
        ] {
            let answer = Answer::ShortAnswer { text };
            let score = score(&question, &instance, Some(&answer)).unwrap();
            assert_eq!(score.fraction, expected, "{answer:?}");
        }
    }
}
