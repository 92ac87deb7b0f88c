//! What can go wrong with kept state.

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, and with what.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing.
    #[error("there is no {what} `{id}`")]
    Missing {
        /// Noun.
        what: &'static str,
        /// Its id as it was asked for.
        id: String,
    },
    /// It is there already, with another content.
    #[error("{what} `{id}` exists already")]
    Exists {
        /// Noun.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// Its state does not allow that now.
    #[error("{what} `{id}` is {state}")]
    State {
        /// Noun.
        what: &'static str,
        /// Its id.
        id: String,
        /// The state it is in.
        state: String,
    },
    /// Where a list was to go on is no place in it.
    #[error("`{cursor}` is no cursor of this list; send `next` of the page before")]
    Cursor {
        /// As it was sent.
        cursor: String,
    },
    /// The idempotency key was used before for another request.
    #[error("the idempotency key was used before for another request")]
    KeyReused,
    /// A named bound is reached: try again later.
    #[error("{what} is full")]
    Full {
        /// What is full: the queue of writes, the disk.
        what: &'static str,
    },
    /// The engine failed.
    #[error("{doing} in the database")]
    Engine {
        /// What was being done, as a present participle.
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file was written by a newer version of this program.
    #[error("the database has schema version {found}, this program knows up to {known}")]
    TooNew {
        /// Version in the file.
        found: u32,
        /// Highest version known.
        known: u32,
    },
}
