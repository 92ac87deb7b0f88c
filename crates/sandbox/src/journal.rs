//! Runs that outlive their caller: the keeper writes the report of a run with
//! a journal into that file, and goes on when its caller dies.
//!
//! # Format
//! All numbers little endian. Bytes 0–7: [`MAGIC`]. 8–11: process id of the
//! keeper, 0 before it began. 12–19: length of the body, 0 before the end.
//! 20–51: SHA-256 of the body. From 52: the report in postcard encoding.
//! The body is written before its length and digest, and counts only where the
//! digest fits, so that no half-written report is taken for a whole one.
//!
//! # Liveness
//! [`create`] takes `flock(2)` on the file's open description, and the
//! descriptor is given away with the spec ([`crate::Spec::journal`]). From then
//! on the lock is held as long as the request is on its way, the keeper runs
//! it, or the caller keeps a copy; the kernel gives it up whoever dies. A
//! journal that is neither locked nor complete is of a run that was lost.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use sha2::{Digest as _, Sha256};

use crate::protocol::{FRAME_BYTES_MAX, RunRequest};
use crate::report::Report;
use crate::spec::{Spec, Stream};

const MAGIC: [u8; 8] = *b"CARRELJ1";
const PID_AT: u64 = 8;
const LENGTH_AT: u64 = 12;
const BODY_AT: u64 = 52;
/// Pause between two looks at a run that is waited for.
const LOOK_PAUSE: Duration = Duration::from_millis(2);

/// What became of the run of a journal.
#[derive(Debug)]
pub enum Adoption {
    /// It goes on.
    Running(Underway),
    /// It has ended.
    Finished(Box<Report>),
    /// Its keeper ended before the run did, or it never began.
    Lost,
}

/// A run that goes on without its caller.
#[derive(Debug)]
pub struct Underway {
    file: File,
}

/// Creates a journal for one run and locks it; give it to [`Spec::journal`].
///
/// # Errors
/// There is such a file already, or it could not be made.
pub fn create(path: &Path) -> io::Result<OwnedFd> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file.into())
}

/// Looks what became of the run of this journal.
///
/// # Errors
/// The file could not be read. A missing one is of a lost run.
pub fn adopt(path: &Path) -> io::Result<Adoption> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => look(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Adoption::Lost),
        Err(error) => Err(error),
    }
}

fn look(file: File) -> io::Result<Adoption> {
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(match read(&file)? {
            Some(report) => Adoption::Finished(Box::new(report)),
            None => Adoption::Lost,
        }),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(Adoption::Running(Underway { file })),
        Err(error) => Err(error.into()),
    }
}

/// The report, where it is there as a whole.
fn read(file: &File) -> io::Result<Option<Report>> {
    let mut head = [0_u8; 52];
    if file.metadata()?.len() < BODY_AT {
        return Ok(None);
    }
    file.read_exact_at(&mut head, 0)?;
    let length = number(&head[12..20]);
    if head[..8] != MAGIC || length == 0 || length > FRAME_BYTES_MAX as u64 {
        return Ok(None);
    }
    let mut body = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    match file.read_exact_at(&mut body, BODY_AT) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    if Sha256::digest(&body)[..] != head[20..] {
        return Ok(None);
    }
    Ok(postcard::from_bytes(&body).ok())
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl Underway {
    /// Process id of its keeper; `None`: it has not begun yet.
    ///
    /// # Errors
    /// The journal could not be read.
    pub fn keeper(&self) -> io::Result<Option<u32>> {
        let mut bytes = [0_u8; 4];
        match self.file.read_exact_at(&mut bytes, PID_AT) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        Ok(Some(u32::from_le_bytes(bytes)).filter(|pid| *pid != 0))
    }

    /// Waits for its end, as long as `goes_on` says so; where it does not, the
    /// run is killed, and is lost unless it ended at that moment.
    ///
    /// # Errors
    /// The journal could not be read.
    pub fn wait(self, mut goes_on: impl FnMut() -> bool) -> io::Result<Adoption> {
        let mut left = self;
        let mut killed = false;
        loop {
            left = match look(left.file)? {
                Adoption::Running(still) => still,
                ended => return Ok(ended),
            };
            if !killed && !goes_on() {
                killed = left.kill()?;
            }
            std::thread::sleep(LOOK_PAUSE);
        }
    }

    /// Kills the run. Whether there was a keeper to be killed.
    ///
    /// # Errors
    /// The journal could not be read, or the keeper belongs to somebody else.
    pub fn kill(&self) -> io::Result<bool> {
        let pid = self.keeper()?.and_then(|pid| i32::try_from(pid).ok());
        let Some(pid) = pid.and_then(Pid::from_raw) else {
            return Ok(false);
        };
        let process = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(process) => process,
            Err(rustix::io::Errno::SRCH) => return Ok(true),
            Err(error) => return Err(error.into()),
        };
        // While the lock is held its keeper lives, so the number is still its own.
        match flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                flock(&self.file, FlockOperation::Unlock)?;
                return Ok(true);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {}
            Err(error) => return Err(error.into()),
        }
        match pidfd_send_signal(process.as_fd(), Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// The keeper's side of a journal.
#[derive(Debug)]
pub(crate) struct Writer(File);

impl Writer {
    /// Notes that this process runs it.
    pub(crate) fn begin(journal: OwnedFd) -> io::Result<Self> {
        let file = File::from(journal);
        let pid = rustix::process::getpid().as_raw_nonzero().get();
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&pid.to_le_bytes());
        file.write_all_at(&head, 0)?;
        Ok(Self(file))
    }

    /// Writes the report.
    pub(crate) fn finish(&self, report: &Report) -> io::Result<()> {
        let body = postcard::to_stdvec(report).map_err(io::Error::other)?;
        self.0.write_all_at(&body, BODY_AT)?;
        let mut head = (body.len() as u64).to_le_bytes().to_vec();
        head.extend_from_slice(&Sha256::digest(&body));
        self.0.write_all_at(&head, LENGTH_AT)
    }
}

impl Spec {
    /// SHA-256 of all that decides what the run does: two specs with the same
    /// digest ask for the same. `None` where a descriptor of the caller is one
    /// of the streams, for what comes through it is not known.
    #[must_use]
    pub fn digest(&self) -> Option<[u8; 32]> {
        let streams = [&self.stdin, &self.stdout, &self.stderr];
        let is_given = |stream: &&Stream| matches!(stream, Stream::Descriptor(_));
        (!streams.iter().any(is_given)).then(|| self.digest_but_descriptors())
    }

    /// The same where descriptors of the caller only count as being there: for
    /// runs that are joined to each other and to nothing else.
    #[must_use]
    pub fn digest_but_descriptors(&self) -> [u8; 32] {
        let mut parts = Parts(Sha256::new());
        parts.list(self.argv.iter().map(String::as_bytes));
        let variables = self.environment.iter();
        parts.list(variables.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
        parts.count(self.files.len());
        for file in &self.files {
            parts.part(file.path.as_bytes());
            parts.part(&file.content);
            parts.part(&[u8::from(file.executable), u8::from(file.writable)]);
        }
        for stream in [&self.stdin, &self.stdout, &self.stderr] {
            match stream {
                Stream::Null => parts.part(b"null"),
                Stream::Bytes(bytes) => {
                    parts.part(b"bytes");
                    parts.part(bytes);
                }
                Stream::Capture => parts.part(b"capture"),
                Stream::Stdout => parts.part(b"stdout"),
                Stream::Descriptor(_) => parts.part(b"descriptor"),
            }
        }
        let rest = (
            self.report_channel,
            self.limits,
            self.network,
            self.collect_bytes_max,
        );
        // Numbers and words: they can always be encoded.
        parts.part(&postcard::to_stdvec(&rest).unwrap_or_default());
        parts.list(self.collect.iter().map(String::as_bytes));
        parts.0.finalize().into()
    }
}

/// A digest of parts, each preceded by its length, so that none runs into the next.
struct Parts(Sha256);

impl Parts {
    fn part(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    fn list<'a>(&mut self, parts: impl Iterator<Item = &'a [u8]> + Clone) {
        self.count(parts.clone().count());
        parts.for_each(|part| self.part(part));
    }
}

/// The journal of a request, which is the last of its descriptors.
pub(crate) fn of_request(
    request: &RunRequest,
    descriptors: &mut Vec<OwnedFd>,
) -> io::Result<Option<Writer>> {
    if !request.journal {
        return Ok(None);
    }
    let journal = descriptors.pop().ok_or(io::ErrorKind::InvalidData)?;
    Writer::begin(journal).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Ending;

    fn report() -> Report {
        Report::of(Ending::Exited(3))
    }

    #[test]
    fn the_lock_tells_running_and_the_digest_tells_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        assert!(matches!(adopt(&path).unwrap(), Adoption::Lost));
        let journal = create(&path).unwrap();
        assert!(create(&path).is_err());
        let Adoption::Running(underway) = adopt(&path).unwrap() else {
            panic!("it is locked");
        };
        assert_eq!(underway.keeper().unwrap(), None);
        let writer = Writer::begin(journal).unwrap();
        assert_eq!(underway.keeper().unwrap(), Some(std::process::id()));
        writer.finish(&report()).unwrap();
        assert!(matches!(adopt(&path).unwrap(), Adoption::Running(_)));
        drop(writer);
        let ended = underway.wait(|| panic!("it has ended")).unwrap();
        assert!(matches!(ended, Adoption::Finished(found) if *found == report()));
    }

    #[test]
    fn a_journal_with_any_byte_changed_or_missing_is_of_a_lost_run() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let writer = Writer::begin(create(&path).unwrap()).unwrap();
        drop(writer);
        assert!(matches!(adopt(&path).unwrap(), Adoption::Lost));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .unwrap();
        Writer(file).finish(&report()).unwrap();
        let good = std::fs::read(&path).unwrap();
        assert!(matches!(adopt(&path).unwrap(), Adoption::Finished(_)));
        let pid = 8..12;
        for at in (0..good.len()).filter(|at| !pid.contains(at)) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            std::fs::write(&path, bad).unwrap();
            assert!(matches!(adopt(&path).unwrap(), Adoption::Lost), "byte {at}");
            std::fs::write(&path, &good[..at]).unwrap();
            assert!(
                matches!(adopt(&path).unwrap(), Adoption::Lost),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn digests_differ_where_anything_does() {
        let spec = || Spec::new(vec!["a".to_owned(), "b".to_owned()]);
        let digest = spec().digest().unwrap();
        assert_eq!(spec().digest(), Some(digest));
        let changes: [fn(&mut Spec); 7] = [
            |spec| spec.argv = vec!["ab".to_owned()],
            |spec| spec.stdin = Stream::Bytes(Vec::new()),
            |spec| spec.stderr = Stream::Stdout,
            |spec| spec.limits.cpu_ms += 1,
            |spec| spec.report_channel = true,
            |spec| spec.collect.push("x".to_owned()),
            |spec| {
                spec.environment.pop();
            },
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut other = spec();
            change(&mut other);
            assert_ne!(other.digest(), Some(digest), "change {number}");
        }
        let (reader, _writer) = std::io::pipe().unwrap();
        let mut piped = spec();
        piped.stdin = Stream::Descriptor(reader.into());
        assert_eq!(piped.digest(), None);
    }
}
