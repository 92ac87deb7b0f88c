//! Figures of a challenge.

use std::collections::BTreeMap;

use carrel_model::Verdict;
use carrel_model::id::UserId;
use carrel_quiz::statistics::challenge::{ChallengeStatistics, JudgedSubmission};

use super::ROWS_MAX;
use crate::achievement::Steps;
use crate::app::App;
use crate::catalogue;
use crate::csv;
use crate::problem::Result;

/// Figures of a challenge of the present version. Whether the reader may see them is asked
/// before.
///
/// # Errors
/// There is no such challenge.
pub async fn compute(app: &App, course: &str, challenge: &str) -> Result<ChallengeStatistics> {
    let found = catalogue::find(app, course, challenge).await?;
    let rows = app.store.judged(course, challenge, ROWS_MAX).await?;
    let opened = rows.iter().filter_map(|row| {
        let opened_at = row.opened_at?.as_millisecond();
        Some((row.user.to_string(), opened_at))
    });
    let begun: BTreeMap<String, i64> = opened.collect();
    let mut steps: BTreeMap<UserId, Steps> = BTreeMap::new();
    let mut judged = Vec::with_capacity(rows.len());
    // Oldest first: of two in the same millisecond the earlier one stays the earlier.
    for row in rows.into_iter().rev() {
        let accepted = row.verdict == Verdict::Accepted;
        let passed = accepted && {
            let steps = steps.entry(row.user).or_default();
            steps.pass(found.challenge(), row.step.as_deref())
        };
        judged.push(JudgedSubmission {
            learner: row.user.to_string(),
            at_ms: row.created_at.as_millisecond(),
            passed,
            failing: row.failing,
        });
    }
    Ok(ChallengeStatistics::new(&judged, &begun))
}

/// The figures as a table, a row per check.
#[must_use]
pub fn table(figures: &ChallengeStatistics) -> String {
    let mut text = String::new();
    let head = ["check", "submissions", "share", "learners", "stuck"];
    csv::write_row(&mut text, head.map(str::to_owned));
    for one in &figures.failing_checks {
        let row = [
            one.check.clone(),
            one.submissions.to_string(),
            one.share.to_string(),
            one.learners.to_string(),
            one.stuck.to_string(),
        ];
        csv::write_row(&mut text, row);
    }
    text
}
