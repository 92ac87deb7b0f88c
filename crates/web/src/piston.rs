//! The interface of Piston (version 3.1.1, API v2), so that its clients work with this service.
//!
//! Their contract: <https://github.com/engineer-man/piston/blob/master/docs/api-v2.md> and
//! `api/src/api/v2.js` beside it. `docs/compatibility.md` says what differs.

mod live;
mod request;
mod response;
mod routes;
mod signal;
mod socket;

use std::fmt;
use std::sync::Arc;

use carrel_model::Limits;

pub use live::{Direct, LiveInput, LiveOutput, LiveRun, LiveRuns};
pub(crate) use routes::refuse;
pub use routes::routes;

/// Settings of this interface. Limits of a stage are told to clients that ask for more.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Account under which callers without a key execute; `None`: they are refused.
    pub anonymous: Option<String>,
    /// Longest and default wall-clock time of a run, milliseconds.
    pub run_timeout_ms: u64,
    /// Longest and default processor time of a run, milliseconds.
    pub run_cpu_ms: u64,
    /// Memory of a run at most and by default, bytes.
    pub run_memory_bytes: u64,
    /// Longest wall-clock time of a compile step, milliseconds. Where a client names none, the language's own limits hold.
    pub compile_timeout_ms: u64,
    /// Longest processor time of a compile step, milliseconds.
    pub compile_cpu_ms: u64,
    /// Memory of a compile step at most, bytes.
    pub compile_memory_bytes: u64,
    /// Output of both streams together, bytes.
    pub output_bytes: u64,
    /// Most that the operator allows any ad-hoc execution.
    pub most: Limits,
    /// A version that is not here means the one that is. Off: it is an error, as theirs is.
    pub any_version: bool,
    /// Runs that a WebSocket talks to while they go on.
    pub live: Arc<dyn LiveRuns>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            anonymous: None,
            run_timeout_ms: 3_000,
            run_cpu_ms: 3_000,
            run_memory_bytes: 512 << 20,
            compile_timeout_ms: 10_000,
            compile_cpu_ms: 10_000,
            compile_memory_bytes: 2 << 30,
            output_bytes: 1 << 20,
            most: crate::config::execution_limits(),
            any_version: false,
            live: Arc::new(Direct),
        }
    }
}

impl Config {
    /// Asks for no more than the operator allows any ad-hoc execution.
    pub(crate) fn bound(&mut self, most: Limits) {
        self.run_timeout_ms = self.run_timeout_ms.min(most.wall_ms);
        self.run_cpu_ms = self.run_cpu_ms.min(most.cpu_ms);
        self.run_memory_bytes = self.run_memory_bytes.min(most.memory_bytes);
        self.compile_timeout_ms = self.compile_timeout_ms.min(most.wall_ms);
        self.compile_cpu_ms = self.compile_cpu_ms.min(most.cpu_ms);
        self.compile_memory_bytes = self.compile_memory_bytes.min(most.memory_bytes);
        self.output_bytes = self.output_bytes.min(most.output_bytes);
        self.most = most;
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("anonymous", &self.anonymous)
            .field("run_timeout_ms", &self.run_timeout_ms)
            .field("run_cpu_ms", &self.run_cpu_ms)
            .field("run_memory_bytes", &self.run_memory_bytes)
            .field("compile_timeout_ms", &self.compile_timeout_ms)
            .field("compile_cpu_ms", &self.compile_cpu_ms)
            .field("compile_memory_bytes", &self.compile_memory_bytes)
            .field("output_bytes", &self.output_bytes)
            .field("most", &self.most)
            .field("any_version", &self.any_version)
            .finish_non_exhaustive()
    }
}
