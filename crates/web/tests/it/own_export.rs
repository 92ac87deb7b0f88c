//! What a person's own export tells, and what an operator's.

use carrel_store::account::{Accounts as _, SessionRow};
use carrel_web::session::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::school::{QUESTIONS, SECRETIVE, SETTINGS, essay, publish, sit, start, word};
use crate::world::{Person, World};

/// The export of oneself, signed in.
fn own(world: &World, who: &Person) -> Value {
    let secret = Secret::generate().unwrap();
    let now = Timestamp::now();
    let session = SessionRow {
        secret_hash: secret.hash(),
        user: who.id,
        created_at: now,
        expires_at: now + SignedDuration::from_hours(24),
        seen_at: now,
    };
    assert!(world.wait(world.store.add_session(session, None)).unwrap());
    let cookie = format!("__Host-carrel={}", secret.reveal());
    let headers = [("cookie", cookie.as_str())];
    export(world, "me", &headers)
}

fn export(world: &World, whom: &str, headers: &[(&str, &str)]) -> Value {
    let path = format!("/users/{whom}/export");
    loop {
        let answer = world.send("GET", &path, headers, b"");
        // The place of the one before becomes free a moment after its end.
        if answer.status != 429 {
            return answer.ok()["attempts"][0].clone();
        }
    }
}

#[test]
fn an_own_export_tells_of_attempts_what_their_review_shows() {
    let settings = format!("{SETTINGS}{SECRETIVE}").replace(
        "after_close = ['points', 'right_answer']",
        "after_close = ['points', 'feedback']",
    );
    let (world, hand) = start(&settings, QUESTIONS);
    let closes = hand.now() + SignedDuration::from_hours(2);
    let rules = format!("closes = {closes}");
    publish(&world, &settings, QUESTIONS, &rules);
    let (ann, ada, root) = (
        world.learner("ann"),
        world.author("ada"),
        world.operator("root"),
    );
    let sitting = sit(&world, &ann);
    sitting.save("word", &word("stop")).ok();
    sitting.save("essay", &essay("they repeat")).ok();
    assert_eq!(own(&world, &ann)["points"], Value::Null);
    sitting.act("submit").ok();
    for points in [1.0, 3.0] {
        let mark = json!({"marks": [
            {"question": "essay", "points": points, "comment": format!("worth {points}")},
        ]});
        let path = format!("{}/marks", sitting.path());
        world.post(&ada, &path, &mark).ok();
    }
    let early = own(&world, &ann);
    for field in ["points", "points_max", "passed"] {
        assert_eq!(early[field], Value::Null, "{field}: {early}");
    }
    assert_eq!(early["marks"], json!([]));
    let answers = early["responses"].to_string();
    assert!(answers.contains("they repeat"), "{answers}");
    // Who runs the service is told all of it, at any time.
    let bearer = root.bearer();
    let whole = export(&world, "ann", &[("authorization", &bearer)]);
    assert_eq!(
        (&whole["points"], &whole["points_max"]),
        (&json!(4.0), &json!(6.0))
    );
    assert_eq!(whole["marks"].as_array().unwrap().len(), 2);
    hand.advance(2 * 3_600);
    let open = own(&world, &ann);
    assert_eq!(
        (&open["points"], &open["points_max"]),
        (&json!(4.0), &json!(6.0))
    );
    let marks = open["marks"].as_array().unwrap();
    assert_eq!(marks.len(), 1, "the one that is shown");
    assert_eq!(marks[0]["comment"], "worth 3");
    // What is hidden shows nothing of itself.
    publish(&world, &settings, QUESTIONS, "hidden = true");
    let hidden = own(&world, &ann);
    assert_eq!(
        (&hidden["points"], &hidden["marks"]),
        (&Value::Null, &json!([]))
    );
}
