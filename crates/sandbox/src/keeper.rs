//! The keeper: a small single-threaded process that owns one sandbox at a time.
//!
//! # Theory of operation
//!
//! Four processes take part in a run.
//!
//! * The **caller** holds a [`Keeper`]: the near end of a Unix socket. It
//!   never forks; it re-executes its own binary (or [`KeeperOptions::program`])
//!   under the name [`KEEPER_NAME`] with the far end as descriptor 0.
//! * The **keeper** (`server`, `supervisor`) is single-threaded. Once, at
//!   its start, it takes a *slot* (a range of 65,536 user ids and a cgroup of
//!   its own, held by a lock), assembles the root file system in a mount
//!   namespace of its own, and enters a user and a network namespace of its
//!   own. From then on it has no privilege on the host; what it still needs
//!   of the host (cgroup files) it holds as open descriptors. Per run it
//!   clones an init, feeds stdin, reads the captured streams, watches the
//!   clocks and the memory group, kills, reports.
//! * **init** (`init`) is process 1 of the run's fresh pid, mount, ipc and
//!   uts namespaces. It mounts a fresh /proc and a fresh bounded tmpfs, places
//!   the files, forks the program, reaps. When the program ends it kills all
//!   that is left, collects the files asked for (nobody else is alive, so
//!   nothing can change under it) and ends; with it dies the whole namespace.
//! * The **program** (`program`) gives up every right, takes its limits,
//!   Landlock rules and seccomp filter, and execs.
//!
//! Who holds what: init has the writing end of the *account pipe*, on which it
//! tells steps, ending and files; the program's copy closes at exec, so that a
//! learner's program never holds it. The seccomp listener goes from the
//! program to the keeper over a socket pair before exec; a call that no honest
//! program makes waits there until the keeper has noted its name and killed
//! the sandbox.
//!
//! If the caller dies, the socket closes and the keeper kills its run and ends;
//! a run with a journal goes on to its end, is written there, and then the
//! keeper ends ([`crate::journal`]).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, Shutdown, SocketFlags, SocketType, shutdown, socketpair};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::protocol::{self, Fault, Reply, Request, RootWire, RunRequest, Start};
use crate::report::Report;
use crate::spec::{Root, Spec};

pub use crate::server::enter;

/// Name under which the binary is re-executed to become a keeper (its `argv[0]`).
pub const KEEPER_NAME: &str = "carrel-keeper";

/// How a keeper is started.
#[derive(Debug, Clone)]
pub struct KeeperOptions {
    /// The binary that calls [`enter`] when its `argv[0]` is [`KEEPER_NAME`].
    pub program: PathBuf,
    /// Start even where layers of isolation are missing on this host (they are named in every report).
    pub allow_missing_layers: bool,
    /// How long after the end of a run's wall-clock limit its report may come. A
    /// keeper that does not tell by then is stuck: it is killed and given up.
    pub grace: Duration,
    /// For tests of the layers themselves.
    pub test: TestOptions,
}

/// Time to kill, to collect and to tell, on a host that is very busy.
const GRACE: Duration = Duration::from_secs(30);

impl KeeperOptions {
    /// All layers wanted.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            allow_missing_layers: false,
            grace: GRACE,
            test: TestOptions::default(),
        }
    }
}

/// Switches for tests: they make the sandbox weaker or fail on purpose. Every
/// layer left out is named in `missing_layers`, so no verdict can rest on it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TestOptions {
    /// Layers to leave out, by name (see [`crate::layer`]).
    pub without: Vec<String>,
    /// Make the set-up step with this number fail, from 1.
    pub fail_at: Option<u32>,
}

/// A running keeper: makes one fresh sandbox after another over one root.
/// Dropping it ends the process and whatever it runs.
#[derive(Debug)]
pub struct Keeper {
    socket: Arc<Socket>,
    process: Child,
    missing_layers: Vec<String>,
    /// Runs begun.
    runs: u64,
    grace: Duration,
}

/// The near end; whole frames are sent one after the other.
#[derive(Debug)]
struct Socket {
    descriptor: OwnedFd,
    sending: Mutex<()>,
}

impl Socket {
    fn send(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        // A poisoned lock guards nothing but the order of frames.
        let _turn = self.sending.lock().unwrap_or_else(PoisonError::into_inner);
        protocol::send(&self.descriptor, request, descriptors)
    }
}

/// Takes back one run of a keeper, from any thread.
#[derive(Debug, Clone)]
pub struct Canceller {
    socket: Weak<Socket>,
    run: u64,
}

impl Canceller {
    /// Has the run killed at once; its report says [`crate::Ending::Cancelled`].
    /// Where it is over already, nothing happens; where it has not begun, it will not.
    pub fn cancel(&self) {
        if let Some(socket) = self.socket.upgrade() {
            // A keeper that does not hear is gone, and its run with it.
            let _ = socket.send(&Request::Cancel(self.run), &[]);
        }
    }
}

impl Keeper {
    /// Starts a keeper over this root.
    ///
    /// # Errors
    /// What could not be set up, and why: always the platform's fault.
    pub fn start(root: Root, options: &KeeperOptions) -> Result<Self, Error> {
        let (mut keeper, start, mount) = Self::spawn(root, options)?;
        let mount: Vec<BorrowedFd<'_>> = mount.iter().map(AsFd::as_fd).collect();
        match keeper.ask(&Request::Start(start), &mount)? {
            Reply::Ready(missing) if missing.is_empty() || options.allow_missing_layers => {
                keeper.missing_layers = missing;
                Ok(keeper)
            }
            Reply::Ready(missing) => Err(Error::MissingLayers(missing)),
            Reply::Fault(fault) => Err(fault.into()),
            Reply::Report(_) => Err(keeper.confused()),
        }
    }

    fn spawn(root: Root, options: &KeeperOptions) -> Result<(Self, Start, Option<OwnedFd>), Error> {
        let failed = |source| Error::Spawn {
            program: options.program.clone(),
            source,
        };
        let (near, far) = socketpair(
            AddressFamily::UNIX,
            SocketType::STREAM,
            SocketFlags::CLOEXEC,
            None,
        )
        .map_err(|errno| failed(errno.into()))?;
        // A keeper that does not even listen is stuck.
        set_socket_timeout(&near, Timeout::Send, Some(options.grace))
            .map_err(|errno| failed(errno.into()))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the place that spawns keepers"
        )]
        let process = Command::new(&options.program)
            .arg0(KEEPER_NAME)
            .env_clear()
            .stdin(Stdio::from(far))
            .stdout(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let (root, mount) = match root {
            Root::Directory(path) => (RootWire::Directory(path), None),
            Root::Mount(descriptor) => (RootWire::Mount, Some(descriptor)),
            Root::Assembled(entries) => (RootWire::Assembled(entries), None),
        };
        let start = Start {
            root,
            allow_missing_layers: options.allow_missing_layers,
            test: options.test.clone(),
        };
        Ok((
            Self {
                socket: Arc::new(Socket {
                    descriptor: near,
                    sending: Mutex::new(()),
                }),
                process,
                missing_layers: Vec::new(),
                runs: 0,
                grace: options.grace,
            },
            start,
            mount,
        ))
    }

    /// Layers of isolation that sandboxes of this keeper do not have.
    #[must_use]
    pub fn missing_layers(&self) -> &[String] {
        &self.missing_layers
    }

    /// Process id of the keeper.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Takes back the next run that is begun.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller {
            socket: Arc::downgrade(&self.socket),
            run: self.runs + 1,
        }
    }

    /// Whether the keeper is still there to be asked. It says nothing by itself, so that anything
    /// to be heard from it between two runs is its end.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let mut polled = [PollFd::new(&self.socket.descriptor, PollFlags::IN)];
        matches!(poll(&mut polled, Some(&now)), Ok(0))
    }

    /// Runs one program in a fresh sandbox and waits for its end.
    ///
    /// # Errors
    /// A platform fault: never something the program did. After an error of
    /// kind [`Error::Keeper`] the keeper is of no further use.
    pub fn run(&mut self, spec: Spec) -> Result<Report, Error> {
        spec.check()?;
        self.runs += 1;
        let patience = Duration::from_millis(spec.limits.wall_ms).saturating_add(self.grace);
        let (request, descriptors) = RunRequest::from_spec(spec, self.runs);
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
        let request = Request::Run(Box::new(request));
        self.send(&request, &borrowed)?;
        drop(borrowed);
        // The caller's copies close now, so that a pipe between two sandboxes
        // ends when its program does.
        drop(descriptors);
        self.wait(patience)?;
        match self.receive()? {
            Reply::Report(report) => Ok(*report),
            Reply::Fault(fault) => Err(fault.into()),
            Reply::Ready(_) => Err(self.confused()),
        }
    }

    fn ask(&mut self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> Result<Reply, Error> {
        self.send(request, descriptors)?;
        self.receive()
    }

    fn send(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> Result<(), Error> {
        self.socket
            .send(request, descriptors)
            .map_err(|source| self.lost("asking", source))
    }

    /// Waits until the keeper tells something or has ended; one that does neither in time is killed.
    fn wait(&mut self, patience: Duration) -> Result<(), Error> {
        match await_input(self.socket.descriptor.as_fd(), patience) {
            Ok(true) => Ok(()),
            Ok(false) => {
                // With it dies its child, which serves, and with that the run.
                let _ = self.process.kill();
                Err(self.lost("waiting for", io::ErrorKind::TimedOut.into()))
            }
            Err(error) => Err(self.lost("waiting for", error)),
        }
    }

    fn receive(&mut self) -> Result<Reply, Error> {
        match protocol::receive::<Reply>(&self.socket.descriptor) {
            Ok(Some((reply, _))) => Ok(reply),
            Ok(None) => Err(self.lost("hearing", gone())),
            Err(source) => Err(self.lost("hearing", source)),
        }
    }

    /// Whether the process ends in time.
    fn ends_within(&self, patience: Duration) -> bool {
        let ended = pidfd_open(Pid::from_child(&self.process), PidfdFlags::empty());
        ended.is_ok_and(|ended| await_input(ended.as_fd(), patience).is_ok_and(|come| come))
    }

    fn lost(&self, doing: &'static str, source: io::Error) -> Error {
        Error::Keeper {
            doing,
            pid: self.process.id(),
            source,
        }
    }

    fn confused(&self) -> Error {
        self.lost("understanding", io::ErrorKind::InvalidData.into())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // End of the socket is the keeper's order to kill its run and end.
        let _ = shutdown(&self.socket.descriptor, Shutdown::Both);
        if !self.ends_within(self.grace) {
            // Stuck. What its death does not end, a sweep does.
            let _ = self.process.kill();
        }
        // A keeper that cannot be waited for is no longer our child; nothing is left to do then.
        let _ = self.process.wait();
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Step {
            step: fault.step,
            source: io::Error::from_raw_os_error(fault.errno),
        }
    }
}

/// Waits for something to read, or the end. Whether it came in time.
fn await_input(source: BorrowedFd<'_>, patience: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        let mut polled = [PollFd::from_borrowed_fd(source, PollFlags::IN)];
        match poll(&mut polled, Some(&timeout)) {
            Ok(ready) => return Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the keeper has ended")
}
