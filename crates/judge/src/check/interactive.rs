//! A program of the author's that talks with the learner's: two sandboxes, standard input and output crossed.
//!
//! Who ended first decides, as with Kattis's interactive runner. The caller
//! holds ends of both pipes itself, so that the end of one program is seen by
//! the other only after its report is here:
//! * the end where the learner's program writes is closed when it has ended: the validator then reads end of file;
//! * what the validator writes is passed on, so that its closing its output ends the
//!   learner's input at once, but its own end does so only after its report is here;
//! * the end where the validator reads is closed when it has ended first without
//!   accepting: the learner's program may then die of the broken pipe, and is
//!   not blamed for it, because the validator's word stands;
//! * a program that runs on after the validator has rejected it, or has broken, is
//!   ended after a moment for its own exit. One that was accepted has its own limits left:
//!   it may still be too slow;
//! * a program that only closes its output has not ended: the validator waits for its exit,
//!   and sleeping on is a matter of its time limit;
//! * what the validator writes to a program that has gone is read and thrown away:
//!   it is neither ended nor kept waiting by that, up to its output limit.

use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use carrel_model::Limits;
use carrel_model::challenge::Interactive;
use carrel_sandbox::{Ending, Limit, Report, Spec, Stream};

use super::validator::{Pass, Passes, run_passes};
use super::{CheckOutcome, Context, feedback};
use crate::cause;
use crate::error::Error;

/// Time that the validator gets beyond the learner's, so that the learner's own limit ends first, milliseconds.
const VALIDATOR_GRACE_MS: u64 = 2_000;
/// Longest that the end of a validator's output waits for the report that it has ended, milliseconds.
const ENDING_GRACE_MS: u64 = 200;
/// Time that a program gets to end by itself after the validator has rejected it, milliseconds.
const STOP_GRACE_MS: u64 = 300;
/// Bytes passed on at once: the capacity of a pipe.
const PASSED_BYTES: usize = 64 << 10;

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
    /// The validator wrote without end to a program that has gone, and was ended.
    flooded: bool,
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
    validator_reads: Option<PipeReader>,
    learner_writes: Option<PipeWriter>,
    /// Closing it ends the learner's program.
    stop_learner: Option<PipeWriter>,
    /// The validator has ended without accepting, or nothing will come of the whole.
    is_over: bool,
}

fn talk(
    context: &Context<'_>,
    passes: &Passes<'_>,
    mut validator: Spec,
    mut learner: Spec,
) -> Result<Talk, Error> {
    let unread_max = validator.limits.output_bytes;
    let (mut ends, passage) =
        cross(&mut validator, &mut learner).map_err(|source| Error::File {
            doing: "making a pipe for",
            path: "an interactive check".into(),
            source,
        })?;
    let sandboxes = context.sandboxes;
    let environments = [&passes.program.environment, &context.program.environment];
    let (told, results) = mpsc::channel();
    let (validator_ended, ending) = mpsc::channel();
    let (first, outcomes, flooded) = thread::scope(|scope| {
        let jobs = [(Side::Validator, validator), (Side::Learner, learner)];
        for ((side, spec), environment) in jobs.into_iter().zip(environments) {
            let told = told.clone();
            scope.spawn(move || {
                // The receiver stays until both have told.
                let _ = told.send((side, sandboxes.run(environment, spec)));
            });
        }
        drop(told);
        let passing = scope.spawn(move || passage.run(&ending, unread_max));
        let mut first = None;
        let mut outcomes = Vec::new();
        while let Some((side, outcome)) = ends.next_result(&results) {
            let is_first = first.is_none();
            first.get_or_insert(side);
            ends.close_after(side, &outcome, is_first);
            if side == Side::Validator {
                // Nobody waits for it where the validator had closed its output long before.
                let _ = validator_ended.send(());
            }
            outcomes.push((side, outcome));
        }
        let flooded = match passing.join() {
            Ok(flooded) => flooded,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        (first, outcomes, flooded)
    });
    let (mut of_validator, mut of_learner) = (None, None);
    for (side, outcome) in outcomes {
        match side {
            Side::Validator => of_validator = Some(outcome?),
            Side::Learner => of_learner = Some(outcome?),
        }
    }
    match (of_validator, of_learner, first) {
        (Some(validator), Some(learner), Some(first)) => {
            context.refuse_missing_command(&passes.program, &validator)?;
            context.refuse_missing_command(context.program, &learner)?;
            Ok(Talk {
                validator,
                learner,
                first,
                flooded,
            })
        }
        // Both threads send exactly once unless one of them panicked, and then the scope has panicked too.
        _ => Err(context.author_fault("its two programs did not both report")),
    }
}

/// Joins the two specs by pipes and keeps what it takes to end and pass on.
fn cross(validator: &mut Spec, learner: &mut Spec) -> std::io::Result<(Ends, Passage)> {
    let (learner_reads, to_learner) = std::io::pipe()?;
    let (from_validator, validator_writes) = std::io::pipe()?;
    let (validator_reads, learner_writes) = std::io::pipe()?;
    let give = |descriptor: OwnedFd| Stream::Descriptor(descriptor);
    validator.stdin = give(validator_reads.try_clone()?.into());
    validator.stdout = give(validator_writes.into());
    learner.stdin = give(learner_reads.into());
    learner.stdout = give(learner_writes.try_clone()?.into());
    let (stop, stop_learner) = std::io::pipe()?;
    learner.stop = Some(stop.into());
    let ends = Ends {
        validator_reads: Some(validator_reads),
        learner_writes: Some(learner_writes),
        stop_learner: Some(stop_learner),
        is_over: false,
    };
    let passage = Passage {
        from_validator,
        to_learner,
    };
    Ok((ends, passage))
}

/// Passes on what the validator writes.
struct Passage {
    from_validator: PipeReader,
    to_learner: PipeWriter,
}

impl Passage {
    /// Until the validator has closed its output; then waits a little for the word that it has ended.
    /// Whether it was cut off after so many bytes that nobody read.
    fn run(mut self, ending: &mpsc::Receiver<()>, unread_max: u64) -> bool {
        let mut buffer = vec![0; PASSED_BYTES];
        let mut listened_to = true;
        let mut unread = 0;
        while unread <= unread_max {
            match self.from_validator.read(&mut buffer) {
                Ok(0) => break,
                // To a program that has gone, or has closed its input: thrown away.
                Ok(count) if listened_to => {
                    listened_to = self.to_learner.write_all(&buffer[..count]).is_ok();
                }
                Ok(count) => unread += count as u64,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        if unread > unread_max {
            return true;
        }
        // Whether it came or not, the learner's input ends now.
        let _ = ending.recv_timeout(Duration::from_millis(ENDING_GRACE_MS));
        false
    }
}

/// What a program did, as its thread tells it.
type Told = (Side, Result<Report, Error>);

impl Ends {
    /// The next of the two to end; `None` after both. Once the learner's program can change
    /// nothing any more it gets a moment to end by itself, and is ended then.
    fn next_result(&mut self, results: &mpsc::Receiver<Told>) -> Option<Told> {
        if self.is_over {
            match results.recv_timeout(Duration::from_millis(STOP_GRACE_MS)) {
                Err(mpsc::RecvTimeoutError::Timeout) => self.stop_learner = None,
                told => return told.ok(),
            }
        }
        results.recv().ok()
    }

    /// Lets the other program know that this one has ended.
    fn close_after(&mut self, side: Side, outcome: &Result<Report, Error>, is_first: bool) {
        let accepted = matches!(outcome, Ok(report) if report.ending == Ending::Exited(42));
        let not_accepted_first = side == Side::Validator && is_first && !accepted;
        self.is_over |= not_accepted_first || outcome.is_err();
        match side {
            Side::Validator => {
                if !(accepted && is_first) {
                    self.validator_reads = None;
                }
            }
            Side::Learner => self.learner_writes = None,
        }
        if outcome.is_err() {
            // There will be no verdict: the other one shall end soon.
            self.validator_reads = None;
            self.learner_writes = None;
        }
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
    if talk.flooded && talk.first == Side::Learner {
        let message = "the program ended before it had read all that was said to it";
        return Ok(Pass::Done(match learner_ended {
            Some(ended) => CheckOutcome::ended(ended, &talk.learner),
            None => CheckOutcome::wrong(message.to_owned()),
        }));
    }
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
    Err(context.author_fault(
        "its validator did not end after the learner's program had ended; \
         it must take the end of its input as the end of the conversation",
    ))
}
