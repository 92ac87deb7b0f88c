//! Resource limits of the program's processes: the first wall where the
//! kernel bounds a single process, the second where a cgroup bounds them all.

use std::io;

use crate::spec::Limits;
use crate::sys::set_resource_limit;

/// One byte: smaller than any core file, so none is written; and, unlike zero,
/// it keeps the kernel from piping the core of a hostile program to a helper of
/// the host (core(5); fs/coredump.c, "`RLIMIT_CORE` is set to 1").
pub(crate) const CORE_BYTES: u64 = 1;

/// What no cgroup bounds, so that limits of the single process have to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WithoutGroup {
    pub(crate) memory: bool,
    /// Most processes that its user may have.
    pub(crate) processes: Option<u64>,
}

/// Sets every limit. Where no cgroup does it, processes of the whole slot and memory of each are bounded too.
pub(crate) fn set(limits: &Limits, without_group: WithoutGroup) -> io::Result<()> {
    // One second late: the keeper's clock over all processes comes first and tells better.
    let cpu_seconds = limits.cpu_ms.div_ceil(1_000) + 1;
    let settings = [
        (libc::RLIMIT_CPU, cpu_seconds),
        (libc::RLIMIT_FSIZE, limits.file_bytes),
        (libc::RLIMIT_STACK, limits.stack_bytes),
        (libc::RLIMIT_CORE, CORE_BYTES),
        (libc::RLIMIT_MEMLOCK, 64 << 10),
        (libc::RLIMIT_MSGQUEUE, 800 << 10),
        (libc::RLIMIT_RTPRIO, 0),
        (libc::RLIMIT_NICE, 0),
        (libc::RLIMIT_SIGPENDING, 1_024),
    ];
    for (resource, value) in settings {
        set_resource_limit(resource, value)?;
    }
    if without_group.memory {
        // Each process for itself: coarse, but the host stays up.
        set_resource_limit(libc::RLIMIT_DATA, limits.memory_bytes)?;
    }
    match without_group.processes {
        Some(processes) => set_resource_limit(libc::RLIMIT_NPROC, processes),
        None => Ok(()),
    }
}

/// Sets the limit on open files, last: until exec this process holds
/// descriptors of ours, which may be more than the program is allowed.
pub(crate) fn set_open_files(limits: &Limits) -> io::Result<()> {
    set_resource_limit(libc::RLIMIT_NOFILE, limits.open_files)
}
