//! Numbered set-up steps, so that every failure has a name and every one can be provoked.

use std::io;

use serde::{Deserialize, Serialize};

use crate::protocol::Fault;

/// Counts the steps taken; goes on counting in forked children, which copy it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Steps {
    taken: u32,
    /// Test only: the number of the step that is made to fail, from 1.
    fail_at: Option<u32>,
}

impl Steps {
    pub(crate) fn new(fail_at: Option<u32>) -> Self {
        Self { taken: 0, fail_at }
    }

    /// The count as it will be after the next step.
    pub(crate) fn after_next(&self) -> Self {
        Self {
            taken: self.taken + 1,
            fail_at: self.fail_at,
        }
    }

    /// Does one step.
    pub(crate) fn take<T, E: Into<io::Error>>(
        &mut self,
        name: &str,
        action: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, Fault> {
        self.taken += 1;
        if Some(self.taken) == self.fail_at {
            return Err(Fault {
                step: format!("{name} (failure provoked)"),
                errno: libc::EIO,
            });
        }
        action().map_err(|error| fault(name, &error.into()))
    }
}

/// A fault from an error of the system.
pub(crate) fn fault(step: &str, error: &io::Error) -> Fault {
    Fault {
        step: step.to_owned(),
        errno: error.raw_os_error().unwrap_or(libc::EIO),
    }
}
