//! Attempts in lists: what may be told of them without their documents.

use std::collections::BTreeSet;

use carrel_api::List;
use carrel_api::attempt::{AttemptGrade, AttemptQuery, AttemptSummary, SubmittedBy};
use carrel_api::list::PageQuery;
use carrel_course::course::Course;
use carrel_quiz::attempt::Window;
use carrel_quiz::settings::{ReviewPart, Settings};
use carrel_store::account::{Role, Scope};
use carrel_store::attempt::{AttemptFilter, AttemptRow, EndedBy, Grade};
use jiff::{SignedDuration, Timestamp};

use super::opened::{Kept, Opened, find_quiz, find_window};
use crate::account::whom;
use crate::app::App;
use crate::availability;
use crate::caller::Caller;
use crate::extract::page;
use crate::problem::{Problem, Result};

/// A grade as it is told.
pub(crate) fn show_grade(grade: Grade) -> AttemptGrade {
    AttemptGrade {
        points: grade.points,
        points_max: grade.points_max,
        passed: grade.passed,
        needs_grading: grade.needs_grading,
    }
}

/// What a list tells of an attempt whose rules are at hand.
pub(super) fn summarise_opened(opened: &Opened, sees_points: bool) -> Result<AttemptSummary> {
    let deadline = opened.attempt.deadline_ms(opened.rules()?);
    let deadline = deadline.map(super::opened::timestamp);
    let due = opened.due;
    Ok(summary(
        &opened.row,
        (deadline, due, opened.kept),
        sees_points,
    ))
}

fn summary(
    row: &AttemptRow,
    (deadline_at, due, kept): (Option<Timestamp>, Option<Timestamp>, Kept),
    sees_points: bool,
) -> AttemptSummary {
    let submitted_at = row.ended.map(|(at, _)| at);
    AttemptSummary {
        id: row.id,
        user: row.user,
        course: row.course.clone(),
        version: row.course_version.clone(),
        quiz: row.quiz.clone(),
        number: row.number,
        started_at: row.started_at,
        deadline_at,
        submitted_at,
        submitted_by: row.ended.map(|(_, by)| match by {
            EndedBy::Learner => SubmittedBy::Learner,
            EndedBy::Deadline => SubmittedBy::Deadline,
        }),
        rehearsal: kept.rehearsal,
        late: came_late(row, due, kept),
        grade: row.grade.filter(|_| sees_points).map(show_grade),
    }
}

/// What a list tells of a row; points where the review rules allow that by now.
///
/// # Errors
/// The files of its version are missing: a fault of the service.
pub(crate) async fn summarise(
    app: &App,
    caller: &Caller,
    row: &AttemptRow,
) -> Result<AttemptSummary> {
    let course = app.catalogue.course(app, &row.course_version).await?;
    let kept: Kept = read_state(row)?;
    let (window, due) = find_window(app, row, &course, &kept).await?;
    let settings = &find_quiz(&course, &row.quiz)?.settings;
    let grace = SignedDuration::from_secs(i64::from(settings.grace_seconds));
    let deadline = row
        .ends_at
        .map(|ends| ends.checked_sub(grace).unwrap_or(ends));
    let is_author = row.user != caller.id() && caller.is_author(&row.course);
    let now_ms = app.store.now().as_millisecond();
    let sees = is_author || shows_points(row, (settings, window, &kept), now_ms);
    Ok(summary(row, (deadline, due, kept), sees))
}

fn read_state(row: &AttemptRow) -> Result<Kept> {
    serde_json::from_value(row.state.clone()).map_err(|error| Problem::internal(&error))
}

/// Whether an author tried the quiz, so that the attempt counts nowhere.
///
/// # Errors
/// What is kept of it cannot be read: a fault of the service.
pub(crate) fn is_rehearsal(row: &AttemptRow) -> Result<bool> {
    read_state(row).map(|kept| kept.rehearsal)
}

/// Whether the learner may see the points of an attempt by now.
///
/// # Errors
/// The files of its version are missing: a fault of the service.
pub(crate) async fn sees_points(app: &App, course: &Course, row: &AttemptRow) -> Result<bool> {
    let kept = read_state(row)?;
    let (window, _) = find_window(app, row, course, &kept).await?;
    let settings = &find_quiz(course, &row.quiz)?.settings;
    let now_ms = app.store.now().as_millisecond();
    Ok(shows_points(row, (settings, window, &kept), now_ms))
}

/// Whether an attempt was submitted after its quiz was due.
///
/// # Errors
/// The files of its version are missing: a fault of the service.
pub(crate) async fn is_late(app: &App, course: &Course, row: &AttemptRow) -> Result<bool> {
    let kept = read_state(row)?;
    let (_, due) = find_window(app, row, course, &kept).await?;
    Ok(came_late(row, due, kept))
}

fn came_late(row: &AttemptRow, due: Option<Timestamp>, kept: Kept) -> bool {
    let due = due.map(|due| availability::put_off(due, kept.accommodation.late_seconds));
    let submitted_at = row.ended.map(|(at, _)| at);
    submitted_at.zip(due).is_some_and(|(at, due)| at > due)
}

/// What the learner may see by now of an attempt that is over; nothing of one that goes on.
///
/// # Errors
/// The files of its version are missing: a fault of the service.
pub(super) async fn parts_of_end(app: &App, row: &AttemptRow) -> Result<BTreeSet<ReviewPart>> {
    if row.ended.is_none() {
        return Ok(BTreeSet::new());
    }
    let course = app.catalogue.course(app, &row.course_version).await?;
    let kept = read_state(row)?;
    let (window, _) = find_window(app, row, &course, &kept).await?;
    let settings = &find_quiz(&course, &row.quiz)?.settings;
    let now_ms = app.store.now().as_millisecond();
    Ok(after_end((settings, window, &kept), now_ms).clone())
}

fn shows_points(
    row: &AttemptRow,
    (settings, window, kept): (&Settings, Window, &Kept),
    now_ms: i64,
) -> bool {
    let parts = after_end((settings, window, kept), now_ms);
    row.ended.is_some() && parts.contains(&ReviewPart::Points)
}

/// As [`carrel_quiz::attempt::visible_parts`] of an attempt that is over, without its documents.
fn after_end<'a>(
    (settings, window, kept): (&'a Settings, Window, &Kept),
    now_ms: i64,
) -> &'a BTreeSet<ReviewPart> {
    let late_ms = i64::from(kept.accommodation.late_seconds).saturating_mul(1_000);
    let closes = window
        .closes_ms
        .map(|closes| closes.saturating_add(late_ms));
    if closes.is_some_and(|closes| now_ms >= closes) {
        &settings.review.after_close
    } else {
        &settings.review.after_submit
    }
}

/// Attempts of a course: the caller's own, or those that authors ask for.
///
/// # Errors
/// The caller may not see them.
pub async fn list(
    app: &App,
    caller: &Caller,
    course: &str,
    query: AttemptQuery,
) -> Result<List<AttemptSummary>> {
    caller.require_scope(Scope::Read)?;
    caller.require_role(course, Role::Learner)?;
    let everybody = query.everybody.unwrap_or(false);
    let asked = match &query.user {
        Some(text) => Some(whom(app, caller, Some(course), text).await?),
        None => None,
    };
    let own = asked.is_none_or(|user| user == caller.id()) && !everybody;
    let user = if own {
        Some(caller.id())
    } else {
        caller.require_role(course, Role::Author)?;
        asked
    };
    let request = page(PageQuery {
        cursor: query.cursor,
        limit: query.limit,
    })?;
    let filter = AttemptFilter {
        user,
        course: Some(course.to_owned()),
        quiz: query.quiz,
        ended: query.submitted,
        needs_grading: query.needs_grading.unwrap_or(false),
    };
    let rows = app.store.attempts(filter, request).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in &rows.items {
        if availability::hides(app, caller, &row.course, &row.quiz).await? {
            continue;
        }
        items.push(summarise(app, caller, row).await?);
    }
    Ok(List {
        items,
        next: rows.next.map(|cursor| cursor.0),
    })
}
