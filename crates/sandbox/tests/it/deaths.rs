//! Whoever dies in the middle of a run, nothing of the run survives.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use carrel_sandbox::{Ending, Error, Keeper};
use rustix::process::{Pid, Signal, kill_process};

use crate::{host, world};

/// Longest wait for something that comes at once; only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn kill(pid: u32) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}

/// A run that does not end, in a thread; returns once its program is there.
fn start_run(mut keeper: Keeper, slot: u32) -> std::thread::JoinHandle<Result<Ending, Error>> {
    let thread = std::thread::spawn(move || {
        let mut spec = world::shell("setsid sleep 1000 & sleep 1000; wait");
        spec.limits.wall_ms = 100_000;
        keeper.run(spec).map(|report| report.ending)
    });
    wait_until("the program is there", || sleepers(slot) == 2);
    thread
}

fn sleepers(slot: u32) -> usize {
    let members = host::members(slot);
    let processes = host::processes().into_iter();
    processes
        .filter(|(pid, process)| process.name == "sleep" && members.contains(pid))
        .count()
}

fn child_of(parent: u32) -> u32 {
    let mut processes = host::processes().into_iter();
    processes
        .find(|(_, process)| process.parent == parent)
        .unwrap()
        .0
}

/// Kills one of the keeper's processes in the middle of a run.
fn kill_in_a_run(victim: impl Fn(u32) -> u32) {
    let keeper = world::keeper();
    let slot = host::slot(&keeper).unwrap();
    let parent = keeper.process_id();
    let run = start_run(keeper, slot);
    kill(victim(parent));
    let result = run.join().unwrap();
    assert!(
        matches!(result, Err(Error::Keeper { .. } | Error::Step { .. })),
        "{result:?}"
    );
    wait_until("nobody is left", || host::members(slot).is_empty());
    // The next life of some slot is not troubled.
    assert_eq!(world::run("echo well").ending, Ending::Exited(0));
}

/// A spec may hold descriptors that can be given away only once: who has died is known before.
#[test]
fn a_keeper_that_died_idle_is_known() {
    let mut keeper = world::keeper();
    assert!(keeper.is_alive());
    assert_eq!(
        keeper.run(world::shell("exit 4")).unwrap().ending,
        Ending::Exited(4)
    );
    assert!(keeper.is_alive());
    // As root it is the child that serves; as an ordinary user there is one process.
    let children = host::processes();
    let served_by = children
        .iter()
        .find(|(_, process)| process.parent == keeper.process_id() && process.name != "program");
    kill(served_by.map_or(keeper.process_id(), |(pid, _)| *pid));
    wait_until("its death is known", || !keeper.is_alive());
}

#[test]
fn a_killed_keeper_takes_its_run_along() {
    if !world::is_skipped("a killed keeper") {
        kill_in_a_run(child_of);
    }
}

/// Neither dead nor alive: stopped in the middle of a run, it is given up and gone.
#[test]
fn a_stuck_keeper_is_given_up() {
    if world::is_skipped("a stuck keeper") {
        return;
    }
    let mut options = world::options();
    options.grace = Duration::from_millis(300);
    let mut keeper = Keeper::start(world::host_root(), &options).unwrap();
    let slot = host::slot(&keeper).unwrap();
    let served = child_of(keeper.process_id());
    let run = std::thread::spawn(move || {
        let mut spec = world::shell("sleep 1000");
        spec.limits.wall_ms = 1_000;
        keeper.run(spec).map(|report| report.ending)
    });
    wait_until("the program is there", || sleepers(slot) == 1);
    let stopped = Pid::from_raw(served.cast_signed()).unwrap();
    kill_process(stopped, Signal::STOP).unwrap();
    let result = run.join().unwrap();
    assert!(matches!(result, Err(Error::Keeper { .. })), "{result:?}");
    wait_until("nobody is left", || host::members(slot).is_empty());
}

#[test]
fn a_killed_privileged_parent_takes_all_along() {
    if !world::is_skipped("a killed parent") {
        kill_in_a_run(|parent| parent);
    }
}

/// The seed (on cgroup v1) killed between runs: the next run has a new one.
#[test]
fn a_killed_seed_grows_again() {
    if world::is_skipped("a killed seed") {
        return;
    }
    let mut keeper = world::keeper();
    let slot = host::slot(&keeper).unwrap();
    let served = child_of(keeper.process_id());
    let seed = host::processes()
        .into_iter()
        .find(|(_, process)| process.parent == served);
    let Some((seed, _)) = seed else {
        return println!("SKIP: a killed seed: cgroup v2 needs none");
    };
    let before = host::look(slot);
    kill(seed);
    wait_until("the seed is dead", || {
        let state = std::fs::read_to_string(format!("/proc/{seed}/stat")).unwrap_or_default();
        state.is_empty() || state.contains(") Z")
    });
    for _ in 0..2 {
        assert_eq!(
            keeper.run(world::shell("exit 4")).unwrap().ending,
            Ending::Exited(4)
        );
    }
    assert_eq!(host::look(slot), before);
}

/// The test binary itself is the caller that dies: it runs this test again as a child.
#[test]
fn a_dead_caller_takes_all_along() {
    const CHILD: &str = "--caller-of-a-run";
    if std::env::args().any(|argument| argument == CHILD) {
        let mut spec = world::shell("sleep 1000");
        spec.limits.wall_ms = 100_000;
        let mut keeper = world::keeper();
        println!("keeper {}", keeper.process_id());
        let _ = keeper.run(spec);
        return;
    }
    if world::is_skipped("a dead caller") {
        return;
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "the test starts itself as a caller that it can kill"
    )]
    let mut caller = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "deaths::a_dead_caller_takes_all_along",
            "--nocapture",
            "--skip",
        ])
        .arg(CHILD)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut keeper = 0;
    wait_until("the caller has a keeper", || {
        let child = host::processes()
            .into_iter()
            .find(|(_, process)| process.parent == caller.id());
        keeper = child.map_or(0, |(pid, _)| pid);
        keeper != 0
    });
    let mut slot = None;
    wait_until("its program is there", || {
        let processes = host::processes();
        let served = processes.values().find(|process| process.parent == keeper);
        slot = served
            .and_then(|process| process.uid.checked_sub(0x7000_0000))
            .map(|id| id >> 16);
        slot.is_some_and(|slot| sleepers(slot) == 1)
    });
    caller.kill().unwrap();
    caller.wait().unwrap();
    let slot = slot.unwrap();
    wait_until("nobody is left", || {
        !host::processes().contains_key(&keeper) && sleepers(slot) == 0
    });
}

#[test]
fn a_dropped_keeper_leaves_no_group() {
    if world::is_skipped("a dropped keeper") {
        return;
    }
    let mut keeper = world::keeper();
    let slot = host::slot(&keeper).unwrap();
    keeper.run(world::shell("sleep 1000 & true")).unwrap();
    assert!(!host::groups(slot).is_empty());
    let process = keeper.process_id();
    drop(keeper);
    assert!(!host::processes().contains_key(&process));
    // Another test's keeper may have the slot already; then its processes are there too.
    let is_taken = !host::members(slot).is_empty();
    assert!(
        is_taken || host::groups(slot).is_empty(),
        "{:?}",
        host::groups(slot)
    );
}

#[test]
fn two_keepers_do_not_see_each_other() {
    if world::is_skipped("two keepers") {
        return;
    }
    let (first, mut second) = (world::keeper(), world::keeper());
    let slot = host::slot(&first).unwrap();
    assert_ne!(host::slot(&second), Some(slot));
    let process = first.process_id();
    let run = start_run(first, slot);
    let report = second
        .run(world::shell(
            "ls -d /proc/[0-9]*; kill -9 -1; kill -9 2 3 4 5",
        ))
        .unwrap();
    let seen = world::text(&report.stdout.bytes);
    assert!(seen.lines().count() <= 2, "{seen}");
    assert_eq!(sleepers(slot), 2);
    kill(process);
    assert!(run.join().unwrap().is_err());
}

/// Two sandboxes at once; one listens on an abstract Unix socket, the other knows its name.
#[test]
fn abstract_sockets_do_not_cross() {
    if world::is_skipped("abstract sockets") {
        return;
    }
    if let Some(reason) = world::lacks("python") {
        return world::skip("abstract sockets", &reason);
    }
    const LISTEN: &str = "import os, socket\ns = socket.socket(socket.AF_UNIX)\ns.bind('\\0meet')\n\
        s.listen()\ns.set_inheritable(True)\nos.execv('/bin/sleep', ['sleep', '1000'])";
    const CONNECT: &str =
        "import socket\ns = socket.socket(socket.AF_UNIX)\nprint(s.connect_ex('\\0meet'))";
    let python = |text: &str| {
        let argv = ["/usr/bin/python3", "-c", text].map(str::to_owned);
        carrel_sandbox::Spec::new(argv.to_vec())
    };
    let (mut first, mut second) = (world::keeper(), world::keeper());
    let slot = host::slot(&first).unwrap();
    let process = first.process_id();
    let run = std::thread::spawn(move || {
        let mut spec = python(LISTEN);
        spec.limits.wall_ms = 100_000;
        first.run(spec).map(|report| report.ending)
    });
    wait_until("the listener is there", || sleepers(slot) == 1);
    let report = second.run(python(CONNECT)).unwrap();
    let refused = [libc::ECONNREFUSED, libc::EPERM].map(|errno| format!("{errno}\n"));
    let seen = world::text(&report.stdout.bytes);
    assert!(refused.contains(&seen), "{seen}");
    kill(process);
    assert!(run.join().unwrap().is_err());
}

/// An ordinary user's keeper: weaker, and says so.
#[test]
fn without_root_layers_are_missing_and_named() {
    const CHILD: &str = "--ordinary-user";
    if std::env::args().any(|argument| argument == CHILD) || !world::is_privileged() {
        return ordinary_user();
    }
    // Where the binaries can be reached by everybody.
    let directory = tempfile::tempdir_in("/tmp").unwrap();
    let own = directory.path().join("it");
    let keeper = directory.path().join("carrel-keeper");
    std::fs::copy(std::env::current_exe().unwrap(), &own).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_carrel-keeper"), &keeper).unwrap();
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(directory.path(), open).unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the test starts itself as an ordinary user"
    )]
    let output = Command::new(&own)
        .args([
            "--exact",
            "deaths::without_root_layers_are_missing_and_named",
            "--nocapture",
        ])
        .args(["--skip", CHILD])
        .uid(65_534)
        .gid(65_534)
        .current_dir("/")
        .output()
        .unwrap();
    let text = world::text(&output.stdout) + &world::text(&output.stderr);
    assert!(output.status.success(), "{text}");
    if let Some(skipped) = text.lines().find(|line| line.starts_with("SKIP")) {
        println!("{skipped}");
    }
}

fn ordinary_user() {
    let mut options = world::options();
    if let Ok(own) = std::env::current_exe() {
        let beside = own.with_file_name("carrel-keeper");
        if beside.exists() {
            options.program = beside;
        }
    }
    let refused = Keeper::start(world::host_root(), &options).unwrap_err();
    let Error::MissingLayers(layers) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        layers.iter().any(|layer| layer == "uid_range"),
        "{layers:?}"
    );
    options.allow_missing_layers = true;
    let mut keeper = match Keeper::start(world::host_root(), &options) {
        Ok(keeper) => keeper,
        Err(error) => {
            return world::skip("an ordinary user", &crate::case::chain(&error));
        }
    };
    assert_eq!(keeper.missing_layers(), layers);
    let report = keeper
        .run(world::shell("ls -d /proc/[0-9]*; ls /root; echo hello"))
        .unwrap();
    assert_eq!(report.missing_layers, layers);
    let seen = world::text(&report.stdout.bytes);
    assert!(
        seen.ends_with("hello\n") && seen.lines().count() <= 3,
        "{seen}"
    );
    let mut spec = world::shell("sleep 1000");
    spec.limits.wall_ms = 200;
    let ending = keeper.run(spec).unwrap().ending;
    assert_eq!(ending, Ending::Limit(carrel_sandbox::Limit::Wall));
}
