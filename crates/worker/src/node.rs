//! What the tasks of a worker share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use carrel_judge::{Environments, KeeperPool, Versions};
use carrel_store::node::{LanguageReport, NodeOrders};
use carrel_store::spare::Spare;
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

    /// What may be begun now.
    pub(crate) fn room(&self) -> Room {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let long_ms = pace.long_after_ms();
        drop(pace);
        let youngest = self.leases.youngest();
        let all_long = youngest.is_some_and(|age| age.as_secs_f64() * 1e3 >= long_ms);
        let room = room(&self.settings, self.leases.count(), all_long);
        if self.accepts() { room } else { Room::None }
    }
}

/// Room for more work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// None now.
    None,
    /// For so many of any kind.
    Any(u32),
    /// For one of somebody of whom nothing runs.
    Spare(Spare),
}

/// `all_long`: all in hand hold their slots for long.
fn room(settings: &Settings, held: usize, all_long: bool) -> Room {
    let free = settings.slots.saturating_sub(held);
    if free > 0 {
        return Room::Any(u32::try_from(free).unwrap_or(u32::MAX));
    }
    if held >= settings.slots + settings.spare_slots {
        return Room::None;
    }
    Room::Spare(if all_long { Spare::Next } else { Spare::Late })
}

#[cfg(test)]
mod tests {
    use carrel_sandbox::KeeperOptions;

    use super::*;

    #[test]
    fn a_spare_slot_opens_for_what_is_late_and_for_all_while_all_are_held_for_long() {
        let keeper = KeeperOptions::new("/k".into());
        let mut settings = Settings::new("/r".into(), "/c".into(), keeper);
        (settings.slots, settings.spare_slots) = (2, 2);
        assert_eq!(room(&settings, 0, false), Room::Any(2));
        assert_eq!(room(&settings, 1, true), Room::Any(1));
        let one_may_soon_end = room(&settings, 2, false);
        assert_eq!(one_may_soon_end, Room::Spare(Spare::Late));
        assert_eq!(room(&settings, 2, true), Room::Spare(Spare::Next));
        assert_eq!(room(&settings, 3, false), Room::Spare(Spare::Late));
        assert_eq!(room(&settings, 3, true), Room::Spare(Spare::Next));
        assert_eq!(room(&settings, 4, true), Room::None, "no more");
        settings.spare_slots = 0;
        assert_eq!(room(&settings, 2, true), Room::None);
    }
}
