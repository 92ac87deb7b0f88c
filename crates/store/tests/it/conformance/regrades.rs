//! Judging old submissions again.

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState;
use carrel_model::id::{RegradeId, SubmissionId, UserId};
use carrel_store::Error;
use carrel_store::queue::{ATTEMPTS_MAX, Applied, Band};
use carrel_store::regrade::{NewRegrade, RegradeState};
use carrel_store::submission::Work;
use carrel_store::webhook::Room;

use super::{Engine, all, new_job, new_submission};

fn asked(user: UserId) -> NewRegrade {
    NewRegrade {
        id: RegradeId::new(),
        course: "sample".into(),
        challenge: "two-fer".into(),
        course_version: "2".repeat(64),
        preview: false,
        never_lower: false,
        user,
    }
}

/// Three submissions: 10 points, 4 points, none.
async fn three(engine: &Engine) -> (UserId, [SubmissionId; 3]) {
    let user = engine.user("ada").await;
    let ids = [
        engine.judged(user, Verdict::Accepted, 10.0).await,
        engine.judged(user, Verdict::WrongAnswer, 4.0).await,
        engine.judged(user, Verdict::WrongAnswer, 0.0).await,
    ];
    (user, ids)
}

/// Judges all that waits: every submission gets these points.
async fn judge_all(engine: &Engine, verdict: Verdict, points: f64) -> usize {
    let leases = engine.claim(60).await;
    for lease in &leases {
        assert_eq!(lease.reason, "regraded");
        assert_eq!(lease.band, Band::Regrade);
        engine.finish(lease, verdict, points).await;
    }
    leases.len()
}

async fn points(engine: &Engine, ids: &[SubmissionId]) -> Vec<Option<f64>> {
    let mut points = Vec::new();
    for id in ids {
        points.push(engine.store.submission(*id).await.unwrap().points);
    }
    points
}

pub(crate) async fn every_submission_is_judged_against_the_version_asked_for(engine: &Engine) {
    let (user, ids) = three(engine).await;
    let row = engine.store.regrade(asked(user)).await.unwrap();
    assert_eq!(
        (row.state, row.submissions, row.judged),
        (RegradeState::Running, 3, 0)
    );
    let leases = engine.claim(10).await;
    assert_eq!(leases.len(), 3);
    for lease in &leases {
        let Work::Challenge(work) = &lease.work else {
            panic!("{lease:?}")
        };
        assert_eq!(work.course_version, "2".repeat(64));
        let state = engine
            .store
            .submission(lease.submission)
            .await
            .unwrap()
            .state;
        assert_eq!(
            state,
            SubmissionState::Finished,
            "behind the verdict that is there"
        );
        engine.finish(lease, Verdict::WrongAnswer, 4.0).await;
    }
    let row = engine.store.regrade_row(row.regrade.id).await.unwrap();
    assert_eq!(
        (row.state, row.judged, row.changed),
        (RegradeState::Finished, 3, 2)
    );
    assert_eq!(points(engine, &ids).await, [Some(4.0); 3]);
    let changes = engine
        .store
        .changes(row.regrade.id, all())
        .await
        .unwrap()
        .items;
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1].submission, ids[0]);
    assert_eq!(changes[1].before, (Some(Verdict::Accepted), 10.0));
    assert_eq!(changes[1].after, Some((Verdict::WrongAnswer, 4.0)));
    let history = engine.store.history(ids[0]).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|row| (row.reason.as_str(), row.counts))
        .collect();
    assert_eq!(told, [("submitted", false), ("regraded", true)]);
    let version = engine
        .store
        .submission(ids[0])
        .await
        .unwrap()
        .course_version;
    assert_eq!(version, Some("2".repeat(64)));
    let events = engine.store.events(ids[0], 0).await.unwrap();
    assert_eq!(events.len(), 2, "a regrade adds no events: {events:?}");
}

pub(crate) async fn never_lower_keeps_the_better_verdict(engine: &Engine) {
    let (user, ids) = three(engine).await;
    let new = NewRegrade {
        never_lower: true,
        ..asked(user)
    };
    let id = new.id;
    engine.store.regrade(new).await.unwrap();
    assert_eq!(judge_all(engine, Verdict::WrongAnswer, 5.0).await, 3);
    assert_eq!(
        points(engine, &ids).await,
        [Some(10.0), Some(5.0), Some(5.0)]
    );
    let changes = engine.store.changes(id, all()).await.unwrap().items;
    let counts: Vec<_> = changes.iter().map(|change| change.counts).collect();
    assert_eq!(counts, [true, true, false]);
    let kept = engine.store.history(ids[0]).await.unwrap();
    assert_eq!(
        kept.iter().map(|row| row.counts).collect::<Vec<_>>(),
        [true, false]
    );
}

pub(crate) async fn a_preview_counts_only_when_it_is_applied(engine: &Engine) {
    let (user, ids) = three(engine).await;
    let new = NewRegrade {
        preview: true,
        ..asked(user)
    };
    let id = new.id;
    engine.store.regrade(new).await.unwrap();
    let early = engine.store.apply(id).await.unwrap_err();
    assert!(matches!(early, Error::State { .. }), "{early}");
    judge_all(engine, Verdict::Accepted, 10.0).await;
    assert_eq!(
        points(engine, &ids).await,
        [Some(10.0), Some(4.0), Some(0.0)]
    );
    let previews = async |id| {
        let row = engine.store.submission(id).await.unwrap();
        let history = engine.store.history(id).await.unwrap();
        let told: Vec<bool> = history.iter().map(|row| row.preview).collect();
        (row.previews, told)
    };
    assert_eq!(previews(ids[1]).await, (1, vec![false, true]));
    // One is judged again meanwhile: its newer verdict stays.
    engine
        .store
        .rejudge(ids[2], new_job("sample", "x"))
        .await
        .unwrap();
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::WrongAnswer, 7.0).await;
    let row = engine.store.apply(id).await.unwrap();
    assert_eq!(row.state, RegradeState::Applied);
    assert_eq!(previews(ids[1]).await, (0, vec![false, false]));
    assert_eq!(
        points(engine, &ids).await,
        [Some(10.0), Some(10.0), Some(7.0)]
    );
    let again = engine.store.apply(id).await.unwrap();
    assert_eq!(again.state, RegradeState::Applied);
    let failures = engine
        .store
        .failures(user, "sample", "two-fer")
        .await
        .unwrap();
    assert_eq!(failures, 1, "what became accepted is no failure any more");
}

pub(crate) async fn a_regrade_is_stopped(engine: &Engine) {
    let (user, ids) = three(engine).await;
    let id = engine.store.regrade(asked(user)).await.unwrap().regrade.id;
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::WrongAnswer, 1.0).await;
    let running = engine.claim(2).await.remove(0);
    let row = engine.store.cancel_regrade(id).await.unwrap();
    assert_eq!((row.state, row.judged), (RegradeState::Cancelled, 1));
    assert!(engine.claim(10).await.is_empty());
    let late = engine
        .store
        .finish(
            running.submission,
            running.token,
            super::judged(Verdict::Accepted, 10.0),
            1.0,
        )
        .await
        .unwrap();
    assert_eq!(late, carrel_store::queue::Applied::Stale);
    assert_eq!(points(engine, &ids[1..]).await, [Some(4.0), Some(0.0)]);
    assert!(engine.store.cancel_regrade(id).await.is_err());
}

pub(crate) async fn one_regrade_of_a_challenge_at_a_time(engine: &Engine) {
    let (user, _) = three(engine).await;
    let first = engine.store.regrade(asked(user)).await.unwrap().regrade.id;
    let error = engine.store.regrade(asked(user)).await.unwrap_err();
    assert!(matches!(error, Error::State { .. }), "{error}");
    judge_all(engine, Verdict::Accepted, 10.0).await;
    let second = engine.store.regrade(asked(user)).await.unwrap().regrade.id;
    let listed = engine.store.regrades("sample", all()).await.unwrap().items;
    let ids: Vec<_> = listed.iter().map(|row| row.regrade.id).collect();
    assert_eq!(ids, [second, first]);
}

pub(crate) async fn a_regrade_of_nothing_is_finished_at_once(engine: &Engine) {
    let user = engine.user("ada").await;
    engine.submit(user, "sample").await;
    let row = engine.store.regrade(asked(user)).await.unwrap();
    assert_eq!((row.state, row.submissions), (RegradeState::Finished, 0));
    let missing = engine
        .store
        .regrade_row(RegradeId::new())
        .await
        .unwrap_err();
    assert!(matches!(missing, Error::Missing { .. }), "{missing}");
}

pub(crate) async fn a_parked_job_of_a_regrade_hides_no_verdict(engine: &Engine) {
    let user = engine.user("ada").await;
    let id = engine.judged(user, Verdict::Accepted, 10.0).await;
    let regrade = engine.store.regrade(asked(user)).await.unwrap().regrade.id;
    for _ in 0..ATTEMPTS_MAX {
        let lease = engine.claim_one().await;
        engine
            .store
            .release(id, lease.token, "no sandbox", true)
            .await
            .unwrap();
        engine.clock.advance(std::time::Duration::from_secs(60));
    }
    let row = engine.store.submission(id).await.unwrap();
    assert_eq!(
        (row.state, row.parked_reason),
        (SubmissionState::Finished, None)
    );
    assert_eq!(
        engine.store.parked(None, all()).await.unwrap().items.len(),
        1
    );
    let error = engine
        .store
        .rejudge(id, new_job("sample", "x"))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::State { .. }), "{error}");
    engine.store.drop_parked(id).await.unwrap();
    let row = engine.store.regrade_row(regrade).await.unwrap();
    assert_eq!((row.state, row.judged), (RegradeState::Finished, 0));
    assert_eq!(
        engine.store.submission(id).await.unwrap().verdict,
        Some(Verdict::Accepted)
    );
}

pub(crate) async fn a_large_regrade_is_fed_in_batches(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..300 {
        engine.judged(user, Verdict::WrongAnswer, 0.0).await;
    }
    let id = engine.store.regrade(asked(user)).await.unwrap().regrade.id;
    let waiting = engine.store.depth().await.unwrap().queued[Band::Regrade as usize];
    assert_eq!(waiting, 256);
    let mut judged = 0;
    loop {
        match judge_all(engine, Verdict::Accepted, 10.0).await {
            0 => break,
            count => judged += count,
        }
    }
    assert_eq!(judged, 300);
    let row = engine.store.regrade_row(id).await.unwrap();
    assert_eq!(
        (row.state, row.submissions, row.changed),
        (RegradeState::Finished, 300, 300)
    );
}

pub(crate) async fn what_counts_from_now_on_is_told_to_receivers(engine: &Engine) {
    let (user, ids) = three(engine).await;
    let hook = super::webhooks::webhook(user, Some("sample"));
    engine.store.add_webhook(hook).await.unwrap();
    let mut wanted = asked(user);
    (wanted.preview, wanted.never_lower) = (true, true);
    let preview = engine.store.regrade(wanted).await.unwrap().regrade.id;
    judge_all(engine, Verdict::WrongAnswer, 6.0).await;
    let due = async || {
        engine
            .store
            .due_deliveries(Room::of(10, 10), 60_000)
            .await
            .unwrap()
    };
    assert!(due().await.is_empty(), "a preview changes nothing");
    engine.store.apply(preview).await.unwrap();
    let mut told = Vec::new();
    for delivery in due().await {
        let body: serde_json::Value = serde_json::from_str(&delivery.body).unwrap();
        let data = &body["data"];
        assert_eq!(
            (&data["reason"], &data["points"]),
            (&"regraded".into(), &6.0.into())
        );
        told.push(data["submission"].as_str().unwrap().to_owned());
    }
    told.sort();
    let mut better = [ids[1].to_string(), ids[2].to_string()];
    better.sort();
    assert_eq!(told, better, "the first one keeps its points");
    engine.store.apply(preview).await.unwrap();
    assert!(due().await.is_empty(), "told once");
}

pub(crate) async fn what_no_node_can_judge_is_fed_in_part_and_delays_no_other(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..300 {
        engine.judged(user, Verdict::Accepted, 10.0).await;
    }
    let mut new = new_submission(user, "sample");
    if let Work::Challenge(work) = &mut new.work {
        work.challenge = "bob".into();
    }
    let other = engine.submit_as(new).await;
    let lease = engine.claim_one().await;
    engine.finish(&lease, Verdict::Accepted, 10.0).await;
    engine.store.regrade(asked(user)).await.unwrap();
    let mut passed_over = 0;
    loop {
        let leases = engine.claim(60).await;
        if leases.is_empty() {
            break;
        }
        for lease in leases {
            let (id, token) = (lease.submission, lease.token);
            let passed = engine.store.pass_over(id, token, "no `go`").await.unwrap();
            assert_eq!(passed, Applied::Applied);
            passed_over += 1;
        }
    }
    assert_eq!(passed_over, 256, "the rest stays outside of the queue");
    let new = NewRegrade {
        challenge: "bob".into(),
        ..asked(user)
    };
    engine.store.regrade(new).await.unwrap();
    let leases = engine.claim(60).await;
    let got: Vec<_> = leases.iter().map(|lease| lease.submission).collect();
    assert_eq!(got, [other], "another regrade goes on");
}

pub(crate) async fn a_large_preview_is_applied_in_batches(engine: &Engine) {
    let user = engine.user("ada").await;
    let mut ids = Vec::new();
    for _ in 0..300 {
        ids.push(engine.judged(user, Verdict::WrongAnswer, 1.0).await);
    }
    let new = NewRegrade {
        preview: true,
        ..asked(user)
    };
    let id = new.id;
    let row = engine.store.regrade(new).await.unwrap();
    assert_eq!(row.submissions, 300);
    while judge_all(engine, Verdict::Accepted, 10.0).await > 0 {}
    let row = engine.store.regrade_row(id).await.unwrap();
    assert_eq!(
        (row.state, row.submissions, row.judged),
        (RegradeState::Finished, 300, 300)
    );
    engine.store.apply(id).await.unwrap();
    let all = points(engine, &ids).await;
    assert!(all.iter().all(|points| *points == Some(10.0)), "{all:?}");
}

pub(crate) async fn applying_that_was_begun_is_known_until_it_is_over(engine: &Engine) {
    let (user, ids) = three(engine).await;
    let store = &engine.store;
    let new = NewRegrade {
        preview: true,
        ..asked(user)
    };
    let id = new.id;
    store.regrade(new).await.unwrap();
    let early = store.begin_applying(id).await.unwrap_err();
    assert!(matches!(early, Error::State { .. }), "{early}");
    judge_all(engine, Verdict::Accepted, 10.0).await;
    assert_eq!(store.applying().await.unwrap(), []);
    assert!(store.begin_applying(id).await.unwrap());
    assert!(!store.begin_applying(id).await.unwrap(), "once");
    assert_eq!(store.applying().await.unwrap(), [id]);
    let row = store.regrade_row(id).await.unwrap();
    assert_eq!(row.state, RegradeState::Applying);
    let stopped = store.cancel_regrade(id).await.unwrap_err();
    assert!(matches!(stopped, Error::State { .. }), "{stopped}");
    assert_eq!(points(engine, &ids).await[1], Some(4.0));
    // Two at once do it together, and both see the end of it.
    let both = tokio::join!(store.apply(id), store.apply(id));
    for row in [both.0.unwrap(), both.1.unwrap()] {
        assert_eq!(row.state, RegradeState::Applied);
    }
    assert_eq!(points(engine, &ids).await, [Some(10.0); 3]);
    assert_eq!(store.applying().await.unwrap(), []);
    assert!(!store.begin_applying(id).await.unwrap());
    let straight = NewRegrade {
        preview: false,
        ..asked(user)
    };
    let id = straight.id;
    store.regrade(straight).await.unwrap();
    judge_all(engine, Verdict::Accepted, 10.0).await;
    let refused = store.begin_applying(id).await.unwrap_err();
    assert!(refused.to_string().contains("not a preview"), "{refused}");
}
