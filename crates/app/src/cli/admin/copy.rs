//! `carrel admin backup` and `carrel admin restore`.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use carrel_model::quantity::number_of;
use carrel_store::sqlite;

use super::{Database, Session, database_of, failure};
use crate::config::service::Places;
use crate::exit_code;
use crate::failure::{Failure, Outcome};

/// Arguments of `carrel admin backup`.
#[derive(Debug, clap::Args)]
pub struct BackupArguments {
    /// Directory to make; it must not exist yet.
    directory: PathBuf,
}

/// Arguments of `carrel admin restore`.
#[derive(Debug, clap::Args)]
pub struct RestoreArguments {
    /// Directory that `carrel admin backup` made, or a copy of the database alone.
    backup: PathBuf,
}

/// Name of the copy of the database in a backup.
const DATABASE: &str = "carrel.db";
/// Name of the copies of courses in a backup.
const COURSES: &str = "courses";
/// Digits of the digest that names a version of a course.
const DIGEST_LENGTH: usize = 64;

/// Runs `carrel admin backup`.
///
/// # Errors
/// See [`exit_code`].
pub fn back_up(arguments: &BackupArguments, session: &mut Session) -> Outcome {
    let target = &arguments.directory;
    // Asked before the database is opened, which brings its schema up to date.
    if target.exists() {
        return Err(
            Failure::usage(format!("`{}` exists already", target.display()))
                .hint("choose another name: a backup overwrites nothing"),
        );
    }
    let database = Database::open(&session.state)?;
    // It holds hashes of secrets and what people wrote.
    let made = fs::DirBuilder::new().mode(0o700).create(target);
    made.map_err(|error| unwritten(target, error))?;
    let courses = Places::of(&session.state).courses();
    let copied = copy_all(&database, &courses, target);
    if copied.is_err() {
        // Half a backup is of no use to anybody.
        let _ = fs::remove_dir_all(target);
    }
    let versions = copied?;
    database.record("backup.create", target.display(), "")?;
    session.terminal.line(format_args!(
        "wrote {}: the database and {} of courses",
        target.display(),
        number_of(versions, "version", "versions")
    ))?;
    Ok(exit_code::OK)
}

/// The database first: the files of every version that it names are there before it names it.
fn copy_all(database: &Database, courses: &Path, target: &Path) -> Result<usize, Failure> {
    database.wait(database.store().back_up(&target.join(DATABASE)))?;
    let kept = target.join(COURSES);
    fs::create_dir(&kept)
        .and_then(|()| copy_versions(courses, &kept))
        .map_err(|error| unwritten(&kept, error))
}

fn unwritten(place: &Path, error: io::Error) -> Failure {
    let context = format!("writing `{}`", place.display());
    Failure::platform(anyhow::Error::new(error).context(context))
}

/// Copies the versions of courses that are not there yet, each whole or not at all; how many.
fn copy_versions(from: &Path, to: &Path) -> io::Result<usize> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut copied = 0;
    for entry in entries {
        let name = entry?.file_name();
        let is_version = name.to_str().is_some_and(|name| {
            name.len() == DIGEST_LENGTH && name.bytes().all(|digit| digit.is_ascii_hexdigit())
        });
        let target = to.join(&name);
        if !is_version || target.exists() {
            continue;
        }
        let partial = target.with_extension("partial");
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        copy_tree(&from.join(&name), &partial)?;
        rustix::fs::syncfs(&File::open(&partial)?)?;
        fs::rename(&partial, &target)?;
        copied += 1;
    }
    File::open(to)?.sync_all()?;
    Ok(copied)
}

/// Directories and regular files; a version has nothing else.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    // After its files: it may be read-only.
    fs::set_permissions(to, fs::metadata(from)?.permissions())
}

/// Runs `carrel admin restore`.
///
/// # Errors
/// See [`exit_code`].
pub fn restore(arguments: &RestoreArguments, session: &mut Session) -> Outcome {
    let backup = &arguments.backup;
    let is_whole = backup.is_dir();
    let file = if is_whole {
        backup.join(DATABASE)
    } else {
        backup.clone()
    };
    if !file.is_file() {
        return Err(Failure::usage(format!(
            "there is no file `{}`",
            file.display()
        )));
    }
    let path = database_of(&session.state);
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory).map_err(Failure::platform)?;
    }
    let version = sqlite::inspect(&file).map_err(|error| refuse(&file, error))?;
    let replaced = sqlite::restore(&file, &path).map_err(|error| match error {
        carrel_store::Error::State { .. } => Failure::not_ready(error).hint(
            "stop the service first: `systemctl stop carrel.socket carrel.service`, or end `carrel serve`",
        ),
        error => failure(error),
    })?;
    if let Some(replaced) = &replaced {
        keep_owner(&path, replaced)?;
    }
    let courses = Places::of(&session.state).courses();
    let versions = if is_whole {
        fs::create_dir_all(&courses)
            .and_then(|()| copy_versions(&backup.join(COURSES), &courses))
            .map_err(|error| unwritten(&courses, error))?
    } else {
        0
    };
    let database = Database::open(&session.state)?;
    database.record("backup.restore", backup.display(), "")?;
    let terminal = &mut session.terminal;
    terminal.line(format_args!(
        "restored {} (schema version {version}) and {} of courses that were not there",
        path.display(),
        number_of(versions, "version", "versions")
    ))?;
    if !is_whole {
        terminal.note(format_args!(
            "note: this is the database alone; courses whose files are missing have to be published again"
        ))?;
    }
    if let Some(replaced) = replaced {
        let kept = replaced.display();
        terminal.note(format_args!(
            "note: what was there before is kept as {kept}, with everybody's data: delete it when it is not needed"
        ))?;
    }
    Ok(exit_code::OK)
}

/// Root restores for the user that the service runs as.
fn keep_owner(database: &Path, replaced: &Path) -> Result<(), Failure> {
    let told = |error: std::io::Error| {
        let context = format!("giving `{}` its owner", database.display());
        Failure::platform(anyhow::Error::new(error).context(context))
    };
    let before = std::fs::metadata(replaced).map_err(told)?;
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
