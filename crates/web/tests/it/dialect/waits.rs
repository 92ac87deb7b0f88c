//! Waits of one person are counted whichever interface they wait at.

use std::time::{Duration, Instant};

use carrel_store::queue::Lease;
use carrel_store::submission::Work;
use serde_json::{Value, json};

use super::hand::{WAIT_SECONDS, beat, claim, play};
use super::socket::{init, read, send, try_connect};
use crate::world::{Answer, Person, World};

/// Everybody may wait once.
fn start() -> (World, Person, Person) {
    let world = World::start_with(|config| config.waits_max = 1);
    beat(&world);
    let (eve, bob) = (world.person("eve", None), world.person("bob", None));
    (world, eve, bob)
}

fn execute(world: &World, who: &Person) -> Answer {
    let body = json!({"language": "python", "version": "*", "files": [{"content": "echo"}]});
    world.post(who, "//api/v2/execute", &body)
}

fn create(world: &World, who: &Person, query: &str) -> Answer {
    let body = json!({"source_code": "echo", "language_id": 71});
    world.post(who, &format!("//judge0/submissions{query}"), &body)
}

fn finish(world: &World, lease: &Lease) {
    let Work::Execution(request) = &lease.work else {
        panic!("{lease:?}")
    };
    world.finish(lease, play(request));
}

#[track_caller]
fn assert_refused(answer: &Answer, field: &str) {
    let told = answer.body[field].as_str().unwrap_or_default();
    assert!(told.contains("1 streams and waits open"), "{answer:?}");
    assert_eq!(
        (answer.status, &answer.headers["retry-after"]),
        (429, &"5".parse().unwrap())
    );
}

/// What a wait more is answered while `first` waits; then `first` gets its answer.
fn while_one_waits(world: &World, first: impl FnOnce() -> Answer + Send, more: impl FnOnce()) {
    std::thread::scope(|scope| {
        let waits = scope.spawn(first);
        let lease = claim(world);
        more();
        finish(world, &lease);
        let answer = waits.join().unwrap();
        assert!((200..300).contains(&answer.status), "{answer:?}");
    });
}

#[test]
fn a_wait_more_is_refused_in_the_form_of_the_interface_and_queues_nothing() {
    let (world, eve, bob) = start();
    let refused = || {
        assert_refused(&execute(&world, &eve), "message");
        assert_refused(&create(&world, &eve, "?wait=true"), "error");
        let (status, body) = try_connect(&world, &eve).unwrap_err();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(status, 429);
        assert!(body["message"].as_str().unwrap().contains("waits open"));
        let queued = world.get(&eve, "/executions").ok()["items"].clone();
        assert_eq!(queued.as_array().unwrap().len(), 1, "{queued}");
    };
    while_one_waits(&world, || execute(&world, &eve), refused);
    // It is free again; others have their own, and who does not wait needs none.
    while_one_waits(
        &world,
        || create(&world, &eve, "?wait=true"),
        || {
            assert_refused(&execute(&world, &eve), "message");
            assert_eq!(create(&world, &eve, "").status, 201);
            finish(&world, &claim(&world));
            while_one_waits(&world, || execute(&world, &bob), || {});
        },
    );
}

#[test]
fn a_socket_is_one_of_the_waits_until_it_is_closed() {
    let (world, eve, _) = start();
    let mut socket = try_connect(&world, &eve).unwrap();
    send(&mut socket, &init("python", "echo"));
    assert_eq!(read(&mut socket)["type"], "runtime");
    assert_refused(&execute(&world, &eve), "message");
    socket.close(None).unwrap();
    // Its end is noted soon after the client has said it.
    let start = Instant::now();
    let next = loop {
        match try_connect(&world, &eve) {
            Ok(socket) => break socket,
            Err(refused) => assert_eq!(refused.0, 429),
        }
        assert!(start.elapsed().as_secs() < WAIT_SECONDS, "never free again");
        std::thread::sleep(Duration::from_millis(5));
    };
    drop(next);
}
