//! The supervisor makes place for its successor: the same process executes the
//! program's file anew, and everything it holds waits for it in a socket.
//!
//! A message with the state and all descriptors is put into a socket pair whose
//! far end is descriptor 0 of the new program; no descriptor has to keep its number.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::control;
use super::lock::Lock;

/// Hidden flag of `carrel serve`: descriptor 0 holds what a predecessor left.
pub const RESUME_FLAG: &str = "--resume";
/// How long the new program may take to show that it runs and understands its settings.
const TRIAL_PATIENCE: Duration = Duration::from_secs(20);
/// Pause between two looks at the trial.
const TRIAL_PAUSE: Duration = Duration::from_millis(20);

/// How the line of a setting begins that every version has.
const FIRST_SETTING: &str = "listen = ";
/// Most that is read of what a trial printed.
const SETTINGS_BYTES_MAX: u64 = 1 << 20;

/// What is left to the successor; descriptors follow in this order: listeners, then one control socket per member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estate {
    /// Number of listening sockets.
    pub listeners: usize,
    /// Members.
    pub members: Vec<Heir>,
}

/// The lock of the state directory, which comes after the estate: a message of its own, that
/// a successor which does not know of it leaves in the socket, where it goes on to be held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "keep", rename_all = "snake_case")]
enum Keepsake {
    /// Its one descriptor is the lock.
    Lock,
}

/// What a predecessor left.
#[derive(Debug)]
pub struct Inheritance {
    /// What its descriptors are.
    pub estate: Estate,
    /// In the order that the estate tells.
    pub descriptors: Vec<OwnedFd>,
    /// The lock of the state directory; an older predecessor has none.
    pub lock: Option<Lock>,
}

/// A member that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heir {
    /// Role.
    pub role: String,
    /// Process id.
    pub pid: u32,
    /// Generation.
    pub generation: u64,
    /// `starting`, `serving` or `draining`.
    pub phase: String,
}

/// How this program was started: the place where its successor will be looked for.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// From the command line of this process. A path with a slash is kept as it
    /// was written, so that a link that is changed leads to another program.
    ///
    /// # Errors
    /// The path of this program is not known.
    pub fn of_process() -> io::Result<Self> {
        let mut arguments = std::env::args_os();
        let first = arguments.next().unwrap_or_default();
        let path = if first.as_encoded_bytes().contains(&b'/') {
            std::path::absolute(Path::new(&first))?
        } else {
            std::env::current_exe()?
        };
        let arguments = arguments
            .filter(|argument| argument != RESUME_FLAG)
            .collect();
        Ok(Self { path, arguments })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the program there now runs, takes the settings there now, and could begin:
    /// asked for both, to resume and to print, it does all that can fail before it takes over.
    ///
    /// # Errors
    /// Why not.
    pub fn try_out(&self) -> Result<(), String> {
        let failed = |error: io::Error| format!("trying out `{}`: {error}", self.path.display());
        // A file of its own: whatever the program writes, or leaves open, nobody waits for it.
        let told = rustix::fs::memfd_create("trial", rustix::fs::MemfdFlags::CLOEXEC);
        let mut told = File::from(told.map_err(|error| failed(error.into()))?);
        let mut child = self
            .command()
            .args([RESUME_FLAG, "--print-config"])
            .stdin(Stdio::null())
            .stdout(told.try_clone().map_err(failed)?)
            .spawn()
            .map_err(|error| format!("`{}` cannot be started: {error}", self.path.display()))?;
        let until = Instant::now() + TRIAL_PATIENCE;
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => {
                    return if tells_settings(&mut told).map_err(failed)? {
                        Ok(())
                    } else {
                        let path = self.path.display();
                        Err(format!("`{path}` is no carrel: it tells no settings"))
                    };
                }
                Ok(Some(status)) => {
                    return Err(format!(
                        "`{} --print-config` ended with {status}",
                        self.path.display()
                    ));
                }
                Ok(None) if Instant::now() < until => std::thread::sleep(TRIAL_PAUSE),
                Ok(None) => {
                    // It is ours and runs: killing it cannot fail.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("`{}` does not answer", self.path.display()));
                }
                Err(error) => {
                    return Err(format!("waiting for `{}`: {error}", self.path.display()));
                }
            }
        }
    }

    /// Executes the program there now in place of this one. Returns only where that failed.
    #[must_use]
    pub fn succeed(
        &self,
        estate: &Estate,
        descriptors: &[BorrowedFd<'_>],
        lock: Option<&Lock>,
    ) -> io::Error {
        let (near, far) = match control::pair() {
            Ok(pair) => pair,
            Err(error) => return error,
        };
        if let Err(error) = control::send(&near, estate, descriptors) {
            return error;
        }
        if let Some(lock) = lock
            && let Err(error) = control::send(&near, &Keepsake::Lock, &[lock.as_fd()])
        {
            return error;
        }
        // The near end closes at exec; what was sent stays.
        self.command()
            .arg(RESUME_FLAG)
            .stdin(Stdio::from(far))
            // Those sockets are held already, under other numbers.
            .env_remove("LISTEN_FDS")
            .env_remove("LISTEN_PID")
            .exec()
    }

    fn command(&self) -> Command {
        #[expect(
            clippy::disallowed_methods,
            reason = "the supervisor starts its own successor and nothing else"
        )]
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        command
    }
}

/// Takes what a predecessor left in descriptor 0.
///
/// # Errors
/// There is nothing, or it is not understood.
pub fn inherit() -> io::Result<Inheritance> {
    let socket = io::stdin().as_fd().try_clone_to_owned()?;
    let (estate, descriptors) =
        control::receive::<Estate>(&socket)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    if descriptors.len() != estate.listeners + estate.members.len() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "descriptors are missing",
        ));
    }
    let lock = match control::receive::<Keepsake>(&socket)? {
        Some((Keepsake::Lock, mut kept)) => kept.pop().map(Lock::inherited),
        None => None,
    };
    Ok(Inheritance {
        estate,
        descriptors,
        lock,
    })
}

/// Whether a trial printed settings: a program that is none of ours may end well too, and would
/// take nothing over.
fn tells_settings(told: &mut File) -> io::Result<bool> {
    told.rewind()?;
    let mut text = String::new();
    told.take(SETTINGS_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text.lines().any(|line| line.starts_with(FIRST_SETTING)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_or_fails_is_no_successor() {
        let program = |path: &str, argument: &str| Program {
            path: path.into(),
            arguments: vec![argument.into()],
        };
        assert!(program("/no/such/carrel", "serve").try_out().is_err());
        assert!(
            program("/bin/false", "serve")
                .try_out()
                .unwrap_err()
                .contains("exit status: 1")
        );
        let stranger = program("/bin/true", "serve").try_out().unwrap_err();
        assert!(stranger.contains("`/bin/true` is no carrel"), "{stranger}");
        let settings = format!("{FIRST_SETTING}[]");
        assert_eq!(program("/bin/echo", &settings).try_out(), Ok(()));
    }
}
