//! What submissions are expected to cost.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::id::UserId;
use carrel_store::queue::Applied;

use super::{Engine, judged};

/// What the next submission of this person is expected to cost.
async fn expected(engine: &Engine, user: UserId) -> Option<f64> {
    let expected = engine.store.expected_cost(user, "sample", Some("two-fer"));
    expected.await.unwrap().map(|expected| expected.cost_ms)
}

/// One submission of this person, which is charged so much.
async fn judge(engine: &Engine, user: UserId, cost_ms: f64) {
    let id = engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    let outcome = judged(Verdict::Accepted, 1.0);
    let applied = engine.store.finish(id, lease.token, outcome, cost_ms);
    assert_eq!(applied.await.unwrap(), Applied::Applied);
}

pub(crate) async fn the_expected_cost_is_learnt(engine: &Engine) {
    let stranger = engine.user("eve").await;
    assert_eq!(expected(engine, stranger).await, None);
    for (name, real, mean) in [("ann", 100.0, 100.0), ("bob", 300.0, 200.0)] {
        judge(engine, engine.user(name).await, real).await;
        let now = expected(engine, stranger).await.unwrap();
        assert!((now - mean).abs() < 1e-9, "{now}");
    }
    for number in 0..60 {
        let user = engine.user(&format!("learner-{number}")).await;
        judge(engine, user, 1_000.0).await;
    }
    let now = expected(engine, stranger).await.unwrap();
    assert!(now > 900.0 && now < 1_000.0, "follows a change: {now}");
}

/// One program that runs until a limit ends it is not what the next will cost.
pub(crate) async fn one_that_uses_up_a_limit_says_little_of_the_others(engine: &Engine) {
    for number in 0..4 {
        let user = engine.user(&format!("learner-{number}")).await;
        judge(engine, user, 50.0).await;
    }
    judge(engine, engine.user("endless").await, 10_000.0).await;
    let stranger = engine.user("eve").await;
    let now = expected(engine, stranger).await.unwrap();
    assert!(now > 50.0 && now <= 80.0, "{now}");
}

pub(crate) async fn what_one_sends_by_the_dozen_is_expected_of_that_one(engine: &Engine) {
    let (ann, flood) = (engine.user("ann").await, engine.user("flood").await);
    judge(engine, ann, 20.0).await;
    judge(engine, flood, 1_000.0).await;
    assert_eq!(expected(engine, ann).await, Some(510.0));
    assert_eq!(expected(engine, flood).await, Some(510.0));
    for _ in 0..30 {
        judge(engine, flood, 1_000.0).await;
    }
    assert_eq!(expected(engine, flood).await, Some(1_000.0));
    let of_ann = expected(engine, ann).await;
    assert_eq!(of_ann, Some(510.0), "the others counted him once");
    judge(engine, ann, 40.0).await;
    let of_ann = expected(engine, ann).await;
    assert_eq!(of_ann, Some(30.0), "two say what she sends");
    engine.clock.advance(Duration::from_secs(601));
    let of_flood = expected(engine, flood).await;
    assert_eq!(of_flood, Some(510.0), "that was long ago");
    judge(engine, flood, 10.0).await;
    let now = expected(engine, ann).await.unwrap();
    assert!(now < 510.0, "{now}");
}
