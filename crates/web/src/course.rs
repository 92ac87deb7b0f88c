//! Courses, their versions and challenges.

use std::fs::File;
use std::io::{Seek as _, Write as _};

use aide::OperationInput;
use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use carrel_api::course::{
    Challenge, ChallengeSummary, Check, Course, CourseSummary, PublishQuery, Published, Step,
    Version,
};
use carrel_api::limits::COURSE_ARCHIVE_BYTES_MAX;
use carrel_api::list::PageQuery;
use carrel_api::{Code, List};
use carrel_store::account::{Role, Scope};
use carrel_store::course::CourseVersion;
use futures_util::StreamExt as _;
use schemars::JsonSchema;
use serde::Serialize;

use crate::account::audit::{Auditor, action};
use crate::app::App;
use crate::availability::{self, Purpose};
use crate::caller::Caller;
use crate::catalogue::{self, Found, read_files, run_blocking};
use crate::content::open_challenge;
use crate::extract::{Json, Path, Query, list, page};
use crate::openapi::{declaring, tagged};
use crate::problem::{Problem, Result};
use crate::progress;
use crate::provision;
use crate::publish::{self, Origin, Preview};

const TAG: &str = "Courses";

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses",
            get_with(list_courses, tagged(TAG, "List the caller's courses")),
        )
        .api_route(
            "/courses/{course}",
            get_with(get_course, tagged(TAG, "A course and its challenges")),
        )
        .api_route(
            "/courses/{course}/versions",
            get_with(
                list_versions,
                tagged(TAG, "Published versions, newest first"),
            )
            .post_with(publish_version, |operation| {
                tagged(TAG, "Publish a version")(operation).description(
                    "The body is a tar, tar.gz or zip of the course directory. All problems \
                         of the course are told in `errors[]`; then nothing is published. A \
                         course that is new is published by an operator, of the service or of the course. With \
                         `?preview=true` nothing is published, and what would change for \
                         learners is told. `?commit=` is kept with the version.",
                )
            }),
        )
        .api_route(
            "/courses/{course}/challenges/{challenge}",
            get_with(
                get_challenge,
                tagged(TAG, "A challenge, as the caller may see it"),
            ),
        )
        .api_route(
            "/courses/{course}/versions/{version}/present",
            post_with(
                restore_version,
                tagged(TAG, "Make an earlier version the present one"),
            ),
        )
}

fn show(version: CourseVersion, role: Role) -> CourseSummary {
    CourseSummary {
        id: version.course,
        title: version.title,
        version: version.digest,
        published_at: version.published_at,
        role: role.name().to_owned(),
    }
}

/// What a list tells of a challenge.
#[must_use]
pub fn summarise(challenge: &carrel_model::Challenge) -> ChallengeSummary {
    ChallengeSummary {
        id: challenge.id.clone(),
        title: challenge.title.clone(),
        language: challenge.language.clone(),
        steps: challenge.steps.len(),
        checks: challenge.checks.len(),
        points_max: challenge.checks.iter().map(|check| check.points).sum(),
        target_ms: challenge.target_ms,
    }
}

async fn list_courses(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<CourseSummary>>> {
    caller.require_scope(Scope::Read)?;
    let rows = app.store.courses(page(query)?).await?;
    let next = rows.next.map(|cursor| cursor.0);
    let mine = |version: CourseVersion| {
        let role = caller.role(&version.course)?;
        Some(show(version, role))
    };
    let items = rows.items.into_iter().filter_map(mine).collect();
    Ok(Json(List { items, next }))
}

async fn get_course(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Course>> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(&id, Role::Learner)?;
    let version = app.store.course(&id).await?;
    let course = app.catalogue.course(&app, &version.digest).await?;
    let role = caller.role(&id).unwrap_or(Role::Learner);
    let now = app.store.now();
    let shown = course
        .challenges
        .iter()
        .filter(|challenge| role.writes() || !course.is_hidden(&challenge.id, now));
    let challenges = shown.map(summarise).collect();
    let sight = progress::Sight {
        is_own: true,
        as_author: role.writes(),
    };
    let units = progress::units(&app, &course, caller.id(), sight).await?;
    Ok(Json(Course {
        description: course.description.clone(),
        language: course.language.clone(),
        units,
        summary: show(version, role),
        challenges,
    }))
}

async fn list_versions(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Version>>> {
    caller.require_role(&id, Role::Author)?;
    let rows = app.store.course_versions(&id, page(query)?).await?;
    Ok(Json(list(rows, |version| Version {
        commit: publish::commit_of(&version).map(str::to_owned),
        version: version.digest,
        title: version.title,
        published_at: version.published_at,
        published_by: version.published_by,
    })))
}

/// What publishing gave, or would.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
enum Publication {
    /// It was published.
    Published(Published),
    /// Nothing was published.
    Preview(Preview),
}

async fn publish_version(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(id): Path<String>,
    Query(query): Query<PublishQuery>,
    Archive(body): Archive,
) -> Result<Json<Publication>> {
    match app.store.course(&id).await {
        Ok(_) => caller.require_role(&id, Role::Author)?,
        Err(carrel_store::Error::Missing { .. }) => caller.require_operator_of(&id)?,
        Err(error) => return Err(error.into()),
    }
    if let Some(commit) = &query.commit {
        publish::check_commit(commit)?;
    }
    let archive = receive(&app, body).await?;
    if query.preview {
        let preview = publish::preview_archive(&app, archive, &id).await?;
        return Ok(Json(Publication::Preview(preview)));
    }
    let origin = Origin {
        by: Some(caller.id()),
        commit: query.commit,
    };
    let published = publish::publish_archive_of(&app, archive, &id, origin).await?;
    if !published.unchanged {
        auditor
            .of_course(&id)
            .record(&app, action::COURSE_PUBLISH, &id, &published.version)
            .await;
    }
    Ok(Json(Publication::Published(published)))
}

/// A course directory as it is sent; read when the caller is known to be allowed to.
struct Archive(Body);

impl<S: Send + Sync> FromRequest<S> for Archive {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(request.into_body()))
    }
}

impl OperationInput for Archive {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let kinds = [
            "application/x-tar",
            "application/gzip",
            "application/zip",
            "application/octet-stream",
        ];
        let forms = kinds.map(|kind| (kind, declaring::bytes()));
        declaring::take_body(context, operation, "The course directory.", forms);
    }
}

/// Takes a large body into a file without a name.
async fn receive(app: &App, body: Body) -> Result<File> {
    let directory = catalogue::directory(app);
    let opened = run_blocking(move || {
        std::fs::create_dir_all(&directory)?;
        let flags = rustix::fs::OFlags::TMPFILE | rustix::fs::OFlags::RDWR;
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        let file = rustix::fs::open(&directory, flags, mode)?;
        std::io::Result::Ok(File::from(file))
    });
    let mut file = opened.await?.map_err(|error| Problem::internal(&error))?;
    let mut chunks = body.into_data_stream();
    let mut bytes = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::new(Code::InvalidRequest, "the body broke off"))?;
        bytes += chunk.len();
        if bytes > COURSE_ARCHIVE_BYTES_MAX {
            let detail = format!("the archive is larger than {COURSE_ARCHIVE_BYTES_MAX} bytes");
            return Err(Problem::new(Code::TooLarge, detail));
        }
        let written = run_blocking(move || file.write_all(&chunk).map(|()| file));
        file = written.await?.map_err(|error| Problem::internal(&error))?;
    }
    file.rewind().map_err(|error| Problem::internal(&error))?;
    Ok(file)
}

async fn restore_version(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((id, digest)): Path<(String, String)>,
) -> Result<Json<Published>> {
    make_present(&app, (&caller, &auditor), &id, &digest)
        .await
        .map(Json)
}

/// Makes an earlier version the present one.
///
/// # Errors
/// The caller is no author of the course, or there is no such version.
pub async fn make_present(
    app: &App,
    (caller, auditor): (&Caller, &Auditor),
    id: &str,
    digest: &str,
) -> Result<Published> {
    caller.require_role(id, Role::Author)?;
    let mut version = app.store.course_version(id, digest).await?;
    let present = app.store.course(id).await?;
    let course = app.catalogue.course(app, digest).await?;
    publish::look(app, &course).await?.refuse_mixed()?;
    let published = Published {
        course: id.to_owned(),
        version: digest.to_owned(),
        title: version.title.clone(),
        challenges: course.challenges.len(),
        unchanged: present.digest == digest,
        missing_environments: provision::missing_for(app, &course).await?,
    };
    if published.unchanged {
        return Ok(published);
    }
    version.published_at = jiff::Timestamp::now();
    version.published_by = Some(caller.id());
    app.store.publish(version).await?;
    auditor
        .of_course(id)
        .record(app, action::COURSE_PRESENT, id, digest)
        .await;
    let course = id.to_owned();
    app.bus.send(&carrel_bus::Hint::Course { course });
    Ok(published)
}

async fn get_challenge(
    State(app): State<App>,
    caller: Caller,
    Path((course, challenge)): Path<(String, String)>,
) -> Result<Json<Challenge>> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(&course, Role::Learner)?;
    let found = catalogue::find(&app, &course, &challenge).await?;
    availability::require(&app, &caller, &found.course, &challenge, Purpose::See).await?;
    open_challenge(&app, &caller, &course, &challenge).await?;
    // Authors see all hints, learners those they have unlocked.
    let failures = if caller.is_author(&course) {
        None
    } else {
        let failures = app.store.failures(caller.id(), &course, &challenge);
        Some(failures.await?)
    };
    let target_ms = app.config.admission.target_ms;
    let described = run_blocking(move || describe(&found, failures, target_ms)).await?;
    described
        .map(Json)
        .map_err(|error| Problem::internal(&error))
}

fn describe(found: &Found, failures: Option<u32>, target_ms: u64) -> std::io::Result<Challenge> {
    let challenge = found.challenge();
    let mut steps = Vec::new();
    for step in &challenge.steps {
        let instructions = match &step.instructions {
            Some(path) => std::fs::read_to_string(path)?,
            None => String::new(),
        };
        let shown = |hint: &&carrel_model::challenge::Hint| {
            failures.is_none_or(|failures| hint.after_failures <= failures)
        };
        let hints = step.hints.iter().filter(shown);
        steps.push(Step {
            id: step.id.clone(),
            title: step.title.clone(),
            instructions,
            requires: step.requires.clone(),
            hints: hints.map(|hint| hint.text.clone()).collect(),
            start: read_files(&step.start)?,
        });
    }
    let checks = challenge.checks.iter().map(|check| Check {
        id: check.id.clone(),
        step: check.step.clone(),
        title: check.title.clone(),
        points: check.points,
        required: check.required,
        visibility: check.visibility,
    });
    Ok(Challenge {
        course: found.version.course.clone(),
        version: found.version.digest.clone(),
        id: challenge.id.clone(),
        title: challenge.title.clone(),
        language: challenge.language.clone(),
        environment: challenge.environment.clone(),
        editable: challenge.editable.clone(),
        entry: challenge.entry.clone(),
        limits: challenge.limits,
        target_ms: challenge.target_ms.unwrap_or(target_ms),
        steps,
        checks: checks.collect(),
        start: read_files(&challenge.start)?,
        supplied: read_files(&challenge.supplied)?,
    })
}
