//! Which walls the sandboxes of a keeper have.

use crate::layer;
use crate::spec::{Limits, Network};
use crate::sys;

/// Which layers this keeper's sandboxes have.
#[derive(Debug)]
pub(crate) struct Isolation {
    pub(crate) missing: Vec<String>,
    /// The seccomp program, compiled once.
    pub(crate) filter: Vec<libc::sock_filter>,
    /// The same for runs that have a network.
    pub(crate) filter_with_internet: Vec<libc::sock_filter>,
}

impl Isolation {
    pub(crate) fn has(&self, layer: &str) -> bool {
        !self.missing.iter().any(|missing| missing == layer)
    }

    pub(crate) fn has_uid_range(&self) -> bool {
        self.has(layer::UID_RANGE)
    }

    /// The limits that the cgroup enforces: those of a layer that is left out are as good as none.
    pub(crate) fn group_limits(&self, limits: &Limits) -> Limits {
        let mut limits = *limits;
        if !self.has(layer::CGROUP_MEMORY) {
            limits.memory_bytes = 1 << 50;
        }
        if !self.has(layer::CGROUP_PIDS) {
            limits.processes = 1 << 20;
        }
        if !self.has(layer::CGROUP_CPU) {
            limits.cpu_rate_milli = 1_000_000;
        }
        limits
    }

    pub(crate) fn clone_flags(&self, network: Network) -> sys::CloneFlags {
        let mut flags = 0;
        for (layer, flag) in [
            (layer::MOUNTS, libc::CLONE_NEWNS),
            (layer::PIDS, libc::CLONE_NEWPID),
            (layer::IPC, libc::CLONE_NEWIPC),
            (layer::UTS, libc::CLONE_NEWUTS),
        ] {
            if self.has(layer) {
                flags |= flag;
            }
        }
        // Without a device that is up, the keeper's own empty network
        // namespace can hold nothing of a run, so all its runs may share it.
        if network == Network::Loopback && self.has(layer::NETWORK) {
            flags |= libc::CLONE_NEWNET;
        }
        u64::from(flags.unsigned_abs())
    }
}
