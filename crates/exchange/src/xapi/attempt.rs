//! Attempts at quizzes: attempted, answered, completed, passed and failed.

use carrel_quiz::score::ScoreState;
use carrel_quiz::{Answer, Question, Score};
use serde_json::{Value, json};

use super::{Home, Record, ending, interaction, score};

/// One learner's run through a quiz.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    /// Stable id of the attempt.
    pub id: &'a str,
    /// Stable name of the learner's account.
    pub learner: &'a str,
    /// Path of the quiz below the home, such as `courses/c/quizzes/q`.
    pub activity: &'a str,
    /// Title of the quiz.
    pub title: &'a str,
    /// When it was begun, RFC 3339.
    pub started_at: &'a str,
    /// Answers that were scored, in order.
    pub answers: Vec<Answered<'a>>,
    /// How it ended; `None`: it goes on.
    pub end: Option<End<'a>>,
}

/// An answer to one question.
#[derive(Debug, Clone)]
pub struct Answered<'a> {
    /// The question as it was shown: variables filled in.
    pub question: &'a Question,
    /// The answer.
    pub answer: &'a Answer,
    /// What it is worth.
    pub score: &'a Score,
    /// When it was given, RFC 3339.
    pub at: &'a str,
}

/// The end of an attempt.
#[derive(Debug, Clone)]
pub struct End<'a> {
    /// When it was submitted, RFC 3339.
    pub at: &'a str,
    /// How long the attempt took, milliseconds.
    pub duration_ms: i64,
    /// Points.
    pub points: f64,
    /// Points that could be reached.
    pub points_max: f64,
    /// Whether it was passed; `None`: there is nothing to pass, or a person must grade it first.
    pub passed: Option<bool>,
}

/// Statements of an attempt as JSON objects, in the order they came about.
#[must_use]
pub fn of_attempt(home: &Home<'_>, attempt: &Attempt<'_>) -> Vec<Value> {
    let record = Record {
        home,
        id: attempt.id,
        learner: attempt.learner,
    };
    let quiz = home.activity(attempt.activity, "assessment", attempt.title);
    let mut statements =
        vec![record.statement(("attempted", attempt.started_at), &quiz, None, None)];
    for answered in &attempt.answers {
        let question = home.question(attempt.activity, answered.question);
        let result = Some(answer_result(answered));
        statements.push(record.statement(
            ("answered", answered.at),
            &question,
            Some(&quiz),
            result,
        ));
    }
    if let Some(end) = &attempt.end {
        let result = |success| {
            let points = (end.points, end.points_max);
            Some(ending(points, success, Some(end.duration_ms)))
        };
        statements.push(record.statement(("completed", end.at), &quiz, None, result(None)));
        if let Some(passed) = end.passed {
            let verb = if passed { "passed" } else { "failed" };
            statements.push(record.statement((verb, end.at), &quiz, None, result(end.passed)));
        }
    }
    statements
}

fn answer_result(answered: &Answered<'_>) -> Value {
    let points = answered.score.points;
    let mut result = json!({
        "completion": true,
        "response": interaction::response(answered.answer),
    });
    let graded = answered.score.state != ScoreState::NeedsGrading;
    if let Some(score) = score(points, answered.score.points_max).filter(|_| graded) {
        result["score"] = score;
        result["success"] = Value::Bool(answered.score.state == ScoreState::Correct);
    }
    result
}
