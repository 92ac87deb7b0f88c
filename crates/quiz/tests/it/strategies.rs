//! Questions of every kind, with everything that makes reading them hard.

mod kind;

use carrel_quiz::kind::Accept;
use carrel_quiz::question::{Feedback, Hint, SpecialAnswer};
use carrel_quiz::settings::{GradeMethod, TryCounted};
use carrel_quiz::template::{Amount, Template, Value, Variable, VariableSource};
use carrel_quiz::text::{Attachment, TextFormat};
use carrel_quiz::{Answer, Item, Kind, Pool, Question, Quiz, Settings, Text};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use kind::kind;

/// Pieces that mean something somewhere in the notation.
pub(crate) const PIECES: [&str; 72] = [
    "word",
    "two words",
    " ",
    "  ",
    "\n",
    "\n",
    "\n\n",
    "\n  ",
    "\t",
    "\r",
    "é",
    "“q”",
    "\u{7f}",
    "- ( ) no",
    "- (x) yes",
    "- [ ] no",
    "- [x]",
    "= a",
    "hint: x",
    "points: 2",
    "text: y",
    "blank 1:",
    "bug 2: x",
    "## Heading",
    "# Top {#top}",
    "#### Sub",
    "```",
    "```python source\n",
    "```\ncode\n```",
    "~~~",
    "> quoted",
    ">! not",
    ">? tip",
    "\\",
    "\\> x",
    "\\= x",
    "\\\\= x",
    "{html} x",
    "{}",
    "{1, 2}",
    "{#id}",
    "{x=1}",
    "{exact} \"a\"",
    "a => b",
    "=>",
    "- ",
    "1. one",
    "+ x",
    "[[= a]]",
    "[[# 1]]",
    "[[1]]",
    "[[Paris]]",
    "[[=x]]",
    "`",
    "pionts: 2",
    "Points:2",
    "- [*] no",
    "* (x) no",
    "##Title",
    "  > deep",
    "3 +- 1",
    "{score = 1} x",
    "x {#id}",
    " {fixed}",
    "{wildcrd} x",
    "=\u{a0}x",
    "*c) x",
    "]]",
    "|",
    "*",
    "\"",
    "+++",
];

pub(crate) fn source() -> BoxedStrategy<String> {
    prop_oneof![
        2 => select(vec!["plain", "Plain text.", "`code`", "two\nlines", "a\n\nb"]).prop_map(str::to_owned),
        3 => prop::collection::vec(select(PIECES.to_vec()), 0..6).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ].boxed()
}

pub(crate) fn text() -> BoxedStrategy<Text> {
    let format = select(vec![
        TextFormat::Markdown,
        TextFormat::Markdown,
        TextFormat::Html,
        TextFormat::Plain,
    ]);
    (format, source())
        .prop_map(|(format, source)| Text { format, source })
        .boxed()
}

pub(crate) fn share() -> BoxedStrategy<f64> {
    prop_oneof![select(vec![0.0, 1.0, 0.5, 0.25, 0.1]), 0.0..1.0_f64].boxed()
}

pub(crate) fn weight() -> BoxedStrategy<f64> {
    prop_oneof![select(vec![1.0, -1.0, 0.5, 1.0 / 3.0]), -1.0..1.0_f64].boxed()
}

pub(crate) fn number() -> BoxedStrategy<f64> {
    prop_oneof![
        select(vec![0.0, 1.0, -2.5, 1e21, 1e-9, 0.1 + 0.2]),
        -1e6..1e6_f64,
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
    ]
    .boxed()
}

pub(crate) fn hint() -> BoxedStrategy<Hint> {
    (text(), share(), 0..3_u32, any::<bool>(), any::<bool>())
        .prop_map(
            |(text, cost, after_tries, clear_wrong, show_right_count)| Hint {
                text,
                cost,
                after_tries,
                clear_wrong,
                show_right_count,
            },
        )
        .boxed()
}

fn feedback() -> impl Strategy<Value = Feedback> {
    (
        option::of(text()),
        option::of(text()),
        option::of(text()),
        option::of(text()),
    )
        .prop_map(
            |(general, correct, partially_correct, incorrect)| Feedback {
                general,
                correct,
                partially_correct,
                incorrect,
            },
        )
}

pub(crate) fn question(id: &'static str) -> BoxedStrategy<Question> {
    let words = || prop::collection::vec(source(), 0..3);
    let file = (source(), source()).prop_map(|(name, media_type)| Attachment {
        name,
        media_type,
        path: "a/b; c.png".to_owned(),
    });
    let head = (
        source(),
        text(),
        select(vec![1.0, 0.0, 2.5, 1e21]),
        option::of(share()),
        option::of(1..5_u32),
    );
    let tail = (
        feedback(),
        prop::collection::vec(hint(), 0..3),
        words(),
        words(),
        prop::collection::vec(file, 0..2),
    );
    let variables = option::weighted(0.2, template());
    (head, kind(), tail, variables)
        .prop_map(
            move |((title, text, points, penalty, tries), (kind, needed), tail, template)| {
                let (feedback, hints, tags, category, attachments) = tail;
                let mut text = text;
                if let Some(source) = needed {
                    text.source = source;
                } else if text.is_blank() {
                    text.source.push('?');
                }
                let mut kind = kind;
                if template.is_some() {
                    push_expressions(&mut text.source, " {{a}} and {{fixed(c, 2)}}");
                    compute(&mut kind);
                }
                let special = specials(&kind, text.source.len());
                Question {
                    id: id.to_owned(),
                    wrong: if text.source.len().is_multiple_of(3) {
                        -0.25
                    } else {
                        0.0
                    },
                    special,
                    title,
                    text,
                    points,
                    kind,
                    feedback,
                    hints,
                    penalty,
                    tries,
                    tags,
                    category,
                    attachments,
                    template,
                }
            },
        )
        .boxed()
}

/// A whole answer with a share of its own, for some questions of the kinds that have such.
fn specials(kind: &Kind, turn: usize) -> Vec<SpecialAnswer> {
    let answer = match kind {
        Kind::Choice(choice) => Answer::Choice {
            options: vec![choice.options[0].id.clone()],
        },
        Kind::Ordering(ordering) => Answer::Ordering {
            items: ordering
                .items
                .iter()
                .rev()
                .map(|item| item.id.clone())
                .collect(),
        },
        Kind::Matching(matching) => Answer::Matching {
            targets: matching
                .items
                .iter()
                .map(|item| (item.id.clone(), matching.targets[0].id.clone()))
                .collect(),
        },
        _ => return Vec::new(),
    };
    let special = SpecialAnswer { answer, share: 0.5 };
    if turn.is_multiple_of(2) {
        vec![special]
    } else {
        Vec::new()
    }
}

/// Lets variables stand in what is right, where they can.
fn compute(kind: &mut Kind) {
    let expression = || Amount::Expression("a + c".to_owned());
    match kind {
        Kind::Numeric(key) => {
            for answer in &mut key.answers {
                match &mut answer.accept {
                    Accept::Near { value, .. } => *value = expression(),
                    Accept::Range { min, max } => {
                        *min = expression();
                        *max = Amount::Expression("a + c + 1".to_owned());
                    }
                    Accept::Any => {}
                }
            }
        }
        Kind::ShortAnswer(key) => push_expressions(&mut key.patterns[0].pattern, "{{a}}"),
        Kind::Choice(choice) => push_expressions(&mut choice.options[0].text.source, "{{b_2}}"),
        _ => {}
    }
}

/// Adds expressions to a text, whose own braces would take part in the first of them.
fn push_expressions(text: &mut String, expressions: &str) {
    while text.contains("{{") {
        *text = text.replace("{{", "{ {");
    }
    if text.ends_with('{') {
        text.push(' ');
    }
    text.push_str(expressions);
}

pub(crate) fn template() -> BoxedStrategy<Template> {
    let list = prop::collection::vec(
        prop_oneof![
            number().prop_map(Value::Number),
            source().prop_map(Value::Text)
        ],
        1..4,
    );
    (number(), 0.0..100.0_f64, list, option::of(source()))
        .prop_map(|(min, width, values, group)| {
            let min = min.clamp(-1e9, 1e9);
            let variable = |name: &str, source| Variable {
                name: name.to_owned(),
                source,
            };
            Template {
                variables: vec![
                    variable(
                        "a",
                        VariableSource::Range {
                            min,
                            max: min + width,
                            step: 0.25,
                        },
                    ),
                    variable("b_2", VariableSource::List { values, group }),
                    variable(
                        "c",
                        VariableSource::Expression {
                            expression: "max(a, 1) * 2".to_owned(),
                        },
                    ),
                ],
                conditions: vec!["c >= 2 and not (a > c)".to_owned()],
            }
        })
        .boxed()
}

pub(crate) fn settings() -> BoxedStrategy<Settings> {
    (
        option::of(1..9_u32),
        option::of(1..9_u32),
        share(),
        any::<bool>(),
        any::<bool>(),
        option::of(share()),
    )
        .prop_map(
            |(time_limit_seconds, tries, penalty, shuffle, hide, pass)| {
                let mut settings = Settings {
                    time_limit_seconds,
                    tries,
                    penalty,
                    shuffle,
                    pass,
                    ..Settings::default()
                };
                if hide {
                    settings.review.after_submit.clear();
                    settings.grade = GradeMethod::Last;
                    settings.try_counted = TryCounted::Last;
                }
                settings
            },
        )
        .boxed()
}

pub(crate) fn quiz() -> BoxedStrategy<Quiz> {
    let pool = (
        question("pooled"),
        question("pooled-too"),
        source(),
        option::of(share()),
    )
        .prop_map(|(first, second, title, points)| {
            Item::Pool(Pool {
                id: "pool".to_owned(),
                title,
                draw: 1,
                points,
                questions: vec![first, second],
            })
        });
    let items = (question("first"), pool, question("last"))
        .prop_map(|(first, pool, last)| vec![Item::Question(first), pool, Item::Question(last)]);
    (source(), option::of(text()), settings(), items)
        .prop_map(|(title, introduction, settings, items)| Quiz {
            id: "quiz".to_owned(),
            title,
            introduction,
            settings,
            items,
        })
        .boxed()
}
