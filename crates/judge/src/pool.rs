//! Sandboxes over keepers: a keeper per run at a time, kept idle between runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use carrel_sandbox::{Keeper, KeeperOptions, Report, Spec, Stream};

use crate::environment::Environments;
use crate::error::Error;
use crate::sandboxes::Sandboxes;

/// Runs specs in fresh sandboxes. A keeper holds nothing of a run after its
/// report, so that keeping one saves its start and costs no cleanliness; one
/// that returned an error is dropped, not kept.
pub struct KeeperPool {
    environments: Arc<dyn Environments>,
    options: KeeperOptions,
    idle_max: usize,
    idle: Mutex<BTreeMap<String, Vec<Seat>>>,
}

/// A keeper with what its environment adds to every run.
struct Seat {
    keeper: Keeper,
    variables: Arc<Vec<(String, String)>>,
}

/// Which keeper may take a run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    /// An idle one where there is one.
    Idle,
    /// A new one: an older one has just failed.
    Fresh,
}

impl std::fmt::Debug for KeeperPool {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("KeeperPool");
        shown
            .field("options", &self.options)
            .field("idle_max", &self.idle_max);
        shown.finish_non_exhaustive()
    }
}

impl KeeperPool {
    /// A pool that keeps at most `idle_max` idle keepers per environment.
    #[must_use]
    pub fn new(
        environments: Arc<dyn Environments>,
        options: KeeperOptions,
        idle_max: usize,
    ) -> Self {
        Self {
            environments,
            options,
            idle_max,
            idle: Mutex::default(),
        }
    }

    /// Runs once; the keeper goes back only when it did its work.
    fn attempt(&self, environment: &str, mut spec: Spec, take: Take) -> Result<Report, Error> {
        let idle = match take {
            Take::Idle => self.take_idle(environment),
            Take::Fresh => None,
        };
        let mut seat = match idle {
            Some(seat) => seat,
            None => self.start(environment)?,
        };
        set_variables(&mut spec, &seat.variables);
        let report = seat
            .keeper
            .run(spec)
            .map_err(|source| fault(environment, source))?;
        let mut idle = self.lock();
        let seats = idle.entry(environment.to_owned()).or_default();
        if seats.len() < self.idle_max {
            seats.push(seat);
        }
        Ok(report)
    }

    /// An idle keeper that still lives: a spec with descriptors cannot be tried twice, so that a
    /// keeper that died while it was idle must be known before it is asked.
    fn take_idle(&self, environment: &str) -> Option<Seat> {
        let mut idle = self.lock();
        let seats = idle.get_mut(environment)?;
        while let Some(seat) = seats.pop() {
            if seat.keeper.is_alive() {
                return Some(seat);
            }
        }
        None
    }

    fn start(&self, environment: &str) -> Result<Seat, Error> {
        let opened = self.environments.open(environment)?;
        let keeper = Keeper::start(opened.root, &self.options)
            .map_err(|source| fault(environment, source))?;
        Ok(Seat {
            keeper,
            variables: Arc::new(opened.variables),
        })
    }

    /// A poisoned lock holds idle keepers only: still usable.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Seat>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sandboxes for KeeperPool {
    fn run(&self, environment: &str, spec: Spec) -> Result<Report, Error> {
        let again = duplicate(&spec);
        match (self.attempt(environment, spec, Take::Idle), again) {
            (Err(error), Some(spec)) if may_pass_by(&error) => {
                self.attempt(environment, spec, Take::Fresh)
            }
            (outcome, _) => outcome,
        }
    }

    fn run_pair(
        &self,
        first: (&str, Spec),
        second: (&str, Spec),
    ) -> Result<(Report, Report), Error> {
        thread::scope(|scope| {
            let other = scope.spawn(|| self.attempt(second.0, second.1, Take::Idle));
            let one = self.attempt(first.0, first.1, Take::Idle);
            let other = match other.join() {
                Ok(outcome) => outcome,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            Ok((one?, other?))
        })
    }
}

/// Whether a second try may go better: a host that lacks something, or a spec that cannot be, stays so.
fn may_pass_by(error: &Error) -> bool {
    use carrel_sandbox::Error as Fault;
    let Error::Sandbox { source, .. } = error else {
        return false;
    };
    !source.is_no_room() && !matches!(source, Fault::MissingLayers(_) | Fault::Spec(_))
}

fn fault(environment: &str, source: carrel_sandbox::Error) -> Error {
    Error::Sandbox {
        environment: environment.to_owned(),
        source,
    }
}

/// The environment's variables take the place of the common ones, not of those a check set for itself.
fn set_variables(spec: &mut Spec, variables: &[(String, String)]) {
    let common = Spec::new(Vec::new()).environment;
    for (name, value) in variables {
        match spec.environment.iter_mut().find(|(known, _)| known == name) {
            Some(pair) if common.contains(pair) => pair.1.clone_from(value),
            Some(_) => {}
            None => spec.environment.push((name.clone(), value.clone())),
        }
    }
}

/// A copy for a second try; none where a descriptor of the caller was given away.
fn duplicate(spec: &Spec) -> Option<Spec> {
    Some(Spec {
        argv: spec.argv.clone(),
        environment: spec.environment.clone(),
        files: spec.files.clone(),
        stop: match spec.stop {
            Some(_) => return None,
            None => None,
        },
        stdin: duplicate_stream(&spec.stdin)?,
        stdout: duplicate_stream(&spec.stdout)?,
        stderr: duplicate_stream(&spec.stderr)?,
        report_channel: spec.report_channel,
        limits: spec.limits,
        network: spec.network,
        collect: spec.collect.clone(),
        collect_bytes_max: spec.collect_bytes_max,
    })
}

fn duplicate_stream(stream: &Stream) -> Option<Stream> {
    match stream {
        Stream::Null => Some(Stream::Null),
        Stream::Bytes(bytes) => Some(Stream::Bytes(bytes.clone())),
        Stream::Capture => Some(Stream::Capture),
        Stream::Descriptor(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_environment_win_over_common_ones_only() {
        let mut spec = Spec::new(vec!["true".to_owned()]);
        spec.environment
            .push(("MODE".to_owned(), "check".to_owned()));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let variables = [
            pair("PATH", "/opt/bin"),
            pair("MODE", "image"),
            pair("GOROOT", "/go"),
        ];
        set_variables(&mut spec, &variables);
        let value = |name: &str| {
            let found = spec.environment.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("PATH"), Some("/opt/bin"));
        assert_eq!(value("MODE"), Some("check"));
        assert_eq!(value("GOROOT"), Some("/go"));
    }

    #[test]
    fn a_spec_with_a_descriptor_is_not_tried_twice() {
        let mut spec = Spec::new(vec!["true".to_owned()]);
        spec.stdin = Stream::Bytes(vec![1]);
        assert!(matches!(duplicate(&spec).unwrap().stdin, Stream::Bytes(bytes) if bytes == [1]));
        let (reader, _writer) = std::io::pipe().unwrap();
        spec.stdin = Stream::Descriptor(reader.into());
        assert!(duplicate(&spec).is_none());
    }
}
