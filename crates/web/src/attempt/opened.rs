//! An attempt as it is read: with its version of the quiz, its rules and what is known of its answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use carrel_course::course::{Availability, Course};
use carrel_model::id::AttemptId;
use carrel_quiz::attempt::{Attempt, Rules, Submitted, SubmittedBy, Window};
use carrel_quiz::settings::Accommodation;
use carrel_quiz::{Quiz, response::Response};
use carrel_store::account::Role;
use carrel_store::attempt::{AttemptRow, EndedBy, MarkRow, WholeAttempt};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ending;
use crate::accommodation;
use crate::app::App;
use crate::availability;
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// What is kept of an attempt beside its paper and responses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// What the learner has beyond the others.
    #[serde(default)]
    pub(crate) accommodation: Accommodation,
    /// Place of the open question.
    #[serde(default)]
    pub(crate) place: u32,
    /// An author tries the quiz: without opening times, and it counts nowhere.
    #[serde(default)]
    pub(crate) rehearsal: bool,
}

/// What is known of the saves of one question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Saves {
    pub(crate) sequence: u64,
    pub(crate) revision: u64,
    pub(crate) at: Option<Timestamp>,
}

/// An attempt with all that decides about it.
#[derive(Debug, Clone)]
pub struct Opened {
    pub(crate) row: AttemptRow,
    pub(crate) attempt: Attempt,
    pub(crate) kept: Kept,
    pub(crate) saves: BTreeMap<String, Saves>,
    pub(crate) marks: Vec<MarkRow>,
    pub(crate) course: Arc<Course>,
    pub(crate) window: Window,
    pub(crate) due: Option<Timestamp>,
}

impl Opened {
    /// The quiz in the version of the attempt.
    ///
    /// # Errors
    /// The version does not have it: a fault of the service.
    pub(crate) fn quiz(&self) -> Result<&Quiz> {
        find_quiz(&self.course, &self.row.quiz)
    }

    /// The rules of the attempt.
    pub(crate) fn rules(&self) -> Result<Rules<'_>> {
        Ok(Rules {
            quiz: self.quiz()?,
            window: self.window,
        })
    }

    /// The mark of a question that counts.
    pub(crate) fn mark(&self, question: &str) -> Option<&MarkRow> {
        let mut marks = self.marks.iter().rev();
        marks.find(|row| row.mark.question == question)
    }

    /// What is known of the saves of a question.
    pub(crate) fn saves_of(&self, question: &str) -> Saves {
        self.saves.get(question).copied().unwrap_or_default()
    }

    /// Whether an attempt that goes on has an end, and which: as the store keeps it.
    pub(crate) fn ends_at(&self) -> Result<Option<Timestamp>> {
        let ends_ms = self.attempt.ends_ms(self.rules()?);
        Ok(ends_ms.map(timestamp))
    }
}

/// The quiz of a version that has it.
pub(crate) fn find_quiz<'a>(course: &'a Course, quiz: &str) -> Result<&'a Quiz> {
    let found = course.quiz(quiz).map(|found| &found.quiz);
    found.ok_or_else(|| Problem::missing("quiz", quiz))
}

/// Milliseconds of the pure side as a time; what is beyond all times is the last one.
pub(crate) fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(if ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// When a quiz may be attempted, by its version of the course.
pub(crate) fn window_of(course: &Course, quiz: &str) -> (Window, Availability) {
    let found = course.activity(quiz);
    let when = found.map(|(unit, activity)| unit.availability_of(activity));
    let when = when.unwrap_or_default();
    let window = Window {
        opens_ms: when.opens.map(Timestamp::as_millisecond),
        closes_ms: when.closes.map(Timestamp::as_millisecond),
    };
    (window, when)
}

/// The later of two ends, where none is the latest.
fn later(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    Some(one?.max(other?))
}

/// An attempt that the caller may see: their own, or one of a course whose author
/// they are. One whose time is over is ended first.
///
/// # Errors
/// There is none, or it is none of the caller's business; its answers have expired.
pub async fn open(app: &App, caller: &Caller, id: &str) -> Result<Opened> {
    let missing = || Problem::missing("attempt", id);
    let parsed: AttemptId = id.parse().map_err(|_| missing())?;
    let row = match app.store.attempt(parsed).await {
        Err(carrel_store::Error::Missing { .. }) => return Err(missing()),
        other => other?,
    };
    caller.require_scope(carrel_store::account::Scope::Read)?;
    if caller.role(&row.course).is_none() {
        return Err(missing());
    }
    if row.user != caller.id() && !caller.is_author(&row.course) {
        if caller.writes(&row.course) {
            caller.require_role(&row.course, Role::Author)?;
        }
        return Err(missing());
    }
    if availability::hides(app, caller, &row.course, &row.quiz).await? {
        return Err(missing());
    }
    let opened = read(app, parsed).await?;
    ending::end_if_overdue(app, opened).await
}

/// The same, of the learner who makes it, to change something.
pub(super) async fn open_own(app: &App, caller: &Caller, id: &str) -> Result<Opened> {
    caller.require_scope(carrel_store::account::Scope::Submit)?;
    let opened = open(app, caller, id).await?;
    if opened.row.user != caller.id() {
        let detail = "only who makes an attempt answers in it";
        return Err(Problem::new(carrel_api::Code::AuthorRequired, detail));
    }
    Ok(opened)
}

/// Reads an attempt, and brings its time up to date with what the person has now.
pub(crate) async fn read(app: &App, id: AttemptId) -> Result<Opened> {
    for _ in 0..super::CHANGE_TRIES_MAX {
        let whole = app.store.whole_attempt(id).await?;
        let mut opened = assemble(app, whole).await?;
        if opened.row.ended.is_some() {
            return Ok(opened);
        }
        let row = &opened.row;
        let given = accommodation::find(app, row.user, &row.course, &row.quiz).await?;
        opened.attempt.accommodation = given;
        opened.kept.accommodation = given;
        let ends_at = opened.ends_at()?;
        let state = to_json(&opened.kept)?;
        if ends_at == opened.row.ends_at && state == opened.row.state {
            return Ok(opened);
        }
        let revision = opened.row.revision;
        app.store
            .change_attempt(id, revision, state, ends_at)
            .await?;
    }
    Err(busy())
}

/// Others change the attempt all the time.
pub(super) fn busy() -> Problem {
    let detail = "the attempt is being changed elsewhere at the same time";
    Problem::new(carrel_api::Code::Busy, detail).with_retry_after(1_000)
}

pub(super) fn to_json(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|error| Problem::internal(&error))
}

fn from_json<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| Problem::internal(&error))
}

async fn assemble(app: &App, whole: WholeAttempt) -> Result<Opened> {
    let WholeAttempt {
        row,
        paper,
        responses,
        marks,
    } = whole;
    let course = app.catalogue.course(app, &row.course_version).await?;
    let kept: Kept = from_json(row.state.clone())?;
    let mut saves = BTreeMap::new();
    let mut answers: BTreeMap<String, Response> = BTreeMap::new();
    for response in responses {
        let of_question = Saves {
            sequence: response.sequence,
            revision: response.revision,
            at: Some(response.saved_at),
        };
        saves.insert(response.question.clone(), of_question);
        answers.insert(response.question, from_json(response.document)?);
    }
    let (window, due) = find_window(app, &row, &course, &kept).await?;
    let attempt = Attempt {
        paper: from_json(paper)?,
        started_ms: row.started_at.as_millisecond(),
        accommodation: kept.accommodation,
        submitted: row.ended.map(|(at, by)| Submitted {
            at_ms: at.as_millisecond(),
            by: match by {
                EndedBy::Learner => SubmittedBy::Learner,
                EndedBy::Deadline => SubmittedBy::Deadline,
            },
        }),
        place: kept.place,
        responses: answers,
    };
    Ok(Opened {
        row,
        attempt,
        kept,
        saves,
        marks,
        course,
        window,
        due,
    })
}

/// Opening and closing times of an attempt, and when it was due: the later of its version
/// and the present one. A rehearsal has none.
pub(super) async fn find_window(
    app: &App,
    row: &AttemptRow,
    course: &Course,
    kept: &Kept,
) -> Result<(Window, Option<Timestamp>)> {
    if kept.rehearsal {
        return Ok((Window::default(), None));
    }
    let (mut window, when) = window_of(course, &row.quiz);
    let mut due = when.due;
    let present = app.store.course(&row.course).await?;
    if present.digest != row.course_version {
        let present = app.catalogue.course(app, &present.digest).await?;
        due = availability::due_in(course, &present, &row.quiz);
        if present.activity(&row.quiz).is_some() {
            let (other, _) = window_of(&present, &row.quiz);
            window.closes_ms = later(window.closes_ms, other.closes_ms);
        }
    }
    Ok((window, due))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_end_is_later_than_every_end() {
        assert_eq!(later(Some(1), Some(2)), Some(2));
        assert_eq!(later(Some(3), Some(2)), Some(3));
        assert_eq!(later(None, Some(2)), None);
        assert_eq!(later(Some(2), None), None);
    }

    #[test]
    fn a_time_beyond_all_times_is_the_last_one() {
        assert_eq!(timestamp(i64::MAX), Timestamp::MAX);
        assert_eq!(timestamp(0), Timestamp::UNIX_EPOCH);
    }
}
