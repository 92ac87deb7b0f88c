//! The embedded engine: SQLite in one file, shared by the processes of one host.
//!
//! One writer thread per process ([`writer`]) runs closures and commits many at once; a
//! sync thread puts the log on the disk and answers ([`sync`]); readers have connections
//! of their own. The log is moved into the file beside that ([`checkpoint`]).
//! `docs/design/0003-store.md` says why, and what it promises when power fails.

mod accounts;
mod attempts;
mod backup;
mod checkpoint;
mod choice;
mod claims;
mod clock;
mod codec;
mod connection;
mod content;
mod cost;
mod courses;
mod drafts;
mod due;
mod estimate;
mod events;
mod export;
mod failure;
mod feeding;
mod finish;
mod history;
mod jobs;
mod judged;
mod lanes;
mod ledger;
mod marks;
mod nodes;
mod passed_over;
mod person;
mod progress;
mod queue;
mod readers;
mod regrades;
mod removal;
mod rescores;
mod responses;
mod retention;
mod retry;
mod roles;
mod schema;
mod secrets;
mod submissions;
mod sync;
mod upkeep;
mod webhooks;
mod work;
mod write;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::Store;
use crate::error::{Error, Result};

pub use backup::{inspect, restore};
pub use clock::Clock;

use connection::Purpose;
use failure::{Step, from_engine};
use readers::Readers;
use write::{Durability, Tx};
use writer::Writer;

/// Called after a commit that made jobs claimable; must not wait.
pub type Listener = Arc<dyn Fn() + Send + Sync>;

/// How a store is opened.
#[derive(Clone)]
pub struct Options {
    /// Threads that read, each with a connection and a cache of 4 MiB at most.
    pub readers: usize,
    /// Where the time comes from.
    pub clock: Clock,
    /// Called after every commit that made jobs claimable, before they are on the disk:
    /// the place to send a hint to workers.
    pub queued: Option<Listener>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 4,
            clock: Clock::host(),
            queued: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Options")
            .field("readers", &self.readers)
            .field("clock", &self.clock)
            .field("queued", &self.queued.is_some())
            .finish()
    }
}

/// Everything that is kept, in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    // Dropped in this order: the last connection to close tidies the log.
    readers: Readers,
    writer: Writer,
    path: PathBuf,
    clock: Clock,
    /// Held shared while the store is open: a restore wants it alone.
    _lock: File,
}

impl SqliteStore {
    /// Opens the file, makes it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::TooNew`], [`Error::State`] while it is being restored, or what the engine says.
    pub fn open(path: &Path, options: Options) -> Result<Self> {
        let lock = backup::lock(path)?;
        match lock.try_lock_shared() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                return Err(Error::State {
                    what: "database",
                    id: path.display().to_string(),
                    state: "being restored".into(),
                });
            }
            Err(std::fs::TryLockError::Error(error)) => {
                return Err(backup::told("locking the database", error));
            }
        }
        backup::make_private(path, 0o640)
            .map_err(|error| backup::told("making the database", error))?;
        // Kept until the others are open, so that the log stays.
        let mut first = connection::open(path, Purpose::Write)
            .map_err(|error| from_engine("opening the database", error))?;
        schema::migrate(&mut first)?;
        let writer = Writer::start(path, options.clock.clone(), options.queued)?;
        let readers = Readers::start(path, options.readers, options.clock.clone())?;
        drop(first);
        Ok(Self {
            readers,
            writer,
            path: path.to_owned(),
            clock: options.clock,
            _lock: lock,
        })
    }

    /// Times that the log was synced to the disk so far.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.writer.syncs()
    }

    fn is_busy(&self) -> bool {
        self.writer.is_full()
    }

    fn clock_us(&self) -> i64 {
        self.clock.now_us()
    }

    fn path(&self) -> &Path {
        &self.path
    }

    async fn write<T, F>(&self, durability: Durability, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Step<T> + Send + 'static,
    {
        self.writer.write(durability, doing, work).await
    }

    async fn read<T, F>(&self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Step<T> + Send + 'static,
    {
        self.readers.read(doing, work).await
    }

    fn note<F>(&self, doing: &'static str, work: F)
    where
        F: FnOnce(&Tx<'_>) -> Step<()> + Send + 'static,
    {
        self.writer.note(doing, work);
    }
}

impl Store for SqliteStore {}
