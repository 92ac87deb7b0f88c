//! Death of the process and of the machine: nothing that was answered is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use carrel_model::Verdict;
use carrel_model::id::{NodeId, SubmissionId, UserId};
use carrel_store::queue::Queue;
use carrel_store::sqlite::{Options, SqliteStore, inspect};
use carrel_store::submission::Submissions;
use carrel_store::upkeep::Upkeep;

use crate::conformance::{judged, new_submission, user_row};
use carrel_store::account::{Accounts, Authority};

/// Submitters of one child.
const SUBMITTERS: usize = 4;
/// Kills of the campaign.
const KILLS: usize = 15;

/// Starts this test binary again with one ignored test as its program; the
/// first line of its input is what it works on.
#[expect(
    clippy::disallowed_methods,
    reason = "a process that is killed has to be another one"
)]
pub(crate) fn start(prefix: &[&str], test: &str, input: &str) -> Child {
    let own = std::env::current_exe().unwrap();
    let mut words: Vec<String> = prefix.iter().map(ToString::to_string).collect();
    words.push(own.display().to_string());
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .args([
            "--exact",
            test,
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn open(path: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(path, Options::default()).unwrap())
}

/// Tells the parent, in one write, that something was acknowledged.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "the program of a child process"]
fn submitting_child() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    let user: UserId = words[0].parse().unwrap();
    let count: usize = words[1].parse().unwrap();
    let path = words[2];
    runtime().block_on(async {
        let store = open(Path::new(path));
        let mut tasks = Vec::new();
        for _ in 0..SUBMITTERS {
            let store = Arc::clone(&store);
            tasks.push(tokio::spawn(async move {
                for _ in 0..count {
                    let new = new_submission(user, "sample");
                    let id = new.id;
                    store.submit(new).await.unwrap();
                    tell(&format!("submitted {id}"));
                }
            }));
        }
        let worker = tokio::spawn(work(Arc::clone(&store), count));
        for task in tasks {
            task.await.unwrap();
        }
        worker.await.unwrap();
    });
}

/// Claims and finishes beside the submitters.
async fn work(store: Arc<SqliteStore>, count: usize) {
    let node = NodeId::new();
    for _ in 0..count {
        for lease in store.claim(node, 4, 500).await.unwrap() {
            let outcome = judged(Verdict::Accepted, 1.0);
            store
                .finish(lease.submission, lease.token, outcome, 1.0)
                .await
                .unwrap();
            tell(&format!("finished {}", lease.submission));
        }
        tokio::task::yield_now().await;
    }
}

async fn add_user(path: &Path) -> UserId {
    let user = user_row("ada");
    let id = user.id;
    open(path).add_user(user, Authority::Host).await.unwrap();
    id
}

#[derive(Default)]
struct Acknowledged {
    submitted: BTreeSet<SubmissionId>,
    finished: BTreeSet<SubmissionId>,
}

impl Acknowledged {
    fn note(&mut self, line: &str) {
        // The harness begins the first line with words of its own.
        let mut words = line.split_whitespace().rev();
        let id = words.next().map(str::parse);
        match (words.next(), id) {
            (Some("submitted"), Some(Ok(id))) => drop(self.submitted.insert(id)),
            (Some("finished"), Some(Ok(id))) => drop(self.finished.insert(id)),
            _ => {}
        }
    }

    /// Every acknowledged row is there, every submission has a job or one verdict.
    async fn check(&self, path: &Path) {
        inspect(path).unwrap();
        let store = open(path);
        for id in &self.submitted {
            let row = store.submission(*id).await.unwrap();
            assert!(row.verdicts <= 1, "judged twice: {row:?}");
            store.work(*id).await.unwrap();
        }
        for id in &self.finished {
            let history = store.history(*id).await.unwrap();
            assert_eq!(history.len(), 1);
            assert!(history[0].counts);
        }
        drop(store);
        let sql = rusqlite::Connection::open(path).unwrap();
        let lost: i64 = sql
            .query_row(
                "SELECT count(*) FROM submission WHERE state <> 'finished'
                 AND NOT EXISTS (SELECT 1 FROM job WHERE job.submission = submission.id)",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(lost, 0, "submissions that nobody will ever judge");
        let broken: i64 = sql
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(broken, 0);
    }
}

#[tokio::test]
async fn killed_at_any_moment_nothing_acknowledged_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("carrel.db");
    let user = add_user(&path).await;
    let mut acknowledged = Acknowledged::default();
    for round in 0..KILLS {
        let input = format!("{user} 1000000 {}\n", path.display());
        let mut child = start(&[], "crash::submitting_child", &input);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Another number of answers every time, so that the moment differs.
        for line in lines.by_ref().take(20 + round * 37) {
            acknowledged.note(&line.unwrap());
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines {
            acknowledged.note(&line.unwrap());
        }
        acknowledged.check(&path).await;
    }
    assert!(acknowledged.submitted.len() > 100 && !acknowledged.finished.is_empty());
}

#[tokio::test]
async fn two_processes_write_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("carrel.db");
    let user = add_user(&path).await;
    let children: Vec<Child> = (0..2)
        .map(|_| {
            let input = format!("{user} 100 {}\n", path.display());
            start(&[], "crash::submitting_child", &input)
        })
        .collect();
    let mut acknowledged = Acknowledged::default();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            acknowledged.note(line);
        }
    }
    assert_eq!(acknowledged.submitted.len(), 2 * SUBMITTERS * 100);
    acknowledged.check(&path).await;
}

/// A machine that loses power keeps, of the log, at least what was synced; what came
/// after may be there in part, or as garbage.
#[tokio::test]
async fn after_power_loss_every_prefix_is_whole_and_holds_what_was_answered() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("carrel.db");
    let log = directory.path().join("carrel.db-wal");
    let user = add_user(&path).await;
    let store = open(&path);
    store.check().await.unwrap();
    let base = std::fs::read(&path).unwrap();
    let mut answered: BTreeMap<u64, SubmissionId> = BTreeMap::new();
    for _ in 0..12 {
        let syncs = store.syncs();
        let new = new_submission(user, "sample");
        let id = new.id;
        store.submit(new).await.unwrap();
        assert!(store.syncs() > syncs, "answered after a sync");
        answered.insert(std::fs::metadata(&log).unwrap().len(), id);
        let lease = store.claim(NodeId::new(), 1, 500).await.unwrap().remove(0);
        let outcome = judged(Verdict::Accepted, 1.0);
        store.finish(id, lease.token, outcome, 1.0).await.unwrap();
    }
    let whole = std::fs::read(&log).unwrap();
    assert_eq!(
        std::fs::read(&path).unwrap(),
        base,
        "no checkpoint in between"
    );
    let ends = answered.keys().copied().collect::<Vec<_>>();
    for cut in (0..whole.len())
        .step_by(7_001)
        .chain(ends.iter().map(|end| *end as usize))
    {
        let after = tempfile::tempdir().unwrap();
        let copy = after.path().join("carrel.db");
        std::fs::write(&copy, &base).unwrap();
        let mut left = whole[..cut].to_vec();
        left.extend((0..9_000).map(|index| (index * 31 + cut) as u8));
        std::fs::write(after.path().join("carrel.db-wal"), &left).unwrap();
        let reopened = open(&copy);
        for (_, id) in answered.range(..=cut as u64) {
            reopened.submission(*id).await.unwrap();
        }
        reopened.check().await.unwrap();
        drop(reopened);
        inspect(&copy).unwrap();
    }
}
