//! Typed answers with the scores that samples ask for.

use carrel_quiz::kind::{Accept, Kind, NumberAnswer, NumberKey, PatternKind, TextKey, TextPattern};
use carrel_quiz::{Answer, Instance, Question, Scorer, Text};

use super::fit::share;

/// Scores of answers in their order by what samples of them are worth; the last is for all others.
fn scores(kind: Kind, count: usize, rows: &[(String, f64)], most: f64) -> Option<Vec<Option<f64>>> {
    // Each answer has a score of its own, which tells it.
    let question = Question::new("probe", Text::plain(""), kind);
    let scorer = Scorer::new(&question, &Instance::default()).ok()?;
    let mut found: Vec<Option<f64>> = vec![None; count + 1];
    for (text, points) in rows {
        let answer = match question.kind {
            Kind::Numeric(_) => Answer::Numeric {
                number: text.clone(),
                unit: None,
            },
            _ => Answer::ShortAnswer { text: text.clone() },
        };
        let fraction = scorer.score(Some(&answer)).ok()?.fraction;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of answers"
        )]
        let place = (fraction * (count + 1) as f64).round().max(0.0) as usize;
        let slot = found.get_mut(if place == 0 { count } else { place - 1 })?;
        slot.get_or_insert(share(*points, most)?);
    }
    Some(found)
}

/// A score that tells the n-th of some answers.
fn probe(place: usize, count: usize) -> f64 {
    (place + 1) as f64 / (count + 1) as f64
}

pub(super) fn text_key(key: &TextKey, rows: &[(String, f64)], most: f64) -> Option<TextKey> {
    let mut key = key.clone();
    let is_any =
        |pattern: &TextPattern| pattern.kind == PatternKind::Wildcard && pattern.pattern == "*";
    key.patterns.retain(|pattern| !is_any(pattern));
    let known: Vec<f64> = key.patterns.iter().map(|pattern| pattern.score).collect();
    let count = key.patterns.len();
    for (place, pattern) in key.patterns.iter_mut().enumerate() {
        pattern.score = probe(place, count);
    }
    let found = scores(Kind::ShortAnswer(key.clone()), count, rows, most)?;
    for ((pattern, score), known) in key.patterns.iter_mut().zip(&found).zip(known) {
        // What no sample met keeps its score.
        pattern.score = score.unwrap_or(known);
    }
    if let Some(score) = found[count].filter(|score| *score != 0.0) {
        let any = TextPattern::new(PatternKind::Wildcard, "*");
        key.patterns.push(TextPattern { score, ..any });
    }
    Some(key)
}

pub(super) fn number_key(key: &NumberKey, rows: &[(String, f64)], most: f64) -> Option<NumberKey> {
    let mut key = key.clone();
    key.answers.retain(|answer| answer.accept != Accept::Any);
    let known: Vec<f64> = key.answers.iter().map(|answer| answer.score).collect();
    let count = key.answers.len();
    for (place, answer) in key.answers.iter_mut().enumerate() {
        answer.score = probe(place, count);
    }
    let found = scores(Kind::Numeric(key.clone()), count, rows, most)?;
    for ((answer, score), known) in key.answers.iter_mut().zip(&found).zip(known) {
        answer.score = score.unwrap_or(known);
    }
    if let Some(score) = found[count].filter(|score| *score != 0.0) {
        let any = NumberAnswer::new(Accept::Any);
        key.answers.push(NumberAnswer { score, ..any });
    }
    Some(key)
}
