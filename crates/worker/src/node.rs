//! What the tasks of a worker share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use carrel_judge::{Environments, KeeperPool, Versions};
use carrel_store::node::{LanguageReport, NodeOrders};
use tokio::sync::Notify;

use crate::courses::Courses;
use crate::identity::Identity;
use crate::leases::Leases;
use crate::metrics::Metrics;
use crate::pace::Pace;
use crate::settings::Settings;
use crate::worker::Parts;

/// A worker and all it has.
pub(crate) struct Node {
    pub(crate) settings: Settings,
    pub(crate) parts: Parts,
    pub(crate) identity: Identity,
    pub(crate) pool: KeeperPool,
    pub(crate) courses: Courses,
    pub(crate) leases: Leases,
    pub(crate) metrics: Metrics,
    pub(crate) versions: Versions,
    /// There may be something to claim.
    pub(crate) wake: Notify,
    /// Nothing new is begun: the process is to end.
    stopping: AtomicBool,
    pace: Mutex<Pace>,
    state: Mutex<State>,
}

/// What changes from beat to beat.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) orders: NodeOrders,
    pub(crate) languages: Vec<LanguageReport>,
    pub(crate) canary: Canary,
}

/// How the last canary run went.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    /// How long it took, milliseconds; `None`: it failed, or there was none yet.
    pub(crate) took_ms: Option<f64>,
    /// Failures in a row.
    pub(crate) failures: u32,
    /// Why the last one failed.
    pub(crate) reason: String,
    /// Layers of isolation that its sandbox did not have.
    pub(crate) missing_layers: Vec<String>,
}

impl Node {
    pub(crate) fn new(settings: Settings, parts: Parts, identity: Identity) -> Self {
        let environments: Arc<dyn Environments> = Arc::clone(&parts.environments) as _;
        let pool = KeeperPool::new(environments, settings.keeper.clone(), settings.idle_keepers);
        Self {
            pool,
            courses: Courses::new(settings.courses.clone()),
            leases: Leases::default(),
            metrics: Metrics::new(),
            versions: Versions::default(),
            wake: Notify::new(),
            stopping: AtomicBool::new(false),
            pace: Mutex::new(Pace::new()),
            state: Mutex::new(State {
                orders: NodeOrders::Work,
                languages: Vec::new(),
                canary: Canary {
                    took_ms: None,
                    failures: 0,
                    reason: String::new(),
                    missing_layers: Vec::new(),
                },
            }),
            settings,
            parts,
            identity,
        }
    }

    /// A poisoned lock holds plain values, each whole.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes new work.
    pub(crate) fn accepts(&self) -> bool {
        let state = self.state();
        !self.is_stopping() && state.orders == NodeOrders::Work && state.canary.took_ms.is_some()
    }

    /// What a submission is charged that took this much processor time, and this long in its
    /// slot, milliseconds; the pace is measured by it too.
    pub(crate) fn charge(&self, cost_ms: f64, wall: Duration) -> f64 {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let wall_ms = wall.as_secs_f64() * 1_000.0;
        let charge_ms = pace.charge(cost_ms, wall_ms);
        pace.note(cost_ms, wall_ms);
        charge_ms
    }

    /// Processor time per second of wall time that judging gets here, thousandths, as measured.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "at most a thousand times the slots, and not negative"
    )]
    pub(crate) fn rate_milli(&self) -> u32 {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let measured = self.settings.slots as f64 * pace.of_slot() * 1_000.0;
        (measured as u32).clamp(1, self.settings.rate_milli().max(1))
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn free_slots(&self) -> usize {
        self.settings.slots.saturating_sub(self.leases.count())
    }
}
