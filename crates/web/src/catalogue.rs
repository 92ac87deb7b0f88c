//! Published courses as they are needed to answer: read from their directories once, kept in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use carrel_api::{Code, Content};
use carrel_course::course::Course;
use carrel_model::Challenge;
use carrel_store::course::CourseVersion;

use crate::app::App;
use crate::containment::contain;
use crate::problem::{Problem, Result};

/// Most versions kept in memory; the longest unused goes first.
const VERSIONS_MAX: usize = 64;
/// Name of the directory of versions in the state directory.
const DIRECTORY: &str = "courses";
/// Largest file that is told in an answer, bytes; larger ones are left empty.
const SHOWN_BYTES_MAX: u64 = 1 << 20;

/// Versions in memory.
#[derive(Debug, Default)]
pub struct Catalogue {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    clock: u64,
    versions: BTreeMap<String, (u64, Arc<Course>)>,
}

/// Directory of all published versions.
#[must_use]
pub fn directory(app: &App) -> PathBuf {
    app.config.state_directory.join(DIRECTORY)
}

impl Catalogue {
    fn find(&self, digest: &str) -> Option<Arc<Course>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        let (used, course) = kept.versions.get_mut(digest)?;
        *used = clock;
        Some(Arc::clone(course))
    }

    fn keep(&self, digest: &str, course: &Arc<Course>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        if kept.versions.len() >= VERSIONS_MAX {
            let oldest = kept.versions.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(digest, _)| digest.clone()) {
                kept.versions.remove(&oldest);
            }
        }
        let entry = (clock, Arc::clone(course));
        kept.versions.insert(digest.to_owned(), entry);
    }

    /// A published version.
    ///
    /// # Errors
    /// [`Code::CourseFilesMissing`], or they are damaged: a fault of the service.
    pub async fn course(&self, app: &App, digest: &str) -> Result<Arc<Course>> {
        if let Some(course) = self.find(digest) {
            return Ok(course);
        }
        let path = directory(app).join(digest);
        let place = path.clone();
        let loaded =
            run_blocking(move || place.is_dir().then(|| carrel_course::course::load(&place)));
        let Some(loaded) = loaded.await? else {
            let place = path.display();
            tracing::error!(%place, "the files of a published version are missing");
            let detail = "the files of this course are missing on the server: whoever runs it has \
                to restore them from a backup, or its author to publish it again";
            return Err(Problem::new(Code::CourseFilesMissing, detail));
        };
        let course = loaded.map_err(|problems| Problem::internal(&problems))?;
        let course = Arc::new(course);
        self.keep(digest, &course);
        Ok(course)
    }
}

/// A challenge of a version.
#[derive(Debug, Clone)]
pub struct Found {
    /// The version.
    pub version: CourseVersion,
    /// Its files.
    pub course: Arc<Course>,
    index: usize,
}

impl Found {
    /// The challenge.
    #[must_use]
    pub fn challenge(&self) -> &Challenge {
        &self.course.challenges[self.index]
    }
}

/// A challenge of the present version of a course.
///
/// # Errors
/// There is no such course or challenge.
pub async fn find(app: &App, course: &str, challenge: &str) -> Result<Found> {
    let version = app.store.course(course).await?;
    find_in(app, version, challenge).await
}

/// A challenge of a certain version.
///
/// # Errors
/// There is no such challenge in it.
pub async fn find_in(app: &App, version: CourseVersion, challenge: &str) -> Result<Found> {
    let course = app.catalogue.course(app, &version.digest).await?;
    let index = course
        .challenges
        .iter()
        .position(|other| other.id == challenge)
        .ok_or_else(|| Problem::missing("challenge", challenge))?;
    Ok(Found {
        version,
        course,
        index,
    })
}

/// Runs something that blocks, apart from the threads that answer.
///
/// # Errors
/// It panicked.
pub async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(|| contain(work)).await;
    done.map_err(|error| Problem::internal(&error))
}

/// Reads files to be told; one that is too large stays empty.
///
/// # Errors
/// One cannot be read.
pub fn read_files(files: &BTreeMap<String, PathBuf>) -> std::io::Result<BTreeMap<String, Content>> {
    let read = |path: &Path| {
        if std::fs::metadata(path)?.len() > SHOWN_BYTES_MAX {
            return Ok(Content::Text(String::new()));
        }
        std::fs::read(path).map(Content::from_bytes)
    };
    files
        .iter()
        .map(|(name, path)| Ok((name.clone(), read(path)?)))
        .collect()
}
