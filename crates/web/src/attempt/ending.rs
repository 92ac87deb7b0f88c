//! Ending an attempt: by its learner, or when its time is over.

use std::time::Duration;

use carrel_api::attempt::Attempt as Shown;
use carrel_model::id::RescoreId;
use carrel_quiz::attempt::SubmittedBy;
use carrel_store::attempt::{EndedBy, MarkRow, NewEnd, NewMark};

use super::opened::{Opened, busy, open_own, read, timestamp};
use super::{explain, grading, shown};
use crate::app::App;
use crate::caller::Caller;
use crate::problem::Result;
use crate::rescore;

/// Attempts whose time is over that are read at once.
const OVERDUE_MAX: u32 = 200;
/// Longest pause between two looks: what another process started is found by then.
const LOOK_PAUSE: Duration = Duration::from_secs(5);
/// Pause after a look that could not end all it found.
const TROUBLE_PAUSE: Duration = Duration::from_secs(30);
/// Shortest pause, so that the clock of the store and this one need not agree to the millisecond.
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);

/// Submits an attempt; again changes nothing.
///
/// # Errors
/// It is not the caller's. One whose time was over is shown as it was ended.
pub async fn submit(app: &App, caller: &Caller, id: &str) -> Result<Shown> {
    let mut opened = open_own(app, caller, id).await?;
    for _ in 0..super::CHANGE_TRIES_MAX {
        if opened.row.ended.is_some() {
            return shown::show(app, caller, &opened);
        }
        let now_ms = app.store.now().as_millisecond();
        let rules = opened.rules()?;
        let mut attempt = opened.attempt.clone();
        if !attempt.expire(rules, now_ms) {
            attempt
                .submit(rules, now_ms)
                .map_err(|error| explain(&error, now_ms))?;
        }
        opened = finish(app, Opened { attempt, ..opened }).await?;
    }
    Err(busy())
}

/// Ends an attempt whose time is over.
pub(super) async fn end_if_overdue(app: &App, mut opened: Opened) -> Result<Opened> {
    for _ in 0..super::CHANGE_TRIES_MAX {
        if opened.row.ended.is_some() {
            return Ok(opened);
        }
        let now_ms = app.store.now().as_millisecond();
        let mut attempt = opened.attempt.clone();
        if !attempt.expire(opened.rules()?, now_ms) {
            return Ok(opened);
        }
        opened = finish(app, Opened { attempt, ..opened }).await?;
    }
    Err(busy())
}

/// Writes the end of an attempt that was ended in memory, where nothing was saved in the
/// meantime; tells it as it is now, ended or not.
async fn finish(app: &App, mut opened: Opened) -> Result<Opened> {
    let id = opened.row.id;
    if let Some(submitted) = opened.attempt.submitted {
        let marks = rescore::marks_at_end(app, &opened).await?;
        opened.marks = marks.iter().map(|(id, mark)| row_of(*id, mark)).collect();
        let end = NewEnd {
            at: timestamp(submitted.at_ms),
            by: match submitted.by {
                SubmittedBy::Learner => EndedBy::Learner,
                SubmittedBy::Deadline => EndedBy::Deadline,
            },
            grade: grading::grade(&opened)?.grade,
            marks,
        };
        let by = end.by;
        if app.store.end_attempt(id, opened.row.revision, end).await? {
            tracing::info!(attempt = %id, ?by, "attempt ended");
        }
    }
    read(app, id).await
}

/// As it is going to be kept.
fn row_of(rescore: RescoreId, mark: &NewMark) -> MarkRow {
    MarkRow {
        mark: mark.clone(),
        at: jiff::Timestamp::UNIX_EPOCH,
        by: None,
        rescore: Some(rescore),
    }
}

/// Ends attempts when their time is over, until the service stops. What a killed process
/// did not end is found by the next one, for ends are kept.
pub(crate) async fn run(app: App) {
    loop {
        let pause = match end_all(&app).await {
            Ok(pause) => pause,
            Err(problem) => {
                tracing::warn!(%problem, "cannot end attempts whose time is over");
                TROUBLE_PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopped() => return,
        }
    }
}

async fn end_all(app: &App) -> Result<Duration> {
    let mut trouble = false;
    let mut after = None;
    loop {
        let overdue = app.store.overdue_attempts(after, OVERDUE_MAX).await?;
        for row in &overdue {
            let ended = match read(app, row.id).await {
                Ok(opened) => end_if_overdue(app, opened).await,
                Err(problem) => Err(problem),
            };
            if let Err(problem) = ended {
                tracing::warn!(attempt = %row.id, %problem, "cannot end an attempt whose time is over");
                trouble = true;
            }
        }
        // Those that could not be ended are looked at again by the next look, not before others.
        let last = overdue.last();
        after = last.and_then(|row| Some((row.ends_at?, row.id)));
        if overdue.len() < OVERDUE_MAX as usize || after.is_none() || app.is_stopping() {
            break;
        }
    }
    if trouble {
        return Ok(TROUBLE_PAUSE);
    }
    let next = app.store.next_attempt_end().await?;
    let Some(next) = next else {
        return Ok(LOOK_PAUSE);
    };
    let left = next.duration_since(app.store.now());
    let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
    Ok(left.clamp(SHORTEST_PAUSE, LOOK_PAUSE))
}
