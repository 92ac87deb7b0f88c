//! Any command that writes TAP (version 12 to 14) to its standard output.
//!
//! The command is the author's: what it lets the learner's program write to
//! the same standard output is not told apart from its own words. A plan, and
//! the cases that the author declared, are held against what came.

mod parse;

use carrel_model::Cause;
use carrel_sandbox::{Ending, Report};

pub(crate) use parse::{Document, parse};

use crate::case::{CaseResult, CaseStatus, SuiteFailure, UnitOutcome, UnitRequest};
use crate::cause;
use crate::check::RunMade;
use crate::error::Error;
use crate::framework::{outcome, placement};
use crate::sandboxes::Sandboxes;
use crate::text;

/// Most characters of error output in a message.
const ERROR_CHARACTERS_MAX: usize = 4_000;

/// Runs the author's command and reads its standard output.
///
/// # Errors
/// A platform fault, or a check without a command.
pub(crate) fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn Sandboxes,
) -> Result<UnitOutcome, Error> {
    let report = sandboxes.run(request.environment, command_spec(request, &[])?)?;
    outcome::refuse_not_started(request, &report)?;
    let document = parse(&String::from_utf8_lossy(&report.stdout.bytes));
    Ok(conclude(
        request,
        document,
        vec![RunMade::new("check", report)],
    ))
}

/// The run of the author's command with everything on disk; `replacements` are placeholders and their values.
///
/// # Errors
/// The check names no command.
pub(crate) fn command_spec(
    request: &UnitRequest<'_>,
    replacements: &[(&str, &str)],
) -> Result<carrel_sandbox::Spec, Error> {
    let Some(command) = request
        .unit
        .command
        .as_ref()
        .filter(|command| !command.is_empty())
    else {
        let problem = "say what to run with `command = [...]`";
        return Err(outcome::author_error(request, problem));
    };
    let replace = |word: &String| {
        replacements
            .iter()
            .fold(word.clone(), |word, (name, value)| {
                word.replace(name, value)
            })
    };
    let mut spec = placement::spec(request, command.iter().map(replace).collect(), Vec::new());
    spec.report_channel = false;
    spec.files = placement::program_files(request);
    for made in request.program {
        spec.files.retain(|file| file.path != made.path);
        spec.files.push(made.clone());
    }
    for (path, content) in request.tests {
        spec.files.retain(|file| file.path != *path);
        spec.files.push(placement::read_only(path, content));
    }
    Ok(spec)
}

/// What a TAP document and the last run say together. The last report is that of the tests.
pub(crate) fn conclude(
    request: &UnitRequest<'_>,
    document: Document,
    runs: Vec<RunMade>,
) -> UnitOutcome {
    let failure = runs
        .last()
        .and_then(|run| suite_failure(request, &document, &run.report));
    let mut cases = document.cases;
    if let Some(test) = &request.unit.test {
        cases.retain(|case| case.name == *test);
    }
    if matches!(
        &failure,
        Some(SuiteFailure {
            cause: Cause::ResultsForged,
            ..
        })
    ) {
        cases.clear();
    }
    UnitOutcome {
        cases,
        failure,
        runs,
    }
}

fn suite_failure(
    request: &UnitRequest<'_>,
    document: &Document,
    report: &Report,
) -> Option<SuiteFailure> {
    let ended = cause::of_report(report, &request.limits, 0);
    let stopped = !matches!(report.ending, Ending::Exited(_));
    if let Some(ended) = ended.as_ref().filter(|_| stopped) {
        return Some(SuiteFailure {
            cause: ended.cause.clone(),
            message: ended.message.clone(),
        });
    }
    if let Some(reason) = &document.bail_out {
        let cause = Cause::RuntimeError {
            signal: None,
            exit_code: None,
        };
        return Some(SuiteFailure {
            cause,
            message: format!("the tests gave up: {reason}"),
        });
    }
    let missing = missing_case(request, &document.cases);
    let problem = document.problem.clone().or(missing);
    let Some(problem) = problem else {
        let all_good = document
            .cases
            .iter()
            .all(|case| case.status != CaseStatus::Failed);
        let ended = ended.filter(|_| all_good)?;
        return Some(SuiteFailure {
            cause: ended.cause,
            message: with_errors(ended.message, report),
        });
    };
    let (cause, message) = match ended {
        Some(ended) => (ended.cause, format!("{}: {problem}", ended.message)),
        None => (
            Cause::ResultsForged,
            format!("the tests did not come to their end: {problem}"),
        ),
    };
    Some(SuiteFailure {
        cause,
        message: with_errors(message, report),
    })
}

fn with_errors(message: String, report: &Report) -> String {
    let errors = text::readable(&report.stderr.bytes, ERROR_CHARACTERS_MAX);
    match errors.trim() {
        "" => message,
        errors => format!("{message}\n{errors}"),
    }
}

/// The cases that the author declared must all be there, and no others.
pub(crate) fn missing_case(request: &UnitRequest<'_>, cases: &[CaseResult]) -> Option<String> {
    let has = |name: &String| cases.iter().any(|case| case.name == *name);
    if let Some(test) = &request.unit.test {
        return (!has(test)).then(|| format!("test case `{test}` is missing"));
    }
    let expected = &request.unit.expected;
    let missing = expected.iter().find(|name| !has(name));
    if let Some(name) = missing {
        return Some(format!("test case `{name}` is missing"));
    }
    cases
        .iter()
        .filter(|_| !expected.is_empty())
        .find(|case| !expected.contains(&case.name))
        .map(|case| format!("test case `{}` was not declared", case.name))
}
