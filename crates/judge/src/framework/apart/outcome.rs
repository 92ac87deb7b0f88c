//! From two reports and the records of the tests to the outcome: whose failure it is, and why.

use std::collections::HashMap;

use carrel_model::Cause;
use carrel_sandbox::{Ending, Report};

use super::records::{CaseRecord, LoadFailure, Records, read};
use crate::case::{CaseResult, CaseStatus, SuiteFailure, UnitOutcome, UnitRequest};
use crate::cause;
use crate::check::RunMade;
use crate::error::Error;
use crate::text;

/// Most characters of a message that are kept.
const MESSAGE_CHARACTERS_MAX: usize = 20_000;
/// Most characters of what a lost process printed that are kept.
const OUTPUT_CHARACTERS_MAX: usize = 4_000;
/// Exit code of an uncaught exception, as of the interpreter.
const UNCAUGHT_EXIT_CODE: i32 = 1;

/// Judges what came back.
///
/// # Errors
/// The environment cannot run Python, or the tests fail by themselves.
pub(super) fn conclude(
    request: &UnitRequest<'_>,
    tests: Report,
    agent: Report,
) -> Result<UnitOutcome, Error> {
    for report in [&tests, &agent] {
        refuse_not_started(request, report)?;
    }
    let records = read(&tests.report.bytes);
    if let Some(problem) = &records.author {
        return Err(author_error(request, problem));
    }
    let loss = loss(request, &records, &tests, &agent)?;
    let failure = suite_failure(&records, loss.as_ref());
    let cases = collect_cases(&records, loss.as_ref());
    if cases.is_empty() && failure.is_none() {
        let problem = match &request.unit.test {
            Some(test) => format!("they hold no test case `{test}`"),
            None => "they hold no test case".to_owned(),
        };
        return Err(author_error(request, &problem));
    }
    Ok(UnitOutcome {
        cases,
        failure,
        runs: vec![RunMade::new("check", agent), RunMade::new("check", tests)],
    })
}

/// A missing interpreter is never the learner's fault.
fn refuse_not_started(request: &UnitRequest<'_>, report: &Report) -> Result<(), Error> {
    let Ending::NotStarted(reason) = &report.ending else {
        return Ok(());
    };
    Err(Error::Environment(format!(
        "environment `{}` cannot run Python tests: {reason}; name an environment that has python3",
        request.environment
    )))
}

fn author_error(request: &UnitRequest<'_>, problem: &str) -> Error {
    let files: Vec<&str> = request.tests.keys().map(String::as_str).collect();
    Error::Challenge {
        challenge: files.join(", "),
        problem: format!("the tests fail by themselves: {}", cut(problem)),
    }
}

/// How the learner's process was lost before the tests were over, if it was.
fn loss(
    request: &UnitRequest<'_>,
    records: &Records,
    tests: &Report,
    agent: &Report,
) -> Result<Option<SuiteFailure>, Error> {
    let gone = records
        .gone
        .as_ref()
        .or_else(|| records.cases.iter().find_map(|case| case.gone.as_ref()));
    if let Some(how) = gone {
        return Ok(Some(agent_loss(request, agent, how)));
    }
    if records.done {
        return Ok(None);
    }
    // The tests' process itself did not come to its end.
    if matches!(
        agent.ending,
        Ending::Limit(_) | Ending::ForbiddenSystemCall(_)
    ) {
        return Ok(Some(agent_loss(
            request,
            agent,
            "the other process is gone",
        )));
    }
    if let (Ending::Limit(_), Some(ended)) =
        (&tests.ending, cause::of_report(tests, &request.limits, 0))
    {
        return Ok(Some(SuiteFailure {
            cause: ended.cause,
            message: ended.message,
        }));
    }
    let said = text::clean(&String::from_utf8_lossy(&tests.stderr.bytes));
    let problem = format!(
        "their process ended early ({:?})\n{}",
        tests.ending,
        said.trim()
    );
    Err(author_error(request, &problem))
}

/// The cause of a lost learner's process, from the report of its sandbox.
fn agent_loss(request: &UnitRequest<'_>, agent: &Report, how: &str) -> SuiteFailure {
    if how.starts_with("malformed") {
        return SuiteFailure {
            cause: Cause::ResultsForged,
            message: format!("the program wrote to the channel on which it is called ({how})"),
        };
    }
    let (cause, message) = match cause::of_report(agent, &request.limits, 0) {
        Some(ended) => (ended.cause, ended.message),
        None => (
            Cause::RuntimeError {
                signal: None,
                exit_code: Some(0),
            },
            "the program ended itself with exit code 0 before the tests were over".to_owned(),
        ),
    };
    let printed = text::clean(&String::from_utf8_lossy(&agent.stderr.bytes));
    let message = match printed.trim() {
        "" => message,
        printed => format!(
            "{message}\nIt printed:\n{}",
            text::cut(printed, OUTPUT_CHARACTERS_MAX)
        ),
    };
    SuiteFailure { cause, message }
}

fn suite_failure(records: &Records, loss: Option<&SuiteFailure>) -> Option<SuiteFailure> {
    if let Some(load) = &records.load_failure {
        return Some(of_load_failure(load));
    }
    loss.cloned()
}

fn of_load_failure(load: &LoadFailure) -> SuiteFailure {
    let cause = if load.syntax {
        Cause::CompileError {
            file: load.file.clone(),
            line: load.line,
        }
    } else {
        Cause::RuntimeError {
            signal: None,
            exit_code: Some(UNCAUGHT_EXIT_CODE),
        }
    };
    SuiteFailure {
        cause,
        message: cut(&load.message),
    }
}

/// Every planned case, in order; those without a result bear the loss.
fn collect_cases(records: &Records, loss: Option<&SuiteFailure>) -> Vec<CaseResult> {
    let Some(plan) = &records.plan else {
        return Vec::new();
    };
    let told: HashMap<&str, &CaseRecord> = records
        .cases
        .iter()
        .map(|case| (case.name.as_str(), case))
        .collect();
    plan.iter()
        .map(|name| match told.get(name.as_str()) {
            Some(case) => finished_case(case, loss),
            None => unfinished_case(name, records.started.as_deref() == Some(name), loss),
        })
        .collect()
}

fn finished_case(case: &CaseRecord, loss: Option<&SuiteFailure>) -> CaseResult {
    let status = match case.status.as_str() {
        "passed" => CaseStatus::Passed,
        "failed" => CaseStatus::Failed,
        "skipped" => CaseStatus::Skipped,
        _ => CaseStatus::Errored,
    };
    let lost = loss.filter(|_| case.gone.is_some());
    let cause = match lost {
        Some(loss) => Some(loss.cause.clone()),
        None if status == CaseStatus::Errored && case.learners => Some(Cause::RuntimeError {
            signal: None,
            exit_code: Some(UNCAUGHT_EXIT_CODE),
        }),
        None => None,
    };
    CaseResult {
        name: case.name.clone(),
        status,
        message: lost.map_or_else(
            || case.message.as_deref().map(cut),
            |loss| Some(loss.message.clone()),
        ),
        output: case.output.as_deref().map(cut),
        test_code: case.code.clone(),
        cause,
    }
}

/// The case that was running bears the loss; those after it did not run.
fn unfinished_case(name: &str, running: bool, loss: Option<&SuiteFailure>) -> CaseResult {
    let message = match loss {
        Some(loss) if running => loss.message.clone(),
        _ => "not run: the program had ended before it".to_owned(),
    };
    CaseResult {
        name: name.to_owned(),
        status: CaseStatus::Errored,
        message: Some(message),
        output: None,
        test_code: None,
        cause: loss.map(|loss| loss.cause.clone()),
    }
}

fn cut(message: &str) -> String {
    text::cut(&text::clean(message), MESSAGE_CHARACTERS_MAX)
}
