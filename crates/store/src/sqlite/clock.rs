//! The engine's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time of every transaction; it never goes back within a process.
#[derive(Clone)]
pub struct Clock {
    source: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    last_us: Arc<AtomicI64>,
}

impl Clock {
    /// The clock of the host.
    #[must_use]
    pub fn host() -> Self {
        Self::of(Timestamp::now)
    }

    /// Another clock, for tests of what happens with time.
    #[must_use]
    pub fn of(source: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self {
            source: Arc::new(source),
            last_us: Arc::new(AtomicI64::new(i64::MIN)),
        }
    }

    /// Microseconds since 1970; never less than it told before.
    pub(super) fn now_us(&self) -> i64 {
        let now = (self.source)().as_microsecond();
        self.last_us.fetch_max(now, Ordering::Relaxed).max(now)
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Clock").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_goes_back() {
        let told = Arc::new(AtomicI64::new(2_000_000));
        let source = Arc::clone(&told);
        let clock =
            Clock::of(move || Timestamp::from_microsecond(source.load(Ordering::Relaxed)).unwrap());
        assert_eq!(clock.now_us(), 2_000_000);
        told.store(1_000_000, Ordering::Relaxed);
        assert_eq!(clock.now_us(), 2_000_000);
        told.store(3_000_000, Ordering::Relaxed);
        assert_eq!(clock.now_us(), 3_000_000);
    }
}
