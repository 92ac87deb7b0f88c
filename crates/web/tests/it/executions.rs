//! Ad-hoc executions.

use carrel_store::account::Scope;
use carrel_store::submission::Work;
use serde_json::json;

use crate::world::{Person, World, executed, small_limits};

#[test]
fn a_program_is_run_and_its_output_told() {
    let world = World::start();
    let (eve, bob) = (world.person("eve", None), world.person("bob", None));
    let body = json!({
        "language": "python",
        "files": {"main.py": "print(input())"},
        "stdin": {"base64": "aGk="},
        "limits": {"cpu_ms": 1000},
    });
    let sent = world.post(&eve, "/executions", &body);
    assert_eq!(sent.status, 202, "{sent:?}");
    let lease = world.claim();
    let Work::Execution(request) = &lease.work else {
        panic!("{lease:?}")
    };
    assert_eq!(
        (request.stdin.as_slice(), request.limits),
        (&b"hi"[..], small_limits())
    );
    world.finish(&lease, executed(b"hi\xff\n"));
    let path = format!("/executions/{}", sent.id());
    let seen = world.get(&eve, &path);
    assert_eq!(
        seen.ok()["result"]["run"]["stdout"],
        json!({"base64": "aGn/Cg=="})
    );
    world.get(&bob, &path).is(404, "not_found");
    assert_eq!(
        world.get(&eve, "/executions").ok()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(world.get(&eve, "/submissions").ok()["items"], json!([]));
    world
        .get(&eve, &format!("/submissions/{}", sent.id()))
        .is(404, "not_found");
}

#[test]
fn what_cannot_be_run_is_named() {
    let world = World::start();
    let eve = world.person("eve", None);
    let body = |change: serde_json::Value| {
        let mut body = json!({"language": "python", "files": {"main.py": ""}});
        for (key, value) in change.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    for (change, field) in [
        (json!({"language": "cobol"}), "language"),
        (json!({"files": {}}), "files"),
        (json!({"entry": "other.py"}), "entry"),
        (
            json!({"limits": {"memory_bytes": 1u64 << 40}}),
            "limits.memory_bytes",
        ),
        (json!({"limits": {"cpu": 1}}), "limits.cpu"),
        (json!({"runs": 21}), "runs"),
        (json!({"arguments": ["a\u{0}b"]}), "arguments[0]"),
    ] {
        let refused = world.post(&eve, "/executions", &body(change));
        refused.is(422, "invalid");
        assert_eq!(refused.fields(), [field]);
    }
    // A language that is known, and that no node runs, is no mistake of the sender.
    let absent = world.post(&eve, "/executions", &body(json!({"language": "rust"})));
    absent.is(503, "no_environment");
    assert_eq!(absent.headers["retry-after"], "60");
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    let world = World::start();
    let eve = world.person("eve", None);
    let bearer = eve.bearer();
    let send = |keys: &[&str], body: &str| {
        let mut headers = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        headers.extend(keys.iter().map(|key| ("idempotency-key", *key)));
        world.send("POST", "/executions", &headers, body.as_bytes())
    };
    let body = r#"{"language":"python","files":{"a.py":"1"}}"#;
    let list = send(&[], r#"["python",null,{"a.py":"1"}]"#);
    list.is(422, "invalid");
    assert_eq!(list.fields(), ["body"]);
    let twice = send(
        &[],
        r#"{"language":"python","files":{"a.py":"1","a.py":"2"}}"#,
    );
    twice.is(422, "invalid");
    assert!(twice.text.contains("`a.py` comes twice"), "{twice:?}");
    let missing = send(&[], "{}");
    missing.is(422, "invalid");
    assert_eq!(missing.fields(), ["language"]);
    let keys = send(&["one", "two"], body);
    keys.is(400, "invalid_parameter");
    assert_eq!(keys.fields(), ["Idempotency-Key"]);
    assert_eq!(send(&["one"], body).status, 202);
    let headers = [("authorization", bearer.as_str())];
    let nowhere = world.send("DELETE", "/tokens/nope", &headers, b"");
    nowhere.is(404, "not_found");
    assert_eq!(nowhere.body["detail"], "there is no token `nope`");
}

#[test]
fn a_token_for_a_course_or_without_the_scope_runs_nothing() {
    let world = World::start();
    let eve = world.learner("eve");
    let body = json!({"language": "python", "files": {"main.py": ""}});
    for token in [
        world.token(eve.id, &[Scope::Read, Scope::Submit], None),
        world.token(eve.id, &[Scope::Execute], Some("demo")),
    ] {
        let who = Person { id: eve.id, token };
        world
            .post(&who, "/executions", &body)
            .is(403, "scope_missing");
    }
}

#[test]
fn what_there_is_to_run_in_is_listed() {
    let world = World::start();
    let eve = world.person("eve", None);
    assert_eq!(world.get(&eve, "/languages").ok()[0]["version"], "3.11.2");
    let environments = world.get(&eve, "/environments");
    assert_eq!(
        environments.ok()[0],
        json!({"name": "python", "digest": "d1", "nodes": 1})
    );
}

#[test]
fn a_repeated_execution_is_answered_though_its_language_is_gone() {
    let world = World::start();
    let eve = world.person("eve", None);
    let bearer = eve.bearer();
    let send = |key: &str| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let body = json!({"language": "python", "files": {"main.py": "print(1)"}});
        world.send("POST", "/executions", &headers, body.to_string().as_bytes())
    };
    let first = send("k-1");
    assert_eq!(first.status, 202, "{first:?}");
    let mut report = world.report(2);
    report.languages[0].id = "ruby".to_owned();
    world.beat_as(report);
    send("k-2").is(503, "no_environment");
    let again = send("k-1");
    assert_eq!(again.ok()["id"], first.body["id"], "{again:?}");
    assert_eq!(again.headers["idempotency-replayed"], "true");
}
