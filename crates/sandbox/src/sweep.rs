//! Left-overs of earlier lives.
//!
//! What a keeper holds dies with it: namespaces, mounts, processes, locks. Only
//! directories of cgroups stay where its privileged parent was killed as well.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::cgroup;
use crate::slot::Slot;

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Slots whose cgroups nobody held and are gone now.
    pub removed: usize,
    /// Slots in use, which were left alone.
    pub in_use: usize,
}

/// Removes the cgroups of slots that nobody holds, and kills whoever is left in
/// them. A slot is held by a lock, which ends with its keeper; the sweep holds
/// it meanwhile. For an ordinary user, who has no slots, there is nothing to do.
///
/// # Errors
/// The hierarchies or the locks could not be read.
pub fn sweep() -> io::Result<Swept> {
    let mut swept = Swept::default();
    if !rustix::process::geteuid().is_root() {
        return Ok(swept);
    }
    let mut slots: BTreeMap<u32, Vec<PathBuf>> = BTreeMap::new();
    for directory in cgroup::slot_directories()? {
        let name = directory.file_name().and_then(|name| name.to_str());
        if let Some(number) = name.and_then(Slot::number_of) {
            slots.entry(number).or_default().push(directory);
        }
    }
    for (number, directories) in slots {
        let Some(_held) = Slot::hold(number)? else {
            swept.in_use += 1;
            continue;
        };
        let all: Vec<PathBuf> = directories
            .iter()
            .flat_map(|slot| cgroup::with_runs(slot))
            .collect();
        cgroup::remove(&all);
        swept.removed += 1;
    }
    Ok(swept)
}
