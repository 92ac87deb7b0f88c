//! What this host can do, looked at and not guessed.

use crate::cli::doctor::Finding;
use crate::config::state::State;

/// The layers of isolation, each tried.
#[must_use]
pub fn layers() -> Vec<Finding> {
    Vec::new()
}

/// The state directory and what environments are built with.
#[must_use]
pub fn installation(_state: &State) -> Vec<Finding> {
    Vec::new()
}
