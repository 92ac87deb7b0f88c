//! Taking back what is being judged.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use carrel_sandbox::Canceller;

/// Whether a submission was taken back while it is judged: its runs end at once then, and no new one begins.
#[derive(Debug, Default)]
pub struct Cancellation {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    cancelled: bool,
    next: u64,
    running: BTreeMap<u64, Canceller>,
}

/// A run that is under way; ends with this.
#[derive(Debug)]
pub(crate) struct Watched<'a> {
    cancellation: &'a Cancellation,
    number: u64,
}

impl Cancellation {
    /// Takes it back.
    pub fn cancel(&self) {
        let mut state = self.lock();
        state.cancelled = true;
        let running: Vec<Canceller> = state.running.values().cloned().collect();
        // Not while others wait for the lock to end their runs.
        drop(state);
        running.iter().for_each(Canceller::cancel);
    }

    /// Whether it was taken back.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.lock().cancelled
    }

    /// A run that is about to begin; `None`: it must not.
    pub(crate) fn watch(&self, canceller: Canceller) -> Option<Watched<'_>> {
        let mut state = self.lock();
        if state.cancelled {
            return None;
        }
        let number = state.next;
        state.next += 1;
        state.running.insert(number, canceller);
        Some(Watched {
            cancellation: self,
            number,
        })
    }

    /// A poisoned lock holds a list and a flag: still usable.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.cancellation.lock().running.remove(&self.number);
    }
}
