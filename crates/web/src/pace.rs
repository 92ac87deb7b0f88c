//! How fast work really gets done now, by what this process sees begin and end.
//!
//! Workers tell of their pace at every beat; that is too slow for admission when a machine
//! slows down, and in other units: a job counts here as the time that was *expected* of it, so
//! that a wrong expectation corrects itself. The pace is that time over the time in slots of
//! what ended lately, older ends counting less; what runs for longer than was expected keeps
//! its slot out of the account until it is seen to end.

use std::collections::HashMap;

use carrel_model::id::SubmissionId;
use carrel_store::spare::TypicalRun;

/// Slot time after which what was measured counts half, per slot, milliseconds.
const HALF_LIFE_MS: f64 = 2_000.0;
/// Weight of what the workers tell, milliseconds of slot time: gone after the first few ends.
const TOLD_MS: f64 = 500.0;
/// A run counts as so many times its expected processor time at most: programs of one person
/// that were expected to be quick and sleep say nothing of what others send.
const SURPRISE_MOST: f64 = 16.0;
/// Slowest pace that is believed: a stretch of programs that only sleep must not close the door.
const LEAST: f64 = 0.02;
/// Most running submissions that are followed.
const RUNNING_MAX: usize = 4_096;

/// A run whose end was not heard of is forgotten after this when there is no room, milliseconds.
const FORGOTTEN_MS: f64 = 600_000.0;

/// Where work runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// Slots.
    pub slots: u64,
    /// Submissions begun beyond them while every slot is held for long.
    pub spare: u64,
    /// What runs, by the store, which also knows of what this process did not see begin.
    pub running: u64,
}

/// Something that runs.
#[derive(Debug, Clone, Copy)]
struct Running {
    began_ms: f64,
    cost_ms: f64,
}

/// The pace and what runs. Times are milliseconds of one clock; it reads none itself.
#[derive(Debug, Default)]
pub struct Pace {
    /// Expected processor time and slot time of what ended, older ends counting less.
    cost_ms: f64,
    slot_ms: f64,
    running: HashMap<SubmissionId, Running>,
    typical: TypicalRun,
}

impl Pace {
    /// This submission has begun to run.
    pub fn begin(&mut self, id: SubmissionId, cost_ms: f64, now_ms: f64) {
        if self.running.len() >= RUNNING_MAX {
            // Their ends were not heard of.
            self.running
                .retain(|_, job| now_ms - job.began_ms < FORGOTTEN_MS);
        }
        if self.running.len() < RUNNING_MAX {
            let began_ms = now_ms;
            self.running.insert(id, Running { began_ms, cost_ms });
        }
    }

    /// It is over: it was `slot_ms` in its slot, of `slots`.
    pub fn end(&mut self, id: SubmissionId, (cost_ms, slot_ms): (f64, f64), slots: u64) {
        self.running.remove(&id);
        self.typical.note(slot_ms);
        #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
        let half_life_ms = HALF_LIFE_MS * slots.max(1) as f64;
        // One long run must not be all that is known.
        let slot_ms = slot_ms.clamp(0.0, half_life_ms.min(cost_ms * SURPRISE_MOST));
        let kept = (-slot_ms / half_life_ms).exp2();
        self.cost_ms = self.cost_ms * kept + cost_ms;
        self.slot_ms = self.slot_ms * kept + slot_ms;
    }

    /// It was taken back, or is forgotten.
    pub fn forget(&mut self, id: SubmissionId) {
        self.running.remove(&id);
    }

    /// Expected processor time that one busy slot gets done per millisecond; `told`: by the workers.
    #[must_use]
    pub fn of_slot(&self, told: f64) -> f64 {
        let cost_ms = self.cost_ms + told * TOLD_MS;
        (cost_ms / (self.slot_ms + TOLD_MS)).clamp(LEAST, 2.0)
    }

    /// When each of these slots is free, in milliseconds from now, earliest first.
    #[must_use]
    pub fn free_in(&self, places: Places, told: f64, now_ms: f64) -> Vec<f64> {
        let (slots, running) = (as_count(places.slots.max(1)), as_count(places.running));
        let pace = self.of_slot(told);
        let left = |job: &Running| {
            let age_ms = (now_ms - job.began_ms).max(0.0);
            let expected_ms = job.cost_ms / pace;
            if age_ms < expected_ms {
                expected_ms - age_ms
            } else {
                // As a rule what has run for long runs for as long again.
                age_ms
            }
        };
        let mut free: Vec<f64> = self.running.values().map(left).collect();
        free.sort_by(f64::total_cmp);
        free.truncate(running.min(slots));
        // The rest is taken as half done, and as dear as what is known.
        let known = free.len().max(1);
        #[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
        let mean_ms = free.iter().sum::<f64>() / known as f64;
        free.resize(running.min(slots), mean_ms);
        free.resize(slots, 0.0);
        free.sort_by(f64::total_cmp);
        if (slots..slots + as_count(places.spare)).contains(&running) {
            // A spare one, unless a slot is free before that.
            free[0] = free[0].min(self.all_long_in(running, now_ms));
        }
        free
    }

    /// When all that runs will have held its slot for long, if none ends, milliseconds from now.
    fn all_long_in(&self, running: usize, now_ms: f64) -> f64 {
        let ages = self.running.values().map(|job| now_ms - job.began_ms);
        let youngest_ms = match self.running.len() < running {
            // One may have begun just now that nobody here knows of.
            true => 0.0,
            false => ages.fold(f64::INFINITY, f64::min),
        };
        (self.typical.long_after_ms() - youngest_ms.max(0.0)).max(0.0)
    }
}

fn as_count(number: u64) -> usize {
    usize::try_from(number.min(RUNNING_MAX as u64)).unwrap_or(RUNNING_MAX)
}

/// When all of `work_ms` (slot time) has begun, where slots are free then: the level to which it fills them.
#[must_use]
pub fn fill(free: &[f64], work_ms: f64) -> f64 {
    let mut poured_ms = 0.0;
    let mut level_ms = free.first().copied().unwrap_or_default();
    let mut open = 0.0;
    for next_ms in free {
        let step_ms = open * (next_ms - level_ms);
        if poured_ms + step_ms >= work_ms && open > 0.0 {
            break;
        }
        poured_ms += step_ms;
        level_ms = *next_ms;
        open += 1.0;
    }
    level_ms + (work_ms - poured_ms).max(0.0) / f64::max(open, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-6, "{one} is not {other}");
    }

    #[test]
    fn work_fills_the_slots_as_they_become_free() {
        near(fill(&[0.0, 0.0], 400.0), 200.0);
        near(fill(&[0.0, 300.0], 200.0), 200.0);
        near(fill(&[0.0, 300.0], 400.0), 350.0);
        near(fill(&[100.0, 100.0], 0.0), 100.0);
        near(fill(&[50.0], 100.0), 150.0);
    }

    #[test]
    fn the_pace_follows_what_ended_within_seconds() {
        let mut pace = Pace::default();
        near(pace.of_slot(0.6), 0.6);
        for _ in 0..20 {
            pace.end(SubmissionId::new(), (200.0, 400.0), 2);
        }
        assert!((pace.of_slot(1.0) - 0.5).abs() < 0.1, "{pace:?}");
        // Three times slower, for two seconds of two slots.
        for _ in 0..4 {
            pace.end(SubmissionId::new(), (200.0, 1_200.0), 2);
        }
        assert!(pace.of_slot(0.5) < 0.32, "{pace:?}");
    }

    #[test]
    fn one_long_run_is_not_all_that_is_known() {
        let mut pace = Pace::default();
        for _ in 0..40 {
            pace.end(SubmissionId::new(), (200.0, 400.0), 2);
        }
        pace.end(SubmissionId::new(), (200.0, 60_000.0), 2);
        assert!(pace.of_slot(0.5) > 0.2, "{pace:?}");
    }

    #[test]
    fn what_runs_for_long_keeps_its_slot() {
        let mut pace = Pace::default();
        let places = |running| Places {
            slots: 2,
            spare: 0,
            running,
        };
        pace.begin(SubmissionId::new(), 100.0, 0.0);
        near(pace.free_in(places(1), 1.0, 40.0)[1], 60.0);
        near(pace.free_in(places(1), 1.0, 3_000.0)[1], 3_000.0);
        near(pace.free_in(places(1), 1.0, 3_000.0)[0], 0.0);
        // Another process' job.
        near(pace.free_in(places(2), 1.0, 40.0)[0], 60.0);
        // The store knows that it is over.
        near(pace.free_in(places(0), 1.0, 40.0)[1], 0.0);
    }

    #[test]
    fn a_spare_slot_is_free_when_all_are_held_for_long() {
        let mut pace = Pace::default();
        let free_in = |pace: &Pace, running, now_ms| {
            let places = Places {
                slots: 2,
                spare: 1,
                running,
            };
            pace.free_in(places, 1.0, now_ms)
        };
        pace.begin(SubmissionId::new(), 4_000.0, 0.0);
        pace.begin(SubmissionId::new(), 4_000.0, 100.0);
        assert_eq!(free_in(&pace, 2, 200.0), [400.0, 3_900.0]);
        assert_eq!(free_in(&pace, 2, 700.0), [0.0, 3_400.0]);
        pace.begin(SubmissionId::new(), 4_000.0, 700.0);
        assert_eq!(
            free_in(&pace, 3, 1_000.0),
            [3_000.0, 3_100.0],
            "it is taken"
        );
        pace.begin(SubmissionId::new(), 40.0, 1_000.0);
        assert_eq!(free_in(&pace, 2, 1_000.0)[0], 40.0, "one ends before");
    }
}
