//! Publishing: an archive or a directory becomes an immutable version of a course.
//!
//! The files are written beside their place, named by the digest of their
//! canonical form, checked as a whole, and put into place by one rename; only
//! then does the store learn of the version. A crash leaves a directory that the
//! next start removes, never half a version.

mod identity;
mod incoming;
mod preview;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use carrel_api::limits::{COURSE_BYTES_MAX, COURSE_ENTRIES_MAX};
use carrel_api::problem::FieldError;
use carrel_api::{Code, course::Published};
use carrel_bus::Hint;
use carrel_course::Problems;
use carrel_course::course::Course;
use carrel_model::id::UserId;
use carrel_store::account::{Giver, Role};
use carrel_store::course::CourseVersion;
use jiff::Timestamp;

use crate::app::App;
use crate::archive::{self, ArchiveError, Bounds};
use crate::catalogue::{self, run_blocking};
use crate::problem::{Problem, Result, tell_causes};
use crate::provision::{self, ENVIRONMENTS};
use incoming::{Incoming, copy};

pub(crate) use identity::look;
pub use incoming::clean;
pub use preview::{Contents, Preview, look_into, preview_archive};

/// Name of the file that makes a directory a course.
const COURSE_FILE: &str = "course.toml";
/// Key of the commit among the contents of a version.
const COMMIT: &str = "commit";
/// How many digits the id of a commit has.
const COMMIT_DIGITS: [usize; 2] = [40, 64];

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

/// Where a version comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Who publishes it; `None`: it is given to the service at its start.
    pub by: Option<UserId>,
    /// Commit that its files are of, where that is known.
    pub commit: Option<String>,
}

/// Takes what looks like the id of a commit: SHA-1 or SHA-256 in hexadecimal.
///
/// # Errors
/// It is none.
pub fn check_commit(commit: &str) -> Result<()> {
    let hexadecimal = commit
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if hexadecimal && COMMIT_DIGITS.contains(&commit.len()) {
        return Ok(());
    }
    let message = "is 40 or 64 hexadecimal digits in lower case";
    Err(Problem::parameter("commit", message))
}

/// The commit that was told of a version when it was published.
#[must_use]
pub fn commit_of(version: &CourseVersion) -> Option<&str> {
    version.contents.get(COMMIT)?.as_str()
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
    let origin = Origin {
        by: Some(by),
        commit: None,
    };
    publish_archive_of(app, archive, course, origin).await
}

/// Publishes an archive under an id, and keeps where it comes from.
///
/// # Errors
/// As [`publish_archive`].
pub async fn publish_archive_of(
    app: &App,
    archive: File,
    course: &str,
    origin: Origin,
) -> Result<Published> {
    let courses = catalogue::directory(app);
    let wanted = course.to_owned();
    let checked = run_blocking(move || {
        let incoming = receive_archive(&courses, archive)?;
        check(incoming, Some(wanted))
    });
    let checked = checked.await?.map_err(explain)?;
    settle(app, checked, origin, explain).await
}

/// Unpacks an archive beside the courses.
fn receive_archive(courses: &Path, archive: File) -> std::result::Result<Incoming, PlaceError> {
    let mut incoming = Incoming::begin(courses).map_err(PlaceError::Write)?;
    let bounds = Bounds {
        entries_max: COURSE_ENTRIES_MAX,
        bytes_max: COURSE_BYTES_MAX,
    };
    archive::read(archive, bounds, &mut incoming)?;
    Ok(incoming)
}

/// Publishes a directory: how a service is given courses at its start.
///
/// # Errors
/// As of an archive.
pub async fn publish_directory(app: &App, directory: &Path) -> Result<Published> {
    let courses = catalogue::directory(app);
    let directory = directory.to_owned();
    let checked = run_blocking(move || {
        let mut incoming = Incoming::begin(&courses).map_err(PlaceError::Write)?;
        copy(&directory, "", &mut incoming)?;
        check(incoming, None)
    });
    let checked = checked.await?.map_err(explain_to_operator)?;
    settle(app, checked, Origin::default(), explain_to_operator).await
}

/// Puts what was checked into its place and announces it, unless it would mix up results.
async fn settle(
    app: &App,
    checked: Checked,
    origin: Origin,
    explain: fn(PlaceError) -> Problem,
) -> Result<Published> {
    let present = app.store.course(&checked.course.id).await;
    // The same files again name what they named, and come back by this where they were lost.
    if !present.is_ok_and(|present| present.digest == checked.digest) {
        identity::look(app, &checked.course).await?.refuse_mixed()?;
    }
    let courses = catalogue::directory(app);
    let placed = run_blocking(move || place(&courses, checked));
    let placed = placed.await?.map_err(explain)?;
    announce(app, placed, origin).await
}

/// A course that has no problems, still where it was unpacked.
struct Checked {
    course: Course,
    digest: String,
    root: PathBuf,
    /// Its files; removed with it.
    _incoming: Incoming,
}

/// Checks what was written.
fn check(incoming: Incoming, wanted: Option<String>) -> std::result::Result<Checked, PlaceError> {
    let top = incoming.find_top().ok_or(PlaceError::NoCourse)?;
    let digest = incoming.digest(&top);
    let root = incoming.root().join(&top);
    let refuse = |problems: Problems| PlaceError::Course {
        problems,
        root: root.clone(),
    };
    let course = carrel_course::course::load(&root).map_err(refuse)?;
    let dangling = carrel_course::course::check_texts(&course);
    if !dangling.is_empty() {
        return Err(refuse(dangling));
    }
    if let Some(wanted) = wanted.filter(|wanted| *wanted != course.id) {
        let found = course.id;
        return Err(PlaceError::Other { found, wanted });
    }
    Ok(Checked {
        course,
        digest,
        root,
        _incoming: incoming,
    })
}

/// Puts what was checked into its place.
fn place(courses: &Path, checked: Checked) -> std::result::Result<Placed, PlaceError> {
    let target = courses.join(&checked.digest);
    if !target.is_dir() {
        rename(courses, &checked.root, &target).map_err(PlaceError::Write)?;
    }
    let Checked { course, digest, .. } = checked;
    Ok(Placed { course, digest })
}

/// To the disk first, then by one rename into its place.
fn rename(courses: &Path, root: &Path, target: &Path) -> io::Result<()> {
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

/// Who gives a directory on this host may know what of it cannot be read.
fn explain_to_operator(error: PlaceError) -> Problem {
    match &error {
        PlaceError::Archive(ArchiveError::Write { .. }) | PlaceError::Write(_) => {
            Problem::new(Code::Internal, tell_causes(&error))
        }
        _ => explain(error),
    }
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
            let noun = if count == 1 { "problem" } else { "problems" };
            let detail = format!("the course has {count} {noun}; nothing was published");
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

async fn announce(app: &App, placed: Placed, origin: Origin) -> Result<Published> {
    let Placed { course, digest } = placed;
    let Origin { by, commit } = origin;
    let before = app.store.course(&course.id).await;
    let present = match before {
        Ok(version) => Some(version.digest),
        Err(carrel_store::Error::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let unchanged = present.as_ref() == Some(&digest);
    let missing = provision::missing_for(app, &course).await?;
    if !unchanged {
        let version = CourseVersion {
            course: course.id.clone(),
            digest: digest.clone(),
            title: course.title.clone(),
            published_by: by,
            published_at: Timestamp::now(),
            contents: describe(&course, commit),
        };
        app.store.publish(version).await?;
        if let (None, Some(by)) = (&present, by) {
            give_to(app, &course.id, by).await?;
        }
        app.bus.send(&Hint::Course {
            course: course.id.clone(),
        });
        tracing::info!(course = %course.id, version = %digest, "published");
        if !missing.is_empty() {
            let course = &course.id;
            tracing::warn!(%course, ?missing, "no node has environments that it needs");
        }
    }
    Ok(Published {
        missing_environments: missing,
        challenges: course.challenges.len(),
        course: course.id,
        version: digest,
        title: course.title,
        unchanged,
    })
}

/// Who brings a course into the world looks after it; who runs it already goes on so.
async fn give_to(app: &App, course: &str, by: UserId) -> Result<()> {
    let roles = app.store.roles(by).await?;
    let writes = |(of, role): &(String, Role)| of == course && role.writes();
    if roles.iter().any(writes) {
        return Ok(());
    }
    let giver = Giver::Person {
        id: by,
        highest: Role::Author,
    };
    let given = app.store.set_role(by, course, Some(Role::Author), giver);
    match given.await {
        // They run the service no more, or the course since just now: nothing is given then.
        Err(carrel_store::Error::State { .. }) => Ok(()),
        given => Ok(given?),
    }
}

fn describe(course: &Course, commit: Option<String>) -> serde_json::Value {
    let challenges = course.challenges.iter().map(crate::course::summarise);
    let challenges: Vec<_> = challenges
        .map(|summary| serde_json::to_value(summary).unwrap_or_default())
        .collect();
    let mut contents = serde_json::json!({
        "challenges": challenges,
        ENVIRONMENTS: provision::named_by(course),
    });
    if let Some(commit) = commit {
        contents[COMMIT] = commit.into();
    }
    contents
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Sink as _;

    #[test]
    fn a_hostile_archive_is_its_senders_and_no_fault_of_ours() {
        use std::io::{Cursor, Write as _};

        let directory = tempfile::tempdir().unwrap();
        let noise =
            (0..100_000u32).map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()[3]);
        let noise: Vec<u8> = noise.collect();
        let zip_of = |content: &[u8]| {
            let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file("a/file", options).unwrap();
            writer.write_all(content).unwrap();
            writer.finish().unwrap().into_inner()
        };
        let mut flipped = zip_of(&noise);
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x10;
        let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(
            Vec::new(),
            flate2::Compression::fast(),
        ));
        let mut header = tar::Header::new_gnu();
        header.set_size(noise.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, "a/file", noise.as_slice())
            .unwrap();
        let whole = builder.into_inner().unwrap().finish().unwrap();
        for (what, archive) in [
            ("a bomb", zip_of(&vec![0; 16 << 20])),
            ("a flipped byte", flipped),
            ("an end too early", whole[..whole.len() / 2].to_vec()),
        ] {
            let path = directory.path().join("archive");
            fs::write(&path, archive).unwrap();
            let file = File::open(&path).unwrap();
            let error = receive_archive(&directory.path().join("courses"), file).unwrap_err();
            let problem = explain(error);
            assert_eq!(problem.code(), Code::InvalidArchive, "{what}: {problem}");
        }
    }

    #[test]
    fn problems_are_told_by_file_and_line_below_the_course() {
        let courses = tempfile::tempdir().unwrap();
        let mut incoming = Incoming::begin(courses.path()).unwrap();
        let mut text = &b"id='a'\ntitel='T'\n"[..];
        incoming.file("x/course.toml", false, &mut text).unwrap();
        let Err(error) = check(incoming, None) else {
            panic!("the course has a problem");
        };
        let problem = explain(error);
        assert_eq!(problem.code(), Code::CourseInvalid);
        let errors = &problem.document().errors;
        assert!(
            errors.iter().any(|error| error.field == "course.toml:2:1"),
            "{errors:?}"
        );
    }
}
