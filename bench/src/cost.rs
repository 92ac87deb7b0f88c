//! Processor time per run, of everything that a run starts: steadier than
//! clocks on a machine with other work.

use anyhow::Context;

use crate::runner::Runner;
use crate::table::{Cell, Table};
use crate::workload::Workload;

/// Clock ticks per second of `/proc` (proc(5); always 100 on Linux as user space sees it).
const TICKS_PER_SECOND: f64 = 100.0;

/// Runs each workload `runs` times per runner, scaled by the runner's share.
pub(crate) fn measure(runs: u32, only: Option<&str>) -> anyhow::Result<Table> {
    let directory = tempfile::tempdir().context("making a work directory")?;
    let mut table = Table::new("processor time per run, milliseconds (own and children's)");
    for workload in Workload::all(directory.path())? {
        for runner in Runner::available(&workload, directory.path())? {
            if only.is_some_and(|only| !runner.name.contains(only)) {
                continue;
            }
            let name = format!("{}, {}", workload.name, runner.name);
            let count = (f64::from(runs) * runner.share).ceil();
            let before = ticks()?;
            for _ in (0..).take_while(|n| f64::from(*n) < count) {
                runner.run()?;
            }
            // Ends the keepers, whose time counts only then.
            drop(runner);
            let spent = (ticks()? - before) / TICKS_PER_SECOND;
            table.push(&name, vec![Cell::new("ms per run", spent * 1e3 / count)]);
        }
    }
    Ok(table)
}

/// Processor time of this process and its ended children, ticks.
fn ticks() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").context("reading /proc/self/stat")?;
    // utime, stime, cutime and cstime are fields 14 to 17; after the name comes field 3.
    let times = fields.split(' ').skip(11).take(4);
    Ok(times.map(|time| time.parse::<f64>().unwrap_or(0.0)).sum())
}
