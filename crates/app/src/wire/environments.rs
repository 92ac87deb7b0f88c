//! Environments by name, from the store and the host: found, built where asked for, given to keepers.

use std::path::{Path, PathBuf};

use carrel_image::definition::{self, Definition};
use carrel_image::{Environment, Error, Lock, Piece, Store, Tree};
use carrel_sandbox::{Entry, Keeper, KeeperOptions, Report, Root, Spec};

use super::building::build;
use crate::cli::Session;
use crate::config::state::State;
use crate::exit_code;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Directory beside a challenge or course that holds environments of its own.
const OWN_DIRECTORY: &str = "environments";
/// File that makes a directory a definition of an environment.
const DEFINITION_FILE: &str = "environment.toml";
/// File that holds the lock of a definition.
pub const LOCK_FILE: &str = "environment.lock";
/// Directories looked at upwards from a challenge for a definition.
const LEVELS_MAX: usize = 4;

/// A definition, and where it came from.
#[derive(Debug)]
pub struct Defined {
    /// The definition.
    pub definition: Definition,
    /// Its lock, where there is one.
    pub lock: Option<Lock>,
    /// Its directory; `None` for a stock environment.
    pub directory: Option<PathBuf>,
}

/// Opens the store of this state directory.
///
/// # Errors
/// It cannot be used.
pub fn open(state: &State, mirror: Option<String>) -> Result<Store, Failure> {
    Ok(Store::open(&state.directory)
        .map_err(failure)?
        .with_mirror(mirror))
}

/// Whose turn it is when something of environments failed.
#[must_use]
pub fn failure(error: Error) -> Failure {
    if let Error::File { source, .. } = &error
        && source.kind() == std::io::ErrorKind::PermissionDenied
    {
        return Failure::not_ready(error).hint(
            "the state directory is another user's: run carrel as that user, or name a directory of your own with --state-directory",
        );
    }
    let exit_code = match &error {
        Error::Definition { .. } | Error::Lock { .. } => exit_code::BAD_CHALLENGE,
        Error::Missing(_)
        | Error::Unknown { .. }
        | Error::Archive { .. }
        | Error::Gone { .. }
        | Error::Busy(_)
        | Error::Access(_) => exit_code::NOT_READY,
        _ => exit_code::PLATFORM_FAULT,
    };
    Failure::new(exit_code, error)
}

/// The definition meant by a stock name, or by a directory.
///
/// # Errors
/// There is none, or it is wrong.
pub fn define(name: &str) -> Result<Defined, Failure> {
    let directory = Path::new(name);
    if directory.join(DEFINITION_FILE).is_file() {
        return read(directory);
    }
    let (definition, lock) = definition::stock(name).map_err(failure)?;
    Ok(Defined {
        definition,
        lock: Some(lock),
        directory: None,
    })
}

fn read(directory: &Path) -> Result<Defined, Failure> {
    let (definition, lock) = Definition::read(directory).map_err(failure)?;
    Ok(Defined {
        definition,
        lock,
        directory: Some(directory.to_owned()),
    })
}

/// The definition of an environment that a challenge names: its own or its
/// course's where one of them has it, else the stock one.
///
/// # Errors
/// There is none, or it is wrong.
pub fn define_for(name: &str, challenge: Option<&Path>) -> Result<Defined, Failure> {
    let above = challenge
        .into_iter()
        .flat_map(|directory| directory.ancestors().take(LEVELS_MAX));
    let own = above
        .map(|directory| directory.join(OWN_DIRECTORY).join(name))
        .find(|directory| directory.join(DEFINITION_FILE).is_file());
    match own {
        Some(directory) => read(&directory),
        None => {
            let (definition, lock) = definition::stock(name).map_err(failure)?;
            Ok(Defined {
                definition,
                lock: Some(lock),
                directory: None,
            })
        }
    }
}

/// An environment that is built and current; built first where that is asked for.
///
/// # Errors
/// It is missing or made from another definition, with the way out; or building failed.
pub fn ensure(
    store: &Store,
    name: &str,
    challenge: Option<&Path>,
    build_missing: bool,
    terminal: &mut Terminal,
) -> Result<Environment, Failure> {
    if name != definition::HOST {
        let found = store.environment(name);
        let current = match (&found, define_for(name, challenge)) {
            (
                Ok(_),
                Ok(Defined {
                    definition,
                    lock: Some(lock),
                    directory: Some(_),
                }),
            ) => store.is_current(&definition, &lock).map_err(failure)?,
            (found, _) => found.is_ok(),
        };
        if !current && build_missing {
            build(store, &define_for(name, challenge)?, false, terminal)?;
        } else if !current && found.is_ok() {
            return Err(Failure::not_ready(anyhow::anyhow!(
                "environment `{name}` was built from another definition than the one beside the challenge"
            ))
            .hint("build that one: add --build, or carrel env build DIRECTORY"));
        }
    }
    store.environment(name).map_err(|error| match error {
        Error::Missing(_) => match define_for(name, challenge) {
            Ok(_) => Failure::not_ready(anyhow::anyhow!("environment `{name}` is not built"))
                .hint(format!("build it: carrel env build {name}, or add --build")),
            Err(unknown) => unknown,
        },
        other => failure(other),
    })
}

/// As [`failure`]; where nothing of this name is built and nothing can be, that is told.
#[must_use]
pub fn failure_of(name: &str, error: Error) -> Failure {
    match error {
        Error::Missing(_) => define(name).err().unwrap_or_else(|| failure(error)),
        other => failure(other),
    }
}

/// Whether a built environment of a stock name was made from something else
/// than the definition and lock of this carrel: an older one, a course's own,
/// or versions chosen on this host.
///
/// # Errors
/// The record cannot be read.
pub fn is_of_another_lock(store: &Store, name: &str) -> Result<bool, Failure> {
    if !definition::stock_names().any(|stock| stock == name) {
        return Ok(false);
    }
    let (definition, lock) = definition::stock(name).map_err(failure)?;
    Ok(!store.is_current(&definition, &lock).map_err(failure)?)
}

/// How keepers of this process are started.
///
/// # Errors
/// The path of this program is not known.
pub fn keeper_options(allow_missing_layers: bool) -> Result<KeeperOptions, Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::platform(anyhow::Error::new(error).context("finding the path of this program"))
    })?;
    Ok(KeeperOptions {
        allow_missing_layers,
        ..KeeperOptions::new(program)
    })
}

/// The root of sandboxes over this environment.
///
/// # Errors
/// The store cannot give it.
pub fn root_of(environment: &Environment) -> Result<Root, Error> {
    Ok(match environment.tree()? {
        Tree::Mount(mount) => Root::Mount(mount),
        Tree::Directory(directory) => Root::Directory(directory),
        Tree::Pieces(pieces) => Root::Assembled(pieces.into_iter().map(entry_of).collect()),
    })
}

pub(super) fn entry_of(piece: Piece) -> Entry {
    match piece {
        Piece::Bind { source, target } => Entry::Bind { source, target },
        Piece::Symlink { link, target } => Entry::Symlink { link, target },
        Piece::Directory { target } => Entry::Directory { target },
        Piece::File { target, content } => Entry::File { target, content },
    }
}

/// Whose turn it is when a sandbox failed.
#[must_use]
pub fn sandbox_failure(error: carrel_sandbox::Error) -> Failure {
    match error {
        carrel_sandbox::Error::MissingLayers(_) => Failure::not_ready(error).hint(
            "see carrel doctor for the remedies; --allow-missing-layers goes on without them",
        ),
        carrel_sandbox::Error::Spec(_) => Failure::new(exit_code::USAGE, error),
        other => Failure::platform(other).hint("carrel doctor says what this host can do"),
    }
}

/// A keeper over one environment, which stays in the store as long as this lives.
#[derive(Debug)]
pub struct EnvironmentKeeper {
    /// The environment.
    pub environment: Environment,
    keeper: Keeper,
}

impl EnvironmentKeeper {
    /// Runs one program in a fresh sandbox.
    ///
    /// # Errors
    /// A platform fault.
    pub fn run(&mut self, spec: Spec) -> Result<Report, Failure> {
        self.keeper.run(spec).map_err(sandbox_failure)
    }
}

/// Starts a keeper over an environment.
///
/// # Errors
/// A missing environment, or a platform fault.
pub fn start_keeper(
    session: &mut Session,
    name: &str,
    allow_missing_layers: bool,
    build_missing: bool,
) -> Result<EnvironmentKeeper, Failure> {
    let store = open(&session.state, crate::config::mirror::resolve(None)?)?;
    let environment = ensure(&store, name, None, build_missing, &mut session.terminal)?;
    let root = root_of(&environment).map_err(failure)?;
    let keeper =
        Keeper::start(root, &keeper_options(allow_missing_layers)?).map_err(sandbox_failure)?;
    Ok(EnvironmentKeeper {
        environment,
        keeper,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_is_somebodys() {
        let author = Error::Definition {
            file: "e".into(),
            problem: "p".into(),
        };
        assert_eq!(failure(author).exit_code, exit_code::BAD_CHALLENGE);
        assert_eq!(
            failure(Error::Missing("python".into())).exit_code,
            exit_code::NOT_READY
        );
        let damaged = Error::Damaged {
            name: "python".into(),
            problem: "p".into(),
        };
        assert_eq!(failure(damaged).exit_code, exit_code::PLATFORM_FAULT);
        let layers = carrel_sandbox::Error::MissingLayers(vec!["landlock".into()]);
        assert_eq!(sandbox_failure(layers).exit_code, exit_code::NOT_READY);
    }

    #[test]
    fn a_name_that_nothing_has_is_told_with_those_there_are() {
        let missing = |name: &str| {
            failure_of(name, Error::Missing(name.into()))
                .error
                .to_string()
        };
        assert!(missing("pyhton").contains("there are: bash"));
        assert!(missing("python").contains("carrel env build python"));
    }

    #[test]
    fn an_environment_beside_the_course_goes_before_the_stock_one() {
        let course = tempfile::tempdir().unwrap();
        let own = course.path().join("environments/python");
        std::fs::create_dir_all(&own).unwrap();
        let text =
            "name = \"python\"\nsummary = \"own\"\nsuite = \"bookworm\"\npackages = [\"dash\"]\n";
        std::fs::write(own.join(DEFINITION_FILE), text).unwrap();
        let challenge = course.path().join("unit/challenge");
        let defined = define_for("python", Some(&challenge)).unwrap();
        assert_eq!(defined.definition.summary, "own");
        assert!(defined.lock.is_none());
    }
}
