//! A run whose output is passed on as it comes.
//!
//! The program never gets a descriptor of ours: what it could do to a terminal
//! or a file that it shares with us is too much. It writes into pipes, and
//! threads copy from them. The sandbox does not count what goes through a pipe,
//! so the limit of output is held here: past it the pipe is closed, and the
//! program ends by SIGPIPE as a program does whose reader went away.

use std::io::{self, PipeReader, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use carrel_sandbox::{Report, Spec, Stream};

use crate::failure::Failure;

/// Bytes copied at once.
const CHUNK_BYTES: usize = 32 << 10;

/// A run whose output was passed on.
#[derive(Debug)]
pub struct Relayed {
    /// What the sandbox reports.
    pub report: Report,
    /// More was written than the limit of output allows.
    pub overflow: bool,
    /// Bytes passed on.
    pub relayed_bytes: u64,
}

/// Runs the spec with both output streams passed on to ours, and standard input too where asked.
///
/// # Errors
/// Of the run, or of making the pipes.
pub fn run(
    mut spec: Spec,
    stdin: bool,
    run: &mut dyn FnMut(Spec) -> Result<Report, Failure>,
) -> Result<Relayed, Failure> {
    let count = Arc::new(AtomicU64::new(0));
    let limit = spec.limits.output_bytes;
    let (stdout, far) = pipe()?;
    spec.stdout = Stream::Descriptor(far);
    let stdout = copy(stdout, io::stdout(), Arc::clone(&count), limit);
    let (stderr, far) = pipe()?;
    spec.stderr = Stream::Descriptor(far);
    let stderr = copy(stderr, io::stderr(), Arc::clone(&count), limit);
    if stdin {
        spec.stdin = Stream::Descriptor(feed()?);
    }
    let report = run(spec)?;
    // Every process of the sandbox is gone, and the pipes with them.
    let overflow = [stdout, stderr]
        .into_iter()
        .any(|thread| thread.join().unwrap_or(false));
    let relayed_bytes = count.load(Ordering::Relaxed).min(limit);
    Ok(Relayed {
        report,
        overflow,
        relayed_bytes,
    })
}

fn pipe() -> Result<(PipeReader, OwnedFd), Failure> {
    let (near, far) = io::pipe()
        .map_err(|error| Failure::platform(anyhow::Error::new(error).context("making a pipe")))?;
    Ok((near, OwnedFd::from(far)))
}

/// Copies until the end or the limit; whether the limit was passed.
fn copy(
    mut from: PipeReader,
    mut to: impl Write + Send + 'static,
    count: Arc<AtomicU64>,
    limit: u64,
) -> JoinHandle<bool> {
    std::thread::spawn(move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let length = match from.read(&mut chunk) {
                Ok(0) => return false,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return false,
            };
            let before = count.fetch_add(length as u64, Ordering::Relaxed);
            let left = usize::try_from(limit.saturating_sub(before)).unwrap_or(usize::MAX);
            let kept = &chunk[..length.min(left)];
            // Our reader went away: so has the program's.
            if to.write_all(kept).and_then(|()| to.flush()).is_err() {
                return false;
            }
            if kept.len() < length {
                return true;
            }
        }
    })
}

/// A pipe that carries our standard input. Its thread is left behind where the
/// program ends before its input does; it ends with this process.
fn feed() -> Result<OwnedFd, Failure> {
    let failed = |error| Failure::platform(anyhow::Error::new(error).context("making a pipe"));
    let (near, mut far) = io::pipe().map_err(failed)?;
    std::thread::spawn(move || {
        let mut chunk = vec![0; CHUNK_BYTES];
        while let Ok(length @ 1..) = io::stdin().read(&mut chunk) {
            if far.write_all(&chunk[..length]).is_err() {
                break;
            }
        }
    });
    Ok(OwnedFd::from(near))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::tests::Shared;

    fn copied(text: &[u8], limit: u64) -> (bool, String, u64) {
        let (near, mut far) = io::pipe().unwrap();
        let shared = Shared::default();
        let count = Arc::new(AtomicU64::new(0));
        let thread = copy(near, shared.clone(), Arc::clone(&count), limit);
        far.write_all(text).unwrap();
        drop(far);
        (
            thread.join().unwrap(),
            shared.text(),
            count.load(Ordering::Relaxed),
        )
    }

    #[test]
    fn all_is_passed_on_up_to_the_limit() {
        assert_eq!(copied(b"hello", 5), (false, "hello".into(), 5));
        assert_eq!(copied(b"hello!", 5), (true, "hello".into(), 6));
        assert_eq!(copied(b"", 5), (false, String::new(), 0));
    }
}
