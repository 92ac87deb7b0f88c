//! The seed: on cgroup v1, a process that lives in the slot's groups for as
//! long as the keeper and from which every init is cloned, so that a run is
//! born inside its limits. Moving a process into a v1 group waits for a quiescent
//! state of the whole machine, which takes milliseconds; being born there takes
//! nothing. (On v2 `clone3` puts a process into any group.)

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, getpid, getppid, pidfd_open};
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::cgroup::Group;
use crate::init::{self, Plan};
use crate::isolation::Isolation;
use crate::program::Streams;
use crate::protocol::{self, RunRequest};
use crate::step::Steps;
use crate::sys::{self, Cloned};

/// What every init is given beside its request.
#[derive(Debug)]
pub(crate) struct Belongings {
    pub(crate) streams: Streams,
    /// Writing end of the account pipe.
    pub(crate) account: OwnedFd,
    /// Where the seccomp listener goes.
    pub(crate) listener: Option<OwnedFd>,
}

/// The keeper's handle on the seed.
#[derive(Debug)]
pub(crate) struct Seed {
    socket: OwnedFd,
    pid: Pid,
}

/// The order to clone an init; descriptors: stdin, stdout, stderr, account, then the optional ones.
#[derive(Debug, Serialize)]
struct Order<'a> {
    flags: u64,
    has_report: bool,
    has_listener: bool,
    steps: &'a Steps,
    request: &'a RunRequest,
}

/// [`Order`] as it arrives.
#[derive(Debug, Deserialize)]
struct ReceivedOrder {
    flags: u64,
    has_report: bool,
    has_listener: bool,
    steps: Steps,
    request: RunRequest,
}

/// What came of it: the process id as the keeper counts, or an error number.
type Answer = Result<i32, i32>;

impl Seed {
    /// Forks the seed, which enters the group. The caller is single-threaded.
    pub(crate) fn plant(isolation: &Isolation, group: &Group) -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC;
        let (near, far) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
        let keeper = getpid();
        let Cloned::Parent { pid, .. } = sys::clone3(0, None)? else {
            drop(near);
            sys::exit_now(i32::from(grow(&far, isolation, group, keeper).is_err()));
        };
        drop(far);
        let seed = Self { socket: near, pid };
        // The first answer says that the seed is in its place.
        seed.answer()?;
        Ok(seed)
    }

    /// Reaps it if it has ended.
    pub(crate) fn has_ended(&self) -> bool {
        let seen = rustix::process::waitpid(Some(self.pid), WaitOptions::NOHANG);
        !matches!(seen, Ok(None))
    }

    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// Clones an init; it is the child of the keeper, not of the seed.
    pub(crate) fn clone_init(
        &self,
        flags: u64,
        request: &RunRequest,
        steps: &Steps,
        belongings: &Belongings,
    ) -> io::Result<(Pid, OwnedFd)> {
        let streams = &belongings.streams;
        let order = Order {
            flags,
            has_report: streams.report.is_some(),
            has_listener: belongings.listener.is_some(),
            steps,
            request,
        };
        let mut descriptors = vec![
            streams.stdin.as_fd(),
            streams.stdout.as_fd(),
            streams.stderr.as_fd(),
            belongings.account.as_fd(),
        ];
        descriptors.extend(streams.report.as_ref().map(AsFd::as_fd));
        descriptors.extend(belongings.listener.as_ref().map(AsFd::as_fd));
        protocol::send(&self.socket, &order, &descriptors)?;
        let pid = self.answer()?;
        // Not reaped before we do it, so the number is still that process.
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        Ok((pid, pidfd))
    }

    fn answer(&self) -> io::Result<Pid> {
        match protocol::receive::<Answer>(&self.socket)? {
            Some((Ok(pid), _)) => {
                Pid::from_raw(pid).ok_or_else(|| io::ErrorKind::InvalidData.into())
            }
            Some((Err(errno), _)) => Err(io::Error::from_raw_os_error(errno)),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// The seed's life.
fn grow(socket: &OwnedFd, isolation: &Isolation, group: &Group, keeper: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() != Some(keeper) {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    let own = getpid().as_raw_nonzero().get();
    let entered = group.enter();
    let answer: Answer = entered.map(|()| own).map_err(|error| errno(&error));
    protocol::send(socket, &answer, &[])?;
    while let Some((order, descriptors)) = protocol::receive::<ReceivedOrder>(socket)? {
        let answer = clone_init(order, descriptors, isolation);
        protocol::send(socket, &answer.map_err(|error| errno(&error)), &[])?;
    }
    Ok(())
}

fn clone_init(
    order: ReceivedOrder,
    descriptors: Vec<OwnedFd>,
    isolation: &Isolation,
) -> io::Result<i32> {
    let mut descriptors = descriptors.into_iter();
    let mut next = || descriptors.next().ok_or(io::ErrorKind::InvalidData);
    let (stdin, stdout, stderr, account) = (next()?, next()?, next()?, next()?);
    let report = if order.has_report {
        Some(next()?)
    } else {
        None
    };
    let listener = if order.has_listener {
        Some(next()?)
    } else {
        None
    };
    let streams = Streams {
        stdin,
        stdout,
        stderr,
        report,
    };
    let parent = u64::from(libc::CLONE_PARENT.unsigned_abs());
    match sys::clone3(order.flags | parent, None)? {
        Cloned::Parent { pid, .. } => Ok(pid.as_raw_nonzero().get()),
        Cloned::Child => {
            let mut steps = order.steps;
            let request = &order.request;
            let plan = Plan {
                request,
                isolation,
                streams: Some(streams),
                listener,
            };
            init::enter(plan, &mut steps, Account(File::from(account)));
        }
    }
}

fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}
