//! Publishing: an archive or a directory becomes an immutable version of a course.
//!
//! The files are written beside their place, named by the digest of their
//! canonical form, checked as a whole, and put into place by one rename; only
//! then does the store learn of the version. A crash leaves a directory that the
//! next start removes, never half a version.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use carrel_api::limits::{COURSE_BYTES_MAX, COURSE_ENTRIES_MAX};
use carrel_api::problem::FieldError;
use carrel_api::{Code, course::Published};
use carrel_bus::Hint;
use carrel_course::Problems;
use carrel_model::course::Course;
use carrel_model::id::UserId;
use carrel_store::account::Role;
use carrel_store::course::CourseVersion;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::archive::{self, ArchiveError, Bounds, Sink};
use crate::catalogue::{self, run_blocking};
use crate::problem::{Problem, Result};

/// Name of the file that makes a directory a course.
const COURSE_FILE: &str = "course.toml";
/// Beginning of the names of directories that are being written.
const INCOMING: &str = ".incoming-";
/// First line of what the digest is taken of.
const CANON: &[u8] = b"carrel course 1\n";

/// Files of a course on their way to their place; removed when dropped.
#[derive(Debug)]
pub struct Incoming {
    directory: PathBuf,
    files: BTreeMap<String, Entry>,
    failed: bool,
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
    fn begin(courses: &Path) -> io::Result<Self> {
        let directory = courses.join(format!("{INCOMING}{}", Uuid::now_v7()));
        fs::create_dir_all(directory.join("files"))?;
        Ok(Self {
            directory,
            files: BTreeMap::new(),
            failed: false,
        })
    }

    fn root(&self) -> PathBuf {
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
    fn find_top(&self) -> Option<String> {
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
    fn digest(&self, top: &str) -> String {
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
    ) -> std::result::Result<(), ArchiveError> {
        self.write(path, executable, content).map_err(|source| {
            self.failed = true;
            ArchiveError::Write {
                name: path.to_owned(),
                source,
            }
        })
    }
}

/// A version whose files are in their place.
#[derive(Debug)]
struct Placed {
    course: Course,
    digest: String,
}

/// Why files do not become a version.
#[derive(Debug, thiserror::Error)]
enum PlaceError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("it holds no `{COURSE_FILE}`, neither at its top nor in its only directory")]
    NoCourse,
    #[error("the course is `{found}`, not `{wanted}`")]
    Other { found: String, wanted: String },
    #[error("the course has problems")]
    Course { problems: Problems, root: PathBuf },
    #[error("writing the course")]
    Write(#[source] io::Error),
}

/// Publishes an archive under an id.
///
/// # Errors
/// The archive is not taken, the course has problems (all are told), or it is another course.
pub async fn publish_archive(
    app: &App,
    archive: File,
    course: &str,
    by: UserId,
) -> Result<Published> {
    let courses = catalogue::directory(app);
    let wanted = course.to_owned();
    let placed = run_blocking(move || {
        let mut incoming = Incoming::begin(&courses).map_err(PlaceError::Write)?;
        let bounds = Bounds {
            entries_max: COURSE_ENTRIES_MAX,
            bytes_max: COURSE_BYTES_MAX,
        };
        archive::read(archive, bounds, &mut incoming)?;
        place(&courses, incoming, Some(wanted))
    });
    let placed = placed.await?.map_err(explain)?;
    announce(app, placed, Some(by)).await
}

/// Publishes a directory: how a service is given courses at its start.
///
/// # Errors
/// As of an archive.
pub async fn publish_directory(app: &App, directory: &Path) -> Result<Published> {
    let courses = catalogue::directory(app);
    let directory = directory.to_owned();
    let placed = run_blocking(move || {
        let mut incoming = Incoming::begin(&courses).map_err(PlaceError::Write)?;
        copy(&directory, "", &mut incoming)?;
        place(&courses, incoming, None)
    });
    let placed = placed.await?.map_err(explain)?;
    announce(app, placed, None).await
}

/// Removes what an earlier life left half-written.
///
/// # Errors
/// The directory of courses cannot be made or read.
pub fn clean(courses: &Path) -> io::Result<()> {
    fs::create_dir_all(courses)?;
    for entry in fs::read_dir(courses)? {
        let entry = entry?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(INCOMING.as_bytes())
        {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Copies a directory by the rules of archives, without what version control keeps.
fn copy(from: &Path, prefix: &str, incoming: &mut Incoming) -> std::result::Result<(), PlaceError> {
    let mut entries: Vec<_> = fs::read_dir(from)
        .and_then(Iterator::collect::<io::Result<_>>)
        .map_err(PlaceError::Write)?;
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
        let kind = entry.file_type().map_err(PlaceError::Write)?;
        if kind.is_dir() {
            copy(&entry.path(), &format!("{path}/"), incoming)?;
        } else if kind.is_file() {
            let mut file = File::open(entry.path()).map_err(PlaceError::Write)?;
            let mode = file
                .metadata()
                .map_err(PlaceError::Write)?
                .permissions()
                .mode();
            incoming.file(&path, mode & 0o111 != 0, &mut file)?;
        } else {
            return Err(refuse("is neither a file nor a directory").into());
        }
        if incoming.files.len() > COURSE_ENTRIES_MAX {
            let most = COURSE_ENTRIES_MAX as u64;
            let what = "entries";
            return Err(ArchiveError::Bound { what, most }.into());
        }
    }
    Ok(())
}

/// Checks what was written and puts it into its place.
fn place(
    courses: &Path,
    incoming: Incoming,
    wanted: Option<String>,
) -> std::result::Result<Placed, PlaceError> {
    let top = incoming.find_top().ok_or(PlaceError::NoCourse)?;
    let digest = incoming.digest(&top);
    let root = incoming.root().join(&top);
    let load = |root: &Path| {
        carrel_course::course::load(root).map_err(|problems| PlaceError::Course {
            problems,
            root: root.to_owned(),
        })
    };
    let course = load(&root)?;
    if let Some(wanted) = wanted.filter(|wanted| *wanted != course.id) {
        let found = course.id;
        return Err(PlaceError::Other { found, wanted });
    }
    let target = courses.join(&digest);
    if !target.is_dir() {
        settle(courses, &root, &target).map_err(PlaceError::Write)?;
    }
    Ok(Placed { course, digest })
}

/// To the disk first, then by one rename into its place.
fn settle(courses: &Path, root: &Path, target: &Path) -> io::Result<()> {
    let directory = File::open(courses)?;
    // One call for thousands of files; `fsync` of each would take seconds.
    rustix::fs::syncfs(&directory)?;
    match fs::rename(root, target) {
        // Somebody else published the same in the meantime.
        Err(_) if target.is_dir() => {}
        other => other?,
    }
    directory.sync_all()
}

fn explain(error: PlaceError) -> Problem {
    match &error {
        PlaceError::Archive(ArchiveError::Write { .. }) | PlaceError::Write(_) => {
            Problem::internal(&error)
        }
        PlaceError::Archive(archive) => Problem::new(Code::InvalidArchive, archive.to_string()),
        PlaceError::NoCourse | PlaceError::Other { .. } => {
            Problem::new(Code::CourseInvalid, error.to_string())
        }
        PlaceError::Course { problems, root } => {
            let count = problems.list().len();
            let detail = format!("the course has {count} problems; nothing was published");
            Problem::new(Code::CourseInvalid, detail).with_errors(list_problems(problems, root))
        }
    }
}

fn list_problems<'a>(
    problems: &'a Problems,
    root: &'a Path,
) -> impl Iterator<Item = FieldError> + 'a {
    problems.list().iter().map(move |problem| {
        let path = problem.path.strip_prefix(root).unwrap_or(&problem.path);
        let mut field = path.display().to_string();
        for number in [problem.line, problem.column].into_iter().flatten() {
            field.push_str(&format!(":{number}"));
        }
        FieldError {
            field,
            message: problem.message.clone(),
            hint: problem.hint.clone(),
        }
    })
}

async fn announce(app: &App, placed: Placed, by: Option<UserId>) -> Result<Published> {
    let Placed { course, digest } = placed;
    let before = app.store.course(&course.id).await;
    let present = match before {
        Ok(version) => Some(version.digest),
        Err(carrel_store::Error::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let unchanged = present.as_ref() == Some(&digest);
    if !unchanged {
        let version = CourseVersion {
            course: course.id.clone(),
            digest: digest.clone(),
            title: course.title.clone(),
            published_by: by,
            published_at: Timestamp::now(),
            contents: describe(&course),
        };
        app.store.publish(version).await?;
        if let (None, Some(by)) = (&present, by) {
            // Who brings a course into the world looks after it.
            app.store
                .set_role(by, &course.id, Some(Role::Author))
                .await?;
        }
        app.bus.send(&Hint::Course {
            course: course.id.clone(),
        });
        tracing::info!(course = %course.id, version = %digest, "published");
    }
    Ok(Published {
        challenges: course.challenges.len(),
        course: course.id,
        version: digest,
        title: course.title,
        unchanged,
    })
}

fn describe(course: &Course) -> serde_json::Value {
    let challenges = course.challenges.iter().map(crate::course::summarise);
    let challenges: Vec<_> = challenges
        .map(|summary| serde_json::to_value(summary).unwrap_or_default())
        .collect();
    serde_json::json!({ "challenges": challenges })
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
        assert!(!left.exists() && courses.path().join("abc").is_dir());
        drop(write(courses.path(), &[("a", "b", false)]));
        assert_eq!(fs::read_dir(courses.path()).unwrap().count(), 1);
    }

    #[test]
    fn problems_are_told_by_file_and_line_below_the_course() {
        let courses = tempfile::tempdir().unwrap();
        let incoming = write(
            courses.path(),
            &[("x/course.toml", "id='a'\ntitel='T'\n", false)],
        );
        let error = place(courses.path(), incoming, None).unwrap_err();
        let problem = explain(error);
        assert_eq!(problem.code(), Code::CourseInvalid);
        let errors = &problem.document().errors;
        assert!(
            errors.iter().any(|error| error.field == "course.toml:2:1"),
            "{errors:?}"
        );
    }
}
