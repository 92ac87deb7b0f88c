//! Clocks around runs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::runner::Runner;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Rounds over all runners; every round gives each a block of runs.
    rounds: usize,
    /// Runs of a full-share runner in a block.
    block: f64,
    /// Length of one throughput cell.
    cell: Duration,
}

impl Effort {
    pub(crate) const QUICK: Self = Self {
        rounds: 5,
        block: 20.0,
        cell: Duration::from_millis(700),
    };
    pub(crate) const FULL: Self = Self {
        rounds: 20,
        block: 50.0,
        cell: Duration::from_secs(4),
    };
}

/// Latencies of one runner, sorted, seconds.
pub(crate) struct Latencies {
    pub(crate) runner: String,
    sorted: Vec<f64>,
}

impl Latencies {
    pub(crate) fn quantile(&self, quantile: f64) -> f64 {
        at_quantile(&self.sorted, quantile)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index from a share between 0 and 1"
)]
pub(crate) fn at_quantile(sorted: &[f64], quantile: f64) -> f64 {
    let index = (sorted.len() - 1) as f64 * quantile;
    sorted[index.round() as usize]
}

/// Runs every runner in turn, block by block, so that all meet the same noise.
pub(crate) fn latencies(runners: &mut [Runner], effort: Effort) -> anyhow::Result<Vec<Latencies>> {
    let mut all: Vec<Vec<f64>> = vec![Vec::new(); runners.len()];
    for _ in 0..effort.rounds {
        for (runner, times) in runners.iter().zip(&mut all) {
            let count = (effort.block * runner.share).ceil();
            runner.run()?;
            for _ in 0..(0..).take_while(|n| f64::from(*n) < count).count() {
                let start = Instant::now();
                runner.run()?;
                times.push(start.elapsed().as_secs_f64());
            }
        }
    }
    let rows = runners.iter().zip(all).map(|(runner, mut sorted)| {
        sorted.sort_by(f64::total_cmp);
        Latencies {
            runner: runner.name.clone(),
            sorted,
        }
    });
    Ok(rows.collect())
}

/// Throughput of one cell.
pub(crate) struct Throughput {
    pub(crate) per_second: f64,
    /// Seconds.
    pub(crate) p99: f64,
}

/// Keeps `parallel` runs under way for the length of a cell.
pub(crate) fn throughput(
    runner: &Runner,
    parallel: usize,
    effort: Effort,
) -> anyhow::Result<Throughput> {
    let failed = AtomicUsize::new(0);
    let mut times = Vec::new();
    // Everyone's first run starts what it needs and is not counted.
    let ready = std::sync::Barrier::new(parallel);
    let mut elapsed = 0.0_f64;
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..parallel)
            .map(|_| {
                scope.spawn(|| {
                    let mut times = Vec::new();
                    let warm = runner.run();
                    ready.wait();
                    let start = Instant::now();
                    if warm.is_err() {
                        failed.fetch_add(1, Ordering::Relaxed);
                        return (times, 0.0);
                    }
                    while start.elapsed() < effort.cell {
                        let one = Instant::now();
                        if runner.run().is_err() {
                            failed.fetch_add(1, Ordering::Relaxed);
                            break;
                        }
                        times.push(one.elapsed().as_secs_f64());
                    }
                    (times, start.elapsed().as_secs_f64())
                })
            })
            .collect();
        for thread in threads {
            let (part, seconds) = thread.join().expect("no run panics");
            times.extend(part);
            elapsed = elapsed.max(seconds);
        }
    });
    anyhow::ensure!(
        failed.load(Ordering::Relaxed) == 0,
        "runs of `{}` failed with {parallel} at once",
        runner.name
    );
    times.sort_by(f64::total_cmp);
    anyhow::ensure!(!times.is_empty(), "`{}` completed nothing", runner.name);
    Ok(Throughput {
        per_second: times.len() as f64 / elapsed,
        p99: at_quantile(&times, 0.99),
    })
}
