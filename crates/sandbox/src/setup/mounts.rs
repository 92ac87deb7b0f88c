//! The mounts that every run gets fresh: /proc, and one bounded tmpfs seen as
//! /work, /tmp and /dev/shm.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat};
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
    fsconfig_set_flag, fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
};

use crate::spec::Limits;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// The writable space of a run, by descriptor.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// The whole tmpfs.
    pub(crate) root: OwnedFd,
    /// What is seen as /work.
    pub(crate) work: OwnedFd,
    /// What is seen as /tmp.
    pub(crate) temporary: OwnedFd,
}

/// A new file system of this kind, not yet attached anywhere.
pub(crate) fn new_file_system(
    kind: &str,
    options: &[(&str, &str)],
    attributes: MountAttrFlags,
) -> io::Result<OwnedFd> {
    let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
    for (key, value) in options {
        if value.is_empty() {
            fsconfig_set_flag(&context, *key)?;
        } else {
            fsconfig_set_string(&context, *key, *value)?;
        }
    }
    fsconfig_create(&context)?;
    Ok(fsmount(
        &context,
        FsMountFlags::FSMOUNT_CLOEXEC,
        attributes,
    )?)
}

/// Attaches a detached mount.
pub(crate) fn attach(mount: &OwnedFd, target: &str) -> io::Result<()> {
    move_mount(
        mount,
        "",
        CWD,
        target,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )?;
    Ok(())
}

/// A fresh /proc of the new pid namespace: only processes, only one's own.
pub(crate) fn mount_proc() -> io::Result<()> {
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID
        | MountAttrFlags::MOUNT_ATTR_NODEV
        | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let options = [("subset", "pid"), ("hidepid", "invisible")];
    attach(&new_file_system("proc", &options, attributes)?, "/proc")
}

/// The fresh tmpfs, bounded in bytes and inodes, in its three places.
/// Without `bounded` (tests only) it has the kernel's default bounds.
pub(crate) fn mount_scratch(limits: &Limits, bounded: bool) -> io::Result<Scratch> {
    // The three directories made here and the root are not the program's.
    let inodes = if bounded {
        (limits.inodes + 4).to_string()
    } else {
        "0".to_owned()
    };
    let size = if bounded {
        limits.disk_bytes.to_string()
    } else {
        "50%".to_owned()
    };
    let options = [
        ("size", size.as_str()),
        ("nr_inodes", inodes.as_str()),
        ("mode", "755"),
    ];
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV;
    attach(&new_file_system("tmpfs", &options, attributes)?, "/tmp")?;
    let root = open_directory("/tmp")?;
    let mut opened = Vec::with_capacity(3);
    // The last one covers the tmpfs itself, which nobody sees from then on.
    for (name, target) in [("work", "/work"), ("shm", "/dev/shm"), ("tmp", "/tmp")] {
        mkdirat(&root, name, Mode::from_raw_mode(0o700))?;
        let directory = openat(&root, name, DIRECTORY, Mode::empty())?;
        rustix::fs::fchmod(&directory, Mode::from_raw_mode(0o1777))?;
        let clone = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        attach(&open_tree(&root, name, clone)?, target)?;
        opened.push(directory);
    }
    let [work, _shared, temporary]: [OwnedFd; 3] = opened
        .try_into()
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(Scratch {
        root,
        work,
        temporary,
    })
}

fn open_directory(path: &str) -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(path, DIRECTORY, Mode::empty())?)
}
