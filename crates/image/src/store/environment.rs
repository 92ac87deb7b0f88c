//! An environment in use.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::definition::HOST;
use crate::error::Error;
use crate::host;
use crate::store::{Images, Record, Store};
use crate::tree::Tree;

/// First kernel that lays an overlay over mounts that are attached nowhere, as images need.
const IMAGE_KERNEL: (u32, u32) = (6, 15);

/// Longest wait for another build or laying-out of the same store.
const LAY_OUT_PATIENCE: Duration = Duration::from_secs(600);

/// An environment, held: as long as this value lives, its files stay.
#[derive(Debug)]
pub struct Environment {
    /// Name.
    pub name: String,
    /// SHA-256 of the canonical listing of the tree; `None` for the host.
    pub digest: Option<String>,
    /// The same inputs would give the same tree.
    pub repeatable: bool,
    /// Environment variables that programs get.
    pub variables: BTreeMap<String, String>,
    /// Ids of the languages known to work in it.
    pub languages: Vec<String>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Host(Vec<crate::tree::Piece>),
    Image {
        store: Store,
        record: Box<Record>,
        /// Held shared: a clean-up leaves what it names.
        _lease: File,
    },
}

impl Store {
    /// An environment by name; `host` is always there.
    ///
    /// # Errors
    /// When it is not built, or the store cannot be read.
    pub fn environment(&self, name: &str) -> Result<Environment, Error> {
        if name == HOST {
            return Ok(of_host());
        }
        loop {
            let record = self.show(name)?;
            let lease = self.lease(&record.image)?;
            // Between the two it may have been replaced and cleaned up: only the second look counts.
            if self.show(name)?.image == record.image {
                return Ok(Environment {
                    name: record.name.clone(),
                    digest: Some(record.digest.clone()),
                    repeatable: record.repeatable,
                    variables: record.variables.clone(),
                    languages: record.languages.clone(),
                    source: Source::Image {
                        store: self.clone(),
                        record: Box::new(record),
                        _lease: lease,
                    },
                });
            }
        }
    }

    fn lease(&self, image: &str) -> Result<File, Error> {
        let path = self.state.join("leases").join(image);
        loop {
            let file = self.create(&path)?;
            flock(&file, FlockOperation::LockShared)
                .map_err(|errno| Error::file("locking", &path)(errno.into()))?;
            // A clean-up may have removed the name just before we got the lock.
            if path.exists() {
                return Ok(file);
            }
        }
    }

    /// The directory of a laid-out tree; made by whoever asks first.
    fn lay_out(&self, record: &Record) -> Result<PathBuf, Error> {
        let place = self.state.join("directories").join(&record.image);
        if place.exists() {
            return Ok(place);
        }
        // Several keepers open an environment at once: all but the first wait for its tree.
        let _held = self.hold_within(LAY_OUT_PATIENCE)?;
        if place.exists() {
            return Ok(place);
        }
        let work = self.make_work()?;
        let root = work.path().join("root");
        fs::create_dir(&root).map_err(Error::file("making", &root))?;
        set_open(&root)?;
        let damaged = |problem: String| Error::Damaged {
            name: record.name.clone(),
            problem,
        };
        let objects = self.objects()?;
        let listing = objects
            .read_back(&record.image, Some(&root))
            .map_err(damaged)?;
        if listing.digest() != record.digest {
            return Err(damaged(format!("its digest is {}", listing.digest())));
        }
        objects.sync()?;
        fs::rename(&root, &place).map_err(Error::file("publishing", &place))?;
        Ok(place)
    }
}

impl Environment {
    /// The root file system, ready for sandboxes. For an image this is a new
    /// detached mount each time; take one for each keeper, not for each run.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tree(&self) -> Result<Tree, Error> {
        let (store, record) = match &self.source {
            Source::Host(pieces) => return Ok(Tree::Pieces(pieces.clone())),
            Source::Image { store, record, .. } => (store, record),
        };
        if store.images == Images::Mounted && can_mount_images() {
            // A kernel without EROFS or overlays refuses; the directory serves as well.
            if let Ok(mount) = store.objects()?.mount(&record.image) {
                return Ok(Tree::Mount(mount));
            }
        }
        store.lay_out(record).map(Tree::Directory)
    }
}

fn of_host() -> Environment {
    let host = host::host();
    Environment {
        name: HOST.to_owned(),
        digest: None,
        repeatable: false,
        variables: BTreeMap::new(),
        languages: host
            .languages
            .iter()
            .map(|&language| language.to_owned())
            .collect(),
        source: Source::Host(host.pieces),
    }
}

fn can_mount_images() -> bool {
    let release = rustix::system::uname()
        .release()
        .to_string_lossy()
        .into_owned();
    rustix::process::geteuid().is_root()
        && kernel_version(&release).is_some_and(|version| version >= IMAGE_KERNEL)
}

fn kernel_version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|letter: char| !letter.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn set_open(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .map_err(Error::file("setting the mode of", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernel_releases_are_understood() {
        assert_eq!(kernel_version("6.18.44-fc-v657"), Some((6, 18)));
        assert_eq!(kernel_version("6.1.0-28-amd64"), Some((6, 1)));
        assert_eq!(kernel_version("weird"), None);
        assert!(kernel_version("6.1.0").unwrap() < IMAGE_KERNEL);
    }
}
