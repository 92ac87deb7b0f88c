//! Sandboxes over keepers: a keeper per run at a time, kept idle between runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use carrel_sandbox::{Ending, Keeper, KeeperOptions, Report, Spec, Stream};

use crate::cancellation::Cancellation;
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
    /// Digest of the environment that it was started over.
    digest: Option<String>,
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

    /// Keepers that wait for a run.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.lock().values().map(Vec::len).sum()
    }

    /// As [`Sandboxes::run`], unless it is taken back; the run ends at once then.
    ///
    /// # Errors
    /// A platform fault, or [`Error::Cancelled`].
    pub fn run_unless(
        &self,
        cancellation: &Cancellation,
        environment: &str,
        spec: Spec,
    ) -> Result<Report, Error> {
        let again = duplicate(&spec);
        let first = self.attempt(cancellation, environment, (spec, Take::Idle));
        match (first, again) {
            (Err(error), Some(spec)) if may_pass_by(&error) => {
                self.attempt(cancellation, environment, (spec, Take::Fresh))
            }
            (outcome, _) => outcome,
        }
    }

    /// As [`Sandboxes::run_pair`], unless it is taken back; both runs end at once then.
    ///
    /// # Errors
    /// A platform fault of either, or [`Error::Cancelled`].
    pub fn run_pair_unless(
        &self,
        cancellation: &Cancellation,
        first: (&str, Spec),
        second: (&str, Spec),
    ) -> Result<(Report, Report), Error> {
        thread::scope(|scope| {
            let other =
                scope.spawn(|| self.attempt(cancellation, second.0, (second.1, Take::Idle)));
            let one = self.attempt(cancellation, first.0, (first.1, Take::Idle));
            let other = match other.join() {
                Ok(outcome) => outcome,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            Ok((one?, other?))
        })
    }

    /// An idle keeper over the environment as it is now; older ones end.
    fn take_idle(&self, environment: &str, digest: Option<&str>) -> Option<Seat> {
        let mut outdated = Vec::new();
        let mut idle = self.lock();
        let seats = idle.get_mut(environment)?;
        let found = loop {
            match seats.pop() {
                // A spec with descriptors cannot be tried twice, so that a keeper that died
                // while it was idle must be known before it is asked.
                Some(seat) if seat.digest.as_deref() != digest || !seat.keeper.is_alive() => {
                    outdated.push(seat);
                }
                other => break other,
            }
        };
        drop(idle);
        // Their end is waited for, not under the lock.
        drop(outdated);
        found
    }

    /// Runs once; the keeper goes back only when it did its work.
    fn attempt(
        &self,
        cancellation: &Cancellation,
        environment: &str,
        (mut spec, take): (Spec, Take),
    ) -> Result<Report, Error> {
        let digest = self.environments.describe(environment)?.digest;
        let idle = match take {
            Take::Idle => self.take_idle(environment, digest.as_deref()),
            Take::Fresh => None,
        };
        let mut seat = match idle {
            Some(seat) => seat,
            None => self.start(environment, digest)?,
        };
        set_variables(&mut spec, &seat.variables);
        let watched = cancellation.watch(seat.keeper.canceller());
        let report = match &watched {
            Some(_) => seat
                .keeper
                .run(spec)
                .map_err(|source| fault(environment, source))?,
            None => return Err(Error::Cancelled),
        };
        drop(watched);
        let mut idle = self.lock();
        let seats = idle.entry(environment.to_owned()).or_default();
        if seats.len() < self.idle_max {
            seats.push(seat);
        }
        match report.ending {
            Ending::Cancelled => Err(Error::Cancelled),
            _ => Ok(report),
        }
    }

    fn start(&self, environment: &str, digest: Option<String>) -> Result<Seat, Error> {
        let opened = self.environments.open(environment)?;
        let keeper = Keeper::start(opened.root, &self.options)
            .map_err(|source| fault(environment, source))?;
        Ok(Seat {
            keeper,
            digest,
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
        self.run_unless(&Cancellation::default(), environment, spec)
    }

    fn run_pair(
        &self,
        first: (&str, Spec),
        second: (&str, Spec),
    ) -> Result<(Report, Report), Error> {
        self.run_pair_unless(&Cancellation::default(), first, second)
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
        journal: match &spec.journal {
            Some(journal) => Some(journal.try_clone().ok()?),
            None => None,
        },
    })
}

fn duplicate_stream(stream: &Stream) -> Option<Stream> {
    match stream {
        Stream::Null => Some(Stream::Null),
        Stream::Bytes(bytes) => Some(Stream::Bytes(bytes.clone())),
        Stream::Capture => Some(Stream::Capture),
        Stream::Stdout => Some(Stream::Stdout),
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
