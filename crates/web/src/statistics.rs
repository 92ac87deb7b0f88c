//! Figures of quizzes and challenges, for authors: as JSON and as tables for spreadsheets.

pub mod challenge;
pub mod quiz;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use carrel_quiz::statistics::challenge::ChallengeStatistics;
use carrel_quiz::statistics::{QuizStatistics, Selection};
use carrel_store::account::Role;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::App;
use crate::caller::Caller;
use crate::csv::{JsonOrTable, Wanted};
use crate::extract::{Path, Query};
use crate::openapi::tagged;
use crate::problem::Result;

const TAG: &str = "Statistics";
/// Most attempts or submissions that figures are made of: the newest.
const ROWS_MAX: u32 = 20_000;

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/quizzes/{quiz}/statistics",
            get_with(quiz_statistics, |operation| {
                tagged(TAG, "Figures of a quiz and its questions (authors)")(operation).description(
                    "As Moodle's statistics report defines them, of submitted attempts. With \
                         `Accept: text/csv` a table whose column `about` says what a row is \
                         about: `quiz`, `selection` (which attempts), `position` (a question), \
                         `drawn` (a question from a pool), `answer` (an option or what was \
                         typed; options that nobody chose too), `others` (typed answers that \
                         are not told apart).",
                )
            }),
        )
        .api_route(
            "/courses/{course}/challenges/{challenge}/statistics",
            get_with(challenge_statistics, |operation| {
                tagged(TAG, "Figures of a challenge (authors)")(operation).description(
                    "How many learners tried and passed, attempts and time to pass, checks by \
                         how often they fail, of what learners sent: rehearsals of authors and \
                         faults of the service count nowhere. With `Accept: text/csv` a table \
                         whose column `about` says what a row is about: `challenge`, \
                         `attempts` (`passed` learners passed with `name` submissions), \
                         `check` (one that failed).",
                )
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
    Wanted(table): Wanted,
) -> Result<JsonOrTable<QuizStatistics>> {
    caller.require_role(&course, Role::Author)?;
    let figures = quiz::compute(&app, &course, &quiz, query.attempts).await?;
    if !table {
        return Ok(JsonOrTable::Json(figures));
    }
    Ok(JsonOrTable::Table {
        name: format!("{course}-{quiz}-statistics.csv"),
        text: quiz::table(&quiz, &figures),
    })
}

async fn challenge_statistics(
    State(app): State<App>,
    caller: Caller,
    Path((course, challenge)): Path<(String, String)>,
    Wanted(table): Wanted,
) -> Result<JsonOrTable<ChallengeStatistics>> {
    caller.require_role(&course, Role::Author)?;
    let figures = challenge::compute(&app, &course, &challenge).await?;
    if !table {
        return Ok(JsonOrTable::Json(figures));
    }
    Ok(JsonOrTable::Table {
        name: format!("{course}-{challenge}-statistics.csv"),
        text: challenge::table(&challenge, &figures),
    })
}
