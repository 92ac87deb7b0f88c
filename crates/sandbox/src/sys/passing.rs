//! Signals that a caller wants its program to have: the keeper knows only process 1 of the
//! sandbox, which alone can name the program without a race. So the keeper sends process 1 one
//! signal of its own kind, with the wanted one as its value, and process 1 passes that on.
//!
//! The kind is blocked from the keeper on: what comes before the program is there waits.

use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, Ordering};

use rustix::process::Pid;

use super::check;

/// The kind: the first real-time signal that the C library leaves to programs.
const PASS_ON: libc::c_int = 34;
/// Last signal that there is.
pub(crate) const SIGNAL_MAX: u8 = 64;

/// The program, in process 1; 0: there is none now.
static PROGRAM: AtomicI32 = AtomicI32::new(0);

/// `siginfo_t` as `sigqueue(3)` fills it (asm-generic/siginfo.h, 64 bits).
#[repr(C)]
struct Queued {
    number: libc::c_int,
    error: libc::c_int,
    code: libc::c_int,
    padding: libc::c_int,
    sender: libc::pid_t,
    user: libc::uid_t,
    value: usize,
    rest: [u64; 12],
}

const _: () = assert!(size_of::<Queued>() == size_of::<libc::siginfo_t>());

/// Asks process 1 of a sandbox, by its pidfd, to pass this signal on.
pub(crate) fn ask_to_pass_on(init: BorrowedFd<'_>, signal: u8) -> io::Result<()> {
    let asked = Queued {
        number: PASS_ON,
        error: 0,
        code: libc::SI_QUEUE,
        padding: 0,
        sender: 0,
        user: 0,
        value: signal.into(),
        rest: [0; 12],
    };
    // SAFETY: `asked` has the size and form of a siginfo_t and lives through the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            init.as_raw_fd(),
            PASS_ON,
            &raw const asked,
            0,
        )
    };
    check(result).map(drop)
}

/// In process 1: passes on to this program what was asked for and what will be.
pub(crate) fn begin_to_pass_on(program: Pid) -> io::Result<()> {
    PROGRAM.store(program.as_raw_nonzero().get(), Ordering::Relaxed);
    // SAFETY: an all-zero sigaction is a valid value: no flags, an empty mask.
    let mut action: libc::sigaction = unsafe { zeroed() };
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    action.sa_sigaction = pass_on as *const () as usize;
    // SAFETY: the handler has the form that SA_SIGINFO asks for, and calls only what a handler may.
    check(unsafe { libc::sigaction(PASS_ON, &raw const action, null_mut()) }.into())?;
    set_blocked(libc::SIG_UNBLOCK)
}

/// In process 1: the program is gone, and its number may be another's.
pub(crate) fn end_to_pass_on() {
    PROGRAM.store(0, Ordering::Relaxed);
}

/// Lets what is asked for wait. Children have it blocked too.
pub(crate) fn block_passing() -> io::Result<()> {
    set_blocked(libc::SIG_BLOCK)
}

/// In the program's own process, before it execs: the kind is nothing special to it.
pub(crate) fn unblock_passing() -> io::Result<()> {
    set_blocked(libc::SIG_UNBLOCK)
}

fn set_blocked(how: libc::c_int) -> io::Result<()> {
    // SAFETY: all-zero is a valid place for the result of sigemptyset.
    let mut set: libc::sigset_t = unsafe { zeroed() };
    // SAFETY: `set` is a sigset_t of our own.
    unsafe { libc::sigemptyset(&raw mut set) };
    // SAFETY: as before, and the signal is one that there is.
    unsafe { libc::sigaddset(&raw mut set, PASS_ON) };
    // SAFETY: `set` is initialised; the former mask is not wanted.
    check(unsafe { libc::sigprocmask(how, &raw const set, null_mut()) }.into()).map(drop)
}

/// The handler. Only what is asked from outside of the pid namespace counts: a program that may
/// signal process 1 could reach nobody but itself by it, but need not.
extern "C" fn pass_on(_: libc::c_int, told: *const Queued, _: *mut libc::c_void) {
    let program = PROGRAM.load(Ordering::Relaxed);
    if told.is_null() || program <= 0 {
        return;
    }
    // SAFETY: with SA_SIGINFO the kernel gives a siginfo_t, which has this form for this code.
    let told = unsafe { &*told };
    let Ok(signal) = libc::c_int::try_from(told.value) else {
        return;
    };
    if told.code != libc::SI_QUEUE || told.sender != 0 {
        return;
    }
    // SAFETY: the place of this thread's error number, which the interrupted code may be about to read.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: as before.
    let error = unsafe { *place };
    // SAFETY: kill takes plain numbers; that the program is gone is no error to us.
    unsafe { libc::kill(program, signal) };
    // SAFETY: as before.
    unsafe { *place = error };
}
