//! What must be there before the service starts: directories with the right owners, environments, a database.

use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use crate::cli::Session;
use crate::config::service::Places;
use crate::config::setting::Settings;
use crate::config::state::State;
use crate::failure::Failure;
use crate::supervise::identity::Identity;
use crate::terminal::Terminal;
use crate::wire::judging::{environments_of, refuse_unrepeatable};
use crate::wire::{course, environments};

/// Makes the directories of the service. The web's own belong to the web; in
/// none of the others it may write.
///
/// # Errors
/// Of the file system.
pub fn make_directories(state: &State, places: &Places, owner: Option<&Identity>) -> Result<(), Failure> {
    // Others must be able to pass the state directory, not to list it: the web is one of them.
    make(&state.directory, 0o711)?;
    if let Some(parent) = places.run.parent() {
        make(parent, 0o711)?;
    }
    make(&places.run, 0o711)?;
    make(&places.worker(), 0o700)?;
    for directory in [places.service.clone(), places.courses(), places.bus()] {
        make(&directory, 0o750)?;
        if let Some(owner) = owner {
            owner.own(&directory).map_err(|error| failed(&directory, error))?;
        }
    }
    Ok(())
}

/// A directory that is there already keeps its rights.
fn make(directory: &Path, mode: u32) -> Result<(), Failure> {
    let made = std::fs::DirBuilder::new().recursive(false).mode(mode).create(directory);
    let made = match made {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::DirBuilder::new().recursive(true).mode(0o755).create(directory)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => return Ok(()),
        other => other,
    };
    made.and_then(|()| std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode)))
        .map_err(|error| failed(directory, error))
}

fn failed(directory: &Path, error: io::Error) -> Failure {
    let denied = error.kind() == io::ErrorKind::PermissionDenied;
    let error = anyhow::Error::new(error).context(format!("making the directory `{}`", directory.display()));
    if denied {
        return Failure::not_ready(error).hint("run carrel as root, or name a directory of your own with --state-directory");
    }
    Failure::platform(error)
}

/// Sees to it that the environments of a course are there, or tells which are not.
///
/// # Errors
/// The course is wrong, or an environment is missing or refused, with the way out.
pub fn ensure_environments(
    session: &mut Session,
    directory: &Path,
    settings: &Settings,
    build: bool,
) -> Result<(), Failure> {
    let course = course::load_course(directory)?;
    let store = environments::open(&session.state, crate::config::mirror::resolve(None)?)?;
    for challenge in &course.challenges {
        for name in environments_of(challenge) {
            let terminal: &mut Terminal = &mut session.terminal;
            let environment = environments::ensure(&store, &name, Some(&challenge.directory), build, terminal)?;
            if !environment.repeatable && !settings.flag("worker.allow_unrepeatable") {
                return Err(refuse_unrepeatable(&name));
            }
        }
    }
    Ok(())
}
/// Temp.
pub fn fill(_: &Places, _: &[std::path::PathBuf], _: Option<&Identity>, _: &mut Session) -> Result<(), Failure> { Ok(()) }
