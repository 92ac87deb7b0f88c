//! Memory of web and worker over many submissions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use carrel_e2e::Client;
use carrel_e2e::load::{Went, submit};
use carrel_e2e::random::Random;

use super::{Words, World, minutes, runtime};
use crate::table::{Cell, Table};

/// Rows of the table.
const ROWS: usize = 10;
/// Submissions under way at one time.
const SENDERS: usize = 4;

/// Submits `--submissions N` and tells the memory after every tenth of them, each row as soon
/// as it is there; `--minutes N`: ends with the row under way then.
pub(crate) fn measure(words: &Words) -> anyhow::Result<Vec<Table>> {
    let quick = words.has("--quick");
    let world = World::start(words)?;
    let submissions = words.number("--submissions", if quick { 400 } else { 100_000 })?;
    let mut table = Table::new("memory (PSS, MiB) after so many submissions");
    let runtime = runtime()?;
    let mut random = Random::new(2);
    let mut refused = 0;
    let (began, length) = (Instant::now(), minutes(words)?);
    let mut judged = 0;
    for _ in 0..ROWS {
        let until = began + length;
        let went = runtime.block_on(part(&world, submissions / ROWS, (random.next(), until)));
        judged += went.judged;
        refused += went.refused;
        let mebibytes =
            |role: &str| world.server.memory_bytes(role) as f64 / f64::from(1_u32 << 20);
        let files = |role: &str| open_files(&world, role);
        table.push(
            &judged.to_string(),
            vec![
                Cell::new("minutes", began.elapsed().as_secs_f64() / 60.0),
                Cell::new("web", mebibytes("web")),
                Cell::new("worker", mebibytes("worker")),
                Cell::new("keepers", mebibytes("keeper")),
                Cell::new("supervisor", mebibytes("supervisor")),
                Cell::new("files web", files("web")),
                Cell::new("files worker", files("worker")),
                Cell::new("refused", f64::from(refused)),
            ],
        );
        println!("{table}");
        if began.elapsed() > length {
            break;
        }
    }
    Ok(vec![table])
}

/// How the submissions of a part went.
#[derive(Debug, Default, Clone, Copy)]
struct Parted {
    judged: u32,
    refused: u32,
}

/// One right submission of each challenge again and again: the service is measured, not the programs.
async fn part(world: &World, count: usize, (seed, until): (u64, Instant)) -> Parted {
    let mut works: BTreeMap<String, carrel_e2e::Work> = BTreeMap::new();
    for work in world
        .mix
        .all()
        .filter(|work| work.is_right("accepted") || work.is_right("wrong_answer"))
    {
        works
            .entry(work.challenge.clone())
            .or_insert_with(|| work.clone());
    }
    let works: Vec<carrel_e2e::Work> = works.into_values().collect();
    let mut senders = tokio::task::JoinSet::new();
    for number in 0..SENDERS {
        let works = works.clone();
        let tokens = world.people.learners.clone();
        let address = world.server.address;
        senders.spawn(async move {
            let mut random = Random::new(seed ^ number as u64);
            let mut client = Client::new(address, None);
            let mut parted = Parted::default();
            while (parted.judged as usize) < count / SENDERS && Instant::now() < until {
                client.act_as(&tokens[random.below(tokens.len())]);
                let work = &works[random.below(works.len())];
                let went = submit(&mut client, work, Instant::now(), Duration::from_secs(60)).await;
                match went {
                    Went::Judged { .. } => parted.judged += 1,
                    _ => {
                        parted.refused += 1;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
            parted
        });
    }
    let mut all = Parted::default();
    while let Some(ended) = senders.join_next().await {
        let parted = ended.unwrap_or_default();
        all.judged += parted.judged;
        all.refused += parted.refused;
    }
    all
}

fn open_files(world: &World, role: &str) -> f64 {
    let processes = world.server.of_role(role);
    let count = |pid: u32| std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
    processes
        .iter()
        .map(|process| count(process.pid))
        .sum::<usize>() as f64
}
