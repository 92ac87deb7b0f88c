//! Admission by deadline.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState;
use carrel_model::id::NodeId;
use carrel_store::account::Role;
use carrel_store::node::NodeReport;
use carrel_store::queue::{Band, Queue as _};
use carrel_store::submission::Submissions as _;
use carrel_web::stages::Accepted;
use serde_json::json;

use crate::world::World;

const PATH: &str = "/courses/demo/challenges/double/submissions";

#[test]
fn who_floods_is_told_to_wait_and_others_are_not() {
    let world = World::start_with(|config| {
        config.admission.cost_default_ms = 500.0;
    });
    world.beat(1);
    let (ann, bob) = (world.learner("ann"), world.learner("bob"));
    let body = json!({"files": {"double.py": "print(2)"}});
    // One slot, half a second each, a target of three seconds: the flood ends soon.
    let mut accepted = 0;
    let refused = loop {
        let answer = world.post(&ann, PATH, &body);
        if answer.status != 202 {
            break answer;
        }
        accepted += 1;
        assert!(accepted < 10, "the queue is not bounded");
    };
    refused.is(429, "too_much_queued");
    let seconds: u64 = refused.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&seconds));
    assert!(refused.body["retry_after_ms"].as_u64().unwrap() >= 1_000);
    assert_eq!(
        world.post(&bob, PATH, &body).status,
        202,
        "bob's share is his own"
    );
    let batch = json!({"files": {"double.py": "print(2)"}, "band": "batch"});
    assert_eq!(
        world.post(&ann, PATH, &batch).status,
        202,
        "batch work may wait"
    );
    let metrics = world.send("GET", "//metrics", &[], b"");
    assert!(
        metrics
            .text
            .contains("carrel_web_refusals_total{reason=\"too_much_queued\"} 1")
    );
}

#[test]
fn when_all_together_are_too_many_everybody_is_told_busy() {
    let world = World::start_with(|config| {
        config.admission.cost_default_ms = 1_500.0;
    });
    world.beat(1);
    let body = json!({"files": {"double.py": "print(2)"}});
    let refused = (0..10).find_map(|number| {
        let who = world.person(&format!("p{number}"), Some(Role::Learner));
        let answer = world.post(&who, PATH, &body);
        (answer.status != 202).then_some(answer)
    });
    let refused = refused.expect("the queue is bounded");
    refused.is(503, "busy");
    assert!(refused.headers.contains_key("retry-after"));
}

#[test]
fn without_a_worker_only_batch_work_is_taken() {
    let world = World::start_with(|config| config.admission.node_silence_ms = 1);
    let ann = world.learner("ann");
    std::thread::sleep(std::time::Duration::from_millis(5));
    let body = json!({"files": {"double.py": "print(2)"}});
    world.post(&ann, PATH, &body).is(503, "no_worker");
    let batch = json!({"files": {"double.py": "print(2)"}, "band": "batch"});
    assert_eq!(world.post(&ann, PATH, &batch).status, 202);
}

/// Without `python`, which the challenge needs.
fn without_python(world: &World) -> NodeReport {
    NodeReport {
        environments: vec![("lua".to_owned(), Some("d2".to_owned()))],
        languages: Vec::new(),
        ..world.report(2)
    }
}

#[test]
fn work_that_no_node_has_the_environment_for_is_refused_at_once() {
    let world = World::start();
    let ann = world.learner("ann");
    world.beat_as(without_python(&world));
    let body = json!({"files": {"double.py": "print(2)"}});
    let refused = world.post(&ann, PATH, &body);
    refused.is(503, "no_environment");
    assert_eq!(refused.headers["retry-after"], "60");
    let detail = refused.body["detail"].as_str().unwrap();
    for words in [
        "`python`",
        "those who run this service",
        "not a fault of yours",
    ] {
        assert!(detail.contains(words), "{detail}");
    }
    let batch = json!({"files": {"double.py": "print(2)"}, "band": "batch"});
    let refused = world.post(&ann, PATH, &batch);
    refused.is(503, "no_environment");
    let leases = world.wait(world.store.claim(world.node, 9, 10_000));
    assert!(leases.unwrap().is_empty(), "nothing is kept");
    let run = |environment: &str| {
        let files = json!({"a.lua": "print(1)"});
        let run = json!({"language": "lua", "environment": environment, "files": files});
        world.post(&ann, "/executions", &run)
    };
    let refused = run("python");
    refused.is(503, "no_environment");
    assert!(refused.text.contains("`python`"), "{refused:?}");
    let unknown = run("cobol");
    unknown.is(422, "invalid");
    assert_eq!(unknown.fields(), ["environment"]);
    let detail = unknown.body["detail"].as_str().unwrap();
    assert_eq!(detail, "there is no environment `cobol`; there are: lua");
    let metrics = world.send("GET", "//metrics", &[], b"").text;
    let line = "carrel_missing_environment_courses{environment=\"python\"} 1\n";
    assert!(metrics.contains(line), "{metrics}");
    // Another node has it.
    world.beat_as(NodeReport {
        id: NodeId::new(),
        ..world.report(1)
    });
    world.submit(&ann);
    let metrics = world.send("GET", "//metrics", &[], b"").text;
    assert!(!metrics.contains(line), "{metrics}");
}

#[test]
fn a_repeated_request_is_answered_by_its_key_when_nothing_more_is_taken() {
    let world = World::start_with(|config| {
        config.admission.cost_default_ms = 1_500.0;
    });
    world.beat(1);
    let ann = world.learner("ann");
    let body = json!({"files": {"double.py": "print(2)"}}).to_string();
    let send = |key: &str, body: &str| {
        let headers = [
            ("authorization", ann.bearer()),
            ("content-type", "application/json".to_owned()),
            ("idempotency-key", key.to_owned()),
        ];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        world.send("POST", PATH, &headers, body.as_bytes())
    };
    let first = send("one", &body);
    assert_eq!(first.status, 202);
    let closed = (0..10).any(|number| {
        let who = world.person(&format!("p{number}"), Some(Role::Learner));
        let body = json!({"files": {"double.py": "print(2)"}});
        world.post(&who, PATH, &body).status != 202
    });
    assert!(closed);
    assert_ne!(send("two", &body).status, 202, "new work is not taken");
    let again = send("one", &body);
    assert_eq!(again.status, 202, "{}", again.text);
    assert_eq!(again.body["id"], first.body["id"]);
    let other = json!({"files": {"double.py": "print(3)"}}).to_string();
    send("one", &other).is(422, "idempotency_key_reused");
}

#[test]
fn batch_work_has_a_bound_too() {
    let world = World::start_with(|config| config.admission.batch_queued_max = 2);
    let ann = world.learner("ann");
    let batch = json!({"files": {"double.py": "print(2)"}, "band": "batch"});
    for _ in 0..2 {
        assert_eq!(world.post(&ann, PATH, &batch).status, 202);
    }
    world.post(&ann, PATH, &batch).is(503, "busy");
}

#[test]
fn a_worker_that_restarts_still_counts_for_a_while() {
    let world = World::start();
    let ann = world.learner("ann");
    world.submit(&ann);
    let mut last_word = world.report(2);
    last_word.accepting = false;
    world.beat_as(last_word);
    world.submit(&ann);
}

#[test]
fn a_service_that_is_late_says_so_and_takes_less() {
    let world = World::start_with(|config| {
        config.admission.cost_default_ms = 500.0;
    });
    world.beat(1);
    let ann = world.learner("ann");
    let id = world.submit(&ann);
    let mut row = world.wait(world.store.submission(id)).unwrap();
    let path = format!("/submissions/{id}/cancel");
    world.post(&ann, &path, &json!({})).ok();
    // Judged in the hand of the test only: a cost that was measured would count from then on.
    row.state = SubmissionState::Finished;
    row.verdict = Some(Verdict::Accepted);
    row.finished_at = Some(row.created_at + Duration::from_secs(60));
    row.started_at = Some(row.created_at + Duration::from_secs(59));
    let accepted = Accepted {
        language: "python".to_owned(),
        band: Band::Interactive,
        target_ms: 3_000,
        cost_ms: 1_000.0,
        took: Duration::ZERO,
    };
    let metrics = &world.app.metrics;
    for _ in 0..30 {
        world.app.stages.begin(id, accepted.clone(), metrics);
        world.app.stages.end(&row, 1, metrics);
    }
    let health = world.send("GET", "//healthz", &[], b"");
    assert_eq!(health.ok()["status"], "late");
    let body = json!({"files": {"double.py": "print(2)"}});
    let bob = world.learner("bob");
    let statuses: Vec<u16> = (0..5)
        .map(|_| world.post(&bob, PATH, &body).status)
        .collect();
    let taken = statuses.iter().filter(|status| **status == 202).count();
    assert!(
        (1..3).contains(&taken),
        "three when it is not late: {statuses:?}"
    );
}
