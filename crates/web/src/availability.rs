//! Whether somebody can work on an activity now: by its times, and by what must be passed first.

use std::collections::BTreeSet;

use carrel_api::Code;
use carrel_api::progress::Standing;
use carrel_course::course::{Activity, ActivityKind, Availability, Course, Unit};
use carrel_model::id::UserId;
use carrel_store::progress::ProgressRow;
use jiff::{SignedDuration, Timestamp};

use crate::accommodation;
use crate::achievement::Achievement;
use crate::app::App;
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// What somebody wants of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To see it: what is closed can still be seen.
    See,
    /// To have work taken.
    Work,
}

/// Ids of units and activities that a person has passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passed(BTreeSet<String>);

impl Passed {
    /// By what a person did, as the version of the course counts.
    #[must_use]
    pub fn of(course: &Course, progress: &ProgressRow) -> Self {
        let mut passed = BTreeSet::new();
        for (_, activity) in course.activities() {
            if has_passed(course, activity, progress) {
                passed.insert(activity.id.clone());
            }
        }
        for unit in &course.units {
            let mut needed = unit
                .activities
                .iter()
                .filter(|one| !one.optional && !unit.leaves_out(one));
            if needed.all(|activity| passed.contains(&activity.id)) {
                passed.insert(unit.id.clone());
            }
        }
        Self(passed)
    }

    /// Whether this was passed.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.0.contains(id)
    }
}

fn has_passed(course: &Course, activity: &Activity, progress: &ProgressRow) -> bool {
    let id = activity.id.as_str();
    match activity.kind {
        ActivityKind::Lesson => progress.lessons.iter().any(|(lesson, _)| lesson == id),
        ActivityKind::Project => progress.projects.iter().any(|(project, _)| project == id),
        ActivityKind::Challenge => {
            let challenge = course.challenge(id);
            let reached = challenge.and_then(|challenge| Achievement::of(challenge, progress));
            reached.is_some_and(|reached| reached.passed_at.is_some())
        }
        ActivityKind::Quiz => {
            let needed = course.quiz(id).and_then(|found| found.quiz.settings.pass);
            let mut attempts = progress.attempts.iter().filter(|row| row.quiz == id);
            // Without a bar, who has submitted an attempt is through.
            attempts.any(|row| {
                needed.is_none() || row.grade.is_some_and(|one| one.passed == Some(true))
            })
        }
    }
}

/// What must be passed before an activity and is not.
#[must_use]
pub fn missing<'a>(unit: &'a Unit, activity: &'a Activity, passed: &Passed) -> Vec<&'a str> {
    let requires = unit.requires.iter().chain(&activity.requires);
    requires
        .map(String::as_str)
        .filter(|id| !passed.has(id))
        .collect()
}

/// Times of an activity for somebody who has this long beyond the others.
#[must_use]
pub fn times(unit: &Unit, activity: &Activity, late_seconds: u32) -> Availability {
    let mut when = unit.availability_of(activity);
    when.due = when.due.map(|due| put_off(due, late_seconds));
    when.closes = when.closes.map(|closes| put_off(closes, late_seconds));
    when
}

/// A time for somebody who has this long beyond the others.
#[must_use]
pub(crate) fn put_off(time: Timestamp, late_seconds: u32) -> Timestamp {
    let late = SignedDuration::from_secs(i64::from(late_seconds));
    time.checked_add(late).unwrap_or(Timestamp::MAX)
}

/// When work on an activity in one version of a course is due while another is the present one:
/// the later of both, where no date is the latest. What left the course is due as it was.
#[must_use]
pub(crate) fn due_in(version: &Course, present: &Course, id: &str) -> Option<Timestamp> {
    let due_of = |course: &Course| {
        let (unit, activity) = course.activity(id)?;
        Some(unit.availability_of(activity).due)
    };
    let due = due_of(version).flatten()?;
    match due_of(present) {
        Some(other) => Some(due.max(other?)),
        None => Some(due),
    }
}

/// When somebody's work on an activity, done in a version of a course, is or was due; `None`:
/// it is in time whenever it comes.
///
/// # Errors
/// The files of a version are missing: a fault of the service.
pub(crate) async fn find_due(
    app: &App,
    user: UserId,
    (course, version): (&str, &str),
    id: &str,
) -> Result<Option<Timestamp>> {
    let files = app.catalogue.course(app, version).await?;
    if due_in(&files, &files, id).is_none() {
        return Ok(None);
    }
    let present = app.store.course(course).await?;
    let present = app.catalogue.course(app, &present.digest).await?;
    let Some(due) = due_in(&files, &present, id) else {
        return Ok(None);
    };
    let given = accommodation::find(app, user, course, id).await?;
    Ok(Some(put_off(due, given.late_seconds)))
}

/// Where an activity stands at a time.
#[must_use]
pub fn standing(when: &Availability, missing: &[&str], now: Timestamp) -> Standing {
    if when.opens.is_some_and(|opens| now < opens) {
        Standing::NotYet
    } else if !missing.is_empty() {
        Standing::Locked
    } else if when.closes.is_some_and(|closes| now >= closes) {
        Standing::Closed
    } else {
        Standing::Open
    }
}

/// Where an activity stands for somebody now, as for a learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// Where it stands.
    pub standing: Standing,
    /// Its times for them.
    pub when: Availability,
    /// Ids of what they have to pass first.
    pub missing: Vec<String>,
}

/// Where an activity of a version stands for the caller; what is in no unit is open. Whether they
/// are an author is not looked at.
///
/// # Errors
/// The store fails.
pub async fn find(app: &App, caller: &Caller, course: &Course, id: &str) -> Result<Stand> {
    let open = Stand {
        standing: Standing::Open,
        when: Availability::default(),
        missing: Vec::new(),
    };
    let Some((unit, activity)) = course.activity(id) else {
        return Ok(open);
    };
    let is_free = unit.requires.is_empty() && activity.requires.is_empty();
    if is_free && unit.availability_of(activity) == Availability::default() {
        return Ok(open);
    }
    let passed = if is_free {
        Passed::default()
    } else {
        let progress = app.store.progress(caller.id(), &course.id).await?;
        Passed::of(course, &progress)
    };
    let given = accommodation::find(app, caller.id(), &course.id, id).await?;
    let when = times(unit, activity, given.late_seconds);
    let missing = missing(unit, activity, &passed);
    Ok(Stand {
        standing: standing(&when, &missing, app.store.now()),
        when,
        missing: missing.into_iter().map(str::to_owned).collect(),
    })
}

/// Whether an activity of the present version is hidden from the caller, whatever version they
/// worked in. Authors see everything; what left the course is hidden from nobody.
///
/// # Errors
/// There is no such course.
pub(crate) async fn hides(app: &App, caller: &Caller, course: &str, id: &str) -> Result<bool> {
    if caller.writes(course) {
        return Ok(false);
    }
    let present = app.store.course(course).await?;
    let files = app.catalogue.course(app, &present.digest).await?;
    Ok(files.is_hidden(id, app.store.now()))
}

/// Asks that the caller sees that an activity of a version is there. Who does not is told that
/// there is none. Authors see everything.
///
/// # Errors
/// It is hidden.
pub(crate) fn require_shown(app: &App, caller: &Caller, course: &Course, id: &str) -> Result<()> {
    let is_author = caller.writes(&course.id);
    match course.activity(id) {
        Some((unit, activity)) if !is_author && unit.hides(activity, app.store.now()) => {
            Err(Problem::missing(activity.kind.name(), id))
        }
        _ => Ok(()),
    }
}

/// Asks that the caller can work on an activity of a version now. Authors always can.
///
/// # Errors
/// It is hidden, it is not open, or something must be passed first.
pub async fn require(
    app: &App,
    caller: &Caller,
    course: &Course,
    id: &str,
    purpose: Purpose,
) -> Result<()> {
    if caller.writes(&course.id) {
        return Ok(());
    }
    require_shown(app, caller, course, id)?;
    let Stand {
        standing,
        when,
        missing,
    } = find(app, caller, course, id).await?;
    match (standing, purpose) {
        (Standing::Open, _) | (Standing::Closed, Purpose::See) => Ok(()),
        (Standing::Closed, Purpose::Work) => {
            let since = when.closes.map(|at| format!(" since {at}"));
            let detail = format!("`{id}` is closed{}", since.unwrap_or_default());
            Err(Problem::new(Code::NotOpen, detail))
        }
        (Standing::NotYet, _) => Err(tell_opening(id, when.opens, app.store.now())),
        (Standing::Locked, _) => Err(tell_missing(course, id, &missing)),
    }
}

fn tell_opening(id: &str, opens: Option<Timestamp>, now: Timestamp) -> Problem {
    let opens = opens.unwrap_or(now);
    let left_ms = opens.as_millisecond().saturating_sub(now.as_millisecond());
    let detail = format!("`{id}` opens at {opens}");
    Problem::new(Code::NotOpen, detail).with_retry_after(u64::try_from(left_ms).unwrap_or(0))
}

fn tell_missing(course: &Course, id: &str, missing: &[String]) -> Problem {
    let titles = missing.iter().map(|id| {
        let title = course.title_of(id).unwrap_or(id);
        format!("“{title}”")
    });
    let titles: Vec<String> = titles.collect();
    let detail = format!("before `{id}`, pass {}", titles.join(", "));
    Problem::new(Code::Locked, detail)
}

/// Whether work on an activity came after it was due for somebody. What authors of the course
/// and operators do is a rehearsal, and never late.
///
/// # Errors
/// The files of a version are missing: a fault of the service.
pub(crate) async fn is_late(
    app: &App,
    user: UserId,
    (course, version): (&str, &str),
    (id, at): (&str, Timestamp),
) -> Result<bool> {
    let due = find_due(app, user, (course, version), id).await?;
    if due.is_none_or(|due| at <= due) {
        return Ok(false);
    }
    let roles = app.store.roles(user).await?;
    if roles.iter().any(|(of, role)| of == course && role.writes()) {
        return Ok(false);
    }
    Ok(!app.store.user(user).await?.operator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn times_and_requirements_decide() {
        let when = Availability {
            opens: Some(at(10)),
            due: None,
            closes: Some(at(20)),
        };
        assert_eq!(standing(&when, &[], at(9)), Standing::NotYet);
        assert_eq!(standing(&when, &["a"], at(9)), Standing::NotYet);
        assert_eq!(standing(&when, &["a"], at(10)), Standing::Locked);
        assert_eq!(standing(&when, &[], at(10)), Standing::Open);
        assert_eq!(standing(&when, &[], at(20)), Standing::Closed);
        assert_eq!(
            standing(&Availability::default(), &[], at(0)),
            Standing::Open
        );
    }
}
