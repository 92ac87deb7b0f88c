//! How fast this node really judges: its nominal processors are shared with set-up, compilers'
//! caches, sleeping programs and whatever else the host does. Admission rests on this figure.

use carrel_store::spare::TypicalRun;

/// Share of what was known that a further submission leaves.
const KEPT: f64 = 0.95;
/// What is taken for granted at the start: as if so many milliseconds had been judged.
const GRANTED_MS: f64 = 2_000.0;
/// The pace of that: less than all, for what is promised on it has to be kept.
const GRANTED_PACE: f64 = 0.5;
/// Slowest pace that is told: a stretch of programs that only sleep must not close the door.
const LEAST: f64 = 0.05;

/// Processor time and wall time of the last submissions, older ones counting less.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    cost_ms: f64,
    wall_ms: f64,
    typical: TypicalRun,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self {
            cost_ms: GRANTED_MS * GRANTED_PACE,
            wall_ms: GRANTED_MS,
            typical: TypicalRun::default(),
        }
    }

    /// What a submission is charged: its processor time, or, where it held its slot without
    /// computing, what others would have had of it meanwhile.
    pub(crate) fn charge(&self, cost_ms: f64, wall_ms: f64) -> f64 {
        cost_ms.max(wall_ms * self.of_slot())
    }

    /// A submission took this much processor time, and this long in its slot.
    pub(crate) fn note(&mut self, cost_ms: f64, wall_ms: f64) {
        self.cost_ms = self.cost_ms * KEPT + cost_ms;
        self.wall_ms = self.wall_ms * KEPT + wall_ms;
        self.typical.note(wall_ms);
    }

    /// From when on a submission holds its slot for long, milliseconds.
    pub(crate) fn long_after_ms(&self) -> f64 {
        self.typical.long_after_ms()
    }

    /// Charged processor time per wall time of one busy slot.
    pub(crate) fn of_slot(&self) -> f64 {
        (self.cost_ms / self.wall_ms.max(1.0)).clamp(LEAST, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sleeps_in_a_slot_pays_for_it() {
        let pace = Pace::new();
        assert_eq!(pace.charge(300.0, 400.0), 300.0);
        assert_eq!(pace.charge(10.0, 2_000.0), 1_000.0);
    }

    #[test]
    fn the_pace_follows_what_was_measured() {
        let mut pace = Pace::new();
        assert_eq!(pace.of_slot(), GRANTED_PACE);
        for _ in 0..200 {
            pace.note(100.0, 400.0);
        }
        assert!((pace.of_slot() - 0.25).abs() < 0.01, "{pace:?}");
        for _ in 0..200 {
            pace.note(0.0, 1_000.0);
        }
        assert_eq!(pace.of_slot(), LEAST);
    }
}
