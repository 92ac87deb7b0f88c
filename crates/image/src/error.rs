//! What can go wrong with environments, and the way out.

use std::path::PathBuf;

/// Cause given by something outside this crate.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A definition or lock file is wrong: its author's.
    #[error("{file}: {problem}")]
    Definition {
        /// The file, or the name of a stock environment.
        file: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A lock file does not fit its definition or this machine.
    #[error(
        "the lock of environment `{name}` {problem}; run `carrel env lock {name} --build` to choose versions anew (give the directory instead of the name where the definition is your own)"
    )]
    Lock {
        /// Environment.
        name: String,
        /// What does not fit.
        problem: String,
    },
    /// There is no such environment in the store.
    #[error("environment `{0}` is not built; run `carrel env build {0}`")]
    Missing(String),
    /// There is no definition of this name.
    #[error("there is no environment `{name}`; there are: {known}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The package archive could not be used.
    #[error("{doing}: {problem}")]
    Archive {
        /// What was being done.
        doing: String,
        /// What went wrong and the way out.
        problem: String,
    },
    /// A locked package is no longer offered.
    #[error(
        "package `{package}` of the lock of `{environment}` is no longer on the mirror ({problem}); \
         run `carrel env lock {environment} --build` to take what the mirror offers now \
         (give the directory instead of the name where the definition is your own), \
         or name a dated snapshot of the archive with `--mirror`"
    )]
    Gone {
        /// Environment.
        environment: String,
        /// Package and version.
        package: String,
        /// What the mirror said.
        problem: String,
    },
    /// A package is damaged or breaks the rules for archives.
    #[error("package `{package}`: {problem}")]
    Package {
        /// File name of the package.
        package: String,
        /// What is wrong.
        problem: String,
        /// Cause.
        #[source]
        source: Option<Cause>,
    },
    /// Two packages do not go together.
    #[error("putting together environment `{environment}`: {problem}")]
    Layout {
        /// Environment.
        environment: String,
        /// What is wrong.
        problem: String,
    },
    /// A trigger or probe failed.
    #[error("{trigger} in environment `{environment}`: {problem}")]
    Trigger {
        /// Environment.
        environment: String,
        /// Which one.
        trigger: String,
        /// What it said.
        problem: String,
        /// Cause.
        #[source]
        source: Option<Cause>,
    },
    /// Something else works on the store.
    #[error("the store `{0}` is in use by another build or clean-up; wait until it has ended")]
    Busy(PathBuf),
    /// The store of objects failed.
    #[error("{doing} in the store `{store}`")]
    Store {
        /// What was being done.
        doing: String,
        /// Which store.
        store: PathBuf,
        /// Cause.
        #[source]
        source: Cause,
    },
    /// What lies in the store is not what was put there.
    #[error(
        "environment `{name}` is damaged: {problem}; run `carrel env remove {name}`, `carrel env gc` and `carrel env build {name}`"
    )]
    Damaged {
        /// Environment.
        name: String,
        /// What was found.
        problem: String,
    },
    /// The state directory cannot be written.
    #[error(
        "the state directory `{0}` cannot be written; run carrel as root (`sudo`), or name a state directory of your own"
    )]
    Access(PathBuf),
    /// Reading or writing a file failed.
    #[error("{doing} `{path}`")]
    File {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// Cause.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// Makes a closure that wraps an I/O error with what was being done to which file.
    pub(crate) fn file(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::File {
            doing,
            path,
            source,
        }
    }
}
