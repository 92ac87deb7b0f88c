//! Moving the log into the database file, beside the writer instead of within a commit.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::connection::{self, Purpose};
use super::failure::from_engine;
use crate::error::{Error, Result};

/// Pages in the log from which it is moved while writing goes on (8 MiB).
const PASSIVE_PAGES: i32 = 2_048;
/// Pages in the log from which the writer itself waits until it begins anew (64 MiB):
/// under steady writing the log would grow for ever otherwise.
const RESTART_PAGES: i32 = 16_384;

/// How long the writer waits for readers of the old log. A long read (a backup) is not
/// waited for: the log grows by as much again before the next try.
const RESTART_WAIT: Duration = Duration::from_millis(20);

/// The log as a connection's commits see it.
#[derive(Debug)]
pub(super) struct Log {
    /// Pages after the last commit.
    pages: Arc<AtomicI32>,
    /// Pages at the last look.
    seen: i32,
    /// Pages from which it is moved into the file beside the writing.
    passive_at: i32,
    /// Pages from which it is begun anew.
    restart_at: i32,
}

/// Watches the log at every commit of this connection.
pub(super) fn watch(sql: &mut Connection) -> rusqlite::Result<Log> {
    let pages = Arc::new(AtomicI32::new(0));
    let noted = Arc::clone(&pages);
    sql.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count| {
        noted.store(count, Ordering::Relaxed);
        Ok(())
    }))?;
    Ok(Log {
        pages,
        seen: 0,
        passive_at: PASSIVE_PAGES,
        restart_at: RESTART_PAGES,
    })
}

/// Called by the writer between batches: asks for a checkpoint where one is due.
pub(super) fn look(sql: &mut Connection, log: &mut Log, checkpointer: &Checkpointer) {
    let count = log.pages.load(Ordering::Relaxed);
    if count < log.seen {
        // It was begun anew.
        log.passive_at = PASSIVE_PAGES;
        log.restart_at = RESTART_PAGES;
    }
    log.seen = count;
    if count >= log.restart_at {
        log.restart_at = count.saturating_add(RESTART_PAGES);
        restart(sql);
    } else if count >= log.passive_at {
        log.passive_at = count.saturating_add(PASSIVE_PAGES);
        checkpointer.ask();
    }
}

/// The engine holds the write lock while it waits for readers here, so the wait is short.
fn restart(sql: &mut Connection) {
    let waited = sql.busy_timeout(RESTART_WAIT);
    run(sql, "RESTART");
    if let Err(error) = waited.and_then(|()| connection::wait_for_lock(sql)) {
        tracing::error!(%error, "the writer does not wait for locks any more");
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

/// Looks for a moment without readers of the log, so that it can be emptied.
const EMPTY_TRIES_MAX: u32 = 40;
/// Pause between them: whoever writes is held up for [`RESTART_WAIT`] at most each time.
const EMPTY_PAUSE: Duration = Duration::from_millis(50);

/// Moves all of the log into the file and leaves nothing of it, on a connection of its own.
/// `false`: somebody read for so long (a backup) that it stays until it begins anew.
pub(super) fn empty(path: &Path) -> rusqlite::Result<bool> {
    let sql = connection::open(path, Purpose::Write)?;
    sql.busy_timeout(RESTART_WAIT)?;
    for _ in 0..EMPTY_TRIES_MAX {
        let busy: i64 = sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            return Ok(true);
        }
        std::thread::sleep(EMPTY_PAUSE);
    }
    Ok(false)
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
