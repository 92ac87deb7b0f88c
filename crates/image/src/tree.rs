//! What a sandbox gets as its root: plain data, mapped by the judge onto the sandbox's own types.

use std::os::fd::OwnedFd;
use std::path::PathBuf;

/// The root file system of an environment, ready to use.
#[derive(Debug)]
pub enum Tree {
    /// A detached, read-only mount: it shows in no mount table until someone attaches it.
    Mount(OwnedFd),
    /// A directory that holds the whole tree; whoever uses it makes it read-only.
    Directory(PathBuf),
    /// Pieces of the host, in order.
    Pieces(Vec<Piece>),
}

/// One piece of the host's file system. Targets are absolute paths inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A read-only view of a file or directory of the host.
    Bind {
        /// Path on the host.
        source: PathBuf,
        /// Path inside.
        target: PathBuf,
    },
    /// A symbolic link at `target` that holds `link`.
    Symlink {
        /// What the link holds.
        link: PathBuf,
        /// Path inside.
        target: PathBuf,
    },
    /// An empty directory, mode 755.
    Directory {
        /// Path inside.
        target: PathBuf,
    },
    /// A small regular file, mode 644.
    File {
        /// Path inside.
        target: PathBuf,
        /// What it holds.
        content: Vec<u8>,
    },
}

impl Piece {
    /// Where the piece goes.
    #[must_use]
    pub fn target(&self) -> &std::path::Path {
        match self {
            Piece::Bind { target, .. }
            | Piece::Symlink { target, .. }
            | Piece::Directory { target }
            | Piece::File { target, .. } => target,
        }
    }
}
