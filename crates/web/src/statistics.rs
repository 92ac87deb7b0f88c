//! Figures of quizzes and challenges, for authors: as JSON and as tables for spreadsheets.

use std::collections::BTreeMap;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use carrel_model::execution::SubmissionState;
use carrel_model::result::Status;
use carrel_quiz::kind::Kind;
use carrel_quiz::response::{Response as Given, Step};
use carrel_quiz::statistics::challenge::{ChallengeStatistics, JudgedSubmission};
use carrel_quiz::statistics::{
    GradedAttempt, GradedQuestion, PositionStatistics, QuizStatistics, Selection, positions,
};
use carrel_store::PageRequest;
use carrel_store::account::Role;
use carrel_store::attempt::AttemptFilter;
use carrel_store::page::PAGE_MAX;
use carrel_store::submission::{Outcome, SubmissionFilter, SubmissionRow};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::attempt::{self, Opened};
use crate::caller::Caller;
use crate::catalogue;
use crate::csv;
use crate::extract::{Json, Path, Query};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

const TAG: &str = "Statistics";
/// Most attempts or submissions that figures are made of: the newest.
const ROWS_MAX: usize = 20_000;

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/quizzes/{quiz}/statistics",
            get_with(quiz_statistics, |operation| {
                tagged(TAG, "Figures of a quiz and its questions (authors)")(operation)
                    .description(
                        "As Moodle's statistics report defines them, of submitted attempts. With \
                         `Accept: text/csv` a table, a row per question.",
                    )
                    .response::<200, Json<QuizStatistics>>()
            }),
        )
        .api_route(
            "/courses/{course}/challenges/{challenge}/statistics",
            get_with(challenge_statistics, |operation| {
                tagged(TAG, "Figures of a challenge (authors)")(operation)
                    .description(
                        "Attempts to pass, time to pass, checks by how often they fail. With \
                         `Accept: text/csv` a table, a row per check.",
                    )
                    .response::<200, Json<ChallengeStatistics>>()
            }),
        )
}

/// Which attempts figures are of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StatisticsQuery {
    /// The best, first or last attempt of each learner, or all.
    pub attempts: Selection,
}

async fn quiz_statistics(
    State(app): State<App>,
    caller: Caller,
    Path((course, quiz)): Path<(String, String)>,
    Query(query): Query<StatisticsQuery>,
    headers: HeaderMap,
) -> Result<Response> {
    let figures = of_quiz(&app, &caller, (&course, &quiz), query.attempts).await?;
    if csv::is_wanted(&headers) {
        let name = format!("{course}-{quiz}-statistics.csv");
        return Ok(csv::answer(&name, quiz_table(&figures)));
    }
    Ok(Json(figures).into_response())
}

async fn challenge_statistics(
    State(app): State<App>,
    caller: Caller,
    Path((course, challenge)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    let figures = of_challenge(&app, &caller, &course, &challenge).await?;
    if csv::is_wanted(&headers) {
        let name = format!("{course}-{challenge}-statistics.csv");
        return Ok(csv::answer(&name, challenge_table(&figures)));
    }
    Ok(Json(figures).into_response())
}

/// Figures of a quiz in its present version.
///
/// # Errors
/// The caller is no author, or there is no such quiz.
pub async fn of_quiz(
    app: &App,
    caller: &Caller,
    (course, quiz): (&str, &str),
    selection: Selection,
) -> Result<QuizStatistics> {
    caller.require_role(course, Role::Author)?;
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
            Some(next) if graded.len() < ROWS_MAX => after = Some(next),
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

/// Figures of a challenge.
///
/// # Errors
/// The caller is no author, or there is no such challenge.
pub async fn of_challenge(
    app: &App,
    caller: &Caller,
    course: &str,
    challenge: &str,
) -> Result<ChallengeStatistics> {
    caller.require_role(course, Role::Author)?;
    catalogue::find(app, course, challenge).await?;
    let filter = SubmissionFilter {
        course: Some(course.to_owned()),
        challenge: Some(challenge.to_owned()),
        state: Some(SubmissionState::Finished),
        ..SubmissionFilter::default()
    };
    let mut judged = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest {
            after,
            limit: PAGE_MAX,
        };
        let page = app.store.submissions(filter.clone(), request).await?;
        for row in page.items.iter().filter(|row| row.verdict.is_some()) {
            judged.push(judged_submission(app, row).await?);
        }
        match page.next {
            Some(next) if judged.len() < ROWS_MAX => after = Some(next),
            _ => break,
        }
    }
    Ok(ChallengeStatistics::new(&judged, &BTreeMap::new()))
}

async fn judged_submission(app: &App, row: &SubmissionRow) -> Result<JudgedSubmission> {
    let passed = row.verdict == Some(carrel_model::Verdict::Accepted);
    let outcome = match app.store.outcome(row.id).await {
        Ok(outcome) => outcome,
        // Its document has expired; the verdict is left.
        Err(carrel_store::Error::State { .. }) => None,
        Err(error) => return Err(Problem::from(error)),
    };
    let failing = match outcome {
        Some(Outcome::Judged(document)) => {
            let failed = document
                .tests
                .iter()
                .filter(|test| test.status != Status::Pass);
            let mut checks: Vec<String> = failed.map(|test| test.check.clone()).collect();
            checks.dedup();
            checks
        }
        _ => Vec::new(),
    };
    Ok(JudgedSubmission {
        learner: row.user.to_string(),
        at_ms: row.created_at.as_millisecond(),
        passed,
        failing,
    })
}

fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn quiz_table(figures: &QuizStatistics) -> String {
    let mut text = String::new();
    let head = [
        "position",
        "points_max",
        "attempts",
        "facility",
        "standard_deviation",
        "random_guess_score",
        "intended_weight",
        "effective_weight",
        "discrimination_index",
        "discriminative_efficiency",
    ];
    csv::write_row(&mut text, head.map(str::to_owned));
    for one in figures.positions.iter().chain(&figures.drawn) {
        csv::write_row(&mut text, row_of(one));
    }
    text
}

fn row_of(one: &PositionStatistics) -> [String; 10] {
    [
        one.name.clone(),
        one.points_max.to_string(),
        one.attempts.to_string(),
        number(one.facility),
        number(one.standard_deviation),
        number(one.random_guess_score),
        number(one.intended_weight),
        number(one.effective_weight),
        number(one.discrimination_index),
        number(one.discriminative_efficiency),
    ]
}

fn challenge_table(figures: &ChallengeStatistics) -> String {
    let mut text = String::new();
    let head = ["check", "submissions", "share", "learners", "stuck"];
    csv::write_row(&mut text, head.map(str::to_owned));
    for one in &figures.failing_checks {
        let row = [
            one.check.clone(),
            one.submissions.to_string(),
            one.share.to_string(),
            one.learners.to_string(),
            one.stuck.to_string(),
        ];
        csv::write_row(&mut text, row);
    }
    text
}
