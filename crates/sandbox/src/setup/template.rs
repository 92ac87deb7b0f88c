//! The root file system that every run of a keeper inherits, assembled once
//! in a mount namespace of the keeper's own: the environment read-only, a
//! small /dev, a /proc for the runs to cover.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, makedev, mkdirat, mknodat, openat, symlinkat};
use rustix::mount::{
    MountAttrFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
    mount_change, move_mount, open_tree, unmount,
};
use rustix::process::{chdir, pivot_root};

use super::mounts::{attach, new_file_system};
use crate::protocol::{Fault, RootWire};
use crate::spec::Entry;
use crate::step::Steps;
use crate::sys;

/// Where the template is put together; any directory that every host has.
const STAGING: &str = "/mnt";
/// Name, major and minor number of the devices in /dev.
const DEVICES: [(&str, u32, u32); 5] = [
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
];
/// Links in /dev.
const DEVICE_LINKS: [(&str, &str); 4] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
];
const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID;
const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// What the template is made from.
pub(crate) struct Source<'a> {
    pub(crate) root: &'a RootWire,
    pub(crate) mount: Option<OwnedFd>,
    /// Show files of the host's root as root's inside, where the file system can.
    pub(crate) user_namespace: Option<BorrowedFd<'a>>,
    /// Device files can be made (they can where the host's root makes them).
    pub(crate) devices: bool,
}

/// Assembles the template and makes it the root of this mount namespace, which
/// is the caller's own already.
pub(crate) fn assemble(steps: &mut Steps, source: Source<'_>) -> Result<(), Fault> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    steps.take("make mounts private", || mount_change("/", private))?;
    let host_devices = steps.take("open host devices", || open_host_devices(source.devices))?;
    match source.root {
        RootWire::Directory(path) => {
            let tree = steps.take("open root directory", || clone_tree(path))?;
            steps.take("mount root", || put_root(&tree, source.user_namespace))?;
        }
        RootWire::Mount => {
            let tree = source.mount.as_ref().ok_or(io::ErrorKind::NotFound);
            let tree = steps.take("take root mount", || tree.map_err(io::Error::from))?;
            steps.take("mount root", || put_root(tree, source.user_namespace))?;
        }
        RootWire::Assembled(entries) => assemble_pieces(steps, entries)?,
    }
    steps.take("mount /dev", || mount_devices(&host_devices))?;
    steps.take("mount /proc", || {
        attach(&proc_of_keeper()?, &format!("{STAGING}/proc"))
    })?;
    steps.take("change root", || {
        chdir(STAGING)?;
        pivot_root(".", ".")?;
        unmount(".", UnmountFlags::DETACH)?;
        chdir("/")
    })
}

/// The keeper's /proc; each run has a fresh one over it. A keeper that is no
/// root has the host's processes beside it and may only show the host's again.
fn proc_of_keeper() -> io::Result<OwnedFd> {
    match new_file_system("proc", &[], no_programs()) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
            // With all that is mounted in it: a part must not come to light.
            Ok(open_tree(
                CWD,
                "/proc",
                flags | OpenTreeFlags::AT_RECURSIVE,
            )?)
        }
        other => other,
    }
}

fn no_programs() -> MountAttrFlags {
    MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NOEXEC
}

fn clone_tree(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    Ok(open_tree(CWD, path, flags)?)
}

fn put_root(tree: &OwnedFd, user_namespace: Option<BorrowedFd<'_>>) -> io::Result<()> {
    // Not every file system can be shown with other owners; then its files are
    // nobody's inside, and as readable as before.
    if sys::mount_setattr(tree.as_fd(), 0, user_namespace, false).is_err() {
        sys::mount_setattr(tree.as_fd(), 0, None, false)?;
    }
    sys::mount_setattr(
        tree.as_fd(),
        READ_ONLY | libc::MOUNT_ATTR_NODEV,
        None,
        false,
    )?;
    attach(tree, STAGING)
}

fn assemble_pieces(steps: &mut Steps, entries: &[Entry]) -> Result<(), Fault> {
    // Opened before anything is mounted over the host's tree.
    let mut trees = Vec::new();
    for entry in entries {
        if let Entry::Bind { source, target } = entry {
            let name = format!("open `{}`", source.display());
            let tree = steps.take(&name, || clone_tree(source))?;
            trees.push((tree, source.is_dir(), target));
        }
    }
    steps.take("mount root", || {
        let options = [("size", "16m"), ("nr_inodes", "4096"), ("mode", "755")];
        attach(
            &new_file_system("tmpfs", &options, MountAttrFlags::empty())?,
            STAGING,
        )
    })?;
    let root = steps.take("open root", || {
        rustix::fs::open(STAGING, DIRECTORY, Mode::empty())
    })?;
    for entry in entries {
        let name = format!("make {entry:.60?}");
        steps.take(&name, || make_entry(&root, entry))?;
    }
    for (tree, is_directory, target) in &trees {
        let name = format!("mount `{}`", target.display());
        steps.take(&name, || bind(&root, tree, *is_directory, target))?;
    }
    for target in ["proc", "dev", "tmp", "work"] {
        steps.take("make mount point", || {
            make_directories(&root, Path::new(target))
        })?;
    }
    steps.take("make root read-only", || {
        sys::mount_setattr(
            open_root()?.as_fd(),
            READ_ONLY | libc::MOUNT_ATTR_NODEV,
            None,
            false,
        )
    })
}

fn open_root() -> io::Result<OwnedFd> {
    Ok(rustix::fs::open(STAGING, DIRECTORY, Mode::empty())?)
}

fn relative(target: &Path) -> &Path {
    target.strip_prefix("/").unwrap_or(target)
}

/// Makes a directory and those above it, each mode 755.
fn make_directories(root: &OwnedFd, path: &Path) -> io::Result<()> {
    let mut so_far = std::path::PathBuf::new();
    for part in path {
        so_far.push(part);
        match mkdirat(root, &so_far, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn make_entry(root: &OwnedFd, entry: &Entry) -> io::Result<()> {
    let prepare = |target: &Path| match relative(target).parent() {
        Some(parent) => make_directories(root, parent),
        None => Ok(()),
    };
    match entry {
        Entry::Bind { .. } => Ok(()),
        Entry::Directory { target } => make_directories(root, relative(target)),
        Entry::Symlink { link, target } => {
            prepare(target)?;
            Ok(symlinkat(link, root, relative(target))?)
        }
        Entry::File { target, content } => {
            prepare(target)?;
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
            let file = openat(root, relative(target), flags, Mode::from_raw_mode(0o644))?;
            File::from(file).write_all(content)
        }
    }
}

fn bind(root: &OwnedFd, tree: &OwnedFd, is_directory: bool, target: &Path) -> io::Result<()> {
    let target = relative(target);
    if is_directory {
        make_directories(root, target)?;
    } else {
        make_entry(
            root,
            &Entry::File {
                target: target.to_owned(),
                content: Vec::new(),
            },
        )?;
    }
    sys::mount_setattr(
        tree.as_fd(),
        READ_ONLY | libc::MOUNT_ATTR_NODEV,
        None,
        false,
    )?;
    move_mount(
        tree,
        "",
        root,
        target,
        MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )?;
    Ok(())
}

/// Without the right to make device files, those of the host are shown.
fn open_host_devices(make: bool) -> io::Result<Vec<OwnedFd>> {
    if make {
        return Ok(Vec::new());
    }
    DEVICES
        .iter()
        .map(|(name, _, _)| clone_tree(&Path::new("/dev").join(name)))
        .collect()
}

fn mount_devices(from_host: &[OwnedFd]) -> io::Result<()> {
    let target = format!("{STAGING}/dev");
    let options = [("size", "64k"), ("nr_inodes", "32"), ("mode", "755")];
    attach(&new_file_system("tmpfs", &options, no_programs())?, &target)?;
    let devices = rustix::fs::open(&target, DIRECTORY, Mode::empty())?;
    for (index, (name, major, minor)) in DEVICES.iter().enumerate() {
        let mode = Mode::from_raw_mode(0o666);
        if let Some(device) = from_host.get(index) {
            let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC;
            drop(openat(&devices, *name, flags, mode)?);
            move_mount(
                device,
                "",
                &devices,
                *name,
                MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
            )?;
        } else {
            mknodat(
                &devices,
                *name,
                FileType::CharacterDevice,
                mode,
                makedev(*major, *minor),
            )?;
            let flags = rustix::fs::AtFlags::empty();
            rustix::fs::chmodat(&devices, *name, mode, flags)?;
        }
    }
    for (name, link) in DEVICE_LINKS {
        symlinkat(link, &devices, name)?;
    }
    mkdirat(&devices, "shm", Mode::from_raw_mode(0o755))?;
    sys::mount_setattr(devices.as_fd(), libc::MOUNT_ATTR_RDONLY, None, false)
}
