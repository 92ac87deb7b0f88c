//! Quizzes: before an attempt, in one, and after it.
//!
//! Everything works by plain forms; the script (`web-ui/src/islands/quiz.ts`) saves each answer as
//! it is given, by the very fields of its form ([`answer`] reads both), shows the time that is
//! left, and moves items with buttons.

mod answer;
mod attempt;
mod blank;
mod control;
mod overview;
mod question;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses/{course}/quizzes/{quiz}", get(overview::show))
        .route(
            "/courses/{course}/quizzes/{quiz}/start",
            post(overview::start),
        )
        .route("/attempts/{attempt}", get(attempt::show).post(attempt::act))
        .route(
            "/attempts/{attempt}/submit",
            get(attempt::confirm).post(attempt::submit),
        )
        .route(
            "/attempts/{attempt}/questions/{place}",
            post(attempt::save_one),
        )
}
