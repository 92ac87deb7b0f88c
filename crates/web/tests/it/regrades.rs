//! Regrades over HTTP.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use carrel_bus::local::LocalBus;
use carrel_model::Verdict;
use carrel_model::id::{RegradeId, SubmissionId, UserId};
use carrel_store::course::Courses as _;
use carrel_store::queue::{Band, NewJob, Queue as _};
use carrel_store::regrade::{RegradeState, Regrades as _};
use carrel_store::submission::{ChallengeWork, NewSubmission, Outcome, Submissions as _, Work};
use carrel_web::{App, Config, Listener};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::world::{World, document};

const PATH: &str = "/courses/demo/challenges/double/regrades";
/// Most that a test waits; only a hang reaches it.
const WAIT: Duration = Duration::from_secs(60);

/// So many submissions of somebody.
fn submit(world: &World, user: UserId, count: usize) {
    world.wait(async {
        let version = world.store.course("demo").await.unwrap().digest;
        let mut sending = JoinSet::new();
        for _ in 0..count {
            let new = NewSubmission {
                id: SubmissionId::new(),
                user,
                work: Work::Challenge(ChallengeWork {
                    course: "demo".into(),
                    course_version: version.clone(),
                    challenge: "double".into(),
                    step: None,
                    language: None,
                    files: BTreeMap::from([("double.py".to_owned(), b"print(2)".to_vec())]),
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
            let store = Arc::clone(&world.store);
            sending.spawn(async move { store.submit(new).await });
            // The store takes so many at once.
            while sending.len() >= 100 {
                sending.join_next().await.unwrap().unwrap().unwrap();
            }
        }
        sending.join_all().await;
    });
}

/// Judges all that waits.
fn judge_all(world: &World, verdict: Verdict) {
    world.wait(async {
        loop {
            let leases = world.store.claim(world.node, 60, 10_000).await.unwrap();
            if leases.is_empty() {
                return;
            }
            let mut ending = JoinSet::new();
            for lease in leases {
                let store = Arc::clone(&world.store);
                let outcome = Outcome::Judged(Box::new(document(verdict)));
                ending.spawn(async move {
                    let (id, token) = (lease.submission, lease.token);
                    store.finish(id, token, outcome, 50.0).await.unwrap()
                });
            }
            ending.join_all().await;
        }
    });
}

/// A preview of so many submissions that is finished, and where it is.
fn preview(world: &World, count: usize) -> (RegradeId, String) {
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    submit(world, ann.id, count);
    judge_all(world, Verdict::WrongAnswer);
    let begun = world.post(&ada, PATH, &json!({"preview": true}));
    let place = begun.headers["location"].to_str().unwrap();
    let place = place.strip_prefix("/api/v1").unwrap().to_owned();
    judge_all(world, Verdict::Accepted);
    let seen = world.get(&ada, &place);
    assert_eq!(seen.ok()["state"], "finished");
    assert_eq!(seen.body["judged"], count);
    (seen.body["id"].as_str().unwrap().parse().unwrap(), place)
}

fn wait_for(world: &World, id: RegradeId, what: impl Fn(RegradeState) -> bool) {
    world.wait(async {
        let is_so = async {
            while !what(world.store.regrade_row(id).await.unwrap().state) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(WAIT, is_so)
            .await
            .expect("it becomes so");
    });
}

#[test]
fn applying_goes_on_when_its_request_is_broken_off() {
    let world = World::start();
    let (id, place) = preview(&world, 1_000);
    let root = world.operator("root");
    let mut asked = TcpStream::connect(world.address).unwrap();
    write!(
        asked,
        "POST /api/v1{place}/apply HTTP/1.1\r\nhost: carrel\r\nauthorization: {}\r\n\
         content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}",
        root.bearer()
    )
    .unwrap();
    wait_for(&world, id, |state| state != RegradeState::Finished);
    drop(asked);
    wait_for(&world, id, |state| state == RegradeState::Applied);
    let accepted = "/submissions?course=demo&everybody=true&verdict=accepted&limit=200";
    let mut counted = 0;
    let mut after = String::new();
    loop {
        let page = world.get(&root, &format!("{accepted}{after}"));
        counted += page.ok()["items"].as_array().unwrap().len();
        match page.body["next"].as_str() {
            Some(next) => after = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(counted, 1_000);
    let log = world.get(&root, "/audit?course=demo");
    let entries = log.ok()["items"].as_array().unwrap().iter();
    let applied = entries.filter(|entry| entry["action"] == "regrade.apply");
    assert_eq!(applied.count(), 1);
}

#[test]
#[expect(
    clippy::async_yields_async,
    reason = "what serves is waited for at the end"
)]
fn applying_that_was_stopped_is_finished_at_the_next_start() {
    let world = World::start();
    let (id, place) = preview(&world, 1);
    world.wait(world.store.begin_applying(id)).unwrap();
    let root = world.operator("root");
    assert_eq!(world.get(&root, &place).ok()["state"], "applying");
    let page = format!("//courses/demo/author{}", place);
    let page = world.get(&root, &page);
    assert!(page.text.contains("being put in force"), "{page:?}");
    let directory = tempfile::tempdir().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = world.wait(async {
        let bus = Arc::new(LocalBus::open(&directory.path().join("bus")).unwrap());
        let config = Config::new(directory.path().to_owned());
        let app = App::new(world.store.clone(), bus, config);
        let listening = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listening = vec![Listener::Tcp(listening)];
        tokio::spawn(carrel_web::serve(listening, app, async {
            let _ = stopped.await;
        }))
    });
    wait_for(&world, id, |state| state == RegradeState::Applied);
    stop.send(()).unwrap();
    drop(world.wait(served));
    assert_eq!(world.get(&root, &place).ok()["state"], "applied");
}

#[test]
fn a_preview_tells_what_would_change_and_counts_when_applied() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    world
        .post(&ann, PATH, &json!({}))
        .is(403, "author_required");
    let begun = world.post(&ada, PATH, &json!({"preview": true}));
    assert_eq!(begun.status, 202, "{begun:?}");
    assert_eq!(begun.body["never_lower"], true);
    let place = begun.headers["location"].to_str().unwrap();
    let place = place.strip_prefix("/api/v1").unwrap().to_owned();
    assert_eq!(world.judge(Verdict::Accepted), id);
    assert_eq!(world.get(&ada, &place).ok()["state"], "finished");
    let changes = world.get(&ada, &format!("{place}/changes"));
    assert_eq!(changes.ok()["items"][0]["verdict_after"], "accepted");
    let path = format!("/submissions/{id}");
    assert_eq!(world.get(&ann, &path).ok()["verdict"], "wrong_answer");
    let told = |who: &crate::world::Person| {
        let list = world.get(who, &format!("{path}/verdicts"));
        let listed = world.get(who, "/submissions?course=demo&everybody=false");
        let one = world.get(who, &path).ok()["verdicts"].clone();
        if let Some(of_list) = listed.ok()["items"].get(0) {
            assert_eq!(of_list["verdicts"], one);
        }
        (list.ok().as_array().unwrap().len(), one)
    };
    assert_eq!(told(&ann), (1, json!(1)), "nobody applied it");
    assert_eq!(told(&ada), (2, json!(2)));
    world.post(&ada, &format!("{place}/apply"), &json!({})).ok();
    assert_eq!(told(&ann), (2, json!(2)));
    assert_eq!(world.get(&ann, &path).ok()["verdict"], "accepted");
    let again = world.post(&ada, &format!("{place}/apply"), &json!({}));
    assert_eq!(again.ok()["state"], "applied", "once is enough");
    world.get(&ann, &place).is(403, "author_required");
    world
        .get(&world.person("eve", None), &place)
        .is(404, "not_found");
    let list = world.get(&ada, "/courses/demo/regrades");
    assert_eq!(list.ok()["items"][0]["state"], "applied");
}

#[test]
fn a_regrade_can_be_stopped() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let begun = world.post(&ada, PATH, &json!({}));
    let place = begun.headers["location"].to_str().unwrap();
    let place = place.strip_prefix("/api/v1").unwrap();
    let stopped = world.post(&ada, &format!("{place}/cancel"), &json!({}));
    assert_eq!(stopped.ok()["state"], "cancelled");
    let apply = format!("{place}/apply");
    world.post(&ada, &apply, &json!({})).is(409, "wrong_state");
}

#[test]
fn what_no_worker_can_judge_is_not_begun() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let mut report = world.report(2);
    report.environments = vec![("go".to_owned(), None)];
    world.beat_as(report);
    let refused = world.post(&ada, PATH, &json!({}));
    refused.is(503, "no_environment");
    assert!(refused.text.contains("`python`"), "{refused:?}");
    assert!(refused.headers.contains_key("retry-after"));
    let list = world.get(&ada, "/courses/demo/regrades");
    assert_eq!(list.ok()["items"], json!([]));
    world.beat(2);
    assert_eq!(world.post(&ada, PATH, &json!({})).status, 202);
}
