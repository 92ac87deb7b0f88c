//! Output judged by a program of the author's, in its own sandbox.

use carrel_model::challenge::Validator;
use carrel_model::quantity::number_of;
use carrel_sandbox::{FileInput, Report, Stream};

use super::{CheckOutcome, Context, feedback};
use crate::cause;
use crate::check::feedback::Feedback;
use crate::error::Error;
use crate::program::{Ready, prepare_program, read_file, read_files, read_only};

/// What every pass of a check shares.
pub(crate) struct Passes<'a> {
    pub(crate) validator: &'a Validator,
    pub(crate) program: Ready,
    pub(crate) answer: Vec<u8>,
    pub(crate) files: Vec<FileInput>,
}

/// One pass: its outcome unless another pass follows.
pub(crate) enum Pass {
    /// The check has its result.
    Done(CheckOutcome),
    /// The validator accepted so far.
    Judged(Feedback),
}

/// A pass over an input and the feedback directory of the passes before; adds the runs it made.
pub(crate) type RunPass<'a> = &'a mut dyn FnMut(
    &Passes<'_>,
    &[u8],
    &[FileInput],
    &mut Vec<(&'static str, Report)>,
) -> Result<Pass, Error>;

/// Runs the program on the input, then the validator on what it printed.
///
/// # Errors
/// A platform fault, or a validator that fails.
pub(crate) fn run(context: &Context<'_>, validator: &Validator) -> Result<CheckOutcome, Error> {
    run_passes(context, validator, &mut |passes, input, kept, runs| {
        run_pass(context, passes, Input { input, kept }, runs)
    })
}

/// Repeats passes as long as the validator asks for another one.
///
/// # Errors
/// As of a pass; more passes than the author allows.
pub(crate) fn run_passes(
    context: &Context<'_>,
    validator: &Validator,
    run_pass: RunPass<'_>,
) -> Result<CheckOutcome, Error> {
    let challenge = context.challenge;
    let read = |path: &Option<std::path::PathBuf>| {
        path.as_ref()
            .map_or(Ok(Vec::new()), |path| read_file(challenge, path))
    };
    let files = read_files(challenge, &validator.files)?;
    let passes = Passes {
        validator,
        program: prepare_program(challenge, &validator.program, context.compiler)?,
        answer: read(&validator.answer)?,
        files: files
            .into_iter()
            .map(|(path, content)| read_only(&path, content))
            .collect(),
    };
    let mut input = read(&validator.input)?;
    let mut kept = Vec::new();
    let mut runs = Vec::new();
    for _ in 0..validator.passes_max.max(1) {
        let mut outcome = match run_pass(&passes, &input, &kept, &mut runs)? {
            Pass::Done(outcome) => outcome,
            Pass::Judged(feedback) => {
                if let Some(next) = feedback.next_pass {
                    input = next;
                    kept = feedback.files;
                    continue;
                }
                feedback::outcome(&feedback)
            }
        };
        for (purpose, report) in runs {
            outcome = outcome.with_run(purpose, report);
        }
        return Ok(outcome);
    }
    Err(context.author_fault(&format!(
        "its validator asked for more than {} (nextpass.in)",
        number_of(validator.passes_max, "pass", "passes")
    )))
}

struct Input<'a> {
    input: &'a [u8],
    kept: &'a [FileInput],
}

fn run_pass(
    context: &Context<'_>,
    passes: &Passes<'_>,
    given: Input<'_>,
    runs: &mut Vec<(&'static str, Report)>,
) -> Result<Pass, Error> {
    let limits = context.limits();
    let mut spec = context
        .program
        .spec(&passes.validator.arguments, passes.files.clone(), &limits);
    spec.stdin = Stream::Bytes(given.input.to_vec());
    let report = context.sandboxes.run(&context.program.environment, spec)?;
    context.refuse_missing_command(context.program, &report)?;
    let output = report.stdout.bytes.clone();
    if let Some(ended) = cause::of_report(&report, &limits, 0) {
        let outcome = CheckOutcome::ended(ended, &report).with_output(&output);
        runs.push(("check", report));
        return Ok(Pass::Done(outcome));
    }
    runs.push(("check", report));
    let report = run_validator(context, passes, &given, output.clone())?;
    let scoring = passes.validator.scoring;
    let feedback = feedback::read(context, &passes.program.limits, &report, scoring)?;
    runs.push(("validator", report));
    if feedback.next_pass.is_some() {
        return Ok(Pass::Judged(feedback));
    }
    Ok(Pass::Done(
        feedback::outcome(&feedback).with_output(&output),
    ))
}

fn run_validator(
    context: &Context<'_>,
    passes: &Passes<'_>,
    given: &Input<'_>,
    output: Vec<u8>,
) -> Result<Report, Error> {
    let program = &passes.program;
    let arguments = feedback::arguments(&passes.validator.program.arguments);
    let files = feedback::inputs(given.input, &passes.answer, given.kept);
    let mut spec = program.spec(&arguments, files, &program.limits);
    spec.stdin = Stream::Bytes(output);
    spec.collect = vec![feedback::DIRECTORY.to_owned()];
    spec.collect_bytes_max = feedback::BYTES_MAX;
    let report = context.sandboxes.run(&program.environment, spec)?;
    context.refuse_missing_command(program, &report)?;
    Ok(report)
}
