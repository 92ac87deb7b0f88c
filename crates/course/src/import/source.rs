//! The directory that is imported: bounded, and never left.
//!
//! What is imported was written by others. Count, depth and size of its files
//! have limits; a symbolic link is followed only while its target lies within
//! the same directory, and what it leads to is copied, never the link.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use super::problem::{Problem, Problems};

/// Most files and directories.
pub(crate) const ENTRIES_MAX: usize = 50_000;
/// Deepest directory.
pub(crate) const DEPTH_MAX: usize = 24;
/// Largest file, bytes (the Kattis format asks for at most 100 MiB).
pub(crate) const FILE_BYTES_MAX: u64 = 128 << 20;
/// All files together, bytes.
pub(crate) const TOTAL_BYTES_MAX: u64 = 4 << 30;

/// The files of a directory by their path in it, links resolved.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    root: PathBuf,
    files: BTreeMap<PathBuf, PathBuf>,
    directories: Vec<PathBuf>,
}

impl Source {
    /// Lists a directory.
    ///
    /// # Errors
    /// Where it is not a directory, cannot be read, is too large, or has a link that leads out of it.
    pub(crate) fn open(directory: &Path) -> Result<Self, Problems> {
        let root = directory
            .canonicalize()
            .map_err(|error| Problem::of(directory, format!("cannot be opened: {error}")))?;
        if !root.is_dir() {
            return Err(Problem::of(directory, "is not a directory")
                .hint("only a directory is imported: unpack an archive (.zip, .kpp, .tar) first")
                .into());
        }
        let mut source = Self {
            root,
            files: BTreeMap::new(),
            directories: Vec::new(),
        };
        let mut total_bytes = 0;
        source.walk(Path::new(""), 0, &mut total_bytes)?;
        Ok(source)
    }

    fn walk(
        &mut self,
        relative: &Path,
        depth: usize,
        total_bytes: &mut u64,
    ) -> Result<(), Problems> {
        if depth > DEPTH_MAX {
            return Err(Problem::of(
                relative,
                format!("is nested deeper than {DEPTH_MAX} directories"),
            )
            .into());
        }
        let unreadable =
            |error: std::io::Error| Problem::of(relative, format!("cannot be read: {error}"));
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.join(relative)).map_err(unreadable)? {
            names.push(entry.map_err(unreadable)?.file_name());
            if names.len() > ENTRIES_MAX {
                break;
            }
        }
        names.sort();
        for name in names {
            // A version-control directory is never part of what is imported.
            if name == ".git" {
                continue;
            }
            let path = relative.join(&name);
            if path.to_str().is_none() {
                return Err(Problem::of(&path, "has a name that is not UTF-8")
                    .hint("rename it")
                    .into());
            }
            let target = self.resolve(&path)?;
            let metadata = fs::metadata(&target)
                .map_err(|error| Problem::of(&path, format!("cannot be read: {error}")))?;
            if self.files.len() + self.directories.len() >= ENTRIES_MAX {
                return Err(Problem::of(
                    &path,
                    format!("is more than {ENTRIES_MAX} files and directories"),
                )
                .into());
            }
            if metadata.is_dir() {
                self.directories.push(path.clone());
                self.walk(&path, depth + 1, total_bytes)?;
            } else if metadata.is_file() {
                *total_bytes = total_bytes.saturating_add(metadata.len());
                if metadata.len() > FILE_BYTES_MAX || *total_bytes > TOTAL_BYTES_MAX {
                    let text = format!(
                        "is too large: at most {} MiB a file and {} MiB together",
                        FILE_BYTES_MAX >> 20,
                        TOTAL_BYTES_MAX >> 20
                    );
                    return Err(Problem::of(&path, text).into());
                }
                self.files.insert(path, target);
            } else {
                return Err(Problem::of(&path, "is neither a file nor a directory")
                    .hint("remove it")
                    .into());
            }
        }
        Ok(())
    }

    /// Where a path really leads; links only within the root, and never to a directory above themselves.
    fn resolve(&self, relative: &Path) -> Result<PathBuf, Problem> {
        let path = self.root.join(relative);
        let real = path.canonicalize().map_err(|error| {
            Problem::of(relative, format!("leads nowhere: {error}")).hint("remove the link")
        })?;
        if !real.starts_with(&self.root) {
            return Err(Problem::of(relative, "is a link out of the directory")
                .hint("replace the link with the file it leads to"));
        }
        if path.starts_with(&real) && real != path {
            return Err(
                Problem::of(relative, "is a link to a directory that holds it")
                    .hint("remove the link"),
            );
        }
        Ok(real)
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Name of the directory.
    pub(crate) fn name(&self) -> String {
        self.root
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Every file: path in the directory → where it really is.
    pub(crate) fn files(&self) -> &BTreeMap<PathBuf, PathBuf> {
        &self.files
    }

    /// Where a file of the directory really is.
    pub(crate) fn file(&self, relative: impl AsRef<Path>) -> Option<&Path> {
        self.files.get(relative.as_ref()).map(PathBuf::as_path)
    }

    /// Is it a directory?
    pub(crate) fn is_directory(&self, relative: impl AsRef<Path>) -> bool {
        self.directories
            .iter()
            .any(|directory| directory == relative.as_ref())
    }

    /// The files under a directory, by their path below it.
    pub(crate) fn under(&self, directory: impl AsRef<Path>) -> BTreeMap<PathBuf, PathBuf> {
        let directory = directory.as_ref();
        let mut found = BTreeMap::new();
        for (path, real) in self.files.range(directory.to_owned()..) {
            match path.strip_prefix(directory) {
                Ok(below) if !below.as_os_str().is_empty() => {
                    found.insert(below.to_owned(), real.clone());
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        found
    }

    /// Names directly in a directory: files and directories, sorted.
    pub(crate) fn children(&self, directory: impl AsRef<Path>) -> Vec<PathBuf> {
        let directory = directory.as_ref();
        let mut found: Vec<PathBuf> = self
            .files
            .keys()
            .chain(&self.directories)
            .filter(|path| path.parent() == Some(directory))
            .cloned()
            .collect();
        found.sort();
        found
    }

    /// Keeps only paths that `keep` accepts.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Path) -> bool) {
        self.files.retain(|path, _| keep(path));
        self.directories.retain(|path| keep(path));
    }

    /// Text of a file of at most `bytes_max` bytes, UTF-8.
    ///
    /// # Errors
    /// Where it is missing, too large or not UTF-8.
    pub(crate) fn text(
        &self,
        relative: impl AsRef<Path>,
        bytes_max: u64,
    ) -> Result<String, Problem> {
        let relative = relative.as_ref();
        let Some(real) = self.file(relative) else {
            return Err(Problem::of(relative, "is missing"));
        };
        read_text(relative, real, bytes_max)
    }
}

/// Text of a file of at most `bytes_max` bytes; `name` is how problems call it.
pub(crate) fn read_text(name: &Path, file: &Path, bytes_max: u64) -> Result<String, Problem> {
    let unreadable = |error: std::io::Error| Problem::of(name, format!("cannot be read: {error}"));
    let mut bytes = Vec::new();
    fs::File::open(file)
        .map_err(unreadable)?
        .take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > bytes_max {
        return Err(Problem::of(
            name,
            format!("is larger than {bytes_max} bytes"),
        ));
    }
    String::from_utf8(bytes)
        .map_err(|_| Problem::of(name, "is not UTF-8 text").hint("save it as UTF-8"))
}

/// A relative path without `..`, or nothing.
pub(crate) fn relative_path(text: &str) -> Option<PathBuf> {
    let path = Path::new(text);
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => clean.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    (!clean.as_os_str().is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_within_are_followed_and_links_out_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("data")).unwrap();
        fs::write(directory.path().join("data/1.in"), "1").unwrap();
        symlink("1.in", directory.path().join("data/2.in")).unwrap();
        let source = Source::open(directory.path()).unwrap();
        assert_eq!(source.under("data").len(), 2);
        assert_eq!(
            source.children("data"),
            [Path::new("data/1.in"), Path::new("data/2.in")]
        );
        symlink("/etc/passwd", directory.path().join("data/3.in")).unwrap();
        let refused = Source::open(directory.path()).unwrap_err();
        assert!(
            refused.to_string().contains("data/3.in: is a link out"),
            "{refused}"
        );
    }

    #[test]
    fn a_link_to_its_own_parent_does_not_loop() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("a")).unwrap();
        symlink("..", directory.path().join("a/up")).unwrap();
        assert!(Source::open(directory.path()).is_err());
    }

    #[test]
    fn a_link_between_two_directories_ends() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("a")).unwrap();
        fs::create_dir_all(directory.path().join("b")).unwrap();
        symlink("../b", directory.path().join("a/b")).unwrap();
        symlink("../a", directory.path().join("b/a")).unwrap();
        assert!(Source::open(directory.path()).is_err());
    }

    #[test]
    fn only_a_directory_is_imported() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("x.zip"), "PK").unwrap();
        let refused = Source::open(&directory.path().join("x.zip")).unwrap_err();
        assert!(refused.to_string().contains("unpack"), "{refused}");
    }

    #[test]
    fn paths_never_climb() {
        assert_eq!(relative_path("./a/b.py"), Some(PathBuf::from("a/b.py")));
        assert_eq!(relative_path("a/../b"), None);
        assert_eq!(relative_path("/etc/passwd"), None);
        assert_eq!(relative_path(""), None);
    }
}
