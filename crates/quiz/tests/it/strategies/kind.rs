//! Kinds of questions, each with everything that can be in it.

use carrel_quiz::kind::{
    Accept, Blank, BlankKey, Blanks, Bug, BugLine, Case, Choice, ChoiceOption, ChoiceScheme,
    DecimalMark, Essay, EssayFormat, Layout, LineNote, LineScheme, MatchItem, MatchTarget,
    Matching, NumberAnswer, NumberKey, Numbering, OrderItem, OrderScheme, Ordering, Outcome,
    PairWeight, PartScheme, PatternKind, PenaltyBase, Select, Spaces, TextKey, TextPattern,
    TextRules, Tolerance, Tracing, TrueFalse, UnicodeForm, Unit, UnitEntry, Units,
};
use carrel_quiz::template::Amount;
use carrel_quiz::{Kind, Text};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{number, share, source, text, weight};

pub(crate) fn option_strategy(index: usize) -> BoxedStrategy<ChoiceOption> {
    let ids = vec![
        format!("{}", char::from(b'a' + u8::try_from(index).unwrap())),
        format!("own-{index}"),
    ];
    let texts = (
        text(),
        option::of(text()),
        option::of(text()),
        option::of(text()),
    );
    (
        select(ids),
        texts,
        any::<bool>(),
        option::of(weight()),
        any::<bool>(),
    )
        .prop_map(
            |(id, (text, feedback, feedback_not_chosen, tip), correct, weight, fixed)| {
                ChoiceOption {
                    id,
                    text,
                    correct,
                    weight,
                    fixed,
                    feedback,
                    feedback_not_chosen,
                    tip,
                }
            },
        )
        .boxed()
}

pub(crate) fn choice() -> BoxedStrategy<Choice> {
    let scheme = prop_oneof![
        Just(ChoiceScheme::AllOrNothing),
        Just(ChoiceScheme::RightMinusWrong),
        Just(ChoiceScheme::EveryDecision),
        Just(ChoiceScheme::default()),
        (0.0..1.0_f64, 0.01..1.0_f64).prop_map(|(floor, ceiling)| ChoiceScheme::Weights {
            floor: -floor,
            ceiling
        }),
    ];
    let numbering = select(vec![
        Numbering::None,
        Numbering::LowerLetters,
        Numbering::UpperLetters,
        Numbering::Digits,
        Numbering::LowerRoman,
        Numbering::UpperRoman,
    ]);
    let layout = select(vec![
        Layout::Standard,
        Layout::Vertical,
        Layout::Horizontal,
        Layout::DropDown,
    ]);
    let options = (option_strategy(0), option_strategy(1), option_strategy(2));
    (
        options,
        any::<bool>(),
        0..3_u32,
        option::of(3..5_u32),
        scheme,
        any::<bool>(),
        numbering,
        layout,
    )
        .prop_map(
            |((mut first, second, third), is_one, min, max, scheme, shuffle, numbering, layout)| {
                first.correct = true;
                let select = if is_one {
                    Select::One
                } else {
                    Select::Many { min, max }
                };
                Choice {
                    select,
                    options: vec![first, second, third],
                    scheme,
                    shuffle,
                    numbering,
                    layout,
                }
            },
        )
        .boxed()
}

pub(crate) fn text_key() -> BoxedStrategy<TextKey> {
    let pattern = (
        select(vec![
            PatternKind::Exact,
            PatternKind::Wildcard,
            PatternKind::Regex,
        ]),
        source(),
        weight(),
        option::of(text()),
    )
        .prop_map(|(kind, pattern, score, feedback)| TextPattern {
            kind,
            pattern: if kind == PatternKind::Regex {
                "a(b|c)*".to_owned()
            } else {
                pattern
            },
            score,
            feedback,
        });
    let rules = (
        select(vec![Case::Ignore, Case::Exact]),
        select(vec![
            Spaces::Collapse,
            Spaces::Trim,
            Spaces::Remove,
            Spaces::Exact,
        ]),
        select(vec![UnicodeForm::Nfc, UnicodeForm::Nfkc]),
        any::<bool>(),
        0..4_u32,
    )
        .prop_map(|(case, spaces, unicode, ignore_accents, typos)| TextRules {
            case,
            spaces,
            unicode,
            ignore_accents,
            typos,
        });
    let simple = prop::collection::vec(source(), 1..3).prop_map(TextKey::exact);
    let full = (prop::collection::vec(pattern, 1..4), rules).prop_map(|(mut patterns, rules)| {
        patterns[0].score = 1.0;
        TextKey { patterns, rules }
    });
    prop_oneof![simple, full].boxed()
}

pub(crate) fn tolerance() -> BoxedStrategy<Tolerance> {
    prop_oneof![
        Just(Tolerance::Exact),
        (0.0..10.0_f64).prop_map(|by| Tolerance::Absolute { by }),
        share().prop_map(|by| Tolerance::Relative { by }),
        share().prop_map(|by| Tolerance::Geometric { by }),
        (1..=15_u32).prop_map(|digits| Tolerance::SignificantDigits { digits }),
        (0..=15_u32).prop_map(|digits| Tolerance::Decimals { digits }),
    ]
    .boxed()
}

pub(crate) fn number_key() -> BoxedStrategy<NumberKey> {
    let accept = prop_oneof![
        (number(), tolerance()).prop_map(|(value, tolerance)| Accept::Near {
            value: Amount::Number(value),
            tolerance
        }),
        (number(), number()).prop_map(|(a, b)| Accept::Range {
            min: Amount::Number(a.min(b)),
            max: Amount::Number(a.max(b))
        }),
        Just(Accept::Any),
    ];
    let answer =
        (accept, weight(), option::of(text())).prop_map(|(accept, score, feedback)| NumberAnswer {
            accept,
            score,
            feedback,
        });
    let unit = (
        select(vec!["m", "km/h", "a = b", "\"", " x ", "µ", "%"]),
        select(vec![1.0, 0.01, -3.0, 1e21]),
    )
        .prop_map(|(name, multiplier)| Unit {
            name: name.to_owned(),
            multiplier,
        });
    let units = (
        prop::collection::vec(unit, 0..3),
        option::of(share()),
        select(vec![PenaltyBase::Answer, PenaltyBase::Question]),
        select(vec![UnitEntry::Typed, UnitEntry::Chosen]),
        any::<bool>(),
    )
        .prop_map(|(units, penalty, penalty_base, entry, before)| Units {
            units,
            penalty,
            penalty_base,
            entry,
            before,
        });
    let mark = select(vec![
        DecimalMark::Either,
        DecimalMark::Point,
        DecimalMark::Comma,
        DecimalMark::CommaOrPoint,
    ]);
    (
        prop::collection::vec(answer, 1..4),
        mark,
        any::<bool>(),
        option::of(units),
    )
        .prop_map(|(mut answers, decimal_mark, fractions, units)| {
            answers[0].score = 1.0;
            NumberKey {
                answers,
                decimal_mark,
                fractions,
                units,
            }
        })
        .boxed()
}

pub(crate) fn blanks() -> BoxedStrategy<(Blanks, String)> {
    let key = prop_oneof![
        text_key().prop_map(BlankKey::Text),
        number_key().prop_map(BlankKey::Number),
        choice().prop_map(BlankKey::Choice),
        Just(BlankKey::Number(NumberKey::near(3.0, Tolerance::Exact))),
        Just(BlankKey::Choice(Choice::one(vec![
            ChoiceOption::new("a", Text::markdown("a ] | * b"), true),
            ChoiceOption::new("b", Text::markdown("*x]]"), false),
        ]))),
    ];
    let blank = (
        key,
        select(vec![1.0, 2.5]),
        option::of(1..40_u32),
        any::<bool>(),
    );
    let scheme = part_scheme();
    (prop::collection::vec((blank, source()), 1..4), scheme)
        .prop_map(|(parts, scheme)| {
            let mut text = "Fill in: ".to_owned();
            let mut blanks = Vec::new();
            for (index, ((key, weight, width, is_usual), between)) in parts.into_iter().enumerate()
            {
                let id = if is_usual {
                    (index + 1).to_string()
                } else {
                    format!("own-{index}")
                };
                text.push_str(&format!("{between} [[{id}]]"));
                blanks.push(Blank {
                    id,
                    weight,
                    width,
                    key,
                });
            }
            (Blanks { blanks, scheme }, text)
        })
        .boxed()
}

fn part_scheme() -> impl Strategy<Value = PartScheme> {
    select(vec![
        PartScheme::EachPart,
        PartScheme::AllOrNothing,
        PartScheme::Weights {
            floor: 0.0,
            ceiling: 1.0,
        },
        PartScheme::Weights {
            floor: -0.5,
            ceiling: 0.75,
        },
    ])
}

pub(crate) fn matching() -> BoxedStrategy<Matching> {
    let usual = any::<bool>();
    let sides = prop::collection::vec(
        (text(), text(), option::of(text()), select(vec![1.0, 2.0])),
        1..4,
    );
    let scheme = part_scheme();
    (sides, usual, option::of(text()), scheme, any::<bool>())
        .prop_map(|(sides, usual, extra, scheme, shuffle)| {
            let target_id = |index: usize| {
                if usual {
                    char::from(b'a' + u8::try_from(index).unwrap()).to_string()
                } else {
                    format!("t{index}")
                }
            };
            let mut items = Vec::new();
            let mut targets = Vec::new();
            for (index, (left, right, feedback, weight)) in sides.into_iter().enumerate() {
                let weight = if usual { 1.0 } else { weight };
                items.push(MatchItem {
                    id: (index + 1).to_string(),
                    text: left,
                    target: target_id(index),
                    weight,
                    feedback,
                });
                targets.push(MatchTarget {
                    id: target_id(index),
                    text: right,
                });
            }
            if let Some(text) = extra {
                targets.push(MatchTarget {
                    id: target_id(targets.len()),
                    text,
                });
            }
            let is_weighed = matches!(scheme, PartScheme::Weights { .. });
            let first = targets[0].text.clone();
            let others = targets.iter().filter(|target| target.text != first);
            let pairs = others.filter(|_| is_weighed).map(|target| PairWeight {
                item: items[0].id.clone(),
                target: target.id.clone(),
                weight: -0.25,
            });
            Matching {
                pairs: pairs.collect(),
                wrong_pair: if is_weighed { 0.125 } else { 0.0 },
                items,
                targets,
                scheme,
                shuffle,
            }
        })
        .boxed()
}

pub(crate) fn ordering() -> BoxedStrategy<Ordering> {
    let scheme = select(vec![
        OrderScheme::Positions,
        OrderScheme::LongestCommonSubsequence,
        OrderScheme::Neighbours,
        OrderScheme::AllOrNothing,
    ]);
    (
        prop::collection::vec(text(), 2..5),
        prop::collection::vec(text(), 0..3),
        scheme,
        any::<bool>(),
    )
        .prop_map(|(items, mut distractors, scheme, usual)| {
            distractors.retain(|text| !items.contains(text));
            let count = items.len();
            let name = |index: usize| {
                if usual {
                    (index + 1).to_string()
                } else {
                    format!("i{index}")
                }
            };
            let items = items
                .into_iter()
                .enumerate()
                .map(|(index, text)| OrderItem {
                    id: name(index),
                    text,
                })
                .collect();
            let distractors = distractors
                .into_iter()
                .enumerate()
                .map(|(index, text)| OrderItem {
                    id: name(count + index),
                    text,
                })
                .collect();
            Ordering {
                items,
                distractors,
                scheme,
            }
        })
        .boxed()
}

pub(crate) fn program() -> BoxedStrategy<String> {
    let code = select(vec![
        "print(1)\n",
        "a\nb\nc\n",
        "```\nx\n```\n",
        "no end",
        "a\r\nb\n",
        "\n\n",
        "  x\n\ty\n",
    ]);
    (code, source())
        .prop_map(|(code, more)| format!("{code}{more}"))
        .boxed()
}

pub(crate) fn code() -> BoxedStrategy<Kind> {
    let outcome = prop_oneof![
        program().prop_map(|output| Outcome::Prints { output }),
        Just(Outcome::Prints {
            output: String::new()
        }),
        Just(Outcome::CompileError),
        program().prop_map(|output| Outcome::RuntimeError { output }),
        Just(Outcome::RuntimeError {
            output: String::new()
        }),
    ];
    let scheme = || select(vec![LineScheme::EachPart, LineScheme::AllOrNothing]);
    let environment = option::of(select(vec!["python".to_owned(), "c-2".to_owned()]));
    let stdin = prop_oneof![Just(String::new()), program()];
    let language = || select(vec!["python", "c++", "odd language", "`"]).prop_map(str::to_owned);
    let tracing = (program(), language(), environment, stdin, outcome, scheme()).prop_map(
        |(source, language, environment, stdin, expected, scheme)| {
            Kind::Tracing(Tracing {
                source: format!("x{source}"),
                language,
                environment,
                stdin,
                expected,
                scheme,
            })
        },
    );
    let bug = (
        program(),
        language(),
        option::of(text()),
        option::of(text()),
        scheme(),
    )
        .prop_map(|(source, language, feedback, note, scheme)| {
            Kind::BugLine(BugLine {
                source: format!("one\ntwo\nthree\n{source}"),
                language,
                bugs: vec![Bug {
                    first_line: 1,
                    last_line: 2,
                    feedback: feedback.clone(),
                }],
                notes: note
                    .map(|feedback| LineNote { line: 3, feedback })
                    .into_iter()
                    .collect(),
                scheme,
            })
        });
    prop_oneof![tracing, bug].boxed()
}

pub(crate) fn essay() -> BoxedStrategy<Kind> {
    let format = select(vec![
        EssayFormat::Rich,
        EssayFormat::Plain,
        EssayFormat::Code,
        EssayFormat::FilesOnly,
    ]);
    (
        format,
        option::of(1..50_u32),
        option::of(0..10_u32),
        option::of(10..20_u32),
        0..3_u32,
        option::of(text()),
        option::of(text()),
    )
        .prop_map(
            |(format, lines, words_min, words_max, files_min, start, grader_notes)| {
                Kind::Essay(Essay {
                    format,
                    lines,
                    words_min,
                    words_max,
                    files_max: files_min + 1,
                    files_min,
                    start,
                    grader_notes,
                })
            },
        )
        .boxed()
}

/// A kind, and the text that it needs.
pub(crate) fn kind() -> BoxedStrategy<(Kind, Option<String>)> {
    let alone = |kind| (kind, None);
    prop_oneof![
        3 => choice().prop_map(Kind::Choice).prop_map(alone),
        1 => (any::<bool>(), option::of(text()), option::of(text())).prop_map(|(correct, feedback_true, feedback_false)| {
            (Kind::TrueFalse(TrueFalse { correct, feedback_true, feedback_false }), None)
        }),
        3 => blanks().prop_map(|(blanks, text)| (Kind::Blanks(blanks), Some(text))),
        2 => text_key().prop_map(Kind::ShortAnswer).prop_map(alone),
        2 => number_key().prop_map(Kind::Numeric).prop_map(alone),
        2 => matching().prop_map(Kind::Matching).prop_map(alone),
        2 => ordering().prop_map(Kind::Ordering).prop_map(alone),
        2 => code().prop_map(alone),
        1 => essay().prop_map(alone),
        1 => Just((Kind::Description, None)),
    ].boxed()
}
