//! What a learner may see of a result. Pure.

use std::collections::BTreeMap;

use carrel_model::challenge::CheckKind;
use carrel_model::result::{ResultDocument, Status, TestResult};
use carrel_model::{Cause, Challenge, Visibility};

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

#[cfg(test)]
mod tests {
    use carrel_model::result::{Difference, EnvironmentUsed, Run, Usage};

    use super::*;
    use crate::case::CaseStatus;
    use crate::check::CheckOutcome;
    use crate::decide::{Circumstances, Conclusion, decide, results_of};
    use crate::fixture::{challenge, check};
    use crate::plan::plan;

    const SECRET: &str = "hidden-input-42";
    const LEARNER: View = View::Learner { after_due: false };

    /// One visible check that passed, one hidden that failed and says a secret everywhere.
    fn judged(visibility: Visibility) -> (Challenge, ResultDocument) {
        let mut challenge = challenge();
        challenge.checks = vec![check("a", "one"), check("b", "one")];
        challenge.checks[1].visibility = visibility;
        challenge.checks[1].message = Some(SECRET.to_owned());
        challenge.checks[1].help = Some(SECRET.to_owned());
        let cause = Cause::RuntimeError {
            signal: None,
            exit_code: Some(42),
        };
        let mut outcome =
            CheckOutcome::single(CaseStatus::Errored, Some(cause), Some(SECRET.to_owned()));
        outcome.author_note = Some(SECRET.to_owned());
        outcome.cases[0].output = Some(SECRET.to_owned());
        outcome.cases[0].test_code = Some(SECRET.to_owned());
        let difference = Difference {
            line: 1,
            expected: SECRET.to_owned(),
            actual: SECRET.to_owned(),
        };
        outcome.difference = Some(difference);
        let mut results = results_of(
            &challenge,
            &challenge.checks[0],
            &CheckOutcome::pass(),
            &[1],
        );
        results.extend(results_of(&challenge, &challenge.checks[1], &outcome, &[0]));
        let run = |id: &str, exit_code| Run {
            purpose: "check".to_owned(),
            check: Some(id.to_owned()),
            cause: None,
            exit_code: Some(exit_code),
            usage: Usage {
                cpu_ms: f64::from(exit_code),
                ..Usage::default()
            },
            cached: true,
            missing_layers: Vec::new(),
        };
        let circumstances = Circumstances {
            environment: EnvironmentUsed {
                name: "c".to_owned(),
                digest: None,
                repeatable: false,
            },
            runs: vec![run("b", 42), run("a", 0)],
            incidents: Vec::new(),
            failures: 0,
            duration_ms: 1_234.5,
        };
        let plan = plan(&challenge, None).unwrap();
        let document = decide(
            &challenge,
            &plan,
            Conclusion::Checked(results),
            circumstances,
        );
        (challenge, document)
    }

    #[test]
    fn nothing_of_a_hidden_check_but_passed_or_not_reaches_the_learner() {
        let (challenge, document) = judged(Visibility::Never);
        let shown = show(&challenge, &document, LEARNER);
        let json = serde_json::to_string(&shown).unwrap();
        assert!(!json.contains(SECRET) && !json.contains("42"), "{json}");
        assert_eq!(shown.tests.len(), 2);
        assert_eq!(shown.tests[1].name, "Check b");
        assert_eq!(shown.tests[1].status, Status::Error);
        assert_eq!(shown.verdict, document.verdict);
        assert_eq!(shown.runs.len(), 1);
        assert_eq!(shown.tests[0].runs, [0]);
        assert_eq!(show(&challenge, &document, View::Author), document);
    }

    #[test]
    fn a_hidden_check_that_is_not_required_hides_its_cause_too() {
        let (challenge, mut document) = judged(Visibility::Never);
        // As with `pass_points`, where a check that is not required may decide.
        document.tests[1].required = false;
        document.cause.clone_from(&document.tests[1].cause);
        let shown = show(&challenge, &document, LEARNER);
        let bare = Cause::RuntimeError {
            signal: None,
            exit_code: None,
        };
        assert_eq!(shown.cause, Some(bare));
    }

    #[test]
    fn after_the_due_date_more_is_shown_but_never_what_is_for_authors() {
        let (challenge, document) = judged(Visibility::AfterDue);
        let before = show(&challenge, &document, LEARNER);
        assert_eq!(before.tests[1].message, None);
        let after = show(&challenge, &document, View::Learner { after_due: true });
        assert!(after.tests[1].message.as_ref().unwrap().contains(SECRET));
        assert_eq!(after.tests[1].author_note, None);
        assert!(after.tests[1].difference.is_some());
    }

    #[test]
    fn the_difference_is_shown_only_where_the_author_allows_it() {
        let (mut challenge, document) = judged(Visibility::Always);
        let CheckKind::Io(io) = &mut challenge.checks[1].kind else {
            unreachable!()
        };
        io.show_difference = false;
        assert_eq!(
            show(&challenge, &document, LEARNER).tests[1].difference,
            None
        );
        assert!(
            show(&challenge, &document, View::Author).tests[1]
                .difference
                .is_some()
        );
    }
}
