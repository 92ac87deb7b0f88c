//! What must be there before the service starts: directories with the right owners, environments, a database.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use carrel_store::PageRequest;
use carrel_store::ledger::AuditRow;
use carrel_web::account::audit::action;

use super::web::{open_bus, open_store, platform, runtime};
use crate::cli::Session;
use crate::cli::admin::audit_entry;
use crate::config::service::Places;
use crate::config::settings::Settings;
use crate::config::state::State;
use crate::failure::Failure;
use crate::supervise::identity::Identity;
use crate::terminal::Terminal;
use crate::wire::judging::refuse_unrepeatable;
use crate::wire::{course, environments};

/// Makes the directories of the service. The web's own belong to the web; in
/// none of the others it may write.
///
/// # Errors
/// Of the file system.
pub fn make_directories(
    state: &State,
    places: &Places,
    owner: Option<&Identity>,
) -> Result<(), Failure> {
    make_state_directory(state)?;
    if let Some(parent) = places.run.parent() {
        make(parent, 0o711)?;
    }
    make(&places.run, 0o711)?;
    make(&places.worker(), 0o700)?;
    // Sockets in the bus get the group of its directory, so that both users may send to them.
    let own = [
        (places.service.clone(), 0o750),
        (places.courses(), 0o750),
        (places.bus(), 0o2770),
    ];
    for (directory, mode) in own {
        make(&directory, mode)?;
        if let Some(owner) = owner {
            owner
                .own(&directory)
                .map_err(|error| failed(&directory, error))?;
        }
        // A change of owner may take the group bit away.
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(mode))
            .map_err(|error| failed(&directory, error))?;
    }
    Ok(())
}

/// Makes the state directory where there is none.
///
/// # Errors
/// Of the file system.
pub fn make_state_directory(state: &State) -> Result<(), Failure> {
    // Others must be able to pass it, not to list it: the web is one of them.
    make(&state.directory, 0o711)
}

/// A directory that is there already keeps its rights.
fn make(directory: &Path, mode: u32) -> Result<(), Failure> {
    let made = std::fs::DirBuilder::new()
        .recursive(false)
        .mode(mode)
        .create(directory);
    let made = match made {
        Err(error) if error.kind() == io::ErrorKind::NotFound => std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(directory),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => {
            return Ok(());
        }
        other => other,
    };
    made.and_then(|()| std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode)))
        .map_err(|error| failed(directory, error))
}

fn failed(directory: &Path, error: io::Error) -> Failure {
    let denied = error.kind() == io::ErrorKind::PermissionDenied;
    let error = anyhow::Error::new(error)
        .context(format!("making the directory `{}`", directory.display()));
    if denied {
        return Failure::not_ready(error)
            .hint("run carrel as root, or name a directory of your own with --state-directory");
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
        for name in challenge.environments() {
            let terminal: &mut Terminal = &mut session.terminal;
            let environment =
                environments::ensure(&store, &name, Some(&challenge.directory), build, terminal)?;
            if !environment.repeatable && !settings.flag("worker.allow_unrepeatable") {
                return Err(refuse_unrepeatable(&name));
            }
        }
    }
    Ok(())
}

/// Makes the database, publishes courses, and gives what was made to its owner.
///
/// # Errors
/// The database cannot be used, or a course is not taken.
pub fn fill(
    places: &Places,
    courses: &[PathBuf],
    owner: Option<&Identity>,
    settings: &Settings,
    session: &mut Session,
) -> Result<(), Failure> {
    let runtime = runtime(1)?;
    let filled = runtime.block_on(publish(places, courses, settings, session));
    drop(runtime);
    if let Some(owner) = owner {
        give(places, owner).map_err(|error| failed(&places.service, error))?;
    }
    filled
}

async fn publish(
    places: &Places,
    courses: &[PathBuf],
    settings: &Settings,
    session: &mut Session,
) -> Result<(), Failure> {
    let bus = open_bus(places)?;
    let store = open_store(places, &bus)?;
    let request = PageRequest {
        after: None,
        limit: 1,
    };
    let nobody = store
        .users(request)
        .await
        .map_err(|error| platform("reading who there is", error))?
        .items
        .is_empty();
    let app = carrel_web::App::new(store, bus, carrel_web::Config::new(places.service.clone()));
    for directory in courses {
        let published = carrel_web::publish::publish_directory(&app, directory).await;
        let published = published.map_err(|problem| {
            let mut text = format!(
                "publishing `{}`: {}",
                directory.display(),
                problem.document().detail
            );
            for error in &problem.document().errors {
                text.push_str(&format!("\n{}: {}", error.field, error.message));
            }
            Failure::bad_challenge(anyhow::anyhow!(text))
        })?;
        if !published.unchanged {
            let (course, version) = (&published.course, &published.version);
            let entry = AuditRow {
                course: Some(course.clone()),
                ..audit_entry(action::COURSE_PUBLISH, course, version)
            };
            app.store
                .add_audit(entry)
                .await
                .map_err(|error| platform("writing the audit log", error))?;
        }
    }
    if nobody {
        let state = session.state.directory.display();
        let line = format!(
            "nobody can sign in yet; add an operator: carrel --state-directory {state} admin user add NAME --operator"
        );
        if settings.text("log").as_deref() == Some("json") {
            // Among lines for machines there is none for people.
            tracing::warn!("{line}");
        } else {
            session.terminal.note(format_args!("{line}"))?;
        }
    }
    Ok(())
}

/// Files of the web belong to it; versions of courses keep their owner once they have it.
///
/// # Errors
/// Of the file system.
pub fn give(places: &Places, owner: &Identity) -> io::Result<()> {
    for entry in std::fs::read_dir(&places.service)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            owner.own(&entry.path())?;
        }
    }
    for entry in std::fs::read_dir(places.courses())? {
        let entry = entry?;
        if entry.metadata()?.uid() != owner.user {
            owner.own_tree(&entry.path())?;
        }
    }
    Ok(())
}
