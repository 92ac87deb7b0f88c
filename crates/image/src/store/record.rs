//! What is published: one small file for each environment.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Store;
use crate::definition::Definition;
use crate::error::Error;
use crate::listing::Listing;
use crate::lock::{BUILDER, Lock, LockedPackage};

/// Version of the record format.
const RECORD_SCHEMA: u32 = 1;

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
    /// It came out as its lock said, if the lock said.
    pub repeatable: bool,
    /// Environment variables that programs get.
    pub variables: BTreeMap<String, String>,
    /// Ids of the languages that it was probed for.
    pub languages: Vec<String>,
    /// Packages: name and version, sorted.
    pub packages: Vec<(String, String)>,
    /// Files of the packages in the cache: a clean-up keeps them, since mirrors drop old versions.
    #[serde(default)]
    pub package_files: Vec<String>,
    /// Regular files.
    pub files: u64,
    /// Bytes of all regular files.
    pub bytes: u64,
    /// When it was built, seconds since 1970.
    pub built_at: u64,
}

impl Store {
    pub(super) fn record_path(&self, name: &str) -> PathBuf {
        self.state.join("environments").join(format!("{name}.json"))
    }

    pub(super) fn read_record(&self, name: &str) -> Result<Option<Record>, Error> {
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

    /// The lock that the published environment of this name was made from.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn lock_of(&self, name: &str) -> Result<Option<Lock>, Error> {
        if self.read_record(name)?.is_none() {
            return Ok(None);
        }
        let path = self.lock_path(name);
        match fs::read_to_string(&path) {
            Ok(text) => Lock::parse(&text, &path.display().to_string()).map(Some),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::file("reading", &path)(source)),
        }
    }

    /// Where the lock that the published environment of this name was made from is kept.
    #[must_use]
    pub fn lock_path(&self, name: &str) -> PathBuf {
        self.state.join("locks").join(format!("{name}.lock"))
    }

    pub(super) fn keep_lock(&self, lock: &Lock) -> Result<(), Error> {
        self.replace(&self.lock_path(&lock.name), lock.to_text().as_bytes())
    }

    pub(super) fn publish(&self, record: &Record) -> Result<(), Error> {
        let path = self.record_path(&record.name);
        let text = serde_json::to_vec_pretty(record)
            .map_err(|error| Error::file("writing", &path)(error.into()))?;
        self.replace(&path, &text)
    }

    /// Writes a file beside its place, makes it durable, then moves it there.
    fn replace(&self, path: &Path, content: &[u8]) -> Result<(), Error> {
        let mut file = tempfile::NamedTempFile::new_in(self.state.join("tmp"))
            .map_err(Error::file("writing", path))?;
        file.write_all(content)
            .map_err(Error::file("writing", path))?;
        file.as_file()
            .sync_all()
            .map_err(Error::file("writing", path))?;
        file.persist(path)
            .map_err(|error| Error::file("publishing", path)(error.error))?;
        let directory = path.parent().unwrap_or(&self.state);
        let directory_file = File::open(directory).map_err(Error::file("opening", directory))?;
        directory_file
            .sync_all()
            .map_err(Error::file("publishing", path))
    }
}

/// SHA-256 over everything that a tree is made from.
pub(super) fn inputs(definition: &Definition, lock: &Lock) -> String {
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

pub(super) fn describe(
    definition: &Definition,
    lock: &Lock,
    listing: &Listing,
    image: String,
) -> Record {
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
        package_files: lock
            .packages
            .iter()
            .map(LockedPackage::cache_name)
            .collect(),
        files,
        bytes,
        built_at: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    }
}
