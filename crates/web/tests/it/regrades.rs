//! Regrades over HTTP.

use carrel_model::Verdict;
use serde_json::json;

use crate::world::World;

const PATH: &str = "/courses/demo/challenges/double/regrades";

#[test]
fn a_preview_tells_what_would_change_and_counts_when_applied() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    let id = world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    world
        .post(&ann, PATH, &json!({}))
        .is(403, "author_required");
    let begun = world.post(&ada, PATH, &json!({"preview": true}));
    assert_eq!(begun.status, 202, "{begun:?}");
    assert_eq!(begun.body["never_lower"], true);
    let place = begun.headers["location"].to_str().unwrap();
    let place = place.strip_prefix("/api/v1").unwrap().to_owned();
    assert_eq!(world.judge(Verdict::Accepted), id);
    assert_eq!(world.get(&ada, &place).ok()["state"], "finished");
    let changes = world.get(&ada, &format!("{place}/changes"));
    assert_eq!(changes.ok()["items"][0]["verdict_after"], "accepted");
    let path = format!("/submissions/{id}");
    assert_eq!(world.get(&ann, &path).ok()["verdict"], "wrong_answer");
    let told = |who: &crate::world::Person| {
        let list = world.get(who, &format!("{path}/verdicts"));
        let listed = world.get(who, "/submissions?course=demo&everybody=false");
        let one = world.get(who, &path).ok()["verdicts"].clone();
        if let Some(of_list) = listed.ok()["items"].get(0) {
            assert_eq!(of_list["verdicts"], one);
        }
        (list.ok().as_array().unwrap().len(), one)
    };
    assert_eq!(told(&ann), (1, json!(1)), "nobody applied it");
    assert_eq!(told(&ada), (2, json!(2)));
    world.post(&ada, &format!("{place}/apply"), &json!({})).ok();
    assert_eq!(told(&ann), (2, json!(2)));
    assert_eq!(world.get(&ann, &path).ok()["verdict"], "accepted");
    let again = world.post(&ada, &format!("{place}/apply"), &json!({}));
    assert_eq!(again.ok()["state"], "applied", "once is enough");
    world.get(&ann, &place).is(403, "author_required");
    world
        .get(&world.person("eve", None), &place)
        .is(404, "not_found");
    let list = world.get(&ada, "/courses/demo/regrades");
    assert_eq!(list.ok()["items"][0]["state"], "applied");
}

#[test]
fn a_regrade_can_be_stopped() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let begun = world.post(&ada, PATH, &json!({}));
    let place = begun.headers["location"].to_str().unwrap();
    let place = place.strip_prefix("/api/v1").unwrap();
    let stopped = world.post(&ada, &format!("{place}/cancel"), &json!({}));
    assert_eq!(stopped.ok()["state"], "cancelled");
    let apply = format!("{place}/apply");
    world.post(&ada, &apply, &json!({})).is(409, "wrong_state");
}

#[test]
fn what_no_worker_can_judge_is_not_begun() {
    let world = World::start();
    let (ann, ada) = (world.learner("ann"), world.author("ada"));
    world.submit(&ann);
    world.judge(Verdict::WrongAnswer);
    let mut report = world.report(2);
    report.environments = vec![("go".to_owned(), None)];
    world.beat_as(report);
    let refused = world.post(&ada, PATH, &json!({}));
    refused.is(503, "no_environment");
    assert!(refused.text.contains("`python`"), "{refused:?}");
    assert!(refused.headers.contains_key("retry-after"));
    let list = world.get(&ada, "/courses/demo/regrades");
    assert_eq!(list.ok()["items"], json!([]));
    world.beat(2);
    assert_eq!(world.post(&ada, PATH, &json!({})).status, 202);
}
