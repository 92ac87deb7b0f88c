//! Keepers over the host's own /usr, and a judge of one suite.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use carrel_judge::case::{UnitOutcome, UnitRequest};
use carrel_judge::{
    CompileCache, Compiler, Environment, Environments, Error, KeeperPool, framework,
};
use carrel_model::Limits;
use carrel_model::challenge::Unit;
use carrel_model::result::EnvironmentUsed;
use carrel_sandbox::{Entry, KeeperOptions, Root};

use crate::suites::Suite;

/// Real sandboxes and a compile cache of this process.
pub(crate) struct World {
    pool: KeeperPool,
    cache: CompileCache,
}

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

impl World {
    pub(crate) fn start() -> Self {
        let own = std::env::current_exe().expect("this binary");
        let pool = KeeperPool::new(Arc::new(Host), KeeperOptions::new(own), 2);
        Self {
            pool,
            cache: CompileCache::in_memory(),
        }
    }

    pub(crate) fn judge(&self, suite: &Suite, program: &str) -> Result<UnitOutcome, Error> {
        let limits = Limits {
            cpu_ms: 3_000,
            wall_ms: 6_000,
            ..Limits::default()
        };
        self.judge_files(suite, &[(suite.solution, program)], limits)
    }

    pub(crate) fn judge_files(
        &self,
        suite: &Suite,
        learner: &[(&str, &str)],
        limits: Limits,
    ) -> Result<UnitOutcome, Error> {
        let unit = Unit {
            framework: suite.framework.to_owned(),
            files: BTreeMap::new(),
            test: None,
            expected: Vec::new(),
            command: None,
            apart: false,
            include_skipped: true,
        };
        let owned = |files: &[(&str, &str)]| -> BTreeMap<String, Vec<u8>> {
            files
                .iter()
                .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
                .collect()
        };
        let request = UnitRequest {
            unit: &unit,
            language: suite.language,
            environment: "host",
            environment_digest: None,
            learner: &owned(learner),
            supplied: &owned(&suite.supplied),
            tests: &owned(&suite.tests),
            program: &[],
            compile: None,
            limits,
            loopback: false,
        };
        framework::run(
            &request,
            &self.pool,
            &Compiler::new(&self.pool, &self.cache),
        )
    }
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
    for file in [
        "/etc/ld.so.cache",
        "/etc/alternatives",
        "/etc/java-17-openjdk",
    ] {
        if Path::new(file).exists() {
            entries.push(Entry::Bind {
                source: file.into(),
                target: file.into(),
            });
        }
    }
    Root::Assembled(entries)
}
