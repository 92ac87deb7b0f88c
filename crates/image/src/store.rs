//! The environments of a host: built, published under a name, used, verified, removed.
//!
//! ```text
//! state/
//!   lock                     held by whoever builds or cleans up
//!   packages/(sha-256).deb   fetched packages
//!   objects/                 the composefs repository
//!   locks/NAME.lock          what the published environment of this name was made from
//!   environments/NAME.json   what is published; written last, replaced as a whole
//!   leases/(image)           held (shared) by whoever uses an image
//!   directories/(digest)/    trees laid out for kernels that cannot mount images
//!   tmp/                     builds at work; emptied by the next one
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::archive::Mirrors;
use crate::build::{Build, Built, Progress, Stage};
use crate::definition::Definition;
use crate::error::Error;
use crate::lock::{self, BUILDER, Lock};
use crate::objects::Objects;
use crate::trigger::TriggerRunner;

mod clean;
mod environment;
mod record;

pub use crate::objects::Freed;
pub use environment::Environment;
pub use record::Record;

use record::{describe, inputs};

/// Pause between two tries to take the lock of a store.
const HOLD_PAUSE: Duration = Duration::from_millis(20);

/// The store below one state directory.
#[derive(Debug, Clone)]
pub struct Store {
    state: PathBuf,
    mirror: Option<String>,
    images: Images,
}

/// How trees are given to sandboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Images {
    /// Mounted where the kernel and the user's rights allow it, laid out otherwise.
    Mounted,
    /// Always laid out as directories.
    LaidOut,
}

impl Store {
    /// Opens the store below a state directory, and makes it where there is none.
    ///
    /// # Errors
    /// When the directories cannot be made.
    pub fn open(state: &Path) -> Result<Store, Error> {
        for name in [
            "packages",
            "locks",
            "environments",
            "leases",
            "directories",
            "tmp",
        ] {
            let directory = state.join(name);
            fs::create_dir_all(&directory).map_err(|source| match source.kind() {
                std::io::ErrorKind::PermissionDenied => Error::Access(state.to_owned()),
                _ => Error::file("making", &directory)(source),
            })?;
        }
        Ok(Store {
            state: state.to_owned(),
            mirror: None,
            images: Images::Mounted,
        })
    }

    /// Fetches from this mirror instead of the host's: an address in which
    /// `{archive}` stands for `debian` and `debian-security`.
    #[must_use]
    pub fn with_mirror(self, address: Option<String>) -> Store {
        Store {
            mirror: address,
            ..self
        }
    }

    /// Says how trees are given to sandboxes.
    #[must_use]
    pub fn with_images(self, images: Images) -> Store {
        Store { images, ..self }
    }

    /// Chooses the versions of a definition's packages and locks them.
    ///
    /// # Errors
    /// When the archive cannot be used or lacks a package.
    pub fn lock(
        &self,
        definition: &Definition,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Lock, Error> {
        let _held = self.hold()?;
        let work = self.make_work()?;
        progress(Progress {
            stage: Stage::Resolve,
            done: 0,
            total: 0,
        });
        crate::archive::resolve(definition, &self.mirrors()?, work.path())
    }

    /// Builds an environment and publishes it under its name, and keeps the lock
    /// that it was made from. Without a lock the versions are chosen now.
    ///
    /// # Errors
    /// When an input is wrong or missing, a step or probe fails, or the store cannot be written.
    pub fn build(
        &self,
        definition: &Definition,
        lock: Option<&Lock>,
        runner: &dyn TriggerRunner,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Built, Error> {
        let _held = self.hold()?;
        let work = self.make_work()?;
        let cache = self.state.join("packages");
        let mut build = Build {
            definition,
            runner,
            progress,
            work: work.path(),
            cache: &cache,
        };
        let chosen = match lock {
            Some(lock) => {
                lock.check(definition, lock::machine_architecture()?)?;
                lock.clone()
            }
            None => build.resolve(&self.mirrors()?)?,
        };
        let objects = self.objects()?;
        let (listing, image) = build.make(&chosen, || self.mirrors(), &objects)?;
        build.tell(Stage::Publish, 0, 0);
        let digest = listing.digest();
        // A digest of another builder says nothing about this one.
        let expected = chosen.tree.as_ref().filter(|_| chosen.builder == BUILDER);
        let reproduced = expected.map(|tree| *tree == digest);
        let lock = Lock {
            tree: Some(digest),
            builder: BUILDER.to_owned(),
            ..chosen
        };
        let mut record = describe(definition, &lock, &listing, image);
        record.repeatable = reproduced != Some(false);
        objects.sync()?;
        self.keep_lock(&lock)?;
        self.publish(&record)?;
        Ok(Built {
            record,
            lock,
            reproduced,
        })
    }

    /// Whether what is published under the definition's name was made from exactly this.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn is_current(&self, definition: &Definition, lock: &Lock) -> Result<bool, Error> {
        let record = self.read_record(&definition.name)?;
        Ok(record.is_some_and(|record| record.inputs == inputs(definition, lock)))
    }

    /// What is published, sorted by name.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub fn list(&self) -> Result<Vec<Record>, Error> {
        let directory = self.state.join("environments");
        let mut records = Vec::new();
        for entry in fs::read_dir(&directory).map_err(Error::file("reading", &directory))? {
            let entry = entry.map_err(Error::file("reading", &directory))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_suffix(".json") {
                records.extend(self.read_record(name)?);
            }
        }
        records.sort_by(|one: &Record, other| one.name.cmp(&other.name));
        Ok(records)
    }

    /// What is published under a name.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be read.
    pub fn show(&self, name: &str) -> Result<Record, Error> {
        self.read_record(name)?
            .ok_or_else(|| Error::Missing(name.to_owned()))
    }

    /// Reads every byte of an environment back and compares it with what was published.
    ///
    /// # Errors
    /// When anything differs.
    pub fn verify(&self, name: &str) -> Result<Record, Error> {
        let record = self.show(name)?;
        let damaged = |problem: String| Error::Damaged {
            name: name.to_owned(),
            problem,
        };
        let listing = self
            .objects()?
            .read_back(&record.image, None)
            .map_err(damaged)?;
        let found = listing.digest();
        if found == record.digest {
            Ok(record)
        } else {
            Err(damaged(format!(
                "its digest is {found}, it was published with {}",
                record.digest
            )))
        }
    }

    /// The same, waiting for as long as somebody else holds it.
    fn hold_within(&self, patience: Duration) -> Result<File, Error> {
        let start = Instant::now();
        loop {
            match self.hold() {
                Err(Error::Busy(_)) if start.elapsed() < patience => {
                    std::thread::sleep(HOLD_PAUSE);
                }
                outcome => return outcome,
            }
        }
    }

    /// Takes the lock of the store, and clears away what a build that died has left.
    fn hold(&self) -> Result<File, Error> {
        let path = self.state.join("lock");
        let file = self.create(&path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(Error::Busy(self.state.clone())),
            Err(errno) => return Err(Error::file("locking", &path)(errno.into())),
        }
        let tmp = self.state.join("tmp");
        for entry in fs::read_dir(&tmp).map_err(Error::file("reading", &tmp))? {
            let path = entry.map_err(Error::file("reading", &tmp))?.path();
            let removed = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.map_err(Error::file("removing", &path))?;
        }
        Ok(file)
    }

    /// Creates or truncates a file that only marks something; who may not is told about the whole store.
    fn create(&self, path: &Path) -> Result<File, Error> {
        File::create(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::PermissionDenied => Error::Access(self.state.clone()),
            _ => Error::file("opening", path)(source),
        })
    }

    fn make_work(&self) -> Result<tempfile::TempDir, Error> {
        let tmp = self.state.join("tmp");
        tempfile::Builder::new()
            .prefix("build-")
            .tempdir_in(&tmp)
            .map_err(Error::file("making a directory in", tmp))
    }

    fn objects(&self) -> Result<Objects, Error> {
        Objects::open(&self.state.join("objects"))
    }

    fn mirrors(&self) -> Result<Mirrors, Error> {
        match &self.mirror {
            Some(address) => Mirrors::named(address),
            None => Mirrors::of_host(),
        }
    }
}
