//! One `carrel serve` to a state directory, or one `carrel worker` that runs without it: two that
//! judge would take runs from each other. The worker of a supervisor needs no lock of its own.
//!
//! The lock is the kernel's, on an open file: it goes with the process whatever ends it, and
//! children do not have it, so that the next start finds it free at once. It is left to a
//! successor of the same process. What the file says is for the message alone.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::failure::Failure;

/// Name of the file below the state directory.
const LOCK_FILE: &str = "serve.lock";
/// Most characters of the file that are read.
const TOLD_MAX: u64 = 32;

/// Who asks for the lock, or has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// `carrel serve`.
    Serve,
    /// `carrel worker` that was started by itself.
    Worker,
}

impl Holder {
    const fn command(self) -> &'static str {
        match self {
            Self::Serve => "carrel serve",
            Self::Worker => "carrel worker",
        }
    }
}

/// The lock, held as long as this is.
#[derive(Debug)]
pub struct Lock(OwnedFd);

impl Lock {
    /// Takes the lock of a state directory.
    ///
    /// # Errors
    /// Another process has it, or the file cannot be used.
    pub fn take(directory: &Path, holder: Holder) -> Result<Self, Failure> {
        let path = directory.join(LOCK_FILE);
        let failed = |error: io::Error| {
            let doing = format!("locking `{}`", path.display());
            Failure::platform(anyhow::Error::new(error).context(doing))
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(taken(directory, &file, holder)),
            Err(error) => return Err(failed(error.into())),
        }
        file.set_len(0).map_err(failed)?;
        let pid = std::process::id();
        file.write_all(format!("{pid} {}\n", holder.command()).as_bytes())
            .map_err(failed)?;
        Ok(Self(file.into()))
    }

    /// That of a predecessor.
    #[must_use]
    pub fn inherited(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }
}

impl AsFd for Lock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn taken(directory: &Path, file: &File, asking: Holder) -> Failure {
    let mut told = String::new();
    // What cannot be read is only not told.
    let _ = file.take(TOLD_MAX).read_to_string(&mut told);
    // An earlier version told its process alone, and was `carrel serve`.
    let (pid, command) = told.trim().split_once(' ').unwrap_or((told.trim(), ""));
    let command = match command {
        "" => Holder::Serve.command(),
        told => told,
    };
    let process = match pid {
        "" => String::new(),
        pid => format!(" (process {pid})"),
    };
    let hint = match (asking, command == Holder::Serve.command()) {
        (Holder::Worker, true) => {
            "it has a worker of its own, so none has to be started beside it; how much it judges \
             at once is its setting `worker.slots`"
        }
        (Holder::Worker | Holder::Serve, _) => {
            "end that one first, or name another place with --state-directory"
        }
    };
    Failure::not_ready(anyhow::anyhow!(
        "the state directory `{}` is served by another `{command}` already{process}",
        directory.display()
    ))
    .hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit_code;

    #[test]
    fn it_is_one_process_s_and_free_when_that_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let first = Lock::take(directory.path(), Holder::Serve).unwrap();
        let refused = Lock::take(directory.path(), Holder::Serve).unwrap_err();
        assert_eq!(refused.exit_code, exit_code::NOT_READY);
        let text = refused.error.to_string();
        let process = format!("(process {})", std::process::id());
        assert!(text.contains(&process), "{text}");
        assert!(
            text.contains(&directory.path().display().to_string()),
            "{text}"
        );
        // A successor holds it by its own descriptor.
        let successor = Lock::inherited(first.as_fd().try_clone_to_owned().unwrap());
        drop(first);
        assert!(Lock::take(directory.path(), Holder::Serve).is_err());
        drop(successor);
        assert!(Lock::take(directory.path(), Holder::Serve).is_ok());
    }

    #[test]
    fn whoever_has_it_is_told_by_name_with_the_way_out() {
        let directory = tempfile::tempdir().unwrap();
        let told = |asking| {
            let refused = Lock::take(directory.path(), asking).unwrap_err();
            (refused.error.to_string(), refused.hints.join("\n"))
        };
        let pid = std::process::id();
        let serve = Lock::take(directory.path(), Holder::Serve).unwrap();
        let (text, hint) = told(Holder::Worker);
        let whom = format!("another `carrel serve` already (process {pid})");
        assert!(text.contains(&whom), "{text}");
        assert!(hint.contains("worker.slots"), "{hint}");
        // As an earlier version wrote it.
        std::fs::write(directory.path().join(LOCK_FILE), "7\n").unwrap();
        let (text, _) = told(Holder::Serve);
        assert!(
            text.contains("`carrel serve` already (process 7)"),
            "{text}"
        );
        drop(serve);
        let _worker = Lock::take(directory.path(), Holder::Worker).unwrap();
        for asking in [Holder::Serve, Holder::Worker] {
            let (text, hint) = told(asking);
            let whom = format!("another `carrel worker` already (process {pid})");
            assert!(text.contains(&whom), "{text}");
            assert!(hint.contains("end that one first"), "{hint}");
        }
    }
}
