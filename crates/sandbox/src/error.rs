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

/// The step that places the files of a spec.
pub(crate) const PLACE_FILES: &str = "place the files";

impl Error {
    /// Whether the files of the spec do not fit into the writable space that
    /// its own limits leave: no fault of this host, and no other try goes better.
    #[must_use]
    pub fn is_no_room(&self) -> bool {
        let Self::Step { step, source } = self else {
            return false;
        };
        step == PLACE_FILES && source.raw_os_error() == Some(libc::ENOSPC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_files_are_no_room() {
        let step = |step: &str, errno| Error::Step {
            step: step.to_owned(),
            source: io::Error::from_raw_os_error(errno),
        };
        assert!(step(PLACE_FILES, libc::ENOSPC).is_no_room());
        assert!(!step(PLACE_FILES, libc::EIO).is_no_room());
        assert!(!step("make pipes", libc::ENOSPC).is_no_room());
    }
}
