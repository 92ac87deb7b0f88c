//! Spare slots: when a node begins more than it has slots for, as a worker and the admission of a
//! web see it.
//!
//! One program that sleeps, or uses up its limit, would else be waited for by everybody. So while
//! all slots are held for long, or work has waited for as long as any may, a node begins more, of
//! people of whom nothing runs. What is long depends on what is usual: where everything takes two
//! seconds, more at once would only make all of it slower.

use std::time::Duration;

/// Work is let in that would wait for this share of its target at most; beyond it, it is late.
pub const WAIT_MOST: f64 = 0.4;

/// What a spare slot is for, in any case of people of whom nothing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spare {
    /// Whatever is next: every slot is held for long.
    Next,
    /// What has waited for more than [`WAIT_MOST`] of its target, and is due.
    Late,
}

/// From when on work that was accepted is late, where its verdict is to be there after `target`.
#[must_use]
pub fn late_after(target: Duration) -> Duration {
    target.mul_f64(WAIT_MOST)
}

/// No run is long before this, milliseconds: a quarter of the usual target.
const LONG_LEAST_MS: f64 = 500.0;
/// From so many times a typical run on a run is long.
const LONG_FACTOR: f64 = 4.0;
/// Typical run before any was seen, milliseconds.
const TYPICAL_MS: f64 = 100.0;
/// Weight of one more run.
const WEIGHT: f64 = 0.05;

/// How long runs take: a geometric mean, older ones counting less, so that some that sleep do
/// not make sleeping usual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypicalRun {
    log_ms: f64,
}

impl Default for TypicalRun {
    fn default() -> Self {
        Self {
            log_ms: TYPICAL_MS.ln(),
        }
    }
}

impl TypicalRun {
    /// A run took so long from begin to end, milliseconds.
    pub fn note(&mut self, took_ms: f64) {
        if took_ms.is_finite() {
            self.log_ms += (took_ms.max(1.0).ln() - self.log_ms) * WEIGHT;
        }
    }

    /// From when on a run holds its slot for long, milliseconds.
    #[must_use]
    pub fn long_after_ms(&self) -> f64 {
        (self.log_ms.exp() * LONG_FACTOR).max(LONG_LEAST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_follows_what_is_usual() {
        let mut typical = TypicalRun::default();
        assert_eq!(typical.long_after_ms(), LONG_LEAST_MS);
        for round in 0..200 {
            typical.note(if round % 4 == 0 { 10_000.0 } else { 50.0 });
        }
        assert!(typical.long_after_ms() < 1_500.0, "some sleep: {typical:?}");
        for _ in 0..200 {
            typical.note(2_000.0);
        }
        let after_ms = typical.long_after_ms();
        assert!((7_900.0..8_001.0).contains(&after_ms), "{after_ms}");
        typical.note(f64::NAN);
        assert_eq!(typical.long_after_ms(), after_ms);
    }
}
