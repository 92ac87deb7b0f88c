//! What the service says of itself when it is not well.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use carrel_store::node::{NodeOrders, Nodes as _};
use carrel_store::submission::Submissions as _;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const PATH: &str = "/courses/demo/challenges/double/submissions";

fn program() -> Value {
    json!({"files": {"double.py": "print(2)"}})
}

fn health(world: &World) -> Answer {
    world.send("GET", "//healthz", &[], b"")
}

/// The answer of the store is kept for a moment: looks until it is this one.
#[track_caller]
fn wait_until(world: &World, status: u16, word: &str) -> Answer {
    for _ in 0..400 {
        let answer = health(world);
        if (answer.status, answer.body["status"].as_str()) == (status, Some(word)) {
            return answer;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("never {word}: {:?}", health(world));
}

#[track_caller]
fn assert_reason(answer: &Answer, part: &str) {
    let reasons = answer.body["reasons"].to_string();
    assert!(reasons.contains(part), "{part} not in: {reasons}");
}

#[test]
fn all_is_well_without_reasons() {
    let world = World::start();
    let told = health(&world);
    assert_eq!((told.status, &told.body["reasons"]), (200, &json!([])));
}

#[test]
fn a_drained_node_judges_nothing_and_this_is_told() {
    let world = World::start();
    let ann = world.learner("ann");
    world.submit(&ann);
    let drain = world.store.order(world.node, NodeOrders::Drain);
    world.wait(drain).unwrap();
    world.app.nodes.forget();
    let refused = world.post(&ann, PATH, &program());
    refused.is(503, "no_worker");
    let detail = refused.body["detail"].as_str().unwrap();
    assert!(detail.contains("node `test` is drained"), "{detail}");
    let told = health(&world);
    assert_eq!(
        (told.status, told.body["status"].as_str()),
        (503, Some("not_judging"))
    );
    assert_reason(&told, "node `test` is drained by an operator");
    assert_eq!(
        world.send("GET", "//readyz", &[], b"").status,
        200,
        "pages are served"
    );
    let work = world.store.order(world.node, NodeOrders::Work);
    world.wait(work).unwrap();
    world.app.nodes.forget();
    assert_eq!(health(&world).ok()["status"], "ok");
}

#[test]
fn a_node_that_cannot_judge_says_why() {
    let world = World::start();
    let mut report = world.report(2);
    (report.accepting, report.canary_ms) = (false, None);
    world.beat_as(report.clone());
    assert_reason(&health(&world), "node `test` cannot make sandboxes");
    report.environments.clear();
    world.beat_as(report);
    let told = health(&world);
    assert_eq!(
        (told.status, told.body["status"].as_str()),
        (503, Some("not_judging"))
    );
    assert_reason(&told, "node `test` has no environment");
    let olga = world.operator("olga");
    let page = crate::operator_pages::open(&world, &olga, "/operator");
    assert!(page.text.contains("Nothing is judged"), "{}", page.text);
}

#[test]
fn without_any_node_nothing_is_judged() {
    let world = World::start_with(|config| config.admission.node_silence_ms = 0);
    let told = health(&world);
    assert_eq!(
        (told.status, told.body["status"].as_str()),
        (503, Some("not_judging"))
    );
    assert_reason(&told, "no worker has told of itself lately");
}

#[test]
fn a_queue_that_stands_is_late() {
    let world = World::start();
    let ann = world.learner("ann");
    let answer = world.post(&ann, PATH, &program());
    assert_eq!(answer.status, 202, "{answer:?}");
    let row = world.wait(world.store.submission(answer.id())).unwrap();
    assert!(row.started_at.is_none());
    let told = wait_until(&world, 200, "late");
    assert_eq!(told.body["overdue"], 1);
    assert_reason(&told, "1 more submission waits beyond theirs");
}

#[test]
fn a_store_that_cannot_be_written_is_failing() {
    let world = World::start();
    assert_eq!(health(&world).status, 200);
    let place = world.directory.path();
    let away = place.with_extension("away");
    std::fs::rename(place, &away).unwrap();
    let told = wait_until(&world, 503, "failing");
    assert_reason(&told, "nothing new can be kept");
    assert_ne!(world.send("GET", "//readyz", &[], b"").status, 200);
    std::fs::rename(&away, place).unwrap();
    wait_until(&world, 200, "ok");
    assert_eq!(world.send("GET", "//readyz", &[], b"").status, 200);
}

#[test]
fn what_alerts_ask_for_is_there_before_it_happens() {
    let place = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../packaging/prometheus/carrel.rules.yml"
    );
    let rules = std::fs::read_to_string(place).unwrap();
    let world = World::start();
    let text = world.send("GET", "//metrics", &[], b"").text;
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut asked = 0;
    for name in rules.split(|letter| !is_of_name(letter)) {
        // What workers tell is tested there; the stages have series by language, and the
        // rules bear that there are none.
        let told_here = name.starts_with("carrel_") && !name.starts_with("carrel_worker_");
        if told_here && name != "carrel_web_submission_stages_seconds_count" {
            asked += 1;
            let is_told = text.contains(&format!("\n{name}"))
                // One whose series are the things that are missing.
                || text.contains(&format!("\n# TYPE {name} gauge"));
            assert!(is_told, "{name} not in:\n{text}");
        }
    }
    assert!(asked >= 9, "{rules}");
    for line in [
        "carrel_health{status=\"ok\"} 1",
        "carrel_health{status=\"failing\"} 0",
        "carrel_nodes{state=\"working\"} 1",
        "carrel_nodes{state=\"drained\"} 0",
        "carrel_nodes{state=\"canary_failed\"} 0",
        "carrel_web_refusals_total{reason=\"no_worker\"} 0",
        "carrel_web_refusals_total{reason=\"disk_full\"} 0",
    ] {
        assert!(text.contains(line), "{line} not in:\n{text}");
    }
}

#[test]
#[ignore = "the program of a child process, on a small disk"]
fn child_on_a_full_disk() {
    let world = World::start();
    let ann = world.learner("ann");
    assert_eq!(world.post(&ann, PATH, &program()).status, 202);
    let ballast = world.directory.path().join("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    while file.write_all(&[0; 4_096]).is_ok() {}
    let large = json!({"files": {"double.py": "#".repeat(100_000)}, "band": "batch"});
    let refused = loop {
        let answer = world.post(&ann, PATH, &large);
        if answer.status != 202 {
            break answer;
        }
    };
    refused.is(503, "busy");
    assert!(
        refused.text.contains("the disk is full"),
        "{}",
        refused.text
    );
    let told = wait_until(&world, 503, "failing");
    assert_reason(&told, "the disk is full");
    assert_eq!(world.send("GET", "//readyz", &[], b"").status, 503);
    let metrics = world.send("GET", "//metrics", &[], b"").text;
    let line = "carrel_web_refusals_total{reason=\"disk_full\"} 1";
    assert!(metrics.contains(line), "{line} not in:\n{metrics}");
    std::fs::remove_file(&ballast).unwrap();
    drop(file);
    wait_until(&world, 200, "ok");
    assert_eq!(world.post(&ann, PATH, &large).status, 202);
    println!("told");
}

/// Starts this test binary again on a disk of its own, with one ignored test as its program.
#[expect(
    clippy::disallowed_methods,
    reason = "a small disk can only be mounted for another process"
)]
fn start_on_small_disk(place: &std::path::Path, test: &str) -> Child {
    let script = format!(
        "mount -t tmpfs -o size=16m none '{}' && exec \"$0\" \"$@\"",
        place.display()
    );
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("TMPDIR", place)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_full_disk_is_failing_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = start_on_small_disk(directory.path(), "health::child_on_a_full_disk");
    let mut output = String::new();
    let mut told = child.stdout.take().unwrap();
    told.read_to_string(&mut output).unwrap();
    let ended = child.wait_with_output().unwrap();
    if !output.contains("running 1 test") {
        println!("SKIP: no small disk can be mounted here");
        return;
    }
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(
        ended.status.success() && output.contains("told"),
        "{output}{errors}"
    );
}
