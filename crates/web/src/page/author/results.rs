//! Results of quizzes and challenges: figures with what they mean, and as tables for spreadsheets.

mod challenge;
mod quiz;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use carrel_course::course::{ActivityKind, Course};
use carrel_store::account::Role;

use super::address;
use crate::app::App;
use crate::caller::Caller;
use crate::page::place::encode;
use crate::page::{Frame, show};
use crate::problem::Result;
use crate::{csv, gradebook};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/courses/{course}/author/results", get(list))
        .route("/courses/{course}/author/results/grades", get(save_grades))
        .route(
            "/courses/{course}/author/results/quizzes/{quiz}",
            get(quiz::show_figures),
        )
        .route(
            "/courses/{course}/author/results/quizzes/{quiz}/table",
            get(quiz::save_table),
        )
        .route(
            "/courses/{course}/author/results/challenges/{challenge}",
            get(challenge::show_figures),
        )
        .route(
            "/courses/{course}/author/results/challenges/{challenge}/table",
            get(challenge::save_table),
        )
}

#[derive(Template)]
#[template(path = "author/results.html")]
struct ResultsPage {
    frame: Frame,
    course: String,
    title: String,
    units: Vec<Unit>,
}

struct Unit {
    title: String,
    activities: Vec<Activity>,
}

struct Activity {
    is_quiz: bool,
    title: String,
    address: String,
}

async fn list(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let version = app.store.course(&course).await?;
    let files = app.catalogue.course(&app, &version.digest).await?;
    show(&ResultsPage {
        frame,
        title: version.title,
        units: units(&course, &files),
        course,
    })
}

async fn save_grades(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
) -> Result<Response> {
    let table = gradebook::read_table(&app, &caller, &course).await?;
    Ok(csv::answer(&format!("{course}-grades.csv"), table))
}

/// Units with what there are figures of.
fn units(course: &str, files: &Course) -> Vec<Unit> {
    let units = files.units.iter().map(|unit| Unit {
        title: unit.title.clone(),
        activities: unit
            .activities
            .iter()
            .filter_map(|activity| {
                let kind = match activity.kind {
                    ActivityKind::Lesson | ActivityKind::Project => return None,
                    ActivityKind::Quiz => "quizzes",
                    ActivityKind::Challenge => "challenges",
                };
                let id = &activity.id;
                Some(Activity {
                    is_quiz: activity.kind == ActivityKind::Quiz,
                    title: files.title_of(id).unwrap_or(id).to_owned(),
                    address: address(course, &format!("results/{kind}/{}", encode(id))),
                })
            })
            .collect(),
    });
    units.filter(|unit| !unit.activities.is_empty()).collect()
}
