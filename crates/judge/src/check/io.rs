//! Input and expected output.

use carrel_model::challenge::Io;
use carrel_sandbox::{FileInput, Stream};

use super::comparator::compare;
use super::{CheckOutcome, Context};
use crate::cause;
use crate::error::Error;
use crate::program::{read_file, read_files, read_only};

/// Runs the program on the input and compares what it printed.
///
/// # Errors
/// A platform fault, or the check can not be run as it is written.
pub(crate) fn run(context: &Context<'_>, io: &Io) -> Result<CheckOutcome, Error> {
    let limits = context.limits();
    let mut spec = context
        .program
        .spec(&io.arguments, data_files(context, io)?, &limits);
    if let Some(input) = &io.input {
        spec.stdin = Stream::Bytes(read_file(context.challenge, input)?);
    }
    let answer = read_file(context.challenge, &io.answer)?;
    let report = context.sandboxes.run(&context.program.environment, spec)?;
    context.refuse_missing_command(context.program, &report)?;
    let outcome = match cause::of_report(&report, &limits, io.exit_code) {
        Some(ended) => CheckOutcome::ended(ended, &report),
        None => match compare(&io.comparator, &answer, &report.stdout.bytes) {
            None => CheckOutcome::pass(),
            Some(mismatch) => CheckOutcome {
                difference: Some(mismatch.difference),
                ..CheckOutcome::wrong(mismatch.message)
            },
        },
    };
    Ok(outcome
        .with_output(&report.stdout.bytes)
        .with_run("check", report))
}

fn data_files(context: &Context<'_>, io: &Io) -> Result<Vec<FileInput>, Error> {
    let files = read_files(context.challenge, &io.files)?;
    Ok(files
        .into_iter()
        .map(|(path, content)| read_only(&path, content))
        .collect())
}

#[cfg(test)]
mod tests {
    use carrel_model::challenge::{CheckKind, Comparator};
    use carrel_model::{Cause, Limits};
    use carrel_sandbox::{Ending, Limit, Report};

    use super::*;
    use crate::compile::Compiler;
    use crate::compile_cache::CompileCache;
    use crate::fixture::{challenge, check};
    use crate::program::Ready;
    use crate::scripted::{Scripted, report};

    fn outcome_of(answer: Report) -> Result<CheckOutcome, Error> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("1.ans");
        std::fs::write(&path, "3\n").unwrap();
        let challenge = challenge();
        let mut check = check("a", "one");
        let CheckKind::Io(io) = &mut check.kind else {
            unreachable!()
        };
        io.answer = path;
        io.comparator = Comparator::Lines {
            case_sensitive: true,
        };
        let io = io.clone();
        let sandboxes = Scripted::new([answer]);
        let cache = CompileCache::in_memory();
        let compiler = Compiler::new(&sandboxes, &cache);
        let program = Ready {
            environment: "python".to_owned(),
            argv: vec!["python3".to_owned()],
            files: Vec::new(),
            limits: Limits::default(),
            loopback: false,
        };
        let context = Context {
            challenge: &challenge,
            check: &check,
            program: &program,
            sandboxes: &sandboxes,
            compiler: &compiler,
        };
        run(&context, &io)
    }

    fn printing(text: &str, exit_code: i32) -> Report {
        let mut done = report(exit_code);
        done.stdout.bytes = text.as_bytes().to_vec();
        done
    }

    #[test]
    fn the_right_answer_passes_a_wrong_one_tells_the_line() {
        assert!(outcome_of(printing("3", 0)).unwrap().passed());
        let wrong = outcome_of(printing("4", 0)).unwrap();
        assert_eq!(wrong.cases[0].cause, Some(Cause::WrongAnswer));
        assert_eq!(wrong.difference.unwrap().actual, "4");
        assert_eq!(wrong.cases[0].output.as_deref(), Some("4"));
    }

    #[test]
    fn a_crash_after_the_right_answer_does_not_pass() {
        let crashed = outcome_of(printing("3", 1)).unwrap();
        assert!(!crashed.passed());
        let cause = Cause::RuntimeError {
            signal: None,
            exit_code: Some(1),
        };
        assert_eq!(crashed.cases[0].cause, Some(cause));
        let stopped = outcome_of(Report::of(Ending::Limit(Limit::Output))).unwrap();
        assert_eq!(stopped.cases[0].cause, Some(Cause::OutputLimit));
    }

    #[test]
    fn a_missing_interpreter_is_the_authors_fault() {
        let ending = Ending::NotStarted("no such file".to_owned());
        let error = outcome_of(Report::of(ending)).unwrap_err();
        assert!(matches!(error, Error::Challenge { problem, .. } if problem.contains("`python3`")));
    }
}
