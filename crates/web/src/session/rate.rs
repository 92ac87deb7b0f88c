//! Rate limits: a token bucket per key, in bounded memory.
//!
//! A bucket is kept as one instant, the time at which it will be full again (the generic cell
//! rate algorithm, ITU-T I.371): what is full already need not be kept at all.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Shards of a table: requests of different keys seldom wait for each other.
const SHARDS: usize = 16;

/// So many requests at once, and as many again in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests in a window, and the most at once; 0: without limit.
    pub requests: u32,
    /// The window.
    pub window: Duration,
}

impl Rate {
    /// So many requests a minute.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self {
            requests,
            window: Duration::from_secs(60),
        }
    }

    /// Whether there is no limit.
    #[must_use]
    pub fn is_unlimited(self) -> bool {
        self.requests == 0
    }

    fn interval(self) -> Duration {
        self.window / self.requests.max(1)
    }
}

/// What a request found in its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Whether the request may go on.
    pub allowed: bool,
    /// Requests left at once.
    pub remaining: u32,
    /// Where refused: when the next one may go on. Else when the bucket is full again.
    pub reset: Duration,
}

/// Buckets of one kind.
#[derive(Debug)]
pub struct RateTable<K> {
    rate: Rate,
    keys_max: usize,
    shards: Vec<Mutex<HashMap<K, Instant>>>,
    hasher: RandomState,
}

impl<K: Hash + Eq + Copy> RateTable<K> {
    /// An empty table that keeps at most about so many keys.
    #[must_use]
    pub fn new(rate: Rate, keys_max: usize) -> Self {
        Self {
            rate,
            keys_max: (keys_max / SHARDS).max(1),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Its rate.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes one request out of the key's bucket.
    pub fn take(&self, key: K, now: Instant) -> Allowance {
        if self.rate.is_unlimited() {
            return Allowance {
                allowed: true,
                remaining: u32::MAX,
                reset: Duration::ZERO,
            };
        }
        let place = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        let mut shard = match self.shards[place].lock() {
            Ok(shard) => shard,
            Err(poisoned) => poisoned.into_inner(),
        };
        let full_at = shard.get(&key).copied().unwrap_or(now).max(now);
        let (allowance, full_at) = self.weigh(full_at, now);
        if !shard.contains_key(&key) && shard.len() >= self.keys_max {
            make_room(&mut shard, self.keys_max, now);
        }
        shard.insert(key, full_at);
        allowance
    }

    fn weigh(&self, full_at: Instant, now: Instant) -> (Allowance, Instant) {
        let interval = self.rate.interval();
        let after = full_at + interval;
        let used = after - now;
        if used > self.rate.window {
            let reset = used - self.rate.window;
            return (
                Allowance {
                    allowed: false,
                    remaining: 0,
                    reset,
                },
                full_at,
            );
        }
        let left = (self.rate.window - used).as_nanos() / interval.as_nanos().max(1);
        let remaining = u32::try_from(left).unwrap_or(u32::MAX);
        (
            Allowance {
                allowed: true,
                remaining,
                reset: used,
            },
            after,
        )
    }
}

/// Forgets buckets that are full again, then those nearest to it, until half the room is free.
fn make_room<K: Hash + Eq + Copy>(shard: &mut HashMap<K, Instant>, most: usize, now: Instant) {
    shard.retain(|_, full_at| *full_at > now);
    if shard.len() <= most / 2 {
        return;
    }
    let mut instants: Vec<Instant> = shard.values().copied().collect();
    let middle = instants.len() / 2;
    let (_, median, _) = instants.select_nth_unstable(middle);
    let median = *median;
    shard.retain(|_, full_at| *full_at > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(requests: u32, keys_max: usize) -> RateTable<u32> {
        RateTable::new(
            Rate {
                requests,
                window: Duration::from_secs(10),
            },
            keys_max,
        )
    }

    #[test]
    fn a_burst_then_one_by_one() {
        let (table, now) = (table(10, 100), Instant::now());
        for left in (0..10).rev() {
            let found = table.take(1, now);
            assert!(found.allowed);
            assert_eq!(found.remaining, left);
        }
        let refused = table.take(1, now);
        assert_eq!(
            (refused.allowed, refused.reset),
            (false, Duration::from_secs(1))
        );
        // Another key is not touched; refusals do not make it worse.
        assert!(table.take(2, now).allowed);
        let later = now + Duration::from_secs(1);
        assert!(table.take(1, later).allowed);
        assert!(!table.take(1, later).allowed);
        let rested = later + Duration::from_secs(60);
        assert_eq!(table.take(1, rested).remaining, 9);
    }

    #[test]
    fn memory_is_bounded_and_the_busiest_are_remembered() {
        let (table, now) = (table(10, 1_600), Instant::now());
        while table.take(0, now).allowed {}
        for key in 1..100_000 {
            assert!(table.take(key, now).allowed);
        }
        let kept: usize = table
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum();
        assert!(kept <= 1_600, "{kept}");
        assert!(!table.take(0, now).allowed);
    }

    #[test]
    fn zero_is_no_limit() {
        let (table, now) = (table(0, 1), Instant::now());
        assert!((0..1_000).all(|_| table.take(1, now).allowed));
    }
}
