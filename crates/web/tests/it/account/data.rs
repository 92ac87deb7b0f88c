//! A person's data, handed out and deleted.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use carrel_bus::local::LocalBus;
use carrel_model::id::{SubmissionId, UserId};
use carrel_store::account::{Accounts as _, Authority};
use carrel_store::queue::{Band, NewJob};
use carrel_store::submission::{ChallengeWork, NewSubmission, Submissions as _, Work};
use carrel_store::upkeep::Upkeep as _;
use carrel_web::{App, Config, Listener};
use jiff::Timestamp;
use serde_json::json;

use super::world::{PASSWORD, World};

/// Most that a test waits; only a hang reaches it.
const WAIT: Duration = Duration::from_secs(60);

/// Sends this many submissions of somebody, with a file of this size each.
fn submit(world: &World, user: UserId, count: usize, bytes: usize) {
    let submission = || NewSubmission {
        id: SubmissionId::new(),
        user,
        work: Work::Challenge(ChallengeWork {
            course: "demo".into(),
            course_version: "1".repeat(64),
            challenge: "double".into(),
            step: None,
            language: None,
            files: BTreeMap::from([("double.py".to_owned(), vec![b'#'; bytes])]),
        }),
        idempotency: None,
        trace: None,
        request: String::new(),
        job: NewJob {
            band: Band::Interactive,
            course: "demo".into(),
            lane: user.to_string(),
            cost_ms: 1.0,
            not_before: None,
            target: Timestamp::now(),
        },
        callback: None,
    };
    world.wait(async {
        let mut sending = tokio::task::JoinSet::new();
        for number in 1..=count {
            let (store, new) = (Arc::clone(&world.store), submission());
            sending.spawn(async move { store.submit(new).await });
            // The store takes so many at once.
            if number % 100 == 0 || number == count {
                while let Some(sent) = sending.join_next().await {
                    sent.unwrap().unwrap();
                }
            }
        }
    });
}

/// Begins a request and leaves its answer unread.
fn begin(world: &World, method: &str, path: &str, cookie: &str, body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).unwrap();
    stream.set_read_timeout(Some(WAIT)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /api/v1{path} HTTP/1.1\r\nhost: carrel\r\ncookie: {cookie}\r\n\
         sec-fetch-site: same-origin\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    stream
}

/// Whether that person is there becomes so.
fn wait_for_user(
    world: &World,
    what: impl Fn(Option<carrel_store::account::UserRow>) -> bool,
    id: UserId,
) {
    world.wait(async {
        let is_so = async {
            while !what(world.store.user(id).await.ok()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(WAIT, is_so)
            .await
            .expect("it becomes so");
    });
}

#[test]
fn an_export_is_written_while_it_is_read_and_one_at_a_time() {
    let world = World::start();
    let ada = world.person("ada");
    let cookie = world.session(&ada);
    submit(&world, ada.id, 12, 3 << 20);
    let mut unread = begin(&world, "GET", "/users/me/export", &cookie, "");
    let mut head = [0_u8; 12];
    unread.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    let second = world.page("GET", "/users/me/export", &cookie, None);
    second.is(429, "rate_limited");
    assert!(second.headers.contains_key("retry-after"));
    drop(unread);
    // The place is free when the service has seen that nobody reads any more.
    let export = world.wait(async {
        tokio::time::timeout(WAIT, async {
            loop {
                let export = tokio::task::block_in_place(|| {
                    world.page("GET", "/users/me/export", &cookie, None)
                });
                if export.status != 429 {
                    return export;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
    });
    let export = export.expect("a place becomes free");
    assert_eq!(export.headers["content-type"], "application/json");
    let submissions = export.is_ok().body["submissions"].as_array().unwrap();
    assert_eq!(submissions.len(), 12);
    let content = submissions[0]["attachments"][0]["content"].as_str();
    assert_eq!(content.unwrap().len(), 3 << 20);
    let by_herself = export.body["audit"].as_array().unwrap().iter();
    let exports = by_herself.filter(|entry| entry["action"] == "user.export");
    assert!(exports.count() > 0);
}

#[test]
fn a_deletion_goes_on_when_its_request_is_broken_off() {
    let world = World::start();
    let ada = world.person("ada");
    world.person("bob");
    let cookie = world.session(&ada);
    submit(&world, ada.id, 2_000, 1);
    let body = json!({"password": PASSWORD}).to_string();
    let asked = begin(&world, "POST", "/users/me/deletion", &cookie, &body);
    wait_for_user(&world, |user| user.is_none_or(|user| user.disabled), ada.id);
    drop(asked);
    wait_for_user(&world, |user| user.is_none(), ada.id);
}

#[test]
#[expect(
    clippy::async_yields_async,
    reason = "what serves is waited for at the end"
)]
fn a_deletion_that_was_stopped_is_finished_at_the_next_start() {
    let world = World::start();
    let ada = world.person("ada");
    submit(&world, ada.id, 250, 1);
    world
        .wait(world.store.begin_deletion(ada.id, Authority::Host))
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = world.wait(async {
        let bus = Arc::new(LocalBus::open(&directory.path().join("bus")).unwrap());
        let config = Config::new(directory.path().to_owned());
        let app = App::new(world.store.clone(), bus, config);
        let listening = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        tokio::spawn(carrel_web::serve(
            vec![Listener::Tcp(listening)],
            app,
            async {
                let _ = stopped.await;
            },
        ))
    });
    wait_for_user(&world, |user| user.is_none(), ada.id);
    stop.send(()).unwrap();
    drop(world.wait(served));
}

#[test]
fn an_export_is_of_oneself_without_secrets() {
    let world = World::start();
    let ada = world.person_with("ada", |row| row.email = Some("ada@b.example".into()));
    world.person_with("bob", |row| row.email = Some("bob@b.example".into()));
    let cookie = world.session(&ada);
    let export = world.page("GET", "/users/me/export", &cookie, None);
    let text = export.is_ok().body.to_string();
    assert!(
        text.contains("ada@b.example") && !text.contains("bob@"),
        "{text}"
    );
    assert!(
        !text.contains("argon2") && !text.contains(&cookie[14..30]),
        "{text}"
    );
    assert_eq!(export.headers["cache-control"], "no-store");
    let root = world.session(&world.operator("root"));
    world.page("GET", "/users/bob/export", &root, None).is_ok();
    world
        .page("GET", "/users/nobody/export", &root, None)
        .is(404, "not_found");
}

#[test]
fn deleting_oneself_takes_the_password() {
    let world = World::start();
    let ada = world.person("ada");
    let cookie = world.session(&ada);
    let token = world.token(&ada, &[]);
    let delete = |body| world.page("POST", "/users/me/deletion", &cookie, Some(body));
    delete(json!({})).is(422, "invalid");
    delete(json!({"password": "wrong password"})).is(422, "invalid");
    world.page("GET", "/session", &cookie, None).is_ok();
    let gone = delete(json!({"password": PASSWORD}));
    assert_eq!(gone.is_ok().status, 204);
    assert!(
        gone.headers["set-cookie"]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    world
        .page("GET", "/session", &cookie, None)
        .is(401, "unauthenticated");
    world
        .program("GET", "/session", &token, None)
        .is(401, "invalid_token");
    world
        .sign_in("ada", PASSWORD)
        .is(401, "invalid_credentials");
    // The audit log keeps that it happened, not who it was.
    let root = world.session(&world.operator("root"));
    let log = world.page("GET", "/audit", &root, None);
    let deleted = log.is_ok().body["items"].as_array().unwrap().clone();
    let deleted = deleted
        .iter()
        .find(|entry| entry["action"] == "user.delete")
        .unwrap();
    assert!(
        deleted.get("user").is_none() && deleted.get("address").is_none(),
        "{deleted}"
    );
}

#[test]
fn an_operator_deletes_others() {
    let world = World::start();
    world.person("ada");
    let root = world.session(&world.operator("root"));
    world
        .page("POST", "/users/ada/deletion", &root, Some(json!({})))
        .is_ok();
    world
        .page("GET", "/users/ada", &root, None)
        .is(404, "not_found");
    world
        .page("POST", "/users/ada/deletion", &root, Some(json!({})))
        .is(404, "not_found");
}
