use super::*;
use crate::answer::BlankAnswer;
use crate::instance::Instance;
use crate::kind::{Kind, TextKey, TrueFalse};
use crate::quiz::Item;
use crate::settings::{ReviewPart, Settings};
use crate::text::Text;

const MINUTE: i64 = 60 * SECOND_MS;

fn quiz(settings: Settings) -> Quiz {
    let yes = Kind::TrueFalse(TrueFalse {
        correct: true,
        feedback_true: None,
        feedback_false: None,
    });
    let mut word = Question::new(
        "word",
        Text::plain("?"),
        Kind::ShortAnswer(TextKey::exact(["right"])),
    );
    word.points = 3.0;
    word.hints = vec![Hint {
        after_tries: 1,
        cost: 0.5,
        ..Hint::new(Text::plain("r…"))
    }];
    Quiz {
        id: "quiz".into(),
        title: "Quiz".into(),
        introduction: None,
        settings,
        items: vec![
            Item::Question(Question::new("yes", Text::plain("?"), yes)),
            Item::Question(word),
        ],
    }
}

fn word(text: &str) -> Answer {
    Answer::ShortAnswer { text: text.into() }
}

fn open(quiz: &Quiz) -> Rules<'_> {
    Rules {
        quiz,
        window: Window::default(),
    }
}

fn start(rules: Rules<'_>, now_ms: i64) -> Attempt {
    Attempt::start(rules, Accommodation::default(), &[], 1, now_ms).unwrap()
}

#[test]
fn time_runs_out_after_the_grace_and_saved_answers_count() {
    let quiz = quiz(Settings {
        time_limit_seconds: Some(600),
        grace_seconds: 5,
        pass: Some(0.75),
        ..Settings::default()
    });
    let rules = open(&quiz);
    let mut attempt = start(rules, 1_000);
    assert_eq!(attempt.remaining_ms(rules, 1_000), Some(10 * MINUTE));
    let deadline = 1_000 + 10 * MINUTE;
    attempt
        .save(rules, "word", Some(word("right")), deadline + 4_999)
        .unwrap();
    assert!(!attempt.expire(rules, deadline + 4_999));
    let late = attempt.save(rules, "word", None, deadline + 5_000);
    assert_eq!(
        late,
        Err(AttemptError::TimeOver {
            deadline_ms: deadline
        })
    );
    assert!(attempt.expire(rules, deadline + 5_000));
    assert!(!attempt.expire(rules, deadline + 6_000), "once");
    let submitted = attempt.submitted.unwrap();
    assert_eq!(
        (submitted.at_ms, submitted.by),
        (deadline, SubmittedBy::Deadline)
    );
    let grade = attempt.grade(rules).unwrap();
    assert_eq!(
        (grade.points, grade.points_max, grade.passed),
        (3.0, 4.0, Some(true))
    );
    assert_eq!(
        grade.questions[0].graded.score.state,
        ScoreState::Unanswered
    );
}

#[test]
fn accommodations_may_change_during_the_attempt() {
    let quiz = quiz(Settings {
        time_limit_seconds: Some(600),
        grace_seconds: 0,
        ..Settings::default()
    });
    let rules = Rules {
        quiz: &quiz,
        window: Window {
            opens_ms: None,
            closes_ms: Some(20 * MINUTE),
        },
    };
    let mut attempt = start(rules, 0);
    assert_eq!(attempt.deadline_ms(rules), Some(10 * MINUTE));
    attempt.accommodation.time_factor = 1.5;
    attempt.accommodation.extra_seconds = 60;
    assert_eq!(attempt.deadline_ms(rules), Some(16 * MINUTE));
    attempt.accommodation.untimed = true;
    assert_eq!(
        attempt.deadline_ms(rules),
        Some(20 * MINUTE),
        "the quiz still closes"
    );
    attempt.accommodation.late_seconds = 600;
    assert_eq!(attempt.deadline_ms(rules), Some(30 * MINUTE));
}

#[test]
fn starting_is_refused_with_the_reason() {
    let quiz = quiz(Settings {
        attempts: Some(1),
        wait_seconds: 60,
        ..Settings::default()
    });
    let rules = Rules {
        quiz: &quiz,
        window: Window {
            opens_ms: Some(MINUTE),
            closes_ms: Some(9 * MINUTE),
        },
    };
    let try_start = |past: &[Option<i64>], extra_attempts, now| {
        let extra = Accommodation {
            extra_attempts,
            ..Accommodation::default()
        };
        Attempt::start(rules, extra, past, 1, now).map(|_| ())
    };
    assert!(matches!(
        try_start(&[], 0, 0),
        Err(AttemptError::NotYetOpen { .. })
    ));
    assert!(matches!(
        try_start(&[], 0, 9 * MINUTE),
        Err(AttemptError::Closed { .. })
    ));
    assert!(matches!(
        try_start(&[None], 5, MINUTE),
        Err(AttemptError::AnotherRunning)
    ));
    let past = [Some(2 * MINUTE)];
    assert_eq!(
        try_start(&past, 0, 5 * MINUTE),
        Err(AttemptError::NoAttemptsLeft { attempts: 1 })
    );
    let wait = try_start(&past, 1, 2 * MINUTE + 1);
    assert_eq!(
        wait,
        Err(AttemptError::Wait {
            until_ms: 3 * MINUTE
        })
    );
    assert_eq!(try_start(&past, 1, 3 * MINUTE), Ok(()));
}

#[test]
fn tries_and_hints() {
    let quiz = quiz(Settings {
        tries: Some(2),
        penalty: 0.25,
        ..Settings::default()
    });
    let rules = open(&quiz);
    let mut attempt = start(rules, 0);
    let early = attempt.take_hint(rules, "word", 0, 1);
    assert_eq!(early, Err(AttemptError::HintNotDue { tries: 1, used: 0 }));
    assert_eq!(
        attempt
            .try_answer(rules, "word", word("wrong"), 2)
            .unwrap()
            .points,
        0.0
    );
    assert_eq!(attempt.take_hint(rules, "word", 0, 3).unwrap().cost, 0.5);
    attempt.take_hint(rules, "word", 0, 3).unwrap();
    assert_eq!(attempt.responses["word"].steps.len(), 2, "taken once");
    let graded = attempt.try_answer(rules, "word", word("right"), 4).unwrap();
    assert_eq!(graded.points, 0.75);
    let again = attempt.try_answer(rules, "word", word("right"), 5);
    assert_eq!(again, Err(AttemptError::AlreadyRight));
    attempt.submit(rules, 6).unwrap();
    assert!(matches!(
        attempt.submit(rules, 7),
        Err(AttemptError::Submitted { at_ms: 6 })
    ));
}

#[test]
fn a_hint_clears_what_is_wrong_and_tells_how_much_is_right() {
    let text = "+++\nid = 'q'\ntitle = 'Q'\ntries = 3\ntry_counted = 'last'\n+++\n\n\
        ## Fill {#fill}\n\nA [[= a]], b [[= b]].\n\n\
        hint: {after=1 clear-wrong right-count} Look again.\n";
    let quiz = crate::notation::parse(text, "q.quiz.md").unwrap();
    let rules = open(&quiz);
    let fill = |texts: &[(&str, &str)]| {
        let typed = |text: &str| crate::answer::BlankAnswer::Typed(text.to_owned());
        let blanks = texts
            .iter()
            .map(|(id, text)| ((*id).to_owned(), typed(text)));
        Answer::Blanks {
            blanks: blanks.collect(),
        }
    };
    let mut attempt = start(rules, 0);
    attempt
        .try_answer(rules, "fill", fill(&[("1", "a"), ("2", "x")]), 1)
        .unwrap();
    attempt.take_hint(rules, "fill", 0, 2).unwrap();
    let response = &attempt.responses["fill"];
    assert_eq!(response.answer, Some(fill(&[("1", "a")])));
    let count = crate::right_parts::RightCount { right: 1, of: 2 };
    assert!(matches!(
        response.steps[1],
        Step::Hint { right: Some(right), .. } if right == count
    ));
    // Taken again it clears and tells nothing anew: no other answer is tried out by it.
    let other = fill(&[("1", "a"), ("2", "y")]);
    attempt.save(rules, "fill", Some(other.clone()), 3).unwrap();
    attempt.take_hint(rules, "fill", 0, 4).unwrap();
    assert_eq!(attempt.responses["fill"].answer, Some(other));
    // What the hint left is no try of the learner's.
    let left = Some(fill(&[("1", "a")]));
    attempt.save(rules, "fill", left, 5).unwrap();
    attempt.submit(rules, 6).unwrap();
    let grade = attempt.grade(rules).unwrap();
    assert_eq!((grade.points, grade.questions[0].graded.tries), (0.5, 1));
}

#[test]
fn what_does_not_belong_is_refused_and_nothing_changes() {
    let quiz = quiz(Settings::default());
    let rules = open(&quiz);
    let mut attempt = start(rules, 0);
    let before = attempt.clone();
    let wrong = Answer::TrueFalse { value: true };
    assert!(matches!(
        attempt.save(rules, "word", Some(wrong), 1),
        Err(AttemptError::Score(_))
    ));
    assert!(matches!(
        attempt.save(rules, "nothing", None, 1),
        Err(AttemptError::UnknownQuestion { .. })
    ));
    assert_eq!(
        attempt.try_answer(rules, "word", word("x"), 1),
        Err(AttemptError::NotAtOnce)
    );
    assert_eq!(attempt, before);
}

#[test]
fn one_after_another_without_going_back() {
    let quiz = quiz(Settings {
        sequential: true,
        ..Settings::default()
    });
    let rules = open(&quiz);
    let mut attempt = start(rules, 0);
    assert!(matches!(
        attempt.save(rules, "word", None, 1),
        Err(AttemptError::NotOpen { .. })
    ));
    attempt.go_on(rules, 2).unwrap();
    attempt.save(rules, "word", Some(word("right")), 3).unwrap();
    assert_eq!(attempt.go_on(rules, 4), Err(AttemptError::LastQuestion));
}

#[test]
fn review_follows_the_moment() {
    let mut settings = Settings::default();
    settings.review.during.clear();
    settings
        .review
        .after_submit
        .remove(&ReviewPart::RightAnswer);
    let quiz = quiz(settings);
    let rules = Rules {
        quiz: &quiz,
        window: Window {
            opens_ms: None,
            closes_ms: Some(100),
        },
    };
    let mut attempt = start(rules, 0);
    assert!(visible_parts(&attempt, rules, 1).is_empty());
    attempt.submit(rules, 2).unwrap();
    assert!(!visible_parts(&attempt, rules, 3).contains(&ReviewPart::RightAnswer));
    assert!(visible_parts(&attempt, rules, 100).contains(&ReviewPart::RightAnswer));
}

#[test]
fn attempts_are_put_together() {
    let points = [1.0, 4.0, 2.5];
    for (method, expected) in [
        (GradeMethod::Highest, 4.0),
        (GradeMethod::Average, 2.5),
        (GradeMethod::First, 1.0),
        (GradeMethod::Last, 2.5),
    ] {
        assert_eq!(combine_points(method, &points), Some(expected));
    }
    assert_eq!(combine_points(GradeMethod::Highest, &[]), None);
}

/// A learner who types a number that may be one of two is told so, and learns nothing else.
#[test]
fn what_cannot_be_read_is_no_try_and_tells_nothing() {
    let text =
        "+++\nid = \"q\"\ntitle = \"Q\"\ntries = 2\n+++\n## A {#a}\n\n[[# 1500]] and [[# 7]]\n";
    let quiz = crate::notation::parse(text, "q.md").unwrap();
    let rules = open(&quiz);
    let mut attempt = start(rules, 0);
    let typed = |first: &str, second: &str| Answer::Blanks {
        blanks: [("1", first), ("2", second)]
            .map(|(id, text)| (id.to_owned(), BlankAnswer::Typed(text.to_owned())))
            .into(),
    };
    let told = attempt
        .try_answer(rules, "a", typed("1,500", "7"), 1)
        .unwrap();
    assert_eq!((told.score.state, told.tries), (ScoreState::Invalid, 0));
    assert_eq!(
        told.score.explanation,
        ["`1,500` can be read as 1500 and as 1.5: write `1500` or `1.5`"]
    );
    let parts: Vec<&str> = told
        .score
        .parts
        .iter()
        .map(|part| part.part.as_str())
        .collect();
    assert_eq!((parts, told.score.fraction), (vec!["1"], 0.0));
    assert!(attempt.responses["a"].steps.is_empty());
    let scorer = Scorer::new(quiz.question("a").unwrap(), &Instance::default()).unwrap();
    let unreadable = scorer.find_unreadable(&typed("1,500", "seven")).unwrap();
    let parts: Vec<_> = unreadable.iter().map(|one| one.part.as_deref()).collect();
    assert_eq!(parts, [Some("1"), Some("2")]);
    assert!(scorer.find_unreadable(&typed("8", "")).unwrap().is_empty());
    let told = attempt
        .try_answer(rules, "a", typed("1500", "7"), 2)
        .unwrap();
    assert_eq!((told.score.state, told.tries), (ScoreState::Correct, 1));
}
