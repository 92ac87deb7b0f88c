//! The door: what was let in and is not in the store yet, and whether it is closed for everybody.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// For how long the door stays closed at most without a new look, milliseconds. Any begin or
/// end of a run opens it before.
const CLOSED_MS_MAX: f64 = 100.0;

/// The door.
#[derive(Debug, Default)]
pub struct Door {
    state: std::sync::Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Processor time ever let in, and of it what has reached the store, milliseconds.
    let_in_ms: f64,
    arrived_ms: f64,
    /// Until then everybody would wait for so long at least.
    wait: Option<(f64, f64)>,
}

/// What had arrived before the store was asked.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    arrived_ms: f64,
}

/// A place in the queue for a job that the store does not have yet; given up when dropped.
#[derive(Debug)]
#[must_use]
pub struct Reserved {
    state: std::sync::Arc<Mutex<State>>,
    cost_ms: f64,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        lock(&self.state).arrived_ms += self.cost_ms;
    }
}

/// A poisoned lock holds plain figures.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Door {
    /// To be taken before the store is asked: what arrives after it is counted twice rather
    /// than not at all.
    #[must_use]
    pub fn look(&self) -> Look {
        Look {
            arrived_ms: lock(&self.state).arrived_ms,
        }
    }

    /// Asks `rule`, with what is on its way to the store, and reserves where it agrees.
    ///
    /// # Errors
    /// What the rule says.
    pub fn decide<E>(
        &self,
        look: Look,
        cost_ms: f64,
        rule: impl FnOnce(f64) -> Result<(), E>,
    ) -> Result<Reserved, E> {
        let mut state = lock(&self.state);
        rule((state.let_in_ms - look.arrived_ms).max(0.0))?;
        state.let_in_ms += cost_ms;
        Ok(Reserved {
            state: std::sync::Arc::clone(&self.state),
            cost_ms,
        })
    }

    /// Everybody would wait for so long at least.
    pub fn close(&self, now_ms: f64, wait_ms: f64) {
        let until_ms = now_ms + wait_ms.min(CLOSED_MS_MAX);
        lock(&self.state).wait = Some((until_ms, wait_ms));
    }

    /// Something began or ended: the next who comes is looked at.
    pub fn open(&self) {
        lock(&self.state).wait = None;
    }

    /// How long everybody would wait at least, as far as is known without a look, milliseconds.
    #[must_use]
    pub fn wait_ms(&self, now_ms: f64) -> f64 {
        let wait = lock(&self.state).wait;
        let known = wait.filter(|(until_ms, _)| now_ms < *until_ms);
        known.map_or(0.0, |(_, wait_ms)| wait_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_at_one_moment_see_each_other() {
        let door = Door::default();
        let look = door.look();
        let most = |reserved_ms| if reserved_ms < 250.0 { Ok(()) } else { Err(()) };
        let held: Vec<_> = (0..10)
            .map_while(|_| door.decide(look, 100.0, most).ok())
            .collect();
        assert_eq!(held.len(), 3);
        drop(held);
        // They reached the store after that look: it still counts them.
        assert!(door.decide(look, 100.0, most).is_err());
        assert!(door.decide(door.look(), 100.0, most).is_ok());
    }

    #[test]
    fn it_opens_by_itself_and_by_what_happens() {
        let door = Door::default();
        assert_eq!(door.wait_ms(0.0), 0.0);
        door.close(0.0, 5_000.0);
        assert_eq!(door.wait_ms(99.0), 5_000.0);
        assert_eq!(door.wait_ms(100.0), 0.0);
        door.close(200.0, 5_000.0);
        door.open();
        assert_eq!(door.wait_ms(201.0), 0.0);
    }
}
