//! What single people have beyond the others: listed, given, changed, taken back.

mod form;

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_course::course::Course;
use carrel_model::id::UserId;
use carrel_quiz::settings::Accommodation;
use carrel_store::account::{Role, UserRow};
use carrel_store::progress::{AccommodationRow, NewAccommodation};
use serde::Deserialize;

use self::form::{EVERYWHERE, Fault, Given, describe, of_quizzes_only};
use super::{ROWS_MAX, address};
use crate::accommodation::{read, set, write};
use crate::account::audit::Auditor;
use crate::account::named;
use crate::app::App;
use crate::caller::Caller;
use crate::page::place::encode;
use crate::page::{Form, Frame, show_with};
use crate::problem::Result;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/courses/{course}/author/accommodations",
            get(list).post(give),
        )
        .route(
            "/courses/{course}/author/accommodations/take",
            post(take_back),
        )
}

#[derive(Template)]
#[template(path = "author/accommodations.html")]
struct AccommodationsPage {
    frame: Frame,
    course: String,
    title: String,
    quizzes: Vec<(String, String)>,
    challenges: Vec<(String, String)>,
    wanted: Wanted,
    given: Given,
    faults: Vec<Fault>,
    /// Why nobody is listed, where the name that is looked for is nobody's.
    nobody: Option<String>,
    rows: Vec<Row>,
    next: Option<usize>,
}

/// What somebody has somewhere.
struct Row {
    /// By which the person signs in, or the id of who is gone.
    name: String,
    display_name: String,
    /// Id of the quiz or challenge, or [`EVERYWHERE`].
    activity: String,
    place: String,
    words: Vec<String>,
    changed_at: jiff::Timestamp,
    changed_by: Option<String>,
}

/// What is listed, and what the form begins with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    person: String,
    activity: String,
    after: usize,
}

impl AccommodationsPage {
    /// What is wrong with a field.
    fn fault(&self, field: &str) -> Option<&str> {
        let mut faults = self.faults.iter().filter(|fault| fault.field == field);
        faults.next().map(|fault| fault.message.as_str())
    }

    /// Whether the form names a quiz or challenge that the course does not have any more.
    fn is_gone(&self, activity: &str) -> bool {
        let mut known = self.quizzes.iter().chain(&self.challenges);
        activity != EVERYWHERE && !activity.is_empty() && !known.any(|(id, _)| id == activity)
    }

    fn is_filtered(&self) -> bool {
        !self.wanted.person.is_empty() || !self.wanted.activity.is_empty()
    }
}

async fn list(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let page = gather(&app, frame, course, wanted).await?;
    show_with(StatusCode::OK, &page)
}

/// The page with its list; the form has what the person has where that is asked for.
async fn gather(
    app: &App,
    frame: Frame,
    course: String,
    wanted: Wanted,
) -> Result<AccommodationsPage> {
    let version = app.store.course(&course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let mut nobody = None;
    let person = match wanted.person.trim() {
        "" => None,
        name => match find_person(app, &frame, name).await? {
            Ok(row) => Some(row.id),
            // A name that was mistyped is looked for in vain; nothing was to be changed.
            Err(fault) => {
                nobody = Some(fault.message);
                None
            }
        },
    };
    let mut rows = app.store.accommodations(&course).await?;
    rows.retain(|row| {
        (wanted.person.trim().is_empty() || person == Some(row.user))
            && (wanted.activity.is_empty() || wanted.activity == place_of(row))
    });
    let mut given = Given::default();
    if nobody.is_none() {
        given.person.clone_from(&wanted.person);
    }
    if !wanted.activity.is_empty() {
        given.activity.clone_from(&wanted.activity);
    }
    let has = |row: &&AccommodationRow| place_of(row) == given.activity;
    if let Some(row) = rows.iter().find(has).filter(|_| person.is_some()) {
        given = Given::of(given.person, given.activity, &read(row)?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.changed_at));
    let shown = ROWS_MAX as usize;
    let next = wanted.after.saturating_add(shown);
    Ok(AccommodationsPage {
        title: version.title,
        quizzes: titles(files.quizzes.iter().map(|one| &one.quiz.id), &files),
        challenges: titles(files.challenges.iter().map(|one| &one.id), &files),
        next: (rows.len() > next).then_some(next),
        rows: describe_rows(
            app,
            (&frame, &files),
            rows.iter().skip(wanted.after).take(shown),
        )
        .await?,
        frame,
        course,
        wanted,
        given,
        faults: Vec::new(),
        nobody,
    })
}

fn place_of(row: &AccommodationRow) -> &str {
    row.quiz.as_deref().unwrap_or(EVERYWHERE)
}

fn titles<'a>(ids: impl Iterator<Item = &'a String>, files: &Course) -> Vec<(String, String)> {
    let titled = ids.map(|id| (id.clone(), files.title_of(id).unwrap_or(id).to_owned()));
    titled.collect()
}

async fn describe_rows(
    app: &App,
    (frame, files): (&Frame, &Course),
    rows: impl Iterator<Item = &AccommodationRow>,
) -> Result<Vec<Row>> {
    let mut people: BTreeMap<UserId, UserRow> = BTreeMap::new();
    let mut described = Vec::new();
    for row in rows {
        for id in [Some(row.user), row.changed_by].into_iter().flatten() {
            if !people.contains_key(&id)
                && let Ok(found) = app.store.user(id).await
            {
                people.insert(id, found);
            }
        }
        let name_of = |id: &UserId| {
            let known = people.get(id);
            known.map_or_else(|| id.to_string(), |known| known.display_name.clone())
        };
        let known = people.get(&row.user);
        described.push(Row {
            name: known.map_or_else(|| row.user.to_string(), |known| known.name.clone()),
            display_name: name_of(&row.user),
            activity: place_of(row).to_owned(),
            place: match &row.quiz {
                Some(id) => files.title_of(id).unwrap_or(id).to_owned(),
                None => frame.text("accommodation-everywhere"),
            },
            words: describe(frame, &read(row)?),
            changed_at: row.changed_at,
            changed_by: row.changed_by.as_ref().map(name_of),
        });
    }
    Ok(described)
}

/// The person of this name or id, or why there is none.
async fn find_person(app: &App, frame: &Frame, name: &str) -> Result<Result<UserRow, Fault>> {
    let fault = |message| Fault {
        field: "person",
        message,
    };
    if name.is_empty() {
        return Ok(Err(fault(frame.text("accommodation-nobody"))));
    }
    match named(app, name).await {
        Ok(row) => Ok(Ok(row)),
        Err(problem) if problem.status().is_client_error() => {
            let message = frame.fill("accommodation-no-person", "name", name);
            Ok(Err(fault(message)))
        }
        Err(problem) => Err(problem),
    }
}

async fn give(
    State(app): State<App>,
    frame: Frame,
    (caller, auditor): (Caller, Auditor),
    Path(course): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    match try_give(&app, &frame, (&caller, &auditor), (&course, &given)).await? {
        Ok(row) => {
            let rest = format!("accommodations?person={}", encode(&row.name));
            Ok(Redirect::to(&address(&course, &rest)).into_response())
        }
        Err(faults) => {
            let mut page = gather(&app, frame, course, Wanted::default()).await?;
            (page.given, page.faults) = (given, faults);
            show_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Gives what the form says; to whom, or everything that is wrong with it.
async fn try_give(
    app: &App,
    frame: &Frame,
    (caller, auditor): (&Caller, &Auditor),
    (course, given): (&str, &Given),
) -> Result<Result<UserRow, Vec<Fault>>> {
    let mut faults = Vec::new();
    let person = match find_person(app, frame, given.person.trim()).await? {
        Ok(row) => require_member(app, frame, course, row).await?,
        Err(fault) => Err(fault),
    };
    let person = person.map_err(|fault| faults.push(fault)).ok();
    let accommodation = given.read(frame);
    let accommodation = accommodation.map_err(|wrong| faults.extend(wrong)).ok();
    let fault = find_fault_of_place(app, frame, course, (given, accommodation.as_ref())).await?;
    faults.extend(fault);
    let (Some(person), Some(accommodation), true) = (person, accommodation, faults.is_empty())
    else {
        return Ok(Err(faults));
    };
    let new = NewAccommodation {
        user: person.id,
        course: course.to_owned(),
        quiz: Some(given.activity.clone()).filter(|id| id != EVERYWHERE),
        document: Some(write(&accommodation)?),
        by: caller.id(),
    };
    set(app, caller, auditor, new).await?;
    Ok(Ok(person))
}

async fn require_member(
    app: &App,
    frame: &Frame,
    course: &str,
    row: UserRow,
) -> Result<Result<UserRow, Fault>> {
    let roles = app.store.roles(row.id).await?;
    if roles.iter().any(|(of, _)| of == course) {
        return Ok(Ok(row));
    }
    let message = frame.fill("accommodation-no-member", "name", row.display_name);
    Ok(Err(Fault {
        field: "person",
        message,
    }))
}

/// What is wrong with where it is given: nothing is there, or what is given means nothing there.
async fn find_fault_of_place(
    app: &App,
    frame: &Frame,
    course: &str,
    (given, accommodation): (&Given, Option<&Accommodation>),
) -> Result<Option<Fault>> {
    let id = given.activity.as_str();
    if id == EVERYWHERE {
        return Ok(None);
    }
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    if files.quiz(id).is_some() {
        return Ok(None);
    }
    if files.challenge(id).is_none() {
        let message = frame.fill("accommodation-no-place", "id", id);
        return Ok(Some(Fault {
            field: "activity",
            message,
        }));
    }
    let field = accommodation.and_then(of_quizzes_only);
    Ok(field.map(|field| Fault {
        field,
        message: frame.text("accommodation-of-quizzes"),
    }))
}

#[derive(Debug, Deserialize)]
struct Taken {
    person: String,
    activity: String,
}

async fn take_back(
    State(app): State<App>,
    (caller, auditor): (Caller, Auditor),
    Path(course): Path<String>,
    Form(taken): Form<Taken>,
) -> Result<Redirect> {
    caller.require_role(&course, Role::Author)?;
    let user = match taken.person.parse() {
        // Who is gone has an id still.
        Ok(id) => id,
        Err(_) => named(&app, &taken.person).await?.id,
    };
    let new = NewAccommodation {
        user,
        course: course.clone(),
        quiz: Some(taken.activity).filter(|id| id != EVERYWHERE),
        document: None,
        by: caller.id(),
    };
    // Where somebody else took it back in the meantime, it is as wanted.
    if let Err(problem) = set(&app, &caller, &auditor, new).await
        && problem.status() != StatusCode::NOT_FOUND
    {
        return Err(problem);
    }
    Ok(Redirect::to(&address(&course, "accommodations")))
}
