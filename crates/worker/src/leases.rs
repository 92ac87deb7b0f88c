//! The leases in hand: renewed while they are worked on, taken back when the store says so.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use carrel_judge::Cancellation;
use carrel_model::id::SubmissionId;
use carrel_store::queue::Renewal;
use tokio::sync::Notify;

use crate::error::tell_chain;
use crate::node::Node;

/// A lease that is worked on.
#[derive(Debug)]
pub(crate) struct InHand {
    pub(crate) submission: SubmissionId,
    pub(crate) token: u64,
    pub(crate) cancellation: Cancellation,
    began: Instant,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    held: Mutex<HashMap<SubmissionId, Arc<InHand>>>,
    changed: Notify,
}

impl Leases {
    pub(crate) fn add(&self, submission: SubmissionId, token: u64) -> Arc<InHand> {
        let lease = Arc::new(InHand {
            submission,
            token,
            cancellation: Cancellation::default(),
            began: Instant::now(),
        });
        self.lock().insert(submission, Arc::clone(&lease));
        lease
    }

    /// Puts a lease out of hand, unless a later one of the same job has come.
    pub(crate) fn remove(&self, lease: &InHand) {
        let mut held = self.lock();
        if held
            .get(&lease.submission)
            .is_some_and(|known| known.token == lease.token)
        {
            held.remove(&lease.submission);
        }
        drop(held);
        self.changed.notify_waiters();
    }

    /// For how long the one that was begun last is in hand; `None`: there is none.
    pub(crate) fn youngest(&self) -> Option<Duration> {
        let held = self.lock();
        held.values().map(|lease| lease.began.elapsed()).min()
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn find(&self, submission: SubmissionId) -> Option<Arc<InHand>> {
        self.lock().get(&submission).cloned()
    }

    pub(crate) fn all(&self) -> Vec<Arc<InHand>> {
        self.lock().values().cloned().collect()
    }

    /// Waits until none is left, at most so long. Whether none is.
    pub(crate) async fn wait_until_empty(&self, patience: Duration) -> bool {
        let emptied = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if self.count() == 0 {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(patience, emptied).await.is_ok()
    }

    /// A poisoned lock holds whole entries only.
    fn lock(&self) -> MutexGuard<'_, HashMap<SubmissionId, Arc<InHand>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prolongs these leases; work on one that is no longer ours, or was taken back, stops.
pub(crate) async fn renew(node: &Node, leases: &[Arc<InHand>]) {
    if leases.is_empty() {
        return;
    }
    let tokens: Vec<(SubmissionId, u64)> = leases
        .iter()
        .map(|lease| (lease.submission, lease.token))
        .collect();
    let renewed = node
        .parts
        .store
        .renew(node.identity.node, &tokens, node.settings.lease_ms)
        .await;
    match renewed {
        Ok(renewals) => {
            for (lease, renewal) in leases.iter().zip(renewals) {
                if renewal != Renewal::Held {
                    tracing::info!(submission = %lease.submission, ?renewal, "stops");
                    lease.cancellation.cancel();
                }
            }
        }
        // The next renewal comes before the lease ends; a verdict of a lost lease does not count.
        Err(error) => tracing::warn!(error = tell_chain(&error), "leases were not renewed"),
    }
}

/// Renews all leases again and again.
pub(crate) async fn keep_renewing(node: Arc<Node>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(node.settings.renew_ms));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        renew(&node, &node.leases.all()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_later_lease_of_the_same_job_stays() {
        let leases = Leases::default();
        let submission = SubmissionId::new();
        let first = leases.add(submission, 1);
        let second = leases.add(submission, 2);
        leases.remove(&first);
        assert_eq!(leases.find(submission).map(|held| held.token), Some(2));
        assert!(!leases.wait_until_empty(Duration::from_millis(1)).await);
        leases.remove(&second);
        assert!(leases.wait_until_empty(Duration::from_secs(30)).await);
    }
}
