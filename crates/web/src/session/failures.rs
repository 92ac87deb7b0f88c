//! Failed sign-ins are slowed: for the pair of name and address, for the name, and for the address.
//!
//! An attempt is counted as a failure when it begins and taken back when it succeeds, so many at
//! once gain nothing. The pair is slowed soonest and longest; the name alone only mildly, so that
//! nobody can lock somebody else out; the address late, for a school may stand behind one.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::network::Network;
use super::secret;

/// Failures after which nothing is remembered any more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);
/// Most keys of each table.
const KEYS_MAX: usize = 50_000;

/// How one kind of key is slowed: each failure beyond the free ones doubles the pause.
#[derive(Debug, Clone, Copy)]
struct Slowdown {
    free: u32,
    pause_max: Duration,
}

const PAIR: Slowdown = Slowdown {
    free: 5,
    pause_max: Duration::from_secs(900),
};
const NAME: Slowdown = Slowdown {
    free: 20,
    pause_max: Duration::from_secs(30),
};
const ADDRESS: Slowdown = Slowdown {
    free: 50,
    pause_max: Duration::from_secs(300),
};

#[derive(Debug, Clone, Copy)]
struct Count {
    failures: u32,
    last: Instant,
}

impl Slowdown {
    /// Time until the next attempt, counted from the last one.
    fn pause(self, failures: u32) -> Duration {
        if failures < self.free {
            return Duration::ZERO;
        }
        let doublings = (failures - self.free).min(16);
        Duration::from_secs(1 << doublings).min(self.pause_max)
    }

    fn wait(self, count: Option<&Count>, now: Instant) -> Duration {
        let Some(count) = count else {
            return Duration::ZERO;
        };
        (count.last + self.pause(count.failures)).saturating_duration_since(now)
    }
}

type NameKey = [u8; 32];

#[derive(Debug, Default)]
struct Tables {
    pairs: HashMap<(NameKey, Network), Count>,
    names: HashMap<NameKey, Count>,
    addresses: HashMap<Network, Count>,
}

/// Counts failed sign-ins.
#[derive(Debug, Default)]
pub struct Failures {
    tables: Mutex<Tables>,
}

/// An attempt that was let through, counted as a failure until told otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    name: NameKey,
    address: Network,
}

impl Failures {
    /// Counts an attempt.
    ///
    /// # Errors
    /// How long the next attempt has to wait; this one is not counted.
    pub fn begin(&self, name: &str, address: Network, now: Instant) -> Result<Attempt, Duration> {
        // Hashed, so that a name of any length takes the same room.
        let attempt = Attempt {
            name: secret::hash(name.to_ascii_lowercase()),
            address,
        };
        let mut tables = self.lock();
        let wait = PAIR
            .wait(tables.pairs.get(&(attempt.name, address)), now)
            .max(NAME.wait(tables.names.get(&attempt.name), now))
            .max(ADDRESS.wait(tables.addresses.get(&address), now));
        if wait > Duration::ZERO {
            return Err(wait);
        }
        count(&mut tables.pairs, (attempt.name, address), now);
        count(&mut tables.names, attempt.name, now);
        count(&mut tables.addresses, address, now);
        Ok(attempt)
    }

    /// The attempt succeeded: its name starts afresh, its address gets back this one attempt
    /// (who has one account may not wipe out failures at others).
    pub fn succeeded(&self, attempt: Attempt) {
        let mut tables = self.lock();
        tables.pairs.remove(&(attempt.name, attempt.address));
        tables.names.remove(&attempt.name);
        if let Some(count) = tables.addresses.get_mut(&attempt.address) {
            count.failures = count.failures.saturating_sub(1);
        }
    }

    /// The attempt said nothing about the password: we were too busy, or something of ours failed.
    pub fn taken_back(&self, attempt: Attempt) {
        let mut tables = self.lock();
        let Tables {
            pairs,
            names,
            addresses,
        } = &mut *tables;
        let counts = [
            pairs.get_mut(&(attempt.name, attempt.address)),
            names.get_mut(&attempt.name),
            addresses.get_mut(&attempt.address),
        ];
        for count in counts.into_iter().flatten() {
            count.failures = count.failures.saturating_sub(1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        match self.tables.lock() {
            Ok(tables) => tables,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}

fn count<K: Hash + Eq + Copy>(table: &mut HashMap<K, Count>, key: K, now: Instant) {
    if table.len() >= KEYS_MAX && !table.contains_key(&key) {
        make_room(table, now);
    }
    let count = table.entry(key).or_insert(Count {
        failures: 0,
        last: now,
    });
    if now.saturating_duration_since(count.last) > FORGOTTEN_AFTER {
        count.failures = 0;
    }
    count.failures = count.failures.saturating_add(1);
    count.last = now;
}

/// Forgets what is over; then those with the fewest failures, until half the room is free.
fn make_room<K: Hash + Eq + Copy>(table: &mut HashMap<K, Count>, now: Instant) {
    table.retain(|_, count| now.saturating_duration_since(count.last) <= FORGOTTEN_AFTER);
    if table.len() <= KEYS_MAX / 2 {
        return;
    }
    let mut weights: Vec<(u32, Instant)> = table
        .values()
        .map(|count| (count.failures, count.last))
        .collect();
    let middle = weights.len() / 2;
    let (_, median, _) = weights.select_nth_unstable(middle);
    let median = *median;
    table.retain(|_, count| (count.failures, count.last) > median);
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn network(last: u8) -> Network {
        Network::of(Some(IpAddr::from([192, 0, 2, last])))
    }

    #[test]
    fn a_pair_is_slowed_ever_more_and_success_ends_it() {
        let (failures, mut now) = (Failures::default(), Instant::now());
        for _ in 0..5 {
            failures.begin("ada", network(1), now).unwrap();
        }
        for pause in [1, 2, 4, 8] {
            let wait = failures.begin("ADA", network(1), now).unwrap_err();
            assert_eq!(wait, Duration::from_secs(pause));
            now += wait;
            failures.begin("ada", network(1), now).unwrap();
        }
        // From elsewhere the same name may still sign in.
        let attempt = failures.begin("ada", network(2), now).unwrap();
        failures.succeeded(attempt);
        now += Duration::from_secs(16);
        let attempt = failures.begin("ada", network(1), now).unwrap();
        failures.succeeded(attempt);
        for _ in 0..5 {
            failures.begin("ada", network(1), now).unwrap();
        }
    }

    #[test]
    fn a_name_tried_from_everywhere_is_slowed_mildly() {
        let (failures, mut now) = (Failures::default(), Instant::now());
        for address in 0..20 {
            failures.begin("ada", network(address), now).unwrap();
        }
        assert!(failures.begin("ada", network(30), now).is_err());
        for address in 30..60 {
            now += NAME.pause_max;
            failures.begin("ada", network(address), now).unwrap();
        }
        let wait = failures.begin("ada", network(99), now).unwrap_err();
        assert_eq!(wait, NAME.pause_max);
    }

    #[test]
    fn an_address_that_tries_many_names_is_slowed_whatever_it_owns() {
        let (failures, now) = (Failures::default(), Instant::now());
        for name in 0..50 {
            failures
                .begin(&format!("name{name}"), network(1), now)
                .unwrap();
            if name < 40 {
                // Its own account works all the time.
                let own = failures.begin("own", network(1), now).unwrap();
                failures.succeeded(own);
            }
        }
        assert!(failures.begin("another", network(1), now).is_err());
        assert!(failures.begin("another", network(2), now).is_ok());
    }

    #[test]
    fn what_said_nothing_is_not_counted_and_old_ones_are_forgotten() {
        let (failures, now) = (Failures::default(), Instant::now());
        for _ in 0..100 {
            let attempt = failures.begin("ada", network(1), now).unwrap();
            failures.taken_back(attempt);
        }
        for _ in 0..5 {
            failures.begin("ada", network(1), now).unwrap();
        }
        let later = now + FORGOTTEN_AFTER + Duration::from_secs(1);
        failures.begin("ada", network(1), later).unwrap();
        assert!(failures.begin("ada", network(1), later).is_ok());
    }

    #[test]
    fn room_is_made_of_the_least() {
        let now = Instant::now();
        let mut table = HashMap::new();
        for _ in 0..9 {
            count(&mut table, u32::MAX, now);
        }
        for key in 0..u32::try_from(KEYS_MAX).unwrap() + 10 {
            count(&mut table, key, now);
        }
        assert!(table.len() <= KEYS_MAX);
        assert_eq!(table[&u32::MAX].failures, 9);
    }
}
