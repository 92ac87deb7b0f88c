//! Many durations in little room: counts in buckets that grow by a fixed factor.

/// Lower bound of the second bucket, milliseconds.
const FIRST_MS: f64 = 0.1;
/// Each bucket reaches this many times as far as the one before it: the error of a quantile is below 12 %.
const FACTOR: f64 = 1.25;
/// Buckets; the last holds whatever is longer than an hour and a half.
const BUCKETS: usize = 80;

/// Durations, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    counts: [u32; BUCKETS],
    count: u64,
    max_ms: f64,
}

impl Default for Distribution {
    fn default() -> Self {
        Self {
            counts: [0; BUCKETS],
            count: 0,
            max_ms: 0.0,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded by the number of buckets and by zero"
)]
fn bucket(ms: f64) -> usize {
    if ms.is_nan() || ms <= FIRST_MS {
        return 0;
    }
    let place = (ms / FIRST_MS).ln() / FACTOR.ln();
    place.ceil().clamp(0.0, (BUCKETS - 1) as f64) as usize
}

fn upper_ms(bucket: usize) -> f64 {
    let exponent = i32::try_from(bucket).unwrap_or(i32::MAX);
    FIRST_MS * FACTOR.powi(exponent)
}

impl Distribution {
    /// Counts a duration, milliseconds; below zero counts as zero.
    pub fn add(&mut self, ms: f64) {
        let counter = &mut self.counts[bucket(ms)];
        *counter = counter.saturating_add(1);
        self.count += 1;
        self.max_ms = self.max_ms.max(ms);
    }

    /// Counts all of another.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine = mine.saturating_add(theirs);
        }
        self.count += other.count;
        self.max_ms = self.max_ms.max(other.max_ms);
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest, milliseconds.
    #[must_use]
    pub fn max_ms(&self) -> f64 {
        self.max_ms
    }

    /// What this share (0 to 1) of them does not exceed, milliseconds, up to a bucket's
    /// width; `None` without any.
    #[must_use]
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        let wanted = (share * self.count as f64).ceil().max(1.0);
        let mut seen = 0.0;
        for (place, count) in self.counts.iter().enumerate() {
            seen += f64::from(*count);
            if seen >= wanted {
                return Some(upper_ms(place).min(self.max_ms));
            }
        }
        Some(self.max_ms)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(Distribution::default().quantile_ms(0.5), None);
    }

    #[test]
    fn what_is_no_duration_harms_nothing() {
        let mut durations = Distribution::default();
        for ms in [-3.0, f64::NAN, f64::INFINITY, 0.0] {
            durations.add(ms);
        }
        assert_eq!(durations.count(), 4);
        assert_eq!(durations.quantile_ms(0.5), Some(FIRST_MS));
    }

    proptest! {
        #[test]
        fn a_quantile_is_right_up_to_a_buckets_width(
            mut all in prop::collection::vec(0.2_f64..3_600_000.0, 1..200),
            share in 0.0_f64..=1.0,
        ) {
            let mut durations = Distribution::default();
            for ms in &all {
                durations.add(*ms);
            }
            all.sort_by(f64::total_cmp);
            let wanted = share * all.len() as f64;
            let reached = |place: &usize| (*place + 1) as f64 >= wanted;
            let exact = all[(0..all.len()).find(reached).unwrap()];
            let told = durations.quantile_ms(share).unwrap();
            prop_assert!(told >= exact * 0.999 && told <= exact * FACTOR * 1.001, "{told} for {exact}");
        }

        #[test]
        fn merging_is_counting_all(
            first in prop::collection::vec(0.0_f64..1e7, 0..50),
            second in prop::collection::vec(0.0_f64..1e7, 0..50),
        ) {
            let count = |all: &[f64]| {
                let mut durations = Distribution::default();
                all.iter().for_each(|ms| durations.add(*ms));
                durations
            };
            let mut merged = count(&first);
            merged.merge(&count(&second));
            let both: Vec<f64> = first.iter().chain(&second).copied().collect();
            prop_assert_eq!(merged, count(&both));
        }
    }
}
