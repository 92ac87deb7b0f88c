//! What keeping a submission costs, beside a bare loop of synced writes on the same disk
//! in the same run.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use carrel_model::Verdict;
use carrel_model::id::{NodeId, SubmissionId, UserId};
use carrel_model::result::{
    CONTRACT_VERSION, EXERCISM_VERSION, EnvironmentUsed, ResultDocument, Status,
};
use carrel_store::account::{Accounts, Authority, UserRow};
use carrel_store::queue::{Band, Lease, NewJob, Queue};
use carrel_store::sqlite::{Options, SqliteStore};
use carrel_store::submission::{ChallengeWork, NewSubmission, Outcome, Submissions, Work};
use jiff::Timestamp;

use crate::measure::at_quantile;
use crate::table::{Cell, Table};

const PRODUCERS: usize = 16;
const WORKERS: usize = 8;
/// Bytes of the source of one submission.
const SOURCE_BYTES: usize = 1_024;
const LEASE_MS: u64 = 60_000;
/// Jobs that one worker claims at once.
const CLAIM_MAX: u32 = 4;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Effort {
    rounds: usize,
    block: usize,
    cell: Duration,
}

const QUICK: Effort = Effort {
    rounds: 5,
    block: 20,
    cell: Duration::from_secs(2),
};
const FULL: Effort = Effort {
    rounds: 20,
    block: 50,
    cell: Duration::from_secs(10),
};

/// Measures in a directory of its own under `place`, whose disk is what counts.
pub(crate) fn measure(place: &Path, quick: bool) -> anyhow::Result<Vec<Table>> {
    let effort = if quick { QUICK } else { FULL };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let directory = tempfile::tempdir_in(place).context("making a work directory")?;
    runtime.block_on(async {
        let store = Arc::new(SqliteStore::open(
            &directory.path().join("bench.db"),
            Options::default(),
        )?);
        let user = add_user(&store).await?;
        let alone = alone(&store, user, directory.path(), effort).await?;
        let many = together(&store, user, effort).await?;
        let cycle = cycle(&store, user, effort).await?;
        Ok(vec![alone, many, cycle])
    })
}

async fn add_user(store: &SqliteStore) -> anyhow::Result<UserId> {
    let id = UserId::new();
    store
        .add_user(
            UserRow {
                id,
                name: "bench".into(),
                display_name: String::new(),
                email: None,
                password_hash: None,
                operator: false,
                disabled: false,
                subject: None,
                created_at: Timestamp::now(),
            },
            Authority::Host,
        )
        .await?;
    Ok(id)
}

fn submission(user: UserId, lane: usize) -> NewSubmission {
    let now = Timestamp::now();
    NewSubmission {
        id: SubmissionId::new(),
        user,
        work: Work::Challenge(ChallengeWork {
            course: "bench".into(),
            course_version: "0".repeat(64),
            challenge: "one".into(),
            step: None,
            language: None,
            files: BTreeMap::from([("main.py".to_owned(), vec![b'#'; SOURCE_BYTES])]),
        }),
        idempotency: None,
        trace: None,
        request: "bench".into(),
        job: NewJob {
            band: Band::Interactive,
            course: "bench".into(),
            lane: format!("lane-{lane}"),
            cost_ms: 50.0,
            not_before: None,
            target: now,
        },
        callback: None,
    }
}

fn outcome() -> Outcome {
    Outcome::Judged(Box::new(ResultDocument {
        version: EXERCISM_VERSION,
        status: Status::Pass,
        message: None,
        tests: Vec::new(),
        contract_version: CONTRACT_VERSION,
        verdict: Verdict::Accepted,
        cause: None,
        gradable: true,
        points: 1.0,
        points_max: 1.0,
        challenge: "one".into(),
        environment: EnvironmentUsed {
            name: "host".into(),
            digest: None,
            repeatable: false,
        },
        steps: Vec::new(),
        runs: Vec::new(),
        incidents: Vec::new(),
        duration_ms: 1.0,
    }))
}

fn cells(mut times: Vec<f64>) -> Vec<Cell> {
    times.sort_by(f64::total_cmp);
    [("p50", 0.5), ("p99", 0.99), ("most", 1.0)]
        .map(|(name, quantile)| Cell::new(name, at_quantile(&times, quantile) * 1e3))
        .into()
}

/// One caller that waits for each answer, and the bare disk, block by block.
async fn alone(
    store: &SqliteStore,
    user: UserId,
    directory: &Path,
    effort: Effort,
) -> anyhow::Result<Table> {
    let mut file = File::create(directory.join("bare"))?;
    let [mut bare, mut submits, mut finishes] = [Vec::new(), Vec::new(), Vec::new()];
    let node = NodeId::new();
    for _ in 0..effort.rounds {
        for _ in 0..effort.block {
            let start = Instant::now();
            file.write_all(&[7; 4_096])?;
            file.sync_data()?;
            bare.push(start.elapsed().as_secs_f64());
        }
        for _ in 0..effort.block {
            let new = submission(user, 0);
            let start = Instant::now();
            store.submit(new).await?;
            submits.push(start.elapsed().as_secs_f64());
            let leases = store.claim(node, 1, LEASE_MS).await?;
            let lease = leases.first().context("nothing to claim")?;
            let start = Instant::now();
            store
                .finish(lease.submission, lease.token, outcome(), 50.0)
                .await?;
            finishes.push(start.elapsed().as_secs_f64());
        }
    }
    let mut table = Table::new("one caller, milliseconds");
    table.push("4 KiB write + fdatasync", cells(bare));
    table.push("submit", cells(submits));
    table.push("finish", cells(finishes));
    Ok(table)
}

async fn together(store: &Arc<SqliteStore>, user: UserId, effort: Effort) -> anyhow::Result<Table> {
    let syncs = store.syncs();
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for lane in 0..PRODUCERS {
        let store = Arc::clone(store);
        tasks.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < effort.cell {
                let new = submission(user, lane);
                let start = Instant::now();
                store.submit(new).await?;
                times.push(start.elapsed().as_secs_f64());
            }
            Ok::<_, carrel_store::Error>(times)
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let (seconds, count) = (begun.elapsed().as_secs_f64(), times.len() as f64);
    let mut row = cells(times);
    row.push(Cell::new("per second", count / seconds));
    row.push(Cell::new(
        "per sync",
        count / (store.syncs() - syncs) as f64,
    ));
    let mut table = Table::new("16 callers, milliseconds");
    table.push("submit", row);
    Ok(table)
}

/// Submitted, claimed and finished, all durable, as fast as it goes.
async fn cycle(store: &Arc<SqliteStore>, user: UserId, effort: Effort) -> anyhow::Result<Table> {
    drain(store).await?;
    let over = Arc::new(AtomicBool::new(false));
    let submitted = Arc::new(AtomicUsize::new(0));
    let finished = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for lane in 0..PRODUCERS {
        let (store, over, submitted) =
            (Arc::clone(store), Arc::clone(&over), Arc::clone(&submitted));
        tasks.push(tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                store.submit(submission(user, lane)).await?;
                submitted.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, carrel_store::Error>(())
        }));
    }
    for _ in 0..WORKERS {
        let (store, over, finished) = (Arc::clone(store), Arc::clone(&over), Arc::clone(&finished));
        tasks.push(tokio::spawn(async move {
            let node = NodeId::new();
            while !over.load(Ordering::Relaxed) {
                let leases = store.claim(node, CLAIM_MAX, LEASE_MS).await?;
                if leases.is_empty() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                finished.fetch_add(finish_all(&store, leases).await?, Ordering::Relaxed);
            }
            Ok::<_, carrel_store::Error>(())
        }));
    }
    tokio::time::sleep(effort.cell).await;
    over.store(true, Ordering::Relaxed);
    let seconds = begun.elapsed().as_secs_f64();
    let ended = finished.load(Ordering::Relaxed);
    for task in tasks {
        task.await??;
    }
    ensure!(ended > 0, "nothing was finished");
    let mut table = Table::new("submit, claim, finish: 16 producers, 8 workers");
    let per_second = |count: usize| count as f64 / seconds;
    table.push(
        "jobs per second",
        vec![
            Cell::new("finished", per_second(ended)),
            Cell::new("submitted", per_second(submitted.load(Ordering::Relaxed))),
        ],
    );
    Ok(table)
}

/// Finishes what earlier measurements left.
async fn drain(store: &Arc<SqliteStore>) -> anyhow::Result<()> {
    let node = NodeId::new();
    loop {
        let leases = store.claim(node, 64, LEASE_MS).await?;
        if leases.is_empty() {
            return Ok(());
        }
        finish_all(store, leases)
            .await
            .context("draining the queue")?;
    }
}

/// Finishes leases at once; returns how many.
async fn finish_all(
    store: &Arc<SqliteStore>,
    leases: Vec<Lease>,
) -> carrel_store::error::Result<usize> {
    let mut tasks = tokio::task::JoinSet::new();
    for lease in leases {
        let store = Arc::clone(store);
        tasks.spawn(async move {
            store
                .finish(lease.submission, lease.token, outcome(), 50.0)
                .await
        });
    }
    let mut count = 0;
    for ended in tasks.join_all().await {
        ended?;
        count += 1;
    }
    Ok(count)
}
