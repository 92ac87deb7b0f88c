//! Piston.

use carrel_store::account::Scope;
use serde_json::{Value, json};

use super::hand::{beat, working};
use crate::world::{Answer, Person, World};

fn execute(world: &World, who: &Person, body: &Value) -> Answer {
    world.post(who, "//api/v2/execute", body)
}

fn start() -> (World, Person) {
    let world = World::start();
    beat(&world);
    let eve = world.person("eve", None);
    (world, eve)
}

#[test]
fn runtimes_and_packages_are_listed_to_everybody() {
    let (world, _) = start();
    for path in [
        "//api/v2/runtimes",
        "//api/v2/runtimes/",
        "//api/v2/piston/runtimes",
        "//piston/api/v2/runtimes",
    ] {
        let listed = world.send("GET", path, &[], b"");
        assert_eq!(listed.status, 200, "{path}");
        assert_eq!(
            listed.body,
            json!([
                {"language": "python", "version": "3.11.2", "aliases": ["py", "py3", "python3"]},
                {"language": "c", "version": "12.2.0", "aliases": ["gcc"], "runtime": "gcc"},
                {"language": "c++", "version": "12.2.0", "aliases": ["cpp", "g++"], "runtime": "gcc"},
                {"language": "bash", "version": "5.2.15", "aliases": ["sh"]},
            ])
        );
    }
    let packages = world.send("GET", "//api/v2/packages", &[], b"");
    assert_eq!(packages.body.as_array().unwrap().len(), 3);
    assert_eq!(
        packages.body[1],
        json!({"language": "gcc", "language_version": "12.2.0", "installed": true})
    );
    let nothing = world.send("GET", "//api/v2/nothing", &[], b"");
    assert_eq!(
        (nothing.status, &nothing.body),
        (404, &json!({"message": "Not Found"}))
    );
    let greeting = world.send("GET", "//piston", &[], b"");
    assert_eq!(greeting.body, json!({"message": "Piston v3.1.1"}));
}

#[test]
fn a_program_is_run_and_told_as_theirs() {
    let (world, eve) = start();
    let body = json!({"language": "py", "version": "3.x", "files": [{"content": "echo"}],
        "stdin": "in", "args": ["a", "b"]});
    let done = working(&world, || execute(&world, &eve, &body));
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(
        done.body,
        json!({
            "run": {"signal": null, "stdout": "in\na b", "stderr": "", "code": 0, "output": "in\na b",
                "memory": 3_584_000, "message": null, "status": null, "cpu_time": 12, "wall_time": 25},
            "language": "python",
            "version": "3.11.2",
        })
    );
}

#[test]
fn stages_are_told_apart() {
    let (world, eve) = start();
    let run = |language: &str, program: &str| {
        let body = json!({"language": language, "version": "*", "files": [{"content": program}]});
        working(&world, || execute(&world, &eve, &body))
    };
    let both = run("c", "both");
    assert_eq!(both.body["run"]["output"], "1\n2\n3\n");
    assert_eq!(both.body["compile"]["stderr"], "warning\n");
    let broken = run("c++", "broken").body;
    assert_eq!(broken["run"], broken["compile"]);
    assert_eq!(
        (&broken["run"]["code"], &broken["run"]["status"]),
        (&json!(1), &json!("RE"))
    );
    let killed = run("python", "signal 11").body["run"].clone();
    assert_eq!(
        (&killed["signal"], &killed["code"]),
        (&json!("SIGSEGV"), &Value::Null)
    );
    let slow = run("python", "slow").body["run"].clone();
    assert_eq!(
        (&slow["signal"], &slow["status"]),
        (&json!("SIGKILL"), &json!("TO"))
    );
    let refused = run("python", "refused");
    let message = json!({"message": "there is no environment for it"});
    assert_eq!((refused.status, refused.body), (400, message));
}

#[test]
fn refusals_are_theirs() {
    let (world, eve) = start();
    let refused = execute(&world, &eve, &json!({"language": "py"}));
    assert_eq!(
        (refused.status, refused.body),
        (400, json!({"message": "version is required as a string"}))
    );
    let body =
        |language| json!({"language": language, "version": "*", "files": [{"content": "x"}]});
    let unknown = execute(&world, &eve, &body("cobol"));
    let message = json!({"message": "cobol-* runtime is unknown"});
    assert_eq!((unknown.status, unknown.body), (400, message));
    // A language that is known, and that no node runs, is no mistake of theirs.
    let absent = execute(&world, &eve, &body("rs"));
    let told = absent.body["message"].as_str().unwrap();
    assert!(
        told.starts_with("no worker of this service runs `rust` now"),
        "{told}"
    );
    assert_eq!(
        (absent.status, &absent.headers["retry-after"]),
        (503, &"60".parse().unwrap())
    );
    let bearer = eve.bearer();
    let key = [("authorization", bearer.as_str())];
    let plain = world.send("POST", "//api/v2/execute", &key, b"{}");
    let message = json!({"message": "requests must be of type application/json"});
    assert_eq!((plain.status, plain.body), (415, message));
    let package = json!({"language": "gcc", "version": "12.x"});
    assert_eq!(world.post(&eve, "//api/v2/packages", &package).status, 403);
    let package = json!({"language": "perl", "version": "5"});
    let unknown = world.post(&eve, "//api/v2/packages", &package);
    let message = json!({"message": "Requested package perl-5 does not exist"});
    assert_eq!((unknown.status, unknown.body), (404, message));
}

#[test]
fn bodies_are_read_as_theirs_are() {
    let (world, eve) = start();
    let bearer = eve.bearer();
    let send = |kind: &str, body: &[u8]| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        world.send("POST", "//api/v2/execute", &headers, body)
    };
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let plain = send(kind, b"{}");
        let message = json!({"message": "requests must be of type application/json"});
        assert_eq!((plain.status, plain.body), (415, message), "{kind}");
    }
    let typed = "application/json; charset=utf-8";
    for body in ["", "{}", "[]", "\u{feff}{}"] {
        let empty = send(typed, body.as_bytes());
        let message = json!({"message": "language is required as a string"});
        assert_eq!((empty.status, empty.body), (400, message), "{body}");
    }
    for body in ["{", "{} x", " ", "1", "null", "\"x\"", "language=py"] {
        let broken = send(typed, body.as_bytes());
        let message = broken.body["message"].as_str().unwrap();
        assert!(message.starts_with("the body is not JSON: "), "{message}");
        assert_eq!(broken.body["stack"], format!("SyntaxError: {message}"));
        assert_eq!(broken.status, 400, "{body}");
    }
}

#[test]
fn a_key_is_needed_unless_configured_otherwise() {
    let (world, eve) = start();
    let body = json!({"language": "py", "version": "*", "files": [{"content": ""}]}).to_string();
    let send = |world: &World, header: Option<(&str, &str)>| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(header);
        working(world, || {
            world.send("POST", "//api/v2/execute", &headers, body.as_bytes())
        })
    };
    assert_eq!(send(&world, None).status, 401);
    assert!(send(&world, None).body["message"].is_string());
    // Their clients send the key alone.
    assert_eq!(
        send(&world, Some(("authorization", &eve.token))).status,
        200
    );
    let reader = world.token(eve.id, &[Scope::Read], None);
    assert_eq!(send(&world, Some(("authorization", &reader))).status, 403);
    let open = World::start_with(|config| config.piston.anonymous = Some("guest".to_owned()));
    beat(&open);
    assert_eq!(send(&open, None).status, 401, "there is no such account");
    open.person("guest", None);
    assert_eq!(send(&open, None).status, 200);
}
