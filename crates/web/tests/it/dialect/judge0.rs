//! Judge0.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use carrel_store::submission::Work;
use serde_json::{Value, json};

use super::hand::{beat, working};
use crate::world::{Answer, Person, World};

fn start() -> (World, Person) {
    let world = World::start();
    beat(&world);
    let eve = world.person("eve", None);
    (world, eve)
}

fn create(world: &World, who: &Person, query: &str, body: &Value) -> Answer {
    world.post(who, &format!("//judge0/submissions{query}"), body)
}

#[test]
fn who_waits_gets_the_submission() {
    let (world, eve) = start();
    let body = json!({"source_code": "echo", "language_id": 71, "stdin": "hello, Judge0\n",
        "expected_output": "hello, Judge0"});
    let done = working(&world, || create(&world, &eve, "?wait=true", &body));
    assert_eq!(done.status, 201, "{done:?}");
    let token = done.body["token"].as_str().unwrap().to_owned();
    assert_eq!(
        done.body,
        json!({"token": token, "time": "0.012", "memory": 3_500, "stdout": "hello, Judge0\n",
            "stderr": null, "compile_output": null, "message": null,
            "status": {"id": 3, "description": "Accepted"}})
    );
    let wrong =
        json!({"source_code": "echo", "language_id": 71, "stdin": "1", "expected_output": "2"});
    let done = working(&world, || {
        create(&world, &eve, "/?wait=true&fields=status_id", &wrong)
    });
    assert_eq!(done.body, json!({"status_id": 4}));
}

#[test]
fn a_token_is_asked_until_it_ended() {
    let (world, eve) = start();
    let body = json!({"source_code": "ZWNobw==", "language_id": "71", "stdin": "aGk="});
    let created = create(&world, &eve, "?base64_encoded=true", &body);
    assert_eq!(created.status, 201);
    assert_eq!(created.body.as_object().unwrap().len(), 1);
    let token = created.body["token"].as_str().unwrap();
    let path = format!("//judge0/submissions/{token}");
    let queued = world.get(&eve, &path);
    assert_eq!(
        queued.body["status"],
        json!({"id": 1, "description": "In Queue"})
    );
    assert_eq!(queued.body["time"], Value::Null);
    working(&world, || {
        while world.get(&eve, &path).body["status"]["id"] == 1 {
            std::thread::yield_now();
        }
    });
    let all = world
        .get(&eve, &format!("{path}/?base64_encoded=true&fields=*"))
        .body;
    assert_eq!(all["stdout"], "aGk=\n");
    assert_eq!(all["source_code"], "ZWNobw==\n");
    assert_eq!(
        all["language"],
        json!({"id": 71, "name": "Python (3.11.2)"})
    );
    assert_eq!(all["cpu_time_limit"], "5.0");
    assert_eq!(
        (&all["exit_code"], &all["exit_signal"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(
        (&all["memory_limit"], &all["enable_network"]),
        (&json!(128_000), &json!(false))
    );
    assert!(all["finished_at"].as_str().unwrap().ends_with('Z'));
    let bob = world.person("bob", None);
    let hidden = world.get(&bob, &path);
    assert_eq!(
        (hidden.status, hidden.body),
        (404, json!({"status": 404, "error": "Not Found"}))
    );
    let wrong = world.get(&eve, &format!("{path}?fields=stdout,nope,id"));
    assert_eq!(
        (wrong.status, wrong.body),
        (400, json!({"error": "invalid fields: [nope, id]"}))
    );
}

#[test]
fn endings_have_their_status() {
    let (world, eve) = start();
    for (language, program, id, message) in [
        (71, "exit 3", 11, json!("Exited with error status 3")),
        (71, "signal 11", 7, json!("Caught fatal signal 11")),
        (71, "slow", 5, json!("Time limit exceeded (wall clock)")),
        (52, "broken", 6, Value::Null),
    ] {
        let body = json!({"source_code": program, "language_id": language});
        let done = working(&world, || create(&world, &eve, "?wait=true", &body));
        assert_eq!(done.body["status"]["id"], id, "{program}");
        assert_eq!(done.body["message"], message);
        if id == 6 {
            assert_eq!(done.body["compile_output"], "main.c:1: error\n");
            assert_eq!(done.body["time"], Value::Null);
        }
    }
    let body = json!({"source_code": "refused", "language_id": 71});
    let done = working(&world, || create(&world, &eve, "?wait=true", &body));
    assert_eq!(
        done.body["status"],
        json!({"id": 13, "description": "Internal Error"})
    );
    let body = json!({"source_code": "bytes", "language_id": 71});
    let done = working(&world, || create(&world, &eve, "?wait=true", &body));
    assert_eq!(done.status, 201);
    assert!(
        done.body["error"]
            .as_str()
            .unwrap()
            .contains("use base64_encoded=true")
    );
    let token = done.body["token"].as_str().unwrap();
    let path = format!("//judge0/submissions/{token}");
    assert_eq!(world.get(&eve, &path).status, 400);
    let shown = world.get(&eve, &format!("{path}?base64_encoded=true"));
    assert_eq!(shown.body["stdout"], "/w==\n");
}

#[test]
fn batches_answer_each_for_itself() {
    let (world, eve) = start();
    let batch = json!({"submissions": [
        {"language_id": 46, "source_code": "echo", "stdin": "bash"},
        {"language_id": 123_456_789, "source_code": "x"},
        {"language_id": 71, "source_code": ""},
    ]});
    let path = "//judge0/submissions/batch";
    let created = world.post(&eve, path, &batch);
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(
        created.body[1],
        json!({"language_id": ["language with id 123456789 doesn't exist"]})
    );
    assert_eq!(created.body[2], json!({"source_code": ["can't be blank"]}));
    let token = created.body[0]["token"].as_str().unwrap();
    let other = uuid::Uuid::now_v7();
    let asked = format!("{path}?tokens={token},{other},x&fields=stdout,status_id");
    working(&world, || {
        while world.get(&eve, &asked).body["submissions"][0]["status_id"] == 1 {
            std::thread::yield_now();
        }
    });
    let shown = world.get(&eve, &asked);
    assert_eq!(
        shown.body,
        json!({"submissions": [{"stdout": "bash", "status_id": 3}, null, null]})
    );
    let none = world.post(&eve, path, &json!({"submissions": [{}]}));
    assert_eq!(none.status, 422);
    let many: Vec<Value> = vec![json!({}); 21];
    let many = world.post(&eve, path, &json!({"submissions": many}));
    let message = "number of submissions in a batch should be less than or equal to 20";
    assert_eq!((many.status, many.body), (400, json!({"error": message})));
    let empty = world.post(&eve, path, &json!({}));
    let message = "there should be at least one submission in a batch";
    assert_eq!((empty.status, empty.body), (400, json!({"error": message})));
}

#[test]
fn a_language_that_no_node_runs_is_a_fault_of_ours() {
    let (world, eve) = start();
    let rust = json!({"source_code": "x", "language_id": 73});
    let absent = create(&world, &eve, "", &rust);
    assert_eq!(
        (absent.status, &absent.headers["retry-after"]),
        (503, &"60".parse().unwrap()),
        "{absent:?}"
    );
    let told = absent.body["error"].as_str().unwrap();
    assert!(
        told.starts_with("no worker of this service runs `rust` now"),
        "{told}"
    );
    // What is wrong besides is told first: it would be refused in any case.
    let wrong = create(
        &world,
        &eve,
        "",
        &json!({"source_code": "", "language_id": 73}),
    );
    assert_eq!(wrong.status, 422, "{wrong:?}");
    let path = "//judge0/submissions/batch";
    let batch = world.post(&eve, path, &json!({"submissions": [rust]}));
    assert_eq!(batch.status, 503, "{batch:?}");
    let known = "language with id 73 is known, but no worker runs it at the moment";
    assert_eq!(batch.body[0], json!({"language_id": [known]}));
    let bash = json!({"language_id": 46, "source_code": "echo"});
    let both = world.post(&eve, path, &json!({"submissions": [rust, bash]}));
    assert_eq!(both.status, 201, "{both:?}");
}

#[test]
fn wrong_fields_are_named_and_broken_bodies_refused() {
    let (world, eve) = start();
    let wrong = create(
        &world,
        &eve,
        "",
        &json!({"source_code": "x", "language_id": 71, "wall_time_limit": 0}),
    );
    assert_eq!(
        (wrong.status, wrong.body),
        (
            422,
            json!({"wall_time_limit": ["must be greater than or equal to 1"]})
        )
    );
    let bearer = eve.bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let broken = world.send("POST", "//judge0/submissions", &headers, b"{");
    assert_eq!(
        (broken.status, &broken.body["error"]),
        (400, &json!("Bad Request"))
    );
}

#[test]
fn what_is_here_is_told() {
    let (world, eve) = start();
    let get = |path: &str| world.get(&eve, &format!("//judge0{path}"));
    let languages = get("/languages").body;
    assert_eq!(languages[0], json!({"id": 46, "name": "Bash (5.2.15)"}));
    assert_eq!(languages.as_array().unwrap().len(), 8);
    let cpp = get("/languages/52").body;
    assert_eq!(cpp["name"], "C++ (GCC 12.2.0)");
    assert_eq!(cpp["source_file"], "main.cpp");
    assert_eq!(get("/languages/all").body[0]["is_archived"], false);
    assert_eq!(get("/languages/45").status, 404);
    let statuses = get("/statuses").body;
    assert_eq!(
        statuses[13],
        json!({"id": 14, "description": "Exec Format Error"})
    );
    let settings = get("/config_info").body;
    assert_eq!(
        (&settings["cpu_time_limit"], &settings["max_file_size"]),
        (&json!(5.0), &json!(1_024))
    );
    assert_eq!(settings.as_object().unwrap().len(), 39);
    assert_eq!(get("/about").body["version"], "1.13.1");
    assert_eq!(get("/version").text, "1.13.1");
    let workers = get("/workers").body;
    assert_eq!(
        (&workers[0]["available"], &workers[0]["idle"]),
        (&json!(64), &json!(64))
    );
    assert!(get("/system_info").body["Architecture"].is_string());
    assert_eq!(
        get("/nothing").body,
        json!({"status": 404, "error": "Not Found"})
    );
}

#[test]
fn keys_are_taken_where_their_clients_put_them() {
    let (world, eve) = start();
    let root = world.operator("root");
    let post = |path: &str, header: Option<(&str, &str)>| {
        let headers: Vec<_> = header.into_iter().collect();
        let answer = world.send("POST", path, &headers, b"");
        (answer.status, answer.text)
    };
    let path = "//judge0/authenticate";
    assert_eq!(post(path, None), (401, String::new()));
    assert_eq!(
        post(path, Some(("x-auth-token", "wrong"))),
        (401, String::new())
    );
    assert_eq!(post(path, Some(("x-auth-token", &eve.token))).0, 200);
    assert_eq!(post(path, Some(("x-rapidapi-key", &eve.token))).0, 200);
    assert_eq!(
        post(&format!("{path}?X-Auth-Token={}", eve.token), None).0,
        200
    );
    let path = "//judge0/authorize";
    assert_eq!(
        post(path, Some(("x-auth-token", &eve.token))),
        (403, String::new())
    );
    assert_eq!(post(path, Some(("x-auth-token", &root.token))).0, 200);
    let asked = world.send(
        "OPTIONS",
        "//judge0/submissions",
        &[
            ("origin", "https://x.example"),
            ("access-control-request-method", "POST"),
        ],
        b"",
    );
    assert_eq!(asked.status, 200);
    assert_eq!(asked.headers["access-control-allow-origin"], "*");
}

#[test]
fn operators_list_and_nobody_removes() {
    let (world, eve) = start();
    let root = world.operator("root");
    for _ in 0..3 {
        let body = json!({"source_code": "x", "language_id": 71});
        assert_eq!(create(&world, &eve, "", &body).status, 201);
    }
    let path = "//judge0/submissions?page=2&per_page=2&fields=status_id";
    assert_eq!(world.get(&eve, path).status, 403);
    assert_eq!(
        world.get(&root, path).body,
        json!({"submissions": [{"status_id": 1}], "meta": {"current_page": 2, "next_page": null,
            "prev_page": 1, "total_pages": 2, "total_count": 3}})
    );
    let wrong = world.get(&root, "//judge0/submissions?page=-4");
    assert_eq!(
        (wrong.status, wrong.body),
        (400, json!({"error": "invalid page: -4"}))
    );
    let bearer = root.bearer();
    let removed = world.send(
        "DELETE",
        "//judge0/submissions/x",
        &[("authorization", &bearer)],
        b"",
    );
    assert_eq!(
        (removed.status, removed.body),
        (400, json!({"error": "delete not allowed"}))
    );
}

#[test]
fn a_callback_goes_over_http_too_and_one_to_a_private_network_is_refused_at_once() {
    let (world, eve) = start();
    let body = |url: &str| json!({"source_code": "echo", "language_id": 71, "callback_url": url});
    let private = body("http://127.0.0.1:9/x");
    let refused = create(&world, &eve, "", &private);
    assert_eq!(refused.status, 422, "{refused:?}");
    let message = refused.body["callback_url"][0].as_str().unwrap();
    assert!(message.contains("private network"), "{message}");
    let batch = json!({"submissions": [private, body("http://receiver.example/x")]});
    let answers = world.post(&eve, "//judge0/submissions/batch", &batch);
    assert_eq!(answers.status, 201, "{answers:?}");
    assert_eq!(answers.body[0]["callback_url"][0], message);
    assert!(answers.body[1]["token"].is_string(), "{answers:?}");
}

#[test]
fn the_receiver_of_a_callback_gets_the_default_fields() {
    let world = World::start_with(|config| config.webhooks_to_private_addresses = true);
    beat(&world);
    let eve = world.person("eve", None);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/told", listener.local_addr().unwrap());
    let body =
        json!({"source_code": "echo", "language_id": 71, "stdin": "hi", "callback_url": url});
    let (head, told) = working(&world, || {
        let created = create(&world, &eve, "", &body);
        assert_eq!(created.status, 201);
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(reader.read_line(&mut head).unwrap(), 0);
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().unwrap())
        });
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).unwrap();
        stream
            .write_all(b"HTTP/1.1 204 \r\nconnection: close\r\n\r\n")
            .unwrap();
        (head, serde_json::from_slice::<Value>(&body).unwrap())
    });
    assert!(head.starts_with("PUT /told "), "{head}");
    assert_eq!(told["stdout"], "aGk=\n");
    assert_eq!(told["status"], json!({"id": 3, "description": "Accepted"}));
    assert_eq!(told.as_object().unwrap().len(), 8);
}

#[test]
fn no_more_is_told_and_taken_than_the_operator_allows_anybody() {
    let world = World::start_with(|config| {
        let most = &mut config.execution_limits;
        (most.cpu_ms, most.wall_ms, most.processes) = (1_500, 2_000, 9);
        (most.memory_bytes, most.output_bytes) = (64 << 20, 8 << 10);
    });
    beat(&world);
    let eve = world.person("eve", None);
    let told = world.get(&eve, "//judge0/config_info").body;
    for (name, most) in [
        ("cpu_time_limit", json!(1.5)),
        ("max_cpu_time_limit", json!(1.5)),
        ("max_wall_time_limit", json!(2.0)),
        ("memory_limit", json!(65_536)),
        ("max_memory_limit", json!(65_536)),
        ("max_max_processes_and_or_threads", json!(9)),
        ("max_max_file_size", json!(8)),
    ] {
        assert_eq!(told[name], most, "{name}");
    }
    let mut body = json!({"source_code": "echo", "language_id": 71, "cpu_time_limit": 5});
    let refused = create(&world, &eve, "", &body);
    assert_eq!(refused.status, 422, "{refused:?}");
    body["cpu_time_limit"] = json!(1);
    body["cpu_extra_time"] = json!(1.5);
    assert_eq!(create(&world, &eve, "", &body).status, 201);
    let lease = world.claim();
    let Work::Execution(request) = &lease.work else {
        panic!("{lease:?}")
    };
    let limits = request.limits;
    assert_eq!((limits.cpu_ms, limits.wall_ms), (1_500, 2_000));
    assert_eq!((limits.processes, limits.memory_bytes), (9, 64 << 20));
    assert_eq!(limits.output_bytes, 8 << 10);
}
