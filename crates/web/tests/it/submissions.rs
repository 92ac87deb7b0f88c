//! Submissions: sending, seeing, taking back, judging again.

use std::thread;
use std::time::Duration;

use carrel_model::Verdict;
use carrel_store::submission::{Fault, Outcome};
use serde_json::json;

use crate::school::Hand;
use crate::world::{SECRET, World, tar};

const PATH: &str = "/courses/demo/challenges/double/submissions";

#[test]
fn a_submission_is_accepted_judged_and_seen_as_each_may() {
    let world = World::start();
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    let sent = world.post(&ann, PATH, &json!({"files": {"double.py": "print(2)"}}));
    assert_eq!(sent.status, 202);
    let location = sent.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(sent.body["state"], "queued");
    assert_eq!(sent.body["position"], 0);
    world.judge(Verdict::WrongAnswer);
    let path = location.strip_prefix("/api/v1").unwrap();
    let seen = world.get(&ann, path);
    assert_eq!(seen.ok()["verdict"], "wrong_answer");
    assert_eq!(seen.body["result"]["tests"][1]["status"], "fail");
    assert!(!seen.text.contains(SECRET), "{}", seen.text);
    let result = world.get(&ann, &format!("{path}/result"));
    assert!(!result.text.contains(SECRET) && result.ok()["version"] == 3);
    assert!(world.get(&ada, path).text.contains(SECRET));
    for below in ["", "/result", "/files", "/verdicts", "/events"] {
        world
            .get(&bob, &format!("{path}{below}"))
            .is(404, "not_found");
    }
    let files = world.get(&ann, &format!("{path}/files"));
    assert_eq!(files.ok()["files"]["double.py"], "print(2)");
}

#[test]
fn waiting_answers_with_the_verdict_or_after_its_time() {
    let world = World::start();
    let ann = world.learner("ann");
    let body = json!({"files": {"double.py": "print(2)"}});
    let late = world.post(&ann, &format!("{PATH}?wait=1"), &body);
    assert_eq!(late.status, 202);
    assert_eq!(late.headers["preference-applied"], "wait=1");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let bearer = ann.bearer();
            let headers = [
                ("authorization", bearer.as_str()),
                ("content-type", "application/json"),
                ("prefer", "wait=30"),
            ];
            world.send("POST", PATH, &headers, body.to_string().as_bytes())
        });
        let mut judged = 0;
        while judged < 2 {
            let leases = world.wait(carrel_store::queue::Queue::claim(
                world.store.as_ref(),
                world.node,
                1,
                10_000,
            ));
            for lease in leases.unwrap() {
                let document = crate::world::document(Verdict::Accepted);
                world.finish(
                    &lease,
                    carrel_store::submission::Outcome::Judged(Box::new(document)),
                );
                judged += 1;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let answer = waiting.join().unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["verdict"], "accepted");
    });
}

#[test]
fn a_repeated_request_is_one_request() {
    let world = World::start();
    let (ann, bob) = (world.learner("ann"), world.learner("bob"));
    let send_body = |who: &crate::world::Person, body: &serde_json::Value| {
        let bearer = who.bearer();
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "k-1"),
        ];
        world.send("POST", PATH, &headers, body.to_string().as_bytes())
    };
    let send = |who: &crate::world::Person, program: &str| {
        send_body(who, &json!({"files": {"double.py": program}}))
    };
    let first = send(&ann, "print(2)");
    let again = send(&ann, "print(2)");
    assert_eq!(first.id(), again.id());
    assert_eq!(again.headers["idempotency-replayed"], "true");
    send(&ann, "print(3)").is(422, "idempotency_key_reused");
    let body = json!({"files": {"double.py": "print(2)"}, "band": "batch"});
    send_body(&ann, &body).is(422, "idempotency_key_reused");
    assert_ne!(
        send(&bob, "print(3)").id(),
        first.id(),
        "a key is its sender's own"
    );
    let mine = world.get(&ann, "/submissions");
    assert_eq!(mine.ok()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn a_repeated_request_is_answered_whatever_became_of_the_challenge() {
    let world = World::start();
    let ann = world.learner("ann");
    let bearer = ann.bearer();
    let send = |key: &str| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let body = json!({"files": {"double.py": "print(2)"}});
        world.send("POST", PATH, &headers, body.to_string().as_bytes())
    };
    let first = send("k-1");
    assert_eq!(first.status, 202, "{first:?}");
    let course = world.directory.path().join("authors-demo");
    let publish = || {
        let published = carrel_web::publish::publish_directory(&world.app, &course);
        world.wait(published).unwrap();
    };
    let manifest = course.join("course.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text + "closes = 2001-01-01T00:00:00Z\n").unwrap();
    publish();
    send("k-2").is(409, "not_open");
    let again = send("k-1");
    assert_eq!(again.ok()["id"], first.body["id"], "{again:?}");
    assert_eq!(again.headers["idempotency-replayed"], "true");
}

#[test]
fn files_come_as_archive_or_multipart_too() {
    let world = World::start();
    let ann = world.learner("ann");
    let bearer = ann.bearer();
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("lib")).unwrap();
    std::fs::write(directory.path().join("double.py"), "import lib.a").unwrap();
    std::fs::write(directory.path().join("lib/a.py"), "x").unwrap();
    let send = |kind: &str, body: &[u8]| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        world.send("POST", PATH, &headers, body)
    };
    let archive = send("application/x-tar", &tar(directory.path()));
    assert_eq!(archive.status, 202, "{archive:?}");
    let files = world.get(&ann, &format!("/submissions/{}/files", archive.id()));
    assert_eq!(files.ok()["files"]["lib/a.py"], "x");
    let body = b"--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"double.py\"\r\n\r\nprint(2)\r\n--X--\r\n";
    assert_eq!(send("multipart/form-data; boundary=X", body).status, 202);
    send("text/x-python", b"print(2)").is(415, "unsupported_media_type");
    send("application/zip", b"PK\x03\x04garbage").is(400, "invalid_archive");
}

#[test]
fn what_is_refused_unread_is_answered_all_the_same() {
    let world = World::start();
    let ann = world.learner("ann");
    let bearer = ann.bearer();
    for bytes in [10, 100_000, 900_000] {
        let body = vec![b'x'; bytes];
        for _ in 0..3 {
            let headers = [
                ("authorization", bearer.as_str()),
                ("content-type", "text/plain"),
            ];
            world
                .send("POST", PATH, &headers, &body)
                .is(415, "unsupported_media_type");
            world
                .send("POST", PATH, &[], &body)
                .is(401, "unauthenticated");
        }
    }
}

#[test]
fn what_may_not_be_sent_is_named() {
    let world = World::start();
    let ann = world.learner("ann");
    for (body, field) in [
        (json!({"files": {"other.py": ""}}), "files.other.py"),
        (json!({"files": {"../double.py": ""}}), "files.../double.py"),
        (json!({"files": {}}), "files"),
        (json!({"files": {"double.py": 1}}), "files.double.py"),
        (json!({"files": {"double.py": ""}, "step": "none"}), "step"),
        (json!({"files": {"double.py": ""}, "x": 1}), "x"),
    ] {
        let refused = world.post(&ann, PATH, &body);
        refused.is(422, "invalid");
        assert_eq!(refused.fields(), [field], "{body}");
    }
    let bearer = ann.bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    world
        .send("POST", PATH, &headers, b"{")
        .is(400, "invalid_request");
    world
        .post(&ann, &format!("{PATH}?wiat=1"), &json!({}))
        .is(400, "invalid_parameter");
}

#[test]
fn taking_back_judging_again_and_the_history() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let gone = world.submit(&ann);
    let cancelled = world.post(&ann, &format!("/submissions/{gone}/cancel"), &json!({}));
    assert_eq!(cancelled.ok()["state"], "cancelled");
    let id = world.submit(&ann);
    assert_eq!(world.judge(Verdict::WrongAnswer), id);
    let path = format!("/submissions/{id}/rejudge");
    world
        .post(&ann, &path, &json!({}))
        .is(403, "author_required");
    assert_eq!(world.post(&ada, &path, &json!({})).status, 202);
    assert_eq!(world.judge(Verdict::Accepted), id);
    let seen = world.get(&ann, &format!("/submissions/{id}"));
    assert_eq!(
        (&seen.ok()["verdict"], &seen.body["verdicts"]),
        (&json!("accepted"), &json!(2))
    );
    let history = world.get(&ann, &format!("/submissions/{id}/verdicts"));
    let reasons: Vec<_> = history
        .ok()
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["reason"])
        .collect();
    assert_eq!(reasons, ["submitted", "rejudged"]);
}

#[test]
fn lists_are_filtered_paged_and_each_sees_their_own() {
    let world = World::start();
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    for _ in 0..3 {
        world.submit(&ann);
    }
    world.submit(&bob);
    world.judge(Verdict::Accepted);
    let list = |who, query: &str| {
        let answer = world.get(who, &format!("/submissions{query}"));
        let items = answer.ok()["items"].as_array().unwrap().clone();
        let next = answer.body["next"].as_str().map(str::to_owned);
        (items, next)
    };
    let (first, next) = list(&ann, "?limit=2");
    let (second, end) = list(&ann, &format!("?limit=2&cursor={}", next.unwrap()));
    assert_eq!((first.len(), second.len(), end), (2, 1, None));
    assert_eq!(list(&ada, "?course=demo&everybody=true").0.len(), 4);
    assert_eq!(
        list(&ada, &format!("?course=demo&user={}", bob.id)).0.len(),
        1
    );
    assert_eq!(
        list(&ada, "?course=demo&everybody=true&verdict=accepted")
            .0
            .len(),
        1
    );
    assert_eq!(
        list(&ada, "?course=demo&everybody=true&state=queued")
            .0
            .len(),
        3
    );
    let query = format!("/submissions?course=demo&user={}", ann.id);
    world.get(&bob, &query).is(403, "author_required");
    world
        .get(&ada, "/submissions?everybody=true")
        .is(403, "operator_required");
    world
        .get(&ann, "/submissions?limit=0")
        .is(400, "invalid_parameter");
    world.get(&ann, "/submissions?cursor=nonsense");
}

#[test]
fn figures_of_a_challenge_are_of_what_learners_sent() {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    let ada = world.author("ada");
    let path = "/courses/demo/challenges/double/statistics";
    let none = world.get(&ada, path);
    assert_eq!(none.ok()["learners"], 0);
    let (ann, bob) = (world.learner("ann"), world.learner("bob"));
    world.get(&ann, "/courses/demo/challenges/double").ok();
    world.get(&ada, "/courses/demo/challenges/double").ok();
    hand.advance(5);
    let sent = [
        (&ann, Verdict::WrongAnswer),
        (&bob, Verdict::WrongAnswer),
        (&ann, Verdict::Accepted),
        // An author's and an operator's are rehearsals.
        (&ada, Verdict::WrongAnswer),
        (&world.operator("olga"), Verdict::WrongAnswer),
    ];
    for (who, verdict) in sent {
        world.submit(who);
        world.judge(verdict);
    }
    let figures = world.get(&ada, path);
    let count = |name: &str| figures.ok()[name].as_u64();
    assert_eq!(count("learners"), Some(2), "{figures:?}");
    assert_eq!(count("passed"), Some(1));
    assert_eq!(count("submissions"), Some(3));
    assert_eq!(figures.body["attempts_to_pass"]["median"], 2.0);
    // From opening it, not from the first submission.
    assert_eq!(figures.body["time_to_pass_ms"]["median"], 5_000.0);
    let checks = figures.body["failing_checks"].as_array().unwrap();
    assert_eq!(checks.len(), 1);
    assert_eq!(checks[0]["check"], "hidden");
    assert_eq!(checks[0]["submissions"], 2);
    assert_eq!(checks[0]["stuck"], 1);
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str()), ("accept", "text/csv")];
    let table = world.send("GET", path, &headers, b"");
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    let rows: Vec<&str> = table.text.split("\r\n").collect();
    assert!(rows[0].starts_with("about,name,learners,passed,submissions,share,stuck,"));
    // Two submissions to pass, and five seconds.
    assert_eq!(
        rows[1],
        "challenge,double,2,1,3,,,2,2,2,2,5000,5000,5000,5000"
    );
    assert_eq!(rows[2], format!("attempts,2,,1{}", ",".repeat(11)));
    assert!(rows[3].starts_with("check,hidden,2,,2,0.66"), "{}", rows[3]);
    world.get(&ann, path).is(403, "author_required");
    let unknown = "/courses/demo/challenges/triple/statistics";
    world.get(&ada, unknown).is(404, "not_found");
}

#[test]
fn people_are_named_by_id_or_name_wherever_somebody_is_asked_for() {
    let world = World::start();
    let (ann, ada, bob) = (
        world.learner("ann"),
        world.author("ada"),
        world.learner("bob"),
    );
    let olga = world.operator("olga");
    world.submit(&ann);
    for name in [ann.id.to_string(), "ann".to_owned(), "Ann".to_owned()] {
        let path = format!("/submissions?course=demo&user={name}");
        let list = world.get(&ada, &path);
        assert_eq!(list.ok()["items"][0]["user"], ann.id.to_string());
        world.get(&bob, &path).is(403, "author_required");
        let path = format!("/courses/demo/progress?user={name}");
        assert_eq!(world.get(&ada, &path).ok()["user"], ann.id.to_string());
        world.get(&bob, &path).is(403, "author_required");
        world.get(&ann, &path).ok();
        let path = format!("/courses/demo/accommodations/{name}");
        let more = json!({"extra_attempts": 1});
        let given = world.put_or_post("PUT", &ada, &path, &more);
        assert_eq!(given.ok()[0]["user"], ann.id.to_string());
        let path = format!("/courses/demo/attempts?user={name}");
        world.get(&ada, &path).ok();
        world.get(&olga, &format!("/audit?user={name}")).ok();
    }
    let own = world.get(&ann, "/submissions?user=me");
    assert_eq!(own.ok()["items"].as_array().unwrap().len(), 1);
    for path in ["/courses/demo/progress?user=eve", "/audit?user=eve"] {
        world.get(&olga, path).is(404, "not_found");
    }
}

/// Whoever is judged again may not keep the verdict that an author looks into.
#[test]
fn only_authors_stop_what_is_judged_again() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    world.judge(Verdict::Accepted);
    let (path, none) = (format!("/submissions/{id}"), json!({}));
    let cancel = format!("{path}/cancel");
    world.post(&ann, &cancel, &none).is(409, "wrong_state");
    assert_eq!(
        world.post(&ada, &format!("{path}/rejudge"), &none).status,
        202
    );
    world.post(&ann, &cancel, &none).is(403, "author_required");
    assert_eq!(world.get(&ann, &path).ok()["state"], "queued");
    let stopped = world.post(&ada, &cancel, &none);
    assert_eq!(stopped.ok()["state"], "finished");
    assert_eq!(stopped.body["verdict"], "accepted");
}

/// What the judge says of a challenge names files and quotes tests.
#[test]
fn what_is_wrong_with_a_challenge_is_told_to_its_authors() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    let lease = world.claim();
    let message = format!("reading `/courses/{SECRET}`");
    let fault = Fault::Author;
    world.finish(&lease, Outcome::Refused { fault, message });
    let path = format!("/submissions/{id}");
    let told = world.get(&ann, &path);
    assert_eq!(told.ok()["refusal"]["fault"], "author");
    assert!(!told.body.to_string().contains(SECRET), "{}", told.body);
    let told = world.get(&ada, &path);
    let message = told.ok()["refusal"]["message"].as_str().unwrap();
    assert!(message.contains(SECRET), "{message}");
}
