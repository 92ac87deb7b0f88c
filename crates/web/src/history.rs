//! The last hour of the service in short intervals, for the plots that operators look at.
//!
//! Kept in memory and bounded: what must outlive the process is scraped from
//! `/metrics` by a monitoring system. Quantiles stand here because plots want
//! them per interval, which cumulative histograms cannot tell.

mod distribution;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use carrel_store::queue::Depth;
use jiff::Timestamp;

pub use distribution::Distribution;

/// Length of an interval, seconds.
pub const INTERVAL_SECONDS: u64 = 10;
/// Intervals kept: an hour.
pub const INTERVALS_MAX: usize = 360;

/// Where time goes on the way to a verdict, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// From the request's head to its acknowledgement.
    Accept,
    /// From acceptance to the worker.
    Queue,
    /// From the worker to the verdict.
    Run,
    /// From acceptance to the verdict.
    Total,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Queue, Self::Run, Self::Total];

    /// Stable word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Queue => "queue",
            Self::Run => "run",
            Self::Total => "total",
        }
    }
}

/// What happened in an interval.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Happened {
    stages: [Distribution; 4],
    /// Ends of submissions by verdict, `executed`, `refused`, `cancelled`, `parked`.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// Work refused at the door.
    pub refused: u64,
    /// Interactive verdicts after their target.
    pub late: u64,
}

impl Happened {
    /// Durations of a stage.
    #[must_use]
    pub fn stage(&self, stage: Stage) -> &Distribution {
        &self.stages[stage as usize]
    }

    /// Ends of all kinds.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.verdicts.values().sum()
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.stages.iter_mut().zip(&other.stages) {
            mine.merge(theirs);
        }
        for (verdict, count) in &other.verdicts {
            *self.verdicts.entry(verdict).or_default() += count;
        }
        self.refused += other.refused;
        self.late += other.late;
    }
}

/// How full things were at the end of an interval.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Levels {
    /// What waits.
    pub depth: Depth,
    /// Nodes that told of themselves lately.
    pub nodes: u64,
    /// Submissions that they judge at once, and of them busy.
    pub slots: u64,
    /// Busy ones.
    pub busy: u64,
}

/// One interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// Its end.
    pub at: Timestamp,
    /// What happened in it.
    pub happened: Happened,
    /// How full things were; `None`: the store did not answer.
    pub levels: Option<Levels>,
}

/// The last hour.
#[derive(Debug, Default)]
pub struct History {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    open: Happened,
    intervals: VecDeque<Interval>,
}

impl History {
    fn change(&self, change: impl FnOnce(&mut Kept)) {
        change(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes how long a stage took, milliseconds.
    pub fn observe(&self, stage: Stage, ms: f64) {
        self.change(|kept| kept.open.stages[stage as usize].add(ms));
    }

    /// Notes the end of a submission.
    pub fn end(&self, verdict: &'static str) {
        self.change(|kept| *kept.open.verdicts.entry(verdict).or_default() += 1);
    }

    /// Notes a verdict after its target.
    pub fn miss(&self) {
        self.change(|kept| kept.open.late += 1);
    }

    /// Notes refused work.
    pub fn refuse(&self) {
        self.change(|kept| kept.open.refused += 1);
    }

    /// Ends the interval; the next begins.
    pub fn close(&self, at: Timestamp, levels: Option<Levels>) {
        self.change(|kept| {
            if kept.intervals.len() >= INTERVALS_MAX {
                kept.intervals.pop_front();
            }
            let happened = std::mem::take(&mut kept.open);
            kept.intervals.push_back(Interval {
                at,
                happened,
                levels,
            });
        });
    }

    /// The last intervals, oldest first, at most this many.
    #[must_use]
    pub fn intervals(&self, most: usize) -> Vec<Interval> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = kept.intervals.len().saturating_sub(most);
        kept.intervals.iter().skip(skipped).cloned().collect()
    }

    /// All of the last intervals together, at most this many, with what happened since.
    #[must_use]
    pub fn together(&self, most: usize) -> Happened {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = kept.open.clone();
        let skipped = kept.intervals.len().saturating_sub(most);
        for interval in kept.intervals.iter().skip(skipped) {
            all.merge(&interval.happened);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_interval_holds_what_happened_in_it() {
        let history = History::default();
        history.observe(Stage::Run, 100.0);
        history.end("accepted");
        history.close(at(10), None);
        history.refuse();
        history.miss();
        history.end("accepted");
        history.end("time_limit");
        history.close(at(20), Some(Levels::default()));
        let intervals = history.intervals(INTERVALS_MAX);
        assert_eq!(intervals[0].happened.stage(Stage::Run).count(), 1);
        assert_eq!(intervals[0].happened.ended(), 1);
        assert_eq!(intervals[1].happened.stage(Stage::Run).count(), 0);
        assert_eq!(intervals[1].happened.verdicts["time_limit"], 1);
        assert_eq!(
            (intervals[1].happened.refused, intervals[1].happened.late),
            (1, 1)
        );
        let all = history.together(INTERVALS_MAX);
        assert_eq!(all.verdicts["accepted"], 2);
        assert_eq!(history.together(1).verdicts["accepted"], 1);
    }

    #[test]
    fn memory_is_bounded_and_the_latest_stay() {
        let history = History::default();
        for second in 0..i64::try_from(INTERVALS_MAX).unwrap() + 5 {
            history.close(at(second), None);
        }
        let intervals = history.intervals(usize::MAX);
        assert_eq!(intervals.len(), INTERVALS_MAX);
        assert_eq!(intervals[0].at, at(5));
        assert_eq!(history.intervals(2).len(), 2);
    }
}
