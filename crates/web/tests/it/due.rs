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
    assert!(world.get(&ada, &format!("/submissions/{id}")).text.contains(SECRET));
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
    assert_eq!(world.get(&ann, &format!("/submissions/{id}")).ok()["verdicts"], 2);
    hand.advance(50);
    let shown = world.get(&ann, &format!("/submissions/{id}"));
    assert!(!shown.text.contains(SECRET), "it was sent to a version due later");
    hand.advance(51);
    assert!(tells(&world, &ann, &id));
}
