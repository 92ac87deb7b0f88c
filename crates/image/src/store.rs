//! The environments of a host: built, published under a name, used, verified, removed.
//!
//! ```text
//! state/
//!   lock                     held by whoever builds or cleans up
//!   packages/(sha-256).deb   fetched packages
//!   objects/                 the composefs repository
//!   environments/NAME.json   what is published; written last, replaced as a whole
//!   leases/(image)           held (shared) by whoever uses an image
//!   directories/(digest)/    trees laid out for kernels that cannot mount images
//!   tmp/                     builds at work; emptied by the next one
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::archive::Mirrors;
use crate::build::{Build, Built, Progress, Stage};
use crate::definition::Definition;
use crate::error::Error;
use crate::listing::Listing;
use crate::lock::{self, BUILDER, Lock};
use crate::objects::Objects;
use crate::trigger::TriggerRunner;

mod environment;

pub use crate::objects::Freed;
pub use environment::Environment;

/// Version of the record format.
const RECORD_SCHEMA: u32 = 1;

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

/// What is published under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Version of this format.
    pub schema: u32,
    /// Name.
    pub name: String,
    /// One line that says what is in it.
    pub summary: String,
    /// SHA-256 of the canonical listing of the tree.
    pub digest: String,
    /// Name of the image in the repository.
    pub image: String,
    /// SHA-256 over what it was made from: builder, definition, packages.
    pub inputs: String,
    /// It was built from a lock and came out as the lock said, if the lock said.
    pub repeatable: bool,
    /// Environment variables that programs get.
    pub variables: BTreeMap<String, String>,
    /// Ids of the languages that it was probed for.
    pub languages: Vec<String>,
    /// Packages: name and version, sorted.
    pub packages: Vec<(String, String)>,
    /// Regular files.
    pub files: u64,
    /// Bytes of all regular files.
    pub bytes: u64,
    /// When it was built, seconds since 1970.
    pub built_at: u64,
}

impl Store {
    /// Opens the store below a state directory, and makes it where there is none.
    ///
    /// # Errors
    /// When the directories cannot be made.
    pub fn open(state: &Path) -> Result<Store, Error> {
        for name in ["packages", "environments", "leases", "directories", "tmp"] {
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

    /// Builds an environment and publishes it under its name. Without a lock
    /// the versions are chosen now, and the result is marked not repeatable.
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
        let mut record = describe(definition, &chosen, &listing, image);
        record.repeatable = lock.is_some() && reproduced != Some(false);
        objects.sync()?;
        self.publish(&record)?;
        let lock = Lock {
            tree: Some(digest),
            builder: BUILDER.to_owned(),
            ..chosen
        };
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

    /// Takes an environment's name away; its files go with the next [`Store::collect_garbage`].
    ///
    /// # Errors
    /// When there is none, or the store is in use.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let _held = self.hold()?;
        self.show(name)?;
        let path = self.record_path(name);
        fs::remove_file(&path).map_err(Error::file("removing", &path))
    }

    /// Removes images, objects and laid-out directories that no published
    /// environment and no user needs, and packages that were fetched.
    ///
    /// # Errors
    /// When the store is in use or cannot be changed.
    pub fn collect_garbage(&self) -> Result<Freed, Error> {
        let _held = self.hold()?;
        let records = self.list()?;
        let mut live: Vec<String> = records.iter().map(|record| record.image.clone()).collect();
        live.extend(self.leased_images()?);
        let live: Vec<&str> = live.iter().map(String::as_str).collect();
        let mut freed = self.objects()?.collect_garbage(&live)?;
        self.remove_directories(&live)?;
        freed.bytes += self.remove_packages()?;
        Ok(freed)
    }

    /// Images that somebody uses at this moment; leases that nobody holds are removed.
    fn leased_images(&self) -> Result<Vec<String>, Error> {
        let directory = self.state.join("leases");
        let mut leased = Vec::new();
        for entry in fs::read_dir(&directory).map_err(Error::file("reading", &directory))? {
            let entry = entry.map_err(Error::file("reading", &directory))?;
            let path = entry.path();
            let file = File::open(&path).map_err(Error::file("reading", &path))?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => fs::remove_file(&path).map_err(Error::file("removing", &path))?,
                Err(_) => leased.push(entry.file_name().to_string_lossy().into_owned()),
            }
        }
        Ok(leased)
    }

    fn remove_directories(&self, live: &[&str]) -> Result<(), Error> {
        let directory = self.state.join("directories");
        for entry in fs::read_dir(&directory).map_err(Error::file("reading", &directory))? {
            let entry = entry.map_err(Error::file("reading", &directory))?;
            if !live.contains(&entry.file_name().to_string_lossy().as_ref()) {
                let path = entry.path();
                fs::remove_dir_all(&path).map_err(Error::file("removing", &path))?;
            }
        }
        Ok(())
    }

    fn remove_packages(&self) -> Result<u64, Error> {
        let directory = self.state.join("packages");
        let mut bytes = 0;
        for entry in fs::read_dir(&directory).map_err(Error::file("reading", &directory))? {
            let entry = entry.map_err(Error::file("reading", &directory))?;
            let path = entry.path();
            bytes += entry
                .metadata()
                .map_err(Error::file("reading", &path))?
                .len();
            fs::remove_file(&path).map_err(Error::file("removing", &path))?;
        }
        Ok(bytes)
    }

    /// Takes the lock of the store, and clears away what a build that died has left.
    fn hold(&self) -> Result<File, Error> {
        let path = self.state.join("lock");
        let file = File::create(&path).map_err(Error::file("opening", &path))?;
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

    fn record_path(&self, name: &str) -> PathBuf {
        self.state.join("environments").join(format!("{name}.json"))
    }

    fn read_record(&self, name: &str) -> Result<Option<Record>, Error> {
        if crate::definition::check_name(name).is_err() {
            return Ok(None);
        }
        let path = self.record_path(name);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::file("reading", &path)(source)),
        };
        let record: Record = serde_json::from_slice(&text).map_err(|error| Error::Damaged {
            name: name.to_owned(),
            problem: format!("its record `{}` cannot be read: {error}", path.display()),
        })?;
        Ok(Some(record).filter(|record| record.schema == RECORD_SCHEMA))
    }

    /// Writes the record beside its place, makes it durable, then moves it there.
    fn publish(&self, record: &Record) -> Result<(), Error> {
        let path = self.record_path(&record.name);
        let directory = self.state.join("environments");
        let text = serde_json::to_vec_pretty(record)
            .map_err(|error| Error::file("writing", &path)(error.into()))?;
        let mut file = tempfile::NamedTempFile::new_in(self.state.join("tmp"))
            .map_err(Error::file("writing", &path))?;
        file.write_all(&text)
            .map_err(Error::file("writing", &path))?;
        file.as_file()
            .sync_all()
            .map_err(Error::file("writing", &path))?;
        file.persist(&path)
            .map_err(|error| Error::file("publishing", &path)(error.error))?;
        let directory_file = File::open(&directory).map_err(Error::file("opening", &directory))?;
        directory_file
            .sync_all()
            .map_err(Error::file("publishing", &path))
    }
}

/// SHA-256 over everything that a tree is made from.
fn inputs(definition: &Definition, lock: &Lock) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!(
        "{BUILDER}\n{}\n{}\n",
        definition.digest(),
        lock.architecture
    ));
    for package in &lock.packages {
        hasher.update(format!("{}\n", package.sha256));
    }
    // Variables and probes do not shape the tree, but they are in the record.
    hasher.update(serde_json::json!([definition.summary, definition.variables]).to_string());
    hex::encode(hasher.finalize())
}

fn describe(definition: &Definition, lock: &Lock, listing: &Listing, image: String) -> Record {
    let (files, bytes) = listing.size();
    let mut languages: Vec<String> = definition
        .probes
        .iter()
        .map(|probe| probe.language.clone())
        .collect();
    languages.sort();
    languages.dedup();
    Record {
        schema: RECORD_SCHEMA,
        name: definition.name.clone(),
        summary: definition.summary.clone(),
        digest: listing.digest(),
        image,
        inputs: inputs(definition, lock),
        repeatable: false,
        variables: definition.variables.clone(),
        languages,
        packages: lock
            .packages
            .iter()
            .map(|package| (package.name.clone(), package.version.clone()))
            .collect(),
        files,
        bytes,
        built_at: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    }
}
