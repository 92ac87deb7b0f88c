//! `carrel course preview`: the real service with one course, on this machine alone, for as long
//! as its author looks at it.
//!
//! Everything of the service lies in a temporary directory that goes at the end; only built
//! environments and the compile cache are those of the usual state directory. Supervisor, web and
//! worker are those of `carrel serve`. Two people are there and signed in: links printed once lead
//! a browser to their sessions ([`door`]). What changes in the files is published anew ([`watch`]).

mod door;
mod watch;

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};

use carrel_course::course::Course;
use tempfile::TempDir;

use crate::cli::{Session, serve};
use crate::config::log;
use crate::config::service::{self, Places};
use crate::config::settings::Settings;
use crate::failure::{Failure, Outcome};
use crate::publication::client::Client;
use crate::publication::pack::pack;
use crate::supervise::identity::{self, Identity};
use crate::supervise::listener::{self, Listener};
use crate::supervise::supervisor::{Kind, Plan, Supervisor};
use crate::terminal::Terminal;
use crate::terminal::text::printable;
use crate::wire::course::load_whole_course;
use crate::wire::service::{prepare, preview};
use crate::wire::{environments, probe};
use door::Door;
use watch::{Watch, look_at};

/// Of the directory: nobody else looks into it; where the web process runs as another user, it
/// has to pass.
const DIRECTORY_MODES: [u32; 2] = [0o700, 0o711];
/// What is set other than for a service that learners use. Nobody else is on it: the files and
/// the programs are the author's own, so that a missing layer or the host's own runtimes do not
/// matter, and nobody has to be slowed.
const SETTINGS: [&str; 10] = [
    "log_filter=error",
    "account.plain_http=true",
    "account.user_per_minute=0",
    "account.token_per_minute=0",
    "account.address_per_minute=0",
    "worker.allow_unrepeatable=true",
    "worker.allow_missing_layers=true",
    "web.drain_ms=1000",
    "worker.drain_ms=2000",
    "supervisor.drain_grace_ms=3000",
];

/// Arguments of `carrel course preview`.
#[derive(Debug, clap::Args)]
pub struct CoursePreviewArguments {
    /// Directory of the course.
    course: PathBuf,
    /// Where to listen: an address of this machine alone, and a port; 0: any that is free.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = parse_loopback)]
    listen: SocketAddr,
    /// Build the environments that the course needs and that are missing.
    #[arg(long)]
    build: bool,
}

fn parse_loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "it looks like 127.0.0.1:8080".to_owned())?;
    let own = [
        IpAddr::from([127, 0, 0, 1]),
        IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    ];
    if own.contains(&address.ip()) {
        return Ok(address);
    }
    Err("a preview is for this machine alone: 127.0.0.1 or [::1]; reach it from elsewhere by `ssh -L`".to_owned())
}

/// Runs the command.
///
/// # Errors
/// See [`crate::exit_code`].
pub fn run(arguments: &CoursePreviewArguments, session: &mut Session) -> Outcome {
    let directory = &arguments.course;
    if !directory.join("course.toml").is_file() {
        let path = directory.display();
        return Err(Failure::usage(format!("`{path}` has no `course.toml`"))
            .hint("name the directory of a whole course"));
    }
    // Looked at before it is read: what changes from here on is published anew.
    let looked = look_at(directory);
    let course = load_whole_course(directory)?;
    let archive = pack(directory)?;
    let settings = settings()?;
    log::begin(&settings, "supervisor")?;
    let roles = find_roles(&course, arguments.build, session)?;
    let identity = identity::choose(None).map_err(Failure::usage)?;
    let temporary = make_directory(identity.as_ref())?;
    session.state.apart = Some(temporary.path().to_owned());
    let places = Places::of(&session.state);
    prepare::make_directories(&session.state, &places, identity.as_ref())?;
    let people = preview::fill(&places, (&course.id, &archive), identity.as_ref())?;
    let service = listen(arguments.listen)?;
    let address = address_of(&service)?;
    let door = TcpListener::bind(SocketAddr::new(address.ip(), 0)).map_err(unbound)?;
    let door = Door::new(door, address, &course.id, &people).map_err(unbound)?;
    let client = Client::new(&format!("http://{address}"), people.token)?;
    let plan = make_plan(session, settings, identity, service)?;
    let plan = Plan { roles, ..plan };
    let watch = Watch::new(directory, course.id.clone(), client, looked);
    let ended = look(plan, door, watch, &mut session.terminal);
    drop(temporary);
    ended
}

fn settings() -> Result<Settings, Failure> {
    // Neither the file nor the variables of a service on this machine are meant for a preview.
    let mut settings = service::defaults()?;
    for setting in SETTINGS {
        settings.set(setting)?;
    }
    Ok(settings)
}

fn make_directory(identity: Option<&Identity>) -> Result<TempDir, Failure> {
    let failed = |error: io::Error| {
        Failure::platform(anyhow::Error::new(error).context("making a temporary directory"))
    };
    let made = tempfile::Builder::new()
        .prefix("carrel-preview-")
        .tempdir()
        .map_err(failed)?;
    let mode = DIRECTORY_MODES[usize::from(identity.is_some())];
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(made.path(), mode).map_err(failed)?;
    Ok(made)
}

fn listen(address: SocketAddr) -> Result<Listener, Failure> {
    Listener::bind(&listener::Address::Tcp(address)).map_err(unbound)
}

fn address_of(listener: &Listener) -> Result<SocketAddr, Failure> {
    match listener {
        Listener::Tcp(listener) => listener.local_addr().map_err(unbound),
        Listener::Unix(_) => Err(Failure::usage("a preview listens on TCP")),
    }
}

fn unbound(error: io::Error) -> Failure {
    Failure::not_ready(anyhow::Error::new(error).context("listening on this machine"))
        .hint("name another port with --listen 127.0.0.1:PORT")
}

fn make_plan(
    session: &Session,
    settings: Settings,
    identity: Option<Identity>,
    service: Listener,
) -> Result<Plan, Failure> {
    let plan = serve::plan(session, settings, identity, vec![service])?;
    Ok(Plan {
        // When the terminal is closed, the preview ends.
        upgrades: false,
        ..plan
    })
}

/// With judging where sandboxes can be made. What cannot be judged is told, and is no reason not
/// to look at the rest.
fn find_roles(
    course: &Course,
    build: bool,
    session: &mut Session,
) -> Result<&'static [Kind], Failure> {
    if course.challenges.is_empty() {
        return Ok(&[Kind::Web]);
    }
    if let Err(reason) = probe::sandbox() {
        session.terminal.note(format_args!(
            "no program can be run here, so that challenges are shown and not judged: {}\n\
             hint: `carrel doctor` says what is missing; as root, or where user namespaces are \
             allowed, they are judged",
            printable(&reason)
        ))?;
        return Ok(&[Kind::Web]);
    }
    let mut names = BTreeSet::new();
    for challenge in &course.challenges {
        let of_challenge = challenge.environments().into_iter();
        names.extend(of_challenge.map(|name| (name, challenge.directory.clone())));
    }
    let opened = environments::open(&session.state, crate::config::mirror::resolve(None)?);
    let mut missing = BTreeSet::new();
    for (name, place) in &names {
        let found = opened.as_ref().map_err(|_| ()).map(|store| {
            let place: Option<&Path> = Some(place);
            environments::ensure(store, name, place, build, &mut session.terminal)
        });
        match found {
            Ok(Ok(_)) => {}
            // Building was asked for and failed.
            Ok(Err(failure)) if build => return Err(failure),
            Ok(Err(_)) | Err(()) => {
                missing.insert(name.as_str());
            }
        }
    }
    if !missing.is_empty() {
        let names = Vec::from_iter(missing).join(" ");
        session.terminal.note(format_args!(
            "challenges are not judged in environments that are not built here: {names}\n\
             hint: build them with --build, or with `carrel env build {names}`"
        ))?;
    }
    Ok(&Kind::ALL)
}

/// Serves until the author ends it.
fn look(plan: Plan, door: Door, watch: Watch, terminal: &mut Terminal) -> Outcome {
    let failed =
        |error: io::Error| Failure::platform(anyhow::Error::new(error).context("previewing"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let terminal = Mutex::new(terminal);
    let (begin, begun) = mpsc::channel();
    let links = door.links();
    let ended = std::thread::scope(|scope| {
        let terminal = &terminal;
        let watching = scope.spawn(move || watch.run(&begun, terminal));
        let ended = runtime.block_on(async {
            let door = tokio::spawn(door.serve());
            let supervisor = Supervisor::new(plan);
            let mut serving = || {
                let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
                // A terminal that is gone is no reason to stop.
                let _ = tell_links(&mut terminal, &links);
                let _ = begin.send(());
            };
            let ended = supervisor.run(&mut serving).await;
            door.abort();
            ended
        });
        drop(begin);
        // It ends when nobody can tell it anything any more; a panic of it was told already.
        let _ = watching.join();
        ended
    });
    ended.map_err(failed)
}

fn tell_links(terminal: &mut Terminal, links: &[(&str, String)]) -> io::Result<()> {
    for (who, link) in links {
        terminal.line(format_args!("{who}: {link}"))?;
    }
    terminal.note(format_args!(
        "each link signs a browser of this machine in, once; the course is published anew when \
         its files change; Ctrl-C ends the preview, and nothing of it is kept"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_listens_on_this_machine_alone() {
        assert!(parse_loopback("127.0.0.1:0").is_ok());
        assert!(parse_loopback("[::1]:8080").is_ok());
        for bad in [
            "0.0.0.0:80",
            "192.0.2.1:80",
            "127.0.0.2:80",
            "localhost",
            "[::]:1",
        ] {
            assert!(parse_loopback(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn its_settings_are_settings() {
        let settings = settings().unwrap();
        assert!(settings.flag("account.plain_http"));
        assert_eq!(settings.number("worker.drain_ms"), 2_000);
    }
}
