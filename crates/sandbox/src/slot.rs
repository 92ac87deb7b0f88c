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
/// Slots on one host.
const SLOTS: u32 = 4_096;

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
            let path = directory.join(number.to_string());
            let lock = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(path)?;
            match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {
                    return Ok(Self {
                        number,
                        _lock: lock,
                    });
                }
                Err(rustix::io::Errno::WOULDBLOCK) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::from_raw_os_error(libc::EUSERS))
    }

    /// Name of the slot's cgroup directories.
    pub(crate) fn name(&self) -> String {
        format!("carrel-{}", self.number)
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
