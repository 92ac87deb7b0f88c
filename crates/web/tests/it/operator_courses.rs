//! A new course by the page: operators bring it, and see before what it holds or what is wrong.

use carrel_store::course::Courses as _;

use crate::author_publish::{place, upload};
use crate::fixture::{tar, write_course};
use crate::operator_pages::{fill, open};
use crate::world::World;

const PAGE: &str = "/operator/courses";

#[test]
fn a_new_course_is_looked_at_and_then_published() {
    let world = World::start();
    let (ada, olga) = (world.author("ada"), world.operator("olga"));
    let archive = tar(&write_course(world.directory.path(), "fresh", ""));
    let sent = ("fresh.tar", archive.as_slice());
    // Authors of other courses bring none, as by the API.
    assert_eq!(upload(&world, &ada, PAGE, sent, &[]).status, 403);
    let courses = open(&world, &ada, "/courses").text;
    assert!(!courses.contains(PAGE), "{courses}");
    assert!(open(&world, &olga, "/courses").text.contains(PAGE));

    let address = place(&upload(&world, &olga, PAGE, sent, &[]));
    let page = open(&world, &olga, &address);
    assert_eq!(page.status, 200, "{page:?}");
    for part in [
        "<code>fresh</code>",
        "<dt>Challenges</dt><dd>1</dd>",
        "is sound",
    ] {
        assert!(page.text.contains(part), "{part} not in:\n{}", page.text);
    }
    let missing = world.wait(world.store.course("fresh"));
    assert!(missing.is_err(), "nothing is published by looking");
    assert_eq!(fill(&world, &ada, &address, "course=fresh").status, 403);
    let other = fill(&world, &olga, &address, "course=another");
    assert_eq!(other.status, 422, "{other:?}");
    assert!(other.text.contains("`fresh`, not `another`"), "{other:?}");

    let done = fill(&world, &olga, &address, "course=fresh");
    assert_eq!(place(&done), "/courses/fresh");
    assert_eq!(open(&world, &olga, "/courses/fresh").status, 200);
    let audit = open(&world, &olga, "/operator/audit").text;
    assert!(audit.contains("course.publish"), "{audit}");
    assert_eq!(
        open(&world, &olga, &address).status,
        404,
        "the file is gone"
    );
}

#[test]
fn a_course_that_is_here_goes_on_to_its_page() {
    let world = World::start();
    let olga = world.operator("olga");
    let archive = tar(&write_course(world.directory.path(), "demo", " Quickly."));
    let address = place(&upload(&world, &olga, PAGE, ("c.tar", &archive), &[]));
    let changes = place(&open(&world, &olga, &address));
    assert!(
        changes.starts_with("/courses/demo/author/publish/"),
        "{changes}"
    );
    let shown = open(&world, &olga, &changes).text;
    assert!(shown.contains("worded differently"), "{shown}");
    assert_eq!(
        place(&fill(&world, &olga, &address, "course=demo")),
        changes
    );
}

#[test]
fn what_is_wrong_with_a_new_course_is_told_by_file_and_line() {
    let world = World::start();
    let olga = world.operator("olga");
    let root = write_course(world.directory.path(), "fresh", "");
    let toml = root.join("double/challenge.toml");
    let text = std::fs::read_to_string(&toml).unwrap();
    std::fs::write(&toml, text.replace("title = 'Double'", "titel = 'Double'")).unwrap();
    let address = place(&upload(&world, &olga, PAGE, ("c.tar", &tar(&root)), &[]));
    let refused = open(&world, &olga, &address);
    assert_eq!(refused.status, 422, "{refused:?}");
    let place_of_it = "<code>double/challenge.toml:2:1</code>";
    assert!(refused.text.contains(place_of_it), "{refused:?}");
    assert!(!refused.text.contains("Publish this"));
    assert_eq!(fill(&world, &olga, &address, "course=fresh").status, 422);
    let empty = upload(&world, &olga, PAGE, ("", b""), &[]);
    assert_eq!(empty.status, 422, "{empty:?}");
    assert!(empty.text.contains("choose a file first"), "{empty:?}");
    let address = place(&upload(&world, &olga, PAGE, ("c.zip", b"garbage"), &[]));
    assert_eq!(open(&world, &olga, &address).status, 400);
    let courses = std::fs::read_dir(world.directory.path().join("courses")).unwrap();
    assert_eq!(courses.count(), 1, "nothing of what was refused is left");
}
