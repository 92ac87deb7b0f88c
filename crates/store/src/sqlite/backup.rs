//! Copies of the whole, made while work goes on, and their way back.

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::connection::{self, Purpose};
use super::failure::from_engine;
use super::schema;
use super::sync::log_path;
use crate::error::{Error, Result};

/// An error of the file system.
pub(super) fn told(doing: &'static str, source: std::io::Error) -> Error {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    if matches!(source.kind(), StorageFull | QuotaExceeded) {
        return Error::Full { what: "the disk" };
    }
    Error::Engine {
        doing,
        source: Box::new(source),
    }
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The file whose lock says whether the database is in use. Reading is enough for a lock:
/// the processes of a host may be of different users.
pub(super) fn lock(path: &Path) -> Result<File> {
    let name = beside(path, "-lock");
    make_private(&name, 0o644)
        .and_then(|()| File::open(&name))
        .map_err(|error| told("opening the lock of the database", error))
}

/// Makes a file with this mode (less what the umask takes) where there is none. What is
/// kept holds hashes of secrets, so it is not for everybody to read. A file that is there
/// is not touched, not even opened: closing it would end the engine's locks on it.
pub(super) fn make_private(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = File::options()
        .create_new(true)
        .write(true)
        .mode(mode)
        .open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Gives a file the owner and the mode of another.
fn dress(file: &Path, like: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    let (wanted, found) = (std::fs::metadata(like)?, std::fs::metadata(file)?);
    if (wanted.uid(), wanted.gid()) != (found.uid(), found.gid()) {
        chown(file, Some(wanted.uid()), Some(wanted.gid()))?;
    }
    std::fs::set_permissions(file, wanted.permissions())
}

fn sync_directory(path: &Path) -> std::io::Result<()> {
    let directory = path.parent().filter(|path| !path.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

/// Copies one snapshot of the database to a file that does not exist yet. The copy is
/// checked and on the disk before it gets its name.
pub(super) fn copy(database: &Path, target: &Path) -> Result<()> {
    if target.exists() {
        return Err(Error::Exists {
            what: "file",
            id: target.display().to_string(),
        });
    }
    let partial = beside(target, ".partial");
    let copied = copy_to(database, &partial).and_then(|()| inspect(&partial).map(|_| ()));
    if let Err(error) = copied {
        // What is left of a copy that failed is of no use to anybody.
        drop(std::fs::remove_file(&partial));
        return Err(error);
    }
    File::open(&partial)
        .and_then(|file| file.sync_all())
        .and_then(|()| std::fs::rename(&partial, target))
        .and_then(|()| sync_directory(target))
        .map_err(|error| told("putting the copy in its place", error))
}

fn copy_to(database: &Path, target: &Path) -> Result<()> {
    let doing = "copying the database";
    let source =
        connection::open(database, Purpose::Read).map_err(|error| from_engine(doing, error))?;
    drop(std::fs::remove_file(target));
    make_private(target, 0o600).map_err(|error| told(doing, error))?;
    let mut copy = Connection::open(target).map_err(|error| from_engine(doing, error))?;
    let stepped = Backup::new(&source, &mut copy)
        // All in one step: one snapshot. In steps, every write in between would begin it anew.
        .and_then(|backup| backup.step(-1));
    match stepped {
        Ok(StepResult::Done) => {}
        Ok(_) => {
            return Err(Error::Full {
                what: "the lock of the database",
            });
        }
        Err(error) => return Err(from_engine(doing, error)),
    }
    // A file alone, without a log beside it; opened as a store it becomes one with a log again.
    copy.pragma_update_and_check(None, "journal_mode", "DELETE", |row| {
        row.get::<_, String>(0)
    })
    .map_err(|error| from_engine(doing, error))?;
    Ok(())
}

/// Looks whether a file is a whole database of this program; returns its schema version.
///
/// # Errors
/// It is damaged, of another program, or [`Error::TooNew`].
pub fn inspect(file: &Path) -> Result<u32> {
    let doing = "checking a copy of the database";
    let sql = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| from_engine(doing, error))?;
    let verdict: String = sql
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| from_engine(doing, error))?;
    if verdict != "ok" {
        return Err(Error::Engine {
            doing,
            source: verdict.into(),
        });
    }
    let found = schema::version(&sql)?;
    if found > schema::known() {
        return Err(Error::TooNew {
            found,
            known: schema::known(),
        });
    }
    if found == 0 {
        return Err(Error::Engine {
            doing,
            source: "the file is empty".into(),
        });
    }
    Ok(found)
}

/// Puts a copy in the place of a database that nobody has open. The database that was
/// there keeps its content under the name that is returned, `.replaced` and the time behind
/// its own: each restore keeps one more, for the second may be to mend the first.
///
/// # Errors
/// [`Error::State`] while a process has the database open, or what [`inspect`] says of the copy.
pub fn restore(copy: &Path, database: &Path) -> Result<Option<PathBuf>> {
    let doing = "restoring the database";
    inspect(copy)?;
    let lock = lock(database)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            return Err(Error::State {
                what: "database",
                id: database.display().to_string(),
                state: "open in a running process".into(),
            });
        }
        Err(std::fs::TryLockError::Error(error)) => return Err(told(doing, error)),
    }
    let partial = beside(database, ".partial");
    std::fs::copy(copy, &partial)
        .and_then(|_| File::open(&partial)?.sync_all())
        .map_err(|error| told(doing, error))?;
    let mut kept = None;
    if database.exists() {
        settle_log(database)?;
        dress(&partial, database).map_err(|error| told(doing, error))?;
        let name = name_replaced(database).map_err(|error| told(doing, error))?;
        std::fs::rename(database, &name).map_err(|error| told(doing, error))?;
        kept = Some(name);
    }
    for leftover in [log_path(database), beside(database, "-shm")] {
        match std::fs::remove_file(&leftover) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(told(doing, error));
            }
            _ => {}
        }
    }
    std::fs::rename(&partial, database)
        .and_then(|()| sync_directory(database))
        .map_err(|error| told(doing, error))?;
    Ok(kept)
}

/// A name that nothing has yet, for a database that is replaced now. Only who holds the lock of
/// the database asks, so that nobody takes it in between.
fn name_replaced(database: &Path) -> std::io::Result<PathBuf> {
    let time = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let mut name = beside(database, &format!(".replaced-{time}"));
    let mut number = 2;
    while name.try_exists()? {
        name = beside(database, &format!(".replaced-{time}-{number}"));
        number += 1;
    }
    Ok(name)
}

/// Moves what is still in the log into the file. A database too damaged for that is
/// replaced as it is.
fn settle_log(database: &Path) -> Result<()> {
    let settled = connection::open(database, Purpose::Write).and_then(|sql| {
        sql.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            row.get::<_, i64>(0)
        })
    });
    match settled {
        Ok(0) => Ok(()),
        Ok(_) => Err(Error::State {
            what: "database",
            id: database.display().to_string(),
            state: "open in a running process".into(),
        }),
        Err(error) => {
            tracing::warn!(%error, "the replaced database cannot be read; its log is dropped");
            Ok(())
        }
    }
}
