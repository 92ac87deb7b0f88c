//! What is not a resource: envelope, ids, health, metrics, documents, draining.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use carrel_model::Verdict;
use carrel_model::id::NodeId;
use carrel_store::node::NodeReport;
use serde_json::Value;

use crate::world::World;

#[test]
fn every_error_is_a_problem_with_the_requests_id() {
    let world = World::start();
    world
        .send("GET", "//nowhere", &[], b"")
        .is(404, "not_found");
    world
        .send("PATCH", "/courses", &[], b"")
        .is(405, "method_not_allowed");
    let nobody = world.send("GET", "/courses", &[("x-request-id", "mine-1")], b"");
    nobody.is(401, "unauthenticated");
    assert_eq!(nobody.body["request_id"], "mine-1");
    assert_eq!(nobody.headers["x-request-id"], "mine-1");
    assert!(nobody.headers.contains_key("www-authenticate"));
    let wrong = [("authorization", "Bearer wrong")];
    world
        .send("GET", "/courses", &wrong, b"")
        .is(401, "invalid_token");
}

/// Sends a body that never comes to its end; the answer, to the end of the connection.
fn send_half(world: &World, path: &str, kind: &str, who: &str) -> String {
    let mut stream = TcpStream::connect(world.address).unwrap();
    // Only a hang reaches it.
    let patience = std::time::Duration::from_secs(60);
    stream.set_read_timeout(Some(patience)).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: 50\r\n\
         authorization: {who}\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_body_that_does_not_come_is_given_up_and_the_connection_with_it() {
    let world = World::start_with(|config| config.body_timeout_ms = 100);
    let ann = world.learner("ann");
    let bearer = ann.bearer();
    for (path, kind, who) in [
        ("/session", "application/json", ""),
        ("/executions", "application/json", bearer.as_str()),
        (
            "/courses/demo/challenges/double/submissions",
            "application/zip",
            bearer.as_str(),
        ),
    ] {
        let answer = send_half(&world, &format!("/api/v1{path}"), kind, who);
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
        assert!(answer.contains("too_slow"), "{answer}");
    }
}

#[test]
fn who_sends_too_slowly_is_told_in_the_form_of_the_interface_that_was_asked() {
    let world = World::start_with(|config| config.body_timeout_ms = 100);
    let bearer = world.person("eve", None).bearer();
    for (path, begins) in [
        ("/judge0/submissions", r#"{"error":"the body did not go on"#),
        ("/api/v2/execute", r#"{"message":"the body did not go on"#),
        (
            "/piston/api/v2/execute",
            r#"{"message":"the body did not go on"#,
        ),
    ] {
        let answer = send_half(&world, path, "application/json", &bearer);
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
        assert!(answer.contains(begins), "{path}: {answer}");
    }
}

#[test]
fn an_answer_that_needed_no_body_is_given_though_the_body_does_not_come() {
    let world = World::start_with(|config| config.body_timeout_ms = 100);
    let answer = send_half(&world, "/api/v1/executions", "application/json", "");
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[test]
fn health_and_metrics_tell_what_goes_on() {
    let world = World::start();
    let ann = world.learner("ann");
    world.submit(&ann);
    let health = world.send("GET", "//healthz", &[], b"");
    assert_eq!(
        (health.ok()["status"].as_str(), &health.body["queued"][0]),
        (Some("ok"), &1.into())
    );
    assert_eq!(world.send("GET", "//readyz", &[], b"").status, 200);
    world.judge(Verdict::Accepted);
    let told = || world.send("GET", "//metrics", &[], b"").text;
    for _ in 0..200 {
        if told().contains("carrel_web_verdicts_total") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    let metrics = told();
    for line in [
        "carrel_web_verdicts_total{verdict=\"accepted\",language=\"python\"} 1",
        "carrel_web_submission_stages_seconds_count{stage=\"total\",language=\"python\",band=\"interactive\"} 1",
        "carrel_queue_jobs{band=\"interactive\"} 0",
        &format!(
            "carrel_worker_pool{{node=\"{}\",host=\"test\"}} 3",
            world.node
        ),
        "# TYPE carrel_missing_environment_courses gauge",
        "route=\"/api/v1/courses/{course}/challenges/{challenge}/submissions\",method=\"POST\",status=\"202\"",
    ] {
        assert!(metrics.contains(line), "{line} not in:\n{metrics}");
    }
    assert!(metrics.ends_with("# EOF\n") && metrics.matches("# EOF").count() == 1);
    let olga = world.operator("olga");
    let history = world.get(&olga, "/history?seconds=60");
    let together = &history.ok()["together"];
    assert_eq!(together["verdicts"]["accepted"], 1);
    for stage in ["accept", "queue", "run", "total"] {
        assert_eq!(together["stages"][stage]["count"], 1, "{stage}: {together}");
    }
    assert_eq!(together["late"], 0);
}

#[test]
fn figures_of_two_nodes_are_one_family() {
    let world = World::start();
    let other = NodeReport {
        id: NodeId::new(),
        host: "other".to_owned(),
        ..world.report(4)
    };
    let id = other.id;
    world.beat_as(other);
    let metrics = world.send("GET", "//metrics", &[], b"").text;
    let heads = metrics.lines().filter(|line| line.starts_with("# TYPE"));
    let heads: Vec<&str> = heads.collect();
    let once: BTreeSet<&str> = heads.iter().copied().collect();
    assert_eq!(heads.len(), once.len(), "{metrics}");
    let mut told: Vec<String> = [(world.node, "test"), (id, "other")]
        .map(|(id, host)| format!("carrel_worker_pool{{node=\"{id}\",host=\"{host}\"}} 3\n"))
        .to_vec();
    told.sort();
    assert!(metrics.contains(&told.concat()), "{metrics}");
}

#[test]
fn the_document_is_served_committed_and_shown() {
    let world = World::start();
    let served = world.send("GET", "/openapi.json", &[], b"");
    assert_eq!(served.text, carrel_web::openapi::document());
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = std::fs::read_to_string(place).unwrap_or_default();
    assert!(
        served.text == committed,
        "docs/openapi.json is not that of the code: run `cargo xtask generate`"
    );
    let page = world.send("GET", "//docs", &[], b"");
    assert!(
        page.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    assert!(page.text.contains("/api/v1/submissions/{id}"));
}

#[test]
fn a_service_that_stops_ends_what_it_answers_and_takes_nothing_new() {
    let mut world = World::start();
    let mut slow = TcpStream::connect(world.address).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        .unwrap();
    // The head is not whole yet: the connection is in the service's hands.
    let mut kept = TcpStream::connect(world.address).unwrap();
    kept.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut first = [0; 12];
    kept.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    world.stop();
    let mut rest = String::new();
    kept.read_to_string(&mut rest).unwrap();
    assert!(
        rest.contains("ready"),
        "an idle connection is closed, not cut: {rest}"
    );
}

/// Calls of the table in `docs/api.md`, as method and path below the prefix.
fn told_calls() -> BTreeSet<(String, String)> {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md");
    let told = std::fs::read_to_string(place).unwrap();
    let section = told.split("## All calls\n").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| {
        let (method, path) = line
            .strip_prefix("| `")?
            .split_once("` |")?
            .0
            .split_once(" /")?;
        Some((method.to_lowercase(), format!("/{path}")))
    });
    rows.collect()
}

#[test]
fn every_call_is_told_and_every_call_that_is_told_is_there() {
    let document: Value = serde_json::from_str(carrel_web::openapi::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let calls = paths.iter().flat_map(|(path, item)| {
        let path = path.strip_prefix("/api/v1").unwrap();
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| (method.clone(), path.to_owned()))
    });
    let (calls, told) = (calls.collect::<BTreeSet<_>>(), told_calls());
    let missing: Vec<_> = calls.difference(&told).collect();
    assert!(
        missing.is_empty(),
        "docs/api.md, \"All calls\", lacks {missing:?}"
    );
    let gone: Vec<_> = told.difference(&calls).collect();
    assert!(gone.is_empty(), "docs/api.md tells of {gone:?}");
}

#[test]
fn documents_hold_every_code() {
    let served: Value = serde_json::from_str(carrel_web::openapi::document()).unwrap();
    let text = served["components"]["schemas"]["Code"].to_string();
    for code in carrel_api::Code::ALL {
        assert!(text.contains(code.name()), "{}", code.name());
    }
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md");
    let told = std::fs::read_to_string(place).unwrap();
    for code in carrel_api::Code::ALL {
        assert!(
            told.contains(&format!("| `{}` | {} |", code.name(), code.status())),
            "docs/api.md lacks `{}`",
            code.name()
        );
    }
}
