//! cgroup v1: the directories are made once per slot and used again, with
//! counters read as differences, because making and removing them costs more
//! than the rest of a sandbox. Between runs they hold no process but the seed,
//! which is checked. The `pids` directory is made anew after a run that had
//! more than one process, since its peak cannot be reset.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::event::{EventfdFlags, eventfd};
use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid};
use rustix::process::Pid;

use super::{Account, CPU_PERIOD_US, ControlFile, Mounts, create_directory, evict, open_directory};
use crate::spec::Limits;

/// Names of the directories in the pids hierarchy, used in turn.
pub(super) const RUNS: [&str; 2] = ["run", "run-next"];
/// Processes that are not the program's: the seed and init.
const OURS: u64 = 2;

/// The group of a slot in four hierarchies.
#[derive(Debug)]
pub(crate) struct Group {
    directories: Vec<PathBuf>,
    /// `cgroup.procs` of cpu, cpuacct and memory, opened with privilege.
    entrances: Vec<ControlFile>,
    /// `cgroup.procs` of the slot in the pids hierarchy, and of all groups
    /// that the slot's directories lie in.
    pids_entrance: ControlFile,
    exits: Vec<ControlFile>,
    cpu_period: ControlFile,
    cpu_quota: ControlFile,
    cpu_usage: ControlFile,
    memory_limit: ControlFile,
    /// Memory and swap together; absent where the kernel does not count swap.
    memory_swap_limit: Option<ControlFile>,
    memory_peak: ControlFile,
    memory_usage: ControlFile,
    memory_empty: ControlFile,
    memory_oom: ControlFile,
    memory_tasks: ControlFile,
    memory_event: OwnedFd,
    pids_slot: OwnedFd,
    run: Run,
    set: Option<(u64, u64)>,
    zero_cpu_us: u64,
    zero_oom_kills: u64,
}

/// A pids group, for one run after the other while its peak says something.
#[derive(Debug)]
struct Run {
    name: &'static str,
    refused: u64,
    max: ControlFile,
    entrance: ControlFile,
    peak: Option<ControlFile>,
    events: ControlFile,
}

impl Group {
    pub(crate) fn create(mounts: &Mounts, slot: &str, uid: u32) -> io::Result<Self> {
        let mut directories: Vec<PathBuf> = Vec::new();
        let mut exits = Vec::new();
        let mut place = |controller: &str| -> io::Result<OwnedFd> {
            let parent = mounts
                .v1_directory(controller)
                .ok_or(io::ErrorKind::NotFound)?;
            let path = parent.join(slot);
            evict(&path)?;
            for name in RUNS {
                evict(&path.join(name))?;
            }
            create_directory(&path)?;
            let directory = open_directory(&path)?;
            exits.push(ControlFile::open_write_only(
                open_directory(parent)?,
                "cgroup.procs",
            )?);
            if !directories.contains(&path) {
                directories.push(path);
            }
            Ok(directory)
        };
        let (cpu, cpuacct) = (place("cpu")?, place("cpuacct")?);
        let (memory, pids) = (place("memory")?, place("pids")?);
        let pids_path = directories.last().cloned().unwrap_or_default();
        for name in RUNS {
            // An earlier life of this slot may have left it; it is empty.
            let _ = rustix::fs::unlinkat(&pids, name, AtFlags::REMOVEDIR);
            directories.insert(0, pids_path.join(name));
        }
        let (owner, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
        rustix::fs::fchown(&pids, Some(owner), Some(group))?;
        let run = Run::create(&pids, RUNS[0], Some((owner, group)))?;
        let open = |directory: &OwnedFd, name: &str| ControlFile::open(directory, name, true);
        let read = |directory: &OwnedFd, name: &str| ControlFile::open(directory, name, false);
        let memory_oom = read(&memory, "memory.oom_control")?;
        let memory_event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        ControlFile::open_write_only(&memory, "cgroup.event_control")?.write(&format!(
            "{} {}",
            memory_event.as_raw_fd(),
            memory_oom.0.as_raw_fd()
        ))?;
        let entrances = [&cpu, &cpuacct, &memory]
            .map(|directory| ControlFile::open_write_only(directory, "cgroup.procs"));
        ControlFile::open_write_only(&memory, "memory.swappiness")?.write("0")?;
        Ok(Self {
            directories,
            entrances: entrances.into_iter().collect::<io::Result<_>>()?,
            pids_entrance: ControlFile::open_write_only(&pids, "cgroup.procs")?,
            exits,
            cpu_period: open(&cpu, "cpu.cfs_period_us")?,
            cpu_quota: open(&cpu, "cpu.cfs_quota_us")?,
            cpu_usage: read(&cpuacct, "cpuacct.usage")?,
            memory_limit: open(&memory, "memory.limit_in_bytes")?,
            memory_swap_limit: open(&memory, "memory.memsw.limit_in_bytes").ok(),
            memory_peak: open(&memory, "memory.max_usage_in_bytes")?,
            memory_usage: read(&memory, "memory.usage_in_bytes")?,
            memory_empty: ControlFile::open_write_only(&memory, "memory.force_empty")?,
            memory_tasks: read(&memory, "cgroup.procs")?,
            memory_oom,
            memory_event,
            pids_slot: pids,
            run,
            set: None,
            zero_cpu_us: 0,
            zero_oom_kills: 0,
        })
    }

    pub(crate) fn directories(&self) -> Vec<PathBuf> {
        self.directories.clone()
    }

    /// Moves the calling process into the slot's groups.
    pub(crate) fn visit(&self) -> io::Result<()> {
        self.entrances
            .iter()
            .chain([&self.pids_entrance])
            .try_for_each(|file| file.write("0"))
    }

    /// Moves it back to where the slot's directories lie.
    pub(crate) fn leave(&self) -> io::Result<()> {
        self.exits.iter().try_for_each(|file| file.write("0"))
    }

    pub(crate) fn begin(&mut self, limits: &Limits) -> io::Result<()> {
        if self.memory_tasks.read()?.lines().count() != 1 {
            return Err(io::Error::from_raw_os_error(libc::EBUSY));
        }
        if self.set != Some((limits.memory_bytes, limits.cpu_rate_milli)) {
            self.set_memory(limits.memory_bytes)?;
            let quota = (limits.cpu_rate_milli * CPU_PERIOD_US / 1_000).max(1_000);
            self.cpu_quota.write("-1")?;
            self.cpu_period.write(&CPU_PERIOD_US.to_string())?;
            self.cpu_quota.write(&quota.to_string())?;
            self.set = Some((limits.memory_bytes, limits.cpu_rate_milli));
        }
        // What an earlier run left in caches is not this run's.
        if self.memory_usage.number()? > limits.memory_bytes / 8 {
            self.memory_empty.write("0")?;
        }
        self.memory_peak.write("0")?;
        self.drain_memory_event();
        self.run.max.write(&(limits.processes + OURS).to_string())?;
        self.run.refused = self.run.events.keyed("max")?;
        self.zero_cpu_us = self.cpu_usage.number()? / 1_000;
        self.zero_oom_kills = self.memory_oom.keyed("oom_kill")?;
        Ok(())
    }

    fn set_memory(&self, bytes: u64) -> io::Result<()> {
        let value = bytes.to_string();
        // Memory may never exceed memory and swap: raise the second before the first.
        if let Some(both) = &self.memory_swap_limit {
            both.write("-1")?;
        }
        if self.memory_limit.write(&value).is_err() {
            self.memory_empty.write("0")?;
            self.memory_limit.write(&value)?;
        }
        if let Some(both) = &self.memory_swap_limit {
            both.write(&value)?;
        }
        Ok(())
    }

    fn drain_memory_event(&self) {
        // Not readable is the usual case: nothing happened.
        let _ = rustix::io::read(&self.memory_event, &mut [0_u8; 8]);
    }

    pub(crate) fn enter(&self) -> io::Result<()> {
        for entrance in &self.entrances {
            entrance.write("0")?;
        }
        self.run.entrance.write("0")
    }

    pub(crate) fn memory_event(&self) -> BorrowedFd<'_> {
        self.memory_event.as_fd()
    }

    pub(crate) fn cpu_us(&self) -> io::Result<u64> {
        Ok((self.cpu_usage.number()? / 1_000).saturating_sub(self.zero_cpu_us))
    }

    pub(crate) fn account(&self) -> io::Result<Account> {
        let oom_kills = self.memory_oom.keyed("oom_kill")?;
        Ok(Account {
            cpu_us: self.cpu_us()?,
            memory_peak_bytes: self.memory_peak.number()?,
            oom_kills: oom_kills.saturating_sub(self.zero_oom_kills),
            processes_peak: self.run.peak()?.saturating_sub(OURS),
            processes_refused: self
                .run
                .events
                .keyed("max")?
                .saturating_sub(self.run.refused),
        })
    }

    /// A peak of more than one process would stand for the next run too: then
    /// the seed moves to a new directory.
    pub(crate) fn end(&mut self, seed: Option<Pid>) -> io::Result<()> {
        let (Some(seed), true) = (seed, self.run.peak()? > OURS + 1) else {
            return Ok(());
        };
        let name = if self.run.name == RUNS[0] {
            RUNS[1]
        } else {
            RUNS[0]
        };
        let next = Run::create(&self.pids_slot, name, None)?;
        match next.entrance.write(&seed.as_raw_nonzero().to_string()) {
            // Killed with a run that used up the memory: the next one enters here.
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
            other => other?,
        }
        let last = std::mem::replace(&mut self.run, next);
        rustix::fs::unlinkat(&self.pids_slot, last.name, AtFlags::REMOVEDIR)?;
        Ok(())
    }
}

impl Run {
    /// Made by the privileged parent for the slot's user, or by that user itself.
    fn create(slot: &OwnedFd, name: &'static str, owner: Option<(Uid, Gid)>) -> io::Result<Self> {
        rustix::fs::mkdirat(slot, name, Mode::from_raw_mode(0o755))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(slot, name, flags, Mode::empty())?;
        if let Some((owner, group)) = owner {
            rustix::fs::fchown(&directory, Some(owner), Some(group))?;
        }
        Ok(Self {
            name,
            refused: 0,
            max: ControlFile::open_write_only(&directory, "pids.max")?,
            entrance: ControlFile::open_write_only(&directory, "cgroup.procs")?,
            peak: ControlFile::open(&directory, "pids.peak", false).ok(),
            events: ControlFile::open(&directory, "pids.events", false)?,
        })
    }

    /// 0 where the kernel does not count it.
    fn peak(&self) -> io::Result<u64> {
        self.peak.as_ref().map_or(Ok(0), ControlFile::number)
    }
}
