//! How a submission ended, in words.

use carrel_api::submission::Submission;
use carrel_model::execution::SubmissionState;
use carrel_model::result::{Difference, ResultDocument, Status, TestResult};
use carrel_model::{Cause, Verdict, Visibility};

use super::place::{Here, Next};
use crate::page::Frame;

/// A line of a file.
#[derive(Debug)]
pub(super) struct FileLine {
    pub(super) file: String,
    pub(super) line: u64,
    /// Both in words.
    pub(super) words: String,
}

/// What is shown at the end.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Said once by the page.
    pub(super) say: String,
    /// `good`, `bad`, `warn`: by whose move it is.
    pub(super) tone: &'static str,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) count: Option<String>,
    pub(super) points: Option<String>,
    /// What the compiler said.
    pub(super) message: Option<String>,
    /// Where it says so.
    pub(super) place: Option<FileLine>,
    /// What stands at that line.
    pub(super) mark: String,
    pub(super) checks: Vec<CheckView>,
    pub(super) next: Option<Next>,
}

/// A line of one side of a difference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DifferenceLine {
    pub(super) text: String,
    pub(super) differs: bool,
}

/// Expected and actual output.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DifferenceView {
    pub(super) line: u64,
    pub(super) expected: Vec<DifferenceLine>,
    pub(super) actual: Vec<DifferenceLine>,
}

/// One check.
#[derive(Debug)]
pub(super) struct CheckView {
    pub(super) id: String,
    pub(super) name: String,
    /// `pass`, `fail`, `error`: part of a class.
    pub(super) status: &'static str,
    pub(super) passed: bool,
    pub(super) word: String,
    pub(super) cause: String,
    pub(super) required: bool,
    pub(super) hidden: bool,
    pub(super) message: Option<String>,
    pub(super) help: Option<String>,
    pub(super) output: Option<String>,
    pub(super) difference: Option<DifferenceView>,
}

/// Name of the text for how a submission stands, and its tone.
pub(super) fn name(
    state: SubmissionState,
    verdict: Option<Verdict>,
) -> (&'static str, &'static str) {
    match (state, verdict) {
        (SubmissionState::Queued | SubmissionState::Running, _) => {
            ("challenge-verdict-pending", "accent")
        }
        (SubmissionState::Cancelled, _) => ("challenge-verdict-cancelled", "warn"),
        (SubmissionState::Parked, _) => ("challenge-verdict-parked", "warn"),
        (SubmissionState::Finished, Some(verdict)) => match verdict {
            Verdict::Accepted => ("challenge-verdict-accepted", "good"),
            Verdict::WrongAnswer => ("challenge-verdict-wrong-answer", "bad"),
            Verdict::CompileError => ("challenge-verdict-compile-error", "bad"),
            Verdict::RuntimeError => ("challenge-verdict-runtime-error", "bad"),
            Verdict::TimeLimit => ("challenge-verdict-time-limit", "bad"),
            Verdict::MemoryLimit => ("challenge-verdict-memory-limit", "bad"),
            Verdict::OutputLimit => ("challenge-verdict-output-limit", "bad"),
            Verdict::PlatformFault => ("challenge-verdict-platform-fault", "warn"),
        },
        (SubmissionState::Finished, None) => ("challenge-verdict-refused-sender", "warn"),
    }
}

pub(super) fn tell_points(frame: &Frame, points: Option<f64>, most: Option<f64>) -> Option<String> {
    let (points, most) = (points?, most.filter(|most| *most > 0.0)?);
    Some(frame.points_of("challenge-verdict-points", points, most))
}

impl Outcome {
    /// Of a submission that is over.
    pub(super) fn of(frame: &Frame, here: &Here, shown: &Submission) -> Self {
        let (name, tone) = name(shown.state, shown.verdict);
        let mut outcome = Self {
            say: String::new(),
            tone,
            title: frame.text(name),
            lead: frame.text(&format!("{name}-lead")),
            count: None,
            points: tell_points(frame, shown.points, shown.points_max),
            message: None,
            place: None,
            mark: String::new(),
            checks: Vec::new(),
            next: None,
        };
        if let Some(refusal) = &shown.refusal {
            if refusal.fault == "author" {
                outcome.title = frame.text("challenge-verdict-refused-author");
                outcome.lead = frame.text("challenge-verdict-refused-author-lead");
            } else {
                outcome.lead.clone_from(&refusal.message);
            }
        }
        match &shown.result {
            Some(document) => outcome.add_result(frame, document),
            None if shown.state == SubmissionState::Finished && shown.verdict.is_some() => {
                outcome.lead = frame.text("challenge-verdict-expired-lead");
            }
            None => {}
        }
        if shown.verdict == Some(Verdict::Accepted) {
            outcome.next = Some(here.after(frame, shown.step.as_deref()));
        }
        let checks = outcome.count.clone().unwrap_or_default();
        let title = outcome.title.as_str();
        let said = frame.fill2(
            "challenge-verdict-said",
            ("title", title),
            ("checks", checks),
        );
        said.trim().clone_into(&mut outcome.say);
        outcome
    }

    fn add_result(&mut self, frame: &Frame, document: &ResultDocument) {
        let total = document.tests.len();
        let passed = document
            .tests
            .iter()
            .filter(|test| test.status == Status::Pass);
        let passed = passed.count();
        if total > 0 && document.verdict != Verdict::PlatformFault {
            let count = frame.fill2(
                "challenge-verdict-checks",
                ("passed", passed),
                ("total", total),
            );
            self.count = Some(count);
        }
        if let Some(Cause::CompileError { file, line }) = &document.cause {
            if let (Some(file), Some(line)) = (file.clone(), *line) {
                let words = frame.fill2(
                    "challenge-verdict-place",
                    ("line", line),
                    ("file", file.as_str()),
                );
                self.place = Some(FileLine { file, line, words });
            }
            self.mark = document
                .message
                .clone()
                .unwrap_or_else(|| self.title.clone());
        }
        self.message.clone_from(&document.message);
        let checks = document.tests.iter();
        self.checks = checks.map(|test| CheckView::of(frame, test)).collect();
    }
}

impl CheckView {
    pub(super) fn of(frame: &Frame, test: &TestResult) -> Self {
        let (status, word) = match test.status {
            Status::Pass => ("pass", "challenge-check-pass"),
            Status::Fail => ("fail", "challenge-check-fail"),
            Status::Error => ("error", "challenge-check-error"),
        };
        let cause = test.cause.as_ref().filter(|_| test.status != Status::Pass);
        Self {
            id: test.id.clone(),
            name: test.name.clone(),
            status,
            passed: test.status == Status::Pass,
            word: frame.text(word),
            cause: cause
                .map(|cause| tell_cause(frame, cause))
                .unwrap_or_default(),
            required: test.required,
            hidden: test.visibility != Visibility::Always,
            message: test.message.clone(),
            help: test.help.clone(),
            output: test.output.clone().filter(|output| !output.is_empty()),
            difference: test.difference.as_ref().map(compare),
        }
    }
}

/// Both texts begin at the first line that differs.
fn compare(difference: &Difference) -> DifferenceView {
    let expected: Vec<&str> = difference.expected.lines().collect();
    let actual: Vec<&str> = difference.actual.lines().collect();
    let mark = |mine: &[&str], other: &[&str]| {
        mine.iter()
            .enumerate()
            .map(|(at, line)| DifferenceLine {
                text: (*line).to_owned(),
                differs: other.get(at) != Some(line),
            })
            .collect()
    };
    DifferenceView {
        line: difference.line,
        expected: mark(&expected, &actual),
        actual: mark(&actual, &expected),
    }
}

/// Why something did not pass, in a few words.
pub(super) fn tell_cause(frame: &Frame, cause: &Cause) -> String {
    match cause {
        Cause::RuntimeError {
            signal: Some(signal),
            ..
        } => frame.fill("challenge-cause-runtime-error-signal", "signal", *signal),
        Cause::RuntimeError {
            exit_code: Some(code),
            ..
        } => frame.fill("challenge-cause-runtime-error-code", "code", *code),
        other => frame.text(cause_name(other)),
    }
}

fn cause_name(cause: &Cause) -> &'static str {
    match cause {
        Cause::WrongAnswer => "challenge-cause-wrong-answer",
        Cause::CompileError { .. } => "challenge-cause-compile-error",
        Cause::RuntimeError { .. } => "challenge-cause-runtime-error",
        Cause::TimeLimit { .. } => "challenge-cause-time-limit",
        Cause::MemoryLimit => "challenge-cause-memory-limit",
        Cause::OutputLimit => "challenge-cause-output-limit",
        Cause::DiskLimit => "challenge-cause-disk-limit",
        Cause::ProcessLimit => "challenge-cause-process-limit",
        Cause::ForbiddenSystemCall { .. } => "challenge-cause-forbidden-system-call",
        Cause::ResultsForged => "challenge-cause-results-forged",
        Cause::DependencyFailed { .. } => "challenge-cause-dependency-failed",
        Cause::PlatformFault => "challenge-cause-platform-fault",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_marked() {
        let view = compare(&Difference {
            line: 3,
            expected: "a\nb\nc".to_owned(),
            actual: "x\nb".to_owned(),
        });
        let marks = |lines: &[DifferenceLine]| -> Vec<bool> {
            lines.iter().map(|line| line.differs).collect()
        };
        assert_eq!(marks(&view.expected), [true, false, true]);
        assert_eq!(marks(&view.actual), [true, false]);
    }
}
