//! What can go wrong inside a transaction, before it is told which one.

use rusqlite::ErrorCode;

use crate::error::Error;

/// A result inside a transaction.
pub(super) type Step<T> = std::result::Result<T, Failure>;

/// What went wrong.
#[derive(Debug)]
pub(super) enum Failure {
    /// An answer to the caller.
    Told(Error),
    /// The engine's.
    Sql(rusqlite::Error),
    /// A kept document is not what it should be.
    Document(serde_json::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Document(error)
    }
}

impl Failure {
    /// Says what was being done.
    pub(super) fn told(self, doing: &'static str) -> Error {
        match self {
            Self::Told(error) => error,
            Self::Sql(error) => from_engine(doing, error),
            Self::Document(error) => Error::Engine {
                doing,
                source: Box::new(error),
            },
        }
    }
}

/// An error of the engine as it is told: a full disk and a lock that is never free are
/// conditions that pass.
pub(super) fn from_engine(doing: &'static str, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full { what: "the disk" },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Full {
            what: "the write lock of the database",
        },
        _ => Error::Engine {
            doing,
            source: Box::new(error),
        },
    }
}

/// The statement would have broken a key (unique, primary or foreign).
pub(super) fn is_conflict(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

/// There is no such thing.
pub(super) fn missing(what: &'static str, id: impl std::fmt::Display) -> Failure {
    Failure::Told(Error::Missing {
        what,
        id: id.to_string(),
    })
}

/// A cursor that this list never gave.
pub(super) fn foreign_cursor(cursor: &str) -> Failure {
    Failure::Told(Error::Cursor {
        cursor: cursor.to_owned(),
    })
}

/// Its state does not allow that.
pub(super) fn state(
    what: &'static str,
    id: impl std::fmt::Display,
    state: impl Into<String>,
) -> Failure {
    Failure::Told(Error::State {
        what,
        id: id.to_string(),
        state: state.into(),
    })
}
