//! Moodle XML and GIFT: whatever is written is read again, is the same, or is told to differ.

use std::collections::BTreeMap;

use carrel_exchange::{File, Format, Imported, read, write};
use carrel_quiz::kind::{BlankKey, Kind, TextKey};
use carrel_quiz::{Instance, Item, Question, Quiz};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::meaning::{differences, points, translated};
use crate::rich::{FILES, question};
use crate::sound::answers;

/// Words of a report that tell of a difference; one of them has to be there.
const TELLING: [(&str, &[&str]); 14] = [
    ("id", &[]),
    ("title", &[]),
    (
        "text",
        &[
            "gap",
            "typed",
            "single",
            "only pair",
            "line to be named",
            "looks like",
        ],
    ),
    ("points", &["points"]),
    (
        "kind",
        &["gap", "became a choice", "typed", "line to be named"],
    ),
    ("general feedback", &["feedback on a description"]),
    ("feedback", &["feedback for right"]),
    ("hints", &["hints"]),
    ("penalty", &["penalty"]),
    ("tries", &["tries"]),
    ("tags", &["tag"]),
    ("category", &[]),
    ("files", &["embedded file"]),
    (
        "arrangement",
        &["keep their order", "how the options are numbered"],
    ),
];

/// What tells that texts of answers and their feedback differ.
const TEXTS: [&str; 16] = [
    "left out",
    "markup of what items are matched with",
    "without text was named",
    "looks like another",
    "feedback and weights of pairs",
    "units",
    "form of the answer",
    "height of the field",
    "number of words",
    "files of the answer",
    "starts with",
    "notes for graders",
    "became a text to type",
    "regular expression",
    "list of one word",
    "options of a blank that keep",
];

/// What tells that answers are worth something else.
const WORTH: [&str; 13] = [
    "list of one word",
    "partial credit",
    "counts by itself",
    "counts one by one",
    "rules of comparison",
    "left out",
    "units",
    "decimal mark",
    "fractions are not",
    "looks like another",
    "weights of pairs",
    "weights of blanks",
    "all-or-nothing",
];

pub(crate) fn files() -> Vec<File> {
    let files = FILES.iter().map(|name| File {
        path: format!("pictures/{name}"),
        bytes: name.as_bytes().to_vec(),
    });
    files.collect()
}

/// What came back, what was told of the way out, and what was written.
pub(crate) type Back = (Imported, Vec<String>, String);

pub(crate) fn there_and_back(format: Format, question: &Question) -> Result<Back, TestCaseError> {
    let quiz = Quiz {
        id: "quiz".to_owned(),
        items: vec![Item::Question(question.clone())],
        ..Quiz::default()
    };
    let written = write(format, &quiz, &files()).unwrap();
    let text = written.text().into_owned();
    let told: Vec<String> = written.losses.into_iter().map(|loss| loss.what).collect();
    let again = match read(format, &written.bytes, "quiz") {
        Ok(again) => again,
        Err(error) => {
            let what = format!("refused: {error}\n{text}\n{told:?}\n{question:#?}");
            return Err(TestCaseError::fail(what));
        }
    };
    for loss in &again.losses {
        prop_assert!(
            told.contains(&loss.what),
            "told on the way back only: {loss}\n{text}\n{told:?}"
        );
    }
    Ok((again, told, text))
}

fn holds(told: &[String], words: &[&str]) -> bool {
    told.iter()
        .any(|loss| words.iter().any(|word| loss.contains(word)))
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    LeftOut,
    OtherKind,
    OtherWorth,
    Same,
}

fn check(format: Format, question: &Question, seed: u64) -> Result<Fate, TestCaseError> {
    let (again, told, text) = there_and_back(format, question)?;
    let show = || format!("{told:#?}\n{text}\n{question:#?}\n{:#?}", again.quiz);
    let Some(back) = again.quiz.questions().next() else {
        prop_assert!(
            holds(&told, &["left out"]),
            "not told that it was left out\n{}",
            show()
        );
        return Ok(Fate::LeftOut);
    };
    for part in differences(question, back) {
        let words = match part {
            "texts" => &TEXTS[..],
            part => TELLING.iter().find(|(name, _)| *name == part).unwrap().1,
        };
        prop_assert!(
            holds(&told, words),
            "{part} differs and is not told\n{}",
            show()
        );
    }
    for attachment in &back.attachments {
        let bytes = again.files.iter().find(|file| file.path == attachment.path);
        prop_assert_eq!(&bytes.unwrap().bytes, attachment.name.as_bytes());
    }
    if back.kind.name() != question.kind.name() {
        return Ok(Fate::OtherKind);
    }
    if !question.kind.is_scored() {
        return Ok(Fate::Same);
    }
    for answer in answers(question, seed) {
        let Some(given) = translated(&answer, question, back) else {
            prop_assert!(
                holds(&told, &TEXTS),
                "{answer:?} cannot be given\n{}",
                show()
            );
            continue;
        };
        let (before, after) = (points(question, &answer), points(back, &given));
        let same = match (&before, &after) {
            (Ok(one), Ok(other)) => (one - other).abs() < 1e-6,
            (one, other) => one.is_err() && other.is_err(),
        };
        if !same {
            prop_assert!(
                holds(&told, &WORTH),
                "{answer:?}: {before:?} became {after:?}\n{}",
                show()
            );
            return Ok(Fate::OtherWorth);
        }
    }
    Ok(Fate::Same)
}

proptest! {
    #[test]
    fn moodle_xml_is_the_same_or_told(question in question(), seed in any::<u64>()) {
        check(Format::MoodleXml, &question, seed)?;
    }

    #[test]
    fn gift_is_the_same_or_told(question in question(), seed in any::<u64>()) {
        check(Format::Gift, &question, seed)?;
    }

    #[test]
    fn what_variables_were_fixed_to_comes_back(
        question in question(), low in 1..4_u8
    ) {
        let mut question = question;
        // Braces of the texts would be expressions.
        question.for_each_string_mut(&mut |passage| *passage.source = passage.source.replace("{{", "{ {"));
        let fixed = question.clone();
        question.template = Some(carrel_quiz::template::Template {
            variables: vec![carrel_quiz::template::Variable {
                name: "word".to_owned(),
                source: carrel_quiz::template::VariableSource::List {
                    values: vec![carrel_quiz::template::Value::Text(format!("w{low}"))],
                    group: None,
                },
            }],
            conditions: Vec::new(),
        });
        question.text.source.insert_str(0, "{{word}} ");
        let drawn = Instance::draw(&question, 0).unwrap().resolve(&question);
        prop_assume!(drawn.is_ok());
        let drawn = drawn.unwrap();
        prop_assert_eq!(fixed.kind.name(), drawn.kind.name());
        for format in [Format::MoodleXml, Format::Gift] {
            let (again, told, text) = there_and_back(format, &question)?;
            let (plainly, ..) = there_and_back(format, &drawn)?;
            prop_assert_eq!(&again.quiz, &plainly.quiz, "{}", text);
            let left_out = again.quiz.items.is_empty();
            prop_assert!(left_out || holds(&told, &["values of one draw: word = w"]), "{:?}", told);
        }
    }
}

/// Name of a kind; of blanks, whether there are several.
fn name_of(kind: &Kind) -> String {
    match kind {
        Kind::Blanks(blanks) if blanks.blanks.len() == 1 => "one blank".to_owned(),
        kind => kind.name().to_owned(),
    }
}

/// Whether a question says something that Moodle has no place for, so that it takes another form.
fn is_more(question: &Question) -> bool {
    let odd = |key: &TextKey| {
        let mut patterns = key.patterns.iter();
        patterns.any(|one| {
            one.pattern.contains("\\d")
                || one.pattern.contains("\\\\*")
                || one.pattern.contains("->")
        })
    };
    match &question.kind {
        Kind::ShortAnswer(key) => odd(key),
        Kind::Matching(matching) => matching.items.len() < 2,
        Kind::Blanks(blanks) => blanks.blanks.iter().any(|blank| match &blank.key {
            BlankKey::Text(key) => odd(key),
            BlankKey::Number(_) => false,
            BlankKey::Choice(choice) => choice.options.len() < 2,
        }),
        _ => false,
    }
}

/// Without it, the properties above could hold because everything is left out.
#[test]
fn nearly_all_questions_of_each_kind_come_back() {
    for format in [Format::MoodleXml, Format::Gift] {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut fates: BTreeMap<String, Vec<Fate>> = BTreeMap::new();
        let mut failures = Vec::new();
        for seed in 0..600 {
            let question = question().new_tree(&mut runner).unwrap().current();
            if is_more(&question) {
                continue;
            }
            match check(format, &question, seed) {
                Ok(fate) => fates.entry(name_of(&question.kind)).or_default().push(fate),
                Err(failure) => failures.push(failure.to_string()),
            }
        }
        let shown: Vec<String> = failures
            .iter()
            .take(8)
            .map(|failure| failure.chars().take(2_500).collect())
            .collect();
        assert!(
            failures.is_empty(),
            "{format}: {} failures\n{}",
            failures.len(),
            shown.join("\n========\n")
        );
        for (kind, fates) in fates {
            let share = |least: Fate| {
                let enough = fates.iter().filter(|fate| **fate >= least).count();
                enough * 100 / fates.len()
            };
            let shares = [Fate::OtherKind, Fate::OtherWorth, Fate::Same].map(share);
            // Shares of hundred that come back at all, as the same kind, with the same worth.
            let least = match (format, kind.as_str()) {
                (Format::Gift, "blanks") => [0, 0, 0],
                (Format::Gift, "one blank") | (_, "tracing" | "bug_line") => [90, 0, 0],
                (_, "blanks" | "one blank") => [90, 90, 30],
                _ => [90, 90, 50],
            };
            assert!(
                fates.len() >= 15,
                "{format}: only {} of the kind {kind}",
                fates.len()
            );
            let enough = shares
                .iter()
                .zip(least)
                .all(|(share, least)| *share >= least);
            assert!(
                enough,
                "{format} {kind}: {shares:?} where {least:?} are needed"
            );
        }
    }
}
