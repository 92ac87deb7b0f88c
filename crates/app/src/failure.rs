//! Why a command could not be carried out, whose fault that is, and the way out.

use std::fmt::Display;

use crate::exit_code;

/// A command's end without a result. Told once, by [`crate::cli::run`].
#[derive(Debug)]
pub struct Failure {
    /// One of [`exit_code`].
    pub exit_code: u8,
    /// What failed, with its causes.
    pub error: anyhow::Error,
    /// Ways out, one line each.
    pub hints: Vec<String>,
}

/// Exit code of a command that came to its end.
pub type Outcome = Result<u8, Failure>;

impl Failure {
    /// A failure with this exit code.
    #[must_use]
    pub fn new(exit_code: u8, error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit_code,
            error: error.into(),
            hints: Vec::new(),
        }
    }

    /// The command line is wrong.
    #[must_use]
    pub fn usage(problem: impl Display) -> Self {
        Self::new(exit_code::USAGE, anyhow::anyhow!("{problem}"))
    }

    /// The author's files are wrong.
    #[must_use]
    pub fn bad_challenge(error: impl Into<anyhow::Error>) -> Self {
        Self::new(exit_code::BAD_CHALLENGE, error)
    }

    /// Something of ours failed.
    #[must_use]
    pub fn platform(error: impl Into<anyhow::Error>) -> Self {
        Self::new(exit_code::PLATFORM_FAULT, error)
    }

    /// This host lacks something.
    #[must_use]
    pub fn not_ready(error: impl Into<anyhow::Error>) -> Self {
        Self::new(exit_code::NOT_READY, error)
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// The reader of our output went away: not worth a word.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.error.chain().any(|cause| {
            cause
                .downcast_ref::<std::io::Error>()
                .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
        })
    }
}

/// Writing to the terminal or to a file asked for failed.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::platform(anyhow::Error::new(error).context("writing the output"))
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn broken_pipe_is_found_below_context() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failure.is_broken_pipe());
        assert!(!Failure::from(io::Error::from(io::ErrorKind::NotFound)).is_broken_pipe());
    }
}
