//! Starting an attempt.

use carrel_api::attempt::Attempt as Shown;
use carrel_model::id::AttemptId;
use carrel_quiz::attempt::{Attempt, AttemptError, Rules, Window};
use carrel_store::account::{Role, Scope};
use carrel_store::attempt::{self as kept, NewAttempt};
use jiff::Timestamp;

use super::opened::{Kept, find_quiz, read, timestamp, to_json, window_of};
use super::{ending, explain, shown};
use crate::accommodation;
use crate::app::App;
use crate::availability::{self, Purpose};
use crate::caller::Caller;
use crate::problem::{Problem, Result};

/// An attempt that goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Started {
    /// The attempt with its questions.
    pub attempt: Shown,
    /// Whether it was started now, or went on already.
    pub is_new: bool,
}

/// Starts an attempt at a quiz of the present version; or tells the one that goes on.
///
/// # Errors
/// The quiz is not open, something must be passed first, no attempt is left, or the next must wait.
pub async fn start(app: &App, caller: &Caller, course: &str, quiz: &str) -> Result<Started> {
    caller.require_scope(Scope::Submit)?;
    caller.require_role(course, Role::Learner)?;
    if availability::hides(app, caller, course, quiz).await? {
        return Err(Problem::missing("quiz", quiz));
    }
    for _ in 0..super::CHANGE_TRIES_MAX {
        let past = app.store.attempts_of(caller.id(), course, quiz).await?;
        if let Some(running) = past.iter().find(|row| row.ended.is_none()) {
            let opened = read(app, running.id).await?;
            let opened = ending::end_if_overdue(app, opened).await?;
            if opened.row.ended.is_none() {
                return tell(app, caller, opened.row.id, false).await;
            }
            continue;
        }
        let new = draw(app, caller, (course, quiz), &past).await?;
        match app.store.start_attempt(new).await? {
            kept::Started::New(row) => {
                tracing::info!(attempt = %row.id, course, quiz, number = row.number, "attempt started");
                return tell(app, caller, row.id, true).await;
            }
            kept::Started::Running(row) => return tell(app, caller, row.id, false).await,
            kept::Started::Stale => {}
        }
    }
    Err(super::opened::busy())
}

async fn tell(app: &App, caller: &Caller, id: AttemptId, is_new: bool) -> Result<Started> {
    let opened = read(app, id).await?;
    let attempt = shown::show(app, caller, &opened)?;
    Ok(Started { attempt, is_new })
}

/// Draws the questions, where the person may start now.
async fn draw(
    app: &App,
    caller: &Caller,
    (course, quiz): (&str, &str),
    past: &[kept::AttemptRow],
) -> Result<NewAttempt> {
    let version = app.store.course(course).await?;
    let files = app.catalogue.course(app, &version.digest).await?;
    let asked = find_quiz(&files, quiz)?;
    let rehearsal = caller.writes(course);
    let accommodation = accommodation::find(app, caller.id(), course, quiz).await?;
    let now = app.store.now();
    let now_ms = now.as_millisecond();
    let window = if rehearsal {
        Window::default()
    } else {
        window_of(&files, quiz).0
    };
    if !rehearsal {
        // When it closes for this person is decided below.
        availability::require(app, caller, &files, quiz, Purpose::See).await?;
    }
    let rules = Rules {
        quiz: asked,
        window,
    };
    let ended: Vec<Option<i64>> = if rehearsal {
        Vec::new()
    } else {
        past.iter()
            .map(|row| row.ended.map(|(at, _)| at.as_millisecond()))
            .collect()
    };
    let seed = draw_seed()?;
    let attempt = Attempt::start(rules, accommodation, &ended, seed, now_ms)
        .map_err(|error: AttemptError| explain(&error, now_ms))?;
    let state = Kept {
        accommodation,
        place: 0,
        rehearsal,
    };
    Ok(NewAttempt {
        id: AttemptId::new(),
        user: caller.id(),
        course: course.to_owned(),
        course_version: version.digest,
        quiz: quiz.to_owned(),
        number: past.last().map_or(1, |last| last.number + 1),
        started_at: Timestamp::from_millisecond(now_ms).unwrap_or(now),
        ends_at: attempt.ends_ms(rules).map(timestamp),
        paper: to_json(&attempt.paper)?,
        state: to_json(&state)?,
    })
}

fn draw_seed() -> Result<u64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| Problem::internal(&error))?;
    Ok(u64::from_le_bytes(bytes))
}
