//! The only place that knows every crate: joins the judge to the image store,
//! the store's triggers to the sandbox, and the command line to all of them.

pub mod building;
pub mod course;
pub mod environments;
pub mod exchange;
pub mod import;
pub mod judging;
pub mod probe;
pub mod relay;
pub mod service;
pub mod trigger;

use carrel_model::Limits;

/// An author's limits as the sandbox takes them.
#[must_use]
pub fn limits_of(limits: &Limits) -> carrel_sandbox::Limits {
    carrel_sandbox::Limits {
        cpu_ms: limits.cpu_ms,
        wall_ms: limits.wall_ms,
        memory_bytes: limits.memory_bytes,
        processes: limits.processes,
        output_bytes: limits.output_bytes,
        file_bytes: limits.file_bytes,
        disk_bytes: limits.disk_bytes,
        inodes: limits.inodes,
        open_files: limits.open_files,
        stack_bytes: limits.stack_bytes,
        cpu_rate_milli: limits.cpu_rate_milli,
    }
}
