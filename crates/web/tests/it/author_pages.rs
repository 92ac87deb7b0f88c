//! Pages of authors: for the course's authors only, and what they do is done.

use carrel_model::Verdict;

use crate::operator_pages::{fill, open};
use crate::school::{KEY, QUESTIONS, SETTINGS, publish, sit, start, word};
use crate::world::World;

#[test]
fn nobody_but_authors_sees_or_does_anything() {
    let world = World::start();
    let (ann, eve) = (world.learner("ann"), world.person("eve", None));
    let submission = world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    for rest in [
        "submissions".to_owned(),
        format!("submissions/{submission}"),
        "regrades".to_owned(),
        "versions".to_owned(),
    ] {
        let path = format!("/courses/demo/author/{rest}");
        for who in [&ann, &eve] {
            let answer = open(&world, who, &path);
            assert!([403, 404].contains(&answer.status), "{path}: {answer:?}");
            assert!(!answer.text.contains("print(2)"), "{path}");
        }
    }
    for (rest, form) in [
        (format!("submissions/{submission}/rejudge"), ""),
        ("regrades".to_owned(), "challenge=double"),
        ("rescores".to_owned(), "quiz=loops"),
    ] {
        let path = format!("/courses/demo/author/{rest}");
        let answer = fill(&world, &ann, &path, form);
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
}

#[test]
fn submissions_are_found_and_looked_at() {
    let world = World::start();
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    let right = world.submit(&ann);
    world.judge(Verdict::Accepted);
    let wrong = world.submit(&bob);
    world.judge(Verdict::WrongAnswer);
    let path = "/courses/demo/author/submissions";
    let list = |query: &str| open(&world, &ada, &format!("{path}{query}")).text;
    let all = list("");
    assert!(all.contains(&right.to_string()) && all.contains(&wrong.to_string()));
    let some = list("?verdict=wrong_answer");
    assert!(!some.contains(&right.to_string()) && some.contains(&wrong.to_string()));
    let some = list("?person=ann&challenge=double");
    assert!(some.contains(&right.to_string()) && !some.contains(&wrong.to_string()));
    let one = open(&world, &ada, &format!("{path}/{wrong}"));
    assert!(one.text.contains("print(2)") && one.text.contains("wrong answer"));
    let again = fill(&world, &ada, &format!("{path}/{wrong}/rejudge"), "");
    assert_eq!(again.status, 303, "{again:?}");
    assert_eq!(world.judge(Verdict::Accepted), wrong);
    let one = open(&world, &ada, &format!("{path}/{wrong}"));
    assert!(one.text.contains("Verdicts so far"), "{one:?}");
    let elsewhere = open(
        &world,
        &ada,
        &format!("/courses/other/author/submissions/{wrong}"),
    );
    assert!([403, 404].contains(&elsewhere.status), "{elsewhere:?}");
}

#[test]
fn a_regrade_is_previewed_then_counts() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let path = "/courses/demo/author/regrades";
    let begun = fill(&world, &ada, path, "challenge=double");
    assert_eq!(begun.status, 303, "{begun:?}");
    let place = begun.headers["location"].to_str().unwrap().to_owned();
    assert!(open(&world, &ada, &place).text.contains("running"));
    assert_eq!(world.judge(Verdict::Accepted), id);
    let shown = open(&world, &ada, &place).text;
    assert!(shown.contains("ready to be looked at"), "{shown}");
    assert!(shown.contains("1 has another result."), "{shown}");
    let row = world.get(&ada, &format!("/submissions/{id}"));
    assert_eq!(row.ok()["verdict"], "wrong_answer", "a preview only");
    let applied = fill(&world, &ada, &format!("{place}/decide"), "decision=apply");
    assert_eq!(applied.status, 303, "{applied:?}");
    let row = world.get(&ada, &format!("/submissions/{id}"));
    assert_eq!(row.ok()["verdict"], "accepted");
    assert!(open(&world, &ada, path).text.contains("applied"));
}

#[test]
fn another_key_is_looked_at_then_counts() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let sitting = sit(&world, &ann);
    sitting.save("word", &word("break")).ok();
    sitting.act("submit").ok();
    publish(
        &world,
        SETTINGS,
        &QUESTIONS.replace("= {key}", "= break"),
        "",
    );
    let path = "/courses/demo/author/rescores";
    let begun = fill(&world, &ada, path, "quiz=loops");
    assert_eq!(begun.status, 303, "{begun:?}");
    let place = begun.headers["location"].to_str().unwrap().to_owned();
    let shown = open(&world, &ada, &place).text;
    for part in [
        "1 attempt looked at.",
        "1 has another result.",
        "ann",
        "does not count yet",
    ] {
        assert!(shown.contains(part), "{part} not in:\n{shown}");
    }
    assert!(!shown.contains(KEY), "{shown}");
    assert_eq!(sitting.get().ok()["grade"]["points"], 0.0, "a preview only");
    assert_eq!(open(&world, &ann, &place).status, 403);
    assert_eq!(
        fill(&world, &ann, &format!("{place}/apply"), "").status,
        403
    );
    let applied = fill(&world, &ada, &format!("{place}/apply"), "");
    assert_eq!(applied.status, 303, "{applied:?}");
    assert_eq!(sitting.get().ok()["grade"]["points"], 2.0);
    let list = open(&world, &ada, "/courses/demo/author/regrades").text;
    assert!(list.contains(&place) && list.contains("applied"), "{list}");
}

/// A page is no way around what the API asks for.
#[test]
fn taking_back_on_the_page_is_written_down_and_nobodys_but_an_authors_in_judging_again() {
    let world = World::start();
    let (ann, ada, olga) = (
        world.learner("ann"),
        world.author("ada"),
        world.operator("olga"),
    );
    let id = world.submit(&ann);
    let page = format!("/courses/demo/challenges/double/submissions/{id}");
    let cancel = format!("{page}/cancel");
    assert_eq!(fill(&world, &ada, &cancel, "").status, 303);
    let log = world.get(&olga, "/audit?course=demo&limit=1");
    let last = &log.ok()["items"][0];
    assert_eq!(last["action"], "submission.cancel");
    let rejudge = format!("/submissions/{id}/rejudge");
    world.post(&ada, &rejudge, &serde_json::json!({}));
    world.judge(Verdict::Accepted);
    world.post(&ada, &rejudge, &serde_json::json!({}));
    assert!(!open(&world, &ann, &page).text.contains(&cancel));
    assert_eq!(fill(&world, &ann, &cancel, "").status, 403);
    assert!(open(&world, &ada, &page).text.contains(&cancel));
}
