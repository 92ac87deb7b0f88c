//! The role that checks need: something that runs specs in fresh sandboxes of a named environment.

use carrel_sandbox::{Report, Spec};

use crate::error::Error;

/// Runs specs in fresh sandboxes. Implemented over keepers; every call is a
/// clean room, and several threads may call at once.
pub trait Sandboxes: Sync {
    /// Runs one spec in a fresh sandbox of this environment.
    ///
    /// # Errors
    /// A platform fault.
    fn run(&self, environment: &str, spec: Spec) -> Result<Report, Error>;

    /// Runs two specs at once, each in a fresh sandbox, and waits for both.
    /// The caller joins them with pipes through [`carrel_sandbox::Stream::Descriptor`].
    ///
    /// # Errors
    /// A platform fault of either.
    fn run_pair(
        &self,
        first: (&str, Spec),
        second: (&str, Spec),
    ) -> Result<(Report, Report), Error>;
}
