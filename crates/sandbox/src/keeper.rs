//! The keeper: the small single-threaded process that owns one sandbox at a time.

use std::path::PathBuf;

use crate::error::Error;
use crate::report::Report;
use crate::spec::{Root, Spec};

/// Name under which the binary is re-executed to become a keeper (its `argv[0]`).
pub const KEEPER_NAME: &str = "carrel-keeper";

/// How a keeper is started.
#[derive(Debug, Clone)]
pub struct KeeperOptions {
    /// The binary that calls [`enter`] when its `argv[0]` is [`KEEPER_NAME`].
    pub program: PathBuf,
    /// Start even where layers of isolation are missing on this host (they are named in every report).
    pub allow_missing_layers: bool,
}

/// A running keeper: makes one fresh sandbox after another over one root.
/// Dropping it ends the process and whatever it runs.
#[derive(Debug)]
pub struct Keeper {}

impl Keeper {
    /// Starts a keeper over this root.
    ///
    /// # Errors
    /// What could not be set up, and why: always the platform's fault.
    pub fn start(root: Root, options: &KeeperOptions) -> Result<Self, Error> {
        let _ = (root, options);
        Err(Error::NotYet)
    }

    /// Runs one program in a fresh sandbox and waits for its end.
    ///
    /// # Errors
    /// A platform fault: never something the program did.
    pub fn run(&mut self, spec: Spec) -> Result<Report, Error> {
        let _ = spec;
        Err(Error::NotYet)
    }
}

/// The keeper's main: serves the socket on descriptor 3 until it closes. Returns the exit code.
#[must_use]
pub fn enter() -> i32 {
    1
}
