//! Two keepers over the host's own /usr, and a judge of one check.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use carrel_judge::Error;
use carrel_judge::case::{UnitOutcome, UnitRequest};
use carrel_judge::framework::apart;
use carrel_judge::sandboxes::Sandboxes;
use carrel_model::Limits;
use carrel_model::challenge::Unit;
use carrel_sandbox::{Entry, Keeper, KeeperOptions, Report, Root, Spec};

/// Real sandboxes.
pub(crate) struct World {
    keepers: [Mutex<Keeper>; 2],
}

impl World {
    pub(crate) fn start() -> Self {
        Self {
            keepers: [Mutex::new(keeper()), Mutex::new(keeper())],
        }
    }
}

impl Sandboxes for World {
    fn run(&self, environment: &str, spec: Spec) -> Result<Report, Error> {
        let mut keeper: MutexGuard<'_, Keeper> = self.keepers[0].lock().expect("a keeper");
        run(&mut keeper, environment, spec)
    }

    fn run_pair(
        &self,
        first: (&str, Spec),
        second: (&str, Spec),
    ) -> Result<(Report, Report), Error> {
        let mut keepers = self
            .keepers
            .each_ref()
            .map(|keeper| keeper.lock().expect("a keeper"));
        let [one, other] = &mut keepers;
        std::thread::scope(|scope| {
            let one: &mut Keeper = one;
            let handle = scope.spawn(move || run(one, first.0, first.1));
            let other = run(other, second.0, second.1);
            let one = handle.join().expect("a run");
            Ok((one?, other?))
        })
    }
}

fn run(keeper: &mut Keeper, environment: &str, spec: Spec) -> Result<Report, Error> {
    keeper.run(spec).map_err(|source| Error::Sandbox {
        environment: environment.to_owned(),
        source,
    })
}

fn keeper() -> Keeper {
    let own = std::env::current_exe().expect("this binary");
    Keeper::start(host_root(), &KeeperOptions::new(own)).expect("a keeper starts")
}

/// The host's own programs, read-only.
fn host_root() -> Root {
    let mut entries = vec![Entry::Bind {
        source: "/usr".into(),
        target: "/usr".into(),
    }];
    for name in ["bin", "lib", "lib64", "sbin"] {
        let path = Path::new("/").join(name);
        if let Ok(link) = std::fs::read_link(&path) {
            entries.push(Entry::Symlink { link, target: path });
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

/// Files by path.
pub(crate) type Files<'a> = [(&'a str, &'a str)];

/// One check of these files.
pub(crate) fn judge(
    world: &World,
    framework: &str,
    learner: &Files<'_>,
    tests: &Files<'_>,
) -> Result<UnitOutcome, String> {
    judge_unit(world, &unit(framework), learner, tests)
}

/// A check that only names its framework.
pub(crate) fn unit(framework: &str) -> Unit {
    Unit {
        framework: framework.to_owned(),
        files: BTreeMap::new(),
        test: None,
        expected: Vec::new(),
        command: None,
        apart: true,
        include_skipped: false,
    }
}

/// One check of these files, every setting open.
pub(crate) fn judge_unit(
    world: &World,
    unit: &Unit,
    learner: &Files<'_>,
    tests: &Files<'_>,
) -> Result<UnitOutcome, String> {
    let owned = |files: &Files<'_>| -> BTreeMap<String, Vec<u8>> {
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect()
    };
    let request = UnitRequest {
        unit,
        language: "python",
        environment: "host",
        environment_digest: None,
        learner: &owned(learner),
        supplied: &BTreeMap::new(),
        tests: &owned(tests),
        program: &[],
        compile: None,
        limits: Limits {
            cpu_ms: 2_000,
            wall_ms: 3_000,
            ..Limits::default()
        },
        loopback: false,
    };
    apart::run(&request, world).map_err(|error| error.to_string())
}
