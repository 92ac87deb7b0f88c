//! Platform faults of this crate.

use std::io;

/// Something of ours failed; nothing is said about the program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The keeper process could not be started.
    #[error("starting the keeper `{program}`")]
    Spawn {
        /// The binary.
        program: std::path::PathBuf,
        /// Cause.
        #[source]
        source: io::Error,
    },
    /// The keeper is gone or talks nonsense.
    #[error("{doing} the keeper (process {pid})")]
    Keeper {
        /// What was being done.
        doing: &'static str,
        /// Its process id.
        pid: u32,
        /// Cause.
        #[source]
        source: io::Error,
    },
    /// A step of the set-up failed.
    #[error("setting up the sandbox, step `{step}`")]
    Step {
        /// Which step.
        step: String,
        /// Cause.
        #[source]
        source: io::Error,
    },
    /// Layers of isolation are missing on this host and the caller wants them all.
    #[error(
        "this host lacks layers of isolation: {}; `carrel doctor` tells how to get them",
        .0.join(", ")
    )]
    MissingLayers(Vec<String>),
    /// The spec asks for something that cannot be.
    #[error("spec is not valid: {0}")]
    Spec(String),
}
