//! The checks, and what each brings back.

pub mod comparator;
pub(crate) mod feedback;
pub(crate) mod interactive;
pub(crate) mod io;
pub(crate) mod validator;

use carrel_model::result::{Difference, Run, Usage};
use carrel_model::{Cause, Challenge, Check, Limits};
use carrel_sandbox::{Ending, Report};

use crate::case::{CaseResult, CaseStatus, SuiteFailure};
use crate::cause::{self, Ended};
use crate::compile::Compiler;
use crate::error::Error;
use crate::program::Ready;
use crate::sandboxes::Sandboxes;
use crate::text;

/// Most characters of a program's error output in a message: the end of it, where the reason stands.
const SAID_CHARACTERS_MAX: usize = 4_000;

/// What a check runs with.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) challenge: &'a Challenge,
    pub(crate) check: &'a Check,
    /// The learner's program.
    pub(crate) program: &'a Ready,
    pub(crate) sandboxes: &'a dyn Sandboxes,
    pub(crate) compiler: &'a Compiler<'a>,
}

impl Context<'_> {
    /// Limits of the learner's runs in this check.
    pub(crate) fn limits(&self) -> Limits {
        let own = self.check.limits;
        own.map_or(self.program.limits, |limits| Limits {
            processes: limits.processes.max(self.program.limits.processes),
            ..limits
        })
    }

    /// The author's fault, by the name of the check.
    pub(crate) fn author_fault(&self, problem: &str) -> Error {
        Error::Challenge {
            challenge: self.challenge.id.clone(),
            problem: format!("check `{}`: {problem}", self.check.id),
        }
    }

    /// A command that the environment does not have is the author's fault; a
    /// program that the compile step or the learner left unusable is not.
    pub(crate) fn refuse_missing_command(
        &self,
        ready: &Ready,
        report: &Report,
    ) -> Result<(), Error> {
        let Ending::NotStarted(reason) = &report.ending else {
            return Ok(());
        };
        let command = ready.argv.first().map_or("", String::as_str);
        let own = command.trim_start_matches("./");
        if ready.files.iter().any(|file| file.path == own) {
            return Ok(());
        }
        Err(self.author_fault(&format!(
            "environment `{}` can not start `{command}`: {reason}; \
             name an environment that has it, or another command",
            ready.environment
        )))
    }
}

/// What a check brought back, before points and visibility are added.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CheckOutcome {
    /// One result, or those of the test cases of a suite.
    pub cases: Vec<CaseResult>,
    /// Why there are no usable results.
    pub failure: Option<SuiteFailure>,
    /// Where the output differs.
    pub difference: Option<Difference>,
    /// Points that a validator gave in place of the check's.
    pub score: Option<f64>,
    /// What a validator told its author.
    pub author_note: Option<String>,
    /// The runs made.
    pub runs: Vec<RunMade>,
}

/// A run and what it was for.
#[derive(Debug, Clone, PartialEq)]
pub struct RunMade {
    /// `compile`, `check`, `validator` or `syntax`.
    pub purpose: &'static str,
    /// What it did.
    pub report: Report,
    /// It was not made again: the cache had its result.
    pub cached: bool,
}

impl RunMade {
    /// A run that was made for this.
    #[must_use]
    pub fn new(purpose: &'static str, report: Report) -> Self {
        Self {
            purpose,
            report,
            cached: false,
        }
    }

    /// A compile run, or what the cache kept of it.
    #[must_use]
    pub fn compile(report: Report, cached: bool) -> Self {
        Self {
            cached,
            ..Self::new("compile", report)
        }
    }
}

impl CheckOutcome {
    /// Whether everything in it passed, and something did.
    #[must_use]
    pub fn passed(&self) -> bool {
        let counted = |case: &&CaseResult| case.status != CaseStatus::Skipped;
        self.failure.is_none()
            && self.cases.iter().any(|case| counted(&case))
            && self
                .cases
                .iter()
                .filter(counted)
                .all(|case| case.status == CaseStatus::Passed)
    }

    /// One result without a name of its own.
    pub(crate) fn single(
        status: CaseStatus,
        cause: Option<Cause>,
        message: Option<String>,
    ) -> Self {
        let case = CaseResult {
            name: String::new(),
            status,
            message,
            output: None,
            test_code: None,
            cause,
        };
        Self {
            cases: vec![case],
            ..Self::default()
        }
    }

    /// The check passed.
    pub(crate) fn pass() -> Self {
        Self::single(CaseStatus::Passed, None, None)
    }

    /// A wrong answer.
    pub(crate) fn wrong(message: String) -> Self {
        Self::single(CaseStatus::Failed, Some(Cause::WrongAnswer), Some(message))
    }

    /// A run that did not come to its ordinary end.
    pub(crate) fn ended(ended: Ended, report: &Report) -> Self {
        let said = tail(&report.stderr.bytes);
        let message = if said.is_empty() {
            ended.message
        } else {
            format!("{}\n{said}", ended.message)
        };
        Self::single(CaseStatus::Errored, Some(ended.cause), Some(message))
    }

    /// The same with what the program printed.
    pub(crate) fn with_output(mut self, output: &[u8]) -> Self {
        let shown = text::readable(output, carrel_model::result::OUTPUT_CHARACTERS_MAX);
        for case in &mut self.cases {
            case.output = (!shown.is_empty()).then(|| shown.clone());
        }
        self
    }

    /// The same with one more run.
    pub(crate) fn with_run(mut self, purpose: &'static str, report: Report) -> Self {
        self.runs.push(RunMade::new(purpose, report));
        self
    }
}

/// The last lines of what a program said.
pub(crate) fn tail(bytes: &[u8]) -> String {
    let all = text::readable(bytes, usize::MAX);
    let all = all.trim_end();
    match all.char_indices().rev().nth(SAID_CHARACTERS_MAX) {
        Some((at, _)) => format!("[…]{}", &all[at..]),
        None => all.to_owned(),
    }
}

/// A run as the result document tells it.
#[must_use]
pub fn describe_run(check: Option<&str>, made: &RunMade) -> Run {
    let report = &made.report;
    let exit_code = match report.ending {
        Ending::Exited(code) => Some(code),
        _ => None,
    };
    // 42 and 43 are a validator's ordinary ends.
    let usual = exit_code.filter(|code| made.purpose == "validator" && matches!(code, 42 | 43));
    let ended = cause::of_report(report, &Limits::default(), usual.unwrap_or(0));
    Run {
        purpose: made.purpose.to_owned(),
        check: check.map(str::to_owned),
        cause: ended.map(|ended| ended.cause),
        exit_code,
        usage: describe_usage(report),
        cached: made.cached,
        missing_layers: report.missing_layers.clone(),
    }
}

pub(crate) fn describe_usage(report: &Report) -> Usage {
    let ms = |us: u64| std::time::Duration::from_micros(us).as_secs_f64() * 1_000.0;
    Usage {
        cpu_ms: ms(report.usage.cpu_us),
        wall_ms: ms(report.usage.wall_us),
        memory_peak_bytes: report.usage.memory_peak_bytes,
        processes_peak: report.usage.processes_peak,
        output_bytes: report.usage.output_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::report;

    #[test]
    fn a_validators_42_is_no_runtime_error_in_the_list_of_runs() {
        let run = |purpose, code| {
            describe_run(
                None,
                &RunMade {
                    purpose,
                    report: report(code),
                    cached: false,
                },
            )
        };
        assert_eq!(run("validator", 42).cause, None);
        assert_eq!(run("validator", 43).exit_code, Some(43));
        assert!(run("validator", 1).cause.is_some());
        assert!(run("check", 42).cause.is_some());
    }

    #[test]
    fn a_suite_passes_only_with_a_case_that_counts() {
        let mut outcome = CheckOutcome::pass();
        assert!(outcome.passed());
        outcome.cases[0].status = CaseStatus::Skipped;
        assert!(!outcome.passed());
        assert!(!CheckOutcome::default().passed());
    }

    #[test]
    fn the_end_of_a_long_error_is_kept() {
        let long = format!("{}é: the reason\n", "x".repeat(10_000));
        assert!(tail(long.as_bytes()).ends_with("é: the reason"));
        assert!(tail(long.as_bytes()).chars().count() < SAID_CHARACTERS_MAX + 10);
        assert_eq!(tail(b"short\n"), "short");
    }
}
