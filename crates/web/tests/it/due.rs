//! What changes when a challenge is past its due date.

use std::fs;

use carrel_model::result::ResultDocument;
use carrel_model::{Verdict, Visibility};
use carrel_store::event::EventKind;
use carrel_store::submission::Outcome;
use carrel_web::publish::publish_directory;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::school::Hand;
use crate::world::{Person, SECRET, World, document, write_course};

/// Publishes `demo` with its challenge due at a time.
fn publish(world: &World, due: Option<Timestamp>) {
    let root = write_course(world.directory.path(), "demo", "");
    let due = due.map_or(String::new(), |due| format!("due = {due}\n"));
    let course = format!(
        "id = 'demo'\ntitle = 'Demo'\n[[units]]\nid = 'one'\ntitle = 'One'\n{due}\
         activities = ['double']\n"
    );
    fs::write(root.join("course.toml"), course).unwrap();
    world.wait(publish_directory(&world.app, &root)).unwrap();
}

/// A world with a clock of its own, and its challenge due in 100 seconds.
fn start() -> (World, Hand) {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    publish(&world, Some(after(&hand, 100)));
    (world, hand)
}

fn after(hand: &Hand, seconds: i64) -> Timestamp {
    hand.now() + SignedDuration::from_secs(seconds)
}

fn give_later_end(world: &World, ada: &Person, to: &Person, seconds: u32) {
    let path = format!("/courses/demo/accommodations/{}", to.id);
    let given = json!({"late_seconds": seconds});
    world.put_or_post("PUT", ada, &path, &given).ok();
}

/// A result with a failed check whose details are for after the due date.
fn wrong() -> ResultDocument {
    let mut document = document(Verdict::WrongAnswer);
    for test in &mut document.tests {
        if test.visibility == Visibility::Never {
            test.visibility = Visibility::AfterDue;
        }
    }
    document
}

/// Submits and judges it.
fn submit(world: &World, who: &Person) -> String {
    let id = world.submit(who);
    let lease = world.claim();
    let all = wrong().tests.into_iter();
    let results = all.filter(|result| result.check == "hidden").collect();
    world.tell(&lease, vec![EventKind::Check { results }]);
    world.finish(&lease, Outcome::Judged(Box::new(wrong())));
    id.to_string()
}

/// Whether each way to a submission tells the details of its hidden check.
fn tells(world: &World, who: &Person, id: &str) -> bool {
    let page = format!("//courses/demo/challenges/double/submissions/{id}");
    let ways = [
        format!("/submissions/{id}"),
        format!("/submissions/{id}/result"),
        format!("/submissions/{id}/events"),
        page,
        "//courses/demo/challenges/double".to_owned(),
    ];
    let told: Vec<bool> = ways
        .iter()
        .map(|way| {
            let answer = world.get(who, way);
            assert_eq!(answer.status, 200, "{way}: {answer:?}");
            answer.text.contains(SECRET)
        })
        .collect();
    assert!(told.iter().all(|one| *one == told[0]), "{ways:?}: {told:?}");
    let list = world.get(who, "/submissions?course=demo");
    assert!(!list.text.contains(SECRET), "a list tells no details");
    told[0]
}

#[test]
fn details_for_after_the_due_date_are_shown_after_it() {
    let (world, hand) = start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = submit(&world, &ann);
    assert!(!tells(&world, &ann, &id));
    assert!(
        world
            .get(&ada, &format!("/submissions/{id}"))
            .text
            .contains(SECRET)
    );
    hand.advance(100);
    assert!(!tells(&world, &ann, &id), "it is in time to the end");
    hand.advance(1);
    assert!(tells(&world, &ann, &id));
}

#[test]
fn who_has_a_later_end_sees_them_later() {
    let (world, hand) = start();
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    give_later_end(&world, &ada, &bob, 60);
    let (of_ann, of_bob) = (submit(&world, &ann), submit(&world, &bob));
    hand.advance(130);
    assert!(tells(&world, &ann, &of_ann));
    assert!(!tells(&world, &bob, &of_bob));
    hand.advance(31);
    assert!(tells(&world, &bob, &of_bob));
}

#[test]
fn a_due_date_that_moves_takes_the_details_with_it() {
    let (world, hand) = start();
    let ann = world.learner("ann");
    let id = submit(&world, &ann);
    hand.advance(101);
    assert!(tells(&world, &ann, &id));
    publish(&world, Some(after(&hand, 50)));
    assert!(!tells(&world, &ann, &id), "the later date counts");
    publish(&world, Some(after(&hand, -90)));
    assert!(tells(&world, &ann, &id), "that of its version counts again");
    publish(&world, None);
    assert!(!tells(&world, &ann, &id), "no date is never over");
}

#[test]
fn a_regrade_by_a_version_due_earlier_shows_nothing_earlier() {
    let (world, hand) = start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = submit(&world, &ann);
    publish(&world, Some(after(&hand, 10)));
    let regrades = "/courses/demo/challenges/double/regrades";
    assert_eq!(world.post(&ada, regrades, &json!({})).status, 202);
    let lease = world.claim();
    world.finish(&lease, Outcome::Judged(Box::new(wrong())));
    assert_eq!(
        world.get(&ann, &format!("/submissions/{id}")).ok()["verdicts"],
        2
    );
    hand.advance(50);
    let shown = world.get(&ann, &format!("/submissions/{id}"));
    assert!(
        !shown.text.contains(SECRET),
        "it was sent to a version due later"
    );
    hand.advance(51);
    assert!(tells(&world, &ann, &id));
}

/// Whether a submission is marked late wherever it is told of.
fn is_late(world: &World, who: &Person, id: &str) -> bool {
    let one = world.get(who, &format!("/submissions/{id}"));
    let list = world.get(who, "/submissions?course=demo");
    let items = list.ok()["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["id"] == id).unwrap();
    assert_eq!(item["late"], one.ok()["late"]);
    let page = world.get(
        who,
        &format!("//courses/demo/challenges/double/submissions/{id}"),
    );
    let late = one.body["late"].as_bool().unwrap();
    assert_eq!(page.text.contains(">Late<"), late, "{}", page.text);
    late
}

/// What the gradebook says of the lateness of a learner: as JSON and in the table.
fn in_gradebook(world: &World, ada: &Person, who: &Person) -> bool {
    let path = "/courses/demo/gradebook";
    let book = world.get(ada, path);
    let rows = book.ok()["rows"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["user"] == json!(who.id))
        .unwrap();
    let late = row["grades"]["double"]["late"].as_bool().unwrap();
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str()), ("accept", "text/csv")];
    let table = world.send("GET", path, &headers, b"");
    let mut lines = table.text.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = columns
        .iter()
        .position(|name| *name == "double (late)")
        .unwrap();
    let line = lines
        .find(|line| line.starts_with(&who.id.to_string()))
        .unwrap();
    assert_eq!(
        line.split(',').nth(column),
        Some(if late { "yes" } else { "no" })
    );
    late
}

fn in_progress(world: &World, who: &Person) -> bool {
    let progress = world.get(who, "/courses/demo/progress");
    let late = &progress.ok()["units"][0]["activities"][0]["late"];
    let page = world.get(who, "//courses/demo");
    assert_eq!(page.text.contains(">Late<"), late == true, "{}", page.text);
    late.as_bool().unwrap()
}

#[test]
fn what_is_sent_after_the_due_date_is_late_everywhere() {
    let (world, hand) = start();
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    hand.advance(100);
    let in_time = submit(&world, &ann);
    hand.advance(1);
    let (again, of_bob, rehearsal) = (
        submit(&world, &ann),
        submit(&world, &bob),
        submit(&world, &ada),
    );
    assert!(!is_late(&world, &ann, &in_time));
    assert!(is_late(&world, &ann, &again));
    assert!(is_late(&world, &bob, &of_bob));
    assert!(!is_late(&world, &ada, &rehearsal));
    let challenge = world.get(&ann, "//courses/demo/challenges/double");
    assert_eq!(challenge.text.matches(">Late<").count(), 1, "one of two");
    let author = world.get(&ada, "//courses/demo/author/submissions");
    assert_eq!(author.text.matches(">Late<").count(), 2);
    let author = world.get(&ada, &format!("//courses/demo/author/submissions/{of_bob}"));
    assert!(author.text.contains(">Late<"));
    // The one in time has as many points as the late one, and counts.
    assert!(!in_progress(&world, &ann) && !in_gradebook(&world, &ada, &ann));
    assert!(in_progress(&world, &bob) && in_gradebook(&world, &ada, &bob));
    give_later_end(&world, &ada, &bob, 1);
    assert!(!is_late(&world, &bob, &of_bob));
    assert!(!in_progress(&world, &bob) && !in_gradebook(&world, &ada, &bob));
    world.submit(&ann);
    world.judge(Verdict::Accepted);
    assert!(in_progress(&world, &ann), "more points, got late");
    publish(&world, Some(after(&hand, 0)));
    assert!(!is_late(&world, &ann, &again), "it was put off");
}

#[test]
fn a_late_attempt_that_counts_is_told_like_a_late_submission() {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    let due = format!("due = {}", after(&hand, 100));
    let settings = "attempts = 3\ngrade = 'last'\n";
    crate::school::publish(&world, settings, crate::school::QUESTIONS, &due);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let told = || {
        let progress = world.get(&ann, "/courses/demo/progress");
        let progress = progress.ok()["units"][1]["activities"][0]["late"].clone();
        let book = world.get(&ada, "/courses/demo/gradebook");
        assert_eq!(book.ok()["rows"][0]["grades"]["loops"]["late"], progress);
        progress
    };
    crate::school::sit(&world, &ann).act("submit").ok();
    assert_eq!(told(), false);
    hand.advance(101);
    let late = crate::school::sit(&world, &ann);
    assert_eq!(late.act("submit").ok()["late"], true);
    assert_eq!(told(), true);
}
