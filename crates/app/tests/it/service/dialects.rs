//! What clients of Piston and Judge0 send, run by the real service: real programs in real sandboxes.

use std::time::Duration;

use carrel_e2e::Client;
use serde_json::{Value, json};

use super::{World, start};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// Takes a line and an argument, says something on both streams, and ends with 3.
const TALKS: &str = "read -r line\necho \"$line, $1\"\necho oops >&2\nexit 3\n";
const ENDLESS: &str = "while :; do :; done\n";

/// A service whose worker has told what it runs.
async fn start_with_languages() -> Option<(World, Client)> {
    let world = start(1, &["--set", "piston.run_timeout_ms=600000"])?;
    let mut client = Client::new(world.server.address, Some(&world.people.operator));
    let is_bash = |runtime: &Value| runtime["language"] == "bash";
    loop {
        let runtimes = client.get("/api/v2/runtimes").await.unwrap().json();
        if runtimes.as_array().unwrap().iter().any(is_bash) {
            return Some((world, client));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_piston_gets_what_its_program_did() {
    let Some((_world, mut client)) = start_with_languages().await else {
        return;
    };
    let mut body = json!({"language": "bash", "version": "*", "files": [{"content": TALKS}],
        "stdin": "hello\n", "args": ["Ada"]});
    let path = "/api/v2/execute";
    let answer = client.post(path, &[], &body).await.unwrap();
    let run = &answer.json()["run"];
    assert_eq!(run["stdout"], "hello, Ada\n", "{}", answer.text());
    assert_eq!(
        (&run["stderr"], &run["code"]),
        (&json!("oops\n"), &json!(3))
    );
    assert_eq!(
        (&run["status"], &run["signal"]),
        (&json!("RE"), &Value::Null)
    );
    assert!(run["wall_time"].as_u64() > Some(0), "{run}");
    body["files"] = json!([{"content": ENDLESS}]);
    body["run_cpu_time"] = 200.into();
    let answer = client.post(path, &[], &body).await.unwrap();
    let run = &answer.json()["run"];
    assert_eq!(run["status"], "TO", "{}", answer.text());
    assert_eq!(
        (&run["signal"], &run["code"]),
        (&json!("SIGKILL"), &Value::Null)
    );
}

/// What Judge0 tells of a submission when it has ended.
async fn ended(client: &mut Client, body: &Value) -> Value {
    let created = client.post("/judge0/submissions", &[], body).await.unwrap();
    assert_eq!(created.status, 201, "{}", created.text());
    let token = created.json()["token"].as_str().unwrap().to_owned();
    let path = format!("/judge0/submissions/{token}?fields=*");
    loop {
        let shown = client.get(&path).await.unwrap().json();
        // 1 is queued, 2 in process.
        if shown["status_id"].as_u64().unwrap() > 2 {
            return shown;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_judge0_gets_status_and_output() {
    let Some((_world, mut client)) = start_with_languages().await else {
        return;
    };
    let talks = json!({"source_code": TALKS, "language_id": 46, "stdin": "hello\n",
        "command_line_arguments": "Ada", "wall_time_limit": 20});
    let shown = ended(&mut client, &talks).await;
    assert_eq!(shown["stdout"], "hello, Ada\n", "{shown}");
    assert_eq!(shown["stderr"], "oops\n", "{shown}");
    let status = json!({"id": 11, "description": "Runtime Error (NZEC)"});
    assert_eq!(
        (&shown["status"], &shown["exit_code"]),
        (&status, &json!(3))
    );
    for (expected, status) in [("5", 3), ("6", 4)] {
        let body = json!({"source_code": "echo 5", "language_id": 46,
            "expected_output": expected, "wall_time_limit": 20});
        assert_eq!(ended(&mut client, &body).await["status_id"], status);
    }
    let endless = json!({"source_code": ENDLESS, "language_id": 46, "wall_time_limit": 20,
        "cpu_time_limit": 0.2, "cpu_extra_time": 0});
    let shown = ended(&mut client, &endless).await;
    assert_eq!(shown["status_id"], 5, "{shown}");
}
