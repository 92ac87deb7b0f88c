//! Why a worker could not start, or ended by itself.

use std::path::PathBuf;

/// A fault of the worker itself; the supervisor starts it anew.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the run directory could not be used.
    #[error("{doing} `{path}`")]
    File {
        /// What was being done, as a present participle.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is one already.
    #[error("another worker has `{path}`; one node has one worker")]
    Taken {
        /// The run directory.
        path: PathBuf,
    },
    /// The store does not answer at the start.
    #[error("taking over the leases of this node's earlier life")]
    Store(#[from] carrel_store::Error),
    /// No sandbox could be made so often that a new start is the better try.
    #[error("{failures} canary runs in a row have failed, the last one: {reason}")]
    Canary {
        /// How many.
        failures: u32,
        /// Why the last one failed.
        reason: String,
    },
}

/// An error with all its causes on one line, for the log.
#[must_use]
pub fn tell_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let told: Vec<String> = causes.map(ToString::to_string).collect();
    told.join(": ")
}
