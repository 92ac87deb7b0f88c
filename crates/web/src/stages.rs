//! Stages of the submissions that this process accepted: how long each took, and whether targets are met.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use carrel_model::execution::SubmissionState;
use carrel_model::id::SubmissionId;
use carrel_store::queue::Band;
use carrel_store::submission::SubmissionRow;

use crate::allowance::{Allowance, SHARE_MOST};
use crate::history::Stage;
use crate::metrics::Metrics;
use crate::pace::Pace;

/// Most submissions that are followed at one moment; further ones are not measured.
const FOLLOWED_MAX: usize = 100_000;
/// A submission whose end was not heard of is given up after this, seconds.
const FOLLOWED_SECONDS_MAX: u64 = 3_600;
/// How far back lateness is looked at, seconds.
const WINDOW_SECONDS: u64 = 60;
/// Most ends that the window remembers.
const WINDOW_ROWS_MAX: usize = 10_000;
/// From how many late ends in the window on the service may be called late: one or two are bad luck.
const LATE_ENDS_MIN: usize = 3;
/// Share of late work, percent, above which the service is late.
const LATE_PERCENT: usize = 10;

/// What was accepted.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Language.
    pub language: String,
    /// Band.
    pub band: Band,
    /// From accept to verdict, milliseconds.
    pub target_ms: u64,
    /// Expected processor time, milliseconds.
    pub cost_ms: f64,
    /// How long accepting it took.
    pub took: Duration,
}

#[derive(Debug)]
struct Followed {
    accepted: Accepted,
    began: Instant,
}

/// What is followed and what was seen lately.
#[derive(Debug)]
pub struct Stages {
    followed: Mutex<HashMap<SubmissionId, Followed>>,
    lately: Mutex<Lately>,
    pace: Mutex<Pace>,
    allowance: Mutex<Allowance>,
    /// Where the clock of pace and allowance begins.
    epoch: Instant,
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            followed: Mutex::default(),
            lately: Mutex::default(),
            pace: Mutex::default(),
            allowance: Mutex::default(),
            epoch: Instant::now(),
        }
    }
}

/// A poisoned lock holds plain figures, each whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends of the window, with those after their target counted.
#[derive(Debug, Default)]
struct Lately {
    ends: VecDeque<(Instant, bool)>,
    missed: usize,
}

impl Lately {
    fn push(&mut self, missed: bool) {
        if self.ends.len() >= WINDOW_ROWS_MAX {
            self.pop();
        }
        self.ends.push_back((Instant::now(), missed));
        self.missed += usize::from(missed);
    }

    fn pop(&mut self) {
        if let Some((_, true)) = self.ends.pop_front() {
            self.missed -= 1;
        }
    }
}

/// How the service keeps its targets lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lateness {
    /// Ends of interactive work in the window.
    pub ended: usize,
    /// Of them late by the service's doing.
    pub missed: usize,
    /// Interactive work that still waits after its target.
    pub overdue: usize,
    /// Too much of both together is late.
    pub late: bool,
}

/// Whether an end is late by the service's doing. A run that takes longer than the target by
/// itself is the challenge's: then only a wait counts that is longer than work may be let in for.
fn is_late(waited: Duration, total: Duration, target: Duration) -> bool {
    if total.saturating_sub(waited) > target {
        waited > target.mul_f64(SHARE_MOST)
    } else {
        total > target
    }
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

fn band_name(band: Band) -> &'static str {
    match band {
        Band::Interactive => "interactive",
        Band::Batch => "batch",
        Band::Regrade => "regrade",
    }
}

impl Stages {
    /// Follows a submission from now on.
    pub fn begin(&self, id: SubmissionId, accepted: Accepted, metrics: &Metrics) {
        metrics.observe_stage(
            Stage::Accept,
            &accepted.language,
            band_name(accepted.band),
            accepted.took.as_secs_f64(),
        );
        let now = Instant::now();
        let mut followed = lock(&self.followed);
        if followed.len() >= FOLLOWED_MAX {
            let oldest = Duration::from_secs(FOLLOWED_SECONDS_MAX);
            followed.retain(|_, entry| entry.began.elapsed() < oldest);
        }
        if followed.len() < FOLLOWED_MAX {
            let began = now.checked_sub(accepted.took).unwrap_or(now);
            followed.insert(id, Followed { accepted, began });
        }
    }

    /// It has begun to run.
    pub fn start(&self, id: SubmissionId) {
        let cost_ms = match lock(&self.followed).get(&id) {
            Some(entry) => entry.accepted.cost_ms,
            None => return,
        };
        lock(&self.pace).begin(id, cost_ms, self.now_ms());
    }

    /// The clock of [`Self::pace`], milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> f64 {
        self.epoch.elapsed().as_secs_f64() * 1e3
    }

    /// How fast work gets done now.
    pub fn pace(&self) -> MutexGuard<'_, Pace> {
        lock(&self.pace)
    }

    /// Share of a target that may be spent waiting now.
    #[must_use]
    pub fn share(&self) -> f64 {
        lock(&self.allowance).share()
    }

    /// Whether its end is to be told to [`Self::end`].
    #[must_use]
    pub fn follows(&self, id: SubmissionId) -> bool {
        lock(&self.followed).contains_key(&id)
    }

    /// Notes the end of a submission, where so many are judged at once.
    pub fn end(&self, row: &SubmissionRow, slots: u64, metrics: &Metrics) {
        let entry = lock(&self.followed).remove(&row.id);
        let Some(Followed {
            accepted: entry, ..
        }) = entry
        else {
            return;
        };
        let verdict = match (row.state, row.verdict) {
            (SubmissionState::Cancelled, _) => "cancelled",
            (SubmissionState::Parked, _) => "parked",
            (_, Some(verdict)) => verdict.name(),
            (_, None) if row.challenge.is_some() => "refused",
            (_, None) => "executed",
        };
        metrics.end(verdict, &entry.language);
        if row.state != SubmissionState::Finished {
            lock(&self.pace).forget(row.id);
            return;
        }
        let observe = |stage, from: Option<jiff::Timestamp>, to: Option<jiff::Timestamp>| {
            let (Some(from), Some(to)) = (from, to) else {
                return;
            };
            let seconds = to.duration_since(from).as_secs_f64().max(0.0);
            metrics.observe_stage(stage, &entry.language, band_name(entry.band), seconds);
        };
        observe(Stage::Queue, Some(row.created_at), row.started_at);
        observe(Stage::Run, row.started_at, row.finished_at);
        observe(Stage::Total, Some(row.created_at), row.finished_at);
        let span = |from: Option<jiff::Timestamp>, to: Option<jiff::Timestamp>| {
            let span = to?.duration_since(from?);
            Some(Duration::try_from(span).unwrap_or_default())
        };
        let slot = span(row.started_at, row.finished_at).unwrap_or_default();
        let mut pace = lock(&self.pace);
        pace.end(row.id, (entry.cost_ms, milliseconds(slot)), slots);
        drop(pace);
        if entry.band == Band::Interactive {
            let total = span(Some(row.created_at), row.finished_at).unwrap_or_default();
            let waited = span(Some(row.created_at), row.started_at).unwrap_or_default();
            let target = Duration::from_millis(entry.target_ms);
            let mut allowance = lock(&self.allowance);
            let seen = (milliseconds(waited), milliseconds(total));
            allowance.note(seen, milliseconds(target), self.now_ms());
            metrics.waiting_share.set(allowance.share());
            drop(allowance);
            self.note(is_late(waited, total, target), metrics);
        }
    }

    fn note(&self, missed: bool, metrics: &Metrics) {
        if missed {
            metrics.miss();
        }
        lock(&self.lately).push(missed);
    }

    /// How targets were kept in the last minute, where so many interactive jobs wait beyond theirs.
    #[must_use]
    pub fn lateness(&self, overdue: u64) -> Lateness {
        let window = Duration::from_secs(WINDOW_SECONDS);
        let mut lately = lock(&self.lately);
        while lately
            .ends
            .front()
            .is_some_and(|(at, _)| at.elapsed() > window)
        {
            lately.pop();
        }
        let (ended, missed) = (lately.ends.len(), lately.missed);
        let overdue = usize::try_from(overdue).unwrap_or(usize::MAX);
        let (all, late) = (
            ended.saturating_add(overdue),
            missed.saturating_add(overdue),
        );
        let is_said = overdue > 0 || missed >= LATE_ENDS_MIN;
        Lateness {
            ended,
            missed,
            overdue,
            late: is_said && late.saturating_mul(100) > all.saturating_mul(LATE_PERCENT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_only_when_many_targets_are_missed() {
        let (stages, metrics) = (Stages::default(), Metrics::new());
        for _ in 0..2 {
            stages.note(true, &metrics);
        }
        assert!(!stages.lateness(0).late, "two are too few to say so");
        stages.note(true, &metrics);
        assert!(stages.lateness(0).late, "3 of 3");
        for _ in 0..26 {
            stages.note(false, &metrics);
        }
        assert!(stages.lateness(0).late, "3 of 29");
        stages.note(false, &metrics);
        assert!(!stages.lateness(0).late, "3 of 30");
        assert_eq!(metrics.late.get(), 3);
    }

    #[test]
    fn a_queue_that_stands_is_late_though_nothing_ends() {
        let (stages, metrics) = (Stages::default(), Metrics::new());
        assert!(!stages.lateness(0).late);
        assert!(stages.lateness(1).late, "nothing ends");
        for _ in 0..9 {
            stages.note(false, &metrics);
        }
        assert!(!stages.lateness(1).late, "one of ten");
        assert!(stages.lateness(2).late, "two of eleven");
    }

    #[test]
    fn a_run_longer_than_the_target_is_not_the_services_doing() {
        let is_late = |waited, run| {
            let seconds = Duration::from_secs_f64;
            is_late(seconds(waited), seconds(waited + run), seconds(2.0))
        };
        assert!(!is_late(0.01, 3.0), "it sleeps for three seconds");
        assert!(is_late(0.9, 3.0), "and waited for longer than it may");
        assert!(is_late(1.0, 1.5));
        assert!(!is_late(0.4, 1.5));
        assert!(is_late(35.0, 0.1));
    }
}
