//! Questions without defects, and answers to them, by chance.

use std::collections::BTreeMap;

use carrel_quiz::answer::BlankAnswer;
use carrel_quiz::kind::{
    Accept, Blank, BlankKey, Blanks, Case, Choice, ChoiceOption, ChoiceScheme, Kind, MatchItem,
    MatchTarget, Matching, NumberAnswer, NumberKey, OrderItem, OrderScheme, Ordering, PartScheme,
    PatternKind, TextKey, TextPattern, Tolerance, TrueFalse, UnitEntry,
};
use carrel_quiz::random::Random;
use carrel_quiz::{Answer, Question, Text};
use proptest::prelude::*;

/// Letters that mean something to some format.
const WORDS: &str = "[a-z<>&\"'{}=~#:\\\\ äß%*/.,-]{0,12}[a-z]";

pub(crate) fn text() -> impl Strategy<Value = Text> {
    WORDS.prop_map(|word| Text::plain(word.trim().to_owned()))
}

fn points() -> impl Strategy<Value = f64> {
    prop_oneof![Just(1.0), Just(2.0), Just(0.5), Just(7.0)]
}

fn letters(number: usize) -> String {
    char::from(b'a' + u8::try_from(number).unwrap()).to_string()
}

/// Texts that differ.
fn texts(count: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<Text>> {
    proptest::collection::vec(text(), count).prop_map(|texts| {
        let numbered = texts.into_iter().enumerate();
        numbered
            .map(|(number, text)| Text::plain(format!("{} {number}", text.source)))
            .collect()
    })
}

fn single() -> impl Strategy<Value = Choice> {
    (
        texts(2..6),
        any::<prop::sample::Index>(),
        any::<bool>(),
        proptest::collection::vec(-4..=3_i32, 6),
    )
        .prop_map(|(texts, right, weighted, weights)| {
            let right = right.index(texts.len());
            let options = texts.into_iter().enumerate().map(|(number, text)| {
                let mut option = ChoiceOption::new(letters(number), text, number == right);
                if weighted {
                    let weight = f64::from(weights[number]) / 4.0;
                    option.weight = Some(if number == right { 1.0 } else { weight });
                }
                option
            });
            Choice::one(options.collect())
        })
}

fn several() -> impl Strategy<Value = Choice> {
    (
        texts(2..6),
        proptest::collection::vec(any::<bool>(), 6),
        0..3_u8,
    )
        .prop_map(|(texts, right, scheme)| {
            let options = texts.into_iter().enumerate();
            let options = options.map(|(number, text)| {
                ChoiceOption::new(letters(number), text, number == 0 || right[number])
            });
            let mut choice = Choice::many(options.collect());
            choice.scheme = match scheme {
                0 => ChoiceScheme::AllOrNothing,
                1 => ChoiceScheme::RightMinusWrong,
                _ => ChoiceScheme::default(),
            };
            choice
        })
}

fn text_key() -> impl Strategy<Value = TextKey> {
    (
        proptest::collection::vec("[a-zA-Z<>&\"'{}=~#: äß*-]{1,8}[a-zA-Z]", 1..4),
        any::<bool>(),
    )
        .prop_map(|(patterns, exact)| {
            let mut key = TextKey::exact(Vec::<String>::new());
            if exact {
                key.rules.case = Case::Exact;
            }
            for (number, pattern) in patterns.into_iter().enumerate() {
                key.patterns.push(TextPattern {
                    score: if number == 0 { 1.0 } else { 0.25 },
                    ..TextPattern::new(PatternKind::Exact, pattern.trim())
                });
            }
            key
        })
}

fn number_key() -> impl Strategy<Value = NumberKey> {
    (-400..400_i32, 0..5_u8, 1..20_i32).prop_map(|(value, kind, by)| {
        let (value, by) = (f64::from(value) / 4.0, f64::from(by) / 8.0);
        let accept = match kind {
            0 => Accept::Range {
                min: value.into(),
                max: (value + by).into(),
            },
            kind => Accept::Near {
                value: value.into(),
                tolerance: match kind {
                    1 => Tolerance::Exact,
                    2 => Tolerance::Absolute { by },
                    3 => Tolerance::Relative { by: by / 100.0 },
                    _ => Tolerance::Decimals { digits: 2 },
                },
            },
        };
        let mut key = NumberKey::near(value, Tolerance::Exact);
        key.answers = vec![NumberAnswer::new(accept)];
        key.answers.push(NumberAnswer {
            score: 0.5,
            ..NumberAnswer::new(Accept::Near {
                value: (value + 10.0).into(),
                tolerance: Tolerance::Absolute { by: 1.0 },
            })
        });
        key
    })
}

fn matching() -> impl Strategy<Value = Matching> {
    (
        texts(2..5),
        texts(4..6),
        proptest::collection::vec(any::<prop::sample::Index>(), 5),
        any::<bool>(),
    )
        .prop_map(|(items, targets, right, whole)| {
            let targets: Vec<MatchTarget> = targets
                .into_iter()
                .enumerate()
                .map(|(number, text)| MatchTarget {
                    id: letters(number),
                    text,
                })
                .collect();
            let items = items
                .into_iter()
                .enumerate()
                .map(|(number, text)| MatchItem {
                    id: (number + 1).to_string(),
                    text,
                    target: right[number].get(&targets).id.clone(),
                    weight: 1.0,
                    feedback: None,
                });
            Matching {
                items: items.collect(),
                targets,
                scheme: if whole {
                    PartScheme::AllOrNothing
                } else {
                    PartScheme::EachPart
                },
                pairs: Vec::new(),
                wrong_pair: 0.0,
                shuffle: true,
            }
        })
}

fn ordering() -> impl Strategy<Value = Ordering> {
    (texts(2..6), any::<bool>()).prop_map(|(texts, places)| Ordering {
        items: texts
            .into_iter()
            .enumerate()
            .map(|(number, text)| OrderItem {
                id: (number + 1).to_string(),
                text,
            })
            .collect(),
        distractors: Vec::new(),
        scheme: if places {
            OrderScheme::Positions
        } else {
            OrderScheme::AllOrNothing
        },
    })
}

fn blanks() -> impl Strategy<Value = Blanks> {
    let key = prop_oneof![
        text_key().prop_map(BlankKey::Text),
        number_key().prop_map(BlankKey::Number),
        single().prop_map(BlankKey::Choice),
    ];
    (
        proptest::collection::vec((key, 1..4_u8), 2..4),
        any::<bool>(),
    )
        .prop_map(|(keys, whole)| Blanks {
            blanks: keys
                .into_iter()
                .enumerate()
                .map(|(number, (key, weight))| {
                    let mut blank = Blank::new((number + 1).to_string(), key);
                    blank.weight = f64::from(weight);
                    blank
                })
                .collect(),
            scheme: if whole {
                PartScheme::AllOrNothing
            } else {
                PartScheme::EachPart
            },
        })
}

/// A question of any kind that other tools have.
pub(crate) fn question() -> impl Strategy<Value = Question> {
    let kind = prop_oneof![
        single().prop_map(Kind::Choice),
        several().prop_map(Kind::Choice),
        any::<bool>().prop_map(|correct| Kind::TrueFalse(TrueFalse {
            correct,
            feedback_true: None,
            feedback_false: None,
        })),
        text_key().prop_map(Kind::ShortAnswer),
        number_key().prop_map(Kind::Numeric),
        matching().prop_map(Kind::Matching),
        ordering().prop_map(Kind::Ordering),
        blanks().prop_map(Kind::Blanks),
    ];
    (text(), kind, points()).prop_map(|(text, kind, points)| {
        let mut question = Question::new("q", text, kind);
        question.points = points;
        if let Kind::Blanks(blanks) = &question.kind {
            for blank in &blanks.blanks {
                question
                    .text
                    .source
                    .push_str(&format!(" [[{}]] then", blank.id));
            }
        }
        question
    })
}

/// Answers to a question: the right one, and some by chance.
pub(crate) fn answers(question: &Question, seed: u64) -> Vec<Answer> {
    let mut random = Random::new(seed);
    let mut answers: Vec<Answer> = carrel_quiz::right::right_answer(question)
        .into_iter()
        .collect();
    for _ in 0..12 {
        answers.push(chance(&question.kind, &mut random));
    }
    answers
}

fn chance(kind: &Kind, random: &mut Random) -> Answer {
    match kind {
        Kind::Choice(choice) => Answer::Choice {
            options: chosen(choice, random),
        },
        Kind::TrueFalse(_) => Answer::TrueFalse {
            value: random.index(2) == 0,
        },
        Kind::ShortAnswer(key) => Answer::ShortAnswer {
            text: typed(key, random),
        },
        Kind::Numeric(key) => {
            let (number, unit) = with_unit(key, number(key, random), random);
            Answer::Numeric { number, unit }
        }
        Kind::Matching(matching) => Answer::Matching {
            targets: matching
                .items
                .iter()
                .map(|item| {
                    let target = &matching.targets[random.index(matching.targets.len())];
                    (item.id.clone(), target.id.clone())
                })
                .collect(),
        },
        Kind::Ordering(ordering) => {
            let mut items: Vec<String> =
                ordering.items.iter().map(|item| item.id.clone()).collect();
            random.shuffle(&mut items);
            Answer::Ordering { items }
        }
        Kind::Blanks(blanks) => Answer::Blanks {
            blanks: blanks
                .blanks
                .iter()
                .map(|blank| (blank.id.clone(), in_blank(&blank.key, random)))
                .collect::<BTreeMap<_, _>>(),
        },
        other => panic!("no answers to {}", other.name()),
    }
}

fn in_blank(key: &BlankKey, random: &mut Random) -> BlankAnswer {
    match key {
        BlankKey::Text(key) => BlankAnswer::Typed(typed(key, random)),
        BlankKey::Number(key) => BlankAnswer::Typed(number(key, random)),
        BlankKey::Choice(choice) => BlankAnswer::Chosen(chosen(choice, random)),
    }
}

fn chosen(choice: &Choice, random: &mut Random) -> Vec<String> {
    let mut ids: Vec<String> = choice
        .options
        .iter()
        .map(|option| option.id.clone())
        .collect();
    random.shuffle(&mut ids);
    let most = match choice.select {
        carrel_quiz::kind::Select::One => 1,
        carrel_quiz::kind::Select::Many { .. } => 1 + random.index(ids.len()),
    };
    ids.truncate(most);
    ids
}

fn typed(key: &TextKey, random: &mut Random) -> String {
    let pattern = &key.patterns[random.index(key.patterns.len())].pattern;
    match random.index(4) {
        0 => pattern.to_uppercase(),
        1 => format!("{pattern}x"),
        _ => pattern.clone(),
    }
}

/// The number with a unit as the key wants it, or without.
fn with_unit(key: &NumberKey, number: String, random: &mut Random) -> (String, Option<String>) {
    let Some(units) = &key.units else {
        return (number, None);
    };
    let names: Vec<&str> = units.units.iter().map(|unit| unit.name.as_str()).collect();
    let name = match random.index(names.len() + 2) {
        place if place < names.len() => names[place],
        place if place == names.len() => "parsec",
        _ => return (number, None),
    };
    match units.entry {
        UnitEntry::Chosen => (number, Some(name.to_owned())),
        UnitEntry::Typed if units.before => (format!("{name} {number}"), None),
        UnitEntry::Typed => (format!("{number} {name}"), None),
    }
}

fn number(key: &NumberKey, random: &mut Random) -> String {
    let about = match &key.answers[random.index(key.answers.len())].accept {
        Accept::Near {
            value: carrel_quiz::template::Amount::Number(value),
            ..
        }
        | Accept::Range {
            min: carrel_quiz::template::Amount::Number(value),
            ..
        } => *value,
        _ => 0.0,
    };
    // Odd parts: none falls on a bound, where rounding would decide.
    let by = [0.0, 0.0013, -0.0013, 0.217, -0.33, 1.71, 3.9][random.index(7)];
    format!("{:.4}", about + by)
}
