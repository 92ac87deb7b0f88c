//! Jobs that a node lacks something for.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState;
use carrel_model::id::{NodeId, SubmissionId};
use carrel_store::queue::{Applied, Lease};

use super::{Engine, LEASE_MS};

const REASON: &str = "environment `go` is not built";

async fn claim_as(engine: &Engine, node: NodeId, max: u32) -> Vec<Lease> {
    engine.store.claim(node, max, LEASE_MS).await.unwrap()
}

async fn pass_over(engine: &Engine, lease: &Lease) {
    let (id, token) = (lease.submission, lease.token);
    let passed = engine.store.pass_over(id, token, REASON).await.unwrap();
    assert_eq!(passed, Applied::Applied);
}

fn ids(leases: &[Lease]) -> Vec<SubmissionId> {
    leases.iter().map(|lease| lease.submission).collect()
}

pub(crate) async fn what_one_node_lacks_another_takes_first(engine: &Engine) {
    let user = engine.user("ada").await;
    let wanting = engine.submit(user, "sample").await;
    let next = engine.submit(user, "sample").await;
    let other = NodeId::new();
    let lease = engine.claim_one().await;
    assert_eq!(lease.submission, wanting);
    pass_over(engine, &lease).await;
    let row = engine.store.submission(wanting).await.unwrap();
    assert_eq!(row.state, SubmissionState::Queued);
    assert_eq!(ids(&claim_as(engine, other, 2).await), [wanting, next]);
    let late = engine.store.pass_over(wanting, lease.token, REASON).await;
    assert_eq!(late.unwrap(), Applied::Stale, "it is the other's now");
}

pub(crate) async fn what_no_node_has_waits_and_is_no_attempt(engine: &Engine) {
    let user = engine.user("ada").await;
    let wanting = engine.submit(user, "sample").await;
    let other = NodeId::new();
    for node in [engine.node, other] {
        let leases = claim_as(engine, node, 9).await;
        assert_eq!((ids(&leases), leases[0].attempt), (vec![wanting], 1));
        pass_over(engine, &leases[0]).await;
        assert!(claim_as(engine, node, 9).await.is_empty());
    }
    let depth = engine.store.depth().await.unwrap();
    assert_eq!((depth.passed_over, depth.queued[0]), (1, 0));
    assert_eq!((depth.parked, depth.oldest_ms), (0, 0));
    // It stands in nobody's way.
    let job = super::new_job("sample", &user.to_string());
    let backlog = engine.store.backlog(&job).await.unwrap();
    assert_eq!((backlog.queued, backlog.before.waited_ms), (0, 0));
    let next = engine.submit(user, "sample").await;
    assert_eq!(ids(&engine.claim(9).await), [next]);
}

pub(crate) async fn what_was_passed_over_is_offered_again(engine: &Engine) {
    let user = engine.user("ada").await;
    let first = engine.submit(user, "sample").await;
    let second = engine.submit(user, "sample").await;
    for lease in engine.claim(2).await {
        pass_over(engine, &lease).await;
    }
    assert_eq!(engine.store.offer_again(engine.node).await.unwrap(), 2);
    let leases = engine.claim(9).await;
    assert_eq!(ids(&leases), [first, second]);
    assert_eq!(leases[0].attempt, 1);
    for lease in &leases {
        engine.finish(lease, Verdict::Accepted, 1.0).await;
    }
    assert_eq!(engine.store.offer_again(engine.node).await.unwrap(), 0);
}

pub(crate) async fn what_is_offered_again_waits_from_then_on(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut new = super::new_submission(user, "sample");
    new.job.target = engine.clock.now() + Duration::from_secs(3);
    engine.submit_as(new).await;
    pass_over(engine, &engine.claim_one().await).await;
    engine.clock.advance(Duration::from_secs(3 * 3_600));
    engine.store.offer_again(engine.node).await.unwrap();
    let mut job = super::new_job("sample", "newcomer");
    job.target = engine.clock.now() + Duration::from_secs(4);
    let backlog = engine.store.backlog(&job).await.unwrap();
    assert_eq!(backlog.before.waited_ms, 0, "nobody is refused for it");
    let lease = engine.claim_one().await;
    assert_eq!(lease.accepted_at, engine.clock.now());
    assert_eq!(lease.target, engine.clock.now() + Duration::from_secs(3));
}

pub(crate) async fn what_waits_aside_can_be_taken_back(engine: &Engine) {
    let user = engine.user("ada").await;
    let wanting = engine.submit(user, "sample").await;
    pass_over(engine, &engine.claim_one().await).await;
    let state = engine.store.cancel(wanting).await.unwrap();
    assert_eq!(state, SubmissionState::Cancelled);
    assert_eq!(engine.store.offer_again(engine.node).await.unwrap(), 0);
    assert_eq!(engine.store.depth().await.unwrap(), Default::default());
}
