//! Leases, retries, parking.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState;
use carrel_model::id::NodeId;
use carrel_store::Error;
use carrel_store::event::EventKind;
use carrel_store::queue::{ATTEMPTS_MAX, Applied, Band, Released, Renewal, TAKE_OVERS_MAX};

use super::{Engine, LEASE_MS, all, judged, new_job, new_submission};

const LEASE_OVER: Duration = Duration::from_millis(LEASE_MS + 1);

pub(crate) async fn a_claim_gives_what_was_sent(engine: &Engine) {
    let user = engine.user("ada").await;
    let new = new_submission(user, "sample");
    engine.submit_as(new.clone()).await;
    let lease = engine.claim_one().await;
    assert_eq!(lease.submission, new.id);
    assert_eq!(lease.work, new.work);
    assert_eq!(lease.attempt, 1);
    assert_eq!(lease.band, Band::Interactive);
    assert_eq!(lease.reason, "submitted");
    assert_eq!(lease.request, "request-1");
    assert_eq!(lease.failures, 0);
    assert_eq!(
        lease.target.as_microsecond(),
        new.job.target.as_microsecond()
    );
    assert_eq!(lease.accepted_at, engine.clock.now());
    assert_eq!(
        lease.expires_at.as_microsecond(),
        engine.clock.now().as_microsecond() + i64::try_from(LEASE_MS * 1_000).unwrap()
    );
    let row = engine.store.submission(new.id).await.unwrap();
    assert_eq!(row.state, SubmissionState::Running);
    assert_eq!(row.started_at, Some(engine.clock.now()));
}

pub(crate) async fn nothing_is_claimed_twice(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..5 {
        engine.submit(user, "sample").await;
    }
    let mut ids: Vec<_> = engine.claim(3).await.iter().map(|l| l.submission).collect();
    ids.extend(engine.claim(10).await.iter().map(|l| l.submission));
    assert_eq!(ids.len(), 5);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 5);
    assert!(engine.claim(10).await.is_empty());
    assert!(
        engine
            .store
            .claim(engine.node, 0, LEASE_MS)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn a_lane_is_served_in_order(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut sent = Vec::new();
    for _ in 0..6 {
        sent.push(engine.submit(user, "sample").await);
    }
    let got: Vec<_> = engine.claim(6).await.iter().map(|l| l.submission).collect();
    assert_eq!(got, sent);
}

pub(crate) async fn a_lost_lease_comes_again_with_a_higher_token(engine: &Engine) {
    let user = engine.user("ada").await;
    engine.submit(user, "sample").await;
    let first = engine.claim_one().await;
    assert!(engine.claim(1).await.is_empty());
    engine.clock.advance(LEASE_OVER);
    let other = NodeId::new();
    let second = engine
        .store
        .claim(other, 1, LEASE_MS)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(second.submission, first.submission);
    assert!(second.token > first.token);
    assert_eq!(second.attempt, 2);
    // Fencing: the first worker's result does not count any more.
    let late = engine
        .store
        .finish(
            first.submission,
            first.token,
            judged(Verdict::WrongAnswer, 0.0),
            1.0,
        )
        .await
        .unwrap();
    assert_eq!(late, Applied::Stale);
    assert_eq!(
        engine
            .store
            .release(first.submission, first.token, "late", true)
            .await
            .unwrap(),
        Released::Stale
    );
    assert_eq!(engine.store.outcome(first.submission).await.unwrap(), None);
    engine.finish(&second, Verdict::Accepted, 10.0).await;
    let row = engine.store.submission(first.submission).await.unwrap();
    assert_eq!(row.verdict, Some(Verdict::Accepted));
    assert_eq!(row.verdicts, 1);
}

pub(crate) async fn a_renewed_lease_holds(engine: &Engine) {
    let user = engine.user("ada").await;
    engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    for _ in 0..4 {
        engine.clock.advance(LEASE_OVER / 2);
        let held = engine
            .store
            .renew(engine.node, &[(lease.submission, lease.token)], LEASE_MS)
            .await
            .unwrap();
        assert_eq!(held, [Renewal::Held]);
        assert!(engine.claim(1).await.is_empty());
    }
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
}

pub(crate) async fn a_renewal_tells_what_is_lost(engine: &Engine) {
    let user = engine.user("ada").await;
    engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    let id = lease.submission;
    let unknown = carrel_model::id::SubmissionId::new();
    let renewals = engine
        .store
        .renew(
            engine.node,
            &[(id, lease.token + 1), (unknown, 1), (id, lease.token)],
            LEASE_MS,
        )
        .await
        .unwrap();
    assert_eq!(renewals, [Renewal::Lost, Renewal::Lost, Renewal::Held]);
    let elsewhere = engine
        .store
        .renew(NodeId::new(), &[(id, lease.token)], LEASE_MS)
        .await
        .unwrap();
    assert_eq!(elsewhere, [Renewal::Lost]);
}

pub(crate) async fn a_result_is_written_once(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
    let again = engine
        .store
        .finish(id, lease.token, judged(Verdict::WrongAnswer, 0.0), 1.0)
        .await
        .unwrap();
    assert_eq!(again, Applied::Stale);
    assert_eq!(
        engine.store.outcome(id).await.unwrap(),
        Some(judged(Verdict::Accepted, 10.0))
    );
    assert_eq!(engine.store.history(id).await.unwrap().len(), 1);
    engine.clock.advance(LEASE_OVER);
    assert!(engine.claim(1).await.is_empty());
}

pub(crate) async fn a_fault_is_retried_with_growing_pauses_then_parked(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    for (attempt, least_ms, most_ms) in [(1, 800, 1_200), (2, 4_000, 6_000)] {
        let lease = engine.claim_one().await;
        assert_eq!(lease.attempt, attempt);
        let released = engine
            .store
            .release(id, lease.token, "the keeper died", true)
            .await
            .unwrap();
        assert_eq!(released, Released::Requeued);
        let row = engine.store.submission(id).await.unwrap();
        assert_eq!(row.state, SubmissionState::Queued);
        engine.clock.advance(Duration::from_millis(least_ms - 1));
        assert!(engine.claim(1).await.is_empty(), "too early");
        engine
            .clock
            .advance(Duration::from_millis(most_ms - least_ms + 2));
    }
    let lease = engine.claim_one().await;
    assert_eq!(lease.attempt, ATTEMPTS_MAX);
    let released = engine
        .store
        .release(id, lease.token, "the keeper died", true)
        .await
        .unwrap();
    assert_eq!(released, Released::Parked);
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(row.state, SubmissionState::Parked);
    assert_eq!(row.verdict, None);
    assert_eq!(row.parked_reason.as_deref(), Some("the keeper died"));
    let parked = engine.store.parked(None, all()).await.unwrap().items;
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].submission, id);
    assert_eq!(parked[0].attempts, ATTEMPTS_MAX);
    assert_eq!(parked[0].reason, "the keeper died");
    engine.clock.advance(Duration::from_secs(3_600));
    assert!(engine.claim(1).await.is_empty());
}

async fn park(engine: &Engine) -> carrel_model::id::SubmissionId {
    let user = engine.user("parker").await;
    let id = engine.submit(user, "sample").await;
    for _ in 0..ATTEMPTS_MAX {
        let lease = engine.claim_one().await;
        engine
            .store
            .release(id, lease.token, "no sandbox", true)
            .await
            .unwrap();
        engine.clock.advance(Duration::from_secs(60));
    }
    id
}

pub(crate) async fn a_parked_job_runs_again(engine: &Engine) {
    let id = park(engine).await;
    engine.store.unpark(id).await.unwrap();
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(
        (row.state, row.parked_reason),
        (SubmissionState::Queued, None)
    );
    let lease = engine.claim_one().await;
    assert_eq!(lease.attempt, 1);
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
    let twice = engine.store.unpark(id).await.unwrap_err();
    assert!(matches!(twice, Error::State { .. }), "{twice}");
}

pub(crate) async fn a_parked_job_waits_from_when_it_is_run_again(engine: &Engine) {
    let user = engine.user("parker").await;
    let mut new = new_submission(user, "sample");
    new.job.target = engine.clock.now() + Duration::from_secs(3);
    let id = engine.submit_as(new).await;
    let accepted_at = engine.store.submission(id).await.unwrap().created_at;
    for _ in 0..ATTEMPTS_MAX {
        let token = engine.claim_one().await.token;
        let released = engine.store.release(id, token, "no sandbox", true);
        released.await.unwrap();
        engine.clock.advance(Duration::from_secs(60));
    }
    engine.clock.advance(Duration::from_secs(3 * 3_600));
    engine.store.unpark(id).await.unwrap();
    let mut job = new_job("sample", "newcomer");
    job.target = engine.clock.now() + Duration::from_secs(4);
    let backlog = engine.store.backlog(&job).await.unwrap();
    assert_eq!(backlog.before.waited_ms, 0, "nobody is refused for it");
    assert_eq!(engine.store.depth().await.unwrap().oldest_ms, 0);
    let lease = engine.claim_one().await;
    assert_eq!(lease.accepted_at, engine.clock.now());
    assert_eq!(lease.target, engine.clock.now() + Duration::from_secs(3));
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(row.created_at, accepted_at, "it was sent when it was sent");
}

pub(crate) async fn a_parked_job_can_be_dropped(engine: &Engine) {
    let id = park(engine).await;
    engine.store.drop_parked(id).await.unwrap();
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(row.state, SubmissionState::Cancelled);
    assert!(
        engine
            .store
            .parked(None, all())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    assert!(engine.store.drop_parked(id).await.is_err());
    let missing = carrel_model::id::SubmissionId::new();
    let error = engine.store.unpark(missing).await.unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error}");
}

pub(crate) async fn given_back_untouched_is_no_attempt(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    for _ in 0..10 {
        let lease = engine.claim_one().await;
        assert_eq!(lease.attempt, 1);
        let released = engine
            .store
            .release(id, lease.token, "drain", false)
            .await
            .unwrap();
        assert_eq!(released, Released::Requeued);
    }
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
}

pub(crate) async fn a_worker_that_is_lost_every_time_parks_the_job(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    for attempt in 1..=ATTEMPTS_MAX {
        assert_eq!(engine.claim_one().await.attempt, attempt);
        engine.clock.advance(LEASE_OVER);
    }
    assert!(engine.claim(1).await.is_empty());
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(row.state, SubmissionState::Parked);
    assert!(row.parked_reason.unwrap().contains("lost"));
}

pub(crate) async fn a_later_life_takes_leases_over(engine: &Engine) {
    let user = engine.user("ada").await;
    engine.submit(user, "sample").await;
    engine.submit(user, "sample").await;
    let first = engine.claim_one().await;
    let elsewhere = engine
        .store
        .claim(NodeId::new(), 1, LEASE_MS)
        .await
        .unwrap();
    assert_eq!(elsewhere.len(), 1);
    let taken = engine.store.take_over(engine.node, LEASE_MS).await.unwrap();
    assert_eq!(taken.len(), 1, "only those of this node");
    assert_eq!(taken[0].submission, first.submission);
    assert_eq!(taken[0].attempt, 1, "no attempt is counted");
    assert!(taken[0].token > first.token);
    let late = engine
        .store
        .finish(
            first.submission,
            first.token,
            judged(Verdict::Accepted, 1.0),
            1.0,
        )
        .await
        .unwrap();
    assert_eq!(late, Applied::Stale, "the earlier life is fenced off");
    engine.finish(&taken[0], Verdict::Accepted, 10.0).await;
    assert!(
        engine
            .store
            .take_over(engine.node, LEASE_MS)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn take_overs_are_bounded(engine: &Engine) {
    let user = engine.user("ada").await;
    engine.submit(user, "sample").await;
    engine.claim_one().await;
    for _ in 0..TAKE_OVERS_MAX {
        let taken = engine.store.take_over(engine.node, LEASE_MS).await.unwrap();
        assert_eq!(taken.len(), 1);
    }
    assert!(
        engine
            .store
            .take_over(engine.node, LEASE_MS)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(engine.claim_one().await.attempt, 2);
}

pub(crate) async fn a_job_waits_for_its_time(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut new = new_submission(user, "sample");
    let due = engine.clock.now().as_microsecond() + 5_000_000;
    new.job.not_before = Some(jiff::Timestamp::from_microsecond(due).unwrap());
    engine.submit_as(new).await;
    assert!(engine.claim(1).await.is_empty());
    engine.clock.advance(Duration::from_secs(5));
    engine.claim_one().await;
}

pub(crate) async fn depth_tells_what_waits(engine: &Engine) {
    let user = engine.user("ada").await;
    assert_eq!(engine.store.depth().await.unwrap(), Default::default());
    for band in [
        Band::Interactive,
        Band::Interactive,
        Band::Batch,
        Band::Regrade,
    ] {
        let mut new = new_submission(user, "sample");
        new.job.band = band;
        new.job.cost_ms = 40.0;
        engine.submit_as(new).await;
    }
    engine.clock.advance(Duration::from_millis(250));
    let depth = engine.store.depth().await.unwrap();
    assert_eq!(depth.queued, [2, 1, 1]);
    assert_eq!(depth.cost_ms, [80.0, 40.0, 40.0]);
    assert_eq!((depth.running, depth.parked, depth.oldest_ms), (0, 0, 250));
    assert_eq!(depth.overdue, 0);
    let leases = engine.claim(2).await;
    let depth = engine.store.depth().await.unwrap();
    assert_eq!(depth.running, 2);
    assert_eq!(depth.queued.iter().sum::<u64>(), 2);
    for lease in &leases {
        engine.finish(lease, Verdict::Accepted, 1.0).await;
    }
    let leases = engine.claim(2).await;
    engine
        .store
        .release(leases[0].submission, leases[0].token, "x", true)
        .await
        .unwrap();
    let depth = engine.store.depth().await.unwrap();
    assert_eq!(
        depth.queued.iter().sum::<u64>(),
        1,
        "one that is retried waits"
    );
    assert_eq!(depth.running, 1);
}

pub(crate) async fn what_waits_beyond_its_target_is_counted(engine: &Engine) {
    let user = engine.user("ada").await;
    let target = engine.clock.now().as_microsecond() + 2_000_000;
    for band in [Band::Interactive, Band::Interactive, Band::Batch] {
        let mut new = new_submission(user, "sample");
        new.job.band = band;
        new.job.target = jiff::Timestamp::from_microsecond(target).unwrap();
        engine.submit_as(new).await;
    }
    let lease = engine.claim_one().await;
    let overdue = async || engine.store.depth().await.unwrap().overdue;
    assert_eq!(overdue().await, 0);
    engine.clock.advance(Duration::from_secs(3));
    assert_eq!(overdue().await, 1, "the other one runs, or may wait");
    let (id, token) = (lease.submission, lease.token);
    let released = engine.store.release(id, token, "a fault", true).await;
    assert_eq!(released.unwrap(), Released::Requeued);
    assert_eq!(overdue().await, 2, "what is tried again waits too");
}

pub(crate) async fn a_platform_fault_is_no_outcome(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    let lease = engine.claim_one().await;
    let error = engine
        .store
        .finish(id, lease.token, judged(Verdict::PlatformFault, 0.0), 1.0)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::State { .. }), "{error}");
    assert_eq!(
        engine.store.submission(id).await.unwrap().state,
        SubmissionState::Running
    );
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
}

pub(crate) async fn events_follow_the_job(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.submit(user, "sample").await;
    let first = engine.claim_one().await;
    let number = engine
        .store
        .append(
            id,
            first.token,
            vec![EventKind::Compiling, EventKind::Finished],
        )
        .await
        .unwrap();
    assert_eq!(number, 2, "what the engine writes itself is left out");
    engine
        .store
        .release(id, first.token, "x", true)
        .await
        .unwrap();
    let stale = engine
        .store
        .append(id, first.token, vec![EventKind::Compiling])
        .await
        .unwrap();
    assert_eq!(stale, 3, "nothing is added without the lease");
    engine.clock.advance(Duration::from_secs(10));
    let second = engine.claim_one().await;
    engine.finish(&second, Verdict::Accepted, 10.0).await;
    let kinds: Vec<_> = engine
        .store
        .events(id, 0)
        .await
        .unwrap()
        .into_iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            EventKind::Started { attempt: 1 },
            EventKind::Compiling,
            EventKind::Retrying,
            EventKind::Started { attempt: 2 },
            EventKind::Finished,
        ]
    );
    let rest = engine.store.events(id, 3).await.unwrap();
    assert_eq!(rest.iter().map(|e| e.number).collect::<Vec<_>>(), [4, 5]);
}
