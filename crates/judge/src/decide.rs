//! From what the checks brought back to the result document. Pure.

use std::collections::{BTreeMap, BTreeSet};

use carrel_model::challenge::Hint;
use carrel_model::quantity::number_of;
use carrel_model::result::{
    CONTRACT_VERSION, EXERCISM_VERSION, EnvironmentUsed, IncidentNote, MESSAGE_CHARACTERS_MAX,
    OUTPUT_CHARACTERS_MAX, ResultDocument, Run, Status, StepResult, TestResult,
};
use carrel_model::{Cause, Challenge, Check, CheckKind, Verdict};

use crate::case::{CaseResult, CaseStatus, SuiteFailure};
use crate::check::CheckOutcome;
use crate::plan::Plan;
use crate::score::{self, Points};
use crate::text;

/// Slack for points that are added up from parts.
const POINTS_SLACK: f64 = 1e-9;

/// What is known about the judging of one submission besides the checks.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// What it ran in.
    pub environment: EnvironmentUsed,
    /// Every run made, in order.
    pub runs: Vec<Run>,
    /// Signs of weirdness.
    pub incidents: Vec<IncidentNote>,
    /// Failed submissions before this one.
    pub failures: u32,
    /// Time from submission in to verdict out, milliseconds.
    pub duration_ms: f64,
}

/// How the judging ended as a whole.
#[derive(Debug, Clone, PartialEq)]
pub enum Conclusion {
    /// The checks decide: results in any order.
    Checked(Vec<TestResult>),
    /// The submission has no program to check: compile error or syntax error.
    NotCompiled(SuiteFailure),
    /// Ours; what to tell the operator.
    PlatformFault(String),
}

/// The results of one check, points shared out. `runs` are the numbers of its runs.
#[must_use]
pub fn results_of(
    challenge: &Challenge,
    check: &Check,
    outcome: &CheckOutcome,
    runs: &[usize],
) -> Vec<TestResult> {
    let counted: Vec<&CaseResult> = outcome
        .cases
        .iter()
        .filter(|case| case.status != CaseStatus::Skipped)
        .collect();
    let places = counted.len() + usize::from(outcome.failure.is_some());
    let base = TestResult {
        points_max: share(check.points, places),
        runs: runs.to_vec(),
        ..blank(challenge, check)
    };
    let mut results: Vec<TestResult> = counted
        .into_iter()
        .map(|case| case_result(check, outcome, case, &base))
        .collect();
    if let Some(failure) = &outcome.failure {
        // A suite that did not come to its end gives no points for what it did before.
        for result in &mut results {
            result.points = 0.0;
        }
        results.push(failure_result(check, failure, base));
    }
    results
}

/// The result of a check that did not run, because one that it depends on did not pass.
#[must_use]
pub fn skipped(challenge: &Challenge, check: &Check, failed: &str) -> TestResult {
    let title = challenge
        .checks
        .iter()
        .find(|other| other.id == failed)
        .map(|other| &other.title);
    let title = title.map_or(failed, String::as_str);
    TestResult {
        status: Status::Fail,
        message: Some(format!("not run: it needs “{title}” to pass first")),
        cause: Some(Cause::DependencyFailed {
            check: failed.to_owned(),
        }),
        points_max: check.points,
        ..blank(challenge, check)
    }
}

fn blank(challenge: &Challenge, check: &Check) -> TestResult {
    let number = challenge
        .steps
        .iter()
        .position(|step| step.id == check.step);
    TestResult {
        name: check.title.clone(),
        status: Status::Pass,
        message: None,
        output: None,
        author_note: None,
        test_code: None,
        task_id: number.map(|number| number as u64 + 1),
        id: check.id.clone(),
        check: check.id.clone(),
        step: check.step.clone(),
        cause: None,
        help: None,
        points: 0.0,
        points_max: 0.0,
        required: check.required,
        visibility: check.visibility,
        difference: None,
        runs: Vec::new(),
    }
}

fn case_result(
    check: &Check,
    outcome: &CheckOutcome,
    case: &CaseResult,
    base: &TestResult,
) -> TestResult {
    let mut result = base.clone();
    let names_one = matches!(&check.kind, CheckKind::Unit(unit) if unit.test.is_some());
    if matches!(check.kind, CheckKind::Unit(_)) && !names_one {
        result.name.clone_from(&case.name);
        result.id = format!("{}/{}", check.id, case.name);
    }
    result.output = case
        .output
        .as_deref()
        .map(|output| text::cut(&text::clean(output), OUTPUT_CHARACTERS_MAX));
    result.test_code.clone_from(&case.test_code);
    result.author_note.clone_from(&outcome.author_note);
    if case.status == CaseStatus::Passed {
        result.points = outcome.score.unwrap_or(base.points_max);
        result.message.clone_from(&case.message);
        return result;
    }
    let errored = case.status == CaseStatus::Errored;
    result.status = if errored { Status::Error } else { Status::Fail };
    let plain = Cause::WrongAnswer;
    result.cause = Some(case.cause.clone().unwrap_or(plain));
    result.message = join(check.message.as_deref(), case.message.as_deref());
    result.help.clone_from(&check.help);
    result.difference.clone_from(&outcome.difference);
    result
}

fn failure_result(check: &Check, failure: &SuiteFailure, base: TestResult) -> TestResult {
    let wrong = matches!(failure.cause, Cause::WrongAnswer | Cause::ResultsForged);
    TestResult {
        status: if wrong { Status::Fail } else { Status::Error },
        message: join(check.message.as_deref(), Some(&failure.message)),
        cause: Some(failure.cause.clone()),
        help: check.help.clone(),
        ..base
    }
}

fn join(author: Option<&str>, program: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = [author, program]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    let joined = text::cut(&text::clean(&parts.join("\n\n")), MESSAGE_CHARACTERS_MAX);
    (!joined.is_empty()).then_some(joined)
}

fn share(points: f64, places: usize) -> f64 {
    // More places than a u32 holds do not fit into memory.
    points / f64::from(u32::try_from(places.max(1)).unwrap_or(u32::MAX))
}

/// The whole document, as an author sees it.
#[must_use]
pub fn decide(
    challenge: &Challenge,
    plan: &Plan,
    conclusion: Conclusion,
    circumstances: Circumstances,
) -> ResultDocument {
    let mut document = frame(challenge, circumstances.environment);
    document.runs = circumstances.runs;
    document.incidents = circumstances.incidents;
    document.duration_ms = circumstances.duration_ms;
    let most = most_points(challenge, plan);
    document.points_max = score::total(&challenge.grading, &most).1;
    match conclusion {
        Conclusion::Checked(results) => decide_checked(challenge, plan, results, &mut document),
        Conclusion::NotCompiled(failure) => {
            document.status = Status::Error;
            document.verdict = failure.cause.verdict();
            document.cause = Some(failure.cause);
            document.message = join(None, Some(&failure.message));
        }
        Conclusion::PlatformFault(detail) => {
            document.status = Status::Error;
            document.verdict = Verdict::PlatformFault;
            document.cause = Some(Cause::PlatformFault);
            document.gradable = false;
            document.message = Some(
                "This is our fault, not yours: the submission could not be judged.".to_owned(),
            );
            document.incidents.push(IncidentNote {
                kind: "platform_fault".to_owned(),
                detail,
            });
        }
    }
    let counts = !matches!(document.verdict, Verdict::Accepted | Verdict::PlatformFault);
    let failures = circumstances.failures.saturating_add(u32::from(counts));
    document.steps = step_results(challenge, plan, &document, failures);
    document
}

fn frame(challenge: &Challenge, environment: EnvironmentUsed) -> ResultDocument {
    ResultDocument {
        version: EXERCISM_VERSION,
        status: Status::Fail,
        message: None,
        tests: Vec::new(),
        contract_version: CONTRACT_VERSION,
        verdict: Verdict::WrongAnswer,
        cause: None,
        gradable: true,
        points: 0.0,
        points_max: 0.0,
        challenge: challenge.id.clone(),
        environment,
        steps: Vec::new(),
        runs: Vec::new(),
        incidents: Vec::new(),
        duration_ms: 0.0,
    }
}

fn most_points<'a>(challenge: &'a Challenge, plan: &Plan) -> BTreeMap<&'a str, Points> {
    let checks = plan.checks.iter().map(|index| &challenge.checks[*index]);
    let most = |check: &'a Check| Points {
        reached: 0.0,
        most: check.points,
        passed: false,
    };
    checks
        .map(|check| (check.id.as_str(), most(check)))
        .collect()
}

/// Points needed to be accepted, where the author wants points: of a submission up to a step the
/// same share of what its checks can give as of the whole challenge.
fn needed_points(challenge: &Challenge, planned_most: f64) -> Option<f64> {
    let least = challenge.pass_points?;
    let all = challenge.checks.iter().map(|check| {
        let most = Points {
            reached: 0.0,
            most: check.points,
            passed: false,
        };
        (check.id.as_str(), most)
    });
    let whole = score::total(&challenge.grading, &all.collect()).1;
    if whole <= 0.0 {
        return Some(least);
    }
    Some(least * planned_most / whole)
}

fn decide_checked(
    challenge: &Challenge,
    plan: &Plan,
    mut results: Vec<TestResult>,
    document: &mut ResultDocument,
) {
    let position = |id: &str| challenge.checks.iter().position(|check| check.id == id);
    results.sort_by_key(|result| position(&result.check));
    let mut points = most_points(challenge, plan);
    for (id, own) in &mut points {
        let of_check = || results.iter().filter(|result| result.check == *id);
        own.reached = total(of_check().map(|result| result.points));
        own.passed =
            of_check().count() > 0 && of_check().all(|result| result.status == Status::Pass);
        if own.passed && (own.reached - own.most).abs() < POINTS_SLACK {
            own.reached = own.most;
        }
    }
    document.points = score::total(&challenge.grading, &points).0;
    let needed = needed_points(challenge, document.points_max);
    let failing = |required_only: bool| {
        let fails = |result: &&TestResult| {
            result.status != Status::Pass && (result.required || !required_only)
        };
        results.iter().find(fails)
    };
    let deciding = match needed {
        Some(least) if document.points >= least - POINTS_SLACK => None,
        Some(_) => failing(true).or_else(|| failing(false)),
        None => failing(true),
    };
    let enough = needed.is_none_or(|least| document.points >= least - POINTS_SLACK);
    match deciding {
        None if enough => {
            document.verdict = Verdict::Accepted;
            document.status = Status::Pass;
        }
        // Everything passed and the points do not suffice: the author's scoring says so.
        None => document.cause = Some(Cause::WrongAnswer),
        Some(result) => {
            let cause = result.cause.clone().unwrap_or(Cause::WrongAnswer);
            document.verdict = cause.verdict();
            document.message = error_message(challenge, &results, result, &cause);
            if document.message.is_some() {
                document.status = Status::Error;
            }
            document.cause = Some(cause);
        }
    }
    document.tests = results;
}

/// Exercism has a message, and the status `error`, only where no test could run.
fn error_message(
    challenge: &Challenge,
    results: &[TestResult],
    deciding: &TestResult,
    cause: &Cause,
) -> Option<String> {
    let runs_program = |result: &TestResult| {
        let check = challenge
            .checks
            .iter()
            .find(|check| check.id == result.check);
        check.is_some_and(|check| !matches!(check.kind, CheckKind::Static(_)))
    };
    let ran = |result: &TestResult| {
        let excused = matches!(
            result.cause,
            Some(Cause::CompileError { .. } | Cause::DependencyFailed { .. })
        );
        runs_program(result) && !excused
    };
    let compile_error = matches!(cause, Cause::CompileError { .. });
    if compile_error && !results.iter().any(ran) {
        deciding.message.clone()
    } else {
        None
    }
}

fn step_results(
    challenge: &Challenge,
    plan: &Plan,
    document: &ResultDocument,
    failures: u32,
) -> Vec<StepResult> {
    let planned: BTreeSet<&str> = plan
        .checks
        .iter()
        .map(|index| challenge.checks[*index].id.as_str())
        .collect();
    let result = |index: &usize| {
        let step = &challenge.steps[*index];
        let own = || {
            document
                .tests
                .iter()
                .filter(|result| result.step == step.id)
        };
        let checks = challenge
            .checks
            .iter()
            .filter(|check| check.step == step.id && planned.contains(check.id.as_str()));
        let required_passed = own().all(|result| !result.required || result.status == Status::Pass);
        let stopped = document.tests.is_empty() && document.verdict != Verdict::Accepted;
        StepResult {
            id: step.id.clone(),
            title: step.title.clone(),
            status: match (stopped, required_passed) {
                (true, _) => Status::Error,
                (false, true) => Status::Pass,
                (false, false) => Status::Fail,
            },
            points: total(own().map(|result| result.points)),
            points_max: total(checks.map(|check| check.points)),
            hints: unlocked(&step.hints, failures),
        }
    };
    plan.steps.iter().map(result).collect()
}

/// The sum of points; of none 0, where `Iterator::sum` has -0.0, as JSON would tell.
fn total(points: impl Iterator<Item = f64>) -> f64 {
    points.fold(0.0, |sum, points| sum + points)
}

/// Hints that cost points are only announced: a learner asks for them knowingly.
fn unlocked(hints: &[Hint], failures: u32) -> Vec<String> {
    let told = |hint: &Hint| {
        if hint.cost > 0.0 {
            let cost = number_of(hint.cost, "point", "points");
            format!("[a further hint costs {cost}]")
        } else {
            hint.text.clone()
        }
    };
    hints
        .iter()
        .filter(|hint| hint.after_failures <= failures)
        .map(told)
        .collect()
}

#[cfg(test)]
mod tests;
