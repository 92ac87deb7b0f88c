//! Brings back the files that a spec asks for, from what a hostile program
//! left behind. Runs in init when nobody else is alive in the sandbox, so
//! nothing changes under it; links, devices and the like are never followed
//! or opened.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Dir, FileType, Mode, OFlags, ResolveFlags, fstat, openat2};

use crate::report::{Collected, CollectedContent};

/// Deepest directory that is looked into.
const DEPTH_MAX: usize = 32;
/// Most files brought back.
const FILES_MAX: usize = 10_000;
/// Most directory entries looked at.
const ENTRIES_MAX: usize = 100_000;

/// Bytes of a file that are held at one time: init lives within the memory limit of its sandbox.
const CHUNK_BYTES: u64 = 1 << 20;

/// What is passed on.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A path with its first bytes, or why it was left.
    File(Collected),
    /// Further bytes of the same file.
    More(Vec<u8>),
}

/// Collects into `tell`, which passes each piece on.
pub(crate) struct Collection<'a> {
    pub(crate) root: BorrowedFd<'a>,
    pub(crate) bytes_left: u64,
    pub(crate) tell: &'a mut dyn FnMut(Piece) -> io::Result<()>,
    pub(crate) files_left: usize,
    pub(crate) entries_left: usize,
}

impl<'a> Collection<'a> {
    pub(crate) fn new(
        root: BorrowedFd<'a>,
        bytes_max: u64,
        tell: &'a mut dyn FnMut(Piece) -> io::Result<()>,
    ) -> Self {
        Self {
            root,
            bytes_left: bytes_max,
            tell,
            files_left: FILES_MAX,
            entries_left: ENTRIES_MAX,
        }
    }

    /// One path of the spec: a file, or a directory with all beneath; absent is nothing.
    pub(crate) fn take(&mut self, path: &str) -> io::Result<()> {
        let path = path.strip_prefix("/work/").unwrap_or(path);
        self.visit(path.as_bytes(), 0)
    }

    fn visit(&mut self, path: &[u8], depth: usize) -> io::Result<()> {
        let found = match self.open(path, OFlags::PATH | OFlags::NOFOLLOW) {
            Ok(found) => found,
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => return Ok(()),
            Err(rustix::io::Errno::NAMETOOLONG) => {
                return self.refuse(path, "its path is too long");
            }
            Err(_) => return self.refuse(path, "a link is on its path"),
        };
        let status = fstat(&found)?;
        match FileType::from_raw_mode(status.st_mode) {
            FileType::Directory if depth < DEPTH_MAX => self.visit_directory(path, depth),
            FileType::Directory => self.refuse(path, "directories are nested too deep"),
            FileType::RegularFile => {
                let executable = status.st_mode & 0o111 != 0;
                let size = u64::try_from(status.st_size).unwrap_or(u64::MAX);
                self.take_file(path, size, executable)
            }
            FileType::Symlink => self.refuse(path, "it is a symbolic link"),
            FileType::Fifo => self.refuse(path, "it is a FIFO"),
            FileType::Socket => self.refuse(path, "it is a socket"),
            _ => self.refuse(path, "it is a device"),
        }
    }

    fn visit_directory(&mut self, path: &[u8], depth: usize) -> io::Result<()> {
        // Not readable by its owner's choice: we are root inside and read it all the same.
        let directory = self.open(path, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let mut names = Vec::new();
        for entry in Dir::read_from(&directory)? {
            let name = entry?.file_name().to_bytes().to_owned();
            if name == b"." || name == b".." {
                continue;
            }
            if self.entries_left == 0 {
                return self.refuse(path, "there are too many entries");
            }
            self.entries_left -= 1;
            names.push(name);
        }
        names.sort();
        for name in names {
            let mut below = if path == b"." {
                Vec::new()
            } else {
                [path, b"/"].concat()
            };
            below.extend(name);
            self.visit(&below, depth + 1)?;
        }
        Ok(())
    }

    fn take_file(&mut self, path: &[u8], size: u64, executable: bool) -> io::Result<()> {
        if size > self.bytes_left {
            return self.refuse(path, "it is too large");
        }
        if self.files_left == 0 {
            return self.refuse(path, "there are too many files");
        }
        self.files_left -= 1;
        let file = File::from(self.open(path, OFlags::RDONLY | OFlags::NONBLOCK)?);
        let mut first = true;
        loop {
            let mut bytes = Vec::new();
            (&file)
                .take(CHUNK_BYTES.min(self.bytes_left))
                .read_to_end(&mut bytes)?;
            self.bytes_left -= bytes.len() as u64;
            if first {
                let content = CollectedContent::Bytes(bytes);
                (self.tell)(Piece::File(Collected {
                    path: text(path),
                    content,
                    executable,
                }))?;
            } else if bytes.is_empty() {
                return Ok(());
            } else {
                (self.tell)(Piece::More(bytes))?;
            }
            first = false;
        }
    }

    fn refuse(&mut self, path: &[u8], reason: &str) -> io::Result<()> {
        if self.files_left == 0 {
            return Ok(());
        }
        self.files_left -= 1;
        let content = CollectedContent::Refused(reason.to_owned());
        (self.tell)(Piece::File(Collected {
            path: text(path),
            content,
            executable: false,
        }))
    }

    fn open(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let resolve = ResolveFlags::BENEATH
            | ResolveFlags::NO_SYMLINKS
            | ResolveFlags::NO_MAGICLINKS
            | ResolveFlags::NO_XDEV;
        openat2(
            self.root.as_fd(),
            path,
            flags | OFlags::CLOEXEC,
            Mode::empty(),
            resolve,
        )
    }
}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn collect(root: &std::path::Path, paths: &[&str], bytes_max: u64) -> Vec<(String, String)> {
        let root = File::open(root).unwrap();
        let mut found = Vec::new();
        let mut tell = |piece: Piece| {
            let file = match piece {
                Piece::File(file) => file,
                Piece::More(_) => panic!("small files come in one piece"),
            };
            let what = match file.content {
                CollectedContent::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
                CollectedContent::Refused(reason) => format!("refused: {reason}"),
            };
            found.push((file.path, what));
            Ok(())
        };
        let mut collection = Collection::new(root.as_fd(), bytes_max, &mut tell);
        for path in paths {
            collection.take(path).unwrap();
        }
        found
    }

    fn pair(path: &str, what: &str) -> (String, String) {
        (path.to_owned(), what.to_owned())
    }

    #[test]
    fn takes_files_and_directories_and_leaves_links() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        std::fs::create_dir(root.join("d")).unwrap();
        std::fs::write(root.join("d/b"), "two").unwrap();
        std::fs::write(root.join("a"), "one").unwrap();
        symlink("/etc/passwd", root.join("d/link")).unwrap();
        symlink("/etc", root.join("etc")).unwrap();
        let found = collect(root, &["a", "d", "absent", "etc/passwd"], 100);
        let expected = [
            pair("a", "one"),
            pair("d/b", "two"),
            pair("d/link", "refused: it is a symbolic link"),
            pair("etc/passwd", "refused: a link is on its path"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn size_is_bounded_and_sparse_files_count_in_full() {
        let directory = tempfile::tempdir().unwrap();
        let sparse = File::create(directory.path().join("sparse")).unwrap();
        sparse.set_len(1 << 40).unwrap();
        std::fs::write(directory.path().join("z"), "small").unwrap();
        let found = collect(directory.path(), &["."], 100);
        assert_eq!(
            found,
            [
                pair("sparse", "refused: it is too large"),
                pair("z", "small")
            ]
        );
    }
}
