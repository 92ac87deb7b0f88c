//! What learners did, as statements for a learning record store.

use carrel_model::Verdict;
use serde_json::{Value, json};

use crate::school::{Hand, QUESTIONS, SETTINGS, choice, publish, sit, start, word};
use crate::world::{Person, SECRET, World};

const PATH: &str = "/courses/demo/xapi";

/// A world that knows its address.
fn start_at_home() -> (World, Hand) {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |config| {
        config.public_url = Some("https://learn.example/".to_owned());
    });
    publish(&world, SETTINGS, QUESTIONS, "");
    (world, hand)
}

fn verb(statement: &Value) -> &str {
    statement["verb"]["display"]["en"].as_str().unwrap()
}

/// All statements of a list, read in pages of one record.
fn all(world: &World, who: &Person, query: &str) -> Vec<Value> {
    let mut statements = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.get(who, &format!("{PATH}?limit=1{query}{cursor}"));
        statements.extend(page.ok()["statements"].as_array().unwrap().clone());
        match page.body["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return statements,
        }
    }
}

#[test]
fn attempts_are_told_as_statements_of_xapi() {
    let (world, _) = start_at_home();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let sitting = sit(&world, &ann);
    sitting.save("last", &choice("o1")).ok();
    sitting.save("word", &word("stop")).ok();
    sitting.act("submit").ok();
    // A rehearsal counts nowhere.
    sit(&world, &ada).act("submit").ok();
    let path = "/courses/demo/xapi";
    world.get(&ann, path).is(403, "author_required");
    let told = world.get(&ada, path);
    let statements = told.ok()["statements"].as_array().unwrap().clone();
    let verbs: Vec<&str> = statements
        .iter()
        .map(|one| one["verb"]["display"]["en"].as_str().unwrap())
        .collect();
    assert_eq!(
        &verbs[..4],
        ["attempted", "answered", "answered", "completed"]
    );
    let home = "https://learn.example/courses/demo/quizzes/loops";
    assert_eq!(statements[0]["object"]["id"], home);
    assert_eq!(
        statements[0]["actor"]["account"]["name"],
        ann.id.to_string()
    );
    let of = |question: &str| {
        let id = format!("{home}/questions/{question}");
        let mut all = statements.iter();
        all.find(|one| one["object"]["id"] == id.as_str()).unwrap()
    };
    assert_eq!(of("last")["result"]["success"], true);
    assert_eq!(of("word")["result"]["response"], "stop");
    assert_eq!(of("word")["result"]["success"], false);
    assert_eq!(statements[0]["version"], "1.0.3");
    let newer = world.get(&ada, &format!("{path}?version=2.0.0&limit=1"));
    assert_eq!(newer.ok()["statements"].as_array().unwrap().len(), 0);
    let cursor = newer.body["next"].as_str().unwrap();
    let next = world.get(&ada, &format!("{path}?version=2.0.0&cursor={cursor}"));
    assert_eq!(next.ok()["statements"][0]["version"], "2.0.0");
    assert!(next.body["next"].is_null());
    // The same record has the same ids, so that a store keeps it once.
    assert_eq!(next.body["statements"][0]["id"], statements[0]["id"]);
}

#[test]
fn statements_need_an_address_to_name_activities_by() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ada = world.author("ada");
    let refused = world.get(&ada, "/courses/demo/xapi");
    refused.is(404, "not_found");
    assert!(
        refused.body["detail"]
            .as_str()
            .unwrap()
            .contains("public_url")
    );
}

#[test]
fn submissions_and_lessons_are_told_as_statements_of_xapi() {
    let (world, hand) = start_at_home();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    sit(&world, &ann).act("submit").ok();
    world.get(&ann, "/courses/demo/challenges/double").ok();
    hand.advance(90);
    // A worker that was silent for so long counts no more.
    world.beat(2);
    world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    hand.advance(5);
    world.submit(&ann);
    world.judge(Verdict::Accepted);
    world.submit(&ann);
    // Rehearsals count nowhere.
    world.submit(&ada);
    for who in [&ann, &ada] {
        let seen = world.post(who, "/courses/demo/lessons/intro/seen", &json!({}));
        assert_eq!(seen.status, 204, "{seen:?}");
    }

    let told = world.get(&ada, PATH);
    assert!(told.ok()["next"].is_null());
    assert!(!told.text.contains(SECRET), "{}", told.text);
    let statements = told.body["statements"].as_array().unwrap().clone();
    assert_eq!(all(&world, &ada, ""), statements, "in pages it is the same");
    let quizzes = all(&world, &ada, "&of=quizzes");
    let challenges = all(&world, &ada, "&of=challenges");
    let lessons = all(&world, &ada, "&of=lessons");
    let parts = [quizzes, challenges.clone(), lessons.clone()];
    assert_eq!(parts.concat(), statements);

    let verbs: Vec<&str> = challenges.iter().map(verb).collect();
    assert_eq!(
        verbs,
        ["attempted", "attempted", "passed", "attempted", "failed"],
        "the newest first"
    );
    let address = "https://learn.example/courses/demo/challenges/double";
    for one in &challenges {
        assert_eq!(one["object"]["id"], address);
        assert_eq!(one["actor"]["account"]["name"], ann.id.to_string());
    }
    let failed = &challenges[4]["result"];
    let verdict = "https://learn.example/xapi/extensions/verdict";
    assert_eq!(failed["extensions"][verdict], "wrong_answer");
    assert_eq!(failed["duration"], "PT90.00S");
    assert_eq!(failed["success"], false);
    assert!(failed["score"]["max"].is_number(), "{failed}");

    assert_eq!(lessons.len(), 1);
    assert_eq!(verb(&lessons[0]), "experienced");
    let name = &lessons[0]["object"]["definition"]["name"]["en"];
    assert_eq!(name, "Introduction");

    let query = format!("{PATH}?of=quizzes&cursor=lessons/");
    world.get(&ada, &query).is(400, "invalid_parameter");
    let query = format!("{PATH}?cursor=nowhere");
    world.get(&ada, &query).is(400, "invalid_parameter");
}

#[test]
fn projects_that_are_done_are_told_as_statements_of_xapi() {
    let (world, _) = start_at_home();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    crate::authorisation::publish_with_project(&world, ["", ""]);
    for who in [&ann, &ada, &ann] {
        let done = world.post(who, "/courses/demo/projects/page/done", &json!({}));
        assert_eq!(done.status, 204, "{done:?}");
    }
    let projects = all(&world, &ada, "&of=projects");
    assert_eq!(projects, all(&world, &ada, ""), "and nothing else was done");
    assert_eq!(projects.len(), 1, "a rehearsal counts nowhere");
    assert_eq!(verb(&projects[0]), "completed");
    assert_eq!(projects[0]["result"], json!({"completion": true}));
    let object = &projects[0]["object"];
    assert_eq!(
        object["id"],
        "https://learn.example/courses/demo/projects/page"
    );
    assert_eq!(object["definition"]["name"]["en"], "A page to make");
}
