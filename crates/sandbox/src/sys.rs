//! The few raw system calls that `rustix` does not have, and process-wide
//! switches that must be thrown between fork and exec. All the `unsafe` of
//! the crate is here.
#![expect(
    unsafe_code,
    reason = "system calls without a safe wrapper in rustix: clone3, mount_setattr, seccomp, execve and friends"
)]

pub(crate) mod passing;

use std::ffi::{CStr, CString};
use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr::{null, null_mut};

use rustix::process::Pid;

/// Namespaces to create, as `CLONE_NEW*` bits.
pub(crate) type CloneFlags = u64;

/// `CLONE_INTO_CGROUP` (linux/sched.h); libc's constant is too narrow for it.
const CLONE_INTO_CGROUP: u64 = 1 << 33;

/// What [`clone3`] returns: on which side of the fork we are.
#[derive(Debug)]
pub(crate) enum Cloned {
    /// In the new process.
    Child,
    /// In the caller: the new process and its pidfd.
    Parent { pid: Pid, pidfd: OwnedFd },
}

fn check(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}

/// `clone3` with a copy of the address space, like fork, into new namespaces
/// and, on cgroup v2, straight into a group. Only for a single-threaded process.
pub(crate) fn clone3(flags: CloneFlags, cgroup: Option<BorrowedFd<'_>>) -> io::Result<Cloned> {
    let mut pidfd: RawFd = -1;
    // SAFETY: an all-zero clone_args is its documented empty value.
    let mut arguments: libc::clone_args = unsafe { zeroed() };
    arguments.flags = flags | libc::CLONE_PIDFD as u64;
    arguments.pidfd = &raw mut pidfd as u64;
    // A sibling of the caller ends with the signal that the caller itself has.
    if flags & libc::CLONE_PARENT as u64 == 0 {
        arguments.exit_signal = libc::SIGCHLD as u64;
    }
    if let Some(group) = cgroup {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = u64::from(group.as_raw_fd().cast_unsigned());
    }
    // SAFETY: no stack is given, so the child goes on with a copy of ours; the
    // caller is single-threaded, so no lock can be held by a vanished thread.
    let result = unsafe {
        libc::syscall(
            libc::SYS_clone3,
            &raw mut arguments,
            size_of::<libc::clone_args>(),
        )
    };
    match check(result)? {
        0 => Ok(Cloned::Child),
        pid => {
            let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
            // SAFETY: with CLONE_PIDFD the kernel stored a descriptor that is ours alone.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            let pid = pid.ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))?;
            Ok(Cloned::Parent { pid, pidfd })
        }
    }
}

/// Ends this process at once, without destructors or exit handlers.
pub(crate) fn exit_now(code: i32) -> ! {
    // SAFETY: _exit takes any number and does not return.
    unsafe { libc::_exit(code) }
}

/// Sets attributes of a mount (`MOUNT_ATTR_*`), all those below it too if `recursive`.
pub(crate) fn mount_setattr(
    mount: BorrowedFd<'_>,
    attributes_set: u64,
    user_namespace: Option<BorrowedFd<'_>>,
    recursive: bool,
) -> io::Result<()> {
    // SAFETY: an all-zero mount_attr is its documented empty value.
    let mut attributes: libc::mount_attr = unsafe { zeroed() };
    attributes.attr_set = attributes_set;
    if let Some(namespace) = user_namespace {
        attributes.attr_set |= libc::MOUNT_ATTR_IDMAP;
        attributes.userns_fd = u64::from(namespace.as_raw_fd().cast_unsigned());
    }
    let mut flags = libc::AT_EMPTY_PATH;
    if recursive {
        flags |= libc::AT_RECURSIVE;
    }
    // SAFETY: path is an empty C string, attributes live through the call and their size is given.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    check(result).map(drop)
}

/// Marks every descriptor from `first` on as closed at exec.
pub(crate) fn close_on_exec_from(first: u32) -> io::Result<()> {
    // SAFETY: only flags of descriptors change; nothing is closed under its owner.
    let result = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    };
    check(result).map(drop)
}

/// Makes `target` a copy of `source`, kept over exec.
pub(crate) fn duplicate_onto(source: BorrowedFd<'_>, target: RawFd) -> io::Result<()> {
    if source.as_raw_fd() == target {
        // SAFETY: fcntl on a valid descriptor.
        let result = unsafe { libc::fcntl(target, libc::F_SETFD, 0) };
        return check(result.into()).map(drop);
    }
    // SAFETY: called between fork and exec; whatever owned `target` in this process is not used again.
    let result = unsafe { libc::dup2(source.as_raw_fd(), target) };
    check(result.into()).map(drop)
}

/// All signals to their default action and none blocked, but for SIGPIPE, which
/// stays ignored (a keeper writes to pipes whose readers may be gone).
pub(crate) fn reset_signals() {
    for signal in (1..=64).filter(|signal| *signal != libc::SIGPIPE) {
        // SAFETY: SIG_DFL is valid for every signal; those that cannot be set just fail.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: an empty set is a valid value for sigprocmask.
    let mut empty: libc::sigset_t = unsafe { zeroed() };
    // SAFETY: `empty` is a sigset_t of our own.
    unsafe { libc::sigemptyset(&raw mut empty) };
    // SAFETY: both pointers are valid or null as documented.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const empty, null_mut()) };
}

/// SIGPIPE to its default action, which programs expect.
pub(crate) fn reset_broken_pipe_signal() {
    // SAFETY: SIG_DFL is valid for SIGPIPE.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Whether others of the same user may look into this process, and whose its
/// files in /proc are: its user's, or the host's root's.
pub(crate) fn set_dumpable(dumpable: bool) -> io::Result<()> {
    // SAFETY: PR_SET_DUMPABLE takes plain numbers.
    let result = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, i32::from(dumpable), 0, 0, 0) };
    check(result.into()).map(drop)
}

/// Sets one resource limit, soft and hard, by its `RLIMIT_*` number. A hard
/// limit that is already lower stays.
pub(crate) fn set_resource_limit(resource: u32, value: u64) -> io::Result<()> {
    let mut current = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `current` is a valid place for the result.
    check(unsafe { libc::getrlimit(resource, &raw mut current) }.into())?;
    let value = value.min(current.rlim_max);
    let new = libc::rlimit {
        rlim_cur: value,
        rlim_max: value,
    };
    // SAFETY: `new` lives through the call.
    check(unsafe { libc::setrlimit(resource, &raw const new) }.into()).map(drop)
}

/// Loads a seccomp filter into this thread. With `listener`, calls that the
/// filter answers with `USER_NOTIF` are told on the descriptor that comes back.
pub(crate) fn load_filter(
    program: &[libc::sock_filter],
    listener: bool,
) -> io::Result<Option<OwnedFd>> {
    let length = u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog {
        len: length,
        filter: program.as_ptr().cast_mut(),
    };
    let flags = if listener {
        libc::SECCOMP_FILTER_FLAG_NEW_LISTENER
    } else {
        0
    };
    // SAFETY: the kernel copies the program, whose length and place are right.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const program,
        )
    };
    let descriptor = check(result)?;
    if !listener {
        return Ok(None);
    }
    let descriptor = RawFd::try_from(descriptor).map_err(|_| io::ErrorKind::InvalidData)?;
    // SAFETY: with NEW_LISTENER the result is a new descriptor, ours alone.
    Ok(Some(unsafe { OwnedFd::from_raw_fd(descriptor) }))
}

/// Number and architecture (`AUDIT_ARCH_*`) of the system call that waits on a
/// seccomp listener, if one does.
pub(crate) fn receive_notification(listener: BorrowedFd<'_>) -> io::Result<(i32, u32)> {
    // SAFETY: the kernel wants the structure zeroed; all-zero is valid.
    let mut notification: libc::seccomp_notif = unsafe { zeroed() };
    // _IOWR('!', 0, struct seccomp_notif), as in linux/seccomp.h.
    let size = size_of::<libc::seccomp_notif>() as u64;
    let request = (3 << 30) | (size << 16) | (u64::from(b'!') << 8);
    // SAFETY: the request number carries the size of the structure we pass.
    let result = unsafe { libc::ioctl(listener.as_raw_fd(), request, &raw mut notification) };
    check(result.into())?;
    Ok((notification.data.nr, notification.data.arch))
}

/// Replaces this process by a program. Returns only on failure.
pub(crate) fn execute(program: &CStr, argv: &[CString], environment: &[CString]) -> io::Error {
    let pointers = |strings: &[CString]| -> Vec<*const libc::c_char> {
        strings
            .iter()
            .map(|string| string.as_ptr())
            .chain([null()])
            .collect()
    };
    let argv = pointers(argv);
    let environment = pointers(environment);
    // SAFETY: both arrays end with a null pointer and, like the strings, outlive the call.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), environment.as_ptr()) };
    io::Error::last_os_error()
}

/// Brings up the loopback device of the current network namespace.
pub(crate) fn raise_loopback(socket: impl AsFd) -> io::Result<()> {
    // SAFETY: an all-zero ifreq is a valid value.
    let mut request: libc::ifreq = unsafe { zeroed() };
    request.ifr_name[0] = libc::c_char::try_from(b'l').map_err(io::Error::other)?;
    request.ifr_name[1] = libc::c_char::try_from(b'o').map_err(io::Error::other)?;
    request.ifr_ifru.ifru_flags =
        libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).map_err(io::Error::other)?;
    // SAFETY: SIOCSIFFLAGS reads an ifreq, which we pass.
    let result = unsafe {
        libc::ioctl(
            socket.as_fd().as_raw_fd(),
            libc::SIOCSIFFLAGS,
            &raw mut request,
        )
    };
    check(result.into()).map(drop)
}

/// Kills every process that this one may signal: from process 1 of a pid
/// namespace, all others in it.
pub(crate) fn kill_all_others() {
    // SAFETY: kill takes plain numbers; that nobody is left is no error to us.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}

/// Waits for a child and returns its wait status and the processor time of it
/// and the descendants it waited for, microseconds.
pub(crate) fn wait_with_usage(pid: Pid) -> io::Result<(i32, u64)> {
    let mut status = 0;
    // SAFETY: an all-zero rusage is a valid value.
    let mut usage: libc::rusage = unsafe { zeroed() };
    loop {
        // SAFETY: both pointers are to places of our own.
        let result = unsafe {
            libc::wait4(
                pid.as_raw_nonzero().get(),
                &raw mut status,
                0,
                &raw mut usage,
            )
        };
        match check(result.into()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok(_) => break,
        }
    }
    let microseconds =
        |time: libc::timeval| u64::try_from(time.tv_sec * 1_000_000 + time.tv_usec).unwrap_or(0);
    Ok((
        status,
        microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
    ))
}

/// `unshare` by its raw flags. Only for a single-threaded process and never
/// with `CLONE_FILES`.
pub(crate) fn unshare(flags: u32) -> rustix::io::Result<()> {
    let flags = rustix::thread::UnshareFlags::from_bits_retain(flags);
    // SAFETY: the only unsafe flag is CLONE_FILES (a descriptor table apart
    // from other threads'), which no caller passes.
    unsafe { rustix::thread::unshare_unsafe(flags) }
}

/// Stack of a process made by [`start_sharing`], bytes. Only touched pages are made.
const STACK_BYTES: usize = 512 << 10;

/// Starts a process that shares this one's memory until it execs or exits, as
/// `vfork` does, and runs `program` in it, whose result is its exit code; this process waits for that. Without
/// a copy of the address space there is nothing to copy and nothing to fault in.
/// What is per process stays so: descriptors, credentials, limits, filters.
pub(crate) fn start_sharing(program: impl FnOnce() -> i32) -> io::Result<Pid> {
    extern "C" fn begin<F: FnOnce() -> i32>(slot: *mut libc::c_void) -> libc::c_int {
        // SAFETY: `slot` is the caller's Option<F>, which lives on: it waits until we exec or exit.
        let slot = unsafe { &mut *slot.cast::<Option<F>>() };
        match slot.take() {
            Some(program) => program(),
            None => 127,
        }
    }
    fn entry<F: FnOnce() -> i32>(_: &Option<F>) -> extern "C" fn(*mut libc::c_void) -> libc::c_int {
        begin::<F>
    }
    let mut slot = Some(program);
    let begin = entry(&slot);
    let mut stack: Vec<u128> = Vec::with_capacity(STACK_BYTES / size_of::<u128>());
    // SAFETY: one past the end of the allocation; a stack grows down from there, and u128 aligns it.
    let top = unsafe { stack.as_mut_ptr().add(stack.capacity()) };
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: with CLONE_VFORK this thread, the only one, stands still while the
    // child uses `stack`, `slot` and whatever the closure borrows.
    let result = unsafe { libc::clone(begin, top.cast(), flags, (&raw mut slot).cast()) };
    let pid = check(result.into())?;
    i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))
}
