//! Moving the log into the database file, beside the writer instead of within a commit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::connection::{self, Purpose};
use super::failure::from_engine;
use crate::error::{Error, Result};

/// Pages in the log from which it is moved while writing goes on (8 MiB).
const PASSIVE_PAGES: i32 = 2_048;
/// Pages in the log from which the writer itself waits until it begins anew (64 MiB):
/// under steady writing the log would grow for ever otherwise.
const RESTART_PAGES: i32 = 16_384;

/// Pages in the log after the last commit of a connection.
pub(super) type Pages = Arc<AtomicI32>;

/// Notes the pages in the log at every commit of this connection.
pub(super) fn watch(sql: &mut Connection) -> rusqlite::Result<Pages> {
    let pages = Arc::new(AtomicI32::new(0));
    let noted = Arc::clone(&pages);
    sql.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
        noted.store(count, Ordering::Relaxed);
        Ok(())
    }))?;
    Ok(pages)
}

/// Called by the writer between batches: asks for a checkpoint where one is due.
pub(super) fn look(sql: &Connection, pages: &Pages, checkpointer: &Checkpointer) {
    let count = pages.load(Ordering::Relaxed);
    if count >= RESTART_PAGES {
        pages.store(0, Ordering::Relaxed);
        run(sql, "RESTART");
    } else if count >= PASSIVE_PAGES {
        checkpointer.ask();
    }
}

fn run(sql: &Connection, mode: &str) {
    let done = sql.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    });
    match done {
        Ok((busy, pages)) => tracing::debug!(mode, busy, pages, "checkpoint"),
        // The log only grows; the next one tries again.
        Err(error) => tracing::warn!(mode, %error, "checkpoint failed"),
    }
}

/// The handle of the checkpoint thread.
pub(super) struct Checkpointer {
    wanted: Option<mpsc::SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(path: &Path) -> Result<Self> {
        let sql = connection::open(path, Purpose::Write)
            .map_err(|error| from_engine("opening the checkpoint connection", error))?;
        let (wanted, waiting) = mpsc::sync_channel::<()>(1);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || {
                while waiting.recv().is_ok() {
                    run(&sql, "PASSIVE");
                }
            })
            .map_err(|error| Error::Engine {
                doing: "starting the checkpoint thread",
                source: Box::new(error),
            })?;
        Ok(Self {
            wanted: Some(wanted),
            thread: Some(thread),
        })
    }

    /// Asks for one; asked for already is enough.
    fn ask(&self) {
        if let Some(wanted) = &self.wanted {
            // An error: one is asked for already.
            let _ = wanted.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.wanted.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
