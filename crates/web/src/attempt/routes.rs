//! Addresses of attempts.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with, put_with};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use carrel_api::List;
use carrel_api::attempt::{
    AskedQuestion, Attempt, AttemptQuery, AttemptSummary, GoOn, NewMarks, OfferedHint, SaveAnswer,
    SavedAnswer, TryAnswer,
};

use crate::account::audit::Auditor;
use crate::app::App;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query, SmallJson};
use crate::openapi::tagged;
use crate::problem::Result;

const TAG: &str = "Attempts";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/quizzes/{quiz}/attempts",
            post_with(start, |operation| {
                tagged(TAG, "Start an attempt at a quiz")(operation)
                    .description(
                        "201 with `Location`; 200 with the one that goes on, so a request may be \
                         repeated. 409 `not_open`, `locked`, `no_attempts_left` or \
                         `attempt_too_soon` tell why not.",
                    )
                    .response::<201, Json<Attempt>>()
                    .response::<200, Json<Attempt>>()
            }),
        )
        .api_route(
            "/courses/{course}/attempts",
            get_with(list, tagged(TAG, "List attempts, newest first")),
        )
        .api_route(
            "/attempts/{id}",
            get_with(get, |operation| {
                tagged(TAG, "An attempt with its questions")(operation).description(
                    "While it goes on: questions without their keys, the answers saved, \
                     `remaining_ms`. After: what the review rules allow by now.",
                )
            }),
        )
        .api_route(
            "/attempts/{id}/answers/{question}",
            put_with(save, |operation| {
                tagged(TAG, "Save an answer")(operation).description(
                    "Answered when it is on the disk. `sequence` grows with every save of a \
                     question: an older one never replaces a newer one (409 \
                     `answer_superseded`), the same again changes nothing.",
                )
            }),
        )
        .api_route(
            "/attempts/{id}/answers/{question}/tries",
            post_with(
                try_answer,
                tagged(TAG, "Score an answer at once, where the quiz allows that"),
            ),
        )
        .api_route(
            "/attempts/{id}/answers/{question}/hints/{index}",
            post_with(take_hint, tagged(TAG, "Take a hint")),
        )
        .api_route(
            "/attempts/{id}/go-on",
            post_with(
                go_on,
                tagged(TAG, "Go on to the next question, without going back"),
            ),
        )
        .api_route(
            "/attempts/{id}/submit",
            post_with(submit, tagged(TAG, "Submit an attempt")),
        )
        .api_route(
            "/attempts/{id}/marks",
            post_with(mark, |operation| {
                tagged(TAG, "Grade answers (authors)")(operation).description(
                    "Essays, and any other answer that a person knows better than its key. \
                     Earlier marks stay as history; the last one counts.",
                )
            }),
        )
}

async fn start(
    State(app): State<App>,
    caller: Caller,
    Path((course, quiz)): Path<(String, String)>,
) -> Result<Response> {
    let started = super::start(&app, &caller, &course, &quiz).await?;
    if !started.is_new {
        return Ok(Json(started.attempt).into_response());
    }
    let id = started.attempt.summary.id;
    let location = format!("{}/attempts/{id}", crate::router::PREFIX);
    let location = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, location, Json(started.attempt)).into_response())
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
    Query(query): Query<AttemptQuery>,
) -> Result<Json<List<AttemptSummary>>> {
    super::list(&app, &caller, &course, query).await.map(Json)
}

async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Attempt>> {
    let opened = super::open(&app, &caller, &id).await?;
    super::show(&app, &caller, &opened).map(Json)
}

async fn save(
    State(app): State<App>,
    caller: Caller,
    Path((id, question)): Path<(String, String)>,
    SmallJson(new): SmallJson<SaveAnswer>,
) -> Result<Json<SavedAnswer>> {
    let saved = super::save(&app, &caller, &id, &question, new).await?;
    Ok(Json(saved))
}

async fn try_answer(
    State(app): State<App>,
    caller: Caller,
    Path((id, question)): Path<(String, String)>,
    SmallJson(new): SmallJson<TryAnswer>,
) -> Result<Json<AskedQuestion>> {
    let tried = super::try_answer(&app, &caller, &id, &question, new).await?;
    Ok(Json(tried))
}

async fn take_hint(
    State(app): State<App>,
    caller: Caller,
    Path((id, question, index)): Path<(String, String, u32)>,
) -> Result<Json<OfferedHint>> {
    let hint = super::take_hint(&app, &caller, &id, &question, index).await?;
    Ok(Json(hint))
}

async fn go_on(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    SmallJson(new): SmallJson<GoOn>,
) -> Result<Json<Attempt>> {
    super::go_on(&app, &caller, &id, new.from).await.map(Json)
}

async fn submit(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Attempt>> {
    super::submit(&app, &caller, &id).await.map(Json)
}

async fn mark(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(id): Path<String>,
    SmallJson(new): SmallJson<NewMarks>,
) -> Result<Json<Attempt>> {
    let shown = super::give_marks(&app, &caller, &auditor, &id, new).await?;
    Ok(Json(shown))
}
