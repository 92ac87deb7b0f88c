//! What the tests share: a state directory with a course, a store, and workers that can be killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use carrel_bus::local::LocalBus;
use carrel_bus::{Bus, Hint};
use carrel_judge::sandboxes::Sandboxes as _;
use carrel_judge::{CompileCache, Environment, Environments, Error, KeeperPool};
use carrel_model::execution::{ExecutionRequest, SubmissionState};
use carrel_model::id::{SubmissionId, UserId};
use carrel_model::result::EnvironmentUsed;
use carrel_sandbox::journal::{self, Adoption};
use carrel_sandbox::{Entry, KeeperOptions, Root, Spec};
use carrel_store::account::{Accounts as _, Authority, UserRow};
use carrel_store::event::{Event, Events as _};
use carrel_store::node::{NodeRow, Nodes as _};
use carrel_store::queue::{Band, NewJob};
use carrel_store::sqlite::{Options, SqliteStore};
use carrel_store::submission::{
    ChallengeWork, NewSubmission, Outcome, SubmissionRow, Submissions as _, Work,
};
use carrel_worker::{NodeEnvironments, Parts, Settings};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};

/// Digest of the course version; what it is of does not matter here.
pub(crate) const VERSION: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// Longest wait for something that comes at once; only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

const CHALLENGE: &str = r#"
id = "adding"
title = "Adding"
language = "bash"
environment = "host"

[files]
editable = ["add.sh"]

[[checks]]
id = "small"
kind = "io"
title = "Small numbers"
input = "data/small.in"
answer = "data/small.ans"

[[checks]]
id = "large"
kind = "io"
title = "Large numbers"
message = "Something hidden-in-the-message."
input = "data/large.in"
answer = "data/large.ans"
visibility = "never"
"#;

/// Python tests, which run apart from the learner's code in a sandbox joined to its own.
const APART: &str = r#"
id = "waiting"
title = "Waiting"
language = "python"
environment = "host"
"#;

const APART_TESTS: &str = "import unittest
import waiting


class WaitingTest(unittest.TestCase):
    def test_three(self):
        self.assertEqual(waiting.three(), 3)
";

const RIGHT: &str = "read -r a b; echo $((a + b))\n";

/// The host, as an operator may allow it, under two names: submissions run in
/// `host`, the canary in `plain`. Files in the state directory make one of them broken.
struct Host {
    state: PathBuf,
}

/// While it is there, no sandbox of `host` can be made.
pub(crate) const BROKEN: &str = "broken-host";
/// While it is there, no sandbox of `plain` can be made.
pub(crate) const NO_CANARY: &str = "broken-plain";

/// While it is there, the node has an environment `cobol`.
pub(crate) const COBOL: &str = "has-cobol";

impl Host {
    fn names(&self) -> Vec<&'static str> {
        let mut names = vec!["plain", "host"];
        names.extend(self.state.join(COBOL).exists().then_some("cobol"));
        names
    }

    fn is_broken(&self, name: &str) -> bool {
        self.state.join(format!("broken-{name}")).exists()
    }
}

impl Environments for Host {
    fn describe(&self, name: &str) -> Result<EnvironmentUsed, Error> {
        if !self.names().contains(&name) {
            let text = format!("environment `{name}` is not built; `carrel env build {name}`");
            return Err(Error::Environment(text));
        }
        Ok(EnvironmentUsed {
            name: name.to_owned(),
            // Another one, so that no idle keeper of the good one is taken.
            digest: self.is_broken(name).then(|| "broken".to_owned()),
            repeatable: false,
        })
    }

    fn open(&self, name: &str) -> Result<Environment, Error> {
        let root = match self.is_broken(name) {
            true => Root::Directory("/nonexistent".into()),
            false => host_root(),
        };
        Ok(Environment {
            root,
            variables: Vec::new(),
        })
    }
}

impl NodeEnvironments for Host {
    fn available(&self) -> Vec<(String, Option<String>)> {
        let names = self.names().into_iter();
        names.map(|name| (name.to_owned(), None)).collect()
    }
}

fn host_root() -> Root {
    let mut entries = vec![Entry::Bind {
        source: "/usr".into(),
        target: "/usr".into(),
    }];
    for name in ["bin", "lib", "lib64", "sbin"] {
        let path = Path::new("/").join(name);
        if let Ok(link) = std::fs::read_link(&path) {
            entries.push(Entry::Symlink { link, target: path });
        } else if path.is_dir() {
            entries.push(Entry::Bind {
                source: path.clone(),
                target: path,
            });
        }
    }
    Root::Assembled(entries)
}

fn keeper_options() -> KeeperOptions {
    let program = std::env::current_exe().expect("a running program has a path");
    KeeperOptions {
        allow_missing_layers: true,
        ..KeeperOptions::new(program)
    }
}

/// Why no sandbox can be made here; `None` where one can.
pub(crate) fn missing() -> Option<String> {
    let host = Host {
        state: PathBuf::from("/nonexistent"),
    };
    let pool = KeeperPool::new(Arc::new(host), keeper_options(), 1);
    let spec = Spec::new(vec!["/bin/true".to_owned()]);
    let error = pool.run("host", spec).err()?;
    Some(carrel_worker::error::tell_chain(&error))
}

/// The life of a worker process: until SIGTERM.
pub(crate) fn be_worker(state: &Path, drain_ms: u64, succeeded: bool) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut settings = Settings::new(state.join("run"), state.join("courses"), keeper_options());
    settings.slots = 2;
    settings.drain_ms = drain_ms;
    settings.succeeded = succeeded;
    settings.beat_ms = 100;
    settings.canary_ms = 200;
    settings.canary_failures_max = 3;
    let ended = runtime.block_on(async {
        let parts = Parts {
            store: Arc::new(open_store(state)),
            bus: Arc::new(open_bus(state)),
            environments: Arc::new(Host {
                state: state.to_owned(),
            }),
            cache: CompileCache::in_memory(),
        };
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
                .expect("a signal handler");
        let stop = async move {
            terminate.recv().await;
        };
        carrel_worker::run(settings, parts, stop).await
    });
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(carrel_worker::Error::Canary { .. }) => ExitCode::from(75),
        Err(_) => ExitCode::FAILURE,
    }
}

fn open_store(state: &Path) -> SqliteStore {
    SqliteStore::open(&state.join("carrel.db"), Options::default()).expect("a store")
}

fn open_bus(state: &Path) -> LocalBus {
    LocalBus::open(&state.join("run/bus")).expect("a bus")
}

/// A worker process, killed at the end.
pub(crate) struct Worker(Child);

impl Worker {
    pub(crate) fn kill(mut self) {
        self.0.kill().expect("a process that can be killed");
        self.0.wait().expect("a child");
    }

    /// Asks it to end; its exit code.
    pub(crate) fn stop(self) -> Option<i32> {
        let pid = Pid::from_raw(self.0.id().cast_signed()).expect("a process id");
        kill_process(pid, Signal::TERM).expect("a process that can be told");
        self.wait()
    }

    /// Waits for its end; its exit code.
    pub(crate) fn wait(mut self) -> Option<i32> {
        self.0.wait().expect("a child").code()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Ended by the test already, mostly.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A state directory with everything in it.
pub(crate) struct World {
    directory: tempfile::TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) store: SqliteStore,
    pub(crate) bus: LocalBus,
    user: UserId,
}

impl World {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let state = directory.path();
        let course = state.join("courses").join(VERSION);
        for name in ["adding/data", "adding/solution", "adding/start"] {
            std::fs::create_dir_all(course.join(name)).expect("a directory");
        }
        for name in ["waiting/tests", "waiting/solution", "waiting/start"] {
            std::fs::create_dir_all(course.join(name)).expect("a directory");
        }
        for (path, content) in [
            ("adding/challenge.toml", CHALLENGE),
            ("adding/solution/add.sh", RIGHT),
            ("adding/start/add.sh", "echo\n"),
            ("adding/data/small.in", "1 2\n"),
            ("adding/data/small.ans", "3\n"),
            ("adding/data/large.in", "1000000 234567\n"),
            ("adding/data/large.ans", "1234567\n"),
            ("waiting/challenge.toml", APART),
            ("waiting/solution/waiting.py", "def three(): return 3\n"),
            ("waiting/start/waiting.py", "def three(): return 0\n"),
            ("waiting/tests/test_waiting.py", APART_TESTS),
        ] {
            std::fs::write(course.join(path), content).expect("a file");
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let store = open_store(state);
        let bus = open_bus(state);
        let user = UserId::new();
        let row = UserRow {
            id: user,
            name: "ada".to_owned(),
            display_name: "Ada".to_owned(),
            email: None,
            password_hash: None,
            operator: false,
            disabled: false,
            subject: None,
            created_at: Timestamp::now(),
        };
        runtime
            .block_on(store.add_user(row, Authority::Host))
            .expect("a user");
        Self {
            directory,
            runtime,
            store,
            bus,
            user,
        }
    }

    pub(crate) fn state(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn start(&self) -> Worker {
        self.start_with(&["20000"])
    }

    /// A worker with these further arguments.
    #[expect(
        clippy::disallowed_methods,
        reason = "the test starts itself as a worker that it can kill"
    )]
    pub(crate) fn start_with(&self, arguments: &[&str]) -> Worker {
        let program = std::env::current_exe().expect("a running program has a path");
        let child = Command::new(program)
            .arg(crate::WORKER)
            .arg(self.state())
            .args(arguments)
            .spawn()
            .expect("a worker");
        Worker(child)
    }

    pub(crate) fn challenge_work(&self, source: &str) -> ChallengeWork {
        ChallengeWork {
            course: "sums".to_owned(),
            course_version: VERSION.to_owned(),
            challenge: "adding".to_owned(),
            step: None,
            language: None,
            files: BTreeMap::from([("add.sh".to_owned(), source.as_bytes().to_vec())]),
        }
    }

    pub(crate) fn execution(&self, source: &str) -> ExecutionRequest {
        ExecutionRequest {
            language: "bash".to_owned(),
            environment: None,
            environment_of_challenge: false,
            files: BTreeMap::from([("main.sh".to_owned(), source.as_bytes().to_vec())]),
            entry: None,
            arguments: vec!["word".to_owned()],
            compiler_arguments: Vec::new(),
            stdin: b"in\n".to_vec(),
            limits: carrel_model::Limits::default(),
            compile_limits: None,
            merge_stderr: false,
            runs: 1,
            note: None,
            conversation: None,
        }
    }

    pub(crate) fn submit(&self, source: &str) -> SubmissionId {
        self.send(Work::Challenge(self.challenge_work(source)))
    }

    pub(crate) fn send(&self, work: Work) -> SubmissionId {
        let id = SubmissionId::new();
        let new = NewSubmission {
            id,
            user: self.user,
            work,
            idempotency: None,
            trace: None,
            request: "test".to_owned(),
            job: NewJob {
                band: Band::Interactive,
                course: "sums".to_owned(),
                lane: self.user.to_string(),
                cost_ms: 10.0,
                not_before: None,
                target: Timestamp::now(),
            },
            callback: None,
        };
        self.runtime
            .block_on(self.store.submit(new))
            .expect("accepted");
        self.bus.send(&Hint::Job);
        id
    }

    pub(crate) fn row(&self, id: SubmissionId) -> SubmissionRow {
        self.runtime
            .block_on(self.store.submission(id))
            .expect("a submission")
    }

    pub(crate) fn wait_for(&self, id: SubmissionId, state: SubmissionState) -> SubmissionRow {
        wait_until("the submission's state", || self.row(id).state == state);
        self.row(id)
    }

    pub(crate) fn outcome(&self, id: SubmissionId) -> Outcome {
        self.runtime
            .block_on(self.store.outcome(id))
            .expect("a store that answers")
            .expect("an outcome")
    }

    pub(crate) fn events(&self, id: SubmissionId) -> Vec<Event> {
        self.runtime
            .block_on(self.store.events(id, 0))
            .expect("events")
    }

    pub(crate) fn node(&self) -> Option<NodeRow> {
        let nodes = self.runtime.block_on(self.store.nodes(60_000));
        nodes.expect("nodes").into_iter().next()
    }

    /// Keepers of all runs that are under way.
    pub(crate) fn keepers(&self) -> Vec<u32> {
        let all = std::fs::read_dir(self.state().join("run/runs"));
        let journals = all
            .into_iter()
            .flatten()
            .flatten()
            .flat_map(|submission| std::fs::read_dir(submission.path()))
            .flatten()
            .flatten();
        let keeper = |path: &Path| match journal::adopt(path) {
            Ok(Adoption::Running(underway)) => underway.keeper().ok().flatten(),
            _ => None,
        };
        journals.filter_map(|entry| keeper(&entry.path())).collect()
    }

    /// Runs of this submission that are under way.
    pub(crate) fn runs_under_way(&self, id: SubmissionId) -> usize {
        let directory = self.state().join("run/runs").join(id.to_string());
        let entries = std::fs::read_dir(&directory).into_iter().flatten();
        let is_running = |path: &Path| {
            let Ok(Adoption::Running(underway)) = journal::adopt(path) else {
                return false;
            };
            underway.keeper().is_ok_and(|keeper| keeper.is_some())
        };
        entries
            .flatten()
            .filter(|entry| is_running(&entry.path()))
            .count()
    }

    /// Runs that the present life of the worker has taken up from earlier ones.
    pub(crate) fn runs_taken_up(&self) -> u32 {
        const NAME: &str = "carrel_worker_runs_taken_up_total ";
        let metrics = self.node().map(|node| node.report.metrics);
        let metrics = metrics.unwrap_or_default();
        let line = metrics.lines().find_map(|line| line.strip_prefix(NAME));
        line.and_then(|count| count.parse().ok()).unwrap_or(0)
    }

    /// The keeper of a run of this submission that is under way, and its journal.
    pub(crate) fn keeper_of(&self, id: SubmissionId) -> (u32, PathBuf) {
        let directory = self.state().join("run/runs").join(id.to_string());
        let mut found = None;
        wait_until("a run is under way", || {
            let entries = std::fs::read_dir(&directory).into_iter().flatten();
            for entry in entries.flatten() {
                if let Ok(Adoption::Running(underway)) = journal::adopt(&entry.path())
                    && let Ok(Some(keeper)) = underway.keeper()
                {
                    found = Some((keeper, entry.path()));
                }
            }
            found.is_some()
        });
        found.expect("found")
    }
}

/// One that may have ended in the meantime.
pub(crate) fn kill_if_alive(pid: u32) {
    if let Some(pid) = Pid::from_raw(pid.cast_signed()) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

pub(crate) fn kill(pid: u32) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("a process id");
    kill_process(pid, Signal::KILL).expect("a process that can be killed");
}

pub(crate) fn is_alive(pid: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z")
}

pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A source that is right, but takes a second.
pub(crate) const SLOW: &str = "read -r a b; sleep 1; echo $((a + b))\n";
/// The source of the reference solution.
pub(crate) const GOOD: &str = RIGHT;
