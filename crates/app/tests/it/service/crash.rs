//! Every process of the service killed while submissions come in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use carrel_e2e::crash::{self, Campaign};
use carrel_model::Verdict;

use super::{ended, mix, slow, start};

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_submission_is_lost_doubled_or_wrong_whatever_is_killed() {
    let Some(mut world) = start(4, &[]) else {
        return;
    };
    let campaign = Campaign {
        submissions: 120,
        senders: 4,
        pause: Duration::from_millis(500),
        mix: mix(),
        length: Duration::from_secs(600),
        seed: 11,
    };
    let outcome = crash::run(&mut world.server, &world.people, campaign)
        .await
        .unwrap();
    let log = || world.server.log();
    assert!(outcome.findings.is_clean(), "{outcome:#?}\n{}", log());
    assert_eq!(outcome.findings.acknowledged, 120, "{outcome:#?}");
    // Fewer would mean that nothing was tried.
    let kills: usize = outcome.kills.iter().map(|(_, count)| count).sum();
    assert!(kills >= 8, "{outcome:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_workers_run_goes_on_and_is_adopted() {
    let Some(mut world) = start(1, &[]) else {
        return;
    };
    let mut learner = world.learner(0);
    let work = slow();
    let answer = learner.post(&work.path(), &[], &work.body()).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text());
    // Its first run sleeps a second: long enough to be met.
    while world.server.of_role("sandbox").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.server.kill("worker").unwrap();
    let row = ended(&mut learner, answer).await;
    assert_eq!(
        row["verdict"],
        Verdict::Accepted.name(),
        "{row}\n{}",
        world.server.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_everything_was_killed_leftovers_are_removed_and_the_queue_goes_on() {
    let Some(mut world) = start(1, &[]) else {
        return;
    };
    let mut learner = world.learner(0);
    let work = slow();
    let answer = learner.post(&work.path(), &[], &work.body()).await.unwrap();
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    while world.server.of_role("sandbox").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let before = world.server.processes();
    // The supervisor first, so that nothing is started again; then all it had.
    world.server.kill("supervisor").unwrap();
    for process in &before {
        carrel_e2e::server::kill(process.pid, rustix::process::Signal::KILL);
    }
    world.server.restart().unwrap();
    let mut learner = world.learner(0);
    let path = format!("/api/v1/submissions/{id}");
    loop {
        let row = learner.get(&path).await.unwrap().json();
        if row["state"] == "finished" {
            assert_eq!(row["verdict"], Verdict::Accepted.name(), "{row}");
            break;
        }
        assert_ne!(row["state"], "parked", "{row}\n{}", world.server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.server.stop(), Some(0));
    let journals = files_below(&world.server.run_directory().join("worker/runs"));
    assert!(journals.is_empty(), "{journals:?}");
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}
