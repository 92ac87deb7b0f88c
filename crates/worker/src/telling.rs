//! Events of a submission on their way into the store, several at a time.

use std::sync::Arc;
use std::time::Duration;

use carrel_bus::Hint;
use carrel_judge::Watcher;
use carrel_model::id::SubmissionId;
use carrel_model::result::TestResult;
use carrel_store::event::{EVENTS_MAX, Event, EventKind};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::node::Node;

/// Longest that an event waits for others to be written with.
const BATCH_PAUSE: Duration = Duration::from_millis(20);
/// Most events written at once.
const BATCH_MAX: usize = 64;

/// The judge's end.
#[derive(Debug)]
pub(crate) struct Teller {
    sender: mpsc::Sender<EventKind>,
    /// Events that an earlier life has told already.
    skip: usize,
}

/// The store's end.
pub(crate) type Told = mpsc::Receiver<EventKind>;

/// Both ends. What does not fit is told with the verdict only.
pub(crate) fn channel(skip: usize) -> (Teller, Told) {
    let (sender, told) = mpsc::channel(EVENTS_MAX as usize);
    (Teller { sender, skip }, told)
}

impl Teller {
    fn tell(&mut self, kind: EventKind) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if self.sender.try_send(kind).is_err() {
            tracing::debug!("an event was left out");
        }
    }
}

impl Watcher for Teller {
    fn compiling(&mut self) {
        tracing::debug!("compiling");
        self.tell(EventKind::Compiling);
    }

    fn checked(&mut self, results: &[TestResult]) {
        tracing::debug!(results = results.len(), "checked");
        self.tell(EventKind::Check {
            results: results.to_vec(),
        });
    }
}

/// Appends what is told until the judge's end closes; returns the number of the last event.
pub(crate) async fn append(
    node: Arc<Node>,
    (submission, token): (SubmissionId, u64),
    mut told: Told,
) -> u32 {
    let mut last = 0;
    while let Some(first) = told.recv().await {
        let mut kinds = vec![first];
        let deadline = Instant::now() + BATCH_PAUSE;
        while kinds.len() < BATCH_MAX {
            match timeout_at(deadline, told.recv()).await {
                Ok(Some(kind)) => kinds.push(kind),
                Ok(None) | Err(_) => break,
            }
        }
        match node.parts.store.append(submission, token, kinds).await {
            Ok(number) => {
                last = number;
                node.parts.bus.send(&Hint::Events {
                    submission,
                    number,
                    last: false,
                });
            }
            // The verdict tells the same again.
            Err(error) => {
                let error = crate::error::tell_chain(&error);
                tracing::warn!(%submission, error, "events were not written");
            }
        }
    }
    last
}

/// How many events of the present attempt an earlier life of the worker has told.
pub(crate) fn told_before(events: &[Event]) -> usize {
    let of_judging =
        |event: &&Event| matches!(event.kind, EventKind::Compiling | EventKind::Check { .. });
    events.iter().rev().take_while(of_judging).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use carrel_store::event::EventKind::{Check, Compiling, Retrying, Started};

    fn events(kinds: Vec<EventKind>) -> Vec<Event> {
        let at = jiff::Timestamp::UNIX_EPOCH;
        kinds
            .into_iter()
            .zip(1..)
            .map(|(kind, number)| Event { number, at, kind })
            .collect()
    }

    fn check() -> EventKind {
        Check {
            results: Vec::new(),
        }
    }

    #[test]
    fn only_the_present_attempt_counts_as_told() {
        let attempt = || Started { attempt: 1 };
        assert_eq!(told_before(&events(vec![])), 0);
        assert_eq!(told_before(&events(vec![attempt(), Compiling, check()])), 2);
        let again = vec![attempt(), check(), Retrying, attempt(), Compiling];
        assert_eq!(told_before(&events(again)), 1);
    }

    #[tokio::test]
    async fn what_was_told_is_not_told_again() {
        let (mut teller, mut told) = channel(2);
        teller.compiling();
        teller.checked(&[]);
        teller.checked(&[]);
        drop(teller);
        assert_eq!(told.recv().await, Some(check()));
        assert_eq!(told.recv().await, None);
    }
}
