//! Server-Sent Events of a submission.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use carrel_model::Verdict;
use carrel_store::event::EventKind;
use carrel_store::submission::Outcome;
use serde_json::Value;

use crate::world::{Person, SECRET, World, document, results};

/// Most that a test waits for an event, seconds; only a hang reaches it.
const WAIT_SECONDS: u64 = 30;

#[derive(Debug)]
struct Seen {
    name: String,
    id: Option<String>,
    data: Value,
}

/// Follows a submission in a thread of its own.
fn follow(world: &World, who: &Person, path: &str, after: Option<&str>) -> mpsc::Receiver<Seen> {
    let uri = format!("http://{}/api/v1{path}", world.address);
    let mut request = ureq::get(uri).header("authorization", who.bearer());
    if let Some(after) = after {
        request = request.header("last-event-id", after);
    }
    let answer = request.call().unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let reader = BufReader::new(answer.into_body().into_reader());
        let (mut name, mut id, mut data) = (String::new(), None, Value::Null);
        for line in reader.lines().map_while(Result::ok) {
            match line.split_once(": ") {
                Some(("event", text)) => text.clone_into(&mut name),
                Some(("id", text)) => id = Some(text.to_owned()),
                Some(("data", text)) => data = serde_json::from_str(text).unwrap(),
                _ if line.is_empty() && !name.is_empty() => {
                    let seen = Seen {
                        name: std::mem::take(&mut name),
                        id: id.take(),
                        data: data.take(),
                    };
                    if sender.send(seen).is_err() {
                        return;
                    }
                }
                _ => {}
            }
        }
    });
    receiver
}

fn next(events: &mpsc::Receiver<Seen>) -> Seen {
    let wait = Duration::from_secs(WAIT_SECONDS);
    events.recv_timeout(wait).expect("another event")
}

/// The stream ended, and nothing was left in it.
fn assert_over(events: &mpsc::Receiver<Seen>) {
    let wait = Duration::from_secs(WAIT_SECONDS);
    assert!(matches!(
        events.recv_timeout(wait),
        Err(mpsc::RecvTimeoutError::Disconnected)
    ));
}

fn check(verdict: Verdict) -> EventKind {
    let hidden = results(verdict)
        .into_iter()
        .filter(|result| result.check == "hidden");
    EventKind::Check {
        results: hidden.collect(),
    }
}

#[test]
fn a_submission_is_told_live_in_the_readers_view_and_resumed() {
    let world = World::start();
    let ann = world.learner("ann");
    let id = world.submit(&ann);
    let path = format!("/submissions/{id}/events");
    let events = follow(&world, &ann, &path, None);
    let queued = next(&events);
    assert_eq!(
        (queued.name.as_str(), &queued.id, &queued.data["position"]),
        ("queued", &None, &0.into())
    );
    let lease = world.claim();
    world.tell(
        &lease,
        vec![EventKind::Compiling, check(Verdict::WrongAnswer)],
    );
    let mut names = Vec::new();
    let mut last_check = String::new();
    while last_check.is_empty() {
        let seen = next(&events);
        if seen.name == "check" {
            last_check = seen.id.clone().unwrap();
            assert!(!seen.data.to_string().contains(SECRET), "{}", seen.data);
            assert_eq!(seen.data["results"][0]["status"], "fail");
        }
        names.push(seen.name);
    }
    assert_eq!(names, ["started", "compiling", "check"]);
    let outcome = Outcome::Judged(Box::new(document(Verdict::WrongAnswer)));
    world.finish(&lease, outcome);
    let verdict = next(&events);
    assert_eq!(
        (verdict.name.as_str(), &verdict.data["verdict"]),
        ("verdict", &"wrong_answer".into())
    );
    assert!(!verdict.data.to_string().contains(SECRET));
    assert_over(&events);

    let resumed = follow(&world, &ann, &path, Some(&last_check));
    let seen = next(&resumed);
    assert_eq!(
        (seen.name, seen.id.clone()),
        ("verdict".to_owned(), verdict.id)
    );
    assert_over(&resumed);
    let bearer = ann.bearer();
    let last = seen.id.unwrap();
    let headers = [
        ("authorization", bearer.as_str()),
        ("last-event-id", last.as_str()),
    ];
    assert_eq!(
        world.send("GET", &path, &headers, b"").status,
        204,
        "a browser stops then"
    );
}

#[test]
fn an_author_sees_all_and_a_late_reader_everything_from_the_start() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    let lease = world.claim();
    world.tell(&lease, vec![check(Verdict::Accepted)]);
    let outcome = Outcome::Judged(Box::new(document(Verdict::Accepted)));
    world.finish(&lease, outcome);
    let events = follow(&world, &ada, &format!("/submissions/{id}/events"), None);
    let all: Vec<Seen> = events.iter().collect();
    let names: Vec<&str> = all.iter().map(|seen| seen.name.as_str()).collect();
    assert_eq!(names, ["started", "check", "verdict"]);
    assert!(all[1].data.to_string().contains(SECRET));
}

#[test]
fn a_service_that_stops_ends_streams_and_a_cancelled_submission_too() {
    let mut world = World::start();
    let ann = world.learner("ann");
    let first = world.submit(&ann);
    let events = follow(&world, &ann, &format!("/submissions/{first}/events"), None);
    assert_eq!(next(&events).name, "queued");
    let path = format!("/submissions/{first}/cancel");
    world.post(&ann, &path, &Value::Null).ok();
    assert_eq!(next(&events).name, "cancelled");
    assert_over(&events);
    let second = world.submit(&ann);
    let events = follow(&world, &ann, &format!("/submissions/{second}/events"), None);
    assert_eq!(next(&events).name, "queued");
    world.stop();
    assert_over(&events);
}

#[test]
fn a_submission_judged_again_tells_one_verdict_the_present_one() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let path = format!("/submissions/{id}/rejudge");
    world.post(&ada, &path, &Value::Null).ok();
    world.judge(Verdict::Accepted);
    let events = follow(&world, &ann, &format!("/submissions/{id}/events"), None);
    let all: Vec<Seen> = events.iter().collect();
    let verdicts: Vec<&Seen> = all.iter().filter(|seen| seen.name == "verdict").collect();
    assert_eq!(verdicts.len(), 1, "{all:?}");
    assert_eq!(verdicts[0].data["verdict"], "accepted");
    assert!(verdicts[0].id.is_some());
}

#[test]
fn one_person_holds_a_bounded_number_of_streams_and_waits() {
    let world = World::start_with(|config| config.waits_max = 2);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    let path = format!("/submissions/{id}/events");
    let streams = [
        follow(&world, &ann, &path, None),
        follow(&world, &ann, &path, None),
    ];
    for stream in &streams {
        assert_eq!(next(stream).name, "queued");
    }
    let refused = world.get(&ann, &path);
    refused.is(429, "rate_limited");
    assert_eq!(refused.headers["retry-after"], "5");
    // Others have their own.
    let other = follow(&world, &ada, &path, None);
    assert_eq!(next(&other).name, "queued");
    // A wait more is answered as it is now: one that waited would see the verdict.
    let (answered, over) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(|| {
            let over = over;
            if over.recv_timeout(Duration::from_secs(20)).is_err() {
                world.judge(Verdict::Accepted);
            }
        });
        let seen = world.get(&ann, &format!("/submissions/{id}?wait=60"));
        let _ = answered.send(());
        assert_eq!(seen.ok()["state"], "queued", "{seen:?}");
    });
    world.judge(Verdict::Accepted);
    let last = streams[0].iter().last().expect("the end is told");
    assert_eq!(last.name, "verdict");
}
