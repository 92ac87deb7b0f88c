//! Stages of the submissions that this process accepted: how long each took, and whether targets are met.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use carrel_model::execution::SubmissionState;
use carrel_model::id::SubmissionId;
use carrel_store::queue::Band;
use carrel_store::submission::SubmissionRow;

use crate::history::Stage;
use crate::metrics::Metrics;

/// Most submissions that are followed at one moment; further ones are not measured.
const FOLLOWED_MAX: usize = 100_000;
/// A submission whose end was not heard of is given up after this, seconds.
const FOLLOWED_SECONDS_MAX: u64 = 3_600;
/// How far back lateness is looked at, seconds.
const WINDOW_SECONDS: u64 = 60;
/// Most ends that the window remembers.
const WINDOW_ROWS_MAX: usize = 10_000;
/// From how many ends in the window on the service may be called late.
const LATE_ROWS_MIN: usize = 20;
/// Share of ends after their target, percent, from which on the service is late.
const LATE_PERCENT: usize = 10;

#[derive(Debug)]
struct Followed {
    language: String,
    band: Band,
    target: Duration,
    began: Instant,
}

/// What is followed and what was seen lately.
#[derive(Debug, Default)]
pub struct Stages {
    followed: Mutex<HashMap<SubmissionId, Followed>>,
    lately: Mutex<Lately>,
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
    /// Of them after their target.
    pub missed: usize,
    /// Too many of them.
    pub late: bool,
}

fn band_name(band: Band) -> &'static str {
    match band {
        Band::Interactive => "interactive",
        Band::Batch => "batch",
        Band::Regrade => "regrade",
    }
}

impl Stages {
    /// Follows a submission from now on; its target is told in milliseconds, and how long accepting it took.
    pub fn begin(
        &self,
        id: SubmissionId,
        (language, band): (String, Band),
        (target_ms, accept): (u64, Duration),
        metrics: &Metrics,
    ) {
        metrics.observe_stage(
            Stage::Accept,
            &language,
            band_name(band),
            accept.as_secs_f64(),
        );
        let now = Instant::now();
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        if followed.len() >= FOLLOWED_MAX {
            let oldest = Duration::from_secs(FOLLOWED_SECONDS_MAX);
            followed.retain(|_, entry| entry.began.elapsed() < oldest);
        }
        if followed.len() < FOLLOWED_MAX {
            let entry = Followed {
                language,
                band,
                target: Duration::from_millis(target_ms),
                began: now.checked_sub(accept).unwrap_or(now),
            };
            followed.insert(id, entry);
        }
    }

    /// Whether its end is to be told to [`Self::end`].
    #[must_use]
    pub fn follows(&self, id: SubmissionId) -> bool {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed.contains_key(&id)
    }

    /// Notes the end of a submission.
    pub fn end(&self, row: &SubmissionRow, metrics: &Metrics) {
        let entry = {
            let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
            followed.remove(&row.id)
        };
        let Some(entry) = entry else { return };
        let verdict = match (row.state, row.verdict) {
            (SubmissionState::Cancelled, _) => "cancelled",
            (SubmissionState::Parked, _) => "parked",
            (_, Some(verdict)) => verdict.name(),
            (_, None) if row.challenge.is_some() => "refused",
            (_, None) => "executed",
        };
        metrics.end(verdict, &entry.language);
        if row.state != SubmissionState::Finished {
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
        if entry.band == Band::Interactive {
            let total = row
                .finished_at
                .map(|end| end.duration_since(row.created_at));
            let total = total.and_then(|total| Duration::try_from(total).ok());
            self.note(total.unwrap_or_default() > entry.target, metrics);
        }
    }

    fn note(&self, missed: bool, metrics: &Metrics) {
        if missed {
            metrics.miss();
        }
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        lately.push(missed);
    }

    /// How targets were kept in the last minute.
    #[must_use]
    pub fn lateness(&self) -> Lateness {
        let window = Duration::from_secs(WINDOW_SECONDS);
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        while lately
            .ends
            .front()
            .is_some_and(|(at, _)| at.elapsed() > window)
        {
            lately.pop();
        }
        let (ended, missed) = (lately.ends.len(), lately.missed);
        let late = ended >= LATE_ROWS_MIN && missed * 100 > ended * LATE_PERCENT;
        Lateness {
            ended,
            missed,
            late,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_only_when_many_targets_are_missed() {
        let (stages, metrics) = (Stages::default(), Metrics::new());
        for _ in 0..3 {
            stages.note(true, &metrics);
        }
        assert!(!stages.lateness().late, "three are too few to say so");
        for _ in 0..17 {
            stages.note(false, &metrics);
        }
        assert!(stages.lateness().late, "3 of 20");
        for _ in 0..30 {
            stages.note(false, &metrics);
        }
        assert!(!stages.lateness().late, "3 of 50");
        assert_eq!(metrics.late.get(), 3);
    }
}
