//! Who waits for which submission: woken by hints of the bus, so that nobody polls the store fast.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use carrel_api::Code;
use carrel_bus::Hint;
use carrel_model::execution::SubmissionState;
use carrel_model::id::{SubmissionId, UserId};
use carrel_store::submission::SubmissionRow;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::App;
use crate::problem::{Problem, Result};

/// How long a lost hint may cost, milliseconds: whoever waits looks that often.
pub const LOOK_MS: u64 = 1_000;
/// When a stream or wait that was one too many may be tried again, milliseconds.
const PLACE_RETRY_MS: u64 = 5_000;
/// Parts of the table, each with a lock of its own.
const SHARDS: usize = 16;

/// What is known of a submission by hints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signal {
    /// Number of its last event.
    pub number: u32,
    /// That was the last of all.
    pub last: bool,
    /// Grows when hints may have been lost: look.
    pub lost: u32,
}

type Shard = Mutex<HashMap<SubmissionId, watch::Sender<Signal>>>;

/// The table of those who wait.
#[derive(Debug)]
pub struct Live {
    shards: [Shard; SHARDS],
    hasher: RandomState,
    /// How many streams and waits each person has open.
    people: Mutex<HashMap<UserId, u32>>,
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Live {
    /// Nobody waits.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            people: Mutex::default(),
        }
    }

    /// A place to wait at, as long as it is held; `None`: this person has as many as one may.
    #[must_use]
    pub fn place(self: &Arc<Self>, person: UserId, most: u32) -> Option<Place> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let count = people.get(&person).copied().unwrap_or_default();
        if count >= most {
            return None;
        }
        people.insert(person, count + 1);
        Some(Place {
            person,
            live: Arc::clone(self),
        })
    }

    fn shard(&self, id: SubmissionId) -> &Shard {
        let hash = self.hasher.hash_one(id);
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        &self.shards[index]
    }

    /// Begins to wait. Look into the store only after this, so that nothing falls between.
    #[must_use]
    pub fn watch(self: &Arc<Self>, id: SubmissionId) -> Watcher {
        let mut shard = self
            .shard(id)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let sender = shard.entry(id).or_default();
        Watcher {
            receiver: Some(sender.subscribe()),
            id,
            live: Arc::clone(self),
        }
    }

    /// Passes a hint on to those who wait for it.
    pub fn tell(&self, hint: &Hint) {
        let Hint::Events {
            submission,
            number,
            last,
        } = hint
        else {
            return;
        };
        let shard = self.shard(*submission);
        let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = shard.get(submission) {
            sender.send_modify(|signal| {
                signal.number = signal.number.max(*number);
                signal.last |= last;
            });
        }
    }

    /// Hints were lost: everybody looks.
    pub fn wake_all(&self) {
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for sender in shard.values() {
                sender.send_modify(|signal| signal.lost = signal.lost.wrapping_add(1));
            }
        }
    }

    /// How many submissions are waited for.
    #[must_use]
    pub fn count(&self) -> usize {
        let count = |shard: &Shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.shards.iter().map(count).sum()
    }
}

/// Somebody who waits for one submission.
#[derive(Debug)]
pub struct Watcher {
    // Only `drop` takes it out.
    receiver: Option<watch::Receiver<Signal>>,
    id: SubmissionId,
    live: Arc<Live>,
}

impl Watcher {
    /// Returns at the next hint, or after `LOOK_MS` at the latest.
    pub async fn changed(&mut self) -> Signal {
        let Some(receiver) = &mut self.receiver else {
            return Signal::default();
        };
        let look = Duration::from_millis(LOOK_MS);
        let _ = tokio::time::timeout(look, receiver.changed()).await;
        *receiver.borrow_and_update()
    }

    /// Returns when it may be over: at the hint of its last event, after lost hints, or after `LOOK_MS`.
    pub async fn ended(&mut self) {
        let Some(receiver) = &mut self.receiver else {
            return;
        };
        let lost = receiver.borrow_and_update().lost;
        let over = receiver.wait_for(|signal| signal.last || signal.lost != lost);
        let _ = tokio::time::timeout(Duration::from_millis(LOOK_MS), over).await;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let shard = self.live.shard(self.id);
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        self.receiver = None;
        let alone = shard
            .get(&self.id)
            .is_some_and(|sender| sender.receiver_count() == 0);
        if alone {
            shard.remove(&self.id);
        }
    }
}

/// One of the streams and waits that a person may have open at once.
#[derive(Debug)]
pub struct Place {
    person: UserId,
    live: Arc<Live>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let people = self.live.people.lock();
        let mut people = people.unwrap_or_else(PoisonError::into_inner);
        match people.get_mut(&self.person) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                people.remove(&self.person);
            }
        }
    }
}

/// Whether nothing more happens to it by itself.
#[must_use]
pub fn is_over(state: SubmissionState) -> bool {
    match state {
        SubmissionState::Finished | SubmissionState::Cancelled | SubmissionState::Parked => true,
        SubmissionState::Queued | SubmissionState::Running => false,
    }
}

/// A place of this person, or why there is none: for whoever gets nothing without it.
///
/// # Errors
/// The person has as many streams and waits open as one may.
pub fn take_place(app: &App, person: UserId) -> Result<Place> {
    let most = app.config.waits_max;
    app.live.place(person, most).ok_or_else(|| {
        let detail = format!(
            "you have {most} streams and waits open; close one of them, or let one end, first"
        );
        Problem::new(Code::RateLimited, detail).with_retry_after(PLACE_RETRY_MS)
    })
}

/// As [`wait_for_end`], for a person who may have so many waits open; where they have those
/// already, the submission as it is now.
///
/// # Errors
/// It cannot be read.
pub async fn wait_in_turn(
    app: &App,
    person: UserId,
    id: SubmissionId,
    within: Duration,
) -> Result<SubmissionRow> {
    match app.live.place(person, app.config.waits_max) {
        Some(_place) => wait_for_end(app, id, within).await,
        None => Ok(app.store.submission(id).await?),
    }
}

/// The submission when it is over, or as it is after `within`, or when the service stops.
///
/// # Errors
/// It cannot be read.
pub async fn wait_for_end(app: &App, id: SubmissionId, within: Duration) -> Result<SubmissionRow> {
    let deadline = Instant::now() + within;
    let mut watcher = app.live.watch(id);
    loop {
        let row = app.store.submission(id).await?;
        if is_over(row.state) {
            return Ok(row);
        }
        tokio::select! {
            () = watcher.ended() => {}
            () = tokio::time::sleep_until(deadline) => return Ok(row),
            () = app.stopped() => return Ok(row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(submission: SubmissionId) -> Hint {
        Hint::Events {
            submission,
            number: 3,
            last: true,
        }
    }

    #[tokio::test]
    async fn those_who_wait_are_woken_and_forgotten() {
        let live = Arc::new(Live::new());
        let (id, other) = (SubmissionId::new(), SubmissionId::new());
        let mut first = live.watch(id);
        let mut second = live.watch(id);
        let third = live.watch(other);
        assert_eq!(live.count(), 2);
        live.tell(&last(id));
        first.ended().await;
        assert_eq!(second.changed().await.number, 3);
        drop((first, third));
        assert_eq!(live.count(), 1);
        drop(second);
        assert_eq!(live.count(), 0);
        live.tell(&last(id));
        assert_eq!(live.count(), 0);
    }

    #[test]
    fn a_person_has_so_many_places_and_takes_none_of_others() {
        let live = Arc::new(Live::new());
        let (ann, bob) = (UserId::new(), UserId::new());
        let first = live.place(ann, 2).unwrap();
        let second = live.place(ann, 2).unwrap();
        assert!(live.place(ann, 2).is_none());
        assert!(live.place(bob, 2).is_some());
        drop(first);
        assert!(live.place(ann, 2).is_some());
        drop(second);
        assert!(live.people.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn lost_hints_wake_everybody() {
        let live = Arc::new(Live::new());
        let mut watcher = live.watch(SubmissionId::new());
        live.wake_all();
        assert_eq!(watcher.changed().await.lost, 1);
    }
}
