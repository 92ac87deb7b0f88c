//! Workspace projects of a course: instructions, files to begin with, stages, and whether they are
//! done.

mod pack;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::response::NoContent;
use carrel_api::progress::{FilesQuery, Project, ProjectStage};
use carrel_course::course::{self as files, Course};
use carrel_store::account::{Role, Scope};

use crate::app::App;
use crate::availability::{self, Purpose};
use crate::caller::Caller;
use crate::catalogue::{read_files, run_blocking};
use crate::extract::{Json, Path, Query};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

pub use pack::Archive;

const TAG: &str = "Courses";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/projects/{project}",
            get_with(
                get_project,
                tagged(TAG, "A project: instructions, files to begin with, stages"),
            ),
        )
        .api_route(
            "/courses/{course}/projects/{project}/archive",
            get_with(get_archive, |operation| {
                tagged(TAG, "Files of a project as a zip")(operation).description(
                    "The files to begin with, or with `?stage=` all files at that moment, in a \
                     directory of their own.",
                )
            }),
        )
        .api_route(
            "/courses/{course}/projects/{project}/done",
            post_with(
                finish,
                tagged(TAG, "Note that the caller is done with a project"),
            ),
        )
}

/// A project of the present version, as the caller may see it now.
#[derive(Debug, Clone)]
pub struct Found {
    /// Digest of the version.
    pub version: String,
    /// Its files.
    pub course: Arc<Course>,
    index: usize,
}

impl Found {
    /// The project.
    #[must_use]
    pub fn project(&self) -> &files::Project {
        &self.course.projects[self.index]
    }

    /// The files at a stage, or those to begin with.
    ///
    /// # Errors
    /// There is no such stage.
    pub fn files(&self, stage: Option<&str>) -> Result<&BTreeMap<String, PathBuf>> {
        let Some(id) = stage else {
            return Ok(&self.project().files);
        };
        let mut stages = self.project().stages.iter();
        let found = stages.find(|stage| stage.id == id);
        let found = found.ok_or_else(|| Problem::missing("stage", id))?;
        Ok(&found.files)
    }
}

/// A project of the present version.
///
/// # Errors
/// There is none, it is not open, or something must be passed first.
pub async fn find(app: &App, caller: &Caller, course: &str, id: &str) -> Result<Found> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(course, Role::Learner)?;
    let version = app.store.course(course).await?.digest;
    let course = app.catalogue.course(app, &version).await?;
    let index = course.projects.iter().position(|one| one.id == id);
    let index = index.ok_or_else(|| Problem::missing("project", id))?;
    availability::require(app, caller, &course, id, Purpose::See).await?;
    Ok(Found {
        version,
        course,
        index,
    })
}

/// Whether the caller has marked a project as done.
///
/// # Errors
/// The store fails.
pub async fn is_done(app: &App, caller: &Caller, course: &str, id: &str) -> Result<bool> {
    let progress = app.store.progress(caller.id(), course).await?;
    Ok(progress.projects.iter().any(|(done, _)| done == id))
}

/// Notes that the caller is done with a project.
///
/// # Errors
/// As of reading it.
pub async fn finish_project(app: &App, caller: &Caller, course: &str, id: &str) -> Result<()> {
    let found = find(app, caller, course, id).await?;
    let id = &found.project().id;
    Ok(app.store.finish_project(caller.id(), course, id).await?)
}

/// The files at a stage, or those to begin with, as a zip.
///
/// # Errors
/// As of reading the project, or there is no such stage.
pub async fn archive_of(
    app: &App,
    caller: &Caller,
    (course, id): (&str, &str),
    stage: Option<&str>,
) -> Result<Archive> {
    let found = find(app, caller, course, id).await?;
    let files = found.files(stage)?.clone();
    let name = match stage {
        Some(stage) => format!("{id}-{stage}"),
        None => id.to_owned(),
    };
    let packed = run_blocking(move || Archive::pack(&name, &files)).await?;
    packed.map_err(|error| Problem::internal(&error))
}

async fn get_project(
    State(app): State<App>,
    caller: Caller,
    Path((course, project)): Path<(String, String)>,
) -> Result<Json<Project>> {
    let found = find(&app, &caller, &course, &project).await?;
    let done = is_done(&app, &caller, &course, &project).await?;
    let described = run_blocking(move || describe(&found, done)).await?;
    described
        .map(Json)
        .map_err(|error| Problem::internal(&error))
}

fn describe(found: &Found, done: bool) -> std::io::Result<Project> {
    let project = found.project();
    let stages = project.stages.iter().map(|stage| ProjectStage {
        id: stage.id.clone(),
        title: stage.title.clone(),
        files: stage.files.keys().cloned().collect(),
    });
    Ok(Project {
        course: found.course.id.clone(),
        version: found.version.clone(),
        id: project.id.clone(),
        title: project.title.clone(),
        path: project.instructions.path.clone(),
        summary: project.summary.clone(),
        minutes: project.minutes,
        environment: project.environment.clone(),
        instructions: project.instructions.markdown.clone(),
        files: read_files(&project.files)?,
        open: project.open.clone(),
        stages: stages.collect(),
        done,
    })
}

async fn get_archive(
    State(app): State<App>,
    caller: Caller,
    Path((course, project)): Path<(String, String)>,
    Query(query): Query<FilesQuery>,
) -> Result<Archive> {
    let stage = query.stage.as_deref();
    archive_of(&app, &caller, (&course, &project), stage).await
}

async fn finish(
    State(app): State<App>,
    caller: Caller,
    Path((course, project)): Path<(String, String)>,
) -> Result<NoContent> {
    finish_project(&app, &caller, &course, &project).await?;
    Ok(NoContent)
}
