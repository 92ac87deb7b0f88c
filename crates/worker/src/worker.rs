//! The worker's life: take over, claim, judge, record; at the end, drain.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use carrel_bus::{Bus, Hint};
use carrel_judge::CompileCache;
use carrel_store::Store;
use carrel_store::queue::Lease;
use jiff::Timestamp;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::environment::NodeEnvironments;
use crate::error::{Error, tell_chain};
use crate::identity::Identity;
use crate::leases::{self, InHand};
use crate::metrics::Stage;
use crate::node::{Node, Room};
use crate::settings::Settings;
use crate::{beat, canary, judging, leftovers, recording, telling};

/// Longest pause between two looks for what a spare slot is for.
const SPARE_POLL: Duration = Duration::from_millis(100);
/// How long what is stopped hard may take to be given back.
const GIVE_BACK_PATIENCE: Duration = Duration::from_secs(5);

/// What a worker works with.
pub struct Parts {
    /// Rows and the queue.
    pub store: Arc<dyn Store>,
    /// Hints.
    pub bus: Arc<dyn Bus>,
    /// The environments of this node.
    pub environments: Arc<dyn NodeEnvironments>,
    /// Results of compile runs.
    pub cache: CompileCache,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Parts")
            .field("bus", &self.bus)
            .finish_non_exhaustive()
    }
}

/// Works until `stop` is ready, then drains: finishes what runs within
/// [`Settings::drain_ms`], gives the rest back uncounted (or leaves it to the worker
/// that follows, see [`Settings::succeeded`]), and returns. Judging threads may still
/// be at it then: the runtime is not to be waited for.
///
/// What it was doing when it is killed instead, the next one of the same run directory takes over.
///
/// # Errors
/// It could not start, or its canary failed again and again; a new start is the way out.
pub async fn run(
    settings: Settings,
    parts: Parts,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Error> {
    let identity = Identity::take(&settings.run)?;
    tracing::info!(node = %identity.node, epoch = identity.epoch, slots = settings.slots, "begins");
    // Heard from before the first look, so that nothing falls between.
    let hints = parts.bus.listen();
    let taken = parts
        .store
        .take_over(identity.node, settings.lease_ms)
        .await?;
    let in_hand: HashSet<_> = taken.iter().map(|lease| lease.submission).collect();
    leftovers::clear(&settings.run, &in_hand)?;
    let node = Arc::new(Node::new(settings, parts, identity));
    for lease in taken {
        tracing::info!(submission = %lease.submission, attempt = lease.attempt, "taken over");
        begin(&node, lease, Origin::TakenOver);
    }
    // Also while the rest is finished, at the end.
    let renewing = tokio::spawn(leases::keep_renewing(Arc::clone(&node)));
    let ended = work(&node, hints, stop).await;
    node.stop();
    drain(&node).await;
    renewing.abort();
    if !node.settings.succeeded {
        // The last word: it takes nothing new.
        beat::beat(&node).await;
    }
    ended
}

/// The tasks, until the end is wanted or needed.
async fn work(
    node: &Arc<Node>,
    hints: tokio::sync::broadcast::Receiver<Hint>,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), Error> {
    // They end with this set.
    let mut tasks = JoinSet::new();
    tasks.spawn(hear(Arc::clone(node), hints));
    tasks.spawn(beat::keep_beating(Arc::clone(node)));
    tasks.spawn(beat::keep_probing(Arc::clone(node)));
    tasks.spawn(keep_claiming(Arc::clone(node)));
    tokio::select! {
        () = stop => Ok(()),
        error = canary::keep_trying(Arc::clone(node)) => Err(error),
    }
}

/// Hints wake the claims and take submissions back.
async fn hear(node: Arc<Node>, mut hints: tokio::sync::broadcast::Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Job) | Err(RecvError::Lagged(_)) => node.wake.notify_one(),
            Ok(Hint::Cancel { submission }) => {
                // A hint is not the word of the store: that is asked.
                if let Some(lease) = node.leases.find(submission) {
                    leases::renew(&node, &[lease]).await;
                }
            }
            Ok(Hint::Events { .. } | Hint::Node { .. } | Hint::Course { .. }) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Claims as much as there is room for, on a hint, when a slot is free, or after a while.
async fn keep_claiming(node: Arc<Node>) {
    let poll = Duration::from_millis(node.settings.poll_ms);
    loop {
        let (store, id) = (&node.parts.store, node.identity.node);
        let lease_ms = node.settings.lease_ms;
        let room = node.room();
        let claimed = match room {
            Room::None => Ok(Vec::new()),
            Room::Any(free) => store.claim(id, free, lease_ms).await,
            Room::Spare(spare) => store.claim_spare(id, spare, lease_ms).await,
        };
        match claimed {
            Ok(leases) => {
                for lease in leases {
                    begin(&node, lease, Origin::Claimed);
                }
            }
            Err(error) => tracing::warn!(error = tell_chain(&error), "nothing was claimed"),
        }
        let pause = match room {
            // No hint tells that work has become late.
            Room::Spare(_) => poll.min(SPARE_POLL),
            Room::None | Room::Any(_) => poll,
        };
        // A hint that came meanwhile is kept and ends the wait at once.
        let _ = tokio::time::timeout(pause, node.wake.notified()).await;
    }
}

/// Where a lease comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// From the queue.
    Claimed,
    /// From an earlier life of this node's worker.
    TakenOver,
}

fn begin(node: &Arc<Node>, lease: Lease, origin: Origin) {
    let in_hand = node.leases.add(lease.submission, lease.token);
    let node = Arc::clone(node);
    let span = tracing::info_span!(
        "submission",
        id = %lease.submission,
        request = lease.request,
        attempt = lease.attempt,
        trace_parent = lease.trace.map(tracing::field::display),
    );
    tokio::spawn(async move {
        let serving =
            serve(Arc::clone(&node), lease, Arc::clone(&in_hand), origin).instrument(span);
        // In a task of its own: the slot is free again also where that panics.
        if let Err(error) = tokio::spawn(serving).await {
            let submission = in_hand.submission;
            tracing::error!(%submission, %error, "left to its lease");
        }
        recording::let_go(&node, &in_hand);
    });
}

/// One lease from its begin to its end.
async fn serve(node: Arc<Node>, lease: Lease, in_hand: Arc<InHand>, origin: Origin) {
    let (submission, token) = (lease.submission, lease.token);
    let waited = since_accepted(&lease);
    if origin == Origin::Claimed {
        // As long as the wait was: it ends here.
        let began_us = lease.accepted_at.as_microsecond();
        drop(tracing::info_span!("queue", began_us));
    }
    let skip = match origin {
        Origin::Claimed => {
            node.parts.bus.send(&Hint::Events {
                submission,
                number: 1,
                last: false,
            });
            0
        }
        Origin::TakenOver => match node.parts.store.events(submission, 0).await {
            Ok(events) => telling::told_before(&events),
            // Then some are told twice.
            Err(_) => 0,
        },
    };
    let (teller, told) = telling::channel(skip);
    let appending = tokio::spawn(telling::append(
        Arc::clone(&node),
        (submission, token),
        told,
    ));
    let start = Instant::now();
    let lease = Arc::new(lease);
    let judging = {
        let (node, lease, in_hand) = (Arc::clone(&node), Arc::clone(&lease), Arc::clone(&in_hand));
        let span = tracing::info_span!("judge");
        tokio::task::spawn_blocking(move || {
            span.in_scope(|| judging::judge(&node, &lease, &in_hand, teller))
        })
    };
    let (mut ended, language) = judging.await.unwrap_or_else(|error| {
        let reason = format!("the worker panicked while judging: {error}");
        (judging::fault(reason), judging::UNKNOWN)
    });
    if origin == Origin::Claimed {
        node.metrics.stage(Stage::Queue, language, waited);
    }
    node.metrics.stage(Stage::Judge, language, start.elapsed());
    if let judging::Ended::Found(found) = &mut ended {
        found.cost_ms = node.charge(found.cost_ms, start.elapsed());
    }
    let last = appending.await.unwrap_or_default();
    let start = Instant::now();
    recording::record(&node, &lease, ended, last)
        .instrument(tracing::info_span!("finish"))
        .await;
    node.metrics.stage(Stage::Record, language, start.elapsed());
    let whole = since_accepted(&lease);
    node.metrics.stage(Stage::Total, language, whole);
}

fn since_accepted(lease: &Lease) -> Duration {
    let passed = Timestamp::now().duration_since(lease.accepted_at);
    // A clock that was set back gives nothing.
    Duration::try_from(passed).unwrap_or_default()
}

/// Lets what runs come to its end for a while; leaves the rest to the worker that
/// follows, or stops it and gives it back.
async fn drain(node: &Arc<Node>) {
    let patience = Duration::from_millis(node.settings.drain_ms);
    if node.leases.wait_until_empty(patience).await {
        return;
    }
    let left = node.leases.all();
    if node.settings.succeeded {
        // Their runs go on; the worker that follows takes them up.
        tracing::info!(count = left.len(), "left to the next worker");
        return;
    }
    tracing::warn!(count = left.len(), "given back, not finished");
    for lease in &left {
        lease.cancellation.cancel();
    }
    node.leases.wait_until_empty(GIVE_BACK_PATIENCE).await;
}
