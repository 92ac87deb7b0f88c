//! Attempts at quizzes over HTTP: answering, time, versions, what is shown when.

use carrel_model::id::AttemptId;
use carrel_store::attempt::{Attempts as _, NewAttempt, Started};
use serde_json::json;

use crate::school::{
    KEY, QUESTIONS, SECRETIVE, SETTINGS, START, choice, essay, publish, sit, start, word,
};

#[test]
fn an_attempt_is_started_answered_and_scored() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ann = world.learner("ann");
    let overview = world.get(&ann, "/courses/demo/quizzes/loops");
    assert_eq!(overview.ok()["points_max"], 6.0);
    assert_eq!(overview.body["attempts_max"], 3);
    let sitting = sit(&world, &ann);
    let again = world.post(&ann, START, &json!({}));
    assert_eq!((again.status, &again.body["id"]), (200, &json!(sitting.id)));
    let shown = sitting.get();
    assert_eq!(shown.ok()["remaining_ms"], 600_000);
    assert_eq!(shown.body["questions_total"], 3);
    let saved = sitting.save("last", &choice("o1"));
    assert_eq!(
        (&saved.ok()["sequence"], &saved.body["remaining_ms"]),
        (&json!(1), &json!(600_000))
    );
    sitting.save("word", &word("stop")).ok();
    let path = format!("{}/answers/word", sitting.path());
    let nothing = world.put_or_post("PUT", &ann, &path, &json!({}));
    nothing.is(422, "invalid");
    assert_eq!(nothing.fields(), ["answer"]);
    assert_eq!(sitting.question("word")["answer"], word("stop"));
    sitting.save("word", &json!(null)).ok();
    assert_eq!(sitting.question("word")["answer"], json!(null));
    sitting.save("word", &word("stop")).ok();
    let graded = sitting.act("submit");
    assert_eq!(graded.ok()["grade"]["points"], 2.0);
    assert_eq!(graded.body["submitted_by"], "learner");
    let result = &sitting.question("word")["result"];
    assert_eq!(
        (&result["state"], &result["points"]),
        (&json!("partially_correct"), &json!(1.0))
    );
    assert!(result["explanation"][0].as_str().unwrap().contains("stop"));
    assert_eq!(
        sitting.act("submit").ok()["grade"]["points"],
        2.0,
        "again changes nothing"
    );
    sitting.save("word", &word("break")).is(409, "attempt_over");
    let overview = world.get(&ann, "/courses/demo/quizzes/loops");
    assert_eq!(overview.ok()["points"], 2.0);
}

#[test]
fn two_tabs_lose_no_answer_unseen() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    sitting.save_as("word", &word("one"), 1).ok();
    // The other tab read that and writes its own.
    sitting.save_as("word", &word("two"), 2).ok();
    // The first one knows nothing of it: told, not overwritten.
    let late = sitting.save_as("word", &word("three"), 2);
    late.is(409, "answer_superseded");
    sitting
        .save_as("word", &word("one"), 1)
        .is(409, "answer_superseded");
    // A request repeated after a broken connection is the same request.
    let again = sitting.save_as("word", &word("two"), 2);
    assert_eq!(again.ok()["sequence"], 2);
    let question = sitting.question("word");
    assert_eq!(
        (&question["answer"], &question["sequence"]),
        (&word("two"), &json!(2))
    );
    // Another question has numbers of its own.
    sitting.save_as("last", &choice("o1"), 1).ok();
    sitting.save_as("word", &serde_json::Value::Null, 3).ok();
    assert!(sitting.question("word")["answer"].is_null());
}

#[test]
fn answers_sent_at_once_from_many_sides_are_all_kept() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    std::thread::scope(|scope| {
        for side in 0..6 {
            let sitting = &sitting;
            scope.spawn(move || {
                for number in 0..5 {
                    let text = format!("{side}-{number}");
                    match side % 3 {
                        0 => sitting.save("last", &choice("o1")).ok(),
                        1 => sitting.save("word", &word(&text)).ok(),
                        _ => sitting.save("essay", &essay(&text)).ok(),
                    };
                }
            });
        }
    });
    // Without numbers of the sender each save got the next one: none was dropped.
    for question in ["last", "word", "essay"] {
        assert_eq!(sitting.question(question)["sequence"], 10, "{question}");
    }
}

#[test]
fn what_does_not_fit_is_refused_by_field_and_changes_nothing() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, bob) = (world.learner("ann"), world.learner("bob"));
    let sitting = sit(&world, &ann);
    let wrong = sitting.save("last", &word("x"));
    wrong.is(422, "invalid");
    assert_eq!(wrong.fields(), ["answer"]);
    assert_eq!(sitting.save("last", &choice("o9")).fields(), ["answer"]);
    sitting.save("none", &word("x")).is(404, "not_found");
    sitting
        .try_answer("word", &word("x"))
        .is(409, "wrong_state");
    sitting.act("go-on").is(409, "wrong_state");
    let long = "x".repeat(300 << 10);
    sitting.save("essay", &essay(&long)).is(422, "invalid");
    let huge = "x".repeat(3 << 20);
    sitting.save("essay", &essay(&huge)).is(413, "too_large");
    assert!(sitting.question("last")["answer"].is_null());
    world.get(&bob, &sitting.path()).is(404, "not_found");
    let path = format!("{}/answers/last", sitting.path());
    let body = json!({"answer": choice("o1")});
    world
        .put_or_post("PUT", &bob, &path, &body)
        .is(404, "not_found");
}

#[test]
fn the_servers_clock_ends_an_attempt_with_all_that_was_saved() {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    sitting.save("last", &choice("o1")).ok();
    hand.advance(600 + 29);
    // On its way when the time was over: within the grace.
    let saved = sitting.save("word", &word(KEY));
    assert_eq!(saved.ok()["remaining_ms"], 0);
    hand.advance(1);
    sitting.save("word", &word("stop")).is(409, "attempt_over");
    let shown = sitting.get();
    assert_eq!(shown.ok()["submitted_by"], "deadline");
    assert_eq!(shown.body["grade"]["points"], 3.0);
    assert_eq!(shown.body["submitted_at"], shown.body["deadline_at"]);
    let next = sit(&world, &ann);
    assert_ne!(next.id, sitting.id);
}

#[test]
fn nobody_needs_to_look_for_an_attempt_to_end() {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    hand.advance(700);
    let id = sitting.id.parse().unwrap();
    loop {
        let row = world.wait(world.store.attempt(id)).unwrap();
        if let Some((at, by)) = row.ended {
            assert_eq!(by, carrel_store::attempt::EndedBy::Deadline);
            assert!(at < hand.now());
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

#[test]
fn more_time_holds_at_once_in_an_attempt_that_goes_on() {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let sitting = sit(&world, &ann);
    hand.advance(590);
    let path = format!("/courses/demo/accommodations/{}", ann.id);
    let given = json!({"time_factor": 2.0, "extra_seconds": 60, "extra_attempts": 1});
    world
        .put_or_post("PUT", &ann, &path, &given)
        .is(403, "author_required");
    let told = world.put_or_post("PUT", &ada, &path, &given);
    assert_eq!(told.ok()[0]["accommodation"]["time_factor"], 2.0);
    assert_eq!(sitting.get().ok()["remaining_ms"], 670_000);
    hand.advance(650);
    sitting.save("word", &word(KEY)).ok();
    // One of its own for this quiz goes before that for all.
    let own = format!("{path}?quiz=loops");
    world
        .put_or_post("PUT", &ada, &own, &json!({"untimed": true}))
        .ok();
    assert!(sitting.get().ok()["remaining_ms"].is_null());
    hand.advance(10_000);
    sitting.save("last", &choice("o1")).ok();
    world
        .put_or_post("PUT", &ada, &path, &json!({"time_factor": 0.5}))
        .is(422, "invalid");
    let bearer = ada.bearer();
    let taken = world.send("DELETE", &own, &[("authorization", &bearer)], b"");
    taken.ok();
    assert_eq!(sitting.get().ok()["submitted_by"], "deadline");
}

#[test]
fn a_learner_in_mid_attempt_stays_on_the_version() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    sitting.save("word", &word(KEY)).ok();
    let before = sitting.get().ok()["version"].clone();
    let other = "\n## New {#new}\n\nNew?\n\n= yes\n";
    let after = publish(&world, SETTINGS, other, "");
    assert_ne!(before, json!(after));
    let shown = sitting.get();
    assert_eq!(
        (&shown.ok()["version"], &shown.body["questions_total"]),
        (&before, &json!(3))
    );
    sitting.save("last", &choice("o1")).ok();
    sitting.save("new", &word("yes")).is(404, "not_found");
    assert_eq!(sitting.act("submit").ok()["grade"]["points"], 3.0);
    let next = sit(&world, &ann);
    assert_eq!(next.get().ok()["version"], json!(after));
    assert_eq!(next.get().body["number"], 2);
}

#[test]
fn keys_are_not_told_before_they_may() {
    let settings = format!("{SETTINGS}{SECRETIVE}");
    let (world, hand) = start(&settings, QUESTIONS);
    let closes = hand.now() + jiff::SignedDuration::from_hours(2);
    publish(&world, &settings, QUESTIONS, &format!("closes = {closes}"));
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    let safe = |answer: &crate::world::Answer| {
        assert!(!answer.text.contains(KEY), "{}", answer.text);
        assert!(answer.status < 500, "{answer:?}");
    };
    safe(&sitting.get());
    safe(&sitting.save("last", &choice("o2")));
    safe(&sitting.save("word", &word("stop")));
    safe(&sitting.save("word", &choice("o2")));
    safe(&world.get(&ann, "/courses/demo/quizzes/loops"));
    safe(&world.get(&ann, "/courses/demo"));
    safe(&world.get(&ann, "/courses/demo/progress"));
    let submitted = sitting.act("submit");
    safe(&submitted);
    assert!(
        submitted.ok()["grade"].is_null(),
        "points are not told either"
    );
    assert!(sitting.question("word")["result"]["state"].is_null());
    safe(&sitting.get());
    safe(&world.get(&ann, "/courses/demo/attempts"));
    let progress = world.get(&ann, "/courses/demo/progress");
    assert!(!progress.text.contains("\"points\":1"), "{}", progress.text);
    hand.advance(2 * 3_600);
    let open = sitting.get();
    assert_eq!(open.ok()["grade"]["points"], 1.0);
    assert_eq!(
        sitting.question("word")["result"]["right_answer"],
        word(KEY)
    );
    assert!(sitting.question("word")["result"]["feedback"].is_null());
}

#[test]
fn a_hint_is_told_when_it_is_taken_and_costs_once() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    assert!(!sitting.get().text.contains("Count to"));
    for _ in 0..2 {
        let hint = sitting.act("answers/last/hints/0");
        assert!(
            hint.ok()["text"]["source"]
                .as_str()
                .unwrap()
                .contains("Count to")
        );
    }
    sitting.act("answers/last/hints/1").is(404, "not_found");
    sitting.save("last", &choice("o1")).ok();
    assert_eq!(sitting.act("submit").ok()["grade"]["points"], 0.5);
}

#[test]
fn tries_are_scored_at_once_and_a_repeated_one_counts_once() {
    let settings = "tries = 2\npenalty = 0.5\n";
    let (world, _) = start(settings, QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    let path = format!("{}/answers/word/tries", sitting.path());
    let first = json!({"answer": word("wrong"), "sequence": 1});
    for _ in 0..2 {
        let tried = world.post(&ann, &path, &first);
        assert_eq!(tried.ok()["result"]["state"], "incorrect");
        assert_eq!(tried.body["tries"], 1);
        // Another try is left: nothing tells what is right.
        assert!(!tried.text.contains(KEY), "{}", tried.text);
    }
    let second = json!({"answer": word(KEY), "sequence": 2});
    let tried = world.post(&ann, &path, &second);
    assert_eq!(tried.ok()["result"]["points"], 1.0);
    sitting
        .try_answer("word", &word("x"))
        .is(409, "wrong_state");
    assert_eq!(sitting.act("submit").ok()["grade"]["points"], 1.0);
}

#[test]
fn one_after_another_shows_one_question_and_no_way_back() {
    let (world, _) = start("sequential = true\n", QUESTIONS);
    let ann = world.learner("ann");
    let sitting = sit(&world, &ann);
    let shown = |answer: &crate::world::Answer| {
        let questions = answer.ok()["questions"].as_array().unwrap().clone();
        let ids = questions
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(shown(&sitting.get()), ["last"]);
    sitting.save("word", &word(KEY)).is(409, "wrong_state");
    sitting.save("last", &choice("o1")).ok();
    let path = format!("{}/go-on", sitting.path());
    for _ in 0..2 {
        let next = world.post(&ann, &path, &json!({"from": 0}));
        assert_eq!(shown(&next), ["word"], "again changes nothing");
    }
    sitting.save("last", &choice("o2")).is(409, "wrong_state");
    assert_eq!(shown(&sitting.act("go-on")), ["essay"]);
    sitting.act("go-on").is(409, "wrong_state");
    assert_eq!(shown(&sitting.act("submit")).len(), 3, "all are reviewed");
}

#[test]
fn attempts_that_cannot_be_ended_keep_no_other_from_its_end() {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let (ann, bob) = (world.learner("ann"), world.learner("bob"));
    let ends_at = hand.now() + jiff::SignedDuration::from_secs(600);
    for number in 0..200 {
        // Of a version whose files are not there.
        let new = NewAttempt {
            id: AttemptId::new(),
            user: bob.id,
            course: "demo".to_owned(),
            course_version: "0".repeat(64),
            quiz: format!("lost-{number}"),
            number: 1,
            started_at: hand.now(),
            ends_at: Some(ends_at),
            paper: json!({}),
            state: json!({}),
        };
        let started = world.wait(world.store.start_attempt(new)).unwrap();
        assert!(matches!(started, Started::New(_)));
    }
    hand.advance(1);
    let sitting = sit(&world, &ann);
    let id = sitting.id.parse().unwrap();
    hand.advance(1_000);
    let ended = world.wait(async {
        tokio::time::timeout(std::time::Duration::from_secs(25), async {
            while world.store.attempt(id).await.unwrap().ended.is_none() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
        .await
    });
    ended.expect("it is ended by the look that could not end the others");
}
