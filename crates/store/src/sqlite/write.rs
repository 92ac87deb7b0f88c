//! A write on its way from its caller to its answer.

use std::cell::Cell;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::failure::{Step, from_engine};
use crate::error::{Error, Result};

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
    /// A transaction at a time; `queued` is set when a job becomes claimable.
    pub(super) fn new(sql: &'a Connection, now_us: i64, queued: &'a Cell<bool>) -> Self {
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
    /// Why it failed, for those whose work was rolled back along with it.
    fn failure(&self) -> Broken;
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
    /// What somebody else said of the whole.
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(next) = cause {
            text = format!("{text}: {next}");
            cause = next.source();
        }
        Self { text, full: None }
    }

    fn of_full(what: &'static str) -> Self {
        Self {
            text: format!("{what} is full"),
            full: Some(what),
        }
    }

    /// What the engine said of the whole.
    pub(super) fn of_engine(error: rusqlite::Error) -> Self {
        match from_engine("committing", error) {
            Error::Full { what } => Self::of_full(what),
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
pub(super) struct Pending<T, F> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
    doing: &'static str,
    durability: Durability,
}

impl<T, F> Pending<T, F> {
    /// A write and where its result arrives.
    pub(super) fn new(
        durability: Durability,
        doing: &'static str,
        work: F,
    ) -> (Box<Self>, oneshot::Receiver<Result<T>>) {
        let (reply, answer) = oneshot::channel();
        let pending = Self {
            work: Some(work),
            outcome: None,
            reply,
            doing,
            durability,
        };
        (Box::new(pending), answer)
    }
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

    fn failure(&self) -> Broken {
        match &self.outcome {
            Some(Err(Error::Full { what })) => Broken::of_full(what),
            Some(Err(error)) => Broken::of(error),
            _ => Broken::of(&std::io::Error::other("the transaction was rolled back")),
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
