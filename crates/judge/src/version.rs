//! Which languages can be run here, and in which version: asked of the environments themselves.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use carrel_image::definition::HOST;
use carrel_model::Limits;
use carrel_sandbox::{Ending, Report, Spec};

use crate::environment::Environments;
use crate::language::{self, Language};
use crate::limits::sandbox_limits;
use crate::sandboxes::Sandboxes;

/// A language that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runnable {
    /// Which.
    pub language: &'static str,
    /// As its compiler or runtime tells it, such as `3.11.2`.
    pub version: String,
    /// Environment that has it.
    pub environment: String,
    /// Has a compile step.
    pub compiled: bool,
}

/// Language, environment, and digest of the environment.
type Asked = (&'static str, String, Option<String>);

/// Versions that were told; an environment with a digest is asked once.
#[derive(Debug, Default)]
pub struct Versions {
    /// `None`: the environment does not have it.
    told: Mutex<BTreeMap<Asked, Option<String>>>,
}

impl Versions {
    /// The languages that can be run, in the order of the table. One whose own
    /// environment is missing is looked for on the host, where that is allowed.
    #[must_use]
    pub fn probe(
        &self,
        environments: &dyn Environments,
        sandboxes: &dyn Sandboxes,
    ) -> Vec<Runnable> {
        let find = |language: &'static Language| {
            [language.environment.as_str(), HOST]
                .into_iter()
                .find_map(|name| self.ask(language, name, environments, sandboxes))
        };
        language::all().iter().filter_map(find).collect()
    }

    fn ask(
        &self,
        language: &'static Language,
        environment: &str,
        environments: &dyn Environments,
        sandboxes: &dyn Sandboxes,
    ) -> Option<Runnable> {
        let used = environments.describe(environment).ok()?;
        let asked = (language.id.as_str(), used.name, used.digest);
        // A poisoned lock holds whole answers only.
        let lock = || self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&asked).cloned();
        let version = match known {
            Some(told) => told,
            None => {
                // A fault of ours is no answer: it is asked again another time.
                let report = sandboxes.run(environment, spec(language)).ok()?;
                let told = version_in(&report);
                lock().insert(asked, told.clone());
                told
            }
        };
        Some(Runnable {
            language: &language.id,
            version: version?,
            environment: environment.to_owned(),
            compiled: language.compile.is_some(),
        })
    }
}

fn spec(language: &Language) -> Spec {
    let mut spec = Spec::new(language.version.clone());
    let mut limits = Limits::default();
    limits.processes = limits.processes.max(language.processes.unwrap_or(0));
    spec.limits = sandbox_limits(&limits);
    spec
}

/// The first number with a dot in what was said.
fn version_in(report: &Report) -> Option<String> {
    if report.ending != Ending::Exited(0) {
        return None;
    }
    let said = [&report.stdout.bytes[..], &report.stderr.bytes[..]].concat();
    let text = String::from_utf8_lossy(&said);
    let found = text
        .split(|character: char| !character.is_ascii_digit() && character != '.')
        .map(|word| word.trim_matches('.'))
        .find(|word| word.contains('.'))?;
    Some(found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scripted::report;

    fn told(text: &str) -> Option<String> {
        let mut said = report(0);
        said.stdout.bytes = text.as_bytes().to_vec();
        version_in(&said)
    }

    #[test]
    fn versions_are_found_in_what_tools_say() {
        for (text, version) in [
            ("Python 3.11.2\n", "3.11.2"),
            ("v18.13.0\n", "18.13.0"),
            (
                "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)",
                "5.2.15",
            ),
            ("go version go1.19.8 linux/amd64", "1.19.8"),
            ("openjdk 17.0.9 2023-10-17", "17.0.9"),
            ("ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)", "3.1.2"),
        ] {
            assert_eq!(told(text).as_deref(), Some(version), "{text}");
        }
        assert_eq!(told("no number. here 7"), None);
        assert_eq!(version_in(&report(1)), None);
    }
}
