//! Submissions while every process is killed again and again: what was lost, doubled, wrong.

use std::time::Duration;

use anyhow::ensure;
use carrel_e2e::crash::{Campaign, run};

use super::{Words, World, minutes, runtime};
use crate::table::{Cell, Table};

/// Runs a campaign: `--submissions N`, `--pause-ms N` between kills on average, `--seed N`;
/// `--minutes N`: no more are begun after that.
pub(crate) fn measure(words: &Words) -> anyhow::Result<Vec<Table>> {
    let quick = words.has("--quick");
    let mut world = World::start(words)?;
    let campaign = Campaign {
        submissions: words.number("--submissions", if quick { 200 } else { 10_000 })?,
        senders: words.number("--senders", 4)?,
        pause: Duration::from_millis(words.number("--pause-ms", 1_000)? as u64),
        // Each of those takes whole seconds of processor time.
        mix: world.mix.clone().without_limits(),
        length: minutes(words)?,
        seed: words.number("--seed", 1)? as u64,
    };
    let people = world.people.clone();
    let outcome = runtime()?.block_on(run(&mut world.server, &people, campaign))?;
    let findings = &outcome.findings;
    let mut table = Table::new("submissions while processes are killed");
    let mut cells = vec![
        Cell::new("acknowledged", findings.acknowledged as f64),
        Cell::new("lost", findings.lost.len() as f64),
        Cell::new("doubled", findings.doubled.len() as f64),
        Cell::new("wrong", findings.wrong.len() as f64),
        Cell::new("parked", findings.parked.len() as f64),
        Cell::new("sent again", outcome.retries as f64),
        Cell::new("seconds", outcome.took.as_secs_f64()),
    ];
    for (role, count) in &outcome.kills {
        cells.push(Cell::new(&format!("kills: {role}"), *count as f64));
    }
    table.push("campaign", cells);
    ensure!(
        findings.is_clean(),
        "{findings:#?}\n{table}\n{}",
        world.server.log()
    );
    Ok(vec![table])
}
