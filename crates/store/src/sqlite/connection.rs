//! Opening a connection: one set of settings for all.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

/// Longest wait for the lock of another connection or process.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Statements kept prepared per connection.
const STATEMENTS_MAX: usize = 192;
/// Sleep between two looks at a lock that is held; short, because whoever holds it
/// holds it for one batch.
const LOCK_LOOK: Duration = Duration::from_micros(150);
/// Marks the file as ours (`PRAGMA application_id`): "Carr".
pub(super) const APPLICATION_ID: i32 = 0x4361_7272;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The writer thread's, and short administrative work.
    Write,
    /// Reads only; a statement that writes fails.
    Read,
}

/// Opens the file with the settings of this engine. Durability is the
/// writer's: `synchronous` is NORMAL and the log is synced by its own descriptor.
pub(super) fn open(path: &Path, purpose: Purpose) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    wait_for_lock(&mut connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    // Else many statements are parsed and planned anew whenever other values are bound
    // (seen in a profile as most of the writer's time).
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    match purpose {
        Purpose::Write => {
            connection.pragma_update(None, "cache_size", -16_384)?;
            connection.pragma_update(None, "secure_delete", "FAST")?;
        }
        Purpose::Read => {
            connection.pragma_update(None, "cache_size", -4_096)?;
            connection.pragma_update(None, "query_only", true)?;
        }
    }
    Ok(connection)
}

/// Lets statements of this connection wait up to [`LOCK_WAIT`] for a lock.
pub(super) fn wait_for_lock(connection: &mut Connection) -> rusqlite::Result<()> {
    let looks_max =
        i32::try_from(LOCK_WAIT.as_micros() / LOCK_LOOK.as_micros()).unwrap_or(i32::MAX);
    connection.busy_handler(Some(move |looks: i32| {
        std::thread::sleep(LOCK_LOOK);
        looks < looks_max
    }))
}
