//! cgroup v2: the slot's directory is given to the slot's user; a run gets a
//! fresh directory in it and is cloned straight into it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid};

use super::{Account, CPU_PERIOD_US, ControlFile, create_directory, evict, open_directory};
use crate::spec::Limits;
use crate::sys;

/// The directory of all slots, below the root of the hierarchy.
pub(super) const TOP: &str = "carrel";
/// Where the keeper itself lives: controllers need groups that hold processes to be leaves.
pub(super) const KEEPER: &str = "keeper";
/// The directory of one run.
const RUN: &str = "run";
const CONTROLLERS: &str = "+cpu +memory +pids";

/// The group of a slot.
#[derive(Debug)]
pub(crate) struct Group {
    path: PathBuf,
    slot: OwnedFd,
    /// `cgroup.procs` of the slot and of the keeper's leaf, opened with privilege.
    entrance: ControlFile,
    leaf_entrance: ControlFile,
    /// `cgroup.subtree_control` of the slot.
    controllers: ControlFile,
    run: Option<Run>,
}

/// The group of one run.
#[derive(Debug)]
struct Run {
    directory: OwnedFd,
    cpu_stat: ControlFile,
    memory_peak: Option<ControlFile>,
    memory_events: ControlFile,
    pids_peak: Option<ControlFile>,
    pids_events: ControlFile,
}

impl Group {
    pub(crate) fn create(unified: &Path, slot: &str, uid: u32) -> io::Result<Self> {
        let top = unified.join(TOP);
        create_directory(&top)?;
        let controllers = |path: &Path| {
            ControlFile::open_write_only(open_directory(path)?, "cgroup.subtree_control")
        };
        controllers(unified)?.write(CONTROLLERS)?;
        controllers(&top)?.write(CONTROLLERS)?;
        let path = top.join(slot);
        for leaf in [RUN, KEEPER] {
            evict(&path.join(leaf))?;
        }
        create_directory(&path)?;
        create_directory(&path.join(KEEPER))?;
        // Delegation (cgroup-v2.rst, "Model of Delegation"): the directory,
        // its procs and subtree_control, and the procs of the keeper's leaf.
        for file in [
            "",
            "cgroup.procs",
            "cgroup.subtree_control",
            "keeper",
            "keeper/cgroup.procs",
        ] {
            let (owner, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
            rustix::fs::chown(path.join(file), Some(owner), Some(group))?;
        }
        let slot = open_directory(&path)?;
        // An earlier life of this slot may have left its run's group; it is empty, or nobody's.
        let _ = rustix::fs::unlinkat(&slot, RUN, AtFlags::REMOVEDIR);
        let leaf = open_directory(&path.join(KEEPER))?;
        Ok(Self {
            entrance: ControlFile::open_write_only(&slot, "cgroup.procs")?,
            leaf_entrance: ControlFile::open_write_only(leaf, "cgroup.procs")?,
            controllers: controllers(&path)?,
            path,
            slot,
            run: None,
        })
    }

    /// Moves the calling process, which is to be the keeper, into the slot's
    /// leaf for it; on the way, a cgroup namespace is made with the slot as its root.
    pub(crate) fn settle(&self, namespace: bool) -> io::Result<()> {
        if namespace {
            // A group that holds processes can have no controllers for its
            // children, so those of an earlier life are taken back first.
            self.controllers.write("-cpu -memory -pids")?;
            self.entrance.write("0")?;
            sys::unshare(libc::CLONE_NEWCGROUP.unsigned_abs())?;
        }
        self.leaf_entrance.write("0")?;
        self.controllers.write(CONTROLLERS)
    }

    /// The directory of all slots is last: it stays while others are in it.
    pub(crate) fn directories(&self) -> Vec<PathBuf> {
        let mut directories = vec![
            self.path.join(RUN),
            self.path.join(KEEPER),
            self.path.clone(),
        ];
        directories.extend(self.path.parent().map(Path::to_owned));
        directories
    }

    pub(crate) fn begin(&mut self, limits: &Limits) -> io::Result<()> {
        if self.run.is_some() {
            self.end()?;
        }
        self.run = Some(Run::create(&self.slot, limits)?);
        Ok(())
    }

    pub(crate) fn clone_target(&self) -> Option<BorrowedFd<'_>> {
        self.run.as_ref().map(|run| run.directory.as_fd())
    }

    fn run(&self) -> io::Result<&Run> {
        self.run
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    pub(crate) fn cpu_us(&self) -> io::Result<u64> {
        self.run()?.cpu_stat.keyed("usage_usec")
    }

    pub(crate) fn account(&self) -> io::Result<Account> {
        let run = self.run()?;
        let optional =
            |file: &Option<ControlFile>| file.as_ref().map_or(Ok(0), ControlFile::number);
        Ok(Account {
            cpu_us: run.cpu_stat.keyed("usage_usec")?,
            memory_peak_bytes: optional(&run.memory_peak)?,
            // init is one of them and not the program's.
            processes_peak: optional(&run.pids_peak)?.saturating_sub(1),
            oom_kills: run.memory_events.keyed("oom_kill")?,
            processes_refused: run.pids_events.keyed("max")?,
        })
    }

    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.run = None;
        rustix::fs::unlinkat(&self.slot, RUN, AtFlags::REMOVEDIR)?;
        Ok(())
    }
}

impl Run {
    fn create(slot: &OwnedFd, limits: &Limits) -> io::Result<Self> {
        rustix::fs::mkdirat(slot, RUN, Mode::from_raw_mode(0o755))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::openat(slot, RUN, flags, Mode::empty())?;
        let quota = (limits.cpu_rate_milli * CPU_PERIOD_US / 1_000).max(1_000);
        let settings = [
            ("cpu.max", format!("{quota} {CPU_PERIOD_US}")),
            ("memory.max", limits.memory_bytes.to_string()),
            ("memory.oom.group", "1".to_owned()),
            // One more for init.
            ("pids.max", (limits.processes + 1).to_string()),
        ];
        for (file, value) in settings {
            ControlFile::open_write_only(&directory, file)?.write(&value)?;
        }
        // Absent on a kernel without swap.
        if let Ok(swap) = ControlFile::open_write_only(&directory, "memory.swap.max") {
            swap.write("0")?;
        }
        let read = |name: &str| ControlFile::open(&directory, name, false);
        Ok(Self {
            cpu_stat: read("cpu.stat")?,
            memory_peak: read("memory.peak").ok(),
            memory_events: read("memory.events")?,
            pids_peak: read("pids.peak").ok(),
            pids_events: read("pids.events")?,
            directory,
        })
    }
}
