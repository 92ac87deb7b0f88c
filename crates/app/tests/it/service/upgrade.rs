//! The program is replaced and reloaded while requests come in: none fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use carrel_model::Verdict;
use rustix::process::Signal;

use super::{RIGHT, judged, program, start, work};

/// Upgrades in a row.
const UPGRADES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_the_program_is_replaced() {
    let Some(world) = start(2, &[]) else { return };
    let over = Arc::new(AtomicBool::new(false));
    let answered = Arc::new(AtomicUsize::new(0));
    let mut senders = Vec::new();
    for number in 0..4 {
        let mut client = world.learner(number % 2);
        let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
        senders.push(tokio::spawn(async move {
            let mut failed = Vec::new();
            while !over.load(Ordering::Acquire) {
                match client.get("/api/v1/courses").await {
                    Ok(answer) if answer.status == 200 => {
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    // Rate limits are an answer too.
                    Ok(answer) if answer.status == 429 => {}
                    Ok(answer) => failed.push(format!("{}: {}", answer.status, answer.text())),
                    Err(error) => failed.push(error.to_string()),
                }
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            failed
        }));
    }
    let mut web = world.server.of_role("web")[0].pid;
    let mut worker = world.server.of_role("worker")[0].pid;
    let supervisor = world.server.pid();
    for _ in 0..UPGRADES {
        world.server.signal(Signal::HUP);
        web = world.server.successor("web", web).unwrap();
        worker = world.server.successor("worker", worker).unwrap();
        // The elder drains beside its successor until it is gone.
        while world.server.of_role("web").len() > 1 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    over.store(true, Ordering::Release);
    for sender in senders {
        let failed = sender.await.unwrap();
        assert!(failed.is_empty(), "{failed:?}\n{}", world.server.log());
    }
    assert!(answered.load(Ordering::Relaxed) > 100);
    assert_eq!(world.server.pid(), supervisor);
    let work = work(RIGHT, Verdict::Accepted);
    let row = judged(&mut world.learner(0), &work).await;
    assert_eq!(row["verdict"], "accepted", "{row}\n{}", world.server.log());
}

#[test]
fn settings_that_do_not_let_it_begin_end_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("carrel.toml");
    std::fs::write(&file, "log = \"text\"\n").unwrap();
    let config = file.display().to_string();
    let Some(world) = start(0, &["--config", &config]) else {
        return;
    };
    let before = world.server.processes();
    let mut mistyped = vec![("log = \"txt\"\n", "neither `text` nor `json`")];
    // Only root's service gives the web process another user.
    if rustix::process::geteuid().is_root() {
        mistyped.push(("[web]\nuser = \"carel\"\n", "there is no user `carel`"));
    }
    for (number, (text, told)) in mistyped.into_iter().enumerate() {
        std::fs::write(&file, text).unwrap();
        world.server.signal(Signal::HUP);
        while world.server.log().matches("not upgraded").count() <= number {
            let left = world.server.of_role("web");
            assert!(!left.is_empty(), "{}", world.server.log());
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(world.server.log().contains(told), "{}", world.server.log());
    }
    let main = |processes: &[carrel_e2e::server::Process]| -> Vec<u32> {
        let kept = processes
            .iter()
            .filter(|process| ["supervisor", "web", "worker"].contains(&process.role));
        kept.map(|process| process.pid).collect()
    };
    assert_eq!(main(&before), main(&world.server.processes()));
    // With the mistake taken back it is upgraded.
    let web = world.server.of_role("web")[0].pid;
    std::fs::write(&file, "log = \"json\"\n").unwrap();
    world.server.signal(Signal::HUP);
    world.server.successor("web", web).unwrap();
}

#[test]
fn a_program_that_does_not_run_is_not_taken() {
    // The link that the service was started by is changed to lead to a program that fails.
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("carrel");
    std::os::unix::fs::symlink(program(), &link).unwrap();
    let Some(mut world) = start(0, &[]) else {
        return;
    };
    world.server.stop();
    world.server.set_program(&link);
    world.server.restart().unwrap();
    let before = world.server.processes();
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("/bin/false", &link).unwrap();
    world.server.signal(Signal::HUP);
    while !world.server.log().contains("not upgraded") {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let web = |processes: &[carrel_e2e::server::Process]| {
        let found = processes.iter().find(|process| process.role == "web");
        found.map(|process| process.pid)
    };
    assert_eq!(web(&before), web(&world.server.processes()));
}
