//! Taking environments away, and what nothing uses any more.

use std::collections::HashSet;
use std::fs::{self, File};

use rustix::fs::{FlockOperation, flock};

use super::{Freed, Record, Store};
use crate::error::Error;

impl Store {
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
    /// environment and no user needs, and fetched packages of no published environment.
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
        freed.bytes += self.remove_packages(&records)?;
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

    fn remove_packages(&self, records: &[Record]) -> Result<u64, Error> {
        let needed: HashSet<&str> = records
            .iter()
            .flat_map(|record| record.package_files.iter().map(String::as_str))
            .collect();
        let directory = self.state.join("packages");
        let mut bytes = 0;
        for entry in fs::read_dir(&directory).map_err(Error::file("reading", &directory))? {
            let entry = entry.map_err(Error::file("reading", &directory))?;
            if needed.contains(entry.file_name().to_string_lossy().as_ref()) {
                continue;
            }
            let path = entry.path();
            bytes += entry
                .metadata()
                .map_err(Error::file("reading", &path))?
                .len();
            fs::remove_file(&path).map_err(Error::file("removing", &path))?;
        }
        Ok(bytes)
    }
}
