//! Process 1 of a run: sets up what is fresh, starts the program, reaps, and
//! is the last to leave.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::net::{AddressFamily, SocketType, socket};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, wait};

use crate::account::{Account, Message};
use crate::collect::{Collection, Piece};
use crate::isolation::Isolation;
use crate::layer;
use crate::program::{self, Streams};
use crate::protocol::{Fault, RunRequest};
use crate::setup::files::{self, Places, program_uid};
use crate::setup::mounts::{self, Scratch};
use crate::spec::Network;
use crate::step::{Steps, fault};
use crate::sys;

/// Host name inside.
const HOST_NAME: &[u8] = b"carrel";

/// What init needs; it lives in a copy of the keeper's memory.
pub(crate) struct Plan<'a> {
    pub(crate) request: &'a RunRequest,
    pub(crate) isolation: &'a Isolation,
    /// The program's; init gives them up once the program has them, so that a
    /// pipe ends when the program closes it.
    pub(crate) streams: Option<Streams>,
    /// Where the seccomp listener goes.
    pub(crate) listener: Option<OwnedFd>,
}

/// Runs as process 1 and never returns.
pub(crate) fn enter(mut plan: Plan<'_>, steps: &mut Steps, mut account: Account) -> ! {
    if let Err(fault) = live(&mut plan, steps, &mut account) {
        // Without a reader there is nobody left to tell.
        let _ = account.tell(&Message::Fault(fault));
        sys::exit_now(1);
    }
    sys::exit_now(0)
}

fn live(plan: &mut Plan<'_>, steps: &mut Steps, account: &mut Account) -> Result<(), Fault> {
    let scratch = prepare(plan, steps, account)?;
    let start = Instant::now();
    let mut steps_of_program = steps.after_next();
    let pid = steps.take("start the program", || {
        sys::start_sharing(|| program::enter(plan, &mut steps_of_program, account))
    })?;
    plan.streams = None;
    plan.listener = None;
    if plan.request.stop {
        sys::passing::begin_to_pass_on(pid).map_err(|error| fault("pass signals on", &error))?;
    }
    let status = reap_until(pid).map_err(|error| fault("wait for the program", &error))?;
    sys::passing::end_to_pass_on();
    let wall_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    if plan.isolation.has(layer::PIDS) {
        sys::kill_all_others();
        reap_all();
    }
    let disk_full = scratch.as_ref().is_some_and(is_full);
    account
        .tell(&Message::Ended {
            status: status.as_raw(),
            wall_us,
            disk_full,
        })
        .map_err(|error| fault("tell the ending", &error))?;
    match scratch {
        Some(scratch) => {
            collect(plan, &scratch, account).map_err(|error| fault("collect files", &error))
        }
        None => Ok(()),
    }
}

fn prepare(
    plan: &Plan<'_>,
    steps: &mut Steps,
    account: &Account,
) -> Result<Option<Scratch>, Fault> {
    let (request, isolation) = (plan.request, plan.isolation);
    steps.take("die with the keeper", || {
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // Had it died before, nobody would read the account.
        match account.has_reader()? {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(libc::ESRCH)),
        }
    })?;
    if isolation.has(layer::UTS) {
        steps.take("set the host name", || {
            rustix::system::sethostname(HOST_NAME)
        })?;
    }
    if isolation.has(layer::PIDS) && isolation.has(layer::MOUNTS) {
        steps.take("mount /proc", mounts::mount_proc)?;
        // For the program, which inherits it: where memory runs out, the larger one goes.
        steps.take("offer the program to the memory killer", || {
            // For the moment, so that its file in /proc is its own.
            sys::set_dumpable(true)?;
            std::fs::write("/proc/self/oom_score_adj", "1000")
        })?;
    }
    steps.take("hide from the program", || sys::set_dumpable(false))?;
    let scratch = match isolation.has(layer::MOUNTS) {
        true => Some(steps.take("mount the writable space", || {
            mounts::mount_scratch(&request.limits, isolation.has(layer::TMPFS))
        })?),
        false => None,
    };
    if let Some(scratch) = &scratch {
        let places = Places {
            work: scratch.work.as_fd(),
            temporary: scratch.temporary.as_fd(),
        };
        let uid = program_uid(isolation.has_uid_range());
        steps.take(crate::error::PLACE_FILES, || {
            files::place(&places, &request.files, uid)
        })?;
    }
    if request.network == Network::Loopback && isolation.has(layer::NETWORK) {
        steps.take("raise the loopback device", || {
            sys::raise_loopback(socket(AddressFamily::INET, SocketType::DGRAM, None)?)
        })?;
    }
    Ok(scratch)
}

/// Reaps whoever ends until the program does.
fn reap_until(program: Pid) -> io::Result<WaitStatus> {
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => return Ok(status),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Reaps until nobody is left.
fn reap_all() {
    while !matches!(wait(WaitOptions::empty()), Err(error) if error != rustix::io::Errno::INTR) {}
}

fn is_full(scratch: &Scratch) -> bool {
    rustix::fs::fstatvfs(&scratch.root).is_ok_and(|space| {
        let has_run_out = |all: u64, free: u64| all > 0 && free == 0;
        has_run_out(space.f_blocks, space.f_bfree) || has_run_out(space.f_files, space.f_ffree)
    })
}

fn collect(plan: &Plan<'_>, scratch: &Scratch, account: &mut Account) -> io::Result<()> {
    let request = plan.request;
    let mut tell = |piece: Piece| {
        account.tell(&match piece {
            Piece::File(file) => Message::File(file),
            Piece::More(bytes) => Message::More(bytes),
        })
    };
    let mut collection =
        Collection::new(scratch.work.as_fd(), request.collect_bytes_max, &mut tell);
    request
        .collect
        .iter()
        .try_for_each(|path| collection.take(path))
}
