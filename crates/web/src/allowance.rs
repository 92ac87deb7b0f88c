//! The share of a target that may be spent waiting: halved when a verdict comes too late, and
//! given back while they come in time. What no prediction foresees (a machine that slows down,
//! programs that run until a limit ends them) ends in this.
//!
//! It follows a quantile, not a mean: with `g` given back by each verdict in time, the share `s`
//! stays where it is when `p * s / 2 = (1 - p) * g` for the part `p` of verdicts that are too
//! late. So at a share of 0.2 one of two hundred is, and at more than that it shrinks. Where
//! few verdicts come, time gives back too, or a class of ten would pay for hours.

use carrel_store::spare::WAIT_MOST;

/// The share where everything is well.
pub const SHARE_MOST: f64 = WAIT_MOST;
/// The least: a short queue is kept whatever happens, for without one slots stand idle.
pub const SHARE_LEAST: f64 = 0.05;
/// What each verdict in time gives back.
const GIVEN_BACK: f64 = 0.000_5;
/// What time gives back, per second without a late one.
const GIVEN_BACK_A_SECOND: f64 = 0.001;
/// Share of the target from which on a verdict counts as too late: before it is.
const LATE_FROM: f64 = 0.8;
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
        let passed_ms = (now_ms - self.noted_at_ms).max(0.0);
        self.noted_at_ms = now_ms;
        if took_ms < target_ms * LATE_FROM {
            let given_back = GIVEN_BACK + GIVEN_BACK_A_SECOND * passed_ms / 1e3;
            self.share = (self.share + given_back).min(SHARE_MOST);
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
        assert!((0.15..0.17).contains(&allowance.share()), "{allowance:?}");
        for minute in 1..8 {
            allowance.note((100.0, 500.0), 2_000.0, 6e4 * f64::from(minute));
        }
        assert_eq!(allowance.share(), SHARE_MOST, "by time alone");
        for round in 0..20 {
            allowance.note((2_500.0, 3_000.0), 2_000.0, 1e8 + 1e5 * f64::from(round));
        }
        assert_eq!(allowance.share(), SHARE_LEAST);
    }

    #[test]
    fn it_shrinks_until_few_are_late() {
        // At a share above 0.2 two of a hundred are late, and none below it.
        let mut allowance = Allowance::default();
        let (mut late, mut sum) = (0, 0.0);
        for number in 0..20_000 {
            let now_ms = 1e5 + f64::from(number) * 20.0;
            let is_late = number % 50 == 0 && allowance.share() > 0.2;
            let took_ms = if is_late { 2_500.0 } else { 500.0 };
            allowance.note((took_ms / 2.0, took_ms), 2_000.0, now_ms);
            late += u32::from(is_late);
            sum += allowance.share();
        }
        assert!((1..200).contains(&late), "{late} of 20,000");
        let mean = sum / 20_000.0;
        assert!((0.12..0.24).contains(&mean), "{mean}");
    }
}
