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
use tokio::sync::mpsc;

use super::Listener;
use super::checkpoint::{self, Checkpointer};
use super::clock::Clock;
use super::connection::{self, Purpose};
use super::failure::{Step, from_engine};
use super::sync::{Durable, Syncer};
use super::write::{Broken, Durability, Pending, Tx, Write};
use crate::error::{Error, Result};

/// Writes that wait at most; more are refused or wait with their callers.
pub(super) const WRITES_WAITING_MAX: usize = 1_024;
/// Writes of one transaction at most.
const BATCH_WRITES_MAX: usize = 256;
/// A batch takes no more writes after this time, so that the lock is free soon.
const BATCH_TIME_MAX: Duration = Duration::from_millis(5);
/// Batches follow each other without a pause for this long.
const TURN_MAX: Duration = Duration::from_millis(3);
/// The pause then: other processes look for the lock in it.
const TURN_PAUSE: Duration = Duration::from_micros(200);

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
        let log = checkpoint::watch(&mut sql).map_err(|error| from_engine(doing, error))?;
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
            log,
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
        let (pending, answer) = Pending::new(durability, doing, work);
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
        let (pending, _) = Pending::new(Durability::Relaxed, doing, work);
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
    log: checkpoint::Log,
    listener: Option<Listener>,
}

impl Loop {
    fn run(&mut self) {
        let mut turn = Instant::now();
        loop {
            let idle = self.queue.is_empty();
            let Some(first) = self.queue.blocking_recv() else {
                return;
            };
            if idle {
                turn = Instant::now();
            }
            self.batch(first);
            checkpoint::look(&mut self.sql, &mut self.log, &self.checkpointer);
            if turn.elapsed() > TURN_MAX && !self.queue.is_empty() {
                std::thread::sleep(TURN_PAUSE);
                turn = Instant::now();
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
            let tx = Tx::new(&self.sql, self.clock.now_us(), &queued);
            let step = run_one(write.as_mut(), &tx);
            ran.push(write);
            if let Err(broken) = step {
                failed = Some(broken);
                break;
            }
            if ran.len() < BATCH_WRITES_MAX && begun.elapsed() < BATCH_TIME_MAX {
                next = self.queue.try_recv().ok();
            }
        }
        let committed = match failed {
            Some(broken) => Err(broken),
            None => commit(&self.sql).map_err(Broken::of_engine),
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
            Err(broken) => {
                if !self.sql.is_autocommit() {
                    // Nothing is left of the batch whether or not this succeeds: the
                    // next BEGIN would tell.
                    drop(self.sql.execute_batch("ROLLBACK"));
                }
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
fn run_one(write: &mut dyn Write, tx: &Tx<'_>) -> std::result::Result<(), Broken> {
    let run = |sql: &str| -> std::result::Result<(), Broken> {
        let mut statement = tx.sql.prepare_cached(sql).map_err(Broken::of_engine)?;
        statement.execute([]).map_err(Broken::of_engine)?;
        Ok(())
    };
    run("SAVEPOINT one")?;
    let good = write.run(tx);
    if tx.sql.is_autocommit() {
        return Err(write.failure());
    }
    if !good {
        run("ROLLBACK TO one")?;
    }
    run("RELEASE one")
}
