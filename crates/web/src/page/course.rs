//! A course: its units and activities, and how far the reader is.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use carrel_api::progress::{Activity, ActivityKind, Standing, Unit};
use jiff::Timestamp;

use super::text::{self, Source};
use super::{Frame, Place, held};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::Result;
use crate::progress;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/courses/{course}", get(show))
}

#[derive(Template)]
#[template(path = "course.html")]
struct CoursePage {
    frame: Frame,
    id: String,
    title: String,
    address: String,
    description: Option<Arc<str>>,
    passed: u64,
    total: u64,
    /// Address and title of what to do next.
    next: Option<(String, String)>,
    units: Vec<ShownUnit>,
}

struct ShownUnit {
    id: String,
    hidden: bool,
    title: String,
    description: Option<Arc<str>>,
    passed: bool,
    activities: Vec<Row>,
}

/// An activity in the list.
struct Row {
    kind: ActivityKind,
    /// `None`: it cannot be opened.
    address: Option<String>,
    title: String,
    summary: Option<String>,
    minutes: Option<u32>,
    optional: bool,
    passed: bool,
    begun: bool,
    points: Option<String>,
    /// Why it cannot be opened or worked on.
    held: Option<String>,
    due: Option<String>,
    late: bool,
    hidden: bool,
}

async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
) -> Result<Response> {
    let place = Place::find(&app, &caller, &course).await?;
    let found = progress::read(&app, &caller, &course, caller.id()).await?;
    let mut sources = Vec::new();
    sources.extend(place.course.description.as_deref());
    sources.extend(
        found
            .units
            .iter()
            .filter_map(|unit| unit.description.as_deref()),
    );
    let sources = sources.into_iter().map(|text| Source::markdown("", text));
    let rendered = text::render(&app, &frame, &place, sources.collect()).await?;
    let mut rendered = rendered.into_iter();
    let description = place
        .course
        .description
        .as_ref()
        .and_then(|_| rendered.next());
    let as_author = caller.writes(&course);
    let now = app.store.now();
    let units: Vec<ShownUnit> = found
        .units
        .iter()
        .map(|unit| ShownUnit {
            id: unit.id.clone(),
            hidden: unit.hidden,
            title: unit.title.clone(),
            description: unit.description.as_ref().and_then(|_| rendered.next()),
            passed: unit.passed,
            activities: rows(&frame, (&place, as_author), unit, now),
        })
        .collect();
    let mut activities = units.iter().flat_map(|unit| &unit.activities);
    let next = activities.find(|row| !row.passed && !row.optional && row.held.is_none());
    let next = next.and_then(|row| Some((row.address.clone()?, row.title.clone())));
    super::show(&CoursePage {
        id: course,
        title: place.course.title.clone(),
        address: place.address(),
        description,
        passed: found.activities_passed,
        total: found.activities_total,
        next,
        units,
        frame,
    })
}

fn rows(
    frame: &Frame,
    (place, as_author): (&Place, bool),
    unit: &Unit,
    now: Timestamp,
) -> Vec<Row> {
    let row = |activity: &Activity| Row {
        kind: activity.kind,
        address: is_seen(activity).then(|| address(place, activity)),
        title: activity.title.clone(),
        summary: activity.summary.clone(),
        minutes: activity.minutes,
        optional: activity.optional,
        passed: activity.passed,
        begun: activity.attempts > 0,
        points: points(frame, activity),
        held: held::tell(
            frame,
            &place.course,
            &held::stand_of(activity, as_author, now),
        ),
        due: activity.due_at.map(|due| frame.time(due)),
        late: activity.late,
        hidden: activity.hidden,
    };
    unit.activities.iter().map(row).collect()
}

/// What is closed can still be looked at.
fn is_seen(activity: &Activity) -> bool {
    matches!(activity.standing, Standing::Open | Standing::Closed)
}

fn address(place: &Place, activity: &Activity) -> String {
    use carrel_course::course::ActivityKind as Files;
    let kind = match activity.kind {
        ActivityKind::Lesson => Files::Lesson,
        ActivityKind::Quiz => Files::Quiz,
        ActivityKind::Challenge => Files::Challenge,
        ActivityKind::Project => Files::Project,
    };
    place.activity(kind, &activity.id)
}

fn points(frame: &Frame, activity: &Activity) -> Option<String> {
    Some(frame.points_of("points-of", activity.points?, activity.points_max?))
}
