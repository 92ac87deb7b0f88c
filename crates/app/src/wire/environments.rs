//! Environments by name, from the store and the host.

use carrel_sandbox::{Keeper, Report, Spec};

use crate::cli::Session;
use crate::failure::Failure;

/// A keeper over one environment.
#[derive(Debug)]
pub struct EnvironmentKeeper {
    /// Variables that programs of the environment get.
    pub variables: Vec<(String, String)>,
    keeper: Keeper,
}

impl EnvironmentKeeper {
    /// Runs one program in a fresh sandbox.
    ///
    /// # Errors
    /// A platform fault.
    pub fn run(&mut self, spec: Spec) -> Result<Report, Failure> {
        self.keeper.run(spec).map_err(Failure::platform)
    }
}

/// Starts a keeper.
///
/// # Errors
/// A missing environment, or a platform fault.
pub fn start_keeper(
    _session: &mut Session,
    _environment: &str,
    _allow_missing_layers: bool,
    _build: bool,
) -> Result<EnvironmentKeeper, Failure> {
    Err(Failure::platform(anyhow::anyhow!("not in this build")))
}
