//! Drafts of a challenge.

use carrel_store::account::Scope;
use serde_json::json;

use crate::world::{Person, World};

const PATH: &str = "/courses/demo/challenges/double/draft";

fn put(world: &World, who: &Person, revision: u64, text: &str) -> crate::world::Answer {
    let body = json!({"revision": revision, "files": {"double.py": text}});
    world.put_or_post("PUT", who, PATH, &body)
}

fn throw_away(world: &World, who: &Person, revision: u64) -> crate::world::Answer {
    let bearer = who.bearer();
    let path = format!("{PATH}?revision={revision}");
    world.send("DELETE", &path, &[("authorization", &bearer)], b"")
}

#[test]
fn a_draft_is_the_same_on_every_device_and_nobody_elses() {
    let world = World::start();
    let (ann, bob) = (world.learner("ann"), world.learner("bob"));
    let none = json!({"revision": 0, "files": {}});
    assert_eq!(*world.get(&ann, PATH).ok(), none);
    let kept = put(&world, &ann, 0, "print(1)");
    assert_eq!(kept.ok()["revision"], 1);
    let elsewhere = Person {
        id: ann.id,
        token: world.token(ann.id, &[Scope::Read], None),
    };
    let seen = world.get(&elsewhere, PATH);
    assert_eq!(seen.ok()["files"]["double.py"], "print(1)");
    assert_eq!(seen.body["changed_at"], kept.body["changed_at"]);
    assert_eq!(*world.get(&bob, PATH).ok(), none);
    put(&world, &elsewhere, 1, "x").is(403, "scope_missing");
    assert_eq!(throw_away(&world, &ann, 1).ok()["revision"], 2);
    assert_eq!(world.get(&ann, PATH).ok()["files"], json!({}));
}

#[test]
fn a_tab_that_is_behind_gets_what_the_other_kept() {
    let world = World::start();
    let ann = world.learner("ann");
    put(&world, &ann, 0, "one").ok();
    let conflict = put(&world, &ann, 0, "other");
    conflict.is(409, "draft_changed");
    assert_eq!(conflict.headers["content-type"], "application/problem+json");
    assert!(conflict.body["request_id"].is_string());
    let draft = &conflict.body["draft"];
    assert_eq!(
        (&draft["revision"], &draft["files"]["double.py"]),
        (&1.into(), &"one".into())
    );
    throw_away(&world, &ann, 0).is(409, "draft_changed");
    assert_eq!(put(&world, &ann, 1, "one and other").ok()["revision"], 2);
}

#[test]
fn only_what_could_be_sent_is_kept() {
    let world = World::start();
    let ann = world.learner("ann");
    for (files, field) in [
        (json!({}), "files"),
        (json!({"other.py": ""}), "files.other.py"),
        (json!({"../double.py": ""}), "files.../double.py"),
        (
            json!({"double.py": {"base64": "%"}}),
            "files.double.py.base64",
        ),
    ] {
        let body = json!({"revision": 0, "files": files});
        let answer = world.put_or_post("PUT", &ann, PATH, &body);
        answer.is(422, "invalid");
        assert_eq!(answer.body["errors"][0]["field"], field);
    }
    let large = "x".repeat(carrel_api::limits::SUBMISSION_BYTES_MAX + 1);
    put(&world, &ann, 0, &large).is(413, "too_large");
    let nowhere = PATH.replace("double", "triple");
    world.get(&ann, &nowhere).is(404, "not_found");
    let body = json!({"files": {"double.py": ""}});
    let answer = world.put_or_post("PUT", &ann, PATH, &body);
    assert_eq!(
        answer.status, 422,
        "without a revision nobody knows what was changed"
    );
    assert_eq!(world.get(&ann, PATH).ok()["revision"], 0);
}
