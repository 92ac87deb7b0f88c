//! Statistics of a challenge over its submissions.
//!
//! They stand in this crate, for they are as pure as those of quizzes and are shown beside
//! them; rows name learners and checks by their ids alone, and nothing here knows how a
//! verdict comes about.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::moments::{mean, median};

/// One judged submission. Those that ended with a fault of the platform are left out by the
/// caller: they say nothing of the learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedSubmission {
    /// Whose; only compared.
    pub learner: String,
    /// When it was sent, in milliseconds since 1970.
    pub at_ms: i64,
    /// Whether the challenge was passed with it, all its steps.
    pub passed: bool,
    /// Ids of the checks that failed.
    pub failing: Vec<String>,
}

/// Figures of a challenge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeStatistics {
    /// Learners who sent something.
    pub learners: usize,
    /// Learners who passed.
    pub passed: usize,
    /// Submissions.
    pub submissions: usize,
    /// Submissions up to the first that passed, of those who passed.
    pub attempts_to_pass: Spread,
    /// Learners by that number of submissions.
    pub attempts_histogram: BTreeMap<usize, usize>,
    /// Milliseconds from the beginning to the first submission that passed.
    pub time_to_pass_ms: Spread,
    /// Checks by the number of submissions that failed them, most first.
    pub failing_checks: Vec<FailingCheck>,
}

/// How some numbers lie.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Least.
    pub min: Option<f64>,
    /// Middle.
    pub median: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Greatest.
    pub max: Option<f64>,
}

/// A check that submissions failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailingCheck {
    /// Id of the check.
    pub check: String,
    /// Submissions that failed it.
    pub submissions: usize,
    /// Share of all submissions.
    pub share: f64,
    /// Learners who failed it at least once.
    pub learners: usize,
    /// Learners who failed it in their last submission: those who are stuck.
    pub stuck: usize,
}

impl Spread {
    fn new(numbers: &[f64]) -> Self {
        Self {
            min: numbers.iter().copied().reduce(f64::min),
            median: median(numbers),
            mean: mean(numbers),
            max: numbers.iter().copied().reduce(f64::max),
        }
    }
}

impl ChallengeStatistics {
    /// The figures of some submissions in any order. `begun_ms`: when learners opened the
    /// challenge; whoever is not in it began with the first submission.
    #[must_use]
    pub fn new(submissions: &[JudgedSubmission], begun_ms: &BTreeMap<String, i64>) -> Self {
        let mut by_learner: BTreeMap<&str, Vec<&JudgedSubmission>> = BTreeMap::new();
        for submission in submissions {
            by_learner
                .entry(&submission.learner)
                .or_default()
                .push(submission);
        }
        let mut attempts = Vec::new();
        let mut times = Vec::new();
        let mut histogram = BTreeMap::new();
        for (learner, sent) in &mut by_learner {
            // Stable: those of the same millisecond stay in the order given.
            sent.sort_by_key(|submission| submission.at_ms);
            let Some(place) = sent.iter().position(|submission| submission.passed) else {
                continue;
            };
            attempts.push((place + 1) as f64);
            *histogram.entry(place + 1).or_default() += 1;
            let begun = begun_ms.get(*learner).copied().unwrap_or(sent[0].at_ms);
            let taken = sent[place].at_ms.saturating_sub(begun.min(sent[0].at_ms));
            times.push(taken as f64);
        }
        Self {
            learners: by_learner.len(),
            passed: attempts.len(),
            submissions: submissions.len(),
            attempts_to_pass: Spread::new(&attempts),
            attempts_histogram: histogram,
            time_to_pass_ms: Spread::new(&times),
            failing_checks: count_failures(&by_learner, submissions.len()),
        }
    }
}

#[derive(Default)]
struct Failures<'a> {
    submissions: usize,
    learners: BTreeSet<&'a str>,
    stuck: usize,
}

fn count_failures(
    by_learner: &BTreeMap<&str, Vec<&JudgedSubmission>>,
    total: usize,
) -> Vec<FailingCheck> {
    let mut failures: BTreeMap<&str, Failures<'_>> = BTreeMap::new();
    for (learner, sent) in by_learner {
        for (place, submission) in sent.iter().enumerate() {
            // A check that is told twice of one submission failed once.
            let failing: BTreeSet<&str> = submission.failing.iter().map(String::as_str).collect();
            for check in failing {
                let known = failures.entry(check).or_default();
                known.submissions += 1;
                known.learners.insert(learner);
                known.stuck += usize::from(place + 1 == sent.len());
            }
        }
    }
    let mut checks: Vec<FailingCheck> = failures
        .into_iter()
        .map(|(check, known)| FailingCheck {
            check: check.to_owned(),
            submissions: known.submissions,
            share: known.submissions as f64 / total.max(1) as f64,
            learners: known.learners.len(),
            stuck: known.stuck,
        })
        .collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.submissions));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(learner: &str, at_ms: i64, failing: &[&str]) -> JudgedSubmission {
        JudgedSubmission {
            learner: learner.to_owned(),
            at_ms,
            passed: failing.is_empty(),
            failing: failing.iter().map(|check| (*check).to_owned()).collect(),
        }
    }

    #[test]
    fn attempts_times_and_failing_checks() {
        let submissions = [
            // Out of order: ada passes with the third.
            sent("ada", 9_000, &[]),
            sent("ada", 1_000, &["a", "b", "b"]),
            sent("ada", 5_000, &["b"]),
            sent("ada", 20_000, &["a"]),
            sent("bob", 2_000, &[]),
            sent("cyd", 3_000, &["b"]),
            sent("cyd", 4_000, &["b", "c"]),
        ];
        let begun = BTreeMap::from([("bob".to_owned(), 500), ("ada".to_owned(), 2_000)]);
        let found = ChallengeStatistics::new(&submissions, &begun);
        assert_eq!((found.learners, found.passed, found.submissions), (3, 2, 7));
        assert_eq!(found.attempts_histogram, BTreeMap::from([(1, 1), (3, 1)]));
        assert_eq!(found.attempts_to_pass.median, Some(2.0));
        // Ada was seen later than her first submission: that one counts.
        assert_eq!(found.time_to_pass_ms.max, Some(8_000.0));
        assert_eq!(found.time_to_pass_ms.min, Some(1_500.0));
        let checks: Vec<_> = found
            .failing_checks
            .iter()
            .map(|one| (one.check.as_str(), one.submissions, one.learners, one.stuck))
            .collect();
        assert_eq!(checks, [("b", 4, 2, 1), ("a", 2, 1, 1), ("c", 1, 1, 1)]);
        assert_eq!(found.failing_checks[0].share, 4.0 / 7.0);
    }

    #[test]
    fn nobody_sent_anything() {
        let found = ChallengeStatistics::new(&[], &BTreeMap::new());
        assert_eq!(found.attempts_to_pass, Spread::default());
        assert!(found.failing_checks.is_empty());
    }
}
