//! The canary: `true` through the whole path of a run, every few seconds. A
//! node whose canary fails takes no new work; where it goes on failing, the worker ends itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use carrel_judge::sandboxes::Sandboxes;
use carrel_sandbox::{Ending, Spec};
use tokio::time::MissedTickBehavior;

use crate::error::{Error, tell_chain};
use crate::node::{Canary, Node};

/// Runs canaries until so many have failed in a row that a new start is better.
pub(crate) async fn keep_trying(node: Arc<Node>) -> Error {
    let mut ticks = tokio::time::interval(Duration::from_millis(node.settings.canary_ms));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let failures = try_once(&node).await;
        if failures >= node.settings.canary_failures_max {
            let reason = node.state().canary.reason.clone();
            return Error::Canary { failures, reason };
        }
    }
}

/// One canary run; the number of failures in a row.
pub(crate) async fn try_once(node: &Arc<Node>) -> u32 {
    let Some((environment, _)) = node.parts.environments.available().into_iter().next() else {
        let mut state = node.state();
        state.canary.took_ms = None;
        if state.canary.reason != NO_ENVIRONMENT {
            state.canary.reason = NO_ENVIRONMENT.to_owned();
            tracing::error!("{NO_ENVIRONMENT}");
        }
        // A new start would find none either.
        return 0;
    };
    let running = Arc::clone(node);
    let run = tokio::task::spawn_blocking(move || run(&running, &environment));
    let patience = Duration::from_millis(node.settings.canary_timeout_ms);
    let outcome = match tokio::time::timeout(patience, run).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err("the canary run panicked".to_owned()),
        Err(_) => Err(format!("it took longer than {patience:?}")),
    };
    let could = node.accepts();
    let mut state = node.state();
    state.canary = match outcome {
        Ok(canary) => canary,
        Err(reason) => {
            tracing::error!(reason, "the canary run failed");
            Canary {
                took_ms: None,
                failures: state.canary.failures + 1,
                reason,
                missing_layers: state.canary.missing_layers.clone(),
            }
        }
    };
    let failures = state.canary.failures;
    drop(state);
    node.metrics.canary(failures == 0);
    if !could && node.accepts() {
        node.wake.notify_one();
    }
    failures
}

const NO_ENVIRONMENT: &str = "this node has no environment that may be used for judging; \
     `carrel env build` makes one, or the operator allows the host's own runtimes";

fn run(node: &Node, environment: &str) -> Result<Canary, String> {
    let start = Instant::now();
    let spec = Spec::new(vec!["true".to_owned()]);
    let report = node
        .pool
        .run(environment, spec)
        .map_err(|error| tell_chain(&error))?;
    if report.ending != Ending::Exited(0) {
        return Err(format!("it ended so: {:?}", report.ending));
    }
    Ok(Canary {
        took_ms: Some(start.elapsed().as_secs_f64() * 1_000.0),
        failures: 0,
        reason: String::new(),
        missing_layers: report.missing_layers,
    })
}
