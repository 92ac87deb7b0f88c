//! What lies in the directory of a challenge or project: names and sizes, read once, within limits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::pattern::{Pattern, check_path};
use crate::problem::Problems;

/// Most files in such a directory.
const FILES_MAX: usize = 20_000;
/// Most directories inside each other.
const DEPTH_MAX: usize = 16;
/// Largest single file, bytes.
const FILE_BYTES_MAX: u64 = 256 << 20;
/// All of its files together, bytes.
const TOTAL_BYTES_MAX: u64 = 2 << 30;
/// Names that tools leave behind and that are no part of it.
const IGNORED: [&str; 5] = [
    ".git",
    ".DS_Store",
    "__pycache__",
    "node_modules",
    ".pytest_cache",
];

/// The regular files below a directory.
#[derive(Debug)]
pub(crate) struct Tree {
    /// The word for what lies there.
    what: &'static str,
    root: PathBuf,
    canonical: PathBuf,
    files: BTreeMap<String, PathBuf>,
    directories: BTreeSet<String>,
    total_bytes: u64,
}

impl Tree {
    /// Lists a directory of a `what`, such as `challenge`. What may not be there is reported and
    /// left out.
    pub(crate) fn read(root: &Path, what: &'static str, problems: &mut Problems) -> Option<Self> {
        let canonical = match root.canonicalize() {
            Ok(path) => path,
            Err(error) => {
                problems.push_path(root, format!("cannot be read: {error}"), "");
                return None;
            }
        };
        let mut tree = Self {
            what,
            root: root.to_owned(),
            canonical,
            files: BTreeMap::new(),
            directories: BTreeSet::new(),
            total_bytes: 0,
        };
        tree.list(String::new(), 0, problems);
        Some(tree)
    }

    /// The directory, as it was given.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The word for what lies there.
    pub(crate) fn what(&self) -> &'static str {
        self.what
    }

    /// Whether this relative path is a directory.
    pub(crate) fn has_directory(&self, path: &str) -> bool {
        self.directories.contains(path)
    }

    /// Full path of a file.
    pub(crate) fn find(&self, path: &str) -> Option<&PathBuf> {
        self.files.get(path)
    }

    /// All files, by relative path.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> + Clone {
        self.files.keys().map(String::as_str)
    }

    /// The files below a directory, by path relative to it.
    pub(crate) fn below(&self, directory: &str) -> BTreeMap<String, PathBuf> {
        let prefix = format!("{directory}/");
        self.files
            .range(prefix.clone()..)
            .map_while(|(path, full)| Some((path.strip_prefix(&prefix)?.to_owned(), full.clone())))
            .collect()
    }

    /// Names of the files and directories directly in a directory, sorted.
    pub(crate) fn names_in(&self, directory: &str) -> BTreeSet<String> {
        let prefix = format!("{directory}/");
        let below = |path: &String| {
            let rest = path.strip_prefix(&prefix)?;
            rest.split('/').next().map(str::to_owned)
        };
        self.files
            .keys()
            .chain(&self.directories)
            .filter_map(below)
            .collect()
    }

    /// The files that match a pattern, by relative path.
    pub(crate) fn matching(&self, pattern: &Pattern) -> Vec<&str> {
        self.paths().filter(|path| pattern.matches(path)).collect()
    }

    fn list(&mut self, directory: String, depth: usize, problems: &mut Problems) {
        let full = self.root.join(&directory);
        if depth > DEPTH_MAX {
            let message = format!("is more than {DEPTH_MAX} directories deep");
            problems.push_path(full, message, "flatten it");
            return;
        }
        let entries =
            match std::fs::read_dir(&full).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
                Ok(entries) => entries,
                Err(error) => {
                    problems.push_path(full, format!("cannot be listed: {error}"), "");
                    return;
                }
            };
        for entry in entries {
            if self.files.len() >= FILES_MAX {
                let message = format!("holds more than {FILES_MAX} files");
                let hint = format!("split the {}, or leave files out", self.what);
                problems.push_path(&self.root, message, &hint);
                return;
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                problems.push_path(entry.path(), "has a name that is not UTF-8", "rename it");
                continue;
            };
            if IGNORED.contains(&name) {
                continue;
            }
            let path = if directory.is_empty() {
                name.to_owned()
            } else {
                format!("{directory}/{name}")
            };
            if let Err(reason) = check_path(&path) {
                problems.push_path(
                    entry.path(),
                    format!("has a name that {reason}"),
                    "rename it",
                );
                continue;
            }
            self.add(path, &entry.path(), depth, problems);
        }
    }

    fn add(&mut self, path: String, full: &Path, depth: usize, problems: &mut Problems) {
        let metadata = match std::fs::symlink_metadata(full) {
            Ok(metadata) if metadata.is_symlink() => match self.follow(full) {
                Ok(metadata) => metadata,
                Err(reason) => {
                    problems.push_path(full, reason, "put a copy of the file there");
                    return;
                }
            },
            Ok(metadata) => metadata,
            Err(error) => {
                problems.push_path(full, format!("cannot be read: {error}"), "");
                return;
            }
        };
        if metadata.is_dir() {
            self.directories.insert(path.clone());
            self.list(path, depth + 1, problems);
            return;
        }
        if !metadata.is_file() {
            problems.push_path(full, "is neither a file nor a directory", "remove it");
            return;
        }
        let before = self.total_bytes;
        self.total_bytes = before.saturating_add(metadata.len());
        if metadata.len() > FILE_BYTES_MAX {
            let message = format!("is larger than {FILE_BYTES_MAX} bytes");
            problems.push_path(full, message, "make it smaller");
        } else if self.total_bytes > TOTAL_BYTES_MAX && before <= TOTAL_BYTES_MAX {
            let message = format!("holds more than {TOTAL_BYTES_MAX} bytes");
            problems.push_path(&self.root, message, "make the data smaller");
        }
        self.files.insert(path, full.to_owned());
    }

    /// Where a symbolic link leads, if that is a regular file inside the directory.
    fn follow(&self, link: &Path) -> Result<std::fs::Metadata, String> {
        let target = link
            .canonicalize()
            .map_err(|error| format!("is a link that leads nowhere: {error}"))?;
        if !target.starts_with(&self.canonical) {
            return Err(format!(
                "is a link that leads out of the {} directory",
                self.what
            ));
        }
        match target.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(metadata),
            Ok(_) => Err("is a link to a directory".to_owned()),
            Err(error) => Err(format!("is a link that cannot be followed: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn lists_files_and_refuses_links_that_lead_out() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("challenge");
        std::fs::create_dir_all(root.join("tests/deep")).unwrap();
        std::fs::create_dir_all(root.join("__pycache__")).unwrap();
        std::fs::write(root.join("tests/a.py"), "a").unwrap();
        std::fs::write(root.join("tests/deep/b.py"), "b").unwrap();
        std::fs::write(root.join("__pycache__/x.pyc"), "x").unwrap();
        std::fs::write(directory.path().join("secret"), "s").unwrap();
        symlink("../secret", root.join("out")).unwrap();
        symlink("tests/a.py", root.join("in")).unwrap();
        symlink("tests", root.join("directory")).unwrap();
        symlink("missing", root.join("nowhere")).unwrap();
        let mut problems = Problems::new();
        let tree = Tree::read(&root, "challenge", &mut problems).unwrap();
        assert_eq!(
            tree.paths().collect::<Vec<_>>(),
            ["in", "tests/a.py", "tests/deep/b.py"]
        );
        assert_eq!(
            tree.below("tests").into_keys().collect::<Vec<_>>(),
            ["a.py", "deep/b.py"]
        );
        assert_eq!(Vec::from_iter(tree.names_in("tests")), ["a.py", "deep"]);
        let text = problems.to_string();
        assert!(text.contains("out: is a link that leads out"), "{text}");
        assert!(
            text.contains("directory: is a link to a directory"),
            "{text}"
        );
        assert!(
            text.contains("nowhere: is a link that leads nowhere"),
            "{text}"
        );
        assert_eq!(problems.list().len(), 3);
    }
}
