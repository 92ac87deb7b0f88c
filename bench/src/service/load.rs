//! Open-loop load: at rest, near capacity, at twice and ten times of it.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use carrel_e2e::Client;
use carrel_e2e::load::{Offer, Went, own_cpu, run, submit};
use carrel_e2e::random::Random;

use super::{Words, World, every, runtime};
use crate::measure::at_quantile;
use crate::table::{Cell, Table};

/// Longest wait for a verdict.
const PATIENCE: Duration = Duration::from_secs(60);
/// Submissions under way at one time while capacity is measured (a closed loop).
const CLOSED_SENDERS: usize = 4;

/// Pause of a sender in turn that was refused.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Of each offer so many of the slowest are told by name.
const SLOWEST: usize = 6;

/// What one offer gave.
pub(super) struct Row {
    pub(super) name: String,
    rate: f64,
    /// Wall time, seconds.
    seconds: f64,
    /// Processor time of the service, seconds.
    cpu_seconds: f64,
    /// Processor time of what was judged, seconds.
    own_cpu_seconds: f64,
    pub(super) all: Vec<Went>,
}

/// Measures capacity in a closed loop, then offers shares and multiples of it, each for
/// `--seconds N`. `--every FILE`: each submission by itself, one JSON object a line.
pub(crate) fn measure(words: &Words) -> anyhow::Result<Vec<Table>> {
    let quick = words.has("--quick");
    // Before the minutes of measuring, which would be lost.
    let every = words.value("--every").map(Path::new);
    let every = every
        .map(|path| every::create(path).map(|file| (path, file)))
        .transpose()?;
    let world = World::start(words)?;
    let runtime = runtime()?;
    let length = Duration::from_secs(words.number("--seconds", if quick { 8 } else { 30 })? as u64);
    runtime.block_on(async {
        warm_up(&world).await?;
        let closed = closed_loop(&world, length).await?;
        let capacity = closed.judged() as f64 / closed.seconds;
        let mut rows = vec![closed];
        for (name, share) in [
            ("half of capacity", 0.5),
            ("1x", 1.0),
            ("2x", 2.0),
            ("10x", 10.0),
        ] {
            rows.push(offer(&world, name, capacity * share, length).await?);
        }
        if let Some((path, file)) = every {
            every::write(path, file, &rows)?;
        }
        let tables = vec![latencies(&rows), costs(&rows), slowest(&rows)];
        let told: String = tables.iter().map(|table| format!("{table}\n")).collect();
        let wrong: usize = rows.iter().map(Row::wrong).sum();
        let failed: Vec<&str> = rows.iter().flat_map(Row::failed).take(5).collect();
        ensure!(wrong == 0, "{wrong} wrong verdicts\n{told}");
        ensure!(
            failed.is_empty(),
            "failed requests: {failed:?}\n{told}{}",
            world.server.log()
        );
        Ok(tables)
    })
}

/// Every submission once: environments are opened, programs compiled, costs known.
async fn warm_up(world: &World) -> anyhow::Result<()> {
    let mut client = Client::new(world.server.address, Some(&world.people.operator));
    for work in world.mix.all() {
        loop {
            match submit(&mut client, work, Instant::now(), PATIENCE).await {
                Went::Judged { right: true, .. } => break,
                Went::Refused { .. } => tokio::time::sleep(Duration::from_millis(300)).await,
                other => anyhow::bail!("{} of {}: {other:?}", work.name, work.challenge),
            }
        }
    }
    Ok(())
}

async fn closed_loop(world: &World, length: Duration) -> anyhow::Result<Row> {
    let cpu = world.server.cpu_seconds();
    let began = Instant::now();
    let mut senders = tokio::task::JoinSet::new();
    for number in 0..CLOSED_SENDERS {
        let mix = world.mix.clone();
        let token = world.people.learners[number % world.people.learners.len()].clone();
        let address = world.server.address;
        senders.spawn(async move {
            let mut random = Random::new(number as u64);
            let mut client = Client::new(address, Some(&token));
            let mut all = Vec::new();
            while began.elapsed() < length {
                let work = mix.draw(&mut random).clone().edited(random.next());
                let went = submit(&mut client, &work, Instant::now(), PATIENCE).await;
                if matches!(went, Went::Refused { .. }) {
                    // Or it would be the refusals that are measured.
                    tokio::time::sleep(REFUSED_PAUSE).await;
                }
                all.push(went);
            }
            all
        });
    }
    let mut all = Vec::new();
    while let Some(ended) = senders.join_next().await {
        all.extend(ended.unwrap_or_default());
    }
    let (seconds, cpu_seconds) = (
        began.elapsed().as_secs_f64(),
        world.server.cpu_seconds() - cpu,
    );
    Ok(Row {
        name: format!("{CLOSED_SENDERS} in turn (closed loop)"),
        rate: 0.0,
        seconds,
        cpu_seconds,
        own_cpu_seconds: own_cpu(&mut operator(world), &all).await?,
        all,
    })
}

fn operator(world: &World) -> Client {
    Client::new(world.server.address, Some(&world.people.operator))
}

async fn offer(world: &World, name: &str, rate: f64, length: Duration) -> anyhow::Result<Row> {
    let cpu = world.server.cpu_seconds();
    let began = Instant::now();
    let offer = Offer {
        rate,
        length,
        patience: PATIENCE,
        mix: world.mix.clone(),
        seed: rate.to_bits(),
    };
    let all = run(world.server.address, &world.people.learners, &offer).await;
    let (seconds, cpu_seconds) = (
        began.elapsed().as_secs_f64(),
        world.server.cpu_seconds() - cpu,
    );
    Ok(Row {
        name: format!("{name}, {rate:.1}/s"),
        rate,
        seconds,
        cpu_seconds,
        own_cpu_seconds: own_cpu(&mut operator(world), &all).await?,
        all,
    })
}

impl Row {
    fn judged(&self) -> usize {
        self.latencies().len()
    }

    fn latencies(&self) -> Vec<f64> {
        self.judgements(|went| match went {
            Went::Judged { seconds, .. } => Some(*seconds),
            _ => None,
        })
    }

    /// Shares of their targets, of those that use up no limit: the time of the others is what
    /// their limits are.
    fn of_target(&self) -> Vec<f64> {
        self.judgements(|went| match went {
            Went::Judged {
                of_target,
                limited: false,
                ..
            } => Some(*of_target),
            _ => None,
        })
    }

    fn waits(&self) -> Vec<f64> {
        self.judgements(|went| match went {
            Went::Judged { moments, .. } => Some(moments.waited_seconds()),
            _ => None,
        })
    }

    fn judgements(&self, of: impl FnMut(&Went) -> Option<f64>) -> Vec<f64> {
        let mut sorted: Vec<f64> = self.all.iter().filter_map(of).collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    fn refusals(&self) -> Vec<f64> {
        let mut sorted: Vec<f64> = self
            .all
            .iter()
            .filter_map(|went| match went {
                Went::Refused { seconds, .. } => Some(*seconds),
                _ => None,
            })
            .collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    }

    fn wrong(&self) -> usize {
        let wrong = |went: &&Went| matches!(went, Went::Judged { right: false, .. });
        self.all.iter().filter(wrong).count()
    }

    fn failed(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(|went| match went {
            Went::Failed(reason) => Some(reason.as_str()),
            Went::Late => Some("no verdict in time"),
            _ => None,
        })
    }
}

fn ms_at(sorted: &[f64], quantile: f64) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    at_quantile(sorted, quantile) * 1e3
}

fn latencies(rows: &[Row]) -> Table {
    let mut table =
        Table::new("from the moment a submission is due to its verdict, milliseconds (open loop)");
    for row in rows {
        let (judged, refused) = (row.latencies(), row.refusals());
        let (of_target, waits) = (row.of_target(), row.waits());
        let share = refused.len() as f64 / row.all.len().max(1) as f64;
        table.push(
            &row.name,
            vec![
                Cell::new("sent", row.all.len() as f64),
                Cell::new("judged per s", judged.len() as f64 / row.seconds),
                Cell::new("p50", ms_at(&judged, 0.5)),
                Cell::new("p99", ms_at(&judged, 0.99)),
                Cell::new("p99.9", ms_at(&judged, 0.999)),
                Cell::new("% of target p99", ms_at(&of_target, 0.99) / 10.0),
                Cell::new("wait p50", ms_at(&waits, 0.5)),
                Cell::new("wait p99", ms_at(&waits, 0.99)),
                Cell::new("refused %", share * 100.0),
                Cell::new("refusal p50", ms_at(&refused, 0.5)),
                Cell::new("refusal p99", ms_at(&refused, 0.99)),
            ],
        );
    }
    table
}

fn costs(rows: &[Row]) -> Table {
    let mut table = Table::new(
        "processor time per judged submission, milliseconds: in its sandboxes, and of web, worker, keepers beyond",
    );
    for row in rows {
        let count = row.judged().max(1) as f64;
        let own = row.own_cpu_seconds;
        table.push(
            &row.name,
            vec![
                Cell::new("offered per s", row.rate),
                Cell::new("its sandboxes", own / count * 1e3),
                Cell::new("beyond", row.cpu_seconds / count * 1e3),
            ],
        );
    }
    table
}

/// What the highest quantiles are made of.
fn slowest(rows: &[Row]) -> Table {
    let mut table = Table::new("the slowest of each, milliseconds");
    for row in rows {
        let mut judged: Vec<_> = row
            .all
            .iter()
            .filter_map(|went| match went {
                Went::Judged {
                    work,
                    seconds,
                    of_target,
                    moments,
                    ..
                } => Some((*of_target, *seconds, moments.waited_seconds(), work)),
                _ => None,
            })
            .collect();
        judged.sort_by(|one, other| other.0.total_cmp(&one.0));
        for (of_target, seconds, waited, work) in judged.into_iter().take(SLOWEST) {
            table.push(
                &format!("{}: {work}", row.name),
                vec![
                    Cell::new("took", seconds * 1e3),
                    Cell::new("of it waited", waited * 1e3),
                    Cell::new("% of target", of_target * 100.0),
                ],
            );
        }
    }
    table
}
