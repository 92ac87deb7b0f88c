//! Wake-ups and live events between processes of one host, or of many.
//!
//! The bus carries hints only and may lose them: whoever listens also looks
//! into the store from time to time. Nothing here is ever waited for.
//! Beside the hints there are conversations ([`conversation`]), between two only.

pub mod conversation;
pub mod local;

use std::io;
use std::os::unix::net::UnixStream;

use carrel_model::id::{NodeId, SubmissionId};
use serde::{Deserialize, Serialize};

/// A hint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "hint", rename_all = "snake_case")]
pub enum Hint {
    /// A job can be claimed.
    Job,
    /// There are events of this submission up to this number.
    Events {
        /// Which.
        submission: SubmissionId,
        /// Number of the last one.
        number: u32,
        /// It was the last of all: finished, cancelled or parked.
        last: bool,
    },
    /// Its sender took this submission back.
    Cancel {
        /// Which.
        submission: SubmissionId,
    },
    /// A worker's slots or environments changed.
    Node {
        /// Which.
        node: NodeId,
    },
    /// A course has a new version.
    Course {
        /// Its id.
        course: String,
    },
}

/// Sends hints and hears those of others.
pub trait Bus: Send + Sync + std::fmt::Debug {
    /// Sends to everybody else and to listeners of this process; never waits, may lose.
    fn send(&self, hint: &Hint);

    /// Hears all hints from now on. One that lags loses the oldest.
    fn listen(&self) -> tokio::sync::broadcast::Receiver<Hint>;

    /// Offers a place where one other process may call.
    ///
    /// # Errors
    /// It could not be made, or this bus carries no conversations.
    fn offer(&self) -> io::Result<conversation::Offer> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Calls at the place of this name.
    ///
    /// # Errors
    /// Nobody is there any more, or this bus carries no conversations.
    fn call(&self, _name: &str) -> io::Result<UnixStream> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
