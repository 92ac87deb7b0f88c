//! What the supervisor does: starts again what dies, ends in order, tells what is wrong.

use std::time::Duration;

use carrel_e2e::Server;
use carrel_model::Verdict;

use super::{RIGHT, ended, program, start, work};
use crate::test::Test;

#[tokio::test(flavor = "multi_thread")]
async fn killed_processes_are_started_again_and_work() {
    let Some(mut world) = start(1, &[]) else {
        return;
    };
    for role in ["web", "worker"] {
        let killed = world.server.kill(role).unwrap();
        world.server.successor(role, killed).unwrap();
    }
    let mut learner = world.learner(0);
    let work = work(RIGHT, Verdict::Accepted);
    loop {
        // The worker may not have told of itself yet: then this is refused, not kept waiting.
        let sent = learner
            .post(&work.path(), &[("prefer", "wait=30")], &work.body())
            .await;
        let Ok(answer) = sent else { continue };
        if (200..300).contains(&answer.status) {
            let row = ended(&mut learner, answer).await;
            assert_eq!(row["verdict"], "accepted", "{row}");
            return;
        }
        assert!(
            [503, 429].contains(&answer.status),
            "{}: {}",
            answer.status,
            answer.text()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_ends_with_all_its_processes() {
    let Some(mut world) = start(0, &[]) else {
        return;
    };
    let before = world.server.processes();
    assert!(before.len() >= 3, "{before:?}");
    assert_eq!(world.server.stop(), Some(0), "{}", world.server.log());
    // Idle keepers see the end of the worker and end on their own.
    for process in before {
        let left = std::path::Path::new("/proc").join(process.pid.to_string());
        for _ in 0..1_000 {
            if !left.exists() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(!left.exists(), "{process:?} is left");
    }
}

#[test]
fn a_second_service_on_the_same_state_is_refused_until_the_first_is_gone() {
    let Some(mut world) = start(0, &[]) else {
        return;
    };
    let state = world.server.state().display().to_string();
    let refuse = |pid: u32| {
        Test::new(&["--state-directory", &state, "serve"])
            .status(5)
            .stderr(&state)
            .stderr(&format!("process {pid}"))
            .run();
    };
    let supervisor = world.server.pid().unwrap();
    refuse(supervisor);
    // The lock is left to the program that comes in place of this one.
    let worker = world.server.of_role("worker")[0].pid;
    world.server.signal(rustix::process::Signal::HUP);
    world.server.successor("worker", worker).unwrap();
    refuse(supervisor);
    // What is left of the killed one for a moment holds nothing.
    world.server.kill("supervisor").unwrap();
    world.server.restart().unwrap();
    refuse(world.server.pid().unwrap());
    assert_eq!(world.server.stop(), Some(0));
}

#[test]
fn a_worker_beside_a_service_is_refused_and_that_of_the_service_goes_on() {
    let Some(mut world) = start(0, &[]) else {
        return;
    };
    let state = world.server.state().display().to_string();
    let refuse = |pid: u32| {
        Test::new(&["--state-directory", &state, "worker"])
            .status(5)
            .stderr("another `carrel serve` already")
            .stderr(&format!("process {pid}"))
            .stderr("worker.slots")
            .run();
    };
    let supervisor = world.server.pid().unwrap();
    refuse(supervisor);
    // Nor while its worker is away, or is replaced in an upgrade.
    let killed = world.server.kill("worker").unwrap();
    refuse(supervisor);
    let worker = world.server.successor("worker", killed).unwrap();
    world.server.signal(rustix::process::Signal::HUP);
    world.server.successor("worker", worker).unwrap();
    refuse(supervisor);
    assert_eq!(world.server.stop(), Some(0));
}

#[test]
fn the_web_runs_without_privilege() {
    let Some(world) = start(0, &[]) else { return };
    let web = world.server.of_role("web").remove(0);
    let status = std::fs::read_to_string(format!("/proc/{}/status", web.pid)).unwrap();
    let line = |name: &str| {
        status
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned()
    };
    if rustix::process::geteuid().is_root() {
        assert!(!line("Uid:").contains("\t0"), "{status}");
        assert!(line("CapEff:").ends_with("0000000000000000"), "{status}");
    }
}

#[test]
fn settings_are_printed_with_their_origin() {
    Test::new(&[
        "serve",
        "--config",
        "c.toml",
        "--set",
        "web.drain_ms=7",
        "--print-config",
    ])
    .file("c.toml", "[worker]\nslots = 3\n")
    .stdout("slots = 3  # a whole number (submissions) · c.toml:2")
    .stdout("drain_ms = 7  # a whole number (ms) · command line")
    .stdout("listen = [\"127.0.0.1:8080\"]  # a list of texts · default")
    .run();
}

#[test]
fn a_wrong_setting_is_told_with_its_place() {
    Test::new(&["serve", "--config", "c.toml"])
        .file("c.toml", "[worker]\nslot = 3\n")
        .status(2)
        .stderr("c.toml:2: there is no setting `worker.slot`")
        .run();
}

#[test]
fn an_address_in_use_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    Test::new(&["serve", "--listen", &address])
        .status(5)
        .stderr("--listen")
        .run();
}

#[test]
fn a_course_that_is_wrong_is_told_and_nothing_is_served() {
    let course = tempfile::tempdir().unwrap();
    std::fs::write(course.path().join("course.toml"), "id = \"a\"\n").unwrap();
    let path = course.path().display().to_string();
    let error = Server::start(&program(), &["--course", &path]).unwrap_err();
    assert!(error.to_string().contains("course.toml"), "{error}");
}

/// Reads notices until one of them has this line.
fn wait_for(notices: &std::os::unix::net::UnixDatagram, line: &str) {
    let mut buffer = [0_u8; 4096];
    loop {
        let length = notices
            .recv(&mut buffer)
            .unwrap_or_else(|error| panic!("no {line}: {error}"));
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if text.lines().any(|told| told == line) {
            return;
        }
    }
}

#[test]
fn the_service_manager_is_told_what_happens() {
    let Some(mut world) = start(0, &[]) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notify");
    let notices = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    notices
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    world.server.stop();
    world
        .server
        .set_variable("NOTIFY_SOCKET", &path.display().to_string());
    world.server.set_variable("WATCHDOG_USEC", "3000000");
    world.server.restart().unwrap();
    wait_for(&notices, "READY=1");
    wait_for(&notices, "WATCHDOG=1");
    world.server.signal(rustix::process::Signal::HUP);
    wait_for(&notices, "RELOADING=1");
    wait_for(&notices, "READY=1");
    world.server.signal(rustix::process::Signal::TERM);
    wait_for(&notices, "STOPPING=1");
}
