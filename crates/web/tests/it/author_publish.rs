//! Publishing by the page: what was looked at is what is published.

use carrel_store::course::Courses as _;

use crate::fixture::{tar, write_course};
use crate::operator_pages::{fill, open};
use crate::world::{Answer, Person, World};

const PAGE: &str = "/courses/demo/author/publish";

/// Posts a form with a file, as a browser does.
pub(crate) fn upload(
    world: &World,
    who: &Person,
    path: &str,
    (name, bytes): (&str, &[u8]),
    fields: &[(&str, &str)],
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let head = format!(
        "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--XyZ--\r\n");
    let bearer = who.bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "text/html"),
        ("content-type", "multipart/form-data; boundary=XyZ"),
    ];
    world.send("POST", &format!("/{path}"), &headers, &body)
}

/// Where an answer leads to.
pub(crate) fn place(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.headers["location"].to_str().unwrap().to_owned()
}

/// The hidden field by which a page says against which version it shows changes.
fn present(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"present\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn what_changes_is_shown_and_then_published() {
    let world = World::start();
    let (ann, ada, bob) = (
        world.learner("ann"),
        world.author("ada"),
        world.author("bob"),
    );
    let before = world.wait(world.store.course("demo")).unwrap().digest;
    let root = write_course(world.directory.path(), "demo", " Quickly.");
    let archive = tar(&root);
    let sent = ("demo.tar", archive.as_slice());
    assert_eq!(upload(&world, &ann, PAGE, sent, &[]).status, 403);
    let address = place(&upload(&world, &ada, PAGE, sent, &[]));
    let preview = open(&world, &ada, &address);
    assert_eq!(preview.status, 200, "{preview:?}");
    assert!(
        preview.text.contains("instructions: worded differently"),
        "{preview:?}"
    );
    let shown = world.wait(world.store.course("demo")).unwrap().digest;
    assert_eq!(shown, before, "nothing is published by looking");
    // It is the sender's alone.
    assert_eq!(open(&world, &bob, &address).status, 404);
    assert_eq!(fill(&world, &ann, &address, "present=x").status, 403);
    let form = format!("present={}", present(&preview));
    assert_eq!(fill(&world, &bob, &address, &form).status, 404);
    let done = fill(&world, &ada, &address, &form);
    assert_eq!(place(&done), "/courses/demo/author/versions");
    let task = open(&world, &ann, "/courses/demo/challenges/double").text;
    assert!(task.contains("Quickly"), "{task}");
    let audit = open(&world, &world.operator("olga"), "/operator/audit").text;
    assert!(audit.contains("course.publish"), "{audit}");
    // The file is gone; the same again changes nothing.
    assert_eq!(open(&world, &ada, &address).status, 404);
    let address = place(&upload(&world, &ada, PAGE, sent, &[]));
    let again = open(&world, &ada, &address).text;
    assert!(again.contains("learners see exactly this version already"));
}

#[test]
fn environments_that_no_node_has_are_named_before_and_after() {
    let world = World::start();
    let (ada, olga) = (world.author("ada"), world.operator("olga"));
    let root = write_course(world.directory.path(), "demo", "");
    let toml = root.join("double/challenge.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    let text = format!("environment = 'cobol'\n{text}");
    std::fs::write(&toml, text).unwrap();
    let archive = tar(&root);
    let bearer = ada.bearer();
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/x-tar"),
    ];
    let send = |query: &str| {
        let path = format!("/courses/demo/versions{query}");
        let answer = world.send("POST", &path, &headers, &archive);
        answer.ok()["missing_environments"].clone()
    };
    assert_eq!(send("?preview=true"), serde_json::json!(["cobol"]));
    let address = place(&upload(&world, &ada, PAGE, ("c.tar", &archive), &[]));
    let preview = open(&world, &ada, &address).text;
    let words = "No node has these environments now: ";
    assert!(
        preview.contains(words) && preview.contains("cobol"),
        "{preview}"
    );
    let before = open(&world, &olga, "/operator").text;
    assert!(!before.contains("needed by"), "{before}");
    assert_eq!(send(""), serde_json::json!(["cobol"]));
    let after = open(&world, &olga, "/operator").text;
    assert!(after.contains("<code>cobol</code>"), "{after}");
    assert!(after.contains("needed by: "), "{after}");
}

#[test]
fn a_version_that_came_in_between_is_told() {
    let world = World::start();
    let (ada, bob) = (world.author("ada"), world.author("bob"));
    let send = |who: &Person, change: &str| {
        let root = write_course(world.directory.path(), "demo", change);
        place(&upload(&world, who, PAGE, ("c.tar", &tar(&root)), &[]))
    };
    let (first, second) = (send(&ada, " Quickly."), send(&bob, " Slowly."));
    let old = format!("present={}", present(&open(&world, &ada, &first)));
    assert_eq!(fill(&world, &bob, &second, &old).status, 303);
    let overtaken = fill(&world, &ada, &first, &old);
    assert_eq!(overtaken.status, 409, "{overtaken:?}");
    assert!(
        overtaken
            .text
            .contains("Another version was published in the meantime")
    );
    let new = format!("present={}", present(&overtaken));
    assert_ne!(new, old);
    assert_eq!(fill(&world, &ada, &first, &new).status, 303);
}

#[test]
fn a_course_with_problems_is_told_by_file_and_line() {
    let world = World::start();
    let ada = world.author("ada");
    let root = write_course(world.directory.path(), "demo", "");
    let toml = root.join("double/challenge.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, text.replace("title = 'Double'", "titel = 'Double'")).unwrap();
    let address = place(&upload(&world, &ada, PAGE, ("c.tar", &tar(&root)), &[]));
    let refused = open(&world, &ada, &address);
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(
        refused
            .text
            .contains("<code>double/challenge.toml:2:1</code>")
    );
    assert!(!refused.text.contains("Publish this"));
    assert_eq!(fill(&world, &ada, &address, "present=x").status, 422);
    for (name, bytes, told) in [
        ("c.zip", b"garbage".as_slice(), "archive"),
        ("c.zip", b"PK\x03\x04garbage".as_slice(), "archive"),
    ] {
        let address = place(&upload(&world, &ada, PAGE, (name, bytes), &[]));
        let refused = open(&world, &ada, &address);
        assert_eq!(refused.status, 400, "{refused:?}");
        assert!(refused.text.contains(told), "{refused:?}");
    }
    let empty = upload(&world, &ada, PAGE, ("", b""), &[]);
    assert_eq!(empty.status, 422, "{empty:?}");
    assert!(empty.text.contains("choose a file first"), "{empty:?}");
    let courses = std::fs::read_dir(world.directory.path().join("courses")).unwrap();
    assert_eq!(courses.count(), 1, "nothing of what was refused is left");
}

#[test]
fn another_course_and_a_made_up_file_are_refused() {
    let world = World::start();
    let ada = world.author("ada");
    let other = write_course(world.directory.path(), "other", "");
    let address = place(&upload(&world, &ada, PAGE, ("c.tar", &tar(&other)), &[]));
    let refused = open(&world, &ada, &address);
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.text.contains("`other`, not `demo`"), "{refused:?}");
    for digest in ["x", "..%2F..%2Fcarrel.db", &"0".repeat(64)] {
        let path = format!("{PAGE}/{digest}");
        assert_eq!(open(&world, &ada, &path).status, 404, "{path}");
        assert_eq!(fill(&world, &ada, &path, "present=x").status, 404, "{path}");
    }
}
