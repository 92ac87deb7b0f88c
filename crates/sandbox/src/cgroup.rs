//! One group per slot that bounds and counts memory, processes and processor
//! time: one small interface over cgroup v2 and v1.
//!
//! The privileged parent creates the slot's directories and opens the files;
//! the keeper, which has no privilege on the host, works through those
//! descriptors (v1), or in the subtree that was given to its user (v2).

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::process::Pid;

use crate::layer;
use crate::slot::Slot;
use crate::spec::Limits;
use crate::sys;

pub(crate) mod v1;
pub(crate) mod v2;

/// Period of the CPU bandwidth controller, microseconds. Short, so that a
/// program over its rate is held back for milliseconds and not for the
/// kernel's default of 100 ms at a time.
pub(crate) const CPU_PERIOD_US: u64 = 10_000;

/// How often the removal of a group is tried, and how long between: two
/// seconds, after which the slot's next life removes it.
const REMOVE_TRIES: u32 = 400;
const REMOVE_PAUSE: std::time::Duration = std::time::Duration::from_millis(5);

/// What a run used, read after its end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Account {
    /// Processor time, microseconds.
    pub(crate) cpu_us: u64,
    pub(crate) memory_peak_bytes: u64,
    pub(crate) processes_peak: u64,
    /// Processes that the kernel killed for memory.
    pub(crate) oom_kills: u64,
    /// Forks refused by the limit on processes.
    pub(crate) processes_refused: u64,
}

/// The group of a slot.
#[derive(Debug)]
pub(crate) enum Group {
    /// cgroup v1: recycled directories, counters read as differences.
    V1(Box<v1::Group>),
    /// cgroup v2: a fresh directory per run.
    V2(v2::Group),
    /// No cgroup could be had: the layers are missing.
    None,
}

impl Group {
    /// Creates the slot's group with the privilege of the caller.
    pub(crate) fn create(slot: &str, uid: u32) -> io::Result<Self> {
        let mounts = Mounts::read()?;
        if let Some(unified) = mounts.unified_with_controllers() {
            return Ok(Self::V2(v2::Group::create(&unified, slot, uid)?));
        }
        if mounts.has_v1() {
            return Ok(Self::V1(Box::new(v1::Group::create(&mounts, slot, uid)?)));
        }
        Ok(Self::None)
    }

    /// Which layers are missing for want of a cgroup.
    pub(crate) fn missing_layers(&self) -> &'static [&'static str] {
        match self {
            Self::V1(_) | Self::V2(_) => &[],
            Self::None => &[layer::CGROUP_MEMORY, layer::CGROUP_PIDS, layer::CGROUP_CPU],
        }
    }

    /// Directories to remove when the slot is given up, deepest first.
    pub(crate) fn directories(&self) -> Vec<PathBuf> {
        match self {
            Self::V1(group) => group.directories(),
            Self::V2(group) => group.directories(),
            Self::None => Vec::new(),
        }
    }

    /// Called by the child that is to be the keeper, still with privilege. With
    /// `namespace` it gets a cgroup namespace whose root is the slot's group, so
    /// that runs see no path of the host. On v1 the keeper itself stays outside.
    pub(crate) fn settle(&self, namespace: bool) -> io::Result<()> {
        let unshare = || sys::unshare(libc::CLONE_NEWCGROUP.unsigned_abs());
        match self {
            Self::V2(group) => group.settle(namespace),
            Self::V1(_) | Self::None if !namespace => Ok(()),
            Self::V1(group) => {
                group.visit()?;
                let made = unshare();
                group.leave()?;
                Ok(made?)
            }
            Self::None => Ok(unshare()?),
        }
    }

    /// Sets the limits and the zero of the counters for the next run.
    pub(crate) fn begin(&mut self, limits: &Limits) -> io::Result<()> {
        match self {
            Self::V1(group) => group.begin(limits),
            Self::V2(group) => group.begin(limits),
            Self::None => Ok(()),
        }
    }

    /// The group to clone into, on v2.
    pub(crate) fn clone_target(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::V2(group) => group.clone_target(),
            Self::V1(_) | Self::None => None,
        }
    }

    /// Called by the seed as its first act: on v1 it moves itself into the group.
    pub(crate) fn enter(&self) -> io::Result<()> {
        match self {
            Self::V1(group) => group.enter(),
            Self::V2(_) | Self::None => Ok(()),
        }
    }

    /// Readable when the group ran out of memory, on v1 (v2 kills the group by itself).
    pub(crate) fn memory_event(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::V1(group) => Some(group.memory_event()),
            Self::V2(_) | Self::None => None,
        }
    }

    /// Processor time of this run so far, microseconds; `None` without a group.
    pub(crate) fn cpu_us(&self) -> io::Result<Option<u64>> {
        match self {
            Self::V1(group) => group.cpu_us().map(Some),
            Self::V2(group) => group.cpu_us().map(Some),
            Self::None => Ok(None),
        }
    }

    /// The account of the run that just ended.
    pub(crate) fn account(&self) -> io::Result<Option<Account>> {
        match self {
            Self::V1(group) => group.account().map(Some),
            Self::V2(group) => group.account().map(Some),
            Self::None => Ok(None),
        }
    }

    /// Tidies up after a run whose processes are all gone.
    pub(crate) fn end(&mut self, seed: Option<Pid>) -> io::Result<()> {
        match self {
            Self::V1(group) => group.end(seed),
            Self::V2(group) => group.end(),
            Self::None => Ok(()),
        }
    }
}

/// Every directory of this host that is the group of a slot, or was.
pub(crate) fn slot_directories() -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for top in Mounts::read()?.tops() {
        // A hierarchy in which no slot ever was has no such directory.
        for entry in std::fs::read_dir(top).into_iter().flatten() {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().and_then(Slot::number_of).is_some() {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}

/// The directories below that of a slot, in either version, deepest first, and itself.
pub(crate) fn with_runs(slot: &Path) -> Vec<PathBuf> {
    let below = v1::RUNS.iter().chain([&v2::KEEPER]);
    let mut directories: Vec<PathBuf> = below.map(|name| slot.join(name)).collect();
    directories.push(slot.to_owned());
    directories
}

/// Where the cgroup hierarchies are mounted and where this process is in them.
#[derive(Debug, Default)]
pub(crate) struct Mounts {
    /// Controller name to the directory of this process's group.
    v1: Vec<(String, PathBuf)>,
    /// Mount point of the unified hierarchy.
    unified: Option<PathBuf>,
}

impl Mounts {
    fn read() -> io::Result<Self> {
        let mountinfo = std::fs::read_to_string("/proc/self/mountinfo")?;
        let own = std::fs::read_to_string("/proc/self/cgroup")?;
        Ok(Self::parse(&mountinfo, &own))
    }

    /// From the texts of `/proc/self/mountinfo` and `/proc/self/cgroup` (proc(5), cgroups(7)).
    fn parse(mountinfo: &str, own: &str) -> Self {
        let mut found = Self::default();
        for line in mountinfo.lines() {
            let Some((left, right)) = line.split_once(" - ") else {
                continue;
            };
            let Some(point) = left.split(' ').nth(4) else {
                continue;
            };
            let mut right = right.split(' ');
            let (kind, options) = (right.next(), right.nth(1).unwrap_or(""));
            match kind {
                Some("cgroup2") => found.unified = Some(point.into()),
                Some("cgroup") => {
                    for controller in options.split(',') {
                        let wanted = ["cpu", "cpuacct", "memory", "pids"].contains(&controller);
                        if let Some(path) = own_path(own, controller).filter(|_| wanted) {
                            let directory = Path::new(point).join(path.trim_start_matches('/'));
                            found.v1.push((controller.to_owned(), directory));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn unified_with_controllers(&self) -> Option<PathBuf> {
        let point = self.unified.as_ref()?;
        let controllers = std::fs::read_to_string(point.join("cgroup.controllers")).ok()?;
        let has = |name| controllers.split_whitespace().any(|word| word == name);
        (has("memory") && has("pids") && has("cpu")).then(|| point.clone())
    }

    /// The directories that those of slots lie in, in every hierarchy.
    fn tops(&self) -> Vec<PathBuf> {
        let mut tops: Vec<PathBuf> = self.v1.iter().map(|(_, path)| path.clone()).collect();
        tops.extend(self.unified.iter().map(|point| point.join(v2::TOP)));
        tops.sort();
        tops.dedup();
        tops
    }

    fn has_v1(&self) -> bool {
        ["cpu", "cpuacct", "memory", "pids"]
            .iter()
            .all(|name| self.v1_directory(name).is_some())
    }

    fn v1_directory(&self, controller: &str) -> Option<&Path> {
        let (_, path) = self.v1.iter().find(|(name, _)| name == controller)?;
        Some(path)
    }
}

/// This process's group in the hierarchy of a v1 controller.
fn own_path<'a>(own: &'a str, controller: &str) -> Option<&'a str> {
    own.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        controllers
            .split(',')
            .any(|name| name == controller)
            .then_some(path)
    })
}

/// A control file held open.
#[derive(Debug)]
pub(crate) struct ControlFile(File);

impl ControlFile {
    pub(crate) fn open(directory: impl AsFd, name: &str, write: bool) -> io::Result<Self> {
        let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
        let file = rustix::fs::openat(directory, name, access | OFlags::CLOEXEC, Mode::empty())?;
        Ok(Self(file.into()))
    }

    /// For files that can only be written, such as `cgroup.procs` given to another user.
    pub(crate) fn open_write_only(directory: impl AsFd, name: &str) -> io::Result<Self> {
        let flags = OFlags::WRONLY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(directory, name, flags, Mode::empty())?;
        Ok(Self(file.into()))
    }

    pub(crate) fn write(&self, value: &str) -> io::Result<()> {
        (&self.0).write_all(value.as_bytes())
    }

    pub(crate) fn read(&self) -> io::Result<String> {
        let mut file = &self.0;
        file.rewind()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text)
    }

    /// The file's only number.
    pub(crate) fn number(&self) -> io::Result<u64> {
        let text = self.read()?;
        text.trim()
            .parse()
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, text))
    }

    /// The number after `key` in a file of `key number` lines; 0 where there is no such line.
    pub(crate) fn keyed(&self, key: &str) -> io::Result<u64> {
        Ok(keyed(&self.read()?, key))
    }
}

fn keyed(text: &str, key: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == key)
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

/// Opens a directory for use with `…at` calls.
pub(crate) fn open_directory(path: &Path) -> io::Result<rustix::fd::OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

/// Removes these directories, deepest first. Whoever is still in one, because
/// its keeper died in the middle of a run, is killed.
pub(crate) fn remove(directories: &[PathBuf]) {
    for _ in 0..REMOVE_TRIES {
        // Not there is as good as removed.
        let is_left = |directory: &&PathBuf| {
            std::fs::remove_dir(directory)
                .is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
                && !is_shared(directory, directories)
        };
        let left: Vec<&PathBuf> = directories.iter().filter(is_left).collect();
        if left.is_empty() {
            return;
        }
        for directory in left {
            kill_members(directory);
        }
        std::thread::sleep(REMOVE_PAUSE);
    }
}

/// Ends whoever an earlier life of the slot left in this group: its privileged
/// parent was killed, and the slot was free before the last process had died.
pub(crate) fn evict(directory: &Path) -> io::Result<()> {
    for _ in 0..REMOVE_TRIES {
        match std::fs::read_to_string(directory.join("cgroup.procs")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Ok(members) if members.is_empty() => return Ok(()),
            Ok(_) => kill_members(directory),
            Err(error) => return Err(error),
        }
        std::thread::sleep(REMOVE_PAUSE);
    }
    Err(io::Error::from_raw_os_error(libc::EBUSY))
}

/// Whether others than these have groups in it.
fn is_shared(directory: &Path, own: &[PathBuf]) -> bool {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .any(|entry| !own.contains(&entry.path()))
}

fn kill_members(directory: &Path) {
    // Gone in the meantime, or dying: the next try sees.
    let members = std::fs::read_to_string(directory.join("cgroup.procs")).unwrap_or_default();
    for pid in members.lines().filter_map(|line| line.parse().ok()) {
        if let Some(pid) = rustix::process::Pid::from_raw(pid).filter(|pid| !pid.is_init()) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// Creates a directory unless it is there, left by an earlier life of the slot.
pub(crate) fn create_directory(path: &Path) -> io::Result<()> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_hierarchies_of_both_versions() {
        let mountinfo = "\
30 29 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
31 29 0:27 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
32 29 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate
";
        let own = "4:memory:/a/b\n3:cpu,cpuacct:/\n0::/x\n";
        let mounts = Mounts::parse(mountinfo, own);
        assert_eq!(
            mounts.v1_directory("memory"),
            Some(Path::new("/sys/fs/cgroup/memory/a/b"))
        );
        assert_eq!(
            mounts.v1_directory("cpuacct"),
            Some(Path::new("/sys/fs/cgroup/cpu,cpuacct"))
        );
        assert_eq!(mounts.unified, Some("/sys/fs/cgroup/unified".into()));
        assert!(!mounts.has_v1(), "pids is not mounted");
    }

    #[test]
    fn reads_keyed_files() {
        assert_eq!(
            keyed("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", "oom_kill"),
            7
        );
        assert_eq!(keyed("max 3\n", "absent"), 0);
    }
}
