//! Questions of every kind with everything that a question may say, by chance.

use carrel_quiz::kind::{
    Accept, Blank, BlankKey, Blanks, Bug, BugLine, Case, Choice, ChoiceOption, ChoiceScheme,
    DecimalMark, Essay, EssayFormat, Kind, LineNote, LineScheme, MatchItem, MatchTarget, Matching,
    NumberAnswer, NumberKey, Numbering, OrderItem, OrderScheme, Ordering, Outcome, PartScheme,
    PatternKind, PenaltyBase, TextKey, TextPattern, Tolerance, Tracing, TrueFalse, Unit, UnitEntry,
    Units,
};
use carrel_quiz::question::{Feedback, Hint};
use carrel_quiz::text::Attachment;
use carrel_quiz::{Question, Text};
use proptest::collection::vec;
use proptest::prelude::*;

/// Letters that mean something to some format.
const WORDS: &str = "[a-z<>&\"'{}=~#:\\\\ äß%*/.,$@!>-]{0,12}[a-z]";
/// Files that texts may link to.
pub(crate) const FILES: [&str; 2] = ["tree.png", "a b.png"];

/// Once in so many.
pub(crate) fn rarely(often: u32) -> impl Strategy<Value = bool> {
    (0..often).prop_map(|number| number == 0)
}

pub(crate) fn rich_text() -> impl Strategy<Value = Text> {
    let word = || WORDS.prop_map(|word: String| word.trim().to_owned());
    let safe = || "[a-z][a-z ]{0,8}[a-z]";
    prop_oneof![
        4 => word().prop_map(Text::plain),
        2 => (safe(), safe()).prop_map(|(a, b)| Text::markdown(format!("{a} *{b}* `x < y {{1}}`"))),
        1 => (safe(), safe()).prop_map(|(a, b)| Text::markdown(format!("{a}\n\n- {b}\n- two\n\n```c\na->b = {{~#}};\n```"))),
        2 => (safe(), safe()).prop_map(|(a, b)| Text::html(format!("<p>{a} <b>{b}</b> &lt;i&gt; &amp; =~#{{}}</p>"))),
        1 => safe().prop_map(|a| Text::html(format!("{a} <img src=\"tree.png\" alt=\"t\">"))),
        1 => safe().prop_map(|a| Text::markdown(format!("{a} ![p](<a b.png>) and ![q](tree.png)"))),
        1 => safe().prop_map(|a| Text::html(format!("{a} <img src=\"a%20b.png\">"))),
    ]
}

fn maybe(often: u32) -> impl Strategy<Value = Option<Text>> {
    (rarely(often), rich_text()).prop_map(|(there, text)| there.then_some(text))
}

fn letters(number: usize) -> String {
    char::from(b'a' + u8::try_from(number).unwrap()).to_string()
}

/// Texts that differ, each ending in its number.
fn texts(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Text>> {
    vec(rich_text(), count).prop_map(|texts| {
        let numbered = texts.into_iter().enumerate();
        let numbered = numbered.map(|(number, text)| Text {
            source: format!("{} {number}", text.source.trim_end_matches("```")),
            ..text
        });
        numbered.collect()
    })
}

pub(crate) fn choice() -> impl Strategy<Value = Choice> {
    let details = (rarely(2), rarely(8), rarely(8), 0..6_usize, 0..10_usize);
    let options = (
        texts(2..6),
        vec((any::<bool>(), -4..=3_i32, maybe(3)), 6),
        any::<prop::sample::Index>(),
    );
    (options, any::<bool>(), rarely(3), details).prop_map(
        |((texts, given, right), many, weighted, details)| {
            let (shuffle, fixed, tip, numbering, scheme) = details;
            let right = right.index(texts.len());
            let options = texts.into_iter().enumerate().map(|(number, text)| {
                let correct = number == right || many && given[number].0;
                let mut option = ChoiceOption::new(letters(number), text, correct);
                option.feedback.clone_from(&given[number].2);
                if weighted && !many {
                    let weight = f64::from(given[number].1) / 4.0;
                    option.weight = Some(if correct { 1.0 } else { weight });
                }
                option.fixed = fixed && number == 0;
                option.tip = (tip && number == 0).then(|| Text::plain("tip"));
                option
            });
            let options: Vec<ChoiceOption> = options.collect();
            let mut choice = match many {
                true => Choice::many(options),
                false => Choice::one(options),
            };
            choice.shuffle = shuffle;
            choice.numbering = [
                Numbering::None,
                Numbering::LowerLetters,
                Numbering::UpperLetters,
                Numbering::Digits,
                Numbering::LowerRoman,
                Numbering::UpperRoman,
            ][numbering];
            choice.scheme = match scheme {
                0 => ChoiceScheme::AllOrNothing,
                1 => ChoiceScheme::EveryDecision,
                2 => ChoiceScheme::Weights {
                    floor: -1.0,
                    ceiling: 1.0,
                },
                3 | 4 => ChoiceScheme::RightMinusWrong,
                _ => ChoiceScheme::default(),
            };
            choice
        },
    )
}

fn patterns() -> impl Strategy<Value = Vec<TextPattern>> {
    let exact = "[a-zA-Z<>&\"'{}=~#:\\\\ äß*-]{0,8}[a-zA-Z]";
    let pattern = prop_oneof![
        6 => exact.prop_map(|text: String| TextPattern::new(PatternKind::Exact, text.trim())),
        2 => "[a-c]{1,3}\\*[a-c]{0,2}".prop_map(|text| TextPattern::new(PatternKind::Wildcard, text)),
        1 => "[a-c]{1,3}\\\\\\\\[*][a-c]?[*]".prop_map(|text| TextPattern::new(PatternKind::Wildcard, text)),
        1 => Just(TextPattern::new(PatternKind::Regex, "colou?r|(?:gr[ae]y)")),
        1 => Just(TextPattern::new(PatternKind::Regex, "\\d+x")),
    ];
    vec((pattern, maybe(4)), 1..4).prop_map(|patterns| {
        let patterns = patterns.into_iter().enumerate();
        let patterns = patterns.map(|(number, (mut pattern, feedback))| {
            pattern.score = if number == 0 { 1.0 } else { 0.25 };
            pattern.feedback = feedback;
            pattern
        });
        patterns.collect()
    })
}

pub(crate) fn text_key() -> impl Strategy<Value = TextKey> {
    (patterns(), rarely(4), rarely(10), rarely(10)).prop_map(|(patterns, exact, accents, typos)| {
        let mut key = TextKey::exact(Vec::<String>::new());
        key.patterns = patterns;
        if exact {
            key.rules.case = Case::Exact;
        }
        key.rules.ignore_accents = accents;
        key.rules.typos = u32::from(typos);
        key
    })
}

pub(crate) fn tolerance(kind: u8, by: f64) -> Tolerance {
    match kind {
        0 => Tolerance::Exact,
        1 => Tolerance::Absolute { by },
        2 => Tolerance::Relative { by: by / 100.0 },
        3 => Tolerance::Geometric { by: by / 10.0 },
        4 => Tolerance::SignificantDigits { digits: 2 },
        _ => Tolerance::Decimals { digits: 1 },
    }
}

pub(crate) fn units() -> impl Strategy<Value = Units> {
    (0..3_u8, any::<bool>(), any::<bool>()).prop_map(|(penalty, chosen, before)| Units {
        units: vec![
            Unit {
                name: "m".to_owned(),
                multiplier: 1.0,
            },
            Unit {
                name: "cm".to_owned(),
                multiplier: 0.01,
            },
            Unit {
                name: "km²".to_owned(),
                multiplier: 1000.0,
            },
        ],
        penalty: (penalty > 0).then_some(0.25),
        penalty_base: if penalty == 2 {
            PenaltyBase::Question
        } else {
            PenaltyBase::Answer
        },
        entry: if chosen {
            UnitEntry::Chosen
        } else {
            UnitEntry::Typed
        },
        before,
    })
}

pub(crate) fn number_key() -> impl Strategy<Value = NumberKey> {
    let value = (-400..400_i32, 0..7_u8, 1..20_i32);
    let rest = (rarely(4), rarely(12), rarely(12), maybe(3), rarely(4));
    (value, rest, units()).prop_map(|((value, kind, by), rest, units)| {
        let (value, by) = (f64::from(value) / 4.0, f64::from(by) / 8.0);
        let (with_units, comma, whole, feedback, any) = rest;
        let accept = match kind {
            6 => Accept::Range {
                min: value.into(),
                max: (value + by).into(),
            },
            kind => Accept::Near {
                value: value.into(),
                tolerance: tolerance(kind, by),
            },
        };
        let mut key = NumberKey::near(value, Tolerance::Exact);
        key.answers = vec![NumberAnswer {
            feedback,
            ..NumberAnswer::new(accept)
        }];
        key.answers.push(NumberAnswer {
            score: 0.5,
            ..NumberAnswer::new(Accept::Near {
                value: (value + 50.0).into(),
                tolerance: Tolerance::Absolute { by: 1.0 },
            })
        });
        if any {
            key.answers.push(NumberAnswer {
                score: 0.0,
                feedback: Some(Text::plain("Think of it.")),
                ..NumberAnswer::new(Accept::Any)
            });
        }
        if comma {
            key.decimal_mark = DecimalMark::Comma;
        }
        key.fractions = !whole;
        key.units = with_units.then_some(units);
        key
    })
}

pub(crate) fn matching() -> impl Strategy<Value = Matching> {
    let details = (rarely(8), rarely(2), rarely(10), rarely(12));
    (
        texts(1..5),
        texts(2..6),
        vec(any::<prop::sample::Index>(), 5),
        details,
    )
        .prop_map(|(items, targets, right, details)| {
            let (whole, shuffle, weight, blank) = details;
            let mut targets: Vec<MatchTarget> = targets
                .into_iter()
                .enumerate()
                .map(|(number, text)| MatchTarget {
                    id: letters(number),
                    text,
                })
                .collect();
            if blank {
                targets[0].text = Text::plain("");
            }
            let items = items.into_iter().enumerate();
            let items = items.map(|(number, text)| MatchItem {
                id: (number + 1).to_string(),
                text,
                target: right[number].get(&targets).id.clone(),
                weight: if weight && number == 0 { 2.0 } else { 1.0 },
                feedback: None,
            });
            Matching {
                items: items.collect(),
                targets,
                scheme: match whole {
                    true => PartScheme::AllOrNothing,
                    false => PartScheme::EachPart,
                },
                pairs: Vec::new(),
                wrong_pair: 0.0,
                shuffle,
            }
        })
}

pub(crate) fn ordering() -> impl Strategy<Value = Ordering> {
    (texts(2..6), 0..4_usize, rarely(5)).prop_map(|(texts, scheme, distractor)| Ordering {
        items: texts
            .into_iter()
            .enumerate()
            .map(|(number, text)| OrderItem {
                id: (number + 1).to_string(),
                text,
            })
            .collect(),
        distractors: distractor
            .then(|| OrderItem {
                id: "x".to_owned(),
                text: Text::plain("// nowhere"),
            })
            .into_iter()
            .collect(),
        scheme: [
            OrderScheme::Positions,
            OrderScheme::LongestCommonSubsequence,
            OrderScheme::Neighbours,
            OrderScheme::AllOrNothing,
        ][scheme],
    })
}

fn blanks(count: std::ops::Range<usize>) -> impl Strategy<Value = Blanks> {
    let key = prop_oneof![
        4 => text_key().prop_map(BlankKey::Text),
        4 => number_key().prop_map(BlankKey::Number),
        4 => choice().prop_map(BlankKey::Choice),
        1 => Just(BlankKey::Choice(Choice::one(vec![ChoiceOption::new(
            "a",
            Text::plain("only"),
            true
        )]))),
    ];
    (vec((key, 1..5_u8), count), rarely(10)).prop_map(|(keys, whole)| Blanks {
        blanks: keys
            .into_iter()
            .enumerate()
            .map(|(number, (key, weight))| {
                let mut blank = Blank::new((number + 1).to_string(), key);
                blank.weight = f64::from(weight) / 2.0;
                if let BlankKey::Choice(choice) = &mut blank.key {
                    choice.numbering = Numbering::None;
                }
                blank
            })
            .collect(),
        scheme: match whole {
            true => PartScheme::AllOrNothing,
            false => PartScheme::EachPart,
        },
    })
}

fn tracing() -> impl Strategy<Value = Tracing> {
    let lines = vec("[a-zA-Z0-9 *{}#~=-]{0,6}[a-z0-9]", 0..4);
    (lines, 0..6_u8, any::<bool>()).prop_map(|(lines, end, whole)| {
        let output = lines.join("\n");
        Tracing {
            source: "for x in {1: 2}:\n    print(x)  # *".to_owned(),
            language: "python".to_owned(),
            environment: None,
            stdin: "3\n".to_owned(),
            expected: match end {
                0 => Outcome::CompileError,
                1 => Outcome::RuntimeError { output },
                _ => Outcome::Prints { output },
            },
            scheme: match whole {
                true => LineScheme::AllOrNothing,
                false => LineScheme::EachPart,
            },
        }
    })
}

fn bug_line() -> impl Strategy<Value = BugLine> {
    (1..3_usize, 0..2_u32, any::<bool>(), maybe(2)).prop_map(|(bugs, more, whole, feedback)| {
        BugLine {
            source: "int f(void)\n{\n    int a = 1;\n\n    return {a->b};\n}".to_owned(),
            language: "c".to_owned(),
            bugs: [(1, 1), (5, 5 + more)]
                .into_iter()
                .rev()
                .take(bugs)
                .map(|(first_line, last_line)| Bug {
                    first_line,
                    last_line,
                    feedback: feedback.clone(),
                })
                .collect(),
            notes: vec![LineNote {
                line: 3,
                feedback: Text::markdown("*Right*, as it is."),
            }],
            scheme: match whole {
                true => LineScheme::AllOrNothing,
                false => LineScheme::EachPart,
            },
        }
    })
}

fn essay() -> impl Strategy<Value = Essay> {
    (rarely(2), maybe(3), maybe(3), 0..4_usize).prop_map(|(more, start, notes, format)| Essay {
        format: [
            EssayFormat::Rich,
            EssayFormat::Plain,
            EssayFormat::Code,
            EssayFormat::FilesOnly,
        ][format],
        lines: more.then_some(12),
        words_min: more.then_some(20),
        words_max: more.then_some(40),
        files_max: u32::from(more) * 3,
        files_min: u32::from(more),
        start,
        grader_notes: notes,
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        choice().prop_map(Kind::Choice),
        (any::<bool>(), maybe(2), maybe(2)).prop_map(|(correct, yes, no)| {
            Kind::TrueFalse(TrueFalse {
                correct,
                feedback_true: yes,
                feedback_false: no,
            })
        }),
        text_key().prop_map(Kind::ShortAnswer),
        number_key().prop_map(Kind::Numeric),
        matching().prop_map(Kind::Matching),
        ordering().prop_map(Kind::Ordering),
        blanks(2..4).prop_map(Kind::Blanks),
        blanks(1..2).prop_map(Kind::Blanks),
        tracing().prop_map(Kind::Tracing),
        bug_line().prop_map(Kind::BugLine),
        essay().prop_map(Kind::Essay),
        Just(Kind::Description),
    ]
}

fn hint() -> impl Strategy<Value = Hint> {
    (rich_text(), rarely(6), any::<bool>(), any::<bool>()).prop_map(
        |(text, dear, clear_wrong, show_right_count)| Hint {
            cost: if dear { 0.1 } else { 0.0 },
            clear_wrong,
            show_right_count,
            ..Hint::new(text)
        },
    )
}

/// What stands beside the kind of a question.
pub(crate) fn beside() -> impl Strategy<Value = Question> {
    let feedback = (maybe(3), maybe(6), maybe(8), maybe(6));
    let names = (
        prop_oneof![Just(String::new()), "[A-Za-z:&<=~ ]{0,6}[a-z]"],
        vec("[a-z&<]{1,5}", 0..3),
        vec("[a-z/&]{0,4}[a-z]", 0..3),
    );
    let numbers = (
        prop_oneof![Just(1.0), Just(2.0), Just(0.5), Just(7.0)],
        prop_oneof![Just(None), Just(Some(0.25)), Just(Some(1.0 / 3.0))],
        rarely(12),
    );
    (rich_text(), feedback, names, numbers, vec(hint(), 0..3)).prop_map(
        |(text, feedback, (title, tags, category), (points, penalty, tries), mut hints)| {
            let mut question = Question::new("q-1_A", text, Kind::Description);
            title.trim().clone_into(&mut question.title);
            (question.tags, question.category) = (tags, category);
            (question.points, question.penalty) = (points, penalty);
            question.tries = tries.then_some(3);
            let (general, correct, partially_correct, incorrect) = feedback;
            question.feedback = Feedback {
                general,
                correct,
                partially_correct,
                incorrect,
            };
            for (number, hint) in (1..).zip(&mut hints) {
                hint.after_tries = number;
            }
            question.hints = hints;
            question
        },
    )
}

/// A question of any kind, with anything that a question may have but variables.
pub(crate) fn question() -> impl Strategy<Value = Question> {
    (beside(), kind()).prop_map(|(mut question, kind)| {
        question.kind = kind;
        if let Kind::Blanks(blanks) = &question.kind {
            let marks: Vec<String> = blanks
                .blanks
                .iter()
                .map(|blank| format!(" [[{}]] then", blank.id))
                .collect();
            question.text.source.push_str(&marks.concat());
        }
        if !question.kind.is_scored() {
            question.penalty = None;
        }
        attach(&mut question);
        question
    })
}

/// The files that its texts link to.
pub(crate) fn attach(question: &mut Question) {
    let mut texts = String::new();
    question.for_each_string_mut(&mut |passage| texts.push_str(passage.source));
    let texts = texts.replace("%20", " ");
    question.attachments = FILES
        .iter()
        .filter(|name| texts.contains(**name))
        .map(|name| Attachment {
            name: (*name).to_owned(),
            media_type: "image/png".to_owned(),
            path: format!("pictures/{name}"),
        })
        .collect();
}
