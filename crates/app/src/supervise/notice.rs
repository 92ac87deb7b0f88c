//! What the service manager is told (`sd_notify(3)`); without one, nothing happens.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// Tells the service manager each thing once.
#[derive(Debug, Default)]
pub struct Notice {
    ready: bool,
    fed: Option<Instant>,
}

impl Notice {
    /// Everything serves. Returns whether that is news.
    pub fn ready(&mut self) -> bool {
        let news = !std::mem::replace(&mut self.ready, true);
        if news {
            tell(&[NotifyState::Ready, NotifyState::Status("serving")]);
        }
        news
    }

    /// Newer processes are taking the place of the present ones.
    pub fn reloading(&mut self) {
        self.ready = false;
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[
                NotifyState::Reloading,
                now,
                NotifyState::Status("upgrading"),
            ]),
            Err(_) => tell(&[NotifyState::Status("upgrading")]),
        }
    }

    /// It drains.
    pub fn stopping(&mut self) {
        tell(&[NotifyState::Stopping, NotifyState::Status("draining")]);
    }

    /// What is wrong although everything runs.
    pub fn status<'a>(&self, faults: impl Iterator<Item = &'a String>) {
        let text = faults.cloned().collect::<Vec<_>>().join("; ");
        let text = if text.is_empty() {
            "serving".to_owned()
        } else {
            text
        };
        tell(&[NotifyState::Status(&text)]);
    }

    /// Feeds the watchdog, a third of its time after the last feed.
    pub fn feed(&mut self, now: Instant) {
        let Some(period) = sd_notify::watchdog_enabled() else {
            return;
        };
        let due = |fed: Instant| now.saturating_duration_since(fed) >= pause(period);
        if self.fed.is_none_or(due) {
            self.fed = Some(now);
            tell(&[NotifyState::Watchdog]);
        }
    }
}

fn pause(period: Duration) -> Duration {
    period / 3
}

fn tell(states: &[NotifyState<'_>]) {
    // A service manager that does not listen is no reason to stop.
    let _ = sd_notify::notify(states);
}
