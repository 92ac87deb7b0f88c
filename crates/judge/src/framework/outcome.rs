//! From what a harness told to what counts: complete, in order, canaries right.

use carrel_model::Cause;
use carrel_sandbox::{Ending, Report};

use crate::case::{CaseResult, CaseStatus, SuiteFailure, UnitOutcome, UnitRequest};
use crate::cause;
use crate::check::RunMade;
use crate::error::Error;
use crate::framework::session::Session;
use crate::framework::transcript::{CaseRecord, Transcript};
use crate::text;

/// Most characters of a message that are kept.
const MESSAGE_CHARACTERS_MAX: usize = 20_000;

/// Judges what came back from one run of one of our harnesses.
///
/// # Errors
/// The environment lacks the interpreter, or the author's tests cannot be used.
pub(crate) fn conclude(
    request: &UnitRequest<'_>,
    session: &Session,
    transcript: &Transcript,
    report: Report,
) -> Result<UnitOutcome, Error> {
    refuse_not_started(request, &report)?;
    if let Some(problem) = &transcript.author_fault {
        return Err(author_error(request, problem));
    }
    let failure = suite_failure(request, session, transcript, &report);
    let cases = match &failure {
        Some(SuiteFailure {
            cause: Cause::ResultsForged,
            ..
        }) => Vec::new(),
        _ => collect_cases(session, transcript, failure.as_ref()),
    };
    if cases.is_empty() && failure.is_none() {
        let problem = "its tests hold no test case".to_owned();
        return Err(author_error(request, &problem));
    }
    Ok(UnitOutcome {
        cases,
        failure,
        runs: vec![RunMade::new("check", report)],
    })
}

/// An author's fault in the tests of this check.
pub(crate) fn author_error(request: &UnitRequest<'_>, problem: &str) -> Error {
    let files: Vec<&str> = request.tests.keys().map(String::as_str).collect();
    Error::Challenge {
        challenge: files.join(", "),
        problem: format!("{} tests: {}", request.unit.framework, cut(problem)),
    }
}

/// A missing interpreter is never the learner's fault.
///
/// # Errors
/// The program could not be started.
pub(crate) fn refuse_not_started(request: &UnitRequest<'_>, report: &Report) -> Result<(), Error> {
    if let Ending::NotStarted(reason) = &report.ending {
        return Err(Error::Environment(format!(
            "environment `{}` cannot run {} tests: {reason}; name an environment that has the framework",
            request.environment, request.unit.framework
        )));
    }
    Ok(())
}

fn suite_failure(
    request: &UnitRequest<'_>,
    session: &Session,
    transcript: &Transcript,
    report: &Report,
) -> Option<SuiteFailure> {
    if let Some(reason) = &transcript.forged {
        return Some(forged(reason));
    }
    if let Some(reason) = canary_failure(session, transcript) {
        return Some(forged(&reason));
    }
    if let Some(load) = &transcript.load_failure {
        let cause = if load.syntax {
            Cause::CompileError {
                file: load.file.clone(),
                line: load.line,
            }
        } else {
            Cause::RuntimeError {
                signal: None,
                exit_code: None,
            }
        };
        return Some(SuiteFailure {
            cause,
            message: cut(&load.message),
        });
    }
    if !transcript.ended {
        return Some(unfinished(request, transcript, report));
    }
    if let Some(reason) = incompleteness(request, session, transcript) {
        return Some(forged(&reason));
    }
    None
}

fn forged(reason: &str) -> SuiteFailure {
    SuiteFailure {
        cause: Cause::ResultsForged,
        message: format!("the results of the tests cannot be trusted: {reason}"),
    }
}

/// The two cases of ours, where they ran.
fn canary_failure(session: &Session, transcript: &Transcript) -> Option<String> {
    let plan = transcript.plan.as_ref()?;
    for canary in [&session.passing, &session.failing] {
        if plan.iter().filter(|name| **name == canary.name).count() != 1 {
            return Some("the list of test cases was changed".to_owned());
        }
    }
    for (place, record) in &transcript.results {
        let right = match &plan[*place] {
            name if *name == session.passing.name => record.status == CaseStatus::Passed,
            name if *name == session.failing.name => record.status == CaseStatus::Failed,
            _ => true,
        };
        if !right {
            return Some("assertions do not do their work any more".to_owned());
        }
    }
    None
}

/// The run stopped before its end record.
fn unfinished(request: &UnitRequest<'_>, transcript: &Transcript, report: &Report) -> SuiteFailure {
    let during = match (&transcript.plan, transcript.running) {
        (Some(plan), Some(place)) => format!(" (during `{}`)", plan[place]),
        (None, _) => " (before the tests began)".to_owned(),
        _ => String::new(),
    };
    let (cause, message) = match cause::of_report(report, &request.limits, 0) {
        Some(ended) => (ended.cause, ended.message),
        None => (
            Cause::RuntimeError {
                signal: None,
                exit_code: Some(0),
            },
            "the program ended itself with exit code 0 before the tests were over".to_owned(),
        ),
    };
    let mut message = format!("{message}{during}");
    let errors = String::from_utf8_lossy(&report.stderr.bytes);
    if transcript.plan.is_none() && !errors.trim().is_empty() {
        message = format!("{message}\n{}", errors.trim());
    }
    SuiteFailure {
        cause,
        message: cut(&message),
    }
}

/// A run that says it is complete must be: every planned case, every declared case.
fn incompleteness(
    request: &UnitRequest<'_>,
    session: &Session,
    transcript: &Transcript,
) -> Option<String> {
    let Some(plan) = &transcript.plan else {
        return Some("the list of test cases is missing".to_owned());
    };
    if transcript.results.len() != plan.len() {
        return Some(format!(
            "{} of {} test cases have a result",
            transcript.results.len(),
            plan.len()
        ));
    }
    let expected: Vec<&String> = match &request.unit.test {
        Some(test) => vec![test],
        None => request.unit.expected.iter().collect(),
    };
    expected
        .into_iter()
        .find(|name| !plan.contains(name))
        .map(|name| format!("test case `{name}` is missing"))
        .or_else(|| {
            let declared = &request.unit.expected;
            plan.iter()
                .filter(|_| !declared.is_empty())
                .find(|name| !session.is_canary(name) && !declared.contains(name))
                .map(|name| format!("test case `{name}` was not declared"))
        })
}

fn collect_cases(
    session: &Session,
    transcript: &Transcript,
    failure: Option<&SuiteFailure>,
) -> Vec<CaseResult> {
    let Some(plan) = &transcript.plan else {
        return Vec::new();
    };
    let mut cases = Vec::with_capacity(plan.len());
    for (place, name) in plan.iter().enumerate() {
        if session.is_canary(name) {
            continue;
        }
        let record = transcript.results.iter().find(|(other, _)| *other == place);
        let test_code = transcript.sources.get(place).cloned().flatten();
        cases.push(match record {
            Some((_, record)) => finished_case(name, test_code, record),
            None => unfinished_case(name, test_code, transcript.running == Some(place), failure),
        });
    }
    cases
}

fn finished_case(name: &str, test_code: Option<String>, record: &CaseRecord) -> CaseResult {
    CaseResult {
        name: name.to_owned(),
        status: record.status,
        message: record.message.as_deref().map(cut),
        output: record.output.as_deref().map(cut),
        test_code,
        cause: None,
    }
}

/// The case that was running bears the cause; those after it did not run.
fn unfinished_case(
    name: &str,
    test_code: Option<String>,
    running: bool,
    failure: Option<&SuiteFailure>,
) -> CaseResult {
    let message = match failure {
        Some(failure) if running => failure.message.clone(),
        _ => "not run: the tests stopped before it".to_owned(),
    };
    CaseResult {
        name: name.to_owned(),
        status: CaseStatus::Errored,
        message: Some(message),
        output: None,
        test_code,
        cause: failure.map(|failure| failure.cause.clone()),
    }
}

/// A text that is safe to show, cut to what is kept.
pub(crate) fn cut(text: &str) -> String {
    text::cut(&text::clean(text), MESSAGE_CHARACTERS_MAX)
}
