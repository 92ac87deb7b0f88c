//! A program of the author's that talks with the learner's: two sandboxes, standard input and output crossed.
//!
//! Who ended first decides, as with Kattis's interactive runner. The caller
//! holds ends of both pipes itself, so that the end of one program is seen by
//! the other only after its report is here:
//! * the writing ends are closed when their program has ended: the other one then reads end of file;
//! * the end where the validator reads is closed when it has ended first without
//!   accepting: the learner's program may then die of the broken pipe, and is
//!   not blamed for it, because the validator's word stands;
//! * the end where the learner's program reads is held to the last: a validator
//!   that still writes to a program that has gone is not ended by that.

use std::io::{PipeReader, PipeWriter, Read as _};
use std::os::fd::OwnedFd;
use std::sync::mpsc;
use std::thread;

use carrel_model::Limits;
use carrel_model::challenge::Interactive;
use carrel_sandbox::{Ending, Limit, Report, Spec, Stream};

use super::validator::{Pass, Passes, run_passes};
use super::{CheckOutcome, Context, feedback};
use crate::cause;
use crate::error::Error;

/// Time that the validator gets beyond the learner's, so that the learner's own limit ends first, milliseconds.
const VALIDATOR_GRACE_MS: u64 = 2_000;
/// A pipe with at least so many unread bytes had its writer waiting (capacity 64 KiB, written a page at a time).
const FULL_PIPE_BYTES: usize = 60 << 10;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Validator,
    Learner,
}

/// What the two did.
struct Talk {
    validator: Report,
    learner: Report,
    first: Side,
    /// Bytes for the learner's program that it never read.
    unread: usize,
}

/// Runs both programs against each other.
///
/// # Errors
/// A platform fault, or a validator that fails.
pub(crate) fn run(context: &Context<'_>, interactive: &Interactive) -> Result<CheckOutcome, Error> {
    run_passes(
        context,
        &interactive.validator,
        &mut |passes, input, kept, runs| {
            let limits = context.limits();
            let own = &passes.program.limits;
            let wall_ms = own.wall_ms.max(limits.wall_ms + VALIDATOR_GRACE_MS);
            let validator_limits = Limits { wall_ms, ..*own };
            let arguments = feedback::arguments(&passes.validator.program.arguments);
            let files = feedback::inputs(input, &passes.answer, kept);
            let mut validator = passes.program.spec(&arguments, files, &validator_limits);
            validator.collect = vec![feedback::DIRECTORY.to_owned()];
            validator.collect_bytes_max = feedback::BYTES_MAX;
            let learner =
                context
                    .program
                    .spec(&passes.validator.arguments, passes.files.clone(), &limits);
            let talk = talk(context, passes, validator, learner)?;
            let pass = judge(context, passes, &talk, &limits);
            runs.push(("check", talk.learner));
            runs.push(("validator", talk.validator));
            pass
        },
    )
}

/// Our ends of the two pipes.
struct Ends {
    /// Where the learner's program reads what the validator writes.
    learner_reads: PipeReader,
    validator_writes: Option<PipeWriter>,
    validator_reads: Option<PipeReader>,
    learner_writes: Option<PipeWriter>,
}

fn talk(
    context: &Context<'_>,
    passes: &Passes<'_>,
    mut validator: Spec,
    mut learner: Spec,
) -> Result<Talk, Error> {
    let mut ends = cross(&mut validator, &mut learner).map_err(|source| Error::File {
        doing: "making a pipe for",
        path: "an interactive check".into(),
        source,
    })?;
    let sandboxes = context.sandboxes;
    let environments = [&passes.program.environment, &context.program.environment];
    let (told, results) = mpsc::channel();
    let (first, outcomes) = thread::scope(|scope| {
        let jobs = [(Side::Validator, validator), (Side::Learner, learner)];
        for ((side, spec), environment) in jobs.into_iter().zip(environments) {
            let told = told.clone();
            scope.spawn(move || {
                // The receiver stays until both have told.
                let _ = told.send((side, sandboxes.run(environment, spec)));
            });
        }
        drop(told);
        let mut first = None;
        let mut outcomes = Vec::new();
        for (side, outcome) in &results {
            let is_first = first.is_none();
            first.get_or_insert(side);
            ends.close_after(side, &outcome, is_first);
            outcomes.push((side, outcome));
        }
        (first, outcomes)
    });
    let (mut of_validator, mut of_learner) = (None, None);
    for (side, outcome) in outcomes {
        match side {
            Side::Validator => of_validator = Some(outcome?),
            Side::Learner => of_learner = Some(outcome?),
        }
    }
    let unread = ends.count_unread();
    match (of_validator, of_learner, first) {
        (Some(validator), Some(learner), Some(first)) => {
            context.refuse_missing_command(&passes.program, &validator)?;
            context.refuse_missing_command(context.program, &learner)?;
            Ok(Talk {
                validator,
                learner,
                first,
                unread,
            })
        }
        // Both threads send exactly once unless one of them panicked, and then the scope has panicked too.
        _ => Err(context.author_fault("its two programs did not both report")),
    }
}

/// Joins the two specs by pipes and keeps a copy of each end.
fn cross(validator: &mut Spec, learner: &mut Spec) -> std::io::Result<Ends> {
    let (learner_reads, validator_writes) = std::io::pipe()?;
    let (validator_reads, learner_writes) = std::io::pipe()?;
    let give = |descriptor: OwnedFd| Stream::Descriptor(descriptor);
    validator.stdin = give(validator_reads.try_clone()?.into());
    validator.stdout = give(validator_writes.try_clone()?.into());
    learner.stdin = give(learner_reads.try_clone()?.into());
    learner.stdout = give(learner_writes.try_clone()?.into());
    Ok(Ends {
        learner_reads,
        validator_writes: Some(validator_writes),
        validator_reads: Some(validator_reads),
        learner_writes: Some(learner_writes),
    })
}

impl Ends {
    /// Lets the other program know that this one has ended.
    fn close_after(&mut self, side: Side, outcome: &Result<Report, Error>, is_first: bool) {
        let accepted = matches!(
            outcome,
            Ok(Report {
                ending: Ending::Exited(42),
                ..
            })
        );
        match side {
            Side::Validator => {
                self.validator_writes = None;
                if !(accepted && is_first) {
                    self.validator_reads = None;
                }
            }
            Side::Learner => self.learner_writes = None,
        }
        if outcome.is_err() {
            // There will be no verdict: the other one shall end soon.
            self.validator_writes = None;
            self.validator_reads = None;
            self.learner_writes = None;
        }
    }

    /// After both have ended: what the learner's program left unread.
    fn count_unread(mut self) -> usize {
        self.validator_writes = None;
        let mut rest = Vec::new();
        // Every writing end is closed by now, so that this can not block.
        let _ = self.learner_reads.read_to_end(&mut rest);
        rest.len()
    }
}

/// Whose word stands, in the order of Kattis's runner.
fn judge(
    context: &Context<'_>,
    passes: &Passes<'_>,
    talk: &Talk,
    limits: &Limits,
) -> Result<Pass, Error> {
    let learner_ended = cause::of_report(&talk.learner, limits, 0);
    let scoring = passes.validator.scoring;
    let own = &passes.program.limits;
    let rejected_first =
        talk.first == Side::Validator && talk.validator.ending == Ending::Exited(43);
    if talk.validator.ending == Ending::Limit(Limit::Wall) {
        return waited_too_long(context, talk, learner_ended);
    }
    let feedback = feedback::read(context, own, &talk.validator, scoring);
    if !rejected_first && let Some(ended) = learner_ended {
        let mut outcome = CheckOutcome::ended(ended, &talk.learner);
        outcome.author_note = match (talk.first, feedback) {
            // What the validator made of the sudden silence changes nothing.
            (Side::Learner, Err(_)) => None,
            (_, feedback) => feedback?.judge_message,
        };
        return Ok(Pass::Done(outcome));
    }
    let feedback = feedback?;
    if feedback.next_pass.is_some() {
        return Ok(Pass::Judged(feedback));
    }
    Ok(Pass::Done(feedback::outcome(&feedback)))
}

/// The validator did not end: because of the learner's program, or by itself.
fn waited_too_long(
    context: &Context<'_>,
    talk: &Talk,
    learner_ended: Option<cause::Ended>,
) -> Result<Pass, Error> {
    if let Some(ended) = learner_ended {
        return Ok(Pass::Done(CheckOutcome::ended(ended, &talk.learner)));
    }
    if talk.first == Side::Learner && talk.unread >= FULL_PIPE_BYTES {
        let message = "the program ended before it had read all that was said to it";
        return Ok(Pass::Done(CheckOutcome::wrong(message.to_owned())));
    }
    Err(context.author_fault(
        "its validator did not end after the learner's program had ended; \
         it must take the end of its input as the end of the conversation",
    ))
}
