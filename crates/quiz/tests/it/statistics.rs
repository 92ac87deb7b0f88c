//! Figures of 200 attempts at 12 questions, two pools, points taken away and answers left out
//! among them, against `statistics/known.json`: what `statistics/known.py` computes of the same
//! attempts with fractions, from the formulas of Moodle's statistics report.

use carrel_quiz::kind::{Kind, TrueFalse};
use carrel_quiz::quiz::Pool;
use carrel_quiz::statistics::{
    GradedAttempt, GradedQuestion, PositionStatistics, QuizStatistics, Selection,
};
use carrel_quiz::{Answer, Item, Question, Quiz, Text};
use serde_json::Value;

/// Points of the questions that every attempt has.
const OWN: [u32; 8] = [1, 2, 3, 1, 4, 2, 1, 5];
/// Pools: id, questions drawn, points of each, questions.
const POOLS: [(&str, u32, u32, u32); 2] = [("few", 2, 3, 5), ("more", 2, 2, 3)];
const ATTEMPTS: u32 = 200;
const LEARNERS: u32 = 160;

/// The numbers of `known.py`.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u32) -> u32 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(bound)).unwrap()
    }
}

fn question(id: &str, points: u32) -> Question {
    let kind = Kind::TrueFalse(TrueFalse {
        correct: true,
        feedback_true: None,
        feedback_false: None,
    });
    let mut question = Question::new(id, Text::plain("?"), kind);
    question.points = f64::from(points);
    question
}

fn quiz() -> Quiz {
    let own = OWN.iter().enumerate();
    let own = own.map(|(number, points)| question(&format!("q{number}"), *points));
    let pools = POOLS.map(|(id, draw, points, questions)| {
        let questions = (0..questions).map(|number| question(&format!("{id}{number}"), 1));
        Item::Pool(Pool {
            id: id.to_owned(),
            title: String::new(),
            draw,
            points: Some(f64::from(points)),
            questions: questions.collect(),
        })
    });
    Quiz {
        items: own.map(Item::Question).chain(pools).collect(),
        ..Quiz::default()
    }
}

/// Question, position and points of what one attempt has.
fn draw(random: &mut Random) -> Vec<(String, String, u32)> {
    let own = OWN.iter().enumerate();
    let own = own.map(|(number, points)| (format!("q{number}"), format!("q{number}"), *points));
    let mut rows: Vec<_> = own.collect();
    for (pool, drawn, points, questions) in POOLS {
        let mut left: Vec<u32> = (0..questions).collect();
        for place in 1..=drawn {
            let count = u32::try_from(left.len()).unwrap();
            let one = left.remove(usize::try_from(random.below(count)).unwrap());
            rows.push((format!("{pool}{one}"), format!("{pool}/{place}"), points));
        }
    }
    rows
}

fn attempts() -> Vec<GradedAttempt> {
    let mut random = Random(2026);
    let mut numbers = [0; LEARNERS as usize];
    let mut attempts = Vec::new();
    for index in 0..ATTEMPTS {
        let learner = if index < LEARNERS {
            index
        } else {
            random.below(LEARNERS)
        };
        numbers[learner as usize] += 1;
        let ability = i64::from(random.below(8));
        let rows = draw(&mut random);
        let questions = rows.into_iter().map(|(question, position, worth)| {
            let points_max = f64::from(worth);
            let throw = i64::from(random.below(12));
            let quarters = match throw {
                0 => 0.0,
                1 => -1.0,
                _ => f64::from(
                    i32::try_from((ability + throw - 3).div_euclid(2).clamp(0, 4)).unwrap(),
                ),
            };
            GradedQuestion {
                question,
                position,
                points: points_max * quarters / 4.0,
                points_max,
                answer: (throw > 0).then_some(Answer::TrueFalse { value: throw > 1 }),
            }
        });
        attempts.push(GradedAttempt {
            learner: learner.to_string(),
            questions: questions.collect(),
            number: numbers[learner as usize],
        });
    }
    attempts
}

#[track_caller]
fn near(what: &str, found: Option<f64>, known: &Value) {
    match (found, known.as_f64()) {
        (Some(found), Some(known)) => {
            let most = 1e-9 * known.abs().max(1.0);
            assert!(
                (found - known).abs() <= most,
                "{what}: {found}, not {known}"
            );
        }
        (found, known) => assert_eq!(found, known, "{what}"),
    }
}

fn compare(kind: &str, one: &PositionStatistics, known: &Value) {
    let known = &known[&one.name];
    let what = |figure: &str| format!("{figure} of {} ({kind})", one.name);
    assert_eq!(one.attempts as u64, known["attempts"], "{}", what("number"));
    for (figure, found) in [
        ("facility", one.facility),
        ("standard_deviation", one.standard_deviation),
        ("discrimination_index", one.discrimination_index),
        ("discriminative_efficiency", one.discriminative_efficiency),
        ("intended_weight", one.intended_weight),
        ("effective_weight", one.effective_weight),
    ] {
        near(&what(figure), found, &known[figure]);
    }
    assert_eq!(one.random_guess_score.is_some(), !one.name.contains('/'));
}

#[test]
fn figures_are_those_of_an_independent_computation() {
    let known: Value = serde_json::from_str(include_str!("statistics/known.json")).unwrap();
    let (quiz, attempts) = (quiz(), attempts());
    for (kind, selection) in [
        ("all", Selection::All),
        ("first", Selection::First),
        ("last", Selection::Last),
        ("highest", Selection::Highest),
    ] {
        let known = &known[kind];
        let found = QuizStatistics::new(&quiz, &attempts, selection);
        let counts = found.counts.iter();
        let mut counts = counts.filter(|count| count.selection == selection);
        assert_eq!(counts.next().unwrap().attempts as u64, known["attempts"]);
        for (figure, found) in [
            ("mean", found.mean),
            ("median", found.median),
            ("standard_deviation", found.standard_deviation),
            ("skewness", found.skewness),
            ("kurtosis", found.kurtosis),
            ("internal_consistency", found.internal_consistency),
            ("error_ratio", found.error_ratio),
            ("standard_error", found.standard_error),
        ] {
            near(&format!("{figure} ({kind})"), found, &known[figure]);
        }
        assert_eq!((found.positions.len(), found.drawn.len()), (12, 8));
        for one in &found.positions {
            compare(kind, one, &known["positions"]);
        }
        for one in &found.drawn {
            compare(kind, one, &known["drawn"]);
        }
    }
}
