//! What the service is told at its start: values only, read from nowhere here.

use std::path::PathBuf;

use carrel_model::Limits;
use carrel_store::upkeep::Retention;

/// Configuration of the service.
#[derive(Debug, Clone)]
pub struct Config {
    /// State directory: `courses/` lies in it.
    pub state_directory: PathBuf,
    /// Address under which people reach the service, such as `https://carrel.example.org`;
    /// `None`: told by no link. With `https` cookies are for secure connections only.
    pub public_url: Option<String>,
    /// Most connections at one moment; further ones wait in the kernel's queue.
    pub connections_max: usize,
    /// Most live streams and waits for a verdict that one person may have open at once.
    pub waits_max: u32,
    /// Longest time to send the head of a request, milliseconds.
    pub head_timeout_ms: u64,
    /// Longest silence in the body of a request, milliseconds.
    pub body_timeout_ms: u64,
    /// Longest time that requests may go on after the service was told to stop, milliseconds.
    pub drain_ms: u64,
    /// Believe `X-Forwarded-For` of a proxy that connects from these addresses; loopback and
    /// Unix sockets always are believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Admission.
    pub admission: Admission,
    /// Receivers of webhooks may have addresses of private networks and loopback.
    pub webhooks_to_private_addresses: bool,
    /// A webhook that is enabled again is sent what was given up in so many days.
    pub webhook_resend_days: u32,
    /// Most that an ad-hoc execution may ask for, limit by limit.
    pub execution_limits: Limits,
    /// How long things are kept.
    pub retention: Retention,
    /// Accounts, sessions, rate limits.
    pub account: crate::account::Config,
    /// Requests begin traces of their own where they are in none.
    pub traces: bool,
    /// The Piston dialect.
    pub piston: crate::piston::Config,
    /// The Judge0 dialect.
    pub judge0: crate::judge0::Config,
}

impl Config {
    /// The defaults over a state directory.
    #[must_use]
    pub fn new(state_directory: PathBuf) -> Self {
        Self {
            state_directory,
            public_url: None,
            connections_max: 4_096,
            waits_max: 64,
            head_timeout_ms: 10_000,
            body_timeout_ms: 30_000,
            drain_ms: 20_000,
            trusted_proxies: Vec::new(),
            admission: Admission::default(),
            webhooks_to_private_addresses: false,
            webhook_resend_days: 3,
            execution_limits: execution_limits(),
            retention: Retention::default(),
            account: crate::account::Config::default(),
            traces: false,
            piston: crate::piston::Config::default(),
            judge0: crate::judge0::Config::default(),
        }
    }
}

impl Config {
    /// What the operator allows ad-hoc executions holds for those of other services' clients.
    pub(crate) fn bound_dialects(&mut self) {
        self.piston.bound(self.execution_limits);
        self.judge0.bound(self.execution_limits);
    }
}

/// Most that an ad-hoc execution may ask for where the operator says nothing.
pub(crate) fn execution_limits() -> Limits {
    Limits {
        cpu_ms: 30_000,
        wall_ms: 60_000,
        memory_bytes: 2 << 30,
        processes: 256,
        output_bytes: 4 << 20,
        file_bytes: 256 << 20,
        disk_bytes: 512 << 20,
        inodes: 32_768,
        open_files: 1_024,
        stack_bytes: 1 << 30,
        cpu_rate_milli: 2_000,
    }
}

/// Bounds of what is taken in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Admission {
    /// Time from accept to verdict where a challenge does not say its own, milliseconds.
    pub target_ms: u64,
    /// Expected processor time of work that was never measured, milliseconds.
    pub cost_default_ms: f64,
    /// Most jobs of the batch band that wait.
    pub batch_queued_max: u64,
    /// Most jobs of the batch band of one sender that wait, counted by their processor time, milliseconds.
    pub batch_cost_ms_max: f64,
    /// How long a node counts after its last beat, milliseconds: longer than a restart takes.
    pub node_silence_ms: u64,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            target_ms: carrel_model::challenge::TARGET_MS_DEFAULT,
            cost_default_ms: 300.0,
            batch_queued_max: 10_000,
            batch_cost_ms_max: 3_600_000.0,
            node_silence_ms: 30_000,
        }
    }
}
