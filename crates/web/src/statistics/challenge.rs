//! Figures of a challenge.

use std::collections::BTreeMap;

use carrel_model::Verdict;
use carrel_model::id::UserId;
use carrel_quiz::statistics::challenge::{ChallengeStatistics, JudgedSubmission};

use super::ROWS_MAX;
use crate::achievement::Steps;
use crate::app::App;
use crate::catalogue;
use crate::csv::{Table, number};
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

/// Columns of the table. Each figure has the name that it has in JSON, and that of its group
/// before it.
const COLUMNS: [&str; 15] = [
    "about",
    "name",
    "learners",
    "passed",
    "submissions",
    "share",
    "stuck",
    "attempts_to_pass_min",
    "attempts_to_pass_median",
    "attempts_to_pass_mean",
    "attempts_to_pass_max",
    "time_to_pass_ms_min",
    "time_to_pass_ms_median",
    "time_to_pass_ms_mean",
    "time_to_pass_ms_max",
];

/// The figures as a table: a row of the challenge, one of every number of submissions that
/// learners passed with, and one of each check that failed. What a row is about stands in its
/// first column.
#[must_use]
pub fn table(challenge: &str, figures: &ChallengeStatistics) -> String {
    let (attempts, times) = (figures.attempts_to_pass, figures.time_to_pass_ms);
    let mut table = Table::new(&COLUMNS);
    table.add(&[
        ("about", "challenge".to_owned()),
        ("name", challenge.to_owned()),
        ("learners", figures.learners.to_string()),
        ("passed", figures.passed.to_string()),
        ("submissions", figures.submissions.to_string()),
        ("attempts_to_pass_min", number(attempts.min)),
        ("attempts_to_pass_median", number(attempts.median)),
        ("attempts_to_pass_mean", number(attempts.mean)),
        ("attempts_to_pass_max", number(attempts.max)),
        ("time_to_pass_ms_min", number(times.min)),
        ("time_to_pass_ms_median", number(times.median)),
        ("time_to_pass_ms_mean", number(times.mean)),
        ("time_to_pass_ms_max", number(times.max)),
    ]);
    for (submissions, learners) in &figures.attempts_histogram {
        table.add(&[
            ("about", "attempts".to_owned()),
            ("name", submissions.to_string()),
            ("passed", learners.to_string()),
        ]);
    }
    for one in &figures.failing_checks {
        table.add(&[
            ("about", "check".to_owned()),
            ("name", one.check.clone()),
            ("learners", one.learners.to_string()),
            ("submissions", one.submissions.to_string()),
            ("share", number(Some(one.share))),
            ("stuck", one.stuck.to_string()),
        ]);
    }
    table.into_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_attempts_and_times_to_pass_and_failing_checks() {
        let sent = |learner: &str, at_ms: i64, failing: &[&str]| JudgedSubmission {
            learner: learner.to_owned(),
            at_ms,
            passed: failing.is_empty(),
            failing: failing.iter().map(|check| (*check).to_owned()).collect(),
        };
        let judged = [
            sent("ann", 0, &["one"]),
            sent("ann", 4_000, &[]),
            sent("bob", 1_000, &[]),
            sent("cid", 0, &["one"]),
        ];
        let begun = BTreeMap::from([("bob".to_owned(), 0)]);
        let text = table("add", &ChallengeStatistics::new(&judged, &begun));
        let rows: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(rows[0], COLUMNS.join(","));
        assert_eq!(
            rows[1..],
            [
                "challenge,add,3,2,4,,,1,1.5,1.5,2,1000,2500,2500,4000",
                "attempts,1,,1,,,,,,,,,,,",
                "attempts,2,,1,,,,,,,,,,,",
                "check,one,2,,2,0.5,1,,,,,,,,",
                "",
            ]
        );
    }
}
