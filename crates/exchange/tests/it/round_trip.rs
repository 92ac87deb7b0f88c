//! The same answers get the same points after a way out and back.

use carrel_exchange::{Format, read, write};
use carrel_quiz::kind::{Kind, MatchTarget};
use carrel_quiz::{Answer, Instance, Item, Question, Quiz, Scorer};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::sound::{answers, question};

fn points(question: &Question, answer: &Answer) -> Result<f64, String> {
    let scorer = Scorer::new(question, &Instance::default()).map_err(|error| error.to_string())?;
    let score = scorer
        .score(Some(answer))
        .map_err(|error| error.to_string())?;
    Ok(score.points)
}

/// What came back; `None` when the writer said that it changes the meaning.
fn there_and_back(format: Format, question: &Question) -> Option<Question> {
    let quiz = Quiz {
        id: "quiz".to_owned(),
        items: vec![Item::Question(question.clone())],
        ..Quiz::default()
    };
    let written = write(format, &quiz, &[]).unwrap();
    if !written.losses.is_empty() {
        return None;
    }
    let again = read(format, &written.bytes, "quiz").unwrap_or_else(|error| {
        panic!("{error}\n{}", written.text());
    });
    assert_eq!(again.losses, [], "{question:?}");
    let found = again.quiz.questions().next().cloned();
    Some(found.unwrap_or_else(|| panic!("{question:?} was left out")))
}

/// The answer by the ids of what came back: a format without ids gives new ones, in order.
fn translated(answer: &Answer, before: &Question, after: &Question) -> Answer {
    let (Answer::Matching { targets }, Kind::Matching(was), Kind::Matching(is)) =
        (answer, &before.kind, &after.kind)
    else {
        return answer.clone();
    };
    // The texts of `sound` end in a number of their own.
    let end = |text: &str| {
        text.split_whitespace()
            .next_back()
            .unwrap_or_default()
            .to_owned()
    };
    let new = |target: &String| {
        let old = was
            .targets
            .iter()
            .find(|known| known.id == *target)
            .unwrap();
        let same = |known: &&MatchTarget| end(&known.text.source) == end(&old.text.source);
        is.targets.iter().find(same).unwrap().id.clone()
    };
    let targets = targets
        .iter()
        .map(|(item, target)| (item.clone(), new(target)));
    Answer::Matching {
        targets: targets.collect(),
    }
}

fn check(format: Format, question: &Question, seed: u64) -> Result<(), TestCaseError> {
    let Some(again) = there_and_back(format, question) else {
        return Ok(());
    };
    prop_assert_eq!(again.kind.name(), question.kind.name());
    for answer in answers(question, seed) {
        let back = translated(&answer, question, &again);
        let (before, after) = (points(question, &answer), points(&again, &back));
        let same = match (&before, &after) {
            (Ok(one), Ok(other)) => (one - other).abs() < 1e-6,
            (one, other) => one == other,
        };
        prop_assert!(
            same,
            "{answer:?}: {before:?} became {after:?}\n{question:#?}\n{again:#?}"
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn qti_keeps_what_answers_are_worth(question in question(), seed in any::<u64>()) {
        check(Format::Qti, &question, seed)?;
        check(Format::Qti22, &question, seed)?;
    }
}

#[test]
fn most_questions_go_out_without_loss() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut kept = std::collections::BTreeMap::new();
    for _ in 0..200 {
        let question = question().new_tree(&mut runner).unwrap().current();
        let whole = there_and_back(Format::Qti, &question).is_some();
        let count: &mut (u32, u32) = kept.entry(question.kind.name()).or_default();
        count.0 += u32::from(whole);
        count.1 += 1;
    }
    for (kind, (whole, all)) in kept {
        assert_eq!(whole, all, "{kind}");
    }
}
