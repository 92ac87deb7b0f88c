//! Readers: a few threads, each with a connection of its own.

use std::cell::Cell;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::clock::Clock;
use super::connection::{self, Purpose};
use super::failure::{Step, from_engine};
use super::write::Tx;
use crate::error::{Error, Result};

/// Reads that wait at most; more wait with their callers.
const READS_WAITING_MAX: usize = 1_024;

type Read = Box<dyn FnOnce(&Connection) + Send>;

/// The handle of the reader threads.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
    clock: Clock,
}

impl Readers {
    /// Starts this many.
    pub(super) fn start(path: &Path, count: usize, clock: Clock) -> Result<Self> {
        let (queue, waiting) = mpsc::channel::<Read>(READS_WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::new();
        for _ in 0..count.max(1) {
            let sql = connection::open(path, Purpose::Read)
                .map_err(|error| from_engine("opening a reader's connection", error))?;
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new()
                .name("store-reader".into())
                .spawn(move || {
                    while let Some(read) = next(&waiting) {
                        read(&sql);
                    }
                })
                .map_err(|error| Error::Engine {
                    doing: "starting a reader thread",
                    source: Box::new(error),
                })?;
            threads.push(thread);
        }
        Ok(Self {
            queue: Some(queue),
            threads,
            clock,
        })
    }

    /// Runs a closure on one snapshot of the database.
    pub(super) async fn read<T, F>(&self, doing: &'static str, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Step<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let clock = self.clock.clone();
        let read: Read = Box::new(move |sql| {
            drop(reply.send(snapshot(sql, &clock, work).map_err(|failure| failure.told(doing))));
        });
        let stopped = || Error::Engine {
            doing,
            source: "the reader threads have stopped".into(),
        };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(read).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

fn next(waiting: &Mutex<mpsc::Receiver<Read>>) -> Option<Read> {
    waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .blocking_recv()
}

fn snapshot<T>(sql: &Connection, clock: &Clock, work: impl FnOnce(&Tx<'_>) -> Step<T>) -> Step<T> {
    sql.prepare_cached("BEGIN DEFERRED")?.execute([])?;
    let queued = Cell::new(false);
    let outcome = work(&Tx::new(sql, clock.now_us(), &queued));
    sql.prepare_cached("ROLLBACK")?.execute([])?;
    outcome
}
