//! What single people have beyond the others: more time, more attempts, later ends.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with, put_with};
use axum::extract::State;
use carrel_api::grading::{
    AccommodationQuery, CopiedAccommodations, CopyAccommodations, GivenAccommodation,
};
use carrel_model::id::UserId;
use carrel_quiz::settings::Accommodation;
use carrel_store::account::Role;
use carrel_store::attempt::AttemptFilter;
use carrel_store::progress::{AccommodationRow, NewAccommodation};
use carrel_store::{PageRequest, page::PAGE_MAX};

use crate::account::audit::{Auditor, action};
use crate::account::whom;
use crate::app::App;
use crate::attempt;
use crate::caller::Caller;
use crate::extract::{Json, Path, Query};
use crate::openapi::tagged;
use crate::problem::{Problem, Result};

const TAG: &str = "Accommodations";
/// Largest factor on a time limit.
const FACTOR_MAX: f64 = 100.0;

/// Routes below `/api/v1`.
pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/courses/{course}/accommodations",
            get_with(list, tagged(TAG, "What people have beyond the others")),
        )
        .api_route(
            "/courses/{course}/accommodations/{user}",
            put_with(give, |operation| {
                tagged(TAG, "Give somebody more time, attempts, later ends")(operation).description(
                    "At one quiz with `?quiz=`, else at all that have none of their own. Holds \
                     at once, in an attempt that goes on too. `{user}` is an id or a name.",
                )
            })
            .delete_with(take, tagged(TAG, "Take it back")),
        )
        .api_route(
            "/courses/{course}/accommodations/copy",
            post_with(copy, |operation| {
                tagged(TAG, "Copy from another course")(operation).description(
                    "Members who have an accommodation for all quizzes there get it here, where \
                     they have none yet.",
                )
            }),
        )
}

/// What a person has at a quiz: its own, else that for all.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn find(
    app: &App,
    user: UserId,
    course: &str,
    quiz: &str,
) -> Result<Accommodation> {
    let rows = app.store.accommodations_of(user, course).await?;
    let own = rows.iter().find(|row| row.quiz.as_deref() == Some(quiz));
    let all = || rows.iter().find(|row| row.quiz.is_none());
    own.or_else(all).map_or(Ok(Accommodation::default()), read)
}

fn read(row: &AccommodationRow) -> Result<Accommodation> {
    serde_json::from_value(row.document.clone()).map_err(|error| Problem::internal(&error))
}

fn show(row: &AccommodationRow) -> Result<GivenAccommodation> {
    Ok(GivenAccommodation {
        user: row.user,
        quiz: row.quiz.clone(),
        accommodation: read(row)?,
        changed_at: row.changed_at,
        changed_by: row.changed_by,
    })
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(course): Path<String>,
) -> Result<Json<Vec<GivenAccommodation>>> {
    caller.require_role(&course, Role::Author)?;
    let rows = app.store.accommodations(&course).await?;
    rows.iter().map(show).collect::<Result<_>>().map(Json)
}

async fn give(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path((course, user)): Path<(String, String)>,
    Query(query): Query<AccommodationQuery>,
    Json(accommodation): Json<Accommodation>,
) -> Result<Json<Vec<GivenAccommodation>>> {
    if !(1.0..=FACTOR_MAX).contains(&accommodation.time_factor) {
        let message = format!("is from 1 to {FACTOR_MAX}");
        return Err(Problem::field("time_factor", message));
    }
    let document =
        serde_json::to_value(accommodation).map_err(|error| Problem::internal(&error))?;
    let new = NewAccommodation {
        user: whom(&app, &caller, Some(&course), &user).await?,
        course,
        quiz: query.quiz,
        document: Some(document),
        by: caller.id(),
    };
    set(&app, &caller, &auditor, new).await.map(Json)
}

async fn take(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path((course, user)): Path<(String, String)>,
    Query(query): Query<AccommodationQuery>,
) -> Result<Json<Vec<GivenAccommodation>>> {
    let new = NewAccommodation {
        user: whom(&app, &caller, Some(&course), &user).await?,
        course,
        quiz: query.quiz,
        document: None,
        by: caller.id(),
    };
    set(&app, &caller, &auditor, new).await.map(Json)
}

/// Sets one, and brings attempts that go on up to date; what the person has then.
///
/// # Errors
/// The caller is no author, or the person no member of the course.
pub async fn set(
    app: &App,
    caller: &Caller,
    auditor: &Auditor,
    new: NewAccommodation,
) -> Result<Vec<GivenAccommodation>> {
    caller.require_role(&new.course, Role::Author)?;
    let (user, course) = (new.user, new.course.clone());
    let roles = app.store.roles(user).await?;
    if !roles.iter().any(|(of, _)| *of == course) {
        return Err(Problem::missing("member", user));
    }
    if let Some(quiz) = &new.quiz {
        let version = app.store.course(&course).await?;
        let files = app.catalogue.course(app, &version.digest).await?;
        if files.quiz(quiz).is_none() {
            return Err(Problem::missing("quiz", quiz));
        }
    }
    let detail = match &new.document {
        Some(document) => format!("{user} {} {document}", new.quiz.as_deref().unwrap_or("*")),
        None => format!("{user} {} taken", new.quiz.as_deref().unwrap_or("*")),
    };
    app.store.set_accommodation(new).await?;
    auditor
        .record(app, action::ACCOMMODATION_SET, &course, &detail)
        .await;
    bring_up_to_date(app, user, &course).await?;
    let rows = app.store.accommodations_of(user, &course).await?;
    rows.iter().map(show).collect()
}

/// Ends of attempts that go on follow what the person has now.
async fn bring_up_to_date(app: &App, user: UserId, course: &str) -> Result<()> {
    let filter = AttemptFilter {
        user: Some(user),
        course: Some(course.to_owned()),
        ended: Some(false),
        ..AttemptFilter::default()
    };
    let all = PageRequest {
        after: None,
        limit: PAGE_MAX,
    };
    for row in app.store.attempts(filter, all).await?.items {
        attempt::refresh(app, row.id).await?;
    }
    Ok(())
}

async fn copy(
    State(app): State<App>,
    caller: Caller,
    auditor: Auditor,
    Path(course): Path<String>,
    Json(copy): Json<CopyAccommodations>,
) -> Result<Json<CopiedAccommodations>> {
    caller.require_role(&course, Role::Author)?;
    caller.require_role(&copy.from, Role::Author)?;
    let by = caller.id();
    let copied = app
        .store
        .copy_accommodations(&copy.from, &course, by)
        .await?;
    auditor
        .record(
            &app,
            action::ACCOMMODATION_SET,
            &course,
            &format!("copied from {}", copy.from),
        )
        .await;
    Ok(Json(CopiedAccommodations { copied }))
}
