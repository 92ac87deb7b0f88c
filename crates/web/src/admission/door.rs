//! The door: what was let in and is not in the store yet, who came lately, and whether it is
//! closed for everybody.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// For how long the door stays closed at most without a new look, milliseconds. Any begin or
/// end of a run opens it before.
const CLOSED_MS_MAX: f64 = 100.0;
/// For how long somebody who came counts as being there, milliseconds: learners sit over an
/// exercise for minutes between two submissions.
const PRESENT_MS: f64 = 600_000.0;
/// Senders whose work is on its way that are followed, before those without any are forgotten.
const SENDERS_MAX: usize = 1_024;

/// The door.
#[derive(Debug, Default)]
pub struct Door {
    state: std::sync::Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Processor time ever let in, and of it what has reached the store, milliseconds.
    let_in: InFlight,
    arrived: InFlight,
    /// The same by sender, jobs.
    of_sender: HashMap<String, (u64, u64)>,
    /// The two senders who came last, and when, the latest first.
    came: [Option<(String, f64)>; 2],
    /// Until then everybody would wait for so long at least.
    wait: Option<(f64, f64)>,
}

/// Work that was let in and that the store does not have yet.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct InFlight {
    /// Expected processor time, milliseconds.
    pub cost_ms: f64,
    /// Jobs.
    pub jobs: u64,
    /// Of those the sender's who asks.
    pub own: u64,
}

/// What had arrived before the store was asked.
#[derive(Debug, Clone)]
pub struct Look {
    sender: String,
    arrived: InFlight,
    /// Somebody else came lately.
    pub others: bool,
}

/// A place in the queue for a job that the store does not have yet; given up when dropped.
#[derive(Debug)]
#[must_use]
pub struct Reserved {
    state: std::sync::Arc<Mutex<State>>,
    sender: String,
    cost_ms: f64,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        state.arrived.cost_ms += self.cost_ms;
        state.arrived.jobs += 1;
        if let Some((_, arrived)) = state.of_sender.get_mut(&self.sender) {
            *arrived += 1;
        }
    }
}

impl State {
    /// Notes who comes; whether somebody else is there.
    fn come(&mut self, sender: &str, now_ms: f64) -> bool {
        let is_other = |came: &Option<(String, f64)>| {
            came.as_ref()
                .is_some_and(|(name, at_ms)| name != sender && now_ms - at_ms < PRESENT_MS)
        };
        let others = self.came.iter().any(is_other);
        if self.came[0]
            .as_ref()
            .is_some_and(|(name, _)| name != sender)
        {
            self.came.swap(0, 1);
        }
        self.came[0] = Some((sender.to_owned(), now_ms));
        others
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
    pub fn look(&self, sender: &str, now_ms: f64) -> Look {
        let mut state = lock(&self.state);
        let others = state.come(sender, now_ms);
        let own = state
            .of_sender
            .get(sender)
            .map_or(0, |(_, arrived)| *arrived);
        Look {
            sender: sender.to_owned(),
            arrived: InFlight {
                own,
                ..state.arrived
            },
            others,
        }
    }

    /// Somebody came, whatever becomes of it.
    pub fn come(&self, sender: &str, now_ms: f64) {
        lock(&self.state).come(sender, now_ms);
    }

    /// Asks `rule`, with what is on its way to the store, and reserves where it agrees.
    ///
    /// # Errors
    /// What the rule says.
    pub fn decide<E>(
        &self,
        look: Look,
        cost_ms: f64,
        rule: impl FnOnce(InFlight) -> Result<(), E>,
    ) -> Result<Reserved, E> {
        let mut state = lock(&self.state);
        let own = state
            .of_sender
            .get(&look.sender)
            .map_or(0, |(let_in, _)| *let_in);
        rule(InFlight {
            cost_ms: (state.let_in.cost_ms - look.arrived.cost_ms).max(0.0),
            jobs: state.let_in.jobs.saturating_sub(look.arrived.jobs),
            own: own.saturating_sub(look.arrived.own),
        })?;
        state.let_in.cost_ms += cost_ms;
        state.let_in.jobs += 1;
        if state.of_sender.len() >= SENDERS_MAX {
            state
                .of_sender
                .retain(|_, (let_in, arrived)| let_in > arrived);
        }
        state.of_sender.entry(look.sender.clone()).or_default().0 += 1;
        Ok(Reserved {
            state: std::sync::Arc::clone(&self.state),
            sender: look.sender,
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
        let look = door.look("ann", 0.0);
        let most = |flying: InFlight| match flying.cost_ms < 250.0 {
            true => Ok(()),
            false => Err(flying),
        };
        let held: Vec<_> = (0..10)
            .map_while(|_| door.decide(look.clone(), 100.0, most).ok())
            .collect();
        assert_eq!(held.len(), 3);
        drop(held);
        // They reached the store after that look: it still counts them.
        let all = InFlight {
            cost_ms: 300.0,
            jobs: 3,
            own: 3,
        };
        assert_eq!(door.decide(look, 100.0, most).unwrap_err(), all);
        let none = |flying: InFlight| match flying == InFlight::default() {
            true => Ok(()),
            false => Err(flying),
        };
        let held = door.decide(door.look("ann", 0.0), 100.0, none).unwrap();
        // Of another's it is nobody's own.
        let one = InFlight {
            cost_ms: 100.0,
            jobs: 1,
            own: 0,
        };
        let look = door.look("bob", 0.0);
        assert_eq!(door.decide(look, 100.0, none).unwrap_err(), one);
        drop(held);
    }

    #[test]
    fn who_came_lately_is_there() {
        let door = Door::default();
        let others = |sender, now_ms| door.look(sender, now_ms).others;
        assert!(!others("ann", 0.0) && !others("ann", 1.0));
        assert!(others("bob", 2.0) && others("ann", 3.0) && others("ann", 4.0));
        assert!(others("ann", PRESENT_MS + 1.0));
        assert!(!others("ann", PRESENT_MS + 2.0), "bob has gone");
        assert!(others("bob", PRESENT_MS + 3.0) && others("eve", PRESENT_MS + 4.0));
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
