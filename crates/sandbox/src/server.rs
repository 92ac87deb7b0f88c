//! The keeper process: takes a slot, builds the world that its sandboxes share,
//! gives up its privilege, and serves runs until the caller is gone.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, getpid};
use rustix::thread::{CapabilitySet, UnshareFlags};

use crate::cgroup::{self, Group};
use crate::isolation::Isolation;
use crate::journal;
use crate::layer;
use crate::protocol::{self, Fault, Reply, Request, RunRequest, Start};
use crate::report::Ending;
use crate::seed::Seed;
use crate::setup::seccomp;
use crate::setup::template::{self, Source};
use crate::slot::{Slot, UIDS, ids_are_mapped};
use crate::step::{Steps, fault};
use crate::supervisor::{self, World};
use crate::sys::{self, Cloned};

/// Capabilities without which there is no privileged set-up.
const NEEDED: [CapabilitySet; 6] = [
    CapabilitySet::SYS_ADMIN,
    CapabilitySet::SETUID,
    CapabilitySet::SETGID,
    CapabilitySet::CHOWN,
    CapabilitySet::MKNOD,
    CapabilitySet::DAC_OVERRIDE,
];

/// The keeper's main: serves the socket on descriptor 0 until it closes. Returns the exit code.
#[must_use]
pub fn enter() -> i32 {
    die_of_panics();
    // The caller hears of a failure by the end of the socket.
    match open_socket().and_then(serve) {
        Ok(()) => 0,
        Err(_) => 1,
    }
}

/// A clone of this process that unwound into the frames it was cloned in would do its
/// parent's work a second time; and a keeper that lost its way must not go on.
fn die_of_panics() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panicked| {
        tell(panicked);
        std::process::abort();
    }));
}

/// Moves the socket away from descriptor 0 and keeps 0 and 3 occupied, so that
/// no later descriptor lands where a program's stream will go.
fn open_socket() -> io::Result<OwnedFd> {
    let socket = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 4)?;
    let null: OwnedFd = File::options()
        .read(true)
        .write(true)
        .open("/dev/null")?
        .into();
    for taken in [0, 1, 3] {
        sys::duplicate_onto(null.as_fd(), taken)?;
    }
    // Not from the caller's terminal: an interrupt there is for the caller to act on.
    rustix::process::setsid().or_else(|error| match error {
        rustix::io::Errno::PERM => Ok(getpid()),
        other => Err(other),
    })?;
    Ok(socket)
}

fn serve(socket: OwnedFd) -> io::Result<()> {
    sys::reset_signals();
    sys::passing::block_passing()?;
    let Some((Request::Start(start), mut mount)) = protocol::receive(&socket)? else {
        return Ok(());
    };
    let mut steps = Steps::new(start.test.fail_at);
    let privileged = is_privileged();
    let result = if privileged {
        serve_privileged(&socket, &start, mount.pop(), &mut steps)
    } else {
        serve_alone(&socket, &start, mount.pop(), &mut steps)
    };
    match result {
        Err(fault) => protocol::send(&socket, &Reply::Fault(fault), &[]),
        Ok(()) => Ok(()),
    }
}

fn is_privileged() -> bool {
    rustix::process::geteuid().is_root()
        && rustix::thread::capabilities(None)
            .is_ok_and(|sets| NEEDED.iter().all(|needed| sets.effective.contains(*needed)))
        && ids_are_mapped()
}

/// As root: this process keeps the privilege and does nothing with it but wait
/// and tidy up; a child gives it up and serves.
fn serve_privileged(
    socket: &OwnedFd,
    start: &Start,
    mount: Option<OwnedFd>,
    steps: &mut Steps,
) -> Result<(), Fault> {
    let slot = steps.take("take a slot", Slot::take)?;
    let group = steps.take("create the cgroup", || {
        Group::create(&slot.name(), slot.first_uid())
    })?;
    let directories = group.directories();
    let served = serve_in_child(socket, start, mount, steps, (&slot, group));
    // Before the slot is given up: whoever takes it next finds nobody in it.
    cgroup::remove(&directories);
    served
}

fn serve_in_child(
    socket: &OwnedFd,
    start: &Start,
    mount: Option<OwnedFd>,
    steps: &mut Steps,
    (slot, group): (&Slot, Group),
) -> Result<(), Fault> {
    let namespace = steps.take("make the user namespace", || make_user_namespace(slot))?;
    let parent = getpid();
    let cloned = steps.take("fork the keeper", || sys::clone3(0, None))?;
    let Cloned::Parent { pid, .. } = cloned else {
        let inherited = Inherited {
            parent,
            namespace,
            group,
        };
        let code = match serve_child(socket, start, mount, steps, inherited) {
            Ok(()) => 0,
            Err(fault) => {
                // Without a reader there is nobody left to tell.
                let _ = protocol::send(socket, &Reply::Fault(fault), &[]);
                1
            }
        };
        sys::exit_now(code);
    };
    drop((group, mount));
    sys::wait_with_usage(pid).map_err(|error| fault("wait for the keeper", &error))?;
    Ok(())
}

/// A user namespace that maps the slot's ids to 0 and up. Held by nobody but the descriptor.
fn make_user_namespace(slot: &Slot) -> io::Result<OwnedFd> {
    let (wait_for_us, release) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    let flags = u64::from(libc::CLONE_NEWUSER.unsigned_abs());
    let Cloned::Parent { pid, .. } = sys::clone3(flags, None)? else {
        drop(release);
        // Ends when the parent has what it wants, or is gone.
        let _ = rustix::io::read(&wait_for_us, &mut [0_u8; 1]);
        sys::exit_now(0);
    };
    let made = map_users(pid, slot);
    drop(release);
    sys::wait_with_usage(pid)?;
    made
}

fn map_users(pid: Pid, slot: &Slot) -> io::Result<OwnedFd> {
    let process = format!("/proc/{}", pid.as_raw_nonzero());
    let map = format!("0 {} {UIDS}", slot.first_uid());
    for file in ["uid_map", "gid_map"] {
        File::options()
            .write(true)
            .open(format!("{process}/{file}"))?
            .write_all(map.as_bytes())?;
    }
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(
        format!("{process}/ns/user"),
        flags,
        Mode::empty(),
    )?)
}

/// What the serving child has from its privileged parent.
struct Inherited {
    parent: Pid,
    namespace: OwnedFd,
    group: Group,
}

/// Asks to be killed when the parent ends, and fails if it already has.
fn die_with(parent: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if rustix::process::getppid() != Some(parent) {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    Ok(())
}

fn serve_child(
    socket: &OwnedFd,
    start: &Start,
    mount: Option<OwnedFd>,
    steps: &mut Steps,
    inherited: Inherited,
) -> Result<(), Fault> {
    let Inherited {
        parent,
        namespace,
        mut group,
    } = inherited;
    steps.take("die with the parent", || die_with(parent))?;
    let isolation = isolation(start, group.missing_layers(), &[]);
    let own_cgroups = isolation.has(layer::CGROUP_NAMESPACE);
    steps.take("settle in the cgroup", || group.settle(own_cgroups))?;
    if isolation.has(layer::MOUNTS) {
        steps.take("make the mount namespace", || unshare(UnshareFlags::NEWNS))?;
        let user_namespace = Some(namespace.as_fd());
        let source = Source {
            root: &start.root,
            mount,
            user_namespace,
            devices: true,
        };
        template::assemble(steps, source)?;
    }
    if isolation.has_uid_range() {
        steps.take("enter the user namespace", || {
            enter_user_namespace(&namespace)
        })?;
        // The kernel forgets the wish when the ids change (prctl(2), PR_SET_PDEATHSIG).
        steps.take("die with the parent still", || die_with(parent))?;
        // Mounts made with privilege on the host are locked for this namespace.
        steps.take("lock the mounts", || unshare(UnshareFlags::NEWNS))?;
    }
    finish_and_loop(socket, steps, (&isolation, &mut group))
}

/// As an ordinary user, where the host lets it have a user namespace.
fn serve_alone(
    socket: &OwnedFd,
    start: &Start,
    mount: Option<OwnedFd>,
    steps: &mut Steps,
) -> Result<(), Fault> {
    let mut group = Group::None;
    let isolation = isolation(start, group.missing_layers(), &[layer::UID_RANGE]);
    if !start.allow_missing_layers {
        let ready = Reply::Ready(isolation.missing.clone());
        return protocol::send(socket, &ready, &[]).map_err(|error| fault("answer", &error));
    }
    let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
    steps.take("make the user namespace", || {
        unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS | UnshareFlags::NEWCGROUP)
    })?;
    steps.take("map the user", || {
        std::fs::write("/proc/self/setgroups", "deny")?;
        std::fs::write("/proc/self/uid_map", format!("0 {} 1", uid.as_raw()))?;
        std::fs::write("/proc/self/gid_map", format!("0 {} 1", gid.as_raw()))
    })?;
    let source = Source {
        root: &start.root,
        mount,
        user_namespace: None,
        devices: false,
    };
    template::assemble(steps, source)?;
    finish_and_loop(socket, steps, (&isolation, &mut group))
}

fn isolation(start: &Start, no_group: &[&str], missing: &[&str]) -> Isolation {
    let mut missing: Vec<String> = no_group
        .iter()
        .chain(missing)
        .map(|name| (*name).to_owned())
        .collect();
    missing.extend(start.test.without.iter().cloned());
    if missing.iter().all(|name| name != layer::LANDLOCK) && crate::probe::landlock_files().is_err()
    {
        missing.push(layer::LANDLOCK.to_owned());
    }
    missing.sort();
    missing.dedup();
    Isolation {
        missing,
        filter: seccomp::compile(true, false),
        filter_with_internet: seccomp::compile(true, true),
    }
}

fn unshare(flags: UnshareFlags) -> rustix::io::Result<()> {
    // Single-threaded, and no descriptor table is unshared.
    sys::unshare(flags.bits())
}

fn enter_user_namespace(namespace: &OwnedFd) -> io::Result<()> {
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::User))?;
    rustix::thread::set_thread_groups(&[])?;
    let (gid, uid) = (rustix::fs::Gid::ROOT, rustix::fs::Uid::ROOT);
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid)?;
    Ok(())
}

/// What is inherited by every run, done once; then serves.
fn finish_and_loop(
    socket: &OwnedFd,
    steps: &mut Steps,
    (isolation, group): (&Isolation, &mut Group),
) -> Result<(), Fault> {
    if isolation.has(layer::NETWORK) {
        steps.take("make the network namespace", || {
            unshare(UnshareFlags::NEWNET)
        })?;
    }
    if isolation.has_uid_range() && isolation.has(layer::MOUNTS) {
        steps.take("allow no further user namespaces", || {
            std::fs::write("/proc/sys/user/max_user_namespaces", "0")
        })?;
    }
    if isolation.has(layer::CREDENTIALS) {
        steps.take("empty the bounding set", empty_bounding_set)?;
    }
    let mut seed = match group {
        Group::V1(_) => Some(steps.take("plant the seed", || Seed::plant(isolation, group))?),
        Group::V2(_) | Group::None => None,
    };
    let ready = Reply::Ready(isolation.missing.clone());
    protocol::send(socket, &ready, &[]).map_err(|error| fault("answer", &error))?;
    let mut cancelled = 0;
    loop {
        wait_for_caller(socket).map_err(|error| fault("hear the caller", &error))?;
        // Killed with a run that used up the memory. A new one is planted while
        // no descriptor of the next run is here that it would keep open.
        if seed.as_ref().is_some_and(Seed::has_ended) {
            drop(seed.take());
            let planted = Seed::plant(isolation, group);
            seed = Some(planted.map_err(|error| fault("plant the seed again", &error))?);
        }
        let received =
            protocol::receive(socket).map_err(|error| fault("hear the caller", &error))?;
        let (mut request, descriptors) = match received {
            None => return Ok(()),
            Some((Request::Run(request), descriptors)) => (request, descriptors),
            // Of a run that is over, or comes next.
            Some((Request::Cancel(number), _)) => {
                cancelled = number.max(cancelled);
                continue;
            }
            Some((Request::Start(_), _)) => {
                return Err(Fault {
                    step: "understand the caller".into(),
                    errno: libc::EPROTO,
                });
            }
        };
        if request.number <= cancelled {
            let report = supervisor::not_begun(Ending::Cancelled, &isolation.missing);
            protocol::send(socket, &Reply::Report(Box::new(report)), &[])
                .map_err(|error| fault("answer", &error))?;
            continue;
        }
        let mut world = World {
            isolation,
            group: &mut *group,
            seed: seed.as_ref(),
            steps,
            client: socket,
        };
        if serve_run(&mut request, descriptors, &mut world)? == Caller::Gone {
            return Ok(());
        }
    }
}

/// Whether there is somebody to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    There,
    Gone,
}

/// Waits until the caller has sent something or is gone.
fn wait_for_caller(socket: &OwnedFd) -> io::Result<()> {
    let mut polled = [PollFd::new(socket, PollFlags::IN)];
    loop {
        match poll(&mut polled, None) {
            Err(rustix::io::Errno::INTR) => {}
            other => return other.map(drop).map_err(io::Error::from),
        }
    }
}

/// One run: told to the caller first, then to the journal.
fn serve_run(
    request: &mut RunRequest,
    mut descriptors: Vec<OwnedFd>,
    world: &mut World<'_>,
) -> Result<Caller, Fault> {
    let socket = world.client;
    let journal = journal::of_request(request, &mut descriptors)
        .map_err(|error| fault("begin the journal", &error))?;
    let reply = match supervisor::run(request, descriptors, world) {
        Ok(Some(report)) => Reply::Report(Box::new(report)),
        Ok(None) => return Ok(Caller::Gone),
        Err(fault) => Reply::Fault(fault),
    };
    let told = protocol::send(socket, &reply, &[]);
    let Some(journal) = journal else {
        told.map_err(|error| fault("answer", &error))?;
        return Ok(Caller::There);
    };
    if let Reply::Report(report) = &reply
        && report.ending != Ending::Cancelled
    {
        // Not written: the run counts as lost and is made again.
        let _ = journal.finish(report);
    }
    Ok(match told {
        Ok(()) => Caller::There,
        Err(_) => Caller::Gone,
    })
}

fn empty_bounding_set() -> io::Result<()> {
    for capability in CapabilitySet::all().iter() {
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
