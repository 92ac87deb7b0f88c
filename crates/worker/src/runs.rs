//! The sandboxes of one submission: every run has a journal, and one that an
//! earlier life began is taken up where it is.
//!
//! The journal of a run is named by what it does (environment with digest, and
//! [`Spec::digest`]) and how often the same was asked for before. So it does not
//! matter whether the second life asks in the same order: a run is taken up only
//! by a request for exactly the same. Two runs joined by pipes are taken up
//! together; those that talk through this process die with it and are made again.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use carrel_judge::sandboxes::Sandboxes;
use carrel_judge::{Cancellation, Environments, Error, KeeperPool};
use carrel_model::id::SubmissionId;
use carrel_sandbox::journal::{self, Adoption};
use carrel_sandbox::{Report, Spec};
use sha2::{Digest as _, Sha256};

const SECRET_FILE: &str = "secret";
const SECRET_BYTES: usize = 32;
/// How long after its wall-clock limit a run of an earlier life is waited for.
const TAKE_UP_GRACE: Duration = Duration::from_secs(30);

/// Where the journals of all submissions lie.
pub(crate) fn directory_of_all(run: &Path) -> PathBuf {
    run.join("runs")
}

/// Where the journals of one submission lie.
pub(crate) fn directory(run: &Path, submission: SubmissionId) -> PathBuf {
    directory_of_all(run).join(submission.to_string())
}

/// What every submission's runs go through.
pub(crate) struct Way<'a> {
    pub(crate) environments: &'a dyn Environments,
    pub(crate) pool: &'a KeeperPool,
    pub(crate) cancellation: &'a Cancellation,
}

/// The sandboxes of one submission.
pub(crate) struct Runs<'a> {
    way: Way<'a>,
    directory: PathBuf,
    /// An earlier life, or an earlier attempt, may have left journals.
    inherited: bool,
    secret: [u8; SECRET_BYTES],
    drawn: AtomicU64,
    occurrences: Mutex<HashMap<String, u32>>,
    taken_up: AtomicU32,
}

impl<'a> Runs<'a> {
    /// Opens the directory of journals, or makes it.
    pub(crate) fn open(way: Way<'a>, directory: PathBuf) -> io::Result<Self> {
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&directory);
        made?;
        let (secret, inherited) = keep_secret(&directory.join(SECRET_FILE))?;
        Ok(Self {
            way,
            directory,
            inherited,
            secret,
            drawn: AtomicU64::new(0),
            occurrences: Mutex::default(),
            taken_up: AtomicU32::new(0),
        })
    }

    /// Runs of an earlier life whose reports were used.
    pub(crate) fn taken_up(&self) -> u32 {
        self.taken_up.load(Ordering::Relaxed)
    }

    /// The journals of runs that are made together, by what they do.
    fn paths<const COUNT: usize>(
        &self,
        asked: [(&str, [u8; 32]); COUNT],
    ) -> Result<[PathBuf; COUNT], Error> {
        let mut hash = Sha256::new();
        for (environment, digest) in asked {
            let used = self.way.environments.describe(environment)?;
            hash.update(digest);
            for part in [environment, &used.digest.unwrap_or_default()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        let name: String = hash.finalize()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // A poisoned lock holds plain counters.
        let mut occurrences = self
            .occurrences
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let occurrence = occurrences.entry(name.clone()).or_default();
        *occurrence += 1;
        Ok(std::array::from_fn(|index| {
            self.directory.join(format!("{name}-{occurrence}-{index}"))
        }))
    }

    /// The report of the same run in an earlier life.
    fn take_up(&self, path: &Path, spec: &Spec) -> Result<Option<Report>, Error> {
        if !self.inherited {
            return Ok(None);
        }
        // Past its own limit by so much it is stuck: it is killed and made again.
        let patience = Duration::from_millis(spec.limits.wall_ms) + TAKE_UP_GRACE;
        let start = Instant::now();
        let goes_on = || !self.way.cancellation.is_cancelled() && start.elapsed() < patience;
        let adoption = journal::adopt(path).and_then(|adoption| match adoption {
            Adoption::Running(underway) => underway.wait(goes_on),
            ended => Ok(ended),
        });
        match adoption {
            Ok(Adoption::Finished(report)) => Ok(Some(*report)),
            Ok(_) if self.way.cancellation.is_cancelled() => Err(Error::Cancelled),
            Ok(_) => Ok(None),
            Err(source) => Err(Error::File {
                doing: "taking up the run of",
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// A new journal in place of one whose run was lost. Without one the run
    /// dies with this worker and is made again.
    fn journal(&self, path: &Path) -> Option<OwnedFd> {
        if self.inherited {
            // Not there is as good as removed; anything else shows when it is created.
            let _ = std::fs::remove_file(path);
        }
        journal::create(path)
            .inspect_err(|error| {
                tracing::warn!(path = %path.display(), %error, "a run without a journal");
            })
            .ok()
    }

    fn count_taken_up(&self, runs: u32) {
        self.taken_up.fetch_add(runs, Ordering::Relaxed);
    }
}

impl Sandboxes for Runs<'_> {
    fn run(&self, environment: &str, mut spec: Spec) -> Result<Report, Error> {
        let program = spec.argv.first().map_or("", String::as_str);
        let _span = tracing::info_span!("sandbox", environment, program).entered();
        let way = &self.way;
        if let Some(digest) = spec.digest() {
            let [path] = self.paths([(environment, digest)])?;
            if let Some(report) = self.take_up(&path, &spec)? {
                self.count_taken_up(1);
                return Ok(report);
            }
            spec.journal = self.journal(&path);
        }
        way.pool.run_unless(way.cancellation, environment, spec)
    }

    /// Joined to each other by pipes, and so both are taken up or none.
    fn run_pair(
        &self,
        mut first: (&str, Spec),
        mut second: (&str, Spec),
    ) -> Result<(Report, Report), Error> {
        let program = first.1.argv.first().map_or("", String::as_str);
        let _span = tracing::info_span!("sandbox_pair", environment = first.0, program).entered();
        let way = &self.way;
        let [one, other] = self.paths([
            (first.0, first.1.digest_but_descriptors()),
            (second.0, second.1.digest_but_descriptors()),
        ])?;
        let taken = (
            self.take_up(&one, &first.1)?,
            self.take_up(&other, &second.1)?,
        );
        if let (Some(one), Some(other)) = taken {
            self.count_taken_up(2);
            return Ok((one, other));
        }
        first.1.journal = self.journal(&one);
        second.1.journal = self.journal(&other);
        way.pool.run_pair_unless(way.cancellation, first, second)
    }

    /// From the submission's own secret, which its next life has too.
    fn draw(&self, secret: &mut [u8]) -> Result<(), Error> {
        for block in secret.chunks_mut(SECRET_BYTES) {
            let number = self.drawn.fetch_add(1, Ordering::Relaxed);
            let mut hash = Sha256::new();
            hash.update(self.secret);
            hash.update(number.to_le_bytes());
            let bytes = hash.finalize();
            block.copy_from_slice(&bytes[..block.len()]);
        }
        Ok(())
    }
}

/// The secret of an earlier life, or a new one; whether it is an earlier one's.
fn keep_secret(path: &Path) -> io::Result<([u8; SECRET_BYTES], bool)> {
    let mut secret = [0; SECRET_BYTES];
    match std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut secret)) {
        Ok(()) => return Ok((secret, true)),
        // None, or one that was never whole: then no run has used it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
        Err(error) => return Err(error),
    }
    std::fs::File::open("/dev/urandom")?.read_exact(&mut secret)?;
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(&secret)?;
    Ok((secret, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_lasts_until_its_directory_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(SECRET_FILE);
        let (first, inherited) = keep_secret(&path).unwrap();
        assert!(!inherited);
        assert_eq!(keep_secret(&path).unwrap(), (first, true));
        std::fs::write(&path, &first[..7]).unwrap();
        let (second, inherited) = keep_secret(&path).unwrap();
        assert!(!inherited && second != first);
    }
}
