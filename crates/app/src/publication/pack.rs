//! Packs the directory of a course: only what belongs to it, within the bounds of the API, the
//! same bytes for the same files.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use carrel_api::limits::{
    ARCHIVE_RATIO_FROM_BYTES, ARCHIVE_RATIO_MAX, COURSE_ARCHIVE_BYTES_MAX, COURSE_BYTES_MAX,
    COURSE_ENTRIES_MAX, PATH_BYTES_MAX, PATH_DEPTH_MAX,
};
use carrel_course::pattern::check_path;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::Failure;
use crate::staging;
use crate::terminal::quantity::show_bytes;

/// Names that belong to tools, not to a course.
pub const LEFT_OUT: [&str; 10] = [
    ".git",
    ".hg",
    ".svn",
    ".jj",
    ".DS_Store",
    "__pycache__",
    "node_modules",
    ".pytest_cache",
    ".idea",
    ".vscode",
];

/// Whether a file or directory of this name is no part of a course.
fn is_left_out(name: &OsStr) -> bool {
    LEFT_OUT.iter().any(|out| name == *out) || staging::is_left_over(name)
}

/// A packed course, in a file without a name.
#[derive(Debug)]
pub struct Archive {
    file: File,
    compressed: bool,
    bytes: u64,
    /// How many files it holds.
    pub files: usize,
}

/// One file of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the course.
    pub path: String,
    /// Where it lies.
    pub place: PathBuf,
    /// Whether it may be executed.
    pub executable: bool,
    /// Its length, bytes.
    pub bytes: u64,
    /// When it was changed last, where the file system tells.
    pub changed_at: Option<SystemTime>,
}

impl Archive {
    /// Its bytes, from the beginning.
    ///
    /// # Errors
    /// Of the file.
    pub fn open(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What it is.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        if self.compressed {
            "application/gzip"
        } else {
            "application/x-tar"
        }
    }
}

/// The files of a course, sorted by path.
///
/// # Errors
/// Something of it cannot be published; every such thing is told.
pub fn list(root: &Path) -> Result<Vec<Entry>, Failure> {
    let canonical = root.canonicalize().map_err(|error| {
        Failure::usage(format!(
            "reading the directory `{}`: {error}",
            root.display()
        ))
    })?;
    let mut listing = Listing {
        root: canonical,
        ..Listing::default()
    };
    listing.walk(root, "", 1);
    if !listing.problems.is_empty() {
        let text = listing.problems.join("\n");
        return Err(Failure::bad_challenge(anyhow::anyhow!(
            "the course cannot be published\n{text}"
        )));
    }
    listing
        .entries
        .sort_by(|left, right| left.path.cmp(&right.path));
    Ok(listing.entries)
}

/// Packs the files of a course.
///
/// # Errors
/// As [`list`]; or the archive is larger than the API takes.
pub fn pack(root: &Path) -> Result<Archive, Failure> {
    let entries = list(root)?;
    let unpacked: u64 = entries.iter().map(|entry| entry.bytes).sum();
    let packed = write(&entries, true)?;
    let archive = if unpacked > ARCHIVE_RATIO_FROM_BYTES
        && unpacked > packed.bytes.saturating_mul(ARCHIVE_RATIO_MAX)
    {
        // So dense an archive would be taken for a hostile one.
        write(&entries, false)?
    } else {
        packed
    };
    if archive.bytes > COURSE_ARCHIVE_BYTES_MAX as u64 {
        let (own, most) = (
            show_bytes(archive.bytes),
            show_bytes(COURSE_ARCHIVE_BYTES_MAX as u64),
        );
        let problem = format!("the course is {own} when packed, and {most} are taken");
        return Err(Failure::bad_challenge(anyhow::anyhow!(problem))
            .hint("make its data smaller, or leave out what is not needed"));
    }
    Ok(archive)
}

#[derive(Default)]
struct Listing {
    /// The course without links on the way to it.
    root: PathBuf,
    entries: Vec<Entry>,
    problems: Vec<String>,
    seen: usize,
    bytes: u64,
    full: bool,
}

impl Listing {
    fn refuse(&mut self, place: &Path, problem: impl std::fmt::Display) {
        self.problems
            .push(format!("{}: {problem}", place.display()));
    }

    fn walk(&mut self, directory: &Path, prefix: &str, depth: usize) {
        let read = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut found = match read {
            Ok(found) => found,
            Err(error) => return self.refuse(directory, format_args!("cannot be listed: {error}")),
        };
        found.sort_by_key(fs::DirEntry::file_name);
        for entry in found {
            if self.full {
                return;
            }
            let name = entry.file_name();
            if is_left_out(&name) {
                continue;
            }
            let Some(name) = name.to_str() else {
                self.refuse(&entry.path(), "has a name that is not UTF-8; rename it");
                continue;
            };
            let path = format!("{prefix}{name}");
            self.take(&entry.path(), path, depth);
        }
    }

    fn take(&mut self, place: &Path, path: String, depth: usize) {
        self.seen += 1;
        if self.seen > COURSE_ENTRIES_MAX {
            self.full = true;
            return self.refuse(
                place,
                format_args!("is beyond {COURSE_ENTRIES_MAX} entries"),
            );
        }
        if let Err(problem) = check_path(&path) {
            return self.refuse(place, format_args!("has a name that {problem}; rename it"));
        }
        if path.len() > PATH_BYTES_MAX {
            let problem = format!("has a path of more than {PATH_BYTES_MAX} bytes");
            return self.refuse(place, problem);
        }
        if depth > PATH_DEPTH_MAX {
            return self.refuse(
                place,
                format_args!("lies deeper than {PATH_DEPTH_MAX} parts"),
            );
        }
        let metadata = match fs::symlink_metadata(place) {
            Ok(metadata) if metadata.is_symlink() => match self.follow(place) {
                Ok(metadata) => metadata,
                Err(problem) => return self.refuse(place, problem),
            },
            Ok(metadata) => metadata,
            Err(error) => return self.refuse(place, format_args!("cannot be read: {error}")),
        };
        if metadata.is_dir() {
            self.walk(place, &format!("{path}/"), depth + 1);
        } else if metadata.is_file() {
            self.bytes = self.bytes.saturating_add(metadata.len());
            if self.bytes > COURSE_BYTES_MAX {
                self.full = true;
                let most = show_bytes(COURSE_BYTES_MAX);
                return self.refuse(
                    place,
                    format_args!("is beyond {most} of all files together"),
                );
            }
            self.entries.push(Entry {
                path,
                place: place.to_owned(),
                executable: metadata.permissions().mode() & 0o111 != 0,
                bytes: metadata.len(),
                changed_at: metadata.modified().ok(),
            });
        } else {
            self.refuse(place, "is neither a file nor a directory; remove it");
        }
    }

    /// What a link leads to, where that is a file of the course: it is packed as a copy.
    fn follow(&self, link: &Path) -> Result<fs::Metadata, String> {
        let leads_nowhere = |error: io::Error| format!("is a link that leads nowhere: {error}");
        let target = link.canonicalize().map_err(leads_nowhere)?;
        let Ok(inside) = target.strip_prefix(&self.root) else {
            return Err("is a link that leads out of the course; put a copy there".to_owned());
        };
        let mut parts = inside.components();
        if parts.any(|part| is_left_out(part.as_os_str())) {
            return Err("is a link to what is no part of the course".to_owned());
        }
        let metadata = target.metadata().map_err(leads_nowhere)?;
        if metadata.is_file() {
            Ok(metadata)
        } else {
            Err("is a link to a directory; put a copy there".to_owned())
        }
    }
}

fn write(entries: &[Entry], compressed: bool) -> Result<Archive, Failure> {
    let failed = |error: io::Error| {
        Failure::platform(anyhow::Error::new(error).context("packing the course"))
    };
    let mut file = tempfile::tempfile().map_err(failed)?;
    if compressed {
        let mut encoder = GzEncoder::new(io::BufWriter::new(&mut file), Compression::default());
        append(entries, &mut encoder)?;
        let mut buffer = encoder.finish().map_err(failed)?;
        buffer.flush().map_err(failed)?;
    } else {
        let mut buffer = io::BufWriter::new(&mut file);
        append(entries, &mut buffer)?;
        buffer.flush().map_err(failed)?;
    }
    let bytes = file.metadata().map_err(failed)?.len();
    Ok(Archive {
        file,
        compressed,
        bytes,
        files: entries.len(),
    })
}

fn append(entries: &[Entry], target: &mut impl Write) -> Result<(), Failure> {
    let mut builder = tar::Builder::new(target);
    for entry in entries {
        let failed = |error: io::Error| {
            let doing = format!("packing `{}`", entry.place.display());
            Failure::platform(anyhow::Error::new(error).context(doing))
        };
        let mut header = tar::Header::new_gnu();
        header.set_size(entry.bytes);
        header.set_mode(if entry.executable { 0o755 } else { 0o644 });
        header.set_mtime(0);
        let content = File::open(&entry.place).map_err(failed)?;
        // A file that grows while it is read stays as long as it was; one that shrinks is told.
        let content = io::Read::take(content, entry.bytes);
        let mut content = Whole {
            inner: content,
            left: entry.bytes,
        };
        builder
            .append_data(&mut header, &entry.path, &mut content)
            .map_err(failed)?;
    }
    builder
        .finish()
        .map_err(|error| Failure::platform(anyhow::Error::new(error).context("packing the course")))
}

/// A file that has to have as many bytes as its header says.
struct Whole<R> {
    inner: R,
    left: u64,
}

impl<R: io::Read> io::Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(count as u64);
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    use super::*;

    fn course() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = directory.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("course.toml", "id = 'a'");
        put("b/run.sh", "echo");
        put(".git/config", "secret");
        put("b/__pycache__/x.pyc", "x");
        // Of an import that was killed.
        put(".carrel-4711-0/quiz.md", "half");
        put("b/.run.sh.carrel-4711", "half");
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(directory.path().join("b/run.sh"), mode).unwrap();
        directory
    }

    fn bytes(archive: &Archive) -> Vec<u8> {
        let mut bytes = Vec::new();
        archive.open().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_belongs_to_the_course_is_packed_the_same_every_time() {
        let directory = course();
        let archive = pack(directory.path()).unwrap();
        assert_eq!(archive.files, 2);
        assert_eq!(archive.bytes(), bytes(&archive).len() as u64);
        let again = pack(directory.path()).unwrap();
        assert_eq!(bytes(&archive), bytes(&again));
        let unpacked = flate2::read::GzDecoder::new(archive.open().unwrap());
        let mut unpacked = tar::Archive::new(unpacked);
        let entries = unpacked.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let path = entry.path().unwrap().display().to_string();
            (path, entry.header().mode().unwrap())
        });
        let expected = [
            ("b/run.sh".to_owned(), 0o755),
            ("course.toml".to_owned(), 0o644),
        ];
        assert_eq!(Vec::from_iter(entries), expected);
    }

    #[test]
    fn everything_that_cannot_be_published_is_told_at_once() {
        let directory = course();
        symlink("course.toml", directory.path().join("inside")).unwrap();
        assert_eq!(pack(directory.path()).unwrap().files, 3);
        symlink("/etc/hostname", directory.path().join("outside")).unwrap();
        symlink(".git/config", directory.path().join("secret")).unwrap();
        symlink("b", directory.path().join("directory")).unwrap();
        symlink("none", directory.path().join("nowhere")).unwrap();
        fs::write(directory.path().join("a\\b"), "").unwrap();
        let failure = pack(directory.path()).unwrap_err();
        let text = failure.error.to_string();
        for told in [
            "outside: is a link that leads",
            "secret: is a link to what is no part",
            "directory: is a link to a directory",
            "nowhere: is a link that leads nowhere",
            "has a backslash",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert_eq!(failure.exit_code, crate::exit_code::BAD_CHALLENGE);
    }

    #[test]
    fn what_compresses_too_well_is_sent_as_it_is() {
        let directory = course();
        let zeros = vec![0; 6 << 20];
        fs::write(directory.path().join("zeros"), zeros).unwrap();
        let archive = pack(directory.path()).unwrap();
        assert_eq!(archive.media_type(), "application/x-tar");
        assert!(archive.bytes() > 6 << 20);
    }

    #[test]
    fn a_file_that_shrinks_meanwhile_is_told() {
        let directory = course();
        let mut entries = list(directory.path()).unwrap();
        entries[0].bytes += 1;
        let failure = write(&entries, true).unwrap_err();
        assert!(format!("{:#}", failure.error).contains("shorter"));
    }
}
