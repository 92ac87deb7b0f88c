//! What holds for every score.

use std::collections::BTreeMap;

use carrel_quiz::kind::{
    Choice, ChoiceOption, ChoiceScheme, Kind, OrderItem, OrderScheme, Ordering, TextKey,
};
use carrel_quiz::paper::Paper;
use carrel_quiz::right::right_answer;
use carrel_quiz::score::{read_number, score};
use carrel_quiz::{Answer, Instance, Item, Pool, Question, Quiz, Scorer, Settings, Text};
use proptest::prelude::*;
use proptest::sample::select;

fn scheme() -> impl Strategy<Value = ChoiceScheme> {
    prop_oneof![
        Just(ChoiceScheme::AllOrNothing),
        Just(ChoiceScheme::RightMinusWrong),
        Just(ChoiceScheme::EveryDecision),
        Just(ChoiceScheme::default()),
        (0.0..1.0_f64).prop_map(|floor| ChoiceScheme::Weights {
            floor: -floor,
            ceiling: 1.0
        }),
    ]
}

/// A choice of many with at least one right option, and which are chosen.
fn choice() -> impl Strategy<Value = (Choice, Vec<bool>)> {
    (
        prop::collection::vec((any::<bool>(), any::<bool>()), 2..8),
        scheme(),
    )
        .prop_map(|(flags, scheme)| {
            let options = flags
                .iter()
                .enumerate()
                .map(|(index, (correct, _))| {
                    ChoiceOption::new(
                        format!("o{index}"),
                        Text::plain("x"),
                        *correct || index == 0,
                    )
                })
                .collect();
            let chosen = flags.iter().map(|(_, chosen)| *chosen).collect();
            (
                Choice {
                    scheme,
                    ..Choice::many(options)
                },
                chosen,
            )
        })
}

fn ids(choice: &Choice, chosen: &[bool]) -> Vec<String> {
    choice
        .options
        .iter()
        .zip(chosen)
        .filter(|(_, chosen)| **chosen)
        .map(|(option, _)| option.id.clone())
        .collect()
}

/// An order with items that may look the same, and an answer of some of what there is.
fn ordering() -> impl Strategy<Value = (Ordering, Vec<String>)> {
    let texts = prop::collection::vec(select(vec!["a", "b", "c", "d", "e"]), 2..7);
    let schemes = select(vec![
        OrderScheme::Positions,
        OrderScheme::LongestCommonSubsequence,
        OrderScheme::Neighbours,
        OrderScheme::AllOrNothing,
    ]);
    (texts, 0..3_usize, schemes).prop_flat_map(|(texts, distractors, scheme)| {
        let item = |(index, text): (usize, String)| OrderItem {
            id: index.to_string(),
            text: Text::plain(text),
        };
        let count = texts.len();
        let right = texts.into_iter().map(str::to_owned).enumerate();
        let wrong = (count..count + distractors).map(|index| (index, format!("not {index}")));
        let ordering = Ordering {
            items: right.map(item).collect(),
            distractors: wrong.map(item).collect(),
            scheme,
        };
        let ids: Vec<String> = (0..count + distractors).map(|id| id.to_string()).collect();
        let key = ids[..count].to_vec();
        let shuffled = Just(ids.clone()).prop_shuffle();
        let given = prop_oneof![
            (shuffled, 1..=count + distractors).prop_map(|(ids, length)| ids[..length].to_vec()),
            // All in order, with what does not belong at the end.
            Just(ids),
            Just(key),
        ];
        (Just(ordering), given)
    })
}

fn ask(kind: Kind) -> Question {
    Question::new("q", Text::plain("?"), kind)
}

fn fraction(question: &Question, answer: &Answer) -> f64 {
    score(question, &Instance::default(), Some(answer))
        .unwrap()
        .fraction
}

proptest! {
    #[test]
    fn choices_stay_within_bounds_and_do_not_depend_on_order((choice, chosen) in choice()) {
        let mut options = ids(&choice, &chosen);
        let floor = match choice.scheme {
            ChoiceScheme::Weights { floor, .. } => floor,
            _ => 0.0,
        };
        let question = ask(Kind::Choice(choice.clone()));
        let first = fraction(&question, &Answer::Choice { options: options.clone() });
        prop_assert!((floor - 1e-9..=1.0).contains(&first));
        options.reverse();
        prop_assert_eq!(fraction(&question, &Answer::Choice { options }), first);
        let right = right_answer(&question).unwrap();
        prop_assert_eq!(fraction(&question, &right), 1.0);
    }

    #[test]
    fn choosing_everything_never_beats_choosing_right((choice, _) in choice()) {
        let wrong = choice.options.len() - choice.right_count();
        let all = Answer::Choice { options: choice.options.iter().map(|option| option.id.clone()).collect() };
        let question = ask(Kind::Choice(choice));
        let everything = fraction(&question, &all);
        prop_assert!(wrong == 0 || everything < 1.0, "{}", everything);
    }

    #[test]
    fn shuffled_questions_score_the_same(seed in any::<u64>(), (choice, chosen) in choice()) {
        let answer = Answer::Choice { options: ids(&choice, &chosen) };
        let question = ask(Kind::Choice(choice));
        let instance = Instance::draw(&question, seed).unwrap();
        prop_assert_eq!(&instance, &Instance::draw(&question, seed).unwrap());
        let shuffled = score(&question, &instance, Some(&answer)).unwrap();
        prop_assert_eq!(shuffled.fraction, fraction(&question, &answer));
        let mut order = instance.order["options"].clone();
        order.sort();
        let mut all: Vec<String> = match &question.kind {
            Kind::Choice(choice) => choice.options.iter().map(|option| option.id.clone()).collect(),
            _ => Vec::new(),
        };
        all.sort();
        prop_assert_eq!(order, all);
    }

    #[test]
    fn fixed_options_keep_their_place(seed in any::<u64>(), fixed in prop::collection::vec(any::<bool>(), 2..9)) {
        let options = fixed.iter().enumerate().map(|(index, fixed)| ChoiceOption {
            fixed: *fixed,
            ..ChoiceOption::new(index.to_string(), Text::plain("x"), true)
        });
        let question = ask(Kind::Choice(Choice::many(options.collect())));
        let order = Instance::draw(&question, seed).unwrap().order["options"].clone();
        for (index, is_fixed) in fixed.iter().enumerate() {
            prop_assert!(!is_fixed || order[index] == index.to_string());
        }
    }

    #[test]
    fn orders_stay_within_bounds_and_only_the_right_one_is_right((order, given) in ordering()) {
        let text = |id: &String| {
            let mut items = order.items.iter().chain(&order.distractors);
            items.find(|item| item.id == *id).map(|item| item.text.clone())
        };
        let is_right = given.iter().map(text).eq(order.items.iter().map(|item| Some(item.text.clone())));
        let question = ask(Kind::Ordering(order.clone()));
        let found = score(&question, &Instance::default(), Some(&Answer::Ordering { items: given })).unwrap();
        prop_assert!((0.0..=1.0).contains(&found.fraction));
        prop_assert_eq!(found.fraction == 1.0, is_right, "{:?}", found.explanation);
    }

    #[test]
    fn what_does_not_belong_never_raises_a_score((order, given) in ordering()) {
        let belongs = |id: &&String| order.items.iter().any(|item| item.id == **id);
        let without: Vec<String> = given.iter().filter(belongs).cloned().collect();
        let question = ask(Kind::Ordering(order.clone()));
        let with = fraction(&question, &Answer::Ordering { items: given });
        let without = fraction(&question, &Answer::Ordering { items: without });
        prop_assert!(with <= without || order.scheme == OrderScheme::Positions, "{} > {}", with, without);
    }

    #[test]
    fn nothing_typed_does_harm(typed in any::<String>(), pattern in any::<String>()) {
        let question = ask(Kind::ShortAnswer(TextKey::exact([pattern.clone()])));
        let found = score(&question, &Instance::default(), Some(&Answer::ShortAnswer { text: typed.clone() })).unwrap();
        prop_assert!(found.fraction == 0.0 || found.fraction == 1.0);
        if !pattern.trim().is_empty() {
            prop_assert_eq!(fraction(&question, &Answer::ShortAnswer { text: pattern }), 1.0);
        }
        for mark in [carrel_quiz::kind::DecimalMark::Either, carrel_quiz::kind::DecimalMark::Point, carrel_quiz::kind::DecimalMark::Comma, carrel_quiz::kind::DecimalMark::CommaOrPoint] {
            let read = read_number(&typed, mark, true);
            prop_assert!(read.is_ok_and(|read| read.value.is_finite()) || read.is_err());
        }
    }

    #[test]
    fn numbers_read_as_they_are_written(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
        let read = |text: &str| read_number(text, carrel_quiz::kind::DecimalMark::Point, false).ok().map(|read| read.value);
        prop_assert_eq!(read(&format!("{number:e}")), Some(number));
        if number.abs() < 1e15 && number.abs() > 1e-15 {
            prop_assert_eq!(read(&format!("{number}")), Some(number));
        }
    }

    #[test]
    fn papers_are_drawn_from_their_seed(seed in any::<u64>(), draw in 1..5_u32, shuffle in any::<bool>()) {
        let quiz = bank(draw, shuffle);
        let paper = Paper::draw(&quiz, seed).unwrap();
        prop_assert_eq!(&paper, &Paper::draw(&quiz, seed).unwrap());
        prop_assert_eq!(paper.entries.len(), draw as usize + 3);
        let mut seen: Vec<&str> = paper.entries.iter().map(|entry| entry.question.as_str()).collect();
        prop_assert_eq!(seen[1], "text", "descriptions keep their place");
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), paper.entries.len(), "nothing is asked twice");
        prop_assert_eq!(paper.points_max(), 2.0 + 3.0 * f64::from(draw));
    }
}

/// Two questions around a text, and a pool of five.
fn bank(draw: u32, shuffle: bool) -> Quiz {
    let word = |id: &str| Question {
        id: id.to_owned(),
        ..ask(Kind::ShortAnswer(TextKey::exact(["a"])))
    };
    let text = Question {
        id: "text".to_owned(),
        ..ask(Kind::Description)
    };
    let pool = Pool {
        id: "pool".to_owned(),
        title: String::new(),
        draw,
        points: Some(3.0),
        questions: (0..5).map(|index| word(&format!("p{index}"))).collect(),
    };
    Quiz {
        id: "bank".to_owned(),
        title: "Bank".to_owned(),
        introduction: None,
        settings: Settings {
            shuffle,
            ..Settings::default()
        },
        items: vec![
            Item::Question(word("first")),
            Item::Question(text),
            Item::Pool(pool),
            Item::Question(word("last")),
        ],
    }
}

#[test]
fn every_question_of_a_pool_is_drawn_about_as_often() {
    let quiz = bank(2, false);
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..5_000 {
        for entry in Paper::draw(&quiz, seed)
            .unwrap()
            .entries
            .iter()
            .filter(|entry| entry.pool.is_some())
        {
            *counts.entry(entry.question.clone()).or_default() += 1;
        }
    }
    assert_eq!(counts.len(), 5);
    assert!(
        counts.values().all(|count| (1_850..2_150).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn a_scorer_scores_many() {
    let question = ask(Kind::ShortAnswer(TextKey::exact(["a"])));
    let scorer = Scorer::new(&question, &Instance::default()).unwrap();
    for (text, expected) in [("a", 1.0), ("b", 0.0), (" A ", 1.0)] {
        let answer = Answer::ShortAnswer {
            text: text.to_owned(),
        };
        assert_eq!(scorer.score(Some(&answer)).unwrap().fraction, expected);
    }
}
