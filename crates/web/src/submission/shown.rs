//! What of a submission is shown to whom.

use carrel_api::Code;
use carrel_api::submission::{Refusal, Submission};
use carrel_model::execution::SubmissionState;
use carrel_model::id::SubmissionId;
use carrel_model::view::{View, show};
use carrel_store::account::Scope;
use carrel_store::submission::{Fault, Outcome, SubmissionRow};

use crate::app::App;
use crate::availability;
use crate::caller::Caller;
use crate::catalogue;
use crate::problem::{Problem, Result};

/// What learners are told of a challenge that cannot be judged. What its author is told names
/// files and may quote tests that are hidden from them.
const OF_AUTHOR: &str = "the challenge cannot be judged as it is written; that is for its author \
                         to mend, not a fault of yours";

/// A submission that the caller may see, and as whom.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The row.
    pub row: SubmissionRow,
    /// Course id.
    pub course: String,
    /// Challenge id.
    pub challenge: String,
    /// In whose view.
    pub view: View,
}

/// Finds a submission to a challenge. One that is none of the caller's business is not there, nor
/// to a learner that to a hidden challenge.
///
/// # Errors
/// There is none, or the token may not read it.
pub async fn find(app: &App, caller: &Caller, id: &str) -> Result<Seen> {
    let missing = || Problem::missing("submission", id);
    let id = id.parse().map_err(|_| missing())?;
    if !caller.has_scope(Scope::Submit) {
        caller.require_scope(Scope::Read)?;
    }
    let row = match app.store.submission(id).await {
        Err(carrel_store::Error::Missing { .. }) => return Err(missing()),
        other => other?,
    };
    let (Some(course), Some(challenge)) = (row.course.clone(), row.challenge.clone()) else {
        return Err(missing());
    };
    let author = caller.is_author(&course);
    if !author && (row.user != caller.id() || caller.role(&course).is_none()) {
        return Err(missing());
    }
    if availability::hides(app, caller, &course, &challenge).await? {
        return Err(missing());
    }
    let view = if author {
        View::Author
    } else {
        let version = row.sent_version.as_deref().unwrap_or_default();
        let due = availability::find_due(app, row.user, (&course, version), &challenge).await?;
        // Work is in time up to the due date itself.
        let after_due = due.is_some_and(|due| app.store.now() > due);
        View::Learner { after_due }
    };
    Ok(Seen {
        row,
        course,
        challenge,
        view,
    })
}

/// Whoever sent it takes it back until it has a verdict. Judging it again is asked for by those
/// who write the course, and nobody else stops that.
///
/// # Errors
/// It is judged again, and the caller is no author of its course.
pub(crate) fn require_withdrawable(caller: &Caller, seen: &Seen) -> Result<()> {
    let judged = seen.row.verdicts > seen.row.previews;
    // The store tells of what has ended.
    let ended = matches!(
        seen.row.state,
        SubmissionState::Finished | SubmissionState::Cancelled
    );
    if !judged || ended || caller.is_author(&seen.course) {
        return Ok(());
    }
    let detail = "it is judged again, which only authors of the course stop; \
                  it has its verdict until then";
    Err(Problem::new(Code::AuthorRequired, detail))
}

/// Whether a submission to a challenge was sent after that was due for its sender.
///
/// # Errors
/// The files of a version are missing: a fault of the service.
pub async fn is_late(app: &App, row: &SubmissionRow) -> Result<bool> {
    let version = row.sent_version.as_deref();
    let Some((course, challenge)) = row.course.as_deref().zip(row.challenge.as_deref()) else {
        return Ok(false);
    };
    let version = version.unwrap_or_default();
    let sent = (challenge, row.created_at);
    availability::is_late(app, row.user, (course, version), sent).await
}

/// What a list tells of a submission: nothing that a check could hide.
///
/// # Errors
/// As of [`is_late`].
pub async fn summarise(app: &App, row: SubmissionRow, as_author: bool) -> Result<Submission> {
    Ok(Submission {
        late: is_late(app, &row).await?,
        id: row.id,
        user: row.user,
        course: row.course.unwrap_or_default(),
        version: row.course_version,
        challenge: row.challenge.unwrap_or_default(),
        step: row.step,
        state: row.state,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        position: None,
        verdict: row.verdict,
        points: row.points,
        points_max: row.points_max,
        verdicts: match as_author {
            true => row.verdicts,
            false => row.verdicts.saturating_sub(row.previews),
        },
        refusal: None,
        parked_reason: row.parked_reason.filter(|_| as_author),
        result: None,
    })
}

/// The outcome that counts, where its document is still kept: verdict and points outlive it.
async fn kept_outcome(app: &App, id: SubmissionId) -> Result<Option<Outcome>> {
    match app.store.outcome(id).await {
        Err(carrel_store::Error::State { .. }) => Ok(None),
        other => Ok(other?),
    }
}

/// Everything the caller may see of one submission.
///
/// # Errors
/// It cannot be read.
pub async fn describe(app: &App, seen: Seen) -> Result<Submission> {
    let Seen {
        row,
        course,
        challenge,
        view,
    } = seen;
    let id = row.id;
    let version = row.course_version.clone();
    let mut shown = summarise(app, row, view == View::Author).await?;
    if shown.state == SubmissionState::Queued {
        shown.position = app.store.position(id).await?;
    }
    match kept_outcome(app, id).await? {
        Some(Outcome::Judged(document)) => {
            if view == View::Author {
                shown.result = Some(*document);
            } else {
                let version = version.unwrap_or_default();
                let version = app.store.course_version(&course, &version).await?;
                let found = catalogue::find_in(app, version, &challenge).await?;
                shown.result = Some(show(found.challenge(), &document, view));
            }
        }
        Some(Outcome::Refused {
            fault: Fault::Author,
            ..
        }) if view != View::Author => {
            shown.refusal = Some(describe_refusal(Fault::Author, OF_AUTHOR.to_owned()));
        }
        Some(Outcome::Refused { fault, message }) => {
            shown.refusal = Some(describe_refusal(fault, message));
        }
        Some(Outcome::Executed(_)) | None => {}
    }
    Ok(shown)
}

/// Why something cannot be judged or run.
#[must_use]
pub fn describe_refusal(fault: Fault, message: String) -> Refusal {
    let fault = match fault {
        Fault::Author => "author",
        Fault::Sender => "sender",
    };
    Refusal {
        fault: fault.to_owned(),
        message,
    }
}
