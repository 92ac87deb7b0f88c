//! A lesson: its text, the way on, and the mark that it was read.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use carrel_course::course::ActivityKind;

use super::{Frame, Place, held, text};
use crate::app::App;
use crate::caller::Caller;
use crate::content::{lesson_of, see_lesson};
use crate::problem::Result;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses/{course}/lessons/{lesson}", get(show))
        .route("/courses/{course}/lessons/{lesson}/seen", post(see))
}

#[derive(Template)]
#[template(path = "lesson.html")]
struct LessonPage {
    frame: Frame,
    course: String,
    home: String,
    own: String,
    unit: String,
    title: String,
    minutes: Option<u32>,
    /// What holds learners back, as markup: told to authors.
    held: Option<String>,
    html: Arc<str>,
    seen: bool,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
}

/// An activity before or after.
pub(super) struct Neighbour {
    pub(super) address: String,
    pub(super) title: String,
}

async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
) -> Result<Response> {
    let lesson = lesson_of(&app, &caller, &course, &id).await?;
    let place = Place::of(&app, lesson.version.clone()).await?;
    let directory = lesson
        .path
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory);
    let source = (directory, lesson.markdown.as_str());
    let html = text::render_markdown(&app, &frame, &place, source).await?;
    let held = held::notice(&app, &frame, (&caller, &place.course), &id).await?;
    let progress = app.store.progress(caller.id(), &course).await?;
    let (previous, next) = neighbours(&app, &caller, &place, &id);
    let unit = place
        .course
        .activity(&id)
        .map(|(unit, _)| unit.title.clone());
    super::show(&LessonPage {
        course: place.course.title.clone(),
        home: place.address(),
        own: place.activity(ActivityKind::Lesson, &id),
        unit: unit.unwrap_or_default(),
        title: lesson.title,
        minutes: lesson.minutes,
        held: held.filter(|_| frame.is_author(&course)),
        html,
        seen: progress.lessons.iter().any(|(seen, _)| *seen == id),
        previous,
        next,
        frame,
    })
}

/// What stands before and after an activity in the course, as far as the caller sees it.
pub(super) fn neighbours(
    app: &App,
    caller: &Caller,
    place: &Place,
    id: &str,
) -> (Option<Neighbour>, Option<Neighbour>) {
    let is_author = caller.writes(&place.course.id);
    let now = app.store.now();
    let seen = place.course.activities();
    let seen = seen.filter(|(unit, one)| is_author || !unit.hides(one, now));
    let all: Vec<_> = seen.map(|(_, one)| one).collect();
    let Some(at) = all.iter().position(|one| one.id == id) else {
        return (None, None);
    };
    let of = |index: Option<usize>| {
        let activity = all.get(index?)?;
        let title = place.course.title_of(&activity.id).unwrap_or(&activity.id);
        Some(Neighbour {
            address: place.activity(activity.kind, &activity.id),
            title: title.to_owned(),
        })
    };
    (of(at.checked_sub(1)), of(at.checked_add(1)))
}

/// Marks a lesson as read, and goes on to what comes after it.
async fn see(
    State(app): State<App>,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
) -> Result<Redirect> {
    see_lesson(&app, &caller, &course, &id).await?;
    let place = Place::find(&app, &caller, &course).await?;
    let (_, next) = neighbours(&app, &caller, &place, &id);
    Ok(Redirect::to(
        &next.map_or_else(|| place.address(), |next| next.address),
    ))
}
