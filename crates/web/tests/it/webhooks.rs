//! Webhooks, to a real receiver on loopback.

mod own;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_model::Verdict;
use carrel_web::webhook::sending::sign;
use serde_json::{Value, json};

use crate::world::World;

/// Only a hang reaches it, seconds.
const WAIT_SECONDS: u64 = 60;

#[derive(Debug)]
struct Received {
    head: String,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        let found = self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        });
        found.unwrap_or_default()
    }
}

/// Answers the first requests as told, all others with 204.
fn receive(first: &'static [&'static str]) -> (u16, mpsc::Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let stream = stream.unwrap();
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).unwrap() == 0 {
                    break;
                }
            }
            let mut received = Received {
                head,
                body: String::new(),
            };
            let length: u64 = received.header("content-length").parse().unwrap_or(0);
            reader
                .take(length)
                .read_to_string(&mut received.body)
                .unwrap();
            let status = first.get(number).unwrap_or(&"204 Yes");
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            (&stream).write_all(answer.as_bytes()).unwrap();
            if sender.send(received).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

#[test]
fn a_verdict_is_told_signed_and_tried_again_under_the_same_id() {
    let world = World::start_with(|config| config.webhooks_to_private_addresses = true);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let (port, received) = receive(&["500 No"]);
    let url = format!("http://127.0.0.1:{port}/hook");
    let path = "/courses/demo/webhooks";
    world
        .post(&ann, path, &json!({"url": url}))
        .is(403, "author_required");
    let made = world.post(&ada, path, &json!({"url": url}));
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.body["secret"].as_str().unwrap();
    let secret = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap())
        .unwrap();
    assert_eq!(
        world.get(&ada, path).ok()["items"][0].get("secret"),
        None,
        "told once"
    );
    let id = world.submit(&ann);
    world.judge(Verdict::Accepted);
    let wait = Duration::from_secs(WAIT_SECONDS);
    let first = received.recv_timeout(wait).expect("a delivery");
    let second = received.recv_timeout(wait).expect("another attempt");
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    for attempt in [&first, &second] {
        let signature = sign(
            &secret,
            attempt.header("webhook-id"),
            attempt.header("webhook-timestamp"),
            &attempt.body,
        );
        assert_eq!(attempt.header("webhook-signature"), signature);
    }
    let body: Value = serde_json::from_str(&second.body).unwrap();
    assert_eq!(body["data"]["submission"], json!(id));
    assert_eq!(body["data"]["verdict"], "accepted");
    let told = loop {
        let told = world.get(&ada, path).ok()["items"][0].clone();
        if told["last_delivery"]["state"] == "delivered" {
            break told;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(told["last_delivery"]["attempts"], 2);
    assert_eq!(
        (&told["waiting"], &told["given_up"]),
        (&json!(0), &json!(0))
    );
    let place = format!("{path}/{}", made.body["id"].as_str().unwrap());
    let enable = format!("{place}/enable");
    world
        .post(&ann, &enable, &json!({}))
        .is(403, "author_required");
    let shown = world.post(&ada, &enable, &json!({}));
    assert_eq!(shown.ok()["disabled"], json!(false), "{shown:?}");
    assert_eq!(shown.body["resent"], json!(0), "it was not disabled");
    let elsewhere = "/courses/demo/webhooks/019a0000-0000-7000-8000-000000000000/enable";
    world.post(&ada, elsewhere, &json!({})).is(404, "not_found");
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(world.send("DELETE", &place, &headers, b"").status, 204);
    world
        .send("DELETE", &place, &headers, b"")
        .is(404, "not_found");
}

/// Takes every connection and answers none; how many are open now.
fn hang() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let most = Arc::new(AtomicUsize::new(0));
    let (told, open) = (Arc::clone(&most), Arc::new(AtomicUsize::new(0)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            told.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let open = Arc::clone(&open);
            std::thread::spawn(move || {
                // Until the sender has had enough.
                let _ = std::io::copy(&mut stream, &mut std::io::sink());
                open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (port, most)
}

#[test]
fn a_receiver_that_hangs_takes_few_places_and_stops_nobody_else() {
    let world = World::start_with(|config| config.webhooks_to_private_addresses = true);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let ((slow, most), (quick, received)) = (hang(), receive(&["500 No"]));
    // Two names of this machine are two hosts.
    for url in [
        format!("http://localhost:{slow}/hook"),
        format!("http://127.0.0.1:{quick}/hook"),
    ] {
        let made = world.post(&ada, "/courses/demo/webhooks", &json!({"url": url}));
        assert_eq!(made.status, 201, "{made:?}");
    }
    let mut waited: BTreeSet<String> = BTreeSet::new();
    for _ in 0..20 {
        let id = world.submit(&ann);
        world.judge(Verdict::Accepted);
        waited.insert(id.to_string());
    }
    let wait = Duration::from_secs(WAIT_SECONDS);
    while !waited.is_empty() {
        let told = received.recv_timeout(wait).expect("a delivery");
        let body: Value = serde_json::from_str(&told.body).unwrap();
        waited.remove(body["data"]["submission"].as_str().unwrap());
    }
    let most = most.load(Ordering::SeqCst);
    assert!(
        (1..=4).contains(&most),
        "{most} at once to the one that hangs"
    );
}

#[test]
fn a_mended_receiver_gets_what_it_missed_or_nothing_as_it_wants() {
    let world = World::start_with(|config| config.webhooks_to_private_addresses = true);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let (port, received) = receive(&["410 Gone", "410 Gone"]);
    let url = json!({"url": format!("http://127.0.0.1:{port}/hook")});
    let path = "/courses/demo/webhooks";
    let made = world.post(&ada, path, &url);
    let place = format!("{path}/{}/enable", made.body["id"].as_str().unwrap());
    let wait = Duration::from_secs(WAIT_SECONDS);
    let gone = || {
        let told = received.recv_timeout(wait).expect("a delivery");
        while world.get(&ada, path).ok()["items"][0]["disabled"] == json!(false) {
            std::thread::sleep(Duration::from_millis(20));
        }
        told.header("webhook-id").to_owned()
    };
    world.submit(&ann);
    world.judge(Verdict::Accepted);
    let first = gone();
    world
        .post(&ada, &place, &json!({"again": true}))
        .is(422, "invalid");
    let bearer = ada.bearer();
    let bare = [("authorization", bearer.as_str())];
    let enabled = world.send("POST", &place, &bare, b"");
    assert_eq!(enabled.ok()["resent"], json!(1), "without a body too");
    assert_eq!(gone(), first, "the same event");
    let enabled = world.post(&ada, &place, &json!({"resend": false}));
    assert_eq!(
        (&enabled.ok()["resent"], &enabled.body["disabled"]),
        (&json!(0), &json!(false))
    );
    assert_eq!(enabled.body["waiting"], json!(0));
    world.submit(&ann);
    world.judge(Verdict::Accepted);
    let next = received.recv_timeout(wait).expect("what comes now");
    assert_ne!(next.header("webhook-id"), first);
}

#[test]
fn receivers_inside_are_refused_unless_allowed() {
    let world = World::start();
    let ada = world.author("ada");
    for url in [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "nonsense",
    ] {
        let refused = world.post(&ada, "/courses/demo/webhooks", &json!({"url": url}));
        refused.is(422, "invalid");
        assert_eq!(refused.fields(), ["url"]);
    }
    world
        .post(&ada, "/webhooks", &json!({"url": "https://example.org/"}))
        .is(403, "operator_required");
}
