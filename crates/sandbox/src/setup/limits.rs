//! Resource limits of the program's processes: the first wall where the
//! kernel bounds a single process, the second where a cgroup bounds them all.

use std::io;

use crate::spec::Limits;
use crate::sys::set_resource_limit;

/// Sets every limit. `processes` bounds the whole slot, and only where no cgroup does.
pub(crate) fn set(limits: &Limits, processes: Option<u64>) -> io::Result<()> {
    // One second late: the keeper's clock over all processes comes first and tells better.
    let cpu_seconds = limits.cpu_ms.div_ceil(1_000) + 1;
    let settings = [
        (libc::RLIMIT_CPU, cpu_seconds),
        (libc::RLIMIT_FSIZE, limits.file_bytes),
        (libc::RLIMIT_STACK, limits.stack_bytes),
        (libc::RLIMIT_NOFILE, limits.open_files),
        (libc::RLIMIT_CORE, 0),
        (libc::RLIMIT_MEMLOCK, 64 << 10),
        (libc::RLIMIT_MSGQUEUE, 800 << 10),
        (libc::RLIMIT_RTPRIO, 0),
        (libc::RLIMIT_NICE, 0),
        (libc::RLIMIT_SIGPENDING, 1_024),
    ];
    for (resource, value) in settings {
        set_resource_limit(resource, value)?;
    }
    match processes {
        Some(processes) => set_resource_limit(libc::RLIMIT_NPROC, processes + 1),
        None => Ok(()),
    }
}
