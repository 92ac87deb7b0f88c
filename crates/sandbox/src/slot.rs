//! A slot: a range of user ids and a name for cgroups, held by a lock file.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// Where the lock files lie; one per slot in use, kept between uses.
const DIRECTORY: &str = "/run/carrel/slots";
/// First user id of slot 0: above the ranges that systemd documents as taken
/// (systemd's "Users, Groups, UIDs and GIDs"), below 2³¹.
const UID_FIRST: u32 = 0x7000_0000;
/// User ids per slot.
pub(crate) const UIDS: u32 = 1 << 16;
/// What the names of cgroup directories begin with.
const NAME: &str = "carrel-";
/// Slots on one host.
const SLOTS: u32 = 4_096;

/// Whether this user namespace has the ids of every slot: root of a container
/// that has only some of the host's ids cannot give them away.
pub(crate) fn ids_are_mapped() -> bool {
    ["/proc/self/uid_map", "/proc/self/gid_map"]
        .iter()
        .all(|file| std::fs::read_to_string(file).is_ok_and(|map| has_all_ids(&map)))
}

/// Lines of a map are `first id inside, first id outside, count` (user_namespaces(7)).
fn has_all_ids(map: &str) -> bool {
    map.lines().any(|line| {
        let mut numbers = line
            .split_whitespace()
            .map(|number| number.parse::<u64>().unwrap_or_default());
        let (first, count) = (numbers.next(), numbers.nth(1));
        first.zip(count).is_some_and(|(first, count)| {
            first <= u64::from(UID_FIRST) && first + count >= u64::from(UID_FIRST + SLOTS * UIDS)
        })
    })
}

/// A slot, ours until dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    number: u32,
    _lock: File,
}

impl Slot {
    /// Takes the first free slot. Needs root.
    pub(crate) fn take() -> io::Result<Self> {
        Self::take_in(Path::new(DIRECTORY))
    }

    fn take_in(directory: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        for number in 0..SLOTS {
            if let Some(slot) = Self::hold_in(directory, number)? {
                return Ok(slot);
            }
        }
        Err(io::Error::from_raw_os_error(libc::EUSERS))
    }

    /// Takes the slot of this number; `None`: somebody has it. Needs root.
    pub(crate) fn hold(number: u32) -> io::Result<Option<Self>> {
        std::fs::create_dir_all(DIRECTORY)?;
        Self::hold_in(Path::new(DIRECTORY), number)
    }

    fn hold_in(directory: &Path, number: u32) -> io::Result<Option<Self>> {
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(number.to_string()))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self {
                number,
                _lock: lock,
            })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Number of the slot whose cgroup directories have this name.
    pub(crate) fn number_of(name: &str) -> Option<u32> {
        let number: u32 = name.strip_prefix(NAME)?.parse().ok()?;
        (number < SLOTS && name == format!("{NAME}{number}")).then_some(number)
    }

    /// Name of the slot's cgroup directories.
    pub(crate) fn name(&self) -> String {
        format!("{NAME}{}", self.number)
    }

    /// First of the slot's user ids, as the host counts them.
    pub(crate) fn first_uid(&self) -> u32 {
        UID_FIRST + self.number * UIDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_with_few_ids_has_not_those_of_the_slots() {
        assert!(has_all_ids("         0          0 4294967295\n"));
        assert!(!has_all_ids("         0     100000      65536\n"));
        assert!(!has_all_ids("0 1000 1\n1 100000 65536\n"));
        assert!(!has_all_ids(""));
    }

    #[test]
    fn names_of_groups_name_slots_and_nothing_else_does() {
        assert_eq!(Slot::number_of("carrel-17"), Some(17));
        for other in [
            "carrel-",
            "carrel-017",
            "carrel--1",
            "carrel-4096",
            "carrel.service",
        ] {
            assert_eq!(Slot::number_of(other), None, "{other}");
        }
    }

    #[test]
    fn no_slot_is_given_twice_and_ranges_do_not_meet() {
        let directory = tempfile::tempdir().unwrap();
        let first = Slot::take_in(directory.path()).unwrap();
        let second = Slot::take_in(directory.path()).unwrap();
        assert!(second.first_uid() - first.first_uid() >= UIDS);
        let (name, uid) = (first.name(), first.first_uid());
        drop(first);
        let again = Slot::take_in(directory.path()).unwrap();
        assert_eq!((again.name(), again.first_uid()), (name, uid));
        assert!(UID_FIRST.checked_add(SLOTS * UIDS - 1).unwrap() <= i32::MAX as u32);
    }
}
