//! The canonical listing of a tree, whose SHA-256 is the environment's digest.
//!
//! ```text
//! carrel-tree 1
//! epoch 1735689600
//! d<TAB>755<TAB>usr
//! f<TAB>644<TAB>12<TAB>(sha-256)<TAB>usr/hello
//! l<TAB>bin<TAB>usr/bin
//! ```
//! Lines are sorted by the bytes of the path. Paths and links hold no control
//! characters, so a line is never ambiguous. Every entry belongs to root and
//! has the epoch as its time; files have mode 644 or 755, directories 755.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Everything in a tree that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Time of every entry, seconds since 1970.
    pub epoch: i64,
    /// Entries by path, without a leading `/`; the root itself is not among them.
    pub nodes: BTreeMap<String, Node>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// It may be executed: mode 755, else 644.
        executable: bool,
        /// Bytes.
        size: u64,
        /// SHA-256 of the content.
        sha256: [u8; 32],
    },
    /// A symbolic link and what it holds.
    Symlink(String),
}

impl Listing {
    /// The text that the digest is taken of.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("carrel-tree 1\nepoch {}\n", self.epoch);
        for (path, node) in &self.nodes {
            let written = match node {
                Node::Directory => writeln!(text, "d\t755\t{path}"),
                Node::File {
                    executable,
                    size,
                    sha256,
                } => {
                    let mode = if *executable { 755 } else { 644 };
                    writeln!(text, "f\t{mode}\t{size}\t{}\t{path}", hex::encode(sha256))
                }
                Node::Symlink(target) => writeln!(text, "l\t{path}\t{target}"),
            };
            debug_assert!(written.is_ok(), "a string takes all text");
        }
        text
    }

    /// The digest: SHA-256 of the text, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.text().as_bytes()))
    }

    /// Number of regular files and their bytes together.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        let sizes = self.nodes.values().filter_map(|node| match node {
            Node::File { size, .. } => Some(*size),
            _ => None,
        });
        sizes.fold((0, 0), |(files, bytes), size| (files + 1, bytes + size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Listing {
        let file = Node::File {
            executable: false,
            size: 3,
            sha256: [7; 32],
        };
        let nodes = [
            ("usr".to_owned(), Node::Directory),
            ("usr/a".to_owned(), file),
            ("bin".to_owned(), Node::Symlink("usr/bin".to_owned())),
        ];
        Listing {
            epoch: 5,
            nodes: nodes.into_iter().collect(),
        }
    }

    #[test]
    fn the_text_is_sorted_and_whole() {
        let expected = format!(
            "carrel-tree 1\nepoch 5\nl\tbin\tusr/bin\nd\t755\tusr\nf\t644\t3\t{}\tusr/a\n",
            "07".repeat(32)
        );
        assert_eq!(sample().text(), expected);
        assert_eq!(sample().size(), (1, 3));
    }

    #[test]
    fn everything_that_counts_changes_the_digest() {
        let digest = sample().digest();
        let mut other = sample();
        other.epoch = 6;
        assert_ne!(other.digest(), digest);
        let mut other = sample();
        other.nodes.insert(
            "usr/a".to_owned(),
            Node::File {
                executable: true,
                size: 3,
                sha256: [7; 32],
            },
        );
        assert_ne!(other.digest(), digest);
        let mut other = sample();
        other
            .nodes
            .insert("bin".to_owned(), Node::Symlink("usr/sbin".to_owned()));
        assert_ne!(other.digest(), digest);
    }
}
