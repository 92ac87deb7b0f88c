//! The page of a challenge that is not open: what holds for lessons and quizzes holds for it.

use std::fs;

use carrel_model::Verdict;
use carrel_web::publish::publish_directory;
use serde_json::json;

use crate::operator_pages::{fill, open};
use crate::school::Hand;
use crate::world::{Person, World, write_course};

const PAGE: &str = "/courses/demo/challenges/double";
/// Stands in the challenge's instructions.
const TASK: &str = "Print twice";

/// A world in which `double` stands in a unit with these rules, after the lesson `intro`.
fn start(rules: &str) -> (World, Hand) {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    let root = write_course(world.directory.path(), "demo", "");
    let course = format!(
        "id = 'demo'\ntitle = 'Demo'\n\
         [[units]]\nid = 'one'\ntitle = 'One'\nactivities = ['intro.md']\n\
         [[units]]\nid = 'two'\ntitle = 'Two'\n{rules}\nactivities = ['double']\n"
    );
    fs::write(root.join("course.toml"), course).unwrap();
    let lesson = "+++\nid = 'intro'\ntitle = 'Introduction'\n+++\n# Hello\n";
    fs::write(root.join("intro.md"), lesson).unwrap();
    world
        .wait(publish_directory(&world.app, &root))
        .unwrap_or_else(|problem| panic!("{:#?}", problem.document()));
    (world, hand)
}

/// Every page of the challenge refuses, and shows nothing of it.
fn expect_held(world: &World, who: &Person, submission: &str, status: u16) {
    for path in [
        PAGE.to_owned(),
        format!("{PAGE}?step=double"),
        format!("{PAGE}/submissions/{submission}"),
        format!("{PAGE}/submissions/{submission}/stream"),
        format!("{PAGE}/runs/{submission}"),
    ] {
        let answer = open(world, who, &path);
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert!(!answer.text.contains(TASK), "{path}: {answer:?}");
    }
    for path in [PAGE.to_owned(), format!("{PAGE}/runs")] {
        let answer = fill(world, who, &path, "file:double.py=print(2)");
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        assert!(!answer.text.contains(TASK), "{path}: {answer:?}");
    }
}

#[test]
fn what_must_be_passed_first_holds_the_page() {
    let (world, _) = start("requires = ['intro']");
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let path = "/courses/demo/challenges/double/submissions";
    let sent = world.post(&ada, path, &json!({"files": {"double.py": "print(2)"}}));
    let submission = sent.id().to_string();
    expect_held(&world, &ann, &submission, 409);
    let told = open(&world, &ann, PAGE).text;
    assert!(told.contains("Introduction"), "it says what: {told}");
    // An author opens it, and is told what holds learners.
    let seen = open(&world, &ada, PAGE);
    assert_eq!(seen.status, 200, "{seen:?}");
    assert!(seen.text.contains(TASK));
    assert!(seen.text.contains("Locked: first pass Introduction."));
    let course = open(&world, &ada, "/courses/demo").text;
    assert!(course.contains("Locked: first pass Introduction."));
    assert!(course.contains(&format!("href=\"{PAGE}\"")), "{course}");
    let course = open(&world, &ann, "/courses/demo").text;
    assert!(!course.contains(&format!("href=\"{PAGE}\"")), "{course}");
    let read = fill(&world, &ann, "/courses/demo/lessons/intro/seen", "");
    assert_eq!(read.status, 303, "{read:?}");
    let seen = open(&world, &ann, PAGE);
    assert_eq!(seen.status, 200, "{seen:?}");
    assert!(seen.text.contains(TASK) && !seen.text.contains("Locked"));
}

#[test]
fn times_hold_the_page() {
    let now = jiff::Timestamp::now();
    let at = |seconds: i64| now + jiff::SignedDuration::from_secs(seconds);
    let rules = format!("opens = {:.0}\ncloses = {:.0}", at(3_600), at(7_200));
    let (world, hand) = start(&rules);
    let ann = world.learner("ann");
    let ada = world.author("ada");
    expect_held(&world, &ann, &ada.id.to_string(), 409);
    assert!(open(&world, &ann, PAGE).headers.contains_key("retry-after"));
    hand.advance(3_700);
    world.beat(2);
    let seen = open(&world, &ann, PAGE);
    assert_eq!(seen.status, 200, "{seen:?}");
    assert!(!seen.text.contains(" disabled"), "{seen:?}");
    let sent = fill(&world, &ann, PAGE, "file:double.py=print(2)");
    assert_eq!(sent.status, 303, "{sent:?}");
    let submission = sent.headers["location"].to_str().unwrap().to_owned();
    world.judge(Verdict::Accepted);
    hand.advance(3_600);
    // What is closed can be looked at: the task, and what one sent.
    let seen = open(&world, &ann, PAGE);
    assert_eq!(seen.status, 200, "{seen:?}");
    assert!(seen.text.contains(TASK) && seen.text.contains("Closed since"));
    assert!(
        seen.text
            .contains("<button id=\"submit\" class=\"button button-main\" disabled")
    );
    assert_eq!(open(&world, &ann, &submission).status, 200);
    let late = fill(&world, &ann, PAGE, "file:double.py=print(4711)");
    assert_eq!(late.status, 409, "{late:?}");
    assert!(late.text.contains("print(4711)"), "nothing typed is lost");
}
