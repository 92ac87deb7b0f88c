//! What an operator sets.

use std::path::PathBuf;

use carrel_sandbox::KeeperOptions;

/// Spare slots where nothing else is said, percent of the slots.
pub const SPARE_PERCENT: usize = 25;

/// Settings of a worker; times in milliseconds.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Submissions judged at once.
    pub slots: usize,
    /// Submissions judged beyond them while all slots are held for long ([`carrel_store::spare`]).
    pub spare_slots: usize,
    /// How long a lease holds unless it is renewed.
    pub lease_ms: u64,
    /// Between two renewals; a third of the lease leaves room for one that is lost.
    pub renew_ms: u64,
    /// Between two looks for work where no hint comes.
    pub poll_ms: u64,
    /// Between two reports of this node.
    pub beat_ms: u64,
    /// Between two canary runs.
    pub canary_ms: u64,
    /// Longest that a canary run may take.
    pub canary_timeout_ms: u64,
    /// So many canary runs failed in a row end the worker, so that it is started anew.
    pub canary_failures_max: u32,
    /// How long it waits for what runs when it is to end; the rest is given back uncounted.
    pub drain_ms: u64,
    /// Another worker of this node follows as soon as this one ends: until its
    /// first beat this one's last stands, so that no submission is refused meanwhile,
    /// and what it could not finish goes on and is taken up.
    pub succeeded: bool,
    /// Keepers kept idle per environment.
    pub idle_keepers: usize,
    /// Where published course versions lie, by digest.
    pub courses: PathBuf,
    /// Where journals and the node's identity lie; a tmpfs.
    pub run: PathBuf,
    /// Name of this host.
    pub host: String,
    /// How keepers are started.
    pub keeper: KeeperOptions,
}

impl Settings {
    /// The settings where nothing else is said.
    #[must_use]
    pub fn new(run: PathBuf, courses: PathBuf, keeper: KeeperOptions) -> Self {
        let slots = processors();
        Self {
            slots,
            spare_slots: spare_slots(slots, SPARE_PERCENT),
            lease_ms: 10_000,
            renew_ms: 3_000,
            poll_ms: 250,
            beat_ms: 1_500,
            canary_ms: 3_000,
            canary_timeout_ms: 10_000,
            canary_failures_max: 5,
            drain_ms: 20_000,
            succeeded: false,
            idle_keepers: slots * 2,
            courses,
            run,
            host: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
            keeper,
        }
    }

    /// Processor time per second of wall time that judging gets, thousandths.
    #[must_use]
    pub fn rate_milli(&self) -> u32 {
        let used = self.slots.min(processors());
        u32::try_from(used.saturating_mul(1_000)).unwrap_or(u32::MAX)
    }
}

/// Spare slots of so many: a share of them, one at least unless there are to be none.
#[must_use]
pub fn spare_slots(slots: usize, percent: usize) -> usize {
    if percent == 0 {
        return 0;
    }
    (slots.saturating_mul(percent) / 100).max(1)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
