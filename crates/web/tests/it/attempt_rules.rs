//! Who may attempt what when, grades of persons, rescoring, gradebook.

use serde_json::{Value, json};

use crate::school::{KEY, QUESTIONS, SETTINGS, START, choice, essay, publish, sit, start, word};
use crate::world::{Person, World};

#[test]
fn attempts_run_out_and_must_wait() {
    let (world, hand) = start("attempts = 2\nwait_seconds = 60\n", QUESTIONS);
    let ann = world.learner("ann");
    sit(&world, &ann).act("submit").ok();
    let early = world.post(&ann, START, &json!({}));
    early.is(409, "attempt_too_soon");
    assert_eq!(early.body["retry_after_ms"], 60_000);
    hand.advance(60);
    sit(&world, &ann).act("submit").ok();
    hand.advance(60);
    world
        .post(&ann, START, &json!({}))
        .is(409, "no_attempts_left");
    let ada = world.author("ada");
    let path = format!("/courses/demo/accommodations/{}", ann.id);
    let more = json!({"extra_attempts": 1});
    world.put_or_post("PUT", &ada, &path, &more).ok();
    sit(&world, &ann);
}

#[test]
fn what_comes_first_is_passed_first_and_times_hold() {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let (opens, closes) = (hand.now(), hand.now());
    let opens = opens + jiff::SignedDuration::from_secs(100);
    let closes = closes + jiff::SignedDuration::from_secs(1_000);
    let rules = format!("requires = ['intro']\nopens = {opens}\ncloses = {closes}");
    publish(&world, SETTINGS, QUESTIONS, &rules);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let standing = |who: &Person| {
        let progress = world.get(who, "/courses/demo/progress");
        progress.ok()["units"][1]["activities"][0]["standing"].clone()
    };
    assert_eq!(standing(&ann), "not_yet");
    let early = world.post(&ann, START, &json!({}));
    early.is(409, "not_open");
    assert_eq!(early.body["retry_after_ms"], 100_000);
    hand.advance(100);
    assert_eq!(standing(&ann), "locked");
    let locked = world.post(&ann, START, &json!({}));
    locked.is(409, "locked");
    assert!(locked.text.contains("Introduction"), "{locked:?}");
    let lesson = world.get(&ann, "/courses/demo/lessons/intro");
    assert_eq!(lesson.ok()["markdown"], "# Hello\n");
    world
        .post(&ann, "/courses/demo/lessons/intro/seen", &json!({}))
        .ok();
    assert_eq!(standing(&ann), "open");
    let sitting = sit(&world, &ann);
    assert_eq!(sitting.get().ok()["remaining_ms"], 600_000);
    hand.advance(890);
    let late = world.learner("late");
    world
        .post(&late, "/courses/demo/lessons/intro/seen", &json!({}))
        .ok();
    let short = sit(&world, &late);
    assert_eq!(
        short.get().ok()["remaining_ms"],
        10_000,
        "closing comes first"
    );
    hand.advance(10);
    world.post(&ann, START, &json!({})).is(409, "not_open");
    // Authors try a quiz whenever they like; it counts nowhere.
    let tried = sit(&world, &ada);
    assert_eq!(tried.get().ok()["rehearsal"], true);
    tried.act("submit").ok();
    // Who has a later end may still start.
    let bob = world.learner("bob");
    world
        .post(&bob, "/courses/demo/lessons/intro/seen", &json!({}))
        .ok();
    let path = format!("/courses/demo/accommodations/{}", bob.id);
    let given = json!({"late_seconds": 500});
    world.put_or_post("PUT", &ada, &path, &given).ok();
    let sitting = sit(&world, &bob);
    assert_eq!(sitting.get().ok()["remaining_ms"], 500_000);
}

#[test]
fn what_is_hidden_until_it_opens_comes_to_light_then() {
    let (world, hand) = start(SETTINGS, QUESTIONS);
    let opens = hand.now() + jiff::SignedDuration::from_secs(100);
    let rules = format!("requires = ['one']\nopens = {opens}\nhidden_until_open = true");
    publish(&world, SETTINGS, QUESTIONS, &rules);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let units = |who: &Person| {
        let course = world.get(who, "/courses/demo");
        let units = course.ok()["units"].as_array().unwrap().clone();
        let total = world.get(who, "/courses/demo/progress").body["activities_total"].clone();
        (units.len(), total)
    };
    assert_eq!(units(&ann), (1, json!(2)));
    assert_eq!(units(&ada), (2, json!(2)), "marked, and not counted");
    let quiz = "/courses/demo/quizzes/loops";
    world.get(&ann, quiz).is(404, "not_found");
    world.post(&ann, START, &json!({})).is(404, "not_found");
    let lesson = world.get(&ann, "//courses/demo/lessons/intro");
    assert!(!lesson.text.contains("loops"), "{}", lesson.text);
    let columns = |count: usize| {
        let book = world.get(&ada, "/courses/demo/gradebook");
        assert_eq!(book.ok()["columns"].as_array().unwrap().len(), count);
    };
    columns(1);
    hand.advance(100);
    assert_eq!(units(&ann), (2, json!(3)));
    assert_eq!(world.get(&ann, quiz).ok()["standing"], "locked");
    columns(2);
}

#[test]
fn what_is_hidden_for_good_need_not_be_passed() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let root = crate::world::write_course(world.directory.path(), "demo", "");
    let course = "id = 'demo'\ntitle = 'Demo'\n\
        [[units]]\nid = 'one'\ntitle = 'One'\n\
        activities = ['intro.md', { path = 'double', hidden = true }]\n\
        [[units]]\nid = 'two'\ntitle = 'Two'\nrequires = ['one']\n\
        activities = ['loops.quiz.md']\n";
    std::fs::write(root.join("course.toml"), course).unwrap();
    let published = carrel_web::publish::publish_directory(&world.app, &root);
    world.wait(published).unwrap();
    let ann = world.learner("ann");
    world.post(&ann, START, &json!({})).is(409, "locked");
    world
        .post(&ann, "/courses/demo/lessons/intro/seen", &json!({}))
        .ok();
    let sitting = sit(&world, &ann);
    // A version that hides it takes it away; the one after brings back what was answered.
    sitting.save("word", &word(KEY)).ok();
    publish(&world, SETTINGS, QUESTIONS, "hidden = true");
    sitting.get().is(404, "not_found");
    sitting.save("word", &word("x")).is(404, "not_found");
    publish(&world, SETTINGS, QUESTIONS, "");
    assert_eq!(sitting.question("word")["answer"]["text"], KEY);
}

#[test]
fn a_challenge_waits_for_what_comes_first_too() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let root = crate::world::write_course(world.directory.path(), "demo", "");
    let course = "id = 'demo'\ntitle = 'Demo'\n\
        [[units]]\nid = 'one'\ntitle = 'One'\nactivities = ['intro.md']\n\
        [[units]]\nid = 'two'\ntitle = 'Two'\nrequires = ['one']\nactivities = ['double']\n";
    std::fs::write(root.join("course.toml"), course).unwrap();
    std::fs::remove_file(root.join("loops.quiz.md")).unwrap();
    let published = carrel_web::publish::publish_directory(&world.app, &root);
    world.wait(published).unwrap();
    let ann = world.learner("ann");
    let path = "/courses/demo/challenges/double";
    world.get(&ann, path).is(409, "locked");
    let page = world.get(&ann, &format!("/{path}"));
    assert_eq!(page.status, 409, "{page:?}");
    assert!(!page.text.contains("Print twice"), "{page:?}");
    let files = json!({"files": {"double.py": "print(2)"}});
    let submit = format!("{path}/submissions");
    world.post(&ann, &submit, &files).is(409, "locked");
    world
        .post(&ann, "/courses/demo/lessons/intro/seen", &json!({}))
        .ok();
    world.get(&ann, path).ok();
    assert_eq!(world.post(&ann, &submit, &files).status, 202);
    world.get(&world.author("ada"), path).ok();
}

#[test]
fn a_person_grades_what_no_key_can() {
    let (world, _) = start(&format!("{SETTINGS}pass = 0.9\n"), QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let sitting = sit(&world, &ann);
    sitting.save("last", &choice("o1")).ok();
    sitting.save("word", &word(KEY)).ok();
    sitting.save("essay", &essay("They repeat.")).ok();
    let marks = format!("{}/marks", sitting.path());
    let mark = |points: f64| json!({"marks": [{"question": "essay", "points": points, "comment": "Well put."}]});
    world.post(&ada, &marks, &mark(3.0)).is(409, "wrong_state");
    let submitted = sitting.act("submit");
    assert_eq!(submitted.ok()["grade"]["needs_grading"], true);
    assert!(submitted.body["grade"]["passed"].is_null());
    let list = world.get(
        &ada,
        "/courses/demo/attempts?everybody=true&needs_grading=true",
    );
    assert_eq!(list.ok()["items"][0]["id"], json!(sitting.id));
    let seen = world.get(&ada, &sitting.path());
    assert!(seen.text.contains("They repeat."), "{}", seen.text);
    world
        .post(&ann, &marks, &mark(3.0))
        .is(403, "author_required");
    let much = world.post(&ada, &marks, &mark(3.5));
    assert_eq!(much.fields(), ["marks[0].points"]);
    world.post(&ada, &marks, &mark(1.0)).ok();
    let graded = world.post(&ada, &marks, &mark(3.0));
    assert_eq!(graded.ok()["grade"]["points"], 6.0);
    let shown = sitting.get();
    assert_eq!(shown.ok()["grade"]["passed"], true);
    let question = sitting.question("essay");
    assert_eq!(question["result"]["comment"], "Well put.");
    assert!(
        question["result"]["marks"].is_null(),
        "the history is for authors"
    );
    let of_author = world.get(&ada, &sitting.path());
    let history = &of_author.ok()["questions"][2]["result"]["marks"];
    assert_eq!(history.as_array().unwrap().len(), 2);
}

/// The quiz with another word.
fn changed_key() -> String {
    QUESTIONS.replace("= {key}", "= break")
}

fn rescore(world: &World, who: &Person, body: &Value) -> crate::world::Answer {
    world.post(who, "/courses/demo/quizzes/loops/rescores", body)
}

#[test]
fn a_changed_key_is_previewed_applied_and_never_lowers() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, bob, ada) = (
        world.learner("ann"),
        world.learner("bob"),
        world.author("ada"),
    );
    let of_ann = sit(&world, &ann);
    of_ann.save("word", &word("break")).ok();
    of_ann.act("submit").ok();
    let of_bob = sit(&world, &bob);
    of_bob.save("word", &word(KEY)).ok();
    of_bob.act("submit").ok();
    let cid = world.learner("cid");
    let going_on = sit(&world, &cid);
    going_on.save("word", &word("break")).ok();
    publish(&world, SETTINGS, &changed_key(), "");
    rescore(&world, &ann, &json!({})).is(403, "author_required");
    let preview = rescore(
        &world,
        &ada,
        &json!({"preview": true, "never_lower": false}),
    );
    assert_eq!((preview.status, &preview.body["changed"]), (201, &json!(2)));
    let place = format!("/rescores/{}", preview.body["id"].as_str().unwrap());
    let changes = world.get(&ada, &format!("{place}/changes"));
    let points: Vec<(f64, f64)> = changes.ok()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let after = one["after"]["points"].as_f64().unwrap();
            (one["points_before"].as_f64().unwrap(), after)
        })
        .collect();
    assert_eq!(points, [(2.0, 0.0), (0.0, 2.0)], "newest first");
    assert_eq!(
        of_ann.get().ok()["grade"]["points"],
        0.0,
        "a preview changes nothing"
    );
    let kind = rescore(&world, &ada, &json!({}));
    assert_eq!(
        (&kind.ok()["changed"], &kind.body["state"]),
        (&json!(1), &json!("applied"))
    );
    assert_eq!(of_ann.get().ok()["grade"]["points"], 2.0);
    assert_eq!(of_bob.get().ok()["grade"]["points"], 2.0, "nobody loses");
    // The preview was computed from what is no longer so for one of them.
    let applied = world.post(&ada, &format!("{place}/apply"), &json!({}));
    assert_eq!(
        (&applied.ok()["state"], &applied.body["skipped"]),
        (&json!("applied"), &json!(1))
    );
    assert_eq!(of_bob.get().ok()["grade"]["points"], 0.0);
    // Who was in the middle is scored by the changed key at the end.
    assert_eq!(going_on.act("submit").ok()["grade"]["points"], 2.0);
    let list = world.get(&ada, "/courses/demo/rescores");
    assert_eq!(list.ok()["items"].as_array().unwrap().len(), 2);
    world.get(&ann, &place).is(403, "author_required");
    let unknown = rescore(&world, &ada, &json!({"questions": ["none"]}));
    assert_eq!(unknown.fields(), ["questions[0]"]);
}

#[test]
fn what_a_person_graded_no_key_changes() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let sitting = sit(&world, &ann);
    sitting.save("word", &word("loop")).ok();
    sitting.act("submit").ok();
    let marks = format!("{}/marks", sitting.path());
    let mark = json!({"marks": [{"question": "word", "points": 1.5}]});
    world.post(&ada, &marks, &mark).ok();
    publish(
        &world,
        SETTINGS,
        &QUESTIONS.replace("= {key}", "= loop"),
        "",
    );
    assert_eq!(rescore(&world, &ada, &json!({})).ok()["changed"], 0);
    assert_eq!(sitting.get().ok()["grade"]["points"], 1.5);
}

#[test]
fn the_gradebook_has_everybody_as_json_and_as_a_table() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    world.learner("=cmd");
    let sitting = sit(&world, &ann);
    sitting.save("last", &choice("o1")).ok();
    sitting.save("word", &word(KEY)).ok();
    sitting.act("submit").ok();
    world.submit(&ann);
    world.judge(carrel_model::Verdict::WrongAnswer);
    let path = "/courses/demo/gradebook";
    world.get(&ann, path).is(403, "author_required");
    let book = world.get(&ada, path);
    assert_eq!(book.ok()["rows"].as_array().unwrap().len(), 2);
    let row = &book.body["rows"][1];
    assert_eq!(
        (&row["name"], &row["grades"]["loops"]["points"]),
        (&json!("ann"), &json!(3.0))
    );
    assert_eq!(row["grades"]["double"]["points"], 1.0);
    assert_eq!(row["total"], 0.5);
    let untouched = &book.body["rows"][0]["total"];
    assert_eq!(untouched.to_string(), "0.0", "nothing is 0, not -0.0");
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str()), ("accept", "text/csv")];
    let table = world.send("GET", path, &headers, b"");
    let lines: Vec<&str> = table.text.lines().collect();
    assert_eq!(
        lines[0],
        "user,name,display_name,double (points),double (max),double (percent),double (state),\
         double (at),double (late),loops (points),loops (max),loops (percent),loops (state),\
         loops (at),loops (late),total (percent)"
    );
    assert!(lines[1].contains(",'=cmd,"), "{}", lines[1]);
    assert!(
        lines[2].contains(",ann,ann,1,2,50,in_progress,,no,3,6,50,")
            && lines[2].ends_with(",no,50"),
        "{}",
        lines[2]
    );
}

#[test]
fn accommodations_go_along_to_the_next_course() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let (ann, ada, olga) = (
        world.learner("ann"),
        world.author("ada"),
        world.operator("olga"),
    );
    let path = format!("/courses/demo/accommodations/{}", ann.id);
    world
        .put_or_post("PUT", &ada, &path, &json!({"time_factor": 1.5}))
        .ok();
    let other = crate::world::write_course(world.directory.path(), "other", "");
    world
        .wait(carrel_web::publish::publish_directory(&world.app, &other))
        .unwrap();
    let copy = "/courses/other/accommodations/copy";
    world
        .post(&ada, copy, &json!({"from": "demo"}))
        .is(404, "not_found");
    let none = world.post(&olga, copy, &json!({"from": "demo"}));
    assert_eq!(none.ok()["copied"], 0, "she is no member there");
    let member = format!("/courses/other/members/{}", ann.id);
    world
        .put_or_post("PUT", &olga, &member, &json!({"role": "learner"}))
        .ok();
    let copied = world.post(&olga, copy, &json!({"from": "demo"}));
    assert_eq!(copied.ok()["copied"], 1);
    let list = world.get(&olga, "/courses/other/accommodations");
    assert_eq!(list.ok()[0]["accommodation"]["time_factor"], 1.5);
}

#[test]
fn what_publishing_would_change_is_told_before_and_nothing_is_published() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ada = world.author("ada");
    let before = world.get(&ada, "/courses/demo").ok()["version"].clone();
    let root = world.directory.path().join("authors-demo");
    let quiz = root.join("loops.quiz.md");
    let text = std::fs::read_to_string(&quiz).unwrap();
    std::fs::write(&quiz, text.replace(&format!("= {KEY}"), "= break")).unwrap();
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str())];
    let path = "/courses/demo/versions?preview=true";
    let told = world.send("POST", path, &headers, &crate::world::tar(&root));
    let subject = &told.ok()["difference"]["subjects"][0];
    assert_eq!(
        (&subject["kind"], &subject["id"]),
        (&json!("quiz"), &json!("loops"))
    );
    assert_eq!(subject["changes"][0]["key"], true, "{subject}");
    assert_eq!(world.get(&ada, "/courses/demo").ok()["version"], before);
    let versions = world.get(&ada, "/courses/demo/versions");
    assert_eq!(versions.ok()["items"].as_array().unwrap().len(), 2);
    let left = std::fs::read_dir(world.directory.path().join("courses")).unwrap();
    assert_eq!(left.count(), 2, "nothing of the preview is left");
}

#[test]
fn figures_are_told_of_quizzes() {
    let (world, _) = start(SETTINGS, QUESTIONS);
    let ada = world.author("ada");
    for (name, option, text) in [
        ("ann", "o1", KEY),
        ("bob", "o2", "stop"),
        ("cid", "o1", "x"),
    ] {
        let who = world.learner(name);
        let sitting = sit(&world, &who);
        sitting.save("last", &choice(option)).ok();
        sitting.save("word", &word(text)).ok();
        sitting.act("submit").ok();
    }
    // An author's rehearsal counts nowhere.
    sit(&world, &ada).act("submit").ok();
    let path = "/courses/demo/quizzes/loops/statistics";
    let figures = world.get(&ada, path);
    assert_eq!(figures.ok()["counts"][0]["attempts"], 3);
    let mean = figures.body["mean"].as_f64().unwrap();
    assert!((mean - 5.0 / 3.0).abs() < 1e-9, "{mean}");
    assert_eq!(figures.body["positions"][1]["name"], "word");
    let bearer = ada.bearer();
    let headers = [("authorization", bearer.as_str()), ("accept", "text/csv")];
    let table = world.send("GET", path, &headers, b"");
    for part in [
        "about,name,selection,part,answer,text,right,attempts,",
        // Points 3, 1 (half of two) and 1.
        "\r\nquiz,loops,highest,,,,,3,,,6,1.666",
        "\r\nposition,word,highest,,,,,3,,,2,",
        "\r\nanswer,last,highest,,a,4,yes,2,0.66",
        "\r\nanswer,word,highest,,stop,,,1,0.33",
    ] {
        assert!(table.text.contains(part), "{part} not in:\n{}", table.text);
    }
    let options = &figures.body["positions"][0]["answers"][0]["answers"];
    assert_eq!(options[1]["text"], "5");
    assert_eq!(
        (&options[0]["right"], &options[1]["right"]),
        (&json!(true), &json!(false))
    );
}
