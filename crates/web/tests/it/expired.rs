//! Submissions whose documents have expired: verdict and points stay, and everything that shows
//! them goes on.

use carrel_model::Verdict;
use carrel_store::upkeep::{Retention, Upkeep as _};
use serde_json::json;

use crate::operator_pages::open;
use crate::school::Hand;
use crate::world::World;

const PAGE: &str = "/courses/demo/challenges/double";

fn expire(world: &World, hand: &Hand, retention: Retention) {
    hand.advance(400 * 24 * 3_600);
    let (expired, more) = world.wait(world.store.expire(retention)).unwrap();
    assert_eq!((expired.outputs + expired.sources, more), (1, false));
}

#[test]
fn a_submission_whose_outputs_expired_is_shown_with_verdict_and_points() {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    assert_eq!(world.judge(Verdict::WrongAnswer), id);
    expire(&world, &hand, Retention::default());
    let path = format!("/submissions/{id}");
    for who in [&ann, &ada] {
        let seen = world.get(who, &path);
        assert_eq!(seen.ok()["verdict"], "wrong_answer", "{seen:?}");
        assert_eq!(seen.body["points"], 1.0);
        assert!(
            seen.body
                .get("result")
                .is_none_or(|result| result.is_null())
        );
        let result = world.get(who, &format!("{path}/result"));
        result.is(404, "not_found");
        assert!(result.text.contains("has expired"), "{result:?}");
        let verdicts = world.get(who, &format!("{path}/verdicts"));
        assert_eq!(verdicts.ok()[0]["verdict"], "wrong_answer", "{verdicts:?}");
        assert_eq!(verdicts.body[0]["points"], 1.0);
        // The stream tells the verdict and ends, so that nobody connects for ever.
        let events = world.get(who, &format!("{path}/events"));
        assert!(events.text.contains("event: verdict"), "{events:?}");
    }
    for page in [
        PAGE.to_owned(),
        format!("{PAGE}/submissions/{id}"),
        format!("{PAGE}/submissions/{id}/stream"),
    ] {
        let shown = open(&world, &ann, &page);
        assert_eq!(shown.status, 200, "{page}: {shown:?}");
        assert!(shown.text.contains("Not right yet"), "{page}: {shown:?}");
        assert!(shown.text.contains("no longer kept"), "{page}: {shown:?}");
    }
    let page = format!("/courses/demo/author/submissions/{id}");
    let shown = open(&world, &ada, &page);
    assert!(shown.text.contains("print(2)"), "{shown:?}");
    let again = world.post(&ada, &format!("{path}/rejudge"), &json!({}));
    assert_eq!(again.status, 202, "it says that it is queued: {again:?}");
    assert_eq!(world.judge(Verdict::Accepted), id);
    let verdicts = world.get(&ann, &format!("{path}/verdicts"));
    let told = verdicts.ok().as_array().unwrap().iter();
    let told: Vec<_> = told.map(|row| row["verdict"].clone()).collect();
    assert_eq!(told, ["wrong_answer", "accepted"]);
    let result = world.get(&ada, &format!("{path}/result"));
    assert_eq!(result.ok()["verdict"], "accepted");
}

#[test]
fn a_submission_whose_files_expired_is_shown_to_its_author_without_them() {
    let hand = Hand::new();
    let world = World::start_at(hand.clock(), |_| {});
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let retention = Retention {
        sources_days: Some(30),
        outputs_days: None,
        ..Retention::default()
    };
    expire(&world, &hand, retention);
    let page = format!("/courses/demo/author/submissions/{id}");
    let shown = open(&world, &ada, &page);
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(shown.text.contains("wrong answer"), "{shown:?}");
    assert!(!shown.text.contains("print(2)"), "{shown:?}");
}
