//! One child of the supervisor: this same program, started as one role.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};
use tokio::io::unix::AsyncFd;
use tokio::sync::mpsc::UnboundedSender;

use super::control::{self, Order, Word};
use super::identity::Identity;

/// The program as it runs, even where its file was replaced since.
const MYSELF: &str = "/proc/self/exe";
/// What the service manager tells the supervisor and nobody else.
const NOT_FOR_CHILDREN: [&str; 7] = [
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "MAINPID",
];

/// What happened to a child.
#[derive(Debug)]
pub enum Event {
    /// It said something.
    Word(u32, Word),
    /// It has ended, with this exit code or by this signal.
    Exited(u32, Ending),
}

/// How a child ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// A child.
#[derive(Debug)]
pub struct Child {
    /// Process id.
    pub pid: u32,
    control: Arc<OwnedFd>,
    process: Arc<OwnedFd>,
}

impl Child {
    /// Starts this program with these arguments; descriptor 0 becomes its end of the control socket.
    ///
    /// # Errors
    /// Of the kernel.
    pub fn spawn(arguments: &[OsString], identity: Option<&Identity>) -> io::Result<Self> {
        let (near, far) = control::pair()?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the supervisor starts this program's own roles and nothing else"
        )]
        let mut command = Command::new(MYSELF);
        command
            .arg0("carrel")
            .args(arguments)
            .stdin(Stdio::from(far))
            // Of its own, so that Ctrl-C reaches the supervisor alone, which then drains in order.
            .process_group(0);
        for name in NOT_FOR_CHILDREN {
            command.env_remove(name);
        }
        if let Some(identity) = identity {
            // The standard library gives up the other groups too when it changes the user.
            command.uid(identity.user).gid(identity.group);
        }
        let pid = command.spawn()?.id();
        Self::adopt(pid, near)
    }

    /// A child that this process has already.
    ///
    /// # Errors
    /// There is none of this id.
    pub fn adopt(pid: u32, control: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&control, true)?;
        let process = rustix::process::pidfd_open(to_pid(pid)?, PidfdFlags::NONBLOCK)?;
        Ok(Self {
            pid,
            control: Arc::new(control),
            process: Arc::new(process),
        })
    }

    /// Its control socket.
    #[must_use]
    pub fn control(&self) -> BorrowedFd<'_> {
        self.control.as_fd()
    }

    /// Tells it something; where it does not listen any more its end is told as an event.
    ///
    /// # Errors
    /// Of the socket.
    pub fn order(&self, order: &Order, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        control::send(&*self.control, order, descriptors)
    }

    /// Kills it. One that is gone already is no error.
    pub fn kill(&self) {
        // The only other error would be a lack of rights over our own child.
        let _ = rustix::process::pidfd_send_signal(&*self.process, Signal::KILL);
    }

    /// Passes on what it says and its end.
    ///
    /// # Errors
    /// Its descriptors cannot be watched.
    pub fn watch(&self, events: &UnboundedSender<Event>) -> io::Result<()> {
        let pid = self.pid;
        let control = watched(&self.control)?;
        let words = events.clone();
        tokio::spawn(async move {
            while let Ok(mut ready) = control.readable().await {
                match ready.try_io(|socket| control::receive::<Word>(socket.get_ref())) {
                    Ok(Ok(Some((word, _)))) => {
                        if words.send(Event::Word(pid, word)).is_err() {
                            return;
                        }
                    }
                    // Closed, or not understood: its end or its silence will tell.
                    Ok(_) => return,
                    Err(_would_block) => {}
                }
            }
        });
        let process = watched(&self.process)?;
        let events = events.clone();
        tokio::spawn(async move {
            while let Ok(mut ready) = process.readable().await {
                if let Some(ending) = wait(process.get_ref()) {
                    // Nobody listens any more: the supervisor ends.
                    let _ = events.send(Event::Exited(pid, ending));
                    return;
                }
                ready.clear_ready();
            }
        });
        Ok(())
    }

    /// Waits for its end, without a runtime.
    ///
    /// # Errors
    /// Of the kernel.
    pub fn join(&self) -> io::Result<Ending> {
        let mut poll = [rustix::event::PollFd::new(
            &*self.process,
            rustix::event::PollFlags::IN,
        )];
        loop {
            match rustix::event::poll(&mut poll, None) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            if let Some(ending) = wait(&self.process) {
                return Ok(ending);
            }
        }
    }
}

#[expect(
    deprecated,
    reason = "its replacement is unsafe for types that may change their descriptor, which this one cannot"
)]
fn watched(descriptor: &Arc<OwnedFd>) -> io::Result<AsyncFd<Arc<OwnedFd>>> {
    AsyncFd::new(Arc::clone(descriptor))
}

fn to_pid(pid: u32) -> io::Result<Pid> {
    let raw = i32::try_from(pid).map_err(io::Error::other)?;
    Pid::from_raw(raw).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))
}

fn wait(process: &OwnedFd) -> Option<Ending> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    match rustix::process::waitid(WaitId::PidFd(process.as_fd()), options) {
        Ok(Some(status)) => Some(match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Ending::Code(code),
            (None, signal) => Ending::Signal(signal.unwrap_or_default()),
        }),
        Ok(None) => None,
        // Somebody else has reaped it: how it ended is not known any more.
        Err(_) => Some(Ending::Signal(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_waited_for() {
        // The test binary itself, asked for its list of tests, ends well.
        let child = Child::spawn(
            &["--list".into(), "--exact".into(), "no_such_test".into()],
            None,
        )
        .unwrap();
        assert_eq!(child.join().unwrap(), Ending::Code(0));
        // Killing what is gone does nothing.
        child.kill();
    }
}
