//! What comes into the simulated service, and what was seen of it.

use std::collections::BTreeMap;

pub(super) const TARGET_MS: f64 = 2_000.0;

/// A small generator: the runs are the same every time.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn exponential(&mut self) -> f64 {
        -(1.0 - self.uniform()).ln()
    }
}

/// One kind of work among others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Of a hundred submissions so many.
    pub percent: f64,
    /// Expected processor time, milliseconds.
    pub cost_ms: f64,
    /// How long a run takes at full speed, at least and at most, milliseconds.
    pub real_ms: (f64, f64),
    pub target_ms: f64,
    /// It runs until a limit ends it: its time is its own doing.
    pub limited: bool,
}

impl Kind {
    /// With the usual target, and no limit that ends it.
    pub(super) const fn usual(percent: f64, cost_ms: f64, real_ms: (f64, f64)) -> Self {
        Self {
            percent,
            cost_ms,
            real_ms,
            target_ms: TARGET_MS,
            limited: false,
        }
    }
}

/// What comes in and how it really is.
#[derive(Clone)]
pub(super) struct World {
    pub slots: u64,
    /// More that may run while all is long.
    pub spare: u64,
    pub people: u64,
    /// Expected processor time, milliseconds, and how long a run then really takes at full speed.
    pub cost_ms: f64,
    pub real_ms: f64,
    /// Of a hundred runs so many take so many times as long.
    pub heavy_percent: f64,
    pub heavy_factor: f64,
    /// Arrivals as a multiple of what the slots can do at full speed.
    pub load: f64,
    pub seconds: f64,
    /// Speed of the machine at a time in seconds.
    pub speed: fn(f64) -> f64,
    /// Person 0 sends so many runs at once every ten seconds that hold their slots for two.
    pub flood: u64,
    /// Person 0 asks again and again to run what holds its slot for two seconds.
    pub insists: bool,
    /// What is sent; none: all is alike, as said above.
    pub kinds: &'static [Kind],
}

impl World {
    pub(super) const OVERLOADED: Self = Self {
        slots: 2,
        spare: 1,
        people: 40,
        cost_ms: 200.0,
        real_ms: 300.0,
        heavy_percent: 0.0,
        heavy_factor: 10.0,
        load: 10.0,
        seconds: 120.0,
        speed: |_| 1.0,
        flood: 0,
        insists: false,
        kinds: &[],
    };

    /// How long a run takes at full speed on average, milliseconds.
    pub(super) fn mean_ms(&self) -> f64 {
        if self.kinds.is_empty() {
            return self.real_ms * (1.0 + self.heavy_percent / 100.0 * (self.heavy_factor - 1.0));
        }
        let mean = |kind: &Kind| kind.percent / 100.0 * (kind.real_ms.0 + kind.real_ms.1) / 2.0;
        self.kinds.iter().map(mean).sum()
    }
}

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Accepted at, waited, took, milliseconds; and whose it was.
    pub judged: Vec<(f64, f64, f64, u64)>,
    /// Time to the verdict as a share of the target, of those that use up no limit.
    pub of_target: Vec<f64>,
    pub refused: u64,
    pub own: u64,
    /// Of those person 0's, for which nothing is counted there.
    pub insisted: u64,
    pub busy_ms: f64,
    pub by_person: BTreeMap<u64, u64>,
}

impl Seen {
    pub(super) fn quantile(&self, quantile: f64, since_ms: f64) -> f64 {
        let later = self.judged.iter().filter(|(at_ms, ..)| *at_ms >= since_ms);
        let mut took: Vec<f64> = later.map(|(_, _, took_ms, _)| *took_ms).collect();
        took.sort_by(f64::total_cmp);
        took[((took.len() - 1) as f64 * quantile) as usize]
    }
}
