//! Platform faults of this crate.

/// Something of ours failed; nothing is said about the program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Work in progress.
    #[error("the keeper is not there yet")]
    NotYet,
}
