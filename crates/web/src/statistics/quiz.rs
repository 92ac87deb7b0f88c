//! Figures of a quiz.

mod table;

pub use table::table;

use carrel_quiz::kind::Kind;
use carrel_quiz::response::{Response as Given, Step};
use carrel_quiz::statistics::{
    GradedAttempt, GradedQuestion, QuizStatistics, Selection, positions,
};
use carrel_store::PageRequest;
use carrel_store::attempt::AttemptFilter;
use carrel_store::page::PAGE_MAX;

use super::ROWS_MAX;
use crate::app::App;
use crate::attempt::{self, Opened};
use crate::problem::Result;

/// Figures of a quiz in its present version. Whether the reader may see them is asked before.
///
/// # Errors
/// There is no such quiz.
pub async fn compute(
    app: &App,
    course: &str,
    quiz: &str,
    selection: Selection,
) -> Result<QuizStatistics> {
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let asked = attempt::find_quiz(&files, quiz)?;
    let filter = AttemptFilter {
        course: Some(course.to_owned()),
        quiz: Some(quiz.to_owned()),
        ended: Some(true),
        ..AttemptFilter::default()
    };
    let mut graded = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = app.store.attempts(filter.clone(), request).await?;
        for row in page.items.iter().filter(|row| !row.answers_gone) {
            let opened = attempt::read(app, row.id).await?;
            if !opened.kept.rehearsal {
                graded.push(graded_attempt(&opened)?);
            }
        }
        match page.next {
            Some(next) if graded.len() < ROWS_MAX as usize => after = Some(next),
            _ => break,
        }
    }
    Ok(QuizStatistics::new(asked, &graded, selection))
}

fn graded_attempt(opened: &Opened) -> Result<GradedAttempt> {
    let worth = attempt::grade(opened)?;
    let quiz = opened.quiz()?;
    let positions = positions(&opened.attempt.paper);
    let questions = worth.questions.into_iter().zip(positions);
    let asked = questions.filter(|(one, _)| {
        let question = quiz.question(&one.question);
        question.is_some_and(|question| !matches!(question.kind, Kind::Description))
    });
    let asked = asked.map(|(one, position)| GradedQuestion {
        answer: opened
            .attempt
            .responses
            .get(&one.question)
            .and_then(given_last),
        points: one.graded.points,
        points_max: one.graded.points_max,
        question: one.question,
        position,
    });
    Ok(GradedAttempt {
        learner: opened.row.user.to_string(),
        number: opened.row.number,
        questions: asked.collect(),
    })
}

fn given_last(response: &Given) -> Option<carrel_quiz::Answer> {
    let mut tries = response.steps.iter().rev().filter_map(|step| match step {
        Step::Try { answer, .. } => Some(answer),
        Step::Hint { .. } => None,
    });
    response.answer.clone().or_else(|| tries.next().cloned())
}
