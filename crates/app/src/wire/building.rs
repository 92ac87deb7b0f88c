//! Building environments, and what happens where the mirror no longer has what a lock names.

use carrel_image::{Built, Error, Lock, Progress, Stage, Store};
use carrel_model::quantity::number_of;

use super::environments::{Defined, failure};
use super::trigger::SandboxRunner;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::terminal::progress::Stages;
use crate::terminal::quantity::{show_bytes, show_ms};

/// Which lock a build was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The one of the definition, or one that was made now because there was none.
    Definition,
    /// The one that this host's last build of the environment was made from.
    Kept,
    /// Versions that the mirror offers now, since it has not those of the lock.
    Mirror,
}

/// What trying the locks in their order gave.
struct Attempted {
    origin: Origin,
    built: Built,
    /// Why the lock of the definition could not be used.
    gone: Option<Error>,
}

/// Builds an environment, telling how far it is. A stock environment whose
/// locked packages are gone from the mirror is built from what the mirror has
/// now, and says so; where an author gave the lock, that is an error.
///
/// # Errors
/// An input is wrong or cannot be had, or a step failed.
pub fn build(
    store: &Store,
    defined: &Defined,
    force: bool,
    terminal: &mut Terminal,
) -> Result<Built, Failure> {
    let definition = &defined.definition;
    let name = &definition.name;
    let stages = Stages::start(terminal.display.live);
    let runner = SandboxRunner::new()?;
    let kept = match defined.directory {
        Some(_) => None,
        None => kept_lock(store, defined).map_err(failure)?,
    };
    let reusable = match &kept {
        Some(lock) if !force => store.is_current(definition, lock).map_err(failure)?,
        _ => false,
    };
    let mut attempt = |lock: Option<&Lock>| {
        if reusable && lock.is_some() && lock == kept.as_ref() {
            return reuse(store, name, lock);
        }
        store.build(definition, lock, &runner, &mut |progress| {
            tell(&stages, name, &progress, terminal);
        })
    };
    let own = defined.lock.as_ref();
    let attempted = match defined.directory {
        Some(_) => attempt(own).map(|built| Attempted {
            origin: Origin::Definition,
            built,
            gone: None,
        }),
        None => try_locks(own, kept.as_ref(), &mut attempt),
    };
    let took = stages.finish();
    let attempted = attempted.map_err(failure)?;
    for line in built_lines(&attempted, store, &show_ms(took.as_secs_f64() * 1e3)) {
        terminal.note(format_args!("{line}"))?;
    }
    Ok(attempted.built)
}

/// The lock of this host's last build, where it fits the definition and is another than its own.
fn kept_lock(store: &Store, defined: &Defined) -> Result<Option<Lock>, Error> {
    let kept = store.lock_of(&defined.definition.name)?;
    let digest = defined.definition.digest();
    let packages = defined.lock.as_ref().map(|lock| &lock.packages);
    Ok(kept.filter(|lock| lock.definition == digest && Some(&lock.packages) != packages))
}

/// What is built already, as if it had been built now.
fn reuse(store: &Store, name: &str, lock: Option<&Lock>) -> Result<Built, Error> {
    let lock = lock.ok_or_else(|| Error::Missing(name.to_owned()))?;
    Ok(Built {
        record: store.show(name)?,
        lock: lock.clone(),
        reproduced: None,
    })
}

/// The lock of the definition; where its packages are gone, the kept one; else what the mirror has.
fn try_locks(
    own: Option<&Lock>,
    kept: Option<&Lock>,
    attempt: &mut dyn FnMut(Option<&Lock>) -> Result<Built, Error>,
) -> Result<Attempted, Error> {
    let gone = match attempt(own) {
        Err(gone @ Error::Gone { .. }) => gone,
        other => {
            return other.map(|built| Attempted {
                origin: Origin::Definition,
                built,
                gone: None,
            });
        }
    };
    let (origin, built) = match kept.map(|lock| attempt(Some(lock))) {
        Some(Err(Error::Gone { .. })) | None => (Origin::Mirror, attempt(None)?),
        Some(other) => (Origin::Kept, other?),
    };
    Ok(Attempted {
        origin,
        built,
        gone: Some(gone),
    })
}

fn built_lines(attempted: &Attempted, store: &Store, took: &str) -> Vec<String> {
    let record = &attempted.built.record;
    let name = &record.name;
    let mut lines = Vec::new();
    if let Some(Error::Gone {
        package, problem, ..
    }) = &attempted.gone
    {
        lines.push(format!(
            "warning: package `{package}` of the lock of {name} is no longer on the mirror ({problem})"
        ));
    }
    let chosen = match attempted.origin {
        Origin::Definition => None,
        Origin::Kept => Some("the versions that this host chose before were used"),
        Origin::Mirror => Some("versions that the mirror offers now were chosen"),
    };
    if let Some(chosen) = chosen {
        lines.push(format!(
            "warning: {chosen}: the digest need not be that of carrel's own lock; \
             it stays repeatable with the lock kept in {}",
            store.lock_path(name).display()
        ));
    }
    lines.push(format!(
        "built {name}: {}, {}, {}, digest {}, in {took}",
        number_of(record.packages.len(), "package", "packages"),
        number_of(record.files, "file", "files"),
        show_bytes(record.bytes),
        record.digest,
    ));
    if attempted.built.reproduced == Some(false) {
        lines.push(format!(
            "warning: the digest is not the one of the lock; this build of {name} is marked not repeatable"
        ));
    }
    lines
}

/// Shows a step of a build.
pub fn tell(stages: &Stages, name: &str, progress: &Progress, terminal: &mut Terminal) {
    let stage = match &progress.stage {
        Stage::Resolve => "choosing versions".to_owned(),
        Stage::Fetch => format!("fetching {}", show_bytes(progress.total)),
        Stage::Unpack => "unpacking".to_owned(),
        Stage::Run(step) => format!("running {step}"),
        Stage::Store => "storing".to_owned(),
        Stage::Publish => "publishing".to_owned(),
    };
    if let Some(line) = stages.report(&format!("{name}: {stage}"), progress.done, progress.total) {
        // Progress that cannot be shown is no reason to stop the work.
        let _ = terminal.note(format_args!("{line}"));
    }
}

#[cfg(test)]
mod tests {
    use carrel_image::{Record, definition};

    use super::*;

    fn stock() -> Lock {
        definition::stock("python").unwrap().1
    }

    fn kept() -> Lock {
        let mut lock = stock();
        lock.packages.pop();
        lock
    }

    fn gone() -> Error {
        Error::Gone {
            environment: "python".into(),
            package: "dash 1".into(),
            problem: "404".into(),
        }
    }

    fn built(lock: &Lock) -> Built {
        let record = serde_json::json!({
            "schema": 1, "name": "python", "summary": "", "digest": "d", "image": "i", "inputs": "x",
            "repeatable": true, "variables": {}, "languages": [], "packages": [],
            "files": 1, "bytes": 1, "built_at": 1,
        });
        Built {
            record: serde_json::from_value::<Record>(record).unwrap(),
            lock: lock.clone(),
            reproduced: None,
        }
    }

    /// Tries with a mirror that has only these locks' packages.
    fn origin(on_mirror: &[Lock], kept: Option<&Lock>) -> Origin {
        let stock = stock();
        let attempted = try_locks(Some(&stock), kept, &mut |lock| match lock {
            None => Ok(built(&stock)),
            Some(lock) if on_mirror.contains(lock) => Ok(built(lock)),
            Some(_) => Err(gone()),
        })
        .unwrap();
        assert_eq!(
            attempted.gone.is_some(),
            attempted.origin != Origin::Definition
        );
        attempted.origin
    }

    #[test]
    fn the_first_lock_that_the_mirror_still_has_is_used() {
        assert_eq!(origin(&[stock()], Some(&kept())), Origin::Definition);
        assert_eq!(origin(&[kept()], Some(&kept())), Origin::Kept);
        assert_eq!(origin(&[], Some(&kept())), Origin::Mirror);
        assert_eq!(origin(&[], None), Origin::Mirror);
    }

    #[test]
    fn only_what_is_gone_is_replaced() {
        let stock = stock();
        let dead = try_locks(Some(&stock), None, &mut |_| {
            Err(Error::Archive {
                doing: "fetching".into(),
                problem: "no network".into(),
            })
        });
        assert!(matches!(dead, Err(Error::Archive { .. })));
    }

    #[test]
    fn another_lock_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let attempted = Attempted {
            origin: Origin::Mirror,
            built: built(&stock()),
            gone: Some(gone()),
        };
        let lines = built_lines(&attempted, &store, "1 s");
        assert!(lines[0].contains("`dash 1`"), "{lines:?}");
        assert!(lines[1].contains("locks/python.lock"), "{lines:?}");
    }
}
