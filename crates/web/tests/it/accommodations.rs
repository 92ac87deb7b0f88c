//! More time, more attempts, later ends for single people: at quizzes and challenges, by the API
//! and on the authors' page.

use jiff::SignedDuration;
use serde_json::json;

use crate::operator_pages::{fill, open};
use crate::school::{Hand, QUESTIONS, SETTINGS, publish_with, sit, start};
use crate::world::{Person, World};

const API: &str = "/courses/demo/accommodations";
const PAGE: &str = "/courses/demo/author/accommodations";

/// The quiz and the challenge are due in 100 seconds.
fn start_due() -> (World, Hand) {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let due = format!("due = {}", hand.now() + SignedDuration::from_secs(100));
    publish_with(&world, SETTINGS, QUESTIONS, [&due, &due]);
    (world, hand)
}

fn is_late(world: &World, who: &Person) -> bool {
    // Where time is moved, a node says again that it lives.
    world.beat(2);
    let id = world.submit(who);
    let row = world.get(who, &format!("/submissions/{id}"));
    row.ok()["late"].as_bool().unwrap()
}

#[test]
fn a_challenge_is_due_later_for_who_was_given_that() {
    let (world, hand) = start_due();
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    let path = format!("{API}/ann?quiz=double");
    let later = json!({"late_seconds": 60});
    let given = world.put_or_post("PUT", &ada, &path, &later);
    assert_eq!(given.ok()[0]["quiz"], "double", "{given:?}");
    let path = format!("{API}/bob?quiz=loops");
    world.put_or_post("PUT", &ada, &path, &later).ok();
    let due = |who: &Person| {
        let progress = world.get(who, "/courses/demo/progress");
        let units = progress.ok()["units"].clone();
        [&units[0]["activities"][1], &units[1]["activities"][0]].map(|one| one["due_at"].clone())
    };
    let (of_ann, of_bob) = (due(&ann), due(&bob));
    assert_ne!(of_ann[0], of_bob[0], "{of_ann:?}");
    assert_eq!((&of_ann[0], &of_ann[1]), (&of_bob[1], &of_bob[0]));
    hand.advance(130);
    assert!(!is_late(&world, &ann));
    assert!(is_late(&world, &bob));
    hand.advance(31);
    assert!(is_late(&world, &ann));
}

#[test]
fn what_means_nothing_at_a_challenge_is_refused_and_so_is_what_is_not_there() {
    let world = World::start();
    let (_ann, ada) = (world.learner("ann"), world.author("ada"));
    let path = format!("{API}/ann?quiz=double");
    for (field, given) in [
        (
            "time_factor",
            json!({"time_factor": 1.5, "late_seconds": 5}),
        ),
        ("extra_seconds", json!({"extra_seconds": 5})),
        ("extra_attempts", json!({"extra_attempts": 5})),
        ("untimed", json!({"untimed": true})),
    ] {
        let refused = world.put_or_post("PUT", &ada, &path, &given);
        refused.is(422, "invalid");
        assert_eq!(refused.fields(), [field]);
        assert!(
            refused.text.contains("`double` is a challenge"),
            "{refused:?}"
        );
    }
    let nothing = world.put_or_post("PUT", &ada, &path, &json!({}));
    assert_eq!(nothing.ok()[0]["quiz"], "double");
    for unknown in ["intro", "nothing", ""] {
        let path = format!("{API}/ann?quiz={unknown}");
        let refused = world.put_or_post("PUT", &ada, &path, &json!({"late_seconds": 5}));
        refused.is(404, "not_found");
        assert!(refused.text.contains("no quiz or challenge"), "{refused:?}");
    }
}

#[test]
fn what_was_given_can_be_taken_when_the_quiz_has_left_the_course() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (_ann, ada) = (world.learner("ann"), world.author("ada"));
    let path = format!("{API}/ann?quiz=loops");
    let given = json!({"extra_attempts": 2});
    world.put_or_post("PUT", &ada, &path, &given).ok();
    let root = crate::world::write_course(world.directory.path(), "demo", "");
    let course = "id = 'demo'\ntitle = 'Demo'\nretired = ['intro', 'loops', 'two']\n\
                  [[units]]\nid = 'one'\ntitle = 'One'\nactivities = ['double']\n";
    std::fs::write(root.join("course.toml"), course).unwrap();
    for name in ["intro.md", "loops.quiz.md"] {
        std::fs::remove_file(root.join(name)).unwrap();
    }
    world
        .wait(carrel_web::publish::publish_directory(&world.app, &root))
        .unwrap_or_else(|problem| panic!("{:#?}", problem.document()));
    world
        .put_or_post("PUT", &ada, &path, &given)
        .is(404, "not_found");
    let page = open(&world, &ada, &format!("{PAGE}?person=ann&activity=loops"));
    assert!(
        page.text.contains("<td>loops</td><td>2 more attempts</td>"),
        "{page:?}"
    );
    assert!(
        page.text
            .contains("<option value=\"loops\" selected>loops</option>"),
        "{page:?}"
    );
    let bearer = ada.bearer();
    let taken = world.send("DELETE", &path, &[("authorization", &bearer)], b"");
    assert_eq!(taken.ok(), &json!([]));
    let again = world.send("DELETE", &path, &[("authorization", &bearer)], b"");
    again.is(404, "not_found");
}

#[test]
fn an_author_gives_changes_and_takes_back_on_a_page() {
    let (world, hand) = start("attempts = 1\ntime_limit_seconds = 600\n", QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let empty = open(&world, &ada, PAGE).text;
    assert!(
        empty.contains("Nobody has anything beyond the others"),
        "{empty}"
    );
    let sitting = sit(&world, &ann);
    let form = "person=ann&activity=loops&time_factor=2&extra_minutes=1.5&extra_attempts=1\
                &late_hours=24";
    let given = fill(&world, &ada, PAGE, form);
    assert_eq!(given.status, 303, "{given:?}");
    assert_eq!(given.headers["location"], format!("{PAGE}?person=ann"));
    // It holds in the attempt that goes on: twice 600 seconds, and 90.
    assert_eq!(sitting.get().ok()["remaining_ms"], 1_290_000);
    hand.advance(1);
    let list = open(&world, &ada, PAGE).text;
    for part in [
        "Loops",
        "2 times the time; 1.5 minutes more; 1 more attempt; due and closing 24 hours later",
        "aria-label=\"Change: ann, Loops\"",
    ] {
        assert!(list.contains(part), "{part} not in:\n{list}");
    }
    let change = open(&world, &ada, &format!("{PAGE}?person=ann&activity=loops")).text;
    for part in [
        "name=\"person\" value=\"ann\"",
        "<option value=\"loops\" selected>",
        "name=\"time_factor\" type=\"number\" min=\"1\" max=\"100\" step=\"any\" value=\"2\"",
        "name=\"extra_minutes\" type=\"number\" min=\"0\" step=\"any\" value=\"1.5\"",
        "name=\"extra_attempts\" type=\"number\" min=\"0\" step=\"1\" value=\"1\"",
        "name=\"late_hours\" type=\"number\" min=\"0\" step=\"any\" value=\"24\"",
    ] {
        assert!(change.contains(part), "{part} not in:\n{change}");
    }
    let form = "person=ann&activity=loops&untimed=true&time_factor=1&extra_minutes=0\
                &extra_attempts=0&late_hours=0";
    assert_eq!(fill(&world, &ada, PAGE, form).status, 303);
    let rows = world.get(&ada, API);
    assert_eq!(rows.ok().as_array().unwrap().len(), 1, "{rows:?}");
    assert_eq!(rows.body[0]["accommodation"]["untimed"], true);
    assert_eq!(rows.body[0]["accommodation"]["extra_attempts"], 0);
    assert_eq!(rows.body[0]["changed_by"], ada.id.to_string());
    take_back(&world, &ann, &ada);
}

/// What is given for all stands beside what is given at a quiz, and what is taken back goes alone.
fn take_back(world: &World, ann: &Person, ada: &Person) {
    let everywhere = "person=ann&activity=*&extra_attempts=1";
    assert_eq!(fill(world, ada, PAGE, everywhere).status, 303);
    assert_eq!(world.get(ada, API).ok().as_array().unwrap().len(), 2);
    for _ in 0..2 {
        let taken = fill(
            world,
            ada,
            &format!("{PAGE}/take"),
            "person=ann&activity=loops",
        );
        assert_eq!(taken.status, 303, "twice is as once: {taken:?}");
    }
    let left = world.get(ada, API);
    assert_eq!(left.ok().as_array().unwrap().len(), 1);
    assert_eq!(left.body[0].get("quiz"), None);
    let olga = world.operator("olga");
    let log = world.get(&olga, "/audit?user=ada");
    let entries = log.ok()["items"].as_array().unwrap();
    let told = entries
        .iter()
        .map(|entry| entry["detail"].as_str().unwrap());
    let told: Vec<_> = told
        .filter(|detail| detail.contains(&ann.id.to_string()))
        .collect();
    // The newest first; taking it back twice took it once.
    assert_eq!(told.len(), 4, "{log:?}");
    assert!(told[0].ends_with(" loops taken"), "{told:?}");
    assert!(told[1].contains(" * {"), "{told:?}");
    let action = &entries[0]["action"];
    assert_eq!(action, "accommodation.set", "{log:?}");
}

#[test]
fn a_form_that_is_refused_keeps_what_was_typed_and_names_every_fault() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (_ann, ada) = (world.learner("ann"), world.author("ada"));
    let _eve = world.person("eve", None);
    let form = "person=nobody%3C&activity=loops&time_factor=0.5&extra_minutes=soon&untimed=true\
                &extra_attempts=3&late_hours=48";
    let refused = fill(&world, &ada, PAGE, form);
    assert_eq!(refused.status, 422, "{refused:?}");
    for part in [
        "nothing was changed",
        "there is nobody named “nobody&#60;”",
        "<a href=\"#time_factor\">Factor on the time limit</a>: a number from 1 to 100",
        "id=\"extra_minutes-error\">a number from 0 to ",
        "name=\"person\" value=\"nobody&#60;\"",
        "<option value=\"loops\" selected>",
        "value=\"0.5\" aria-invalid=\"true\" aria-describedby=\"time_factor-error\"",
        "value=\"soon\"",
        "value=\"true\" checked",
        "name=\"extra_attempts\" type=\"number\" min=\"0\" step=\"1\" value=\"3\">",
        "value=\"48\"",
    ] {
        assert!(
            refused.text.contains(part),
            "{part} not in:\n{}",
            refused.text
        );
    }
    for (form, told) in [
        ("person=&activity=loops", "a name is missing"),
        ("person=eve&activity=loops", "is no member of this course"),
        ("person=ann&activity=intro", "no quiz or challenge “intro”"),
        (
            "person=ann&activity=double&untimed=true",
            "id=\"untimed-error\">a challenge has neither",
        ),
    ] {
        let refused = fill(&world, &ada, PAGE, form);
        assert_eq!(refused.status, 422, "{form}: {refused:?}");
        assert!(
            refused.text.contains(told),
            "{told} not in:\n{}",
            refused.text
        );
    }
    assert_eq!(world.get(&ada, API).ok(), &json!([]));
    let unknown = open(&world, &ada, &format!("{PAGE}?person=nobody"));
    assert_eq!(unknown.status, 200);
    // A name that is looked for in vain is told at the filter: nothing was to be changed.
    for part in [
        "id=\"wanted-person-error\">there is nobody named “nobody”",
        "id=\"wanted-person\" name=\"person\" value=\"nobody\" maxlength=\"64\"",
        "id=\"person\" name=\"person\" value=\"\"",
    ] {
        assert!(
            unknown.text.contains(part),
            "{part} not in:\n{}",
            unknown.text
        );
    }
    assert!(!unknown.text.contains("nothing was changed"), "{unknown:?}");
}

#[test]
fn what_was_given_by_the_api_can_be_changed_on_the_page() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (_ann, ada) = (world.learner("ann"), world.author("ada"));
    let most = json!({"extra_seconds": u32::MAX, "extra_attempts": u32::MAX,
        "late_seconds": u32::MAX});
    let path = format!("{API}/ann?quiz=loops");
    world.put_or_post("PUT", &ada, &path, &most).ok();
    let page = open(&world, &ada, &format!("{PAGE}?person=ann&activity=loops")).text;
    let value = |id: &str| {
        let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap();
        let (_, rest) = rest.split_once("value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let form = format!(
        "person=ann&activity=loops&time_factor=2&extra_minutes={}&extra_attempts={}&late_hours={}",
        value("extra_minutes"),
        value("extra_attempts"),
        value("late_hours")
    );
    let given = fill(&world, &ada, PAGE, &form);
    assert_eq!(given.status, 303, "{given:?}");
    let rows = world.get(&ada, API);
    let kept = &rows.ok()[0]["accommodation"];
    assert_eq!(kept["extra_seconds"], u32::MAX, "{kept}");
    assert_eq!(kept["late_seconds"], u32::MAX, "{kept}");
    assert_eq!(
        (&kept["time_factor"], &kept["extra_attempts"]),
        (&json!(2.0), &json!(u32::MAX))
    );
}

#[test]
fn the_page_is_for_authors_of_the_course_only() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, eve) = (world.learner("ann"), world.person("eve", None));
    for who in [&ann, &eve] {
        let answer = open(&world, who, PAGE);
        assert!([403, 404].contains(&answer.status), "{answer:?}");
        let form = "person=ann&activity=loops&extra_attempts=9";
        for (path, form) in [
            (PAGE.to_owned(), form),
            (format!("{PAGE}/take"), "person=ann&activity=loops"),
        ] {
            let answer = fill(&world, who, &path, form);
            assert!([403, 404].contains(&answer.status), "{path}: {answer:?}");
        }
    }
    let ada = world.author("ada");
    assert_eq!(world.get(&ada, API).ok(), &json!([]));
}
