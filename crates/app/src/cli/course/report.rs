//! What `carrel course check` found out, as a document.

use carrel_model::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

/// The whole document.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CourseReport {
    /// Course id.
    pub course: String,
    /// Everything is as declared.
    pub as_declared: bool,
    /// Number of challenges judged.
    pub challenges: usize,
    /// Number of submissions judged.
    pub submissions: usize,
    /// Number of them that differ from their declaration.
    pub deviating: usize,
    /// Number of them without a verdict, because something of ours failed.
    pub faults: usize,
    /// Time of the whole, milliseconds.
    pub duration_ms: f64,
    /// Each submission, in course order.
    pub judged: Vec<Judged>,
}

/// One submission.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Judged {
    /// Challenge id.
    pub challenge: String,
    /// `solution`, `starter`, or the name of a declared submission.
    pub name: String,
    /// The verdict; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Everything in which the outcome differs from the declaration; empty: as declared.
    pub deviations: Vec<String>,
    /// Why there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Exit code that the fault calls for.
    #[serde(skip)]
    pub fault_exit_code: Option<u8>,
    /// From submission in to verdict out, milliseconds.
    pub duration_ms: f64,
}

impl Judged {
    /// It got a verdict, and all is as declared.
    #[must_use]
    pub fn is_as_declared(&self) -> bool {
        self.fault.is_none() && self.deviations.is_empty()
    }
}

impl CourseReport {
    /// Counts what was judged.
    #[must_use]
    pub fn new(course: String, judged: Vec<Judged>, duration_ms: f64) -> Self {
        let mut challenges: Vec<&str> = judged.iter().map(|one| one.challenge.as_str()).collect();
        challenges.sort_unstable();
        challenges.dedup();
        let faults = judged.iter().filter(|one| one.fault.is_some()).count();
        let deviating = judged
            .iter()
            .filter(|one| !one.deviations.is_empty())
            .count();
        Self {
            course,
            as_declared: faults + deviating == 0,
            challenges: challenges.len(),
            submissions: judged.len(),
            deviating,
            faults,
            duration_ms,
            judged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_of_what_was_judged() {
        let one = |challenge: &str, deviations: &[&str], fault: Option<&str>| Judged {
            challenge: challenge.into(),
            name: "solution".into(),
            verdict: None,
            deviations: deviations.iter().map(|text| (*text).to_owned()).collect(),
            fault: fault.map(str::to_owned),
            fault_exit_code: None,
            duration_ms: 1.0,
        };
        let judged = vec![
            one("a", &[], None),
            one("b", &["x"], None),
            one("b", &[], Some("y")),
        ];
        let report = CourseReport::new("c".into(), judged, 3.0);
        assert_eq!((report.challenges, report.submissions), (2, 3));
        assert_eq!(
            (report.deviating, report.faults, report.as_declared),
            (1, 1, false)
        );
    }
}
