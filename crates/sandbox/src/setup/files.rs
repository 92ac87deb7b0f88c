//! Files placed into a sandbox before its program starts.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Gid, Mode, OFlags, Uid, fchown, mkdirat, openat};

use crate::spec::{FileInput, PROGRAM_UID};

/// Roots that the paths of a spec start from.
pub(crate) struct Places<'a> {
    pub(crate) work: BorrowedFd<'a>,
    pub(crate) temporary: BorrowedFd<'a>,
}

/// Places all files. Nothing else runs in the sandbox yet, and every part of
/// a path was made here, so no link can lead out.
pub(crate) fn place(places: &Places<'_>, files: &[FileInput], program_uid: u32) -> io::Result<()> {
    for file in files {
        let (root, path) = match file.path.strip_prefix("/tmp/") {
            Some(path) => (places.temporary, path),
            None => (
                places.work,
                file.path.strip_prefix("/work/").unwrap_or(&file.path),
            ),
        };
        place_one(root, path, file, program_uid)?;
    }
    Ok(())
}

fn place_one(
    root: BorrowedFd<'_>,
    path: &str,
    file: &FileInput,
    program_uid: u32,
) -> io::Result<()> {
    let (directories, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at: Option<OwnedFd> = None;
    for part in directories.split('/').filter(|part| !part.is_empty()) {
        let parent = at.as_ref().map_or(root, AsFd::as_fd);
        at = Some(enter_directory(parent, part)?);
    }
    let parent = at.as_ref().map_or(root, AsFd::as_fd);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mode = if file.executable { 0o755 } else { 0o644 };
    let placed = match openat(parent, name, flags, Mode::from_raw_mode(mode)) {
        // The same path twice: the later one counts.
        Err(rustix::io::Errno::EXIST) => {
            rustix::fs::unlinkat(parent, name, AtFlags::empty())?;
            openat(parent, name, flags, Mode::from_raw_mode(mode))?
        }
        other => other?,
    };
    let mut placed = File::from(placed);
    placed.write_all(&file.content)?;
    if file.writable {
        give(&placed, program_uid)?;
    }
    Ok(())
}

/// Opens a directory, made if it is not there: root's, sticky, writable for
/// all, so that the program may add files but not replace read-only ones.
fn enter_directory(parent: BorrowedFd<'_>, name: &str) -> io::Result<OwnedFd> {
    let made = mkdirat(parent, name, Mode::from_raw_mode(0o755));
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let directory = openat(parent, name, flags, Mode::empty())?;
    match made {
        Ok(()) => rustix::fs::fchmod(&directory, Mode::from_raw_mode(0o1777))?,
        Err(rustix::io::Errno::EXIST) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(directory)
}

fn give(file: &File, program_uid: u32) -> io::Result<()> {
    let (owner, group) = (Uid::from_raw(program_uid), Gid::from_raw(program_uid));
    fchown(file, Some(owner), Some(group))?;
    Ok(())
}

/// The program's user id as the kernel inside counts it: its own, or that of
/// the only mapped user where there is no range.
pub(crate) fn program_uid(has_range: bool) -> u32 {
    if has_range { PROGRAM_UID } else { 0 }
}
