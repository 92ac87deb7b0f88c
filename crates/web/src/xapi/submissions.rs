//! Submissions to challenges.

use carrel_exchange::xapi::{self, Judged, Step};
use carrel_model::Verdict;
use carrel_store::submission::{SentRow, SubmissionRow};
use carrel_store::{Page, PageRequest};
use serde_json::Value;

use super::Telling;
use crate::problem::Result;

/// A page of them, the newest first: statements by submission.
pub(super) async fn read(telling: &Telling<'_>, request: PageRequest) -> Result<Page<Vec<Value>>> {
    let rows = telling.app.store.sent(telling.course, request).await?;
    let mut items = Vec::with_capacity(rows.items.len());
    for row in &rows.items {
        items.push(tell(telling, row).await?);
    }
    Ok(Page {
        items,
        next: rows.next,
    })
}

async fn tell(telling: &Telling<'_>, row: &SentRow) -> Result<Vec<Value>> {
    let sent = &row.submission;
    // Both are there in every submission to a challenge.
    let (Some(version), Some(id)) = (&sent.course_version, &sent.challenge) else {
        return Ok(Vec::new());
    };
    let course = telling.app.catalogue.course(telling.app, version).await?;
    let challenge = course.challenge(id);
    let step = sent.step.as_deref().map(|id| {
        let mut steps = challenge.iter().flat_map(|challenge| &challenge.steps);
        let step = steps.find(|step| step.id == id);
        let title = step.map_or(id, |step| &step.title);
        Step { id, title }
    });
    let duration_ms = row
        .opened_at
        .map(|opened| sent.created_at.as_millisecond() - opened.as_millisecond());
    let judged_at = sent.finished_at.map(|at| at.to_string());
    let submission = xapi::Submission {
        id: &sent.id.to_string(),
        learner: &sent.user.to_string(),
        activity: &format!("courses/{}/challenges/{id}", telling.course),
        title: challenge.map_or(id, |challenge| &challenge.title),
        step,
        sent_at: &sent.created_at.to_string(),
        duration_ms,
        judged: judged_at.as_deref().and_then(|at| judged(sent, at)),
    };
    let home = telling.home(&course.language);
    Ok(xapi::of_submission(&home, &submission))
}

fn judged<'a>(sent: &SubmissionRow, at: &'a str) -> Option<Judged<'a>> {
    // A fault of ours says nothing of the learner.
    let verdict = sent.verdict.filter(|one| *one != Verdict::PlatformFault)?;
    Some(Judged {
        at,
        verdict,
        points: sent.points.unwrap_or(0.0),
        points_max: sent.points_max.unwrap_or(0.0),
    })
}
