//! The last steps in the program's own process: it gives up every right, one
//! wall after the other, and execs.

use std::ffi::CString;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Gid, Mode, Uid};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use rustix::thread::{
    CapabilitySet, CapabilitySets, set_capabilities, set_thread_groups, set_thread_res_gid,
    set_thread_res_uid,
};

use crate::account::{Account, Message};
use crate::init::Plan;
use crate::layer;
use crate::protocol::Fault;
use crate::setup::files::program_uid;
use crate::setup::{landlock, limits};
use crate::spec::{Network, WORK_DIRECTORY};
use crate::step::Steps;
use crate::sys;

/// Descriptor of the report channel inside.
const REPORT: i32 = 3;

/// The program's ends of its streams.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) stdin: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
    pub(crate) report: Option<OwnedFd>,
}

/// Becomes the program. Returns only if that failed: the exit code.
pub(crate) fn enter(plan: &Plan<'_>, steps: &mut Steps, account: &mut Account) -> i32 {
    let message = match become_program(plan, steps) {
        Err(fault) => Message::Fault(fault),
        Ok(reason) => Message::NotStarted(reason),
    };
    // Without a reader there is nobody left to tell.
    let _ = account.tell(&message);
    127
}

/// Returns only when there is no program: a fault of ours, or why exec failed.
fn become_program(plan: &Plan<'_>, steps: &mut Steps) -> Result<String, Fault> {
    let (request, isolation) = (plan.request, plan.isolation);
    let (argv, environment) = steps.take("encode arguments", || arguments(plan))?;
    sys::reset_broken_pipe_signal();
    steps.take("unblock signals", sys::passing::unblock_passing)?;
    steps.take("start a session", rustix::process::setsid)?;
    steps.take("set the streams", || {
        put_streams(plan.streams.as_ref().ok_or(io::ErrorKind::NotFound)?)
    })?;
    if isolation.has(layer::MOUNTS) {
        steps.take("enter the work directory", || {
            rustix::process::chdir(WORK_DIRECTORY)
        })?;
    }
    rustix::process::umask(Mode::from_raw_mode(0o022));
    if isolation.has(layer::RESOURCE_LIMITS) {
        // The keeper and init have the same user where there is no range of ids.
        let ours = if isolation.has_uid_range() { 0 } else { 2 };
        let allowed = request.limits.processes + ours;
        let without_group = limits::WithoutGroup {
            memory: !isolation.has(layer::CGROUP_MEMORY),
            processes: (!isolation.has(layer::CGROUP_PIDS)).then_some(allowed),
        };
        steps.take("set resource limits", || {
            limits::set(&request.limits, without_group)
        })?;
    }
    if isolation.has(layer::CREDENTIALS) {
        steps.take("give up privilege", || {
            drop_privilege(isolation.has_uid_range())
        })?;
    }
    if isolation.has(layer::LANDLOCK) {
        steps.take("take Landlock rules", || {
            landlock::restrict(request.network)
        })?;
    }
    if isolation.has(layer::SECCOMP) {
        let filter = match request.network {
            Network::None => &isolation.filter,
            Network::Loopback => &isolation.filter_with_internet,
        };
        let listener = steps.take("load the seccomp filter", || {
            sys::load_filter(filter, plan.listener.is_some())
        })?;
        if let (Some(listener), Some(channel)) = (listener, &plan.listener) {
            steps.take("hand over the listener", || hand_over(channel, listener))?;
        }
    }
    if isolation.has(layer::RESOURCE_LIMITS) {
        steps.take("limit open files", || {
            limits::set_open_files(&request.limits)
        })?;
    }
    Ok(execute(&argv, &environment))
}

fn arguments(plan: &Plan<'_>) -> io::Result<(Vec<CString>, Vec<CString>)> {
    let text = |text: String| CString::new(text).map_err(io::Error::from);
    let argv = plan
        .request
        .argv
        .iter()
        .cloned()
        .map(text)
        .collect::<io::Result<_>>()?;
    let variables = plan.request.environment.iter();
    let environment = variables
        .map(|(name, value)| text(format!("{name}={value}")))
        .collect::<io::Result<_>>()?;
    Ok((argv, environment))
}

fn put_streams(streams: &Streams) -> io::Result<()> {
    // Nothing of ours is at 0 to 3 but what the keeper put there, so no source is overwritten.
    sys::duplicate_onto(streams.stdin.as_fd(), 0)?;
    sys::duplicate_onto(streams.stdout.as_fd(), 1)?;
    sys::duplicate_onto(streams.stderr.as_fd(), 2)?;
    match &streams.report {
        Some(report) => {
            sys::duplicate_onto(report.as_fd(), REPORT)?;
            sys::close_on_exec_from(4)
        }
        None => sys::close_on_exec_from(3),
    }
}

fn drop_privilege(has_range: bool) -> io::Result<()> {
    let uid = program_uid(has_range);
    if has_range {
        set_thread_groups(&[])?;
        let gid = Gid::from_raw(uid);
        set_thread_res_gid(gid, gid, gid)?;
        let uid = Uid::from_raw(uid);
        set_thread_res_uid(uid, uid, uid)?;
    }
    let nothing = CapabilitySet::empty();
    let sets = CapabilitySets {
        effective: nothing,
        permitted: nothing,
        inheritable: nothing,
    };
    set_capabilities(None, sets)?;
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

fn hand_over(channel: &OwnedFd, listener: OwnedFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors: [BorrowedFd<'_>; 1] = [listener.as_fd()];
    ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(
        channel,
        &[IoSlice::new(b"l")],
        &mut ancillary,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// Execs the program, looked up in its own `PATH` if it has no slash. Returns why it could not be.
fn execute(argv: &[CString], environment: &[CString]) -> String {
    let name = argv[0].to_string_lossy().into_owned();
    if name.contains('/') {
        let error = sys::execute(&argv[0], argv, environment);
        return format!("`{name}`: {}", reason(&error));
    }
    let path = environment
        .iter()
        .find_map(|variable| variable.to_str().ok()?.strip_prefix("PATH="))
        .unwrap_or("/usr/bin:/bin");
    let mut denied = None;
    for directory in path.split(':').filter(|directory| !directory.is_empty()) {
        let Ok(candidate) = CString::new(format!("{directory}/{name}")) else {
            continue;
        };
        let error = sys::execute(&candidate, argv, environment);
        match error.raw_os_error() {
            Some(libc::ENOENT | libc::ENOTDIR) => {}
            Some(libc::EACCES) => denied = Some(reason(&error)),
            _ => return format!("`{directory}/{name}`: {}", reason(&error)),
        }
    }
    let reason = denied.unwrap_or_else(|| "not found in PATH".to_owned());
    format!("`{name}`: {reason}")
}

fn reason(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(libc::ENOENT) => "not found (or the interpreter it names is not)".to_owned(),
        Some(libc::EACCES) => "not executable".to_owned(),
        Some(libc::ENOEXEC) => "not a program (no `#!` line?)".to_owned(),
        _ => error.to_string(),
    }
}
