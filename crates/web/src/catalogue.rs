//! Published courses as they are needed to answer: read from their directories once, kept in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use carrel_api::{Code, Content};
use carrel_course::course::Course;
use carrel_model::Challenge;
use carrel_store::course::CourseVersion;
use tokio::sync::OnceCell;

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
    versions: Versions<Course>,
}

/// What is loaded once by its digest, however many ask for it at once.
#[derive(Debug)]
struct Versions<T> {
    kept: Mutex<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    clock: u64,
    versions: BTreeMap<String, (u64, Place<T>)>,
}

/// Filled by the first who asks; the others wait for it, also where it is a failure.
type Place<T> = Arc<OnceCell<Result<Arc<T>>>>;

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self {
            kept: Mutex::new(Kept {
                clock: 0,
                versions: BTreeMap::new(),
            }),
        }
    }
}

/// Directory of all published versions.
#[must_use]
pub fn directory(app: &App) -> PathBuf {
    app.config.state_directory.join(DIRECTORY)
}

impl<T> Versions<T> {
    /// The place of a version, also where nothing is in it yet.
    fn place(&self, digest: &str) -> Place<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        if let Some((used, place)) = kept.versions.get_mut(digest) {
            *used = clock;
            return Arc::clone(place);
        }
        if kept.versions.len() >= VERSIONS_MAX {
            let oldest = kept.versions.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(digest, _)| digest.clone()) {
                kept.versions.remove(&oldest);
            }
        }
        let place = Place::default();
        let entry = (clock, Arc::clone(&place));
        kept.versions.insert(digest.to_owned(), entry);
        place
    }

    /// What is kept, else what is loaded now. A failure is shared by those who wait for it, and
    /// not kept: whoever asks next tries again.
    async fn get(&self, digest: &str, load: impl Future<Output = Result<T>>) -> Result<Arc<T>> {
        let place = self.place(digest);
        let loaded = place.get_or_init(|| async { load.await.map(Arc::new) });
        let loaded = loaded.await.clone();
        if loaded.is_err() {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            // Somebody may be filling another place by now.
            let is_this = |(_, kept): &(u64, Place<T>)| Arc::ptr_eq(kept, &place);
            if kept.versions.get(digest).is_some_and(is_this) {
                kept.versions.remove(digest);
            }
        }
        loaded
    }
}

impl Catalogue {
    /// A published version.
    ///
    /// # Errors
    /// [`Code::CourseFilesMissing`], or they are damaged: a fault of the service.
    pub async fn course(&self, app: &App, digest: &str) -> Result<Arc<Course>> {
        let load = load(directory(app).join(digest));
        self.versions.get(digest, load).await
    }
}

async fn load(path: PathBuf) -> Result<Course> {
    let place = path.clone();
    let loaded = run_blocking(move || place.is_dir().then(|| carrel_course::course::load(&place)));
    let Some(loaded) = loaded.await? else {
        let place = path.display();
        tracing::error!(%place, "the files of a published version are missing");
        let detail = "the files of this course are missing on the server: whoever runs it has \
            to restore them from a backup, or its author to publish it again";
        return Err(Problem::new(Code::CourseFilesMissing, detail));
    };
    loaded.map_err(|problems| Problem::internal(&problems))
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_at_once_load_or_fail_once_and_what_failed_is_tried_again() {
        let (versions, loads) = (Versions::<u32>::default(), AtomicU32::new(0));
        let load = |fails: bool| {
            let loads = &loads;
            async move {
                let number = loads.fetch_add(1, Ordering::SeqCst);
                // Everybody else asks before this is there.
                tokio::task::yield_now().await;
                if fails {
                    return Err(Problem::new(Code::CourseFilesMissing, "gone"));
                }
                Ok(number)
            }
        };
        let all = (0..20).map(|_| versions.get("one", load(true)));
        let all = futures_util::future::join_all(all).await;
        assert!(all.into_iter().all(|got| got.is_err()));
        let all = (0..20).map(|_| versions.get("one", load(false)));
        let all = futures_util::future::join_all(all).await;
        assert!(all.into_iter().all(|got| *got.unwrap() == 1));
        assert_eq!(loads.load(Ordering::SeqCst), 2);
        assert_eq!(*versions.get("two", load(false)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn the_longest_unused_goes_first() {
        let versions = Versions::<usize>::default();
        for number in 0..VERSIONS_MAX {
            let digest = number.to_string();
            versions.get(&digest, async { Ok(number) }).await.unwrap();
        }
        versions.get("0", async { Ok(99) }).await.unwrap();
        versions.get("new", async { Ok(99) }).await.unwrap();
        assert_eq!(*versions.get("0", async { Ok(99) }).await.unwrap(), 0);
        assert_eq!(*versions.get("1", async { Ok(99) }).await.unwrap(), 99);
    }
}
