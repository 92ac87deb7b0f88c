//! The host, as far as a slot's programs could have changed it: compared
//! before and after.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use carrel_sandbox::Keeper;

/// First user id of slot 0 and ids per slot (as `slot.rs` has them).
const UID_FIRST: u32 = 0x7000_0000;
const UIDS: u32 = 1 << 16;
const CGROUPS: &str = "/sys/fs/cgroup";

/// What there is of one slot on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// Names of processes with an id of the slot.
    processes: Vec<String>,
    /// Lines of /proc/sysvipc with an id of the slot.
    ipc: Vec<String>,
    /// Files in the host's common places with an id of the slot.
    files: Vec<String>,
    /// Network namespaces of its processes.
    networks: usize,
    /// Descriptors and mounts that the keeper's processes hold.
    held: Vec<(usize, usize)>,
}

/// The slot of a privileged keeper: told by the ids of its child.
pub(crate) fn slot(keeper: &Keeper) -> Option<u32> {
    let parent = keeper.process_id();
    processes()
        .into_values()
        .find(|process| process.parent == parent && process.uid >= UID_FIRST)
        .map(|process| (process.uid - UID_FIRST) / UIDS)
}

pub(crate) struct Process {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) parent: u32,
}

/// All processes of the host by their number.
pub(crate) fn processes() -> BTreeMap<u32, Process> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else {
            continue;
        };
        let field = |key: &str| {
            let line = status.lines().find(|line| line.starts_with(key));
            line.and_then(|line| line.split_whitespace().nth(1))
                .unwrap_or_default()
        };
        // The dead whom nobody is left to wait for but process 1 of the host, in its own time.
        if field("State:") == "Z" && field("PPid:") == "1" {
            continue;
        }
        let process = Process {
            name: field("Name:").to_owned(),
            uid: field("Uid:").parse().unwrap_or(0),
            parent: field("PPid:").parse().unwrap_or(0),
        };
        found.insert(pid, process);
    }
    found
}

fn is_of(uid: u32, slot: u32) -> bool {
    uid >= UID_FIRST && (uid - UID_FIRST) / UIDS == slot
}

/// Numbers of the slot's processes.
pub(crate) fn members(slot: u32) -> Vec<u32> {
    processes()
        .into_iter()
        .filter(|(_, process)| is_of(process.uid, slot))
        .map(|(pid, _)| pid)
        .collect()
}

/// What there is of this slot now.
pub(crate) fn look(slot: u32) -> Host {
    let mut networks = Vec::new();
    let mut held = Vec::new();
    let mut names = Vec::new();
    for (pid, process) in processes() {
        if !is_of(process.uid, slot) {
            continue;
        }
        let of = |what: &str| format!("/proc/{pid}/{what}");
        if let Ok(network) = std::fs::read_link(of("ns/net")) {
            networks.push(network);
        }
        let descriptors = std::fs::read_dir(of("fd")).map_or(0, Iterator::count);
        let mounts = std::fs::read_to_string(of("mountinfo")).unwrap_or_default();
        held.push((descriptors, mounts.lines().count()));
        names.push(process.name);
    }
    names.sort();
    held.sort_unstable();
    networks.sort();
    networks.dedup();
    Host {
        processes: names,
        ipc: ipc(slot),
        files: files(slot),
        networks: networks.len(),
        held,
    }
}

fn ipc(slot: u32) -> Vec<String> {
    ["shm", "sem", "msg"]
        .iter()
        .filter_map(|kind| std::fs::read_to_string(format!("/proc/sysvipc/{kind}")).ok())
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| {
            line.split_whitespace()
                .filter_map(|word| word.parse().ok())
                .any(|number| is_of(number, slot))
        })
        .collect()
}

fn files(slot: u32) -> Vec<String> {
    ["/tmp", "/dev/shm", "/run", "/var/tmp", "/run/carrel"]
        .iter()
        .filter_map(|place| std::fs::read_dir(place).ok())
        .flatten()
        .flatten()
        .filter(|entry| entry.metadata().is_ok_and(|data| is_of(data.uid(), slot)))
        .map(|entry| entry.path().display().to_string())
        .collect()
}

/// Directories of the slot in any cgroup hierarchy.
pub(crate) fn groups(slot: u32) -> Vec<String> {
    let name = format!("carrel-{slot}");
    let mut found = Vec::new();
    for hierarchy in std::fs::read_dir(CGROUPS).into_iter().flatten().flatten() {
        for path in [
            hierarchy.path().join(&name),
            Path::new(CGROUPS).join("carrel").join(&name),
        ] {
            if path.is_dir() {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Mounts of this process's namespace.
pub(crate) fn mounts() -> Vec<String> {
    let text = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    text.lines().map(str::to_owned).collect()
}
