//! What a learner may see of a result. Pure.
//!
//! Its tests are beside the judge (`carrel_judge::view`), which makes the results.

use std::collections::BTreeMap;

use crate::challenge::{Challenge, CheckKind, Visibility};
use crate::result::{ResultDocument, Status, TestResult};
use crate::verdict::Cause;

/// Whose eyes a result is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The author: everything.
    Author,
    /// A learner.
    Learner {
        /// The due date has passed.
        after_due: bool,
    },
}

impl View {
    /// Whether the time of a result shown in this view is rounded up, since it would tell of
    /// checks that are hidden. They may not have run: then it is told as it was.
    #[must_use]
    pub fn rounds_time(self, shown: &ResultDocument) -> bool {
        let whole = shown.duration_ms % 1_000.0 < f64::EPSILON;
        whole && shown.tests.iter().any(|test| self.hides(test.visibility))
    }

    fn hides(self, visibility: Visibility) -> bool {
        match (self, visibility) {
            (Self::Author, _) | (_, Visibility::Always) => false,
            (Self::Learner { after_due }, Visibility::AfterDue) => !after_due,
            (Self::Learner { .. }, Visibility::Never) => true,
        }
    }
}

/// The results of one check in this view. A hidden check is one line: its
/// title, passed or not, and why in one word. Exit codes, outputs, names of
/// test cases and figures could carry its content out.
#[must_use]
pub fn show_results(challenge: &Challenge, results: &[TestResult], view: View) -> Vec<TestResult> {
    let Some(first) = results.first() else {
        return Vec::new();
    };
    if view.hides(first.visibility) {
        return vec![hidden(challenge, results, first)];
    }
    let show = |result: &TestResult| match view {
        View::Author => result.clone(),
        View::Learner { .. } => visible(challenge, result),
    };
    results.iter().map(show).collect()
}

/// The document in this view.
#[must_use]
pub fn show(challenge: &Challenge, document: &ResultDocument, view: View) -> ResultDocument {
    if view == View::Author {
        return document.clone();
    }
    let mut shown = document.clone();
    shown.tests = Vec::new();
    for results in document.tests.chunk_by(|a, b| a.check == b.check) {
        shown.tests.extend(show_results(challenge, results, view));
    }
    // Several may have the cause of the document: where one of them is hidden, so are the details.
    let mut deciding = document
        .tests
        .iter()
        .filter(|test| test.status != Status::Pass && test.cause == document.cause);
    if deciding.any(|test| view.hides(test.visibility)) {
        shown.cause = document.cause.as_ref().map(without_details);
        if document.status == Status::Error {
            shown.message =
                Some("The submission does not compile together with the tests.".to_owned());
        }
    }
    shown.incidents = Vec::new();
    hide_runs(challenge, &mut shown, view);
    shown
}

/// Runs of hidden checks go, and the numbers of those that stay are told anew.
fn hide_runs(challenge: &Challenge, document: &mut ResultDocument, view: View) {
    let mut numbers = BTreeMap::new();
    let mut kept = Vec::new();
    for (old, run) in document.runs.iter().enumerate() {
        let check = challenge
            .checks
            .iter()
            .find(|check| Some(&check.id) == run.check.as_ref());
        if check.is_some_and(|check| view.hides(check.visibility)) {
            continue;
        }
        numbers.insert(old, kept.len());
        let mut run = run.clone();
        // Whether somebody else has compiled the same before is nobody's business.
        run.cached = false;
        kept.push(run);
    }
    if kept.len() < document.runs.len() {
        // The time that hidden runs took must not tell what they did.
        document.duration_ms = (document.duration_ms / 1_000.0).ceil() * 1_000.0;
    }
    document.runs = kept;
    for test in &mut document.tests {
        test.runs = test
            .runs
            .iter()
            .filter_map(|old| numbers.get(old).copied())
            .collect();
    }
}

fn visible(challenge: &Challenge, result: &TestResult) -> TestResult {
    let mut shown = result.clone();
    shown.author_note = None;
    let check = challenge
        .checks
        .iter()
        .find(|check| check.id == result.check);
    let hides_difference = check.is_some_and(|check| match &check.kind {
        CheckKind::Io(io) => !io.show_difference,
        _ => false,
    });
    if hides_difference {
        shown.difference = None;
    }
    shown
}

fn hidden(challenge: &Challenge, results: &[TestResult], first: &TestResult) -> TestResult {
    let check = challenge
        .checks
        .iter()
        .find(|check| check.id == first.check);
    let failed = results.iter().find(|result| result.status != Status::Pass);
    TestResult {
        name: check.map_or_else(|| first.check.clone(), |check| check.title.clone()),
        status: failed.map_or(Status::Pass, |result| result.status),
        message: None,
        output: None,
        author_note: None,
        test_code: None,
        task_id: first.task_id,
        id: first.check.clone(),
        check: first.check.clone(),
        step: first.step.clone(),
        cause: failed
            .and_then(|result| result.cause.as_ref())
            .map(without_details),
        help: None,
        points: results.iter().map(|result| result.points).sum(),
        points_max: results.iter().map(|result| result.points_max).sum(),
        required: first.required,
        visibility: first.visibility,
        difference: None,
        runs: Vec::new(),
    }
}

/// Only the kind: a program could carry hidden input out through its exit code.
fn without_details(cause: &Cause) -> Cause {
    match cause {
        Cause::RuntimeError { .. } => Cause::RuntimeError {
            signal: None,
            exit_code: None,
        },
        Cause::ForbiddenSystemCall { .. } => Cause::ForbiddenSystemCall { name: None },
        Cause::CompileError { .. } => Cause::CompileError {
            file: None,
            line: None,
        },
        other => other.clone(),
    }
}
