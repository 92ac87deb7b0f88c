//! The share of a target that may be spent waiting: halved when a verdict comes too late, and
//! given back slowly while they come in time. What no prediction foresees (a machine that slows
//! down, a wrong expectation) ends in this.

/// The share where everything is well.
pub const SHARE_MOST: f64 = 0.4;
/// The least: a short queue is kept whatever happens, for without one slots stand idle.
pub const SHARE_LEAST: f64 = 0.05;
/// What verdicts in time give back, per second.
const GIVEN_BACK: f64 = 0.01;
/// Longest time that one of them stands for, milliseconds.
const STANDS_FOR_MS: f64 = 1_000.0;
/// Share of the target from which on a verdict counts as too late: before it is.
const LATE_FROM: f64 = 0.9;
/// Share of the target that a late one has waited at least: else its own run is the reason.
const WAITED_LEAST: f64 = 0.2;

/// The share.
#[derive(Debug)]
pub struct Allowance {
    share: f64,
    /// When the last verdict was noted.
    noted_at_ms: f64,
    /// The share is not halved again for work that was let in before.
    cut_at_ms: f64,
}

impl Default for Allowance {
    fn default() -> Self {
        Self {
            share: SHARE_MOST,
            noted_at_ms: 0.0,
            cut_at_ms: f64::NEG_INFINITY,
        }
    }
}

impl Allowance {
    /// A verdict came `took_ms` after it was accepted, of which it waited for `waited_ms`.
    pub fn note(&mut self, (waited_ms, took_ms): (f64, f64), target_ms: f64, now_ms: f64) {
        let passed_ms = (now_ms - self.noted_at_ms).clamp(0.0, STANDS_FOR_MS);
        self.noted_at_ms = now_ms;
        if took_ms < target_ms * LATE_FROM {
            self.share = (self.share + GIVEN_BACK * passed_ms / 1e3).min(SHARE_MOST);
        } else if waited_ms >= target_ms * WAITED_LEAST && now_ms - took_ms >= self.cut_at_ms {
            self.share = (self.share / 2.0).max(SHARE_LEAST);
            self.cut_at_ms = now_ms;
        }
    }

    /// The share now.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halved_once_for_what_was_let_in_together_and_given_back_slowly() {
        let mut allowance = Allowance::default();
        for at_ms in [5_000.0, 5_100.0, 5_200.0] {
            allowance.note((2_500.0, 3_000.0), 2_000.0, at_ms);
        }
        assert_eq!(allowance.share(), SHARE_MOST / 2.0);
        // A program that takes so long by itself says nothing of the queue.
        allowance.note((300.0, 3_000.0), 2_000.0, 8_050.0);
        assert_eq!(allowance.share(), SHARE_MOST / 2.0);
        allowance.note((2_500.0, 3_000.0), 2_000.0, 8_100.0);
        assert_eq!(allowance.share(), SHARE_MOST / 4.0);
        for tenth in 0..100 {
            allowance.note((100.0, 500.0), 2_000.0, 9_000.0 + f64::from(tenth) * 100.0);
        }
        assert!((0.19..0.21).contains(&allowance.share()), "{allowance:?}");
        for minute in 1..100 {
            allowance.note((100.0, 500.0), 2_000.0, 6e4 * f64::from(minute));
        }
        assert_eq!(allowance.share(), SHARE_MOST);
        for round in 0..20 {
            allowance.note((2_500.0, 3_000.0), 2_000.0, 1e8 + 1e5 * f64::from(round));
        }
        assert_eq!(allowance.share(), SHARE_LEAST);
    }
}
