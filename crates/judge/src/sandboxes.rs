//! The role that checks need: something that runs specs in fresh sandboxes of a named environment.

use std::io::Read as _;
use std::path::Path;

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

    /// Fills `secret` with bytes that no program inside can foresee. Whoever
    /// takes up the runs of an earlier life gives the same bytes in the same
    /// order again, so that the same submission asks for the same runs.
    ///
    /// # Errors
    /// The system's random numbers could not be read.
    fn draw(&self, secret: &mut [u8]) -> Result<(), Error> {
        let path = Path::new("/dev/urandom");
        std::fs::File::open(path)
            .and_then(|mut file| file.read_exact(secret))
            .map_err(|source| Error::File {
                doing: "reading",
                path: path.to_owned(),
                source,
            })
    }
}
