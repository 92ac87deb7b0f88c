//! How long a sandbox full of hostile processes takes to be gone once its limit
//! is reached, and what it leaves.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use carrel_sandbox::{Ending, Keeper, KeeperOptions, Limit, Spec, Stream};

use crate::runner::host_root;
use crate::table::{Cell, Table};

/// User id of programs, counted from the first of a slot's range (`docs/sandbox.md`).
const PROGRAM_UID: u32 = 1000;
/// A shell function that starts itself twice, for ever.
const FORK_BOMB: &str = "f() { f | f & f; }; f & while :; do :; done";
/// Doubles a string until there is no more memory.
const MEMORY_BOMB: &str = "x=0123456789abcdef; while :; do x=$x$x; done";

/// Runs each bomb `rounds` times.
pub(crate) fn measure(rounds: usize) -> anyhow::Result<Table> {
    let mut table = Table::new("end of a bomb: milliseconds from the limit to the report");
    let wall = Duration::from_millis(300);
    let fork: Vec<f64> = repeat(rounds, |keeper| {
        let mut spec = shell(FORK_BOMB);
        spec.limits.wall_ms = 300;
        spec.limits.processes = 256;
        spec.stderr = Stream::Null;
        spec.limits.cpu_ms = 60_000;
        let start = Instant::now();
        let report = keeper.run(spec)?;
        let late = start.elapsed().saturating_sub(wall);
        ensure!(
            report.ending == Ending::Limit(Limit::Wall),
            "fork bomb: {:?}",
            report.ending
        );
        ensure!(
            report.processes_refused > 0,
            "the fork bomb was not refused"
        );
        Ok(late.as_secs_f64() * 1e3)
    })?;
    table.push("fork bomb, 256 processes", cells(fork));
    let memory: Vec<f64> = repeat(rounds, |keeper| {
        let mut spec = shell(MEMORY_BOMB);
        spec.limits.memory_bytes = 64 << 20;
        let start = Instant::now();
        let report = keeper.run(spec)?;
        ensure!(
            report.ending == Ending::Limit(Limit::Memory),
            "memory bomb: {:?}",
            report.ending
        );
        // What the program itself lived for is not the killing.
        let lived = Duration::from_micros(report.usage.wall_us);
        Ok(start.elapsed().saturating_sub(lived).as_secs_f64() * 1e3)
    })?;
    table.push("memory bomb, 64 MiB", cells(memory));
    Ok(table)
}

fn shell(script: &str) -> Spec {
    Spec::new(["/bin/sh", "-c", script].map(str::to_owned).to_vec())
}

fn repeat(
    rounds: usize,
    mut one: impl FnMut(&mut Keeper) -> anyhow::Result<f64>,
) -> anyhow::Result<Vec<f64>> {
    let mut keeper = Keeper::start(host_root(), &KeeperOptions::new("/proc/self/exe".into()))?;
    let mut times = (0..rounds)
        .map(|_| one(&mut keeper))
        .collect::<anyhow::Result<Vec<f64>>>()?;
    let left = leftovers(&keeper)?;
    ensure!(left == 0, "{left} processes are left");
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn cells(sorted: Vec<f64>) -> Vec<Cell> {
    let at = |quantile| crate::measure::at_quantile(&sorted, quantile);
    vec![
        Cell::new("p50", at(0.5)),
        Cell::new("p99", at(0.99)),
        Cell::new("most", at(1.0)),
    ]
}

/// Processes on the host whose user is that of this keeper's programs.
fn leftovers(keeper: &Keeper) -> anyhow::Result<usize> {
    use std::os::unix::fs::MetadataExt;
    let pid = keeper.process_id();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    let child = children
        .split_whitespace()
        .next()
        .context("the keeper has no child")?;
    let map = std::fs::read_to_string(format!("/proc/{child}/uid_map"))?;
    let first: u32 = map
        .split_whitespace()
        .nth(1)
        .context("an empty map of users")?
        .parse()?;
    let mut count = 0;
    for entry in std::fs::read_dir("/proc")? {
        // A process that ends while we look is none that is left.
        let Ok(metadata) = entry?.metadata() else {
            continue;
        };
        count += usize::from(metadata.uid() == first + PROGRAM_UID);
    }
    Ok(count)
}
