//! The schema and how an older one becomes the present one.

use rusqlite::{Connection, TransactionBehavior};

use super::connection::APPLICATION_ID;
use super::failure::from_engine;
use crate::error::{Error, Result};

/// Steps from each version to the next: the first makes version 1.
pub(super) const MIGRATIONS: [&str; 9] = [
    include_str!("../../migrations/0001.sql"),
    include_str!("../../migrations/0002.sql"),
    include_str!("../../migrations/0003.sql"),
    include_str!("../../migrations/0004.sql"),
    include_str!("../../migrations/0005.sql"),
    include_str!("../../migrations/0006.sql"),
    include_str!("../../migrations/0007.sql"),
    include_str!("../../migrations/0008.sql"),
    include_str!("../../migrations/0009.sql"),
];

/// Looks at a file that another process is just making.
const PREPARE_TRIES_MAX: u32 = 500;
/// Pause between them.
const PREPARE_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

/// Highest version known.
pub(super) fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// Version of the schema in the file; 0: it is empty.
///
/// # Errors
/// The file is not a database, or one of another program.
pub(super) fn version(connection: &Connection) -> Result<u32> {
    let doing = "reading the schema version";
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let version = pragma("user_version").map_err(|error| from_engine(doing, error))?;
    let application = pragma("application_id").map_err(|error| from_engine(doing, error))?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| from_engine(doing, error))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(Error::Engine {
            doing,
            source: "the file is a database of another program".into(),
        });
    }
    u32::try_from(version).map_err(|error| Error::Engine {
        doing,
        source: Box::new(error),
    })
}

/// Brings the file to the present version; several processes may try at once.
///
/// # Errors
/// [`Error::TooNew`]: it was written by a newer program and stays as it is.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let doing = "migrating the schema";
    let found = version(connection)?;
    if found > known() {
        return Err(Error::TooNew {
            found,
            known: known(),
        });
    }
    prepare(connection).map_err(|error| from_engine(doing, error))?;
    while version(connection)? < known() {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| from_engine(doing, error))?;
        let from = version(&transaction)?;
        if let Some(step) = MIGRATIONS.get(from as usize) {
            transaction
                .execute_batch(step)
                .and_then(|()| transaction.pragma_update(None, "user_version", from + 1))
                .and_then(|()| transaction.pragma_update(None, "application_id", APPLICATION_ID))
                .map_err(|error| from_engine(doing, error))?;
        }
        transaction
            .commit()
            .map_err(|error| from_engine(doing, error))?;
    }
    Ok(())
}

/// Settings that belong to the file; the first must be there before its first table.
/// Another process that does the same holds the lock for a moment, and the engine
/// does not ask the busy handler here.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    let mut tries = 0;
    loop {
        let set = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match set {
            Err(error) if is_busy(&error) && tries < PREPARE_TRIES_MAX => {
                tries += 1;
                std::thread::sleep(PREPARE_PAUSE);
            }
            other => return other.map(|_| ()),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}
