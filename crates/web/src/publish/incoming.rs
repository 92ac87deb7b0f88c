//! Files of a course on their way to their place.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use carrel_api::limits::COURSE_ENTRIES_MAX;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::COURSE_FILE;
use crate::archive::{self, ArchiveError, Sink};

/// Beginning of the names of directories that are being written.
const INCOMING: &str = ".incoming-";
/// A course that is being written for longer than this was given up by a process that died, seconds.
const INCOMING_SECONDS: u64 = 3_600;
/// First line of what the digest is taken of.
const CANON: &[u8] = b"carrel course 1\n";

/// Files of a course on their way to their place; removed when dropped.
#[derive(Debug)]
pub(super) struct Incoming {
    directory: PathBuf,
    files: BTreeMap<String, Entry>,
}

#[derive(Debug)]
struct Entry {
    executable: bool,
    bytes: u64,
    digest: [u8; 32],
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After the rename there is nothing left; else what is left helps nobody.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

impl Incoming {
    pub(super) fn begin(courses: &Path) -> io::Result<Self> {
        let directory = courses.join(format!("{INCOMING}{}", Uuid::now_v7()));
        fs::create_dir_all(directory.join("files"))?;
        Ok(Self {
            directory,
            files: BTreeMap::new(),
        })
    }

    pub(super) fn root(&self) -> PathBuf {
        self.directory.join("files")
    }

    fn write(&mut self, path: &str, executable: bool, content: &mut dyn Read) -> io::Result<()> {
        let target = self.root().join(path);
        if let Some(above) = target.parent() {
            fs::create_dir_all(above)?;
        }
        let mode = if executable { 0o755 } else { 0o644 };
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&target)?;
        let (mut hasher, mut bytes) = (Sha256::new(), 0);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = content.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            file.write_all(&buffer[..count])?;
            bytes += count as u64;
        }
        let entry = Entry {
            executable,
            bytes,
            digest: hasher.finalize().into(),
        };
        self.files.insert(path.to_owned(), entry);
        Ok(())
    }

    /// Where a forge wraps everything into one directory, that is the course.
    pub(super) fn find_top(&self) -> Option<String> {
        if self.files.contains_key(COURSE_FILE) {
            return Some(String::new());
        }
        let first = self.files.keys().next()?;
        let (top, _) = first.split_once('/')?;
        let prefix = format!("{top}/");
        let all_below = self.files.keys().all(|path| path.starts_with(&prefix));
        let holds = self.files.contains_key(&format!("{prefix}{COURSE_FILE}"));
        (all_below && holds).then_some(prefix)
    }

    /// SHA-256 over the sorted list of files: name, whether it may be executed, size, digest.
    pub(super) fn digest(&self, top: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(CANON);
        for (path, entry) in &self.files {
            let path = path.strip_prefix(top).unwrap_or(path);
            let mark = if entry.executable { "x" } else { "-" };
            let digest = hex::encode(entry.digest);
            // No name has a line feed, so that no two lists are the same text.
            hasher.update(format!("{mark} {} {digest} {path}\n", entry.bytes));
        }
        hex::encode(hasher.finalize())
    }
}

impl Sink for Incoming {
    fn file(
        &mut self,
        path: &str,
        executable: bool,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        let written = self.write(path, executable, content);
        written.map_err(|error| {
            archive::carried(error).unwrap_or_else(|source| ArchiveError::Write {
                name: path.to_owned(),
                source,
            })
        })
    }
}

/// Removes what an earlier life left half-written: directories untouched for so long.
/// What another process is just writing stays.
///
/// # Errors
/// The directory of courses cannot be made or read.
pub fn clean(courses: &Path) -> io::Result<()> {
    clean_untouched(courses, Duration::from_secs(INCOMING_SECONDS))
}

fn clean_untouched(courses: &Path, untouched: Duration) -> io::Result<()> {
    fs::create_dir_all(courses)?;
    for entry in fs::read_dir(courses)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.as_encoded_bytes().starts_with(INCOMING.as_bytes()) {
            continue;
        }
        // A clock that went back tells nothing: the next start looks again.
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age >= untouched {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Copies a directory by the rules of archives, without what version control keeps.
///
/// # Errors
/// An entry that is not taken, or one that cannot be read or written.
pub(super) fn copy(from: &Path, prefix: &str, incoming: &mut Incoming) -> Result<(), ArchiveError> {
    let mut entries: Vec<_> = fs::read_dir(from)
        .and_then(Iterator::collect::<io::Result<_>>)
        .map_err(|source| read_error(from, source))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let refuse = |problem| {
            let name = name.to_string_lossy().escape_debug().to_string();
            ArchiveError::Name { name, problem }
        };
        let text = name.to_str().ok_or_else(|| refuse("is not UTF-8"))?;
        if text == ".git" {
            continue;
        }
        let path = format!("{prefix}{text}");
        carrel_course::pattern::check_path(&path).map_err(refuse)?;
        let kind = entry
            .file_type()
            .map_err(|source| read_error(from, source))?;
        if kind.is_dir() {
            copy(&entry.path(), &format!("{path}/"), incoming)?;
        } else if kind.is_file() {
            let mut file = File::open(entry.path()).map_err(|source| read_error(from, source))?;
            let mode = file
                .metadata()
                .map_err(|source| read_error(from, source))?
                .permissions()
                .mode();
            incoming.file(&path, mode & 0o111 != 0, &mut file)?;
        } else {
            return Err(refuse("is neither a file nor a directory"));
        }
        if incoming.files.len() > COURSE_ENTRIES_MAX {
            let most = COURSE_ENTRIES_MAX as u64;
            let what = "entries";
            return Err(ArchiveError::Bound { what, most });
        }
    }
    Ok(())
}

fn read_error(directory: &Path, source: io::Error) -> ArchiveError {
    ArchiveError::Write {
        name: directory.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(courses: &Path, files: &[(&str, &str, bool)]) -> Incoming {
        let mut incoming = Incoming::begin(courses).unwrap();
        for (path, content, executable) in files {
            incoming
                .file(path, *executable, &mut content.as_bytes())
                .unwrap();
        }
        incoming
    }

    #[test]
    fn the_digest_is_of_names_modes_and_bytes_but_not_of_wrapping() {
        let courses = tempfile::tempdir().unwrap();
        let digest = |files: &[(&str, &str, bool)]| {
            let incoming = write(courses.path(), files);
            let top = incoming.find_top().unwrap();
            incoming.digest(&top)
        };
        let plain = digest(&[("course.toml", "a", false), ("b", "c", false)]);
        assert_eq!(plain.len(), 64);
        let wrapped = digest(&[("x/course.toml", "a", false), ("x/b", "c", false)]);
        assert_eq!(plain, wrapped);
        for other in [
            digest(&[("course.toml", "a", false), ("b", "d", false)]),
            digest(&[("course.toml", "a", false), ("bb", "c", false)]),
            digest(&[("course.toml", "a", false), ("b", "c", true)]),
            digest(&[("course.toml", "a", false)]),
        ] {
            assert_ne!(plain, other);
        }
    }

    #[test]
    fn what_was_begun_and_not_finished_is_removed() {
        let courses = tempfile::tempdir().unwrap();
        let incoming = write(courses.path(), &[("a", "b", false)]);
        let left = incoming.directory.clone();
        std::mem::forget(incoming);
        assert!(left.is_dir());
        fs::create_dir(courses.path().join("abc")).unwrap();
        clean(courses.path()).unwrap();
        assert!(left.is_dir(), "somebody may still be at it");
        clean_untouched(courses.path(), Duration::ZERO).unwrap();
        assert!(!left.exists() && courses.path().join("abc").is_dir());
        drop(write(courses.path(), &[("a", "b", false)]));
        assert_eq!(fs::read_dir(courses.path()).unwrap().count(), 1);
    }
}
