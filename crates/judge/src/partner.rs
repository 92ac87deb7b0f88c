//! An execution that somebody talks with while it runs.
//!
//! Its streams are pipes of ours in place of the keeper's, so that what the program
//! writes is told at once, and its input stays open. As an interactive check it has no
//! journal: it dies with us.

use std::fs::Permissions;
use std::io::{self, PipeReader, PipeWriter, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use carrel_model::execution::{OutputStream, Stage, StageResult};
use carrel_sandbox::{Ending, Limit, ORDER_PARTS_MAX, Output, Part, Report, Spec, Stream};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::error::Error;
use crate::sandboxes::Sandboxes;

/// Bytes read at once: as many as a pipe holds.
const READ_BYTES: usize = 64 << 10;

/// What ends a run, in place of a signal's number.
const STOP: u8 = 0;

/// Whoever talks with a program while it runs.
pub trait Partner: Sync {
    /// A stage begins.
    fn begins(&self, stage: Stage);

    /// The run is about to start: its standard input, which ends when `input` is dropped,
    /// and what ends the run.
    fn meets(&self, input: PipeWriter, stop: Stop);

    /// The program wrote. It waits while this takes its time, and its clocks go on.
    fn hears(&self, stream: OutputStream, bytes: &[u8]);

    /// A stage ended.
    fn ended(&self, stage: Stage, result: &StageResult);
}

/// Ends a run from outside, or signals its program.
#[derive(Debug, Clone)]
pub struct Stop {
    pipe: Arc<PipeWriter>,
    why: Arc<Mutex<Option<Ending>>>,
}

impl Stop {
    fn new(pipe: PipeWriter) -> Self {
        Self {
            pipe: Arc::new(pipe),
            why: Arc::default(),
        }
    }

    /// Ends the run, which is told as ended by this signal. The first word counts.
    pub fn stop(&self, signal: i32) {
        self.end_by(Ending::Signalled(signal));
    }

    /// Sends the program a signal (1 to 64), which it may handle.
    pub fn signal(&self, signal: u8) {
        if signal != STOP {
            // A run that is over has closed its end.
            let _ = (&*self.pipe).write(&[signal]);
        }
    }

    fn end_by(&self, ending: Ending) {
        let mut why = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        if why.is_none() {
            *why = Some(ending);
            // A run that is over has closed its end.
            let _ = (&*self.pipe).write(&[STOP]);
        }
    }

    fn why(&self) -> Option<Ending> {
        let why = self.why.lock().unwrap_or_else(PoisonError::into_inner);
        why.clone()
    }
}

/// Runs a spec whose streams are captured; its partner hears and feeds it.
///
/// # Errors
/// A platform fault.
pub(crate) fn run(
    sandboxes: &dyn Sandboxes,
    environment: &str,
    mut spec: Spec,
    partner: &dyn Partner,
) -> Result<Report, Error> {
    let failed = |source| Error::File {
        doing: "making a pipe for",
        path: "a conversation".into(),
        source,
    };
    let pipes = Pipes::make(&mut spec).map_err(failed)?;
    let Pipes {
        stdin,
        stop,
        stdout,
        stderr,
    } = pipes;
    let (over, ends) = io::pipe().map_err(failed)?;
    let limit = usize::try_from(spec.limits.output_bytes).unwrap_or(usize::MAX);
    let mut ear = Ear {
        sources: [Some(stdout), stderr],
        kept: [Vec::new(), Vec::new()],
        order: Vec::new(),
        limit,
        truncated: false,
        stop: stop.clone(),
        partner,
    };
    partner.meets(stdin, stop.clone());
    let report = thread::scope(|scope| {
        let hearing = scope.spawn(|| ear.hear(&over));
        let report = sandboxes.run(environment, spec);
        // What is on its way is still heard.
        drop(ends);
        match hearing.join() {
            Ok(heard) => heard.map_err(failed).and(report),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    Ok(ear.complete(report))
}

/// Our ends of a program's streams.
struct Pipes {
    stdin: PipeWriter,
    stop: Stop,
    stdout: PipeReader,
    stderr: Option<PipeReader>,
}

impl Pipes {
    fn make(spec: &mut Spec) -> io::Result<Self> {
        let (input, stdin) = open_pipe()?;
        spec.stdin = Stream::Descriptor(input.into());
        let (stdout, output) = open_pipe()?;
        spec.stdout = Stream::Descriptor(output.into());
        let stderr = if matches!(spec.stderr, Stream::Capture) {
            let (stderr, output) = open_pipe()?;
            spec.stderr = Stream::Descriptor(output.into());
            Some(stderr)
        } else {
            None
        };
        let (stopped, pipe) = io::pipe()?;
        spec.stop = Some(stopped.into());
        Ok(Self {
            stdin,
            stop: Stop::new(pipe),
            stdout,
            stderr,
        })
    }
}

/// A pipe that the program may open anew by name, as `/dev/stdin` and the like: it runs as another user.
fn open_pipe() -> io::Result<(PipeReader, PipeWriter)> {
    let (reader, writer) = io::pipe()?;
    let writer = std::fs::File::from(OwnedFd::from(writer));
    writer.set_permissions(Permissions::from_mode(0o666))?;
    Ok((reader, OwnedFd::from(writer).into()))
}

const STREAMS: [OutputStream; 2] = [OutputStream::Stdout, OutputStream::Stderr];

/// Hears both streams, tells them, and keeps as much as the sandbox would have.
struct Ear<'a> {
    sources: [Option<PipeReader>; 2],
    kept: [Vec<u8>; 2],
    order: Vec<Part>,
    limit: usize,
    truncated: bool,
    stop: Stop,
    partner: &'a dyn Partner,
}

impl Ear<'_> {
    /// Until both streams have ended, or the run is over and nothing is left in them:
    /// their writing end may be on its way through a socket that nobody holds any more.
    fn hear(&mut self, over: &PipeReader) -> io::Result<()> {
        let mut buffer = vec![0; READ_BYTES];
        let mut is_over = false;
        while self.sources.iter().any(Option::is_some) {
            let ready = self.wait(over, is_over)?;
            let mut heard = false;
            for (index, ready) in ready[..2].iter().enumerate() {
                if *ready {
                    heard = true;
                    self.read(index, &mut buffer)?;
                }
            }
            if is_over && !heard {
                break;
            }
            is_over |= ready[2];
        }
        Ok(())
    }

    /// Which of the streams have something, and whether the run is over.
    fn wait(&self, over: &PipeReader, is_over: bool) -> io::Result<[bool; 3]> {
        let mut polled = Vec::with_capacity(3);
        let mut which = Vec::with_capacity(3);
        let streams = self.sources.iter().map(|source| source.as_ref());
        let ends = [(!is_over).then_some(over)];
        for (index, source) in streams.chain(ends).enumerate() {
            if let Some(source) = source {
                polled.push(PollFd::from_borrowed_fd(source.as_fd(), PollFlags::IN));
                which.push(index);
            }
        }
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        match poll(&mut polled, is_over.then_some(&now)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut ready = [false; 3];
        for (polled, index) in polled.iter().zip(which) {
            ready[index] = !polled.revents().is_empty();
        }
        Ok(ready)
    }

    fn read(&mut self, index: usize, buffer: &mut [u8]) -> io::Result<()> {
        let Some(source) = &mut self.sources[index] else {
            return Ok(());
        };
        let count = match io::Read::read(source, buffer) {
            Ok(0) => {
                self.sources[index] = None;
                return Ok(());
            }
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(error),
        };
        let kept_so_far: usize = self.kept.iter().map(Vec::len).sum();
        let kept = &buffer[..count.min(self.limit - kept_so_far)];
        if !kept.is_empty() {
            self.kept[index].extend_from_slice(kept);
            self.note_order(index, kept.len() as u64);
            self.partner.hears(STREAMS[index], kept);
        }
        if kept.len() < count {
            self.truncated = true;
            self.stop.end_by(Ending::Limit(Limit::Output));
        }
        Ok(())
    }

    fn note_order(&mut self, index: usize, bytes: u64) {
        let stream = match STREAMS[index] {
            OutputStream::Stdout => carrel_sandbox::OutputStream::Stdout,
            OutputStream::Stderr => carrel_sandbox::OutputStream::Stderr,
        };
        let full = self.order.len() == ORDER_PARTS_MAX;
        match self.order.last_mut() {
            Some(last) if last.stream == stream => last.bytes += bytes,
            _ if full => {}
            _ => self.order.push(Part { stream, bytes }),
        }
    }

    /// The report as the sandbox would have given it, had it held the streams.
    fn complete(self, mut report: Report) -> Report {
        if report.ending == Ending::Stopped
            && let Some(why) = self.stop.why()
        {
            report.ending = why;
        }
        let [stdout, stderr] = self.kept.map(|bytes| Output {
            bytes,
            truncated: self.truncated,
        });
        report.usage.output_bytes = (stdout.bytes.len() + stderr.bytes.len()) as u64;
        report.stdout = stdout;
        report.stderr = stderr;
        report.order = self.order;
        report
    }
}
