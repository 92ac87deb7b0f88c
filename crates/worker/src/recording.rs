//! The end of a lease, written down and told.

use std::sync::Arc;
use std::time::Duration;

use carrel_bus::Hint;
use carrel_model::id::IncidentId;
use carrel_model::result::IncidentNote;
use carrel_store::Error;
use carrel_store::ledger::IncidentRow;
use carrel_store::queue::{Applied, Lease, Released};
use jiff::Timestamp;

use crate::error::tell_chain;
use crate::judging::{Ended, Found, PLATFORM_FAULT};
use crate::leases::InHand;
use crate::node::Node;
use crate::runs;

/// First pause before a write is tried again, and the longest.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LAST: Duration = Duration::from_secs(2);

/// Writes how the work on a lease ended; `last` is the number of its last event.
pub(crate) async fn record(node: &Arc<Node>, lease: &Lease, ended: Ended, last: u32) {
    match ended {
        Ended::Found(found) => finish(node, lease, *found, last).await,
        Ended::Fault {
            reason,
            mut incidents,
        } => {
            tracing::error!(
                submission = %lease.submission, request = lease.request,
                attempt = lease.attempt, reason, "a fault of ours"
            );
            node.metrics.fault();
            incidents.push(IncidentNote {
                kind: PLATFORM_FAULT.to_owned(),
                detail: reason.clone(),
            });
            add_incidents(node, lease, incidents).await;
            release(node, lease, (&reason, true), last).await;
        }
        Ended::Lacking(reason) => {
            tracing::warn!(
                submission = %lease.submission, request = lease.request, reason,
                "passed over: this node lacks what it needs"
            );
            pass_over(node, lease, &reason, last).await;
        }
        Ended::TakenBack => {
            let reason = match node.is_stopping() {
                true => "the worker stopped",
                false => "taken back",
            };
            release(node, lease, (reason, false), last).await;
            if node.is_stopping() {
                // The next life finds what has run.
                return;
            }
        }
    }
    forget_runs(node, lease);
}

async fn finish(node: &Arc<Node>, lease: &Lease, found: Found, last: u32) {
    let Found {
        outcome,
        cost_ms,
        incidents,
    } = found;
    let store = &node.parts.store;
    let (submission, token) = (lease.submission, lease.token);
    node.metrics.outcome(&outcome);
    let applied = persist("the outcome", || {
        store.finish(submission, token, outcome.clone(), cost_ms)
    })
    .await;
    match applied {
        Some(Applied::Applied) => {
            hint(node, lease, last, true);
            tracing::info!(%submission, request = lease.request, cost_ms, "finished");
        }
        Some(Applied::Stale) => {
            tracing::info!(%submission, "the outcome came too late and does not count");
            return;
        }
        None => return,
    }
    add_incidents(node, lease, incidents).await;
}

async fn release(node: &Arc<Node>, lease: &Lease, (reason, counted): (&str, bool), last: u32) {
    let store = &node.parts.store;
    let (submission, token) = (lease.submission, lease.token);
    let released = persist("what is given back", || {
        store.release(submission, token, reason, counted)
    })
    .await;
    match released {
        Some(Released::Requeued) => hint(node, lease, last, false),
        Some(Released::Parked) => {
            tracing::error!(%submission, reason, "parked: an operator has to look");
            node.metrics.parked();
            hint(node, lease, last, true);
        }
        // Taken back by its sender, or somebody else's.
        Some(Released::Stale) => hint(node, lease, last, false),
        None => {}
    }
}

async fn pass_over(node: &Arc<Node>, lease: &Lease, reason: &str, last: u32) {
    let store = &node.parts.store;
    let (submission, token) = (lease.submission, lease.token);
    let passed = persist("what is passed over", || {
        store.pass_over(submission, token, reason)
    })
    .await;
    if passed.is_some() {
        hint(node, lease, last, false);
    }
}

fn hint(node: &Node, lease: &Lease, last_number: u32, last: bool) {
    node.parts.bus.send(&Hint::Events {
        submission: lease.submission,
        number: last_number + 1,
        last,
    });
}

/// Writes until the store takes it: a disk that is full now may have room
/// later, and what was found is worth waiting with. `None`: there is nothing to write it to.
async fn persist<T, F>(what: &str, write: impl Fn() -> F) -> Option<T>
where
    F: Future<Output = carrel_store::error::Result<T>>,
{
    let mut pause = RETRY_FIRST;
    loop {
        match write().await {
            Ok(written) => return Some(written),
            Err(error @ (Error::Missing { .. } | Error::State { .. })) => {
                tracing::error!(error = tell_chain(&error), "{what} cannot be written");
                return None;
            }
            Err(error) => {
                tracing::warn!(error = tell_chain(&error), "{what} is not written yet");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_LAST);
            }
        }
    }
}

async fn add_incidents(node: &Arc<Node>, lease: &Lease, notes: Vec<IncidentNote>) {
    if notes.is_empty() {
        return;
    }
    let store = &node.parts.store;
    let sender = store.submission(lease.submission).await;
    let user = sender.ok().map(|row| row.user);
    let row = |note: IncidentNote| {
        node.metrics.incident(&note.kind);
        IncidentRow {
            id: IncidentId::new(),
            at: Timestamp::now(),
            node: Some(node.identity.node),
            submission: Some(lease.submission),
            user,
            kind: note.kind,
            detail: note.detail,
        }
    };
    let rows: Vec<IncidentRow> = notes.into_iter().map(row).collect();
    if let Err(error) = store.add_incidents(rows).await {
        tracing::error!(error = tell_chain(&error), "incidents were not written");
    }
}

fn forget_runs(node: &Node, lease: &Lease) {
    let directory = runs::directory(&node.settings.run, lease.submission);
    match std::fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(path = %directory.display(), %error, "journals stay");
        }
        _ => {}
    }
}

/// A lease out of hand: its slot is free.
pub(crate) fn let_go(node: &Node, in_hand: &InHand) {
    node.leases.remove(in_hand);
    node.wake.notify_one();
}
