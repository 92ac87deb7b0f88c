//! How this node is, told again and again; what an operator wants of it, heard with it.

use std::sync::Arc;
use std::time::Duration;

use carrel_bus::Hint;
use carrel_store::node::{LanguageReport, NodeOrders, NodeReport};
use tokio::time::{Instant, MissedTickBehavior};

use crate::error::tell_chain;
use crate::node::Node;

/// Between two looks at the languages where no environment has changed: a fault may have hidden one.
const LANGUAGES_PAUSE: Duration = Duration::from_secs(60);

/// Between two looks whether the first canary run has ended.
const CANARY_LOOK: Duration = Duration::from_millis(10);

/// Tells how this node is.
pub(crate) async fn beat(node: &Node) {
    let report = report(node);
    match node.parts.store.beat(report).await {
        Ok(orders) => {
            let before = std::mem::replace(&mut node.state().orders, orders);
            if before != orders {
                tracing::info!(?orders, "new orders");
                if orders == NodeOrders::Work {
                    node.wake.notify_one();
                }
            }
        }
        Err(error) => tracing::warn!(error = tell_chain(&error), "a beat was not written"),
    }
}

fn report(node: &Node) -> NodeReport {
    let busy = node.leases.count();
    node.metrics.level(busy, node.pool.idle());
    let state = node.state().clone();
    let whole = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    NodeReport {
        id: node.identity.node,
        epoch: node.identity.epoch,
        host: node.settings.host.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        slots: whole(node.settings.slots),
        spare_slots: whole(node.settings.spare_slots),
        busy: whole(busy),
        rate_milli: node.rate_milli(),
        environments: node.parts.environments.available(),
        languages: state.languages,
        missing_layers: state.canary.missing_layers,
        accepting: node.accepts(),
        canary_ms: state.canary.took_ms,
        metrics: node.metrics.text(),
    }
}

/// Before the first canary run nothing is known of this node, and what its
/// predecessor told still stands.
async fn wait_for_canary(node: &Node) {
    let tried = || {
        let canary = &node.state().canary;
        canary.took_ms.is_some() || !canary.reason.is_empty()
    };
    while !tried() {
        tokio::time::sleep(CANARY_LOOK).await;
    }
}

/// Beats for ever, and looks at the languages where environments have changed.
pub(crate) async fn keep_beating(node: Arc<Node>) {
    let mut ticks = tokio::time::interval(Duration::from_millis(node.settings.beat_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut accepted = false;
    wait_for_canary(&node).await;
    loop {
        ticks.tick().await;
        beat(&node).await;
        let accepts = node.accepts();
        if accepts != accepted {
            accepted = accepts;
            let changed = node.identity.node;
            node.parts.bus.send(&Hint::Node { node: changed });
        }
    }
}

/// Asks the environments for their languages when they change, and offers again what was
/// passed over.
pub(crate) async fn keep_probing(node: Arc<Node>) {
    let mut probed = None;
    let mut ticks = tokio::time::interval(Duration::from_millis(node.settings.beat_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let available = node.parts.environments.available();
        let is_known = probed
            .as_ref()
            .is_some_and(|(known, at): &(Vec<_>, Instant)| {
                *known == available && at.elapsed() < LANGUAGES_PAUSE
            });
        if is_known {
            continue;
        }
        let has_changed = probed.as_ref().is_none_or(|(known, _)| *known != available);
        if has_changed {
            offer_again(&node).await;
        }
        let asking = Arc::clone(&node);
        let asked = tokio::task::spawn_blocking(move || languages(&asking)).await;
        if let Ok(languages) = asked {
            let before = std::mem::replace(&mut node.state().languages, languages.clone());
            if before != languages {
                beat(&node).await;
                let changed = node.identity.node;
                node.parts.bus.send(&Hint::Node { node: changed });
            }
        }
        probed = Some((available, Instant::now()));
    }
}

/// What nodes lacked may be here now.
async fn offer_again(node: &Node) {
    match node.parts.store.offer_again(node.identity.node).await {
        Ok(0) => {}
        Ok(count) => {
            tracing::info!(count, "work that was passed over is offered again");
            node.wake.notify_one();
        }
        Err(error) => tracing::warn!(error = tell_chain(&error), "nothing was offered again"),
    }
}

fn languages(node: &Node) -> Vec<LanguageReport> {
    let environments = node.parts.environments.as_ref();
    let runnable = node.versions.probe(environments, &node.pool);
    let report = |runnable: carrel_judge::version::Runnable| LanguageReport {
        id: runnable.language.to_owned(),
        version: runnable.version,
        environment: runnable.environment,
        compiled: runnable.compiled,
    };
    runnable.into_iter().map(report).collect()
}
