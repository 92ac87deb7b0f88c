//! `carrel serve`: the whole service on one machine, web and worker supervised.

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use super::Session;
use crate::config::log;
use crate::config::service::{Places, SettingArguments};
use crate::config::settings::Settings;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::supervise::child::{Child, Ending};
use crate::supervise::control::Order;
use crate::supervise::identity::{self, Identity};
use crate::supervise::listener::{self, Address, Listener};
use crate::supervise::lock::{Holder, Lock};
use crate::supervise::succession::{self, Estate, Inheritance, Program};
use crate::supervise::supervisor::{Kind, Plan, Supervisor};
use crate::wire::service::prepare::make_state_directory;

/// Arguments of `carrel serve`.
#[derive(Debug, clap::Args)]
pub struct ServeArguments {
    #[command(flatten)]
    settings: SettingArguments,
    /// Publish this course before serving; again for more.
    #[arg(long, value_name = "DIRECTORY")]
    course: Vec<PathBuf>,
    /// Build the environments that the courses need and that are missing.
    #[arg(long)]
    build: bool,
    /// Go on for a predecessor whose estate is in descriptor 0.
    #[arg(long, hide = true)]
    resume: bool,
}

/// Runs the service until it is told to stop.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &ServeArguments, session: &mut Session) -> Outcome {
    let settings = arguments.settings.resolve()?;
    if arguments.settings.print_config {
        if arguments.resume {
            // A predecessor tries this program out: whatever fails here, it goes on itself.
            let identity = begin(&settings)?;
            require_way(session, identity.as_ref())?;
            find_program()?;
        }
        return print(&settings, session);
    }
    // Whoever takes over goes on with what it has.
    if !arguments.resume {
        require_directories(&arguments.course)?;
    }
    let identity = begin(&settings)?;
    let mut inherited = if arguments.resume {
        let read = succession::inherit().map_err(|error| {
            Failure::usage(format!("taking over from a predecessor: {error}"))
                .hint("--resume is for `carrel serve` itself")
        })?;
        Some(read)
    } else {
        None
    };
    let lock = lock(session, inherited.as_mut())?;
    let (listeners, estate) = match inherited {
        Some(Inheritance {
            estate,
            mut descriptors,
            ..
        }) => {
            let controls = descriptors.split_off(estate.listeners);
            let listeners = descriptors.into_iter().map(Listener::from_descriptor);
            (
                listeners.collect::<io::Result<_>>().map_err(unheard)?,
                Some((estate, controls)),
            )
        }
        None => (listen(&settings)?, None),
    };
    let prepared = prepare(arguments, session, &settings, identity.as_ref());
    if let Err(failure) = prepared {
        if estate.is_none() {
            return Err(failure);
        }
        session.terminal.tell(&failure);
        tracing::error!("the new version could not prepare the state: the earlier processes go on");
        let plan = plan(session, settings, identity, listeners)?;
        return supervise(Plan { lock, ..plan }, estate, false, &mut || {});
    }
    let plan = plan(session, settings, identity, listeners)?;
    let plan = Plan { lock, ..plan };
    let addresses = plan.listeners.iter().map(Listener::address);
    let addresses = addresses.collect::<io::Result<Vec<_>>>().map_err(unheard)?;
    let terminal = &mut session.terminal;
    let first = estate.is_none();
    supervise(plan, estate, true, &mut || {
        if !first {
            return;
        }
        for address in &addresses {
            // The log tells it too; a terminal that is gone is no reason to stop.
            let _ = terminal.line(format_args!("carrel serves {address}"));
        }
    })
}

/// Begins to log, and tells who the web process runs as.
fn begin(settings: &Settings) -> Result<Option<Identity>, Failure> {
    log::begin(settings, "supervisor")?;
    identity::choose(settings.text("web.user").as_deref())
        .map_err(|problem| Failure::usage(format!("`web.user`: {problem}")))
}

/// The web process must reach its files.
fn require_way(session: &Session, identity: Option<&Identity>) -> Result<(), Failure> {
    let places = Places::of(&session.state);
    if let Some(identity) = identity
        && let Some(barrier) = identity.barrier(&places.database())
    {
        return Err(Failure::not_ready(anyhow::anyhow!(
            "the web process runs as `{}`, which may not pass `{}`",
            identity.name,
            barrier.display()
        ))
        .hint(
            "choose another place with --state-directory, or another user with --set web.user=NAME",
        ));
    }
    Ok(())
}

fn find_program() -> Result<Program, Failure> {
    Program::of_process().map_err(|error| {
        Failure::platform(anyhow::Error::new(error).context("finding the path of this program"))
    })
}

/// Nobody else may serve this state directory.
fn lock(session: &Session, inherited: Option<&mut Inheritance>) -> Result<Option<Lock>, Failure> {
    let directory = &session.state.directory;
    let Some(inherited) = inherited else {
        make_state_directory(&session.state)?;
        return Lock::take(directory, Holder::Serve).map(Some);
    };
    // An older version left none: this one goes on also where it gets none.
    let taken = || {
        let taken = Lock::take(directory, Holder::Serve);
        taken.inspect_err(|failure| tracing::error!(error = %failure.error, "not locked"))
    };
    Ok(inherited.lock.take().or_else(|| taken().ok()))
}

fn require_directories(courses: &[PathBuf]) -> Result<(), Failure> {
    let Some(missing) = courses.iter().find(|course| !course.is_dir()) else {
        return Ok(());
    };
    let failure = Failure::usage(format!("`{}` is not a directory", missing.display()));
    Err(failure.hint(
        "--course takes the directory that holds course.toml; carrel course new DIRECTORY begins one",
    ))
}

fn unheard(error: io::Error) -> Failure {
    Failure::platform(anyhow::Error::new(error).context("taking over the listening sockets"))
}

/// Prints the settings as a settings file with the origin of each value.
///
/// # Errors
/// Of the output.
pub fn print(settings: &Settings, session: &mut Session) -> Outcome {
    let mut section = "";
    for (setting, value, origin) in settings.list() {
        let (own, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if own != section {
            session.terminal.line(format_args!("\n[{own}]"))?;
            section = own;
        }
        session.terminal.line(format_args!("# {}", setting.about))?;
        session.terminal.line(format_args!(
            "{name} = {value}  # {} · {origin}",
            setting.kind
        ))?;
    }
    Ok(exit_code::OK)
}

pub(super) fn listen(settings: &Settings) -> Result<Vec<Listener>, Failure> {
    let given = listener::from_service_manager().map_err(|error| {
        Failure::usage(format!(
            "taking the sockets of the service manager: {error}"
        ))
    })?;
    if !given.is_empty() {
        return Ok(given);
    }
    let written = settings.texts("listen");
    if written.is_empty() {
        return Err(Failure::usage("`listen` names no address"));
    }
    let bind = |text: &String| {
        let address = Address::parse(text)
            .map_err(|problem| Failure::usage(format!("`listen`: {problem}")))?;
        Listener::bind(&address).map_err(|error| {
            Failure::new(
                exit_code::NOT_READY,
                anyhow::Error::new(error).context(format!("listening on `{text}`")),
            )
            .hint("name another address with --listen HOST:PORT")
        })
    };
    written.iter().map(bind).collect()
}

/// Global arguments of every child.
fn global_arguments(session: &Session) -> Vec<OsString> {
    let mut words = vec![
        "--state-directory".into(),
        session.state.directory.clone().into_os_string(),
    ];
    if let Some(apart) = &session.state.apart {
        words.extend(["--apart".into(), apart.clone().into_os_string()]);
    }
    words
}

/// Directories, database and courses are made by a child that ends, so that the
/// supervisor itself opens nothing.
fn prepare(
    arguments: &ServeArguments,
    session: &Session,
    settings: &Settings,
    identity: Option<&Identity>,
) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::platform(anyhow::Error::new(error).context("preparing the state"))
    };
    let mut words = global_arguments(session);
    words.extend(["prepare".into(), "--supervised".into()]);
    for course in &arguments.course {
        let course = std::path::absolute(course).map_err(failed)?;
        words.extend(["--course".into(), course.into_os_string()]);
    }
    if arguments.build {
        words.push("--build".into());
    }
    if let Some(identity) = identity {
        words.extend(["--owner".into(), identity.name.clone().into()]);
    }
    let child = Child::spawn(&words, None).map_err(failed)?;
    let order = Order::Serve {
        settings: settings.wire(),
    };
    child.order(&order, &[]).map_err(failed)?;
    match child.join().map_err(failed)? {
        Ending::Code(0) => Ok(()),
        Ending::Code(code) => {
            let code = u8::try_from(code).unwrap_or(exit_code::PLATFORM_FAULT);
            Err(Failure::new(
                code,
                anyhow::anyhow!("the service was not started"),
            ))
        }
        Ending::Signal(signal) => Err(Failure::platform(anyhow::anyhow!(
            "preparing the state was ended by signal {signal}"
        ))),
    }
}

/// What a supervisor of this session works with.
///
/// # Errors
/// The web process could not reach its files.
pub(super) fn plan(
    session: &Session,
    settings: Settings,
    identity: Option<Identity>,
    listeners: Vec<Listener>,
) -> Result<Plan, Failure> {
    require_way(session, identity.as_ref())?;
    let program = find_program()?;
    Ok(Plan {
        settings,
        arguments: global_arguments(session),
        identity,
        listeners,
        lock: None,
        program,
        roles: &Kind::ALL,
        upgrades: true,
    })
}

fn supervise(
    plan: Plan,
    estate: Option<(Estate, Vec<OwnedFd>)>,
    upgrade: bool,
    serving: &mut dyn FnMut(),
) -> Outcome {
    let failed =
        |error: io::Error| Failure::platform(anyhow::Error::new(error).context("supervising"));
    // One thread: the process is executed anew in an upgrade, and must be in one piece then.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async {
        let mut supervisor = Supervisor::new(plan);
        if let Some((estate, controls)) = estate {
            supervisor.inherit(estate, controls).map_err(failed)?;
            if upgrade {
                supervisor.upgrade();
            }
        }
        supervisor.run(serving).await.map_err(failed)
    })
}
