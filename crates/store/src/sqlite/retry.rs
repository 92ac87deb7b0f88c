//! Pauses between attempts.

use uuid::Uuid;

/// Pauses after the first, second, … attempt of a job, milliseconds.
pub(super) const JOB: &[u64] = &[1_000, 5_000, 25_000];
/// Pauses after the first, second, … attempt of a delivery, milliseconds (Standard
/// Webhooks' proposal, <https://www.standardwebhooks.com>): 5 s, 5 min, 30 min, 2 h,
/// 5 h, 10 h, 14 h, 20 h, 24 h.
pub(super) const DELIVERY: &[u64] = &[
    5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000,
    86_400_000,
];
/// Part of a pause by which it is shortened or prolonged, percent.
const JITTER_PERCENT: u64 = 20;

/// The pause after this attempt (from 1), microseconds, spread so that what failed
/// together does not come back together. The spread follows from id and attempt.
pub(super) fn pause_us(pauses: &[u64], attempt: u32, id: Uuid) -> i64 {
    let index = (attempt.max(1) as usize - 1).min(pauses.len().saturating_sub(1));
    let pause_us = pauses.get(index).copied().unwrap_or(1_000) * 1_000;
    let spread = pause_us * JITTER_PERCENT / 100;
    let seed = id.as_u128() ^ (u128::from(attempt) << 64);
    let folded = u64::try_from((seed ^ (seed >> 64)) & u128::from(u64::MAX)).unwrap_or(0);
    let jitter = folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) % (2 * spread + 1);
    i64::try_from(pause_us - spread + jitter).unwrap_or(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_the_spread() {
        for attempt in 1..=5_u32 {
            let base = JOB[(attempt as usize - 1).min(2)] * 1_000;
            for _ in 0..100 {
                let pause = pause_us(JOB, attempt, Uuid::now_v7()).cast_unsigned();
                assert!(pause >= base * 8 / 10 && pause <= base * 12 / 10, "{pause}");
            }
        }
    }

    #[test]
    fn ids_spread() {
        let pauses: std::collections::BTreeSet<i64> = (0..50)
            .map(|n| pause_us(JOB, 1, Uuid::from_u128(n)))
            .collect();
        assert!(pauses.len() > 40);
    }
}
