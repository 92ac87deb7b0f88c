use proptest::prelude::*;

use super::*;
use crate::kind::{Choice, ChoiceOption, TrueFalse};
use crate::question::Question;
use crate::quiz::Pool;
use crate::text::Text;

fn question(id: &str, points: f64) -> Question {
    let options = ["a", "b", "c", "d"].map(|id| ChoiceOption::new(id, Text::plain(id), id == "a"));
    let kind = Kind::Choice(Choice::one(options.to_vec()));
    let mut question = Question::new(id, Text::plain("?"), kind);
    question.points = points;
    question
}

fn quiz(points: &[f64]) -> Quiz {
    let questions = points.iter().enumerate();
    Quiz {
        items: questions
            .map(|(index, points)| Item::Question(question(&format!("q{index}"), *points)))
            .collect(),
        ..Quiz::default()
    }
}

/// One attempt of each learner, with the points of its questions.
fn attempts(points_max: &[f64], rows: &[Vec<f64>]) -> Vec<GradedAttempt> {
    rows.iter()
        .enumerate()
        .map(|(learner, row)| GradedAttempt {
            learner: learner.to_string(),
            number: 1,
            questions: row
                .iter()
                .enumerate()
                .map(|(index, points)| GradedQuestion {
                    question: format!("q{index}"),
                    position: format!("q{index}"),
                    points: *points,
                    points_max: points_max[index],
                    answer: Some(Answer::Choice {
                        options: vec![if *points > 0.0 { "a" } else { "b" }.to_owned()],
                    }),
                })
                .collect(),
        })
        .collect()
}

#[track_caller]
fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

/// Computed by another program, with fractions instead of floating point.
#[test]
fn a_small_quiz_by_hand() {
    let points_max = [1.0, 2.0, 3.0];
    let rows = [
        vec![1.0, 2.0, 3.0],
        vec![1.0, 1.0, 1.5],
        vec![0.0, 2.0, 3.0],
        vec![1.0, 0.0, 0.0],
        vec![0.0, 0.0, 1.0],
    ];
    let found = QuizStatistics::new(
        &quiz(&points_max),
        &attempts(&points_max, &rows),
        Selection::Highest,
    );
    near(found.mean, 3.3);
    near(found.median, 3.5);
    near(found.standard_deviation, 2.280350850198276);
    near(found.skewness, 0.009487406458850342);
    near(found.kurtosis, -2.5698039940828403);
    near(found.internal_consistency, 63.46153846153846);
    near(found.error_ratio, 60.44705248269889);
    near(found.standard_error, 1.3784048752090223);
    assert_eq!(found.points_max, 6.0);
    let expected = [
        (
            0.6,
            0.5477225575051661,
            Some(10.877277271831627),
            -12.009611535381534,
            -13.636363636363635,
            16.666666666666668,
        ),
        (
            0.5,
            1.0,
            Some(42.12751372588434),
            95.87062360592131,
            100.0,
            33.333333333333336,
        ),
        (
            0.5666666666666667,
            1.3038404810405297,
            Some(46.995209002284035),
            73.99400733959438,
            81.48148148148148,
            50.0,
        ),
    ];
    for (one, row) in found.positions.iter().zip(expected) {
        near(one.facility, row.0);
        near(one.standard_deviation, row.1);
        assert_eq!(one.effective_weight.is_some(), row.2.is_some());
        if let Some(weight) = row.2 {
            near(one.effective_weight, weight);
        }
        near(one.discrimination_index, row.3);
        near(one.discriminative_efficiency, row.4);
        near(one.intended_weight, row.5);
        assert_eq!(one.random_guess_score, Some(0.25));
    }
    check_options(&found.positions[0].answers[0].answers);
}

/// Three chose a and two b; nobody chose c and d, which stand there all the same.
#[track_caller]
fn check_options(first: &[AnswerCount]) {
    let told = first.iter().map(|one| {
        let (answer, text) = (one.answer.as_deref(), one.text.as_deref());
        (answer.unwrap_or("nothing"), text, one.right, one.count)
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [
            ("a", Some("a"), Some(true), 3),
            ("b", Some("b"), Some(false), 2),
            ("c", Some("c"), Some(false), 0),
            ("d", Some("d"), Some(false), 0),
        ]
    );
    assert_eq!(
        (first[0].share, first[1].share, first[3].share),
        (0.6, 0.4, 0.0)
    );
    let means: Vec<_> = first.iter().map(|one| one.mean_share).collect();
    assert_eq!(means, [Some(1.0), Some(0.0), None, None]);
}

#[test]
fn what_cannot_be_computed_is_none() {
    let nothing = QuizStatistics::new(&quiz(&[1.0]), &[], Selection::All);
    assert_eq!((nothing.mean, nothing.median), (None, None));
    assert_eq!(nothing.positions[0].facility, None);
    let one = attempts(&[1.0, 1.0], &[vec![1.0, 0.0]]);
    let found = QuizStatistics::new(&quiz(&[1.0, 1.0]), &one, Selection::All);
    assert_eq!((found.mean, found.standard_deviation), (Some(1.0), None));
    let same = attempts(&[0.3, 0.7], &vec![vec![0.1, 0.7]; 7]);
    let found = QuizStatistics::new(&quiz(&[0.3, 0.7]), &same, Selection::All);
    assert_eq!((found.skewness, found.internal_consistency), (None, None));
    for one in &found.positions {
        assert!(one.standard_deviation.unwrap() < 1e-12);
        assert_eq!(one.discrimination_index, None);
        assert_eq!(one.discriminative_efficiency, None);
    }
}

#[test]
fn selections_take_the_right_attempts() {
    let row = |learner: &str, number, points| {
        let mut attempt = attempts(&[5.0], &[vec![points]]).remove(0);
        (attempt.learner, attempt.number) = (learner.to_owned(), number);
        attempt
    };
    let all = [
        row("a", 2, 4.0),
        row("a", 1, 4.0),
        row("a", 3, 1.0),
        row("b", 1, 0.0),
    ];
    let numbers = |selection| -> Vec<u32> {
        let chosen = select(&all, selection);
        chosen.iter().map(|attempt| attempt.number).collect()
    };
    assert_eq!(numbers(Selection::All), [2, 1, 3, 1]);
    assert_eq!(numbers(Selection::First), [1, 1]);
    assert_eq!(numbers(Selection::Last), [3, 1]);
    // Of equals, the first made.
    assert_eq!(numbers(Selection::Highest), [1, 1]);
    let found = QuizStatistics::new(&quiz(&[5.0]), &all, Selection::Last);
    let counts: Vec<_> = found
        .counts
        .iter()
        .map(|one| (one.attempts, one.mean))
        .collect();
    assert_eq!(
        counts,
        [
            (4, Some(2.25)),
            (2, Some(2.0)),
            (2, Some(0.5)),
            (2, Some(2.0))
        ]
    );
    assert_eq!(found.mean, Some(0.5));
}

#[test]
fn pools_have_positions_and_their_questions_figures_of_their_own() {
    let truth = Kind::TrueFalse(TrueFalse {
        correct: true,
        feedback_true: None,
        feedback_false: None,
    });
    let mut quiz = quiz(&[1.0]);
    quiz.items.push(Item::Pool(Pool {
        id: "pool".to_owned(),
        title: String::new(),
        draw: 2,
        points: Some(2.0),
        questions: ["x", "y", "z"]
            .map(|id| Question::new(id, Text::plain("?"), truth.clone()))
            .to_vec(),
    }));
    let mut rows = Vec::new();
    for seed in 0..30_u32 {
        let paper = Paper::draw(&quiz, u64::from(seed)).unwrap();
        let names = positions(&paper);
        let questions = paper.entries.iter().zip(names);
        rows.push(GradedAttempt {
            learner: seed.to_string(),
            number: 1,
            questions: questions
                .map(|(entry, position)| GradedQuestion {
                    question: entry.question.clone(),
                    position,
                    points: if entry.question == "x" {
                        2.0
                    } else {
                        f64::from(seed % 2)
                    },
                    points_max: entry.points_max,
                    answer: Some(Answer::TrueFalse { value: true }),
                })
                .collect(),
        });
    }
    let found = QuizStatistics::new(&quiz, &rows, Selection::All);
    let names: Vec<_> = found
        .positions
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["q0", "pool/1", "pool/2"]);
    assert!(found.positions.iter().all(|one| one.attempts == 30));
    assert_eq!(found.points_max, 5.0);
    let drawn: usize = found.drawn.iter().map(|one| one.attempts).sum();
    assert_eq!(drawn, 60);
    let x = &found.drawn[0];
    assert_eq!((x.facility, x.random_guess_score), (Some(1.0), Some(0.5)));
    assert_eq!((x.intended_weight, x.effective_weight), (None, None));
}

#[test]
fn a_pool_of_questions_of_different_points_has_a_facility_of_what_was_asked() {
    let quiz = Quiz {
        items: vec![Item::Pool(Pool {
            id: "pool".to_owned(),
            title: String::new(),
            draw: 1,
            points: None,
            questions: vec![question("small", 1.0), question("large", 4.0)],
        })],
        ..Quiz::default()
    };
    let rows = [
        ("small", 1.0, 1.0),
        ("large", 4.0, 4.0),
        ("large", 1.0, 4.0),
    ];
    let rows = rows.map(|(id, points, points_max)| GradedAttempt {
        learner: format!("{id}{points}"),
        number: 1,
        questions: vec![GradedQuestion {
            question: id.to_owned(),
            position: "pool/1".to_owned(),
            points,
            points_max,
            answer: None,
        }],
    });
    let found = QuizStatistics::new(&quiz, &rows, Selection::All);
    assert_eq!(found.points_max, 2.5);
    near(found.positions[0].facility, 6.0 / 9.0);
    near(found.drawn[1].facility, 5.0 / 8.0);
}

proptest! {
    #[test]
    fn figures_keep_their_bounds_and_do_not_depend_on_the_order(
        rows in prop::collection::vec(prop::collection::vec(0..=4_u8, 4), 0..30),
        turn in any::<prop::sample::Index>(),
        factor in 0.01..100.0_f64,
    ) {
        let points_max = [4.0; 4];
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().map(|points| f64::from(*points)).collect()).collect();
        let of = |rows: &[Vec<f64>], points_max: &[f64]| QuizStatistics::new(&quiz(points_max), &attempts(points_max, rows), Selection::Highest);
        let found = of(&rows, &points_max);
        let mut weights = 0.0;
        for one in &found.positions {
            prop_assert!(one.facility.is_none_or(|share| (0.0..=1.0).contains(&share)));
            prop_assert!(one.discrimination_index.is_none_or(|index| index.abs() <= 100.0 + 1e-6));
            // No order of these points goes together better than the sorted ones.
            prop_assert!(one.discriminative_efficiency.is_none_or(|share| share <= 100.0 + 1e-6));
            weights += one.effective_weight.unwrap_or(0.0);
        }
        prop_assert!(weights.abs() < 1e-6 || (weights - 100.0).abs() < 1e-6);
        prop_assert!(found.internal_consistency.is_none_or(|alpha| alpha <= 100.0 + 1e-6));

        let mut turned = rows.clone();
        if !turned.is_empty() {
            let by = turn.index(turned.len());
            turned.rotate_left(by);
        }
        let close = |left: Option<f64>, right: Option<f64>| match (left, right) {
            (Some(left), Some(right)) => (left - right).abs() < 1e-6 * left.abs().max(1.0),
            (left, right) => left == right,
        };
        let again = of(&turned, &points_max);
        // Points of another size change sizes and no shares.
        let scaled: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().map(|points| points * factor).collect()).collect();
        let scaled = of(&scaled, &[4.0 * factor; 4]);
        for other in [&again, &scaled] {
            prop_assert!(close(found.skewness, other.skewness));
            prop_assert!(close(found.kurtosis, other.kurtosis));
            prop_assert!(close(found.internal_consistency, other.internal_consistency));
            for (left, right) in found.positions.iter().zip(&other.positions) {
                prop_assert!(close(left.facility, right.facility));
                prop_assert!(close(left.effective_weight, right.effective_weight));
                prop_assert!(close(left.discrimination_index, right.discrimination_index));
                prop_assert!(close(left.discriminative_efficiency, right.discriminative_efficiency));
            }
        }
        prop_assert!(close(found.standard_deviation.map(|deviation| deviation * factor), scaled.standard_deviation));
    }
}
