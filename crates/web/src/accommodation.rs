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
use serde::Deserialize as _;
use serde_json::Value;

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
pub(crate) const FACTOR_MAX: f64 = 100.0;

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
                    "At one quiz or challenge with `?quiz=`, else at all that have none of their \
                     own. Holds at once, in an attempt that goes on too. Of a challenge, which \
                     has neither a time limit nor a number of attempts, `late_seconds` alone can \
                     be given: it puts off when it is due and when it closes. `{user}` is an id \
                     or a name.",
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

/// What a person has at a quiz or challenge: its own, else that for all.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn find(
    app: &App,
    user: UserId,
    course: &str,
    activity: &str,
) -> Result<Accommodation> {
    let rows = app.store.accommodations_of(user, course).await?;
    let own = rows
        .iter()
        .find(|row| row.quiz.as_deref() == Some(activity));
    let all = || rows.iter().find(|row| row.quiz.is_none());
    own.or_else(all).map_or(Ok(Accommodation::default()), read)
}

/// What a row holds.
///
/// # Errors
/// It is no accommodation: a fault of ours.
pub(crate) fn read(row: &AccommodationRow) -> Result<Accommodation> {
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
    let new = NewAccommodation {
        user: whom(&app, &caller, Some(&course), &user).await?,
        course,
        quiz: query.quiz,
        document: Some(write(&accommodation)?),
        by: caller.id(),
    };
    set(&app, &caller, &auditor, new).await.map(Json)
}

/// An accommodation as it is kept.
///
/// # Errors
/// It is none that can be given.
pub(crate) fn write(given: &Accommodation) -> Result<Value> {
    if !(1.0..=FACTOR_MAX).contains(&given.time_factor) {
        let message = format!("is from 1 to {FACTOR_MAX}");
        return Err(Problem::field("time_factor", message));
    }
    serde_json::to_value(given).map_err(|error| Problem::internal(&error))
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
/// The caller is no author, the person no member of the course, the quiz or challenge not in it,
/// or what is given means nothing there.
pub async fn set(
    app: &App,
    caller: &Caller,
    auditor: &Auditor,
    new: NewAccommodation,
) -> Result<Vec<GivenAccommodation>> {
    caller.require_role(&new.course, Role::Author)?;
    let (user, course) = (new.user, new.course.clone());
    let given = app.store.accommodations_of(user, &course).await?;
    // What somebody has can be taken from them, though they or the quiz left the course.
    let is_there = given.iter().any(|row| row.quiz == new.quiz);
    if new.document.is_some() || !is_there {
        require_place(app, &new).await?;
    }
    if new.document.is_none() && !is_there {
        return given.iter().map(show).collect();
    }
    let detail = match &new.document {
        Some(document) => format!("{user} {} {document}", new.quiz.as_deref().unwrap_or("*")),
        None => format!("{user} {} taken", new.quiz.as_deref().unwrap_or("*")),
    };
    app.store.set_accommodation(new).await?;
    auditor
        .of_course(&course)
        .record(app, action::ACCOMMODATION_SET, &course, &detail)
        .await;
    bring_up_to_date(app, user, &course).await?;
    let rows = app.store.accommodations_of(user, &course).await?;
    rows.iter().map(show).collect()
}

/// Asks that the person is a member of the course, that the quiz or challenge is in it, and that
/// what is given can mean something there.
async fn require_place(app: &App, new: &NewAccommodation) -> Result<()> {
    let roles = app.store.roles(new.user).await?;
    if !roles.iter().any(|(of, _)| *of == new.course) {
        return Err(Problem::missing("member", new.user));
    }
    let Some(id) = &new.quiz else {
        return Ok(());
    };
    let version = app.store.course(&new.course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    if files.quiz(id).is_some() {
        return Ok(());
    }
    if files.challenge(id).is_none() {
        return Err(Problem::missing("quiz or challenge", id));
    }
    let Some(document) = &new.document else {
        return Ok(());
    };
    let given = Accommodation::deserialize(document).map_err(|error| Problem::internal(&error))?;
    let none = Accommodation::default();
    for (field, differs) in [
        ("time_factor", given.time_factor > none.time_factor),
        ("extra_seconds", given.extra_seconds > 0),
        ("extra_attempts", given.extra_attempts > 0),
        ("untimed", given.untimed),
    ] {
        if differs {
            let message = format!(
                "`{id}` is a challenge, which has neither a time limit nor a number of attempts; \
                 only `late_seconds` can be given"
            );
            return Err(Problem::field(field, message));
        }
    }
    Ok(())
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
        .of_course(&course)
        .record(
            &app,
            action::ACCOMMODATION_SET,
            &course,
            &format!("copied from {}", copy.from),
        )
        .await;
    Ok(Json(CopiedAccommodations { copied }))
}
