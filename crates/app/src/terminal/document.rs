//! A result document as a person reads it: check by check, then the verdict.

use std::collections::BTreeSet;
use std::fmt::Write;

use carrel_model::ResultDocument;
use carrel_model::quantity::{noun, number_of};
use carrel_model::result::{Status, StepResult, TestResult};
use carrel_model::verdict::{Cause, Clock, Verdict};
use carrel_model::view::View;

use super::paint::Paint;
use super::quantity::{show_bytes, show_ms, show_points};
use super::text::{first_lines, printable};

/// Most lines shown of one message or output.
const MESSAGE_LINES_MAX: usize = 20;
/// Most lines shown of a difference, each side.
const DIFFERENCE_LINES_MAX: usize = 6;

/// The lines of one check result.
#[must_use]
pub fn test_lines(test: &TestResult, paint: Paint) -> Vec<String> {
    let name = printable(&test.name);
    let points = if test.points_max > 0.0 {
        let text = format!(
            "{}/{}",
            show_points(test.points),
            show_points(test.points_max)
        );
        format!("  {}", paint.dim(text))
    } else {
        String::new()
    };
    if test.status == Status::Pass {
        return vec![format!("  {} {name}{points}", paint.good('✓'))];
    }
    let optional = if test.required { "" } else { " (not required)" };
    if let Some(Cause::DependencyFailed { check }) = &test.cause {
        let reason = paint.dim(format!("skipped: needs `{}`", printable(check)));
        return vec![format!("  {} {name}{points}  {reason}", paint.warn('-'))];
    }
    let mut lines = vec![format!("  {} {name}{points}{optional}", paint.bad('✗'))];
    if let Some(cause) = test
        .cause
        .as_ref()
        .filter(|cause| **cause != Cause::WrongAnswer)
    {
        lines.push(format!("      {}", paint.bad(cause_text(cause))));
    }
    push_block(&mut lines, test.message.as_deref(), "");
    if let Some(difference) = &test.difference {
        lines.push(format!(
            "      first difference in line {}:",
            difference.line
        ));
        for text in first_lines(&printable(&difference.expected), DIFFERENCE_LINES_MAX) {
            lines.push(format!(
                "        {}",
                paint.good(format_args!("expected {text}"))
            ));
        }
        for text in first_lines(&printable(&difference.actual), DIFFERENCE_LINES_MAX) {
            lines.push(format!(
                "        {}",
                paint.bad(format_args!("got      {text}"))
            ));
        }
    }
    push_block(&mut lines, test.output.as_deref(), "printed: ");
    push_block(&mut lines, test.author_note.as_deref(), "to the author: ");
    push_block(&mut lines, test.help.as_deref(), "help: ");
    lines
}

fn push_block(lines: &mut Vec<String>, text: Option<&str>, label: &str) {
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return;
    };
    let indent = " ".repeat(label.len());
    for (number, line) in first_lines(&printable(text), MESSAGE_LINES_MAX)
        .iter()
        .enumerate()
    {
        let before = if number == 0 { label } else { &indent };
        lines.push(format!("      {before}{line}"));
    }
}

/// A heading for a step, where a challenge has several.
#[must_use]
pub fn step_heading(title: &str, paint: Paint) -> String {
    paint.strong(printable(title))
}

/// What is told after all checks: the message for the whole, hints, the verdict.
#[must_use]
pub fn summary_lines(document: &ResultDocument, view: View, paint: Paint) -> Vec<String> {
    let mut lines = Vec::new();
    push_block(&mut lines, document.message.as_deref(), "");
    for step in &document.steps {
        push_hints(&mut lines, step, paint);
    }
    for incident in &document.incidents {
        let text = format!("incident {}: {}", incident.kind, incident.detail);
        lines.push(paint.warn(printable(&text)));
    }
    lines.push(verdict_line(document, view, paint));
    let missing: BTreeSet<&str> = document
        .runs
        .iter()
        .flat_map(|run| run.missing_layers.iter().map(String::as_str))
        .collect();
    if !missing.is_empty() {
        let names: Vec<&str> = missing.into_iter().collect();
        lines.push(paint.warn(format_args!(
            "judged without these layers of isolation: {}",
            names.join(", ")
        )));
    }
    lines
}

fn push_hints(lines: &mut Vec<String>, step: &StepResult, paint: Paint) {
    for hint in &step.hints {
        for (number, line) in first_lines(&printable(hint), MESSAGE_LINES_MAX)
            .iter()
            .enumerate()
        {
            let before = if number == 0 { "hint: " } else { "      " };
            lines.push(format!("{}{line}", paint.warn(before)));
        }
    }
}

fn verdict_line(document: &ResultDocument, view: View, paint: Paint) -> String {
    let mut line = String::from("verdict: ");
    let verdict = verdict_text(document.verdict);
    line.push_str(&match document.verdict {
        Verdict::Accepted => paint.good(paint.strong(verdict)),
        Verdict::PlatformFault => paint.warn(paint.strong(verdict)),
        _ => paint.bad(paint.strong(verdict)),
    });
    if let Some(note) = document.cause.as_ref().and_then(cause_note) {
        let _ = write!(line, " ({note})");
    }
    if document.points_max > 0.0 {
        let (points, most) = (
            show_points(document.points),
            show_points(document.points_max),
        );
        let noun = noun(document.points_max, "point", "points");
        let _ = write!(line, " · {points} of {most} {noun}");
    }
    let passed = document
        .tests
        .iter()
        .filter(|test| test.status == Status::Pass)
        .count();
    if !document.tests.is_empty() {
        let checks = number_of(document.tests.len(), "check", "checks");
        let _ = write!(line, " · {passed} of {checks} passed");
    }
    let memory = document
        .runs
        .iter()
        .map(|run| run.usage.memory_peak_bytes)
        .max()
        .unwrap_or(0);
    let time = if view.rounds_time(document) {
        let seconds = document.duration_ms / 1e3;
        format!("at most {seconds:.0} s (rounded up, since checks are hidden)")
    } else {
        show_ms(document.duration_ms)
    };
    let _ = write!(line, " · {}", paint.dim(time));
    if memory > 0 {
        let _ = write!(
            line,
            " · {}",
            paint.dim(format_args!("memory {}", show_bytes(memory)))
        );
    }
    line
}

/// What the cause adds to the verdict that stands before it.
fn cause_note(cause: &Cause) -> Option<String> {
    match cause {
        Cause::WrongAnswer | Cause::MemoryLimit | Cause::OutputLimit | Cause::PlatformFault => None,
        Cause::CompileError { file: None, .. } => None,
        Cause::CompileError { .. } => Some(
            cause_text(cause)
                .trim_start_matches("compile error in ")
                .to_owned(),
        ),
        other => Some(cause_text(other)),
    }
}

/// The verdict in words.
#[must_use]
pub fn verdict_text(verdict: Verdict) -> String {
    verdict.name().replace('_', " ")
}

/// The cause in words.
#[must_use]
pub fn cause_text(cause: &Cause) -> String {
    match cause {
        Cause::WrongAnswer => "wrong answer".to_owned(),
        Cause::CompileError { file, line } => {
            let mut text = String::from("compile error");
            if let Some(file) = file {
                let _ = write!(text, " in {}", printable(file));
            }
            if let Some(line) = line {
                let _ = write!(text, " line {line}");
            }
            text
        }
        Cause::RuntimeError {
            signal: Some(signal),
            ..
        } => format!("ended by signal {signal}"),
        Cause::RuntimeError {
            exit_code: Some(code),
            ..
        } => format!("exit code {code}"),
        Cause::RuntimeError { .. } => "runtime error".to_owned(),
        Cause::TimeLimit { clock: Clock::Cpu } => "processor time ran out".to_owned(),
        Cause::TimeLimit { clock: Clock::Wall } => "wall-clock time ran out".to_owned(),
        Cause::MemoryLimit => "memory ran out".to_owned(),
        Cause::OutputLimit => "too much output".to_owned(),
        Cause::DiskLimit => "disk space ran out".to_owned(),
        Cause::ProcessLimit => "too many processes".to_owned(),
        Cause::ForbiddenSystemCall { name: Some(name) } => {
            format!("forbidden system call `{}`", printable(name))
        }
        Cause::ForbiddenSystemCall { name: None } => "forbidden system call".to_owned(),
        Cause::ResultsForged => "the results are not those of the untouched tests".to_owned(),
        Cause::DependencyFailed { check } => format!("needs `{}`", printable(check)),
        Cause::PlatformFault => "platform fault".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use carrel_model::challenge::Visibility;
    use carrel_model::result::{Difference, EnvironmentUsed};

    use super::*;

    const PLAIN: Paint = Paint { colour: false };

    fn test(status: Status, cause: Option<Cause>) -> TestResult {
        TestResult {
            name: "adds".into(),
            status,
            message: None,
            output: None,
            author_note: None,
            test_code: None,
            task_id: None,
            id: "adds".into(),
            check: "adds".into(),
            step: "one".into(),
            cause,
            help: None,
            points: 0.0,
            points_max: 2.0,
            required: true,
            visibility: Visibility::Always,
            difference: None,
            runs: Vec::new(),
        }
    }

    #[test]
    fn a_pass_is_one_line() {
        let pass = TestResult {
            points: 2.0,
            ..test(Status::Pass, None)
        };
        assert_eq!(test_lines(&pass, PLAIN), ["  ✓ adds  2/2"]);
    }

    #[test]
    fn a_failure_tells_message_difference_output_and_help() {
        let fail = TestResult {
            message: Some("sums are wrong".into()),
            output: Some("\u{1b}[2Jnoise".into()),
            help: Some("look at\nthe sign".into()),
            difference: Some(Difference {
                line: 3,
                expected: "4".into(),
                actual: "5".into(),
            }),
            ..test(Status::Fail, Some(Cause::WrongAnswer))
        };
        let lines = test_lines(&fail, PLAIN);
        assert_eq!(
            lines,
            [
                "  ✗ adds  0/2",
                "      sums are wrong",
                "      first difference in line 3:",
                "        expected 4",
                "        got      5",
                "      printed: \\u{1b}[2Jnoise",
                "      help: look at",
                "            the sign",
            ]
        );
    }

    #[test]
    fn the_verdict_is_not_told_twice() {
        let place = Cause::CompileError {
            file: Some("a.py".into()),
            line: Some(3),
        };
        assert_eq!(cause_note(&place).as_deref(), Some("a.py line 3"));
        assert_eq!(
            cause_note(&Cause::CompileError {
                file: None,
                line: None
            }),
            None
        );
        assert_eq!(cause_note(&Cause::MemoryLimit), None);
        let code = Cause::RuntimeError {
            signal: None,
            exit_code: Some(3),
        };
        assert_eq!(cause_note(&code).as_deref(), Some("exit code 3"));
    }

    #[test]
    fn a_time_that_is_rounded_says_why() {
        let mut document = ResultDocument {
            version: 3,
            status: Status::Pass,
            message: None,
            tests: vec![test(Status::Pass, None)],
            contract_version: 1,
            verdict: Verdict::Accepted,
            cause: None,
            gradable: true,
            points: 2.0,
            points_max: 2.0,
            challenge: "adding".into(),
            environment: EnvironmentUsed {
                name: "host".into(),
                digest: None,
                repeatable: false,
            },
            steps: Vec::new(),
            runs: Vec::new(),
            incidents: Vec::new(),
            duration_ms: 1_000.0,
        };
        let learner = View::Learner { after_due: false };
        let told = |document: &ResultDocument, view| verdict_line(document, view, PLAIN);
        assert!(told(&document, learner).ends_with(" · 1.0 s"));
        document.tests[0].visibility = Visibility::AfterDue;
        let reason = " · at most 1 s (rounded up, since checks are hidden)";
        assert!(told(&document, learner).ends_with(reason));
        document.duration_ms = 217.0;
        assert!(told(&document, learner).ends_with(" · 217 ms"));
        document.duration_ms = 1_000.0;
        assert!(told(&document, View::Author).ends_with(" · 1.0 s"));
        let late = View::Learner { after_due: true };
        assert!(told(&document, late).ends_with(" · 1.0 s"));
    }

    #[test]
    fn a_limit_is_named_and_a_skip_says_what_it_needs() {
        let slow = test(Status::Error, Some(Cause::TimeLimit { clock: Clock::Cpu }));
        assert_eq!(test_lines(&slow, PLAIN)[1], "      processor time ran out");
        let skipped = test(
            Status::Fail,
            Some(Cause::DependencyFailed {
                check: "parse".into(),
            }),
        );
        assert_eq!(
            test_lines(&skipped, PLAIN),
            ["  - adds  0/2  skipped: needs `parse`"]
        );
    }
}
