//! What a fresh sandbox costs over bare fork+exec, beside peers, in one run.
//!
//! `cargo run --release -p carrel-bench -- sandbox [--quick] [--only PEER]` prints the tables and
//! writes them as JSON to `bench/out/`; `service`, `crash` and `growth` measure the whole service,
//! `exchange` the import of a question bank; `corpus DIR` reads example sets of other tools.
#![expect(clippy::print_stdout, reason = "a benchmark's report is its output")]

mod corpus;
mod cost;
mod exchange;
mod kill;
mod measure;
mod quiz;
mod runner;
mod service;
mod store;
mod table;
mod workload;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};

use crate::measure::{Effort, latencies, throughput};
use crate::runner::Runner;
use crate::table::{Cell, Table};
use crate::workload::Workload;

const PARALLEL: [usize; 4] = [1, 2, 8, 32];

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args();
    if arguments.next().as_deref() == Some(carrel_sandbox::KEEPER_NAME) {
        if carrel_sandbox::keeper::enter() != 0 {
            bail!("the keeper could not serve");
        }
        return Ok(());
    }
    let rest: Vec<String> = arguments.collect();
    let effort = if rest.iter().any(|word| word == "--quick") {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    match rest.first().map(String::as_str) {
        Some("sandbox") => {
            let only = rest.iter().skip_while(|word| *word != "--only").nth(1);
            sandbox(effort, only.map(String::as_str))
        }
        Some("kill") => {
            let table = kill::measure(if rest.iter().any(|word| word == "--quick") {
                20
            } else {
                100
            })?;
            println!("{table}\nno process of a sandbox is left");
            write("kill.json", &[table])
        }
        Some("cost") => {
            let only = rest.iter().skip_while(|word| *word != "--only").nth(1);
            let quick = rest.iter().any(|word| word == "--quick");
            let table = cost::measure(if quick { 500 } else { 3_000 }, only.map(String::as_str))?;
            println!("{table}");
            write("cost.json", &[table])
        }
        Some(name @ ("service" | "crash" | "growth")) => {
            let words = service::Words(rest.clone());
            let tables = match name {
                "service" => service::load(&words)?,
                "crash" => service::crash(&words)?,
                _ => service::growth(&words)?,
            };
            tell(&format!("{name}.json"), &tables)
        }
        Some("quiz") => {
            let quick = rest.iter().any(|word| word == "--quick");
            let tables = quiz::measure(Duration::from_secs(if quick { 1 } else { 10 }))?;
            tell("quiz.json", &tables)
        }
        Some("exchange") => {
            let tables = exchange::measure()?;
            for table in &tables {
                println!("{table}");
            }
            write("exchange.json", &tables)
        }
        Some("corpus") => corpus::run(&rest),
        Some("store") => {
            let tables = store::measure(&out()?, rest.iter().any(|word| word == "--quick"))?;
            tell("store.json", &tables)
        }
        _ => bail!(
            "usage: carrel-bench sandbox|cost|kill|quiz|store [--quick] [--only PEER]\n       \
             carrel-bench exchange\n       \
             carrel-bench corpus DIR [--json FILE]\n       \
             carrel-bench service|crash|growth [--quick] [--mix light] [--course DIR] [--state DIR] \
             [--submissions N] [--seconds N] [--minutes N]"
        ),
    }
}

/// Prints tables and keeps them in a file.
fn tell(file: &str, tables: &[Table]) -> anyhow::Result<()> {
    for table in tables {
        println!("{table}");
    }
    write(file, tables)
}

fn sandbox(effort: Effort, only: Option<&str>) -> anyhow::Result<()> {
    let directory = tempfile::tempdir().context("making a work directory")?;
    let mut tables = Vec::new();
    for workload in Workload::all(directory.path())? {
        let mut runners = Runner::available(&workload, directory.path())?;
        if let Some(only) = only {
            runners.retain(|runner| runner.name.contains(only) || runner.name.contains("bare"));
        }
        let rows = latencies(&mut runners, effort)?;
        let bare = rows[0].quantile(0.5);
        let mut table = Table::new(&format!(
            "{}: one after another, milliseconds",
            workload.name
        ));
        for row in &rows {
            table.push(
                &row.runner,
                vec![
                    Cell::new("p50", row.quantile(0.5) * 1e3),
                    Cell::new("p99", row.quantile(0.99) * 1e3),
                    Cell::new("least", row.quantile(0.0) * 1e3),
                    Cell::new("most", row.quantile(1.0) * 1e3),
                    Cell::new("p50 over bare", row.quantile(0.5) / bare),
                    Cell::new("added p50", (row.quantile(0.5) - bare) * 1e3),
                ],
            );
        }
        println!("{table}");
        tables.push(table);
        let mut table = Table::new(&format!("{}: completed per second (p99 ms)", workload.name));
        for runner in &runners {
            let mut cells = Vec::new();
            for parallel in PARALLEL {
                let row = throughput(runner, parallel, effort)?;
                cells.push(Cell::new(&format!("{parallel} at once"), row.per_second));
                cells.push(Cell::new("p99", row.p99 * 1e3));
            }
            table.push(&runner.name, cells);
        }
        println!("{table}");
        tables.push(table);
    }
    write("sandbox.json", &tables)
}

/// Where results go; on the disk of the work tree.
fn out() -> anyhow::Result<PathBuf> {
    let out = Path::new(env!("CARGO_MANIFEST_DIR")).join("out");
    std::fs::create_dir_all(&out)?;
    Ok(out)
}

fn write(name: &str, tables: &[Table]) -> anyhow::Result<()> {
    let file = out()?.join(name);
    std::fs::write(&file, serde_json::to_vec_pretty(tables)?)?;
    println!("written to {}", file.display());
    Ok(())
}
