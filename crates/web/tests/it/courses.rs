//! Courses, challenges, publishing.

use carrel_model::Verdict;
use serde_json::json;

use crate::world::{SECRET, World, tar, write_course};

#[test]
fn a_course_is_seen_by_its_members_only() {
    let world = World::start();
    let (ann, eve) = (world.learner("ann"), world.person("eve", None));
    let list = world.get(&ann, "/courses");
    assert_eq!(list.ok()["items"][0]["id"], "demo");
    assert_eq!(list.body["items"][0]["role"], "learner");
    let course = world.get(&ann, "/courses/demo");
    assert_eq!(course.ok()["challenges"][0]["points_max"], 2.0);
    assert_eq!(world.get(&eve, "/courses").ok()["items"], json!([]));
    world.get(&eve, "/courses/demo").is(404, "not_found");
    world
        .get(&eve, "/courses/demo/challenges/double")
        .is(404, "not_found");
    world
        .get(&ann, "/courses/demo/challenges/none")
        .is(404, "not_found");
}

#[test]
fn a_learner_sees_of_a_challenge_what_learners_may() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let path = "/courses/demo/challenges/double";
    let seen = world.get(&ann, path);
    assert_eq!(seen.ok()["start"]["double.py"], "print(0)\n");
    assert_eq!(seen.body["target_ms"], 3_000);
    assert_eq!(seen.body["steps"][0]["hints"], json!([]));
    assert!(seen.text.contains("Print twice"));
    for hidden in [SECRET, "print(2 *", "Use two"] {
        assert!(!seen.text.contains(hidden), "{hidden}");
    }
    assert_eq!(
        world.get(&ada, path).ok()["steps"][0]["hints"],
        json!(["Use two."])
    );
    world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    assert_eq!(
        world.get(&ann, path).ok()["steps"][0]["hints"],
        json!(["Use two."])
    );
}

#[test]
fn a_course_whose_files_are_gone_says_whose_turn_it_is() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let root = write_course(world.directory.path(), "demo", " Anew.");
    let archive = tar(&root);
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str())];
    let publish = || world.send("POST", "/courses/demo/versions", &headers, &archive);
    let version = publish().ok()["version"].as_str().unwrap().to_owned();
    let files = world.directory.path().join("courses").join(version);
    std::fs::remove_dir_all(&files).unwrap();
    let refused = world.get(&ann, "/courses/demo");
    refused.is(503, "course_files_missing");
    assert!(refused.text.contains("restore them from a backup"));
    assert_eq!(publish().ok()["unchanged"], true);
    assert_eq!(world.get(&ann, "/courses/demo").status, 200);
}

#[test]
fn publishing_makes_a_version_and_again_changes_nothing() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let root = write_course(world.directory.path(), "demo", " Quickly.");
    let send = |who: &crate::world::Person, course: &str, body: &[u8]| {
        let bearer = who.bearer();
        let path = format!("/courses/{course}/versions");
        let headers = [("authorization", bearer.as_str())];
        world.send("POST", &path, &headers, body)
    };
    send(&ann, "demo", &tar(&root)).is(403, "author_required");
    let before = world.get(&ada, "/courses/demo").ok()["version"].clone();
    let published = send(&ada, "demo", &tar(&root));
    assert_eq!(published.ok()["unchanged"], false);
    assert_ne!(published.body["version"], before);
    assert_eq!(send(&ada, "demo", &tar(&root)).ok()["unchanged"], true);
    assert!(
        world
            .get(&ann, "/courses/demo/challenges/double")
            .text
            .contains("Quickly")
    );
    let versions = world.get(&ada, "/courses/demo/versions");
    assert_eq!(versions.ok()["items"].as_array().unwrap().len(), 2);
    let path = format!(
        "/courses/demo/versions/{}/present",
        before.as_str().unwrap()
    );
    assert_eq!(world.post(&ada, &path, &json!({})).ok()["version"], before);
    assert_eq!(world.get(&ada, "/courses/demo").ok()["version"], before);
}

#[test]
fn a_course_with_problems_is_refused_with_all_of_them_and_nothing_changes() {
    let world = World::start();
    let ada = world.author("ada");
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str())];
    let root = write_course(world.directory.path(), "demo", "");
    let toml = root.join("double/challenge.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    let text = text.replace("title = 'Double'", "titel = 'Double'\ntarget_ms = 1");
    std::fs::write(&toml, text.replace("target_ms = 3000\n", "")).unwrap();
    let refused = world.send("POST", "/courses/demo/versions", &headers, &tar(&root));
    refused.is(422, "course_invalid");
    for field in ["double/challenge.toml:2:1", "double/challenge.toml:3:13"] {
        assert!(refused.fields().contains(&field), "{:?}", refused.fields());
    }
    let garbage = world.send("POST", "/courses/demo/versions", &headers, b"garbage");
    garbage.is(400, "invalid_archive");
    let other = write_course(world.directory.path(), "other", "");
    let other = world.send("POST", "/courses/demo/versions", &headers, &tar(&other));
    other.is(422, "course_invalid");
    let versions = world.get(&ada, "/courses/demo/versions");
    assert_eq!(versions.ok()["items"].as_array().unwrap().len(), 1);
    let left = std::fs::read_dir(world.directory.path().join("courses")).unwrap();
    assert_eq!(left.count(), 1, "nothing of what was refused is left");
}

#[test]
fn a_new_course_is_an_operators_to_bring() {
    let world = World::start();
    let (ada, olga) = (world.author("ada"), world.operator("olga"));
    let other = write_course(world.directory.path(), "other", "");
    let send = |bearer: &str| {
        let headers = [("authorization", bearer)];
        world.send("POST", "/courses/other/versions", &headers, &tar(&other))
    };
    send(&ada.bearer()).is(403, "operator_required");
    assert_eq!(send(&olga.bearer()).ok()["challenges"], 1);
}

#[test]
fn a_version_tells_the_commit_it_was_made_from() {
    let world = World::start();
    let ada = world.author("ada");
    let root = write_course(world.directory.path(), "demo", " Slowly.");
    let bearer = ada.bearer();
    let send = |query: &str| {
        let path = format!("/courses/demo/versions?{query}");
        let headers = [("authorization", bearer.as_str())];
        world.send("POST", &path, &headers, &tar(&root))
    };
    for bad in [
        "commit=",
        "commit=abc",
        &format!("commit={}", "G".repeat(40)),
    ] {
        send(bad).is(400, "invalid_parameter");
    }
    let commit = "0a".repeat(20);
    let preview = send(&format!("preview=true&commit={commit}"));
    assert_eq!(preview.ok()["first"], false, "{preview:?}");
    send(&format!("commit={commit}")).ok();
    let versions = world.get(&ada, "/courses/demo/versions");
    let versions = versions.ok()["items"].as_array().unwrap().clone();
    assert_eq!(versions[0]["commit"], json!(commit));
    assert_eq!(versions[1]["commit"], json!(null));
    // Going back and forth does not lose it.
    let path = format!(
        "/courses/demo/versions/{}/present",
        versions[0]["version"].as_str().unwrap()
    );
    world.post(&ada, &path, &json!({})).ok();
    let versions = world.get(&ada, "/courses/demo/versions");
    assert_eq!(versions.ok()["items"][0]["commit"], json!(commit));
}
