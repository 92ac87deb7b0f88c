//! What this host can do, found by making a sandbox and not by guessing.

use std::path::Path;

use carrel_sandbox::{Ending, Keeper, Spec, layer};

use super::environments::{entry_of, keeper_options};
use crate::cli::doctor::{Finding, State as Found};
use crate::config::state::State;

/// Layers with the reason why a host lacks them, and the remedy.
const REMEDIES: [(&str, &str, &str); 6] = [
    (
        layer::UID_RANGE,
        "sandboxes have the user id of this user, not a range of their own",
        "run carrel as root (`sudo carrel …`), in a container as the host's root: one with a user namespace of its own has not the ids",
    ),
    (
        layer::CGROUP_MEMORY,
        "no cgroup with the memory controller could be made",
        "run as root on a host whose /sys/fs/cgroup is mounted writable; start a container with a writable cgroup of its own",
    ),
    (
        layer::CGROUP_PIDS,
        "no cgroup with the pids controller could be made",
        "run as root on a host whose /sys/fs/cgroup is mounted writable",
    ),
    (
        layer::CGROUP_CPU,
        "no cgroup with the cpu controller could be made",
        "run as root on a host whose /sys/fs/cgroup is mounted writable, with the cpu controller enabled",
    ),
    (
        layer::LANDLOCK,
        "the kernel does not offer Landlock",
        "use Linux 5.13 or newer with `landlock` in the list of security modules (kernel parameter `lsm=`)",
    ),
    (
        layer::SECCOMP,
        "the kernel does not offer seccomp filters",
        "use a kernel with CONFIG_SECCOMP_FILTER",
    ),
];

/// What was found out by making a sandbox.
enum Trial {
    /// It ran a program, without these layers.
    Ran { missing: Vec<String> },
    /// There is no sandbox here.
    Failed { reason: String },
}

/// The layers of isolation, each as a sandbox over the host's own files had it.
#[must_use]
pub fn layers() -> Vec<Finding> {
    let trial = try_sandbox();
    let mut findings = vec![sandbox_finding(&trial)];
    findings.extend(
        layer::ALL
            .into_iter()
            .map(|name| layer_finding(name, &trial)),
    );
    findings
}

/// Whether a program can be run in a sandbox here, with whatever layers there are.
///
/// # Errors
/// Why not.
pub fn sandbox() -> Result<(), String> {
    match try_sandbox() {
        Trial::Ran { .. } => Ok(()),
        Trial::Failed { reason } => Err(reason),
    }
}

fn try_sandbox() -> Trial {
    match make_sandbox() {
        Ok(missing) => Trial::Ran { missing },
        Err(error) => Trial::Failed {
            reason: format!("{error:#}"),
        },
    }
}

fn make_sandbox() -> anyhow::Result<Vec<String>> {
    let pieces = carrel_image::host::host().pieces;
    let root = carrel_sandbox::Root::Assembled(pieces.into_iter().map(entry_of).collect());
    let options = keeper_options(true).map_err(|failure| failure.error)?;
    let mut keeper = Keeper::start(root, &options)?;
    let report = keeper.run(Spec::new(vec!["/bin/true".to_owned()]))?;
    anyhow::ensure!(
        report.ending == Ending::Exited(0),
        "`/bin/true` did not end well in it: {:?}",
        report.ending
    );
    Ok(report.missing_layers)
}

fn sandbox_finding(trial: &Trial) -> Finding {
    let state = match trial {
        Trial::Ran { .. } => Found::Present {
            detail: Some("ran /bin/true".to_owned()),
        },
        Trial::Failed { reason } => Found::Missing {
            reason: reason.clone(),
            remedy: "run carrel as root; in a container, allow it to mount and to make namespaces"
                .to_owned(),
        },
    };
    Finding {
        name: "sandbox".to_owned(),
        state,
        needed: true,
    }
}

fn layer_finding(name: &str, trial: &Trial) -> Finding {
    let state = match trial {
        Trial::Failed { .. } => Found::NotProbed {
            reason: "no sandbox could be made to look at it".to_owned(),
        },
        Trial::Ran { missing } if missing.iter().any(|missing| missing == name) => {
            let known = REMEDIES.iter().find(|(known, ..)| *known == name);
            let (reason, remedy) = known.map_or(
                (
                    "the sandbox could not set it up",
                    "run carrel as root on Linux 5.12 or newer",
                ),
                |(_, reason, remedy)| (*reason, *remedy),
            );
            Found::Missing {
                reason: reason.to_owned(),
                remedy: remedy.to_owned(),
            }
        }
        Trial::Ran { .. } => Found::Present {
            detail: (name == layer::LANDLOCK).then(landlock_detail),
        },
    };
    Finding {
        name: name.to_owned(),
        state,
        needed: true,
    }
}

/// Landlock came in parts: what of it this kernel has. Where a part is not there, the first wall
/// (namespaces, seccomp) stands alone.
fn landlock_detail() -> String {
    let parts = [
        ("files", carrel_sandbox::probe::landlock_files()),
        ("TCP ports", carrel_sandbox::probe::landlock_network()),
        (
            "signals and abstract sockets",
            carrel_sandbox::probe::landlock_scopes(),
        ),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .map(|(part, found)| match found {
            Ok(()) => part.to_owned(),
            Err(_) => format!("not {part} (older kernel; other layers hold)"),
        })
        .collect();
    parts.join(", ")
}

/// The state directory, what environments are built with, and those that are built.
#[must_use]
pub fn installation(state: &State) -> Vec<Finding> {
    let finding = |name: &str, state, needed| Finding {
        name: name.to_owned(),
        state,
        needed,
    };
    vec![
        finding("state_directory", state_directory(&state.directory), true),
        finding("environments", environments(state), false),
        finding("apt_get", apt_get(), false),
        finding("host_languages", host_languages(), false),
    ]
}

fn state_directory(directory: &Path) -> Found {
    // Opening the store makes what is missing: the same that building would do.
    match carrel_image::Store::open(directory) {
        Ok(_) => Found::Present {
            detail: Some(directory.display().to_string()),
        },
        Err(error) => Found::Missing {
            reason: format!("{:#}", anyhow::Error::new(error)),
            remedy: "run carrel as root, or name a directory of your own with --state-directory"
                .to_owned(),
        },
    }
}

fn environments(state: &State) -> Found {
    let records = carrel_image::Store::open(&state.directory).and_then(|store| store.list());
    match records {
        Ok(records) if records.is_empty() => Found::Missing {
            reason: "none is built".to_owned(),
            remedy: "build one, such as `carrel env build python`".to_owned(),
        },
        Ok(records) => {
            let names: Vec<String> = records.into_iter().map(|record| record.name).collect();
            Found::Present {
                detail: Some(names.join(", ")),
            }
        }
        Err(error) => Found::NotProbed {
            reason: format!("{:#}", anyhow::Error::new(error)),
        },
    }
}

fn apt_get() -> Found {
    let place = Path::new("/usr/bin/apt-get");
    if place.exists() {
        Found::Present {
            detail: Some("packages of new environments can be chosen".to_owned()),
        }
    } else {
        Found::Missing {
            reason: format!("there is no `{}`", place.display()),
            remedy: "build environments on a Debian, and copy the state directory".to_owned(),
        }
    }
}

fn host_languages() -> Found {
    let languages = carrel_image::host::host().languages;
    if languages.is_empty() {
        Found::Missing {
            reason: "this host has no runtime in /usr/bin".to_owned(),
            remedy: "use a built environment, or install a runtime".to_owned(),
        }
    } else {
        Found::Present {
            detail: Some(languages.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_layer_has_its_own_remedy() {
        let trial = Trial::Ran {
            missing: vec![layer::LANDLOCK.to_owned()],
        };
        let Found::Missing { remedy, .. } = layer_finding(layer::LANDLOCK, &trial).state else {
            panic!("landlock is missing")
        };
        assert!(remedy.contains("lsm="), "{remedy}");
        assert_eq!(
            layer_finding(layer::PIDS, &trial).state,
            Found::Present { detail: None }
        );
    }

    #[test]
    fn nothing_is_claimed_without_a_sandbox() {
        let trial = Trial::Failed {
            reason: "no".to_owned(),
        };
        assert!(matches!(
            layer_finding(layer::PIDS, &trial).state,
            Found::NotProbed { .. }
        ));
        assert!(matches!(
            sandbox_finding(&trial).state,
            Found::Missing { .. }
        ));
    }
}
