//! What questions say of whole answers: wrong ones, and those with a share of their own.

use carrel_quiz::kind::{Kind, Select};
use carrel_quiz::question::SpecialAnswer;
use carrel_quiz::score::ScoreState;
use carrel_quiz::{Answer, Instance, Question, Scorer};

use super::Samples;
use super::fit::{Table, share};

/// Most answers of one item that get a share of their own.
const SPECIAL_MAX: usize = 20;

/// The question where every wrong answer gives the same, and not nothing.
pub(super) fn with_wrong(question: &Question, table: &Table) -> Option<Question> {
    let scorer = Scorer::new(question, &Instance::default()).ok()?;
    let is_wrong = |answer: &Answer| {
        let score = scorer.score(Some(answer)).ok();
        score.is_some_and(|score| score.state == ScoreState::Incorrect && score.fraction == 0.0)
    };
    let mut given = table
        .iter()
        .filter(|(answer, _)| is_wrong(answer))
        .map(|(_, points)| *points);
    let first = given.next()?;
    // One that differs may be a special answer.
    let others = given.filter(|points| (points - first).abs() > 1e-9).count();
    let wrong = share(first, question.points)?;
    (wrong != 0.0 && others <= SPECIAL_MAX).then(|| Question {
        wrong,
        ..question.clone()
    })
}

/// The question with shares of their own for answers that the rules name and that it scores
/// otherwise. Only named ones: what was tried by chance would say nothing of what was not tried.
pub(super) fn with_special(question: &Question, samples: &Samples) -> Option<Question> {
    let has_special = match &question.kind {
        Kind::Choice(choice) => choice.select != Select::One,
        Kind::Ordering(_) | Kind::Matching(_) => true,
        _ => false,
    };
    if !has_special || question.points <= 0.0 || question.template.is_some() {
        return None;
    }
    let scorer = Scorer::new(question, &Instance::default()).ok()?;
    let mut special: Vec<SpecialAnswer> = Vec::new();
    for sample in samples.all.iter().filter(|sample| sample.is_named) {
        let Some(answer) = sample.answer(question) else {
            continue;
        };
        let Ok(score) = scorer.score(Some(&answer)) else {
            continue;
        };
        if (score.points - sample.points).abs() > 1e-6 {
            let share = share(sample.points, question.points)?;
            special.push(SpecialAnswer { answer, share });
        }
    }
    (!special.is_empty() && special.len() <= SPECIAL_MAX).then(|| Question {
        special,
        ..question.clone()
    })
}
