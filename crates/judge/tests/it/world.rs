//! What the tests share: the host as environment, challenges in a temporary directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use carrel_judge::{
    CompileCache, Environment, Environments, Error, Judge, KeeperPool, Submission, View,
};
use carrel_model::challenge::{Comparator, Grading, Io, Program, Step, Unit, Validator};
use carrel_model::result::EnvironmentUsed;
use carrel_model::{Challenge, Check, CheckKind, Limits, ResultDocument, Visibility};
use carrel_sandbox::{Entry, KeeperOptions, Root};

struct Host;

impl Environments for Host {
    fn describe(&self, name: &str) -> Result<EnvironmentUsed, Error> {
        Ok(EnvironmentUsed {
            name: name.to_owned(),
            digest: None,
            repeatable: false,
        })
    }

    fn open(&self, _name: &str) -> Result<Environment, Error> {
        Ok(Environment {
            root: host_root(),
            variables: Vec::new(),
        })
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
    for file in ["/etc/ld.so.cache", "/etc/alternatives"] {
        if Path::new(file).exists() {
            entries.push(Entry::Bind {
                source: file.into(),
                target: file.into(),
            });
        }
    }
    Root::Assembled(entries)
}

static POOL: LazyLock<KeeperPool> = LazyLock::new(|| {
    let program = std::env::current_exe().expect("a running program has a path");
    let options = KeeperOptions {
        allow_missing_layers: true,
        ..KeeperOptions::new(program)
    };
    KeeperPool::new(Arc::new(Host), options, 4)
});

/// Why no sandbox can be made here; `None` where one can.
pub(crate) fn missing() -> Option<String> {
    use carrel_judge::sandboxes::Sandboxes as _;
    let spec = carrel_sandbox::Spec::new(vec!["/bin/true".to_owned()]);
    let error = POOL.run("host", spec).err()?;
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    Some(format!("{error}: {}", cause.unwrap_or_default()))
}

/// Kills the keepers that wait for work, and waits until each is gone; how many there were.
pub(crate) fn kill_idle_keepers() -> usize {
    let own = std::process::id();
    let keepers: Vec<u32> = processes()
        .into_iter()
        .filter(|(_, parent)| *parent == own)
        .map(|(pid, _)| pid)
        .collect();
    for keeper in &keepers {
        // The one that serves is the child of the one that we started, where there is a child.
        let children = processes().into_iter();
        let served_by = children.filter(|(_, parent)| parent == keeper);
        let victim = served_by.map(|(pid, _)| pid).next().unwrap_or(*keeper);
        let victim = rustix::process::Pid::from_raw(victim.cast_signed()).expect("a process id");
        // It may be a zombie already.
        let _ = rustix::process::kill_process(victim, rustix::process::Signal::KILL);
    }
    while processes().iter().any(|(pid, _)| keepers.contains(pid)) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    keepers.len()
}

/// Process id and parent of all that live (zombies do not).
fn processes() -> Vec<(u32, u32)> {
    let directory = std::fs::read_dir("/proc").expect("/proc can be read");
    let pids = directory.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let is_zombie = fields.next()? == "Z";
        let parent = fields.next()?.parse().ok()?;
        (!is_zombie).then_some((pid, parent))
    })
    .collect()
}

/// A challenge whose files lie in a directory that goes with it.
pub(crate) struct World {
    directory: tempfile::TempDir,
    pub(crate) challenge: Challenge,
    cache: CompileCache,
}

impl World {
    pub(crate) fn new(language: &str, editable: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let challenge = Challenge {
            directory: directory.path().to_owned(),
            id: "adding".to_owned(),
            title: "Adding".to_owned(),
            language: language.to_owned(),
            environment: "host".to_owned(),
            editable: vec![editable.to_owned()],
            entry: None,
            supplied: BTreeMap::new(),
            start: BTreeMap::new(),
            solution: BTreeMap::new(),
            compile: None,
            run: None,
            limits: Limits {
                cpu_ms: 500,
                wall_ms: 6_000,
                ..Limits::default()
            },
            loopback: false,
            steps: vec![Step {
                id: "one".to_owned(),
                title: "One".to_owned(),
                instructions: None,
                requires: Vec::new(),
                hints: Vec::new(),
                start: BTreeMap::new(),
                solution: BTreeMap::new(),
            }],
            checks: Vec::new(),
            submissions: Vec::new(),
            starter_verdicts: Vec::new(),
            target_ms: None,
            pass_points: None,
            grading: Grading::Sum,
        };
        Self {
            directory,
            challenge,
            cache: CompileCache::in_memory(),
        }
    }

    fn file(&self, content: &str) -> PathBuf {
        let (_, path) = tempfile::NamedTempFile::new_in(self.directory.path())
            .and_then(|file| file.keep().map_err(|error| error.error))
            .expect("a file in a temporary directory");
        std::fs::write(&path, content).expect("a file in a temporary directory");
        path
    }

    fn add(&mut self, kind: CheckKind) -> &mut Check {
        let number = self.challenge.checks.len() + 1;
        self.challenge.checks.push(Check {
            id: format!("c{number}"),
            step: "one".to_owned(),
            title: format!("Check {number}"),
            message: None,
            help: None,
            points: 1.0,
            required: true,
            visibility: Visibility::Always,
            depends_on: Vec::new(),
            limits: None,
            kind,
        });
        self.challenge.checks.last_mut().expect("just pushed")
    }

    pub(crate) fn io(&mut self, input: &str, answer: &str) -> &mut Check {
        let (input, answer) = (self.file(input), self.file(answer));
        self.add(CheckKind::Io(Io {
            input: Some(input),
            answer,
            arguments: Vec::new(),
            files: BTreeMap::new(),
            comparator: Comparator::Lines {
                case_sensitive: true,
            },
            exit_code: 0,
            show_difference: true,
        }))
    }

    /// A validator in Python.
    pub(crate) fn validator(&self, source: &str, input: &str) -> Validator {
        Validator {
            program: Program {
                files: BTreeMap::from([("validate.py".to_owned(), self.file(source))]),
                language: "python".to_owned(),
                environment: None,
                compile: None,
                run: None,
                arguments: vec!["extra".to_owned()],
                limits: Limits::default(),
            },
            input: Some(self.file(input)),
            answer: Some(self.file("answer\n")),
            arguments: Vec::new(),
            files: BTreeMap::new(),
            scoring: false,
            passes_max: 1,
        }
    }

    pub(crate) fn validated(&mut self, validator: Validator) {
        self.add(CheckKind::Validator(validator));
    }

    pub(crate) fn interactive(&mut self, validator: Validator) {
        self.add(CheckKind::Interactive(
            carrel_model::challenge::Interactive { validator },
        ));
    }

    /// A unit check with one test file.
    pub(crate) fn unit(&mut self, framework: &str, name: &str, tests: &str) {
        let files = BTreeMap::from([(name.to_owned(), self.file(tests))]);
        self.add(CheckKind::Unit(Unit {
            framework: framework.to_owned(),
            files,
            test: None,
            expected: Vec::new(),
            command: None,
            apart: true,
            include_skipped: false,
        }));
    }

    pub(crate) fn try_judge(&self, path: &str, source: &str) -> Result<ResultDocument, Error> {
        let submission = Submission {
            files: BTreeMap::from([(path.to_owned(), source.as_bytes().to_vec())]),
            step: None,
            failures: 0,
            view: View::Author,
        };
        Judge::new(&Host, &*POOL, &self.cache).judge(&self.challenge, &submission, &mut |_| {})
    }

    pub(crate) fn judge(&self, path: &str, source: &str) -> ResultDocument {
        self.try_judge(path, source).expect("a verdict")
    }
}
