//! `carrel admin backup` and `carrel admin restore`.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use carrel_store::sqlite;

use super::{Database, Session, database_of, failure};
use crate::exit_code;
use crate::failure::{Failure, Outcome};

/// Arguments of `carrel admin backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArguments {
    /// File to write; it must not exist yet.
    file: PathBuf,
}

/// Arguments of `carrel admin restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArguments {
    /// File that `carrel admin backup` wrote.
    file: PathBuf,
}

/// Runs `carrel admin backup`.
///
/// # Errors
/// See [`exit_code`].
pub fn back_up(arguments: &BackupArguments, session: &mut Session) -> Outcome {
    let file = &arguments.file;
    // Asked before the database is opened, which brings its schema up to date.
    if file.exists() {
        return Err(
            Failure::usage(format!("`{}` exists already", file.display()))
                .hint("choose another name: a backup overwrites nothing"),
        );
    }
    let database = Database::open(&session.state)?;
    database.wait(database.store().back_up(file))?;
    database.record("backup.create", file.display(), "")?;
    session
        .terminal
        .line(format_args!("wrote {}", file.display()))?;
    Ok(exit_code::OK)
}

/// Runs `carrel admin restore`.
///
/// # Errors
/// See [`exit_code`].
pub fn restore(arguments: &RestoreArguments, session: &mut Session) -> Outcome {
    let file = &arguments.file;
    if !file.is_file() {
        return Err(Failure::usage(format!(
            "there is no file `{}`",
            file.display()
        )));
    }
    let path = database_of(&session.state);
    let replaces = path.exists();
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(Failure::platform)?;
    }
    let version = sqlite::inspect(file).map_err(|error| refuse(file, error))?;
    sqlite::restore(file, &path).map_err(|error| match error {
        carrel_store::Error::State { .. } => Failure::not_ready(error)
            .hint("stop the service first: `systemctl stop carrel`, or end `carrel serve`"),
        error => failure(error),
    })?;
    if replaces {
        keep_owner(&path)?;
    }
    let database = Database::open(&session.state)?;
    database.record("backup.restore", file.display(), "")?;
    let terminal = &mut session.terminal;
    terminal.line(format_args!(
        "restored {} (schema version {version})",
        path.display()
    ))?;
    if replaces {
        let kept = replaced(&path).display().to_string();
        terminal.note(format_args!(
            "note: what was there before is kept as {kept}"
        ))?;
    }
    Ok(exit_code::OK)
}

/// Where the store keeps the database that was there before.
fn replaced(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".replaced");
    PathBuf::from(name)
}

/// Root restores for the user that the service runs as.
fn keep_owner(database: &Path) -> Result<(), Failure> {
    let told = |error: std::io::Error| {
        let context = format!("giving `{}` its owner", database.display());
        Failure::platform(anyhow::Error::new(error).context(context))
    };
    let before = std::fs::metadata(replaced(database)).map_err(told)?;
    std::fs::set_permissions(database, before.permissions()).map_err(told)?;
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(database, Some(before.uid()), Some(before.gid())).map_err(told)?;
    }
    Ok(())
}

/// A file that is no whole database of ours is not put in the place of one.
fn refuse(file: &Path, error: carrel_store::Error) -> Failure {
    if matches!(error, carrel_store::Error::TooNew { .. }) {
        return failure(error);
    }
    let context = format!("`{}` is no backup that can be restored", file.display());
    let error = anyhow::Error::new(error).context(context);
    Failure::new(exit_code::USAGE, error).hint("nothing was changed")
}
