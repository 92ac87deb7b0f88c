//! The writer: one thread that runs closures in order and commits many of them at once.
//!
//! A batch is one `BEGIN IMMEDIATE` transaction; every closure runs in a
//! savepoint of its own, so that one that fails takes nothing else along.
//! After the commit the batch is visible to every process. What may be lost
//! with the machine is answered then; what must not goes to the sync thread,
//! which syncs the log once for all that came meanwhile and answers. So the
//! disk is waited for by callers, never by the next batch.

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::Listener;
use super::checkpoint::{self, Checkpointer};
use super::clock::Clock;
use super::connection::{self, Purpose};
use super::failure::{Step, from_engine};
use super::sync::{Durable, Syncer};
use crate::error::{Error, Result};

/// Writes that wait at most; more are refused or wait with their callers.
pub(super) const WRITES_WAITING_MAX: usize = 1_024;
/// Writes of one transaction at most.
const BATCH_WRITES_MAX: usize = 256;
/// A batch takes no more writes after this time, so that the lock is free soon.
const BATCH_TIME_MAX: Duration = Duration::from_millis(5);
/// Pause after a batch when the next one waits already: other processes look for the lock then.
const TURN_PAUSE: Duration = Duration::from_micros(200);

/// Whether a write may be lost with the machine (never with the process).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Answered when it is on the disk.
    Durable,
    /// Answered when it is committed: events, beats, leases.
    Relaxed,
}

/// A transaction as a closure sees it.
#[derive(Debug)]
pub(super) struct Tx<'a> {
    /// Where statements are run.
    pub sql: &'a Connection,
    /// Time of this transaction, microseconds.
    pub now_us: i64,
    /// Set when a job became claimable.
    queued: &'a Cell<bool>,
}

impl<'a> Tx<'a> {
    /// A transaction that only reads.
    pub(super) fn reading(sql: &'a Connection, now_us: i64, queued: &'a Cell<bool>) -> Self {
        Self {
            sql,
            now_us,
            queued,
        }
    }

    /// A job became claimable: listeners are told after the commit.
    pub(super) fn note_queued(&self) {
        self.queued.set(true);
    }
}

/// A write on its way.
pub(super) trait Write: Send {
    /// Runs it; `false`: it failed and must be undone.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// When it may be answered.
    fn durability(&self) -> Durability;
    /// Answers the caller; `Err`: the commit or the sync failed.
    fn answer(self: Box<Self>, commit: std::result::Result<(), &Broken>);
}

/// Why a whole batch failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub(super) struct Broken {
    text: String,
    full: Option<&'static str>,
}

impl Broken {
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            text = format!("{text}: {next}");
            cause = next.source();
        }
        Self { text, full: None }
    }

    fn of_engine(error: rusqlite::Error) -> Self {
        match from_engine("committing", error) {
            Error::Full { what } => Self {
                text: format!("{what} is full"),
                full: Some(what),
            },
            other => Self::of(&other),
        }
    }

    fn told(&self, doing: &'static str) -> Error {
        match self.full {
            Some(what) => Error::Full { what },
            None => Error::Engine {
                doing,
                source: Box::new(self.clone()),
            },
        }
    }
}

/// One write with its closure and its caller.
struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    doing: &'static str,
    durability: Durability,
}

impl<T, F> Write for Pending<T, F>
where
    T: Send,
    F: FnOnce(&Tx<'_>) -> Step<T> + Send,
{
    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let outcome = work(tx).map_err(|failure| failure.told(self.doing));
        let good = outcome.is_ok();
        self.outcome = Some(outcome);
        good
    }

    fn durability(&self) -> Durability {
        // A refusal changed nothing: nothing of it has to reach the disk.
        match self.outcome {
            Some(Err(_)) => Durability::Relaxed,
            _ => self.durability,
        }
    }

    fn answer(self: Box<Self>, commit: std::result::Result<(), &Broken>) {
        let answer = match (self.outcome, commit) {
            (Some(Err(error)), _) => Err(error),
            (Some(done), Ok(())) => done,
            (_, Err(broken)) => Err(broken.told(self.doing)),
            (None, Ok(())) => Err(Error::Engine {
                doing: self.doing,
                source: "the write was not run".into(),
            }),
        };
        // A caller that went away does not want to know.
        drop(self.reply.send(answer));
    }
}

/// The handle of the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Write>>>,
    thread: Option<JoinHandle<()>>,
    syncs: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(path: &Path, clock: Clock, listener: Option<Listener>) -> Result<Self> {
        let doing = "opening the writer's connection";
        let mut sql =
            connection::open(path, Purpose::Write).map_err(|error| from_engine(doing, error))?;
        let pages = checkpoint::watch(&mut sql).map_err(|error| from_engine(doing, error))?;
        let checkpointer = Checkpointer::start(path)?;
        let syncer = Syncer::start(path)?;
        let syncs = syncer.count();
        let (sender, queue) = mpsc::channel(WRITES_WAITING_MAX);
        let mut state = Loop {
            sql,
            clock,
            queue,
            syncer,
            checkpointer,
            pages,
            listener,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || state.run())
            .map_err(|error| Error::Engine {
                doing: "starting the writer thread",
                source: Box::new(error),
            })?;
        Ok(Self {
            queue: Some(sender),
            thread: Some(thread),
            syncs,
        })
    }

    /// No further write can wait.
    pub(super) fn is_full(&self) -> bool {
        self.queue
            .as_ref()
            .is_none_or(|queue| queue.capacity() == 0)
    }

    /// Syncs of the log so far.
    pub(super) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// Runs a closure in the next batch and returns its result when it is committed
    /// (and on the disk). A caller that gives up waiting does not undo it.
    pub(super) async fn write<T, F>(
        &self,
        durability: Durability,
        doing: &'static str,
        work: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Tx<'_>) -> Step<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let pending = Box::new(Pending {
            work: Some(work),
            outcome: None,
            reply,
            doing,
            durability,
        });
        let stopped = || Error::Engine {
            doing,
            source: "the writer thread has stopped".into(),
        };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(pending).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Queues a relaxed write whose result nobody waits for; lost when the queue is full.
    pub(super) fn note<F>(&self, doing: &'static str, work: F)
    where
        F: FnOnce(&Tx<'_>) -> Step<()> + Send + 'static,
    {
        let (reply, _) = oneshot::channel();
        let pending = Box::new(Pending {
            work: Some(work),
            outcome: None,
            reply,
            doing,
            durability: Durability::Relaxed,
        });
        if let Some(queue) = &self.queue {
            drop(queue.try_send(pending));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What the thread owns.
struct Loop {
    sql: Connection,
    clock: Clock,
    queue: mpsc::Receiver<Box<dyn Write>>,
    syncer: Syncer,
    checkpointer: Checkpointer,
    pages: checkpoint::Pages,
    listener: Option<Listener>,
}

impl Loop {
    fn run(&mut self) {
        while let Some(first) = self.queue.blocking_recv() {
            self.batch(first);
            checkpoint::look(&self.sql, &self.pages, &self.checkpointer);
            if !self.queue.is_empty() {
                std::thread::sleep(TURN_PAUSE);
            }
        }
    }

    /// Runs what waits in one transaction, commits it and sees that all are answered.
    fn batch(&mut self, first: Box<dyn Write>) {
        if let Some(broken) = self.syncer.broken() {
            first.answer(Err(&broken));
            return;
        }
        if let Err(error) = begin(&self.sql) {
            first.answer(Err(&Broken::of_engine(error)));
            return;
        }
        let queued = Cell::new(false);
        let mut ran = Vec::new();
        let begun = Instant::now();
        let mut next = Some(first);
        let mut failed = None;
        while let Some(mut write) = next.take() {
            let tx = Tx {
                sql: &self.sql,
                now_us: self.clock.now_us(),
                queued: &queued,
            };
            let step = run_one(write.as_mut(), &tx);
            ran.push(write);
            if let Err(error) = step {
                failed = Some(error);
                break;
            }
            if ran.len() < BATCH_WRITES_MAX && begun.elapsed() < BATCH_TIME_MAX {
                next = self.queue.try_recv().ok();
            }
        }
        let committed = match failed {
            Some(error) => Err(error),
            None => commit(&self.sql),
        };
        match committed {
            Ok(()) => {
                self.answer(ran);
                if queued.get()
                    && let Some(listener) = &self.listener
                {
                    listener();
                }
            }
            Err(error) => {
                if !self.sql.is_autocommit() {
                    // Nothing is left of the batch whether or not this succeeds: the
                    // next BEGIN would tell.
                    drop(self.sql.execute_batch("ROLLBACK"));
                }
                let broken = Broken::of_engine(error);
                for write in ran {
                    write.answer(Err(&broken));
                }
            }
        }
    }

    fn answer(&self, ran: Vec<Box<dyn Write>>) {
        let (durable, relaxed): (Durable, Durable) = ran
            .into_iter()
            .partition(|write| write.durability() == Durability::Durable);
        for write in relaxed {
            write.answer(Ok(()));
        }
        if !durable.is_empty() {
            self.syncer.sync(durable);
        }
    }
}

fn begin(sql: &Connection) -> rusqlite::Result<()> {
    sql.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    Ok(())
}

fn commit(sql: &Connection) -> rusqlite::Result<()> {
    sql.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// Runs one write in a savepoint. An error means that the whole transaction is gone
/// (the engine rolls it back by itself when the disk is full).
fn run_one(write: &mut dyn Write, tx: &Tx<'_>) -> rusqlite::Result<()> {
    tx.sql.prepare_cached("SAVEPOINT one")?.execute([])?;
    let good = write.run(tx);
    if tx.sql.is_autocommit() {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL),
            Some("the transaction was rolled back".into()),
        ));
    }
    if !good {
        tx.sql.prepare_cached("ROLLBACK TO one")?.execute([])?;
    }
    tx.sql.prepare_cached("RELEASE one")?.execute([])?;
    Ok(())
}
