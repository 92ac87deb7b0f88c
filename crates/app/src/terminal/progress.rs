//! Progress of long work: a moving bar on a terminal, plain lines elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::text::printable;

/// Least time between two plain lines of the same stage.
const PLAIN_PERIOD: Duration = Duration::from_secs(5);

/// Counts things done.
#[derive(Debug)]
pub struct Counter {
    bar: ProgressBar,
}

impl Counter {
    /// A bar of so many things on standard error; invisible where it cannot move.
    #[must_use]
    pub fn start(live: bool, total: usize) -> Self {
        let target = if live {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total as u64), target);
        bar.set_style(style("{bar:30} {pos}/{len} {elapsed} {wide_msg}"));
        if live {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar }
    }

    /// One more is done.
    pub fn advance(&self, name: &str) {
        self.bar.set_message(printable(name));
        self.bar.inc(1);
    }

    /// Runs `write` while the bar is out of the way.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Stages of one long piece of work, such as the building of an environment.
#[derive(Debug)]
pub struct Stages {
    live: Option<ProgressBar>,
    shown: Mutex<Option<(String, Instant)>>,
    started: Instant,
}

impl Stages {
    /// Begins; nothing is shown before the first [`Stages::report`].
    #[must_use]
    pub fn start(live: bool) -> Self {
        let bar = live.then(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            bar.set_style(style("{spinner} {elapsed:>4} {bar:30} {wide_msg}"));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            live: bar,
            shown: Mutex::new(None),
            started: Instant::now(),
        }
    }

    /// Tells where the work is. Returns a line to write where there is no bar and one is due.
    pub fn report(&self, stage: &str, done: u64, total: u64) -> Option<String> {
        if let Some(bar) = &self.live {
            bar.set_length(total.max(1));
            bar.set_position(done);
            bar.set_message(printable(stage));
            return None;
        }
        let mut shown = self
            .shown
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let due = match &*shown {
            Some((last, when)) => last != stage || when.elapsed() >= PLAIN_PERIOD,
            None => true,
        };
        if !due {
            return None;
        }
        *shown = Some((stage.to_owned(), Instant::now()));
        let seconds = self.started.elapsed().as_secs_f64();
        let count = match total {
            0 => String::new(),
            1..=99_999 => format!(" {done}/{total}"),
            // Such numbers are bytes: nobody reads them.
            _ => format!(" {} %", done.saturating_mul(100) / total),
        };
        Some(format!("[{seconds:6.1} s] {}{count}", printable(stage)))
    }

    /// Takes the bar away; the time it all took.
    pub fn finish(&self) -> Duration {
        if let Some(bar) = &self.live {
            bar.finish_and_clear();
        }
        self.started.elapsed()
    }
}

fn style(template: &str) -> ProgressStyle {
    // The templates are constants of this file, tried by the test below.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_valid() {
        for template in [
            "{bar:30} {pos}/{len} {elapsed} {wide_msg}",
            "{spinner} {elapsed:>4} {bar:30} {wide_msg}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn plain_lines_come_once_a_stage() {
        let stages = Stages::start(false);
        assert!(
            stages
                .report("fetch", 0, 10)
                .unwrap()
                .ends_with("fetch 0/10")
        );
        assert_eq!(stages.report("fetch", 1, 10), None);
        assert!(stages.report("unpack", 0, 0).unwrap().ends_with("unpack"));
        assert!(
            stages
                .report("more", 500_000, 1_000_000)
                .unwrap()
                .ends_with("more 50 %")
        );
    }
}
