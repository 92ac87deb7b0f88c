//! Files put into a directory all at once or not at all.
//!
//! They are written below a hidden directory beside their places and then renamed
//! into them, never over something that is there. When anything goes wrong, what
//! was placed is taken back.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use crate::failure::Failure;

/// Most names that are tried for the hidden directory.
const NAMES_MAX: u32 = 1_000;

/// Files that are being put together.
#[derive(Debug)]
pub struct Staging {
    root: PathBuf,
    building: PathBuf,
    /// Paths below both, in the order they are placed.
    planned: Vec<PathBuf>,
    placed: Vec<Done>,
    is_kept: bool,
}

/// What was done, for taking it back.
#[derive(Debug)]
enum Done {
    Made(PathBuf),
    Moved(PathBuf),
    Replaced(PathBuf, Vec<u8>),
}

/// Whether a name is one that this module gives to what is not finished: where such a thing lies
/// and no `carrel` runs, one was killed.
#[must_use]
pub fn is_left_over(name: &OsStr) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((before, after)) = name.to_str().and_then(|name| name.rsplit_once(".carrel-")) else {
        return false;
    };
    if before.is_empty() {
        after
            .split_once('-')
            .is_some_and(|(process, number)| is_number(process) && is_number(number))
    } else {
        before.len() > 1 && before.starts_with('.') && is_number(after)
    }
}

impl Staging {
    /// Starts below a directory that is there.
    ///
    /// # Errors
    /// Of the disk.
    pub fn start(root: &Path) -> Result<Self, Failure> {
        for number in 0..NAMES_MAX {
            let building = root.join(format!(".carrel-{}-{number}", std::process::id()));
            match fs::create_dir(&building) {
                Ok(()) => {
                    return Ok(Self {
                        root: root.to_owned(),
                        building,
                        planned: Vec::new(),
                        placed: Vec::new(),
                        is_kept: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error, "making", &building)),
            }
        }
        let message = format!("`{}` is full of unfinished work", root.display());
        Err(Failure::platform(anyhow::anyhow!(message))
            .hint("remove its directories `.carrel-…` when no `carrel` runs"))
    }

    /// Where files are before they are placed.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.building
    }

    /// Writes a file; it is placed when its path, or that of a directory above it, is [planned](Self::plan).
    ///
    /// # Errors
    /// Of the disk.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let full = self.building.join(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent).map_err(|error| failed(error, "making", parent))?;
        }
        fs::write(&full, bytes).map_err(|error| failed(error, "writing", &full))
    }

    /// Plans a file or a whole directory; refused where something is there.
    ///
    /// # Errors
    /// Something is there.
    pub fn plan(&mut self, path: &str) -> Result<(), Failure> {
        let full = self.root.join(path);
        if full.symlink_metadata().is_ok() {
            return Err(taken(&full));
        }
        self.planned.push(PathBuf::from(path));
        Ok(())
    }

    /// Places everything that is planned. Until [`Self::keep`], it can be taken back.
    ///
    /// # Errors
    /// Of the disk, or something is there by now; then nothing is placed.
    pub fn place(&mut self) -> Result<(), Failure> {
        for path in std::mem::take(&mut self.planned) {
            let to = self.root.join(&path);
            self.make_parents(&path)?;
            let from = self.building.join(&path);
            move_new(&from, &to).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => taken(&to),
                _ => failed(error, "placing", &to),
            })?;
            self.placed.push(Done::Moved(to));
        }
        Ok(())
    }

    /// Replaces a file that is there; its permissions stay.
    ///
    /// # Errors
    /// Of the disk.
    pub fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let to = self.root.join(path);
        let before = fs::read(&to).map_err(|error| failed(error, "reading", &to))?;
        replace_file(&to, bytes)?;
        self.placed.push(Done::Replaced(to, before));
        Ok(())
    }

    /// Everything stays where it was placed.
    pub fn keep(mut self) {
        self.is_kept = true;
    }

    fn make_parents(&mut self, path: &Path) -> Result<(), Failure> {
        let mut parents: Vec<&Path> = path.ancestors().skip(1).collect();
        parents.pop();
        for parent in parents.into_iter().rev() {
            let full = self.root.join(parent);
            match fs::create_dir(&full) {
                Ok(()) => self.placed.push(Done::Made(full)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error, "making", &full)),
            }
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.is_kept {
            // As much as the disk allows: there is nobody left to tell.
            for done in self.placed.drain(..).rev() {
                let _ = match done {
                    Done::Made(path) => fs::remove_dir(path),
                    Done::Moved(path) if path.is_dir() => fs::remove_dir_all(path),
                    Done::Moved(path) => fs::remove_file(path),
                    Done::Replaced(path, before) => fs::write(path, before),
                };
            }
        }
        let _ = fs::remove_dir_all(&self.building);
    }
}

/// Renames, but never over something that is there.
fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The file system cannot promise it: looking first is what is left.
        Err(Errno::INVAL | Errno::NOSYS) if to.symlink_metadata().is_err() => fs::rename(from, to),
        Err(Errno::INVAL | Errno::NOSYS) => Err(io::ErrorKind::AlreadyExists.into()),
        other => other.map_err(io::Error::from),
    }
}

/// Replaces a file whole or not at all; its permissions stay.
///
/// # Errors
/// Of the disk.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |error| failed(error, "writing", path);
    // A link stays one: what it leads to is replaced.
    let real = path.canonicalize().map_err(fail)?;
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    let beside = real.with_file_name(format!(".{name}.carrel-{}", std::process::id()));
    let write = || {
        let permissions = fs::metadata(&real)?.permissions();
        fs::write(&beside, bytes)?;
        fs::set_permissions(&beside, permissions)?;
        fs::rename(&beside, &real)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&beside);
        fail(error)
    })
}

/// Writes a file that is not there yet, whole or not at all.
///
/// # Errors
/// Of the disk, or something is there.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let name = path.file_name().ok_or_else(|| {
        Failure::usage(format!("`{}` is no name of a file", path.display()))
            .hint("name the file to write")
    })?;
    if path.symlink_metadata().is_ok() {
        return Err(taken(path));
    }
    let name = name.to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.carrel-{}", std::process::id()));
    let write = || {
        fs::write(&beside, bytes)?;
        move_new(&beside, path)
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&beside);
        match error.kind() {
            io::ErrorKind::AlreadyExists => taken(path),
            _ => failed(error, "writing", path),
        }
    })
}

fn taken(path: &Path) -> Failure {
    Failure::usage(format!("`{}` exists already", path.display()))
}

fn failed(error: io::Error, doing: &str, path: &Path) -> Failure {
    let doing = format!("{doing} `{}`", path.display());
    Failure::platform(anyhow::Error::new(error).context(doing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_one_leaves_is_known_by_its_name() {
        let is_left_over = |name: &str| is_left_over(OsStr::new(name));
        let directory = tempfile::tempdir().unwrap();
        let staging = Staging::start(directory.path()).unwrap();
        let own = staging.directory().file_name().unwrap().to_str().unwrap();
        for name in [own, ".carrel-4711-12", ".course.toml.carrel-4711"] {
            assert!(is_left_over(name), "{name}");
        }
        for name in [
            ".carrel-",
            ".carrel-4711",
            ".carrel-4711-x",
            "..carrel-x",
            "course.carrel-4711",
            "carrel-4711-0",
            ".carrelrc",
        ] {
            assert!(!is_left_over(name), "{name}");
        }
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_kept_stays_and_nothing_else_is_left() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("list"), "1").unwrap();
        let mut staging = Staging::start(root.path()).unwrap();
        staging.write("a/b/one", b"1").unwrap();
        staging.write("two", b"2").unwrap();
        staging.write("never planned", b"3").unwrap();
        staging.plan("a/b").unwrap();
        staging.plan("two").unwrap();
        staging.place().unwrap();
        staging.replace("list", b"2").unwrap();
        staging.keep();
        assert_eq!(names(root.path()), ["a", "list", "two"]);
        assert_eq!(fs::read(root.path().join("a/b/one")).unwrap(), b"1");
        assert_eq!(fs::read(root.path().join("list")).unwrap(), b"2");
    }

    #[test]
    fn what_is_not_kept_is_taken_back() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("list"), "1").unwrap();
        let mut staging = Staging::start(root.path()).unwrap();
        staging.write("a/b/c/one", b"1").unwrap();
        staging.plan("a/b/c").unwrap();
        staging.place().unwrap();
        staging.replace("list", b"2").unwrap();
        drop(staging);
        assert_eq!(names(root.path()), ["a", "list"]);
        assert_eq!(names(&root.path().join("a")), [""; 0]);
        assert_eq!(fs::read(root.path().join("list")).unwrap(), b"1");
    }

    #[test]
    fn what_is_there_is_never_replaced() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("two"), "mine").unwrap();
        let mut staging = Staging::start(root.path()).unwrap();
        staging.write("one", b"1").unwrap();
        staging.write("three", b"3").unwrap();
        assert!(staging.plan("two").is_err());
        staging.plan("one").unwrap();
        staging.plan("three").unwrap();
        // It comes while the files are being put together.
        fs::write(root.path().join("three"), "mine").unwrap();
        assert!(staging.place().is_err());
        drop(staging);
        assert_eq!(names(root.path()), ["three", "two"]);
        assert!(write_new(&root.path().join("two"), b"2").is_err());
        assert_eq!(fs::read(root.path().join("two")).unwrap(), b"mine");
        write_new(&root.path().join("four"), b"4").unwrap();
        assert_eq!(names(root.path()), ["four", "three", "two"]);
    }
}
