//! Who goes first.

use carrel_model::Verdict;
use carrel_model::id::UserId;
use carrel_store::queue::Band;

use super::{Engine, judged, new_job, new_submission};

async fn send(engine: &Engine, user: UserId, course: &str, band: Band, cost_ms: f64) {
    let mut new = new_submission(user, course);
    new.job.band = band;
    new.job.cost_ms = cost_ms;
    engine.submit_as(new).await;
}

pub(crate) async fn one_who_floods_delays_others_by_one_job(engine: &Engine) {
    let (flood, calm) = (engine.user("flood").await, engine.user("calm").await);
    for _ in 0..50 {
        send(engine, flood, "sample", Band::Interactive, 100.0).await;
    }
    engine.claim(3).await;
    let id = engine.submit(calm, "sample").await;
    let next: Vec<_> = engine.claim(2).await.iter().map(|l| l.submission).collect();
    assert!(next.contains(&id), "among the next two");
}

pub(crate) async fn a_course_that_floods_delays_others_by_one_job(engine: &Engine) {
    let calm = engine.user("calm").await;
    for number in 0..30 {
        let user = engine.user(&format!("learner-{number}")).await;
        send(engine, user, "large", Band::Interactive, 100.0).await;
    }
    engine.claim(5).await;
    let id = engine.submit(calm, "small").await;
    let next: Vec<_> = engine.claim(2).await.iter().map(|l| l.submission).collect();
    assert!(
        next.contains(&id),
        "thirty people of one course count as one course"
    );
}

pub(crate) async fn equal_lanes_share_by_cost(engine: &Engine) {
    let (dear, cheap) = (engine.user("dear").await, engine.user("cheap").await);
    for _ in 0..10 {
        send(engine, dear, "sample", Band::Interactive, 300.0).await;
    }
    for _ in 0..30 {
        send(engine, cheap, "sample", Band::Interactive, 100.0).await;
    }
    let mut served = [0.0_f64; 2];
    for _ in 0..20 {
        let lease = engine.claim_one().await;
        let row = engine.store.submission(lease.submission).await.unwrap();
        if row.user == dear {
            served[0] += 300.0;
        } else {
            served[1] += 100.0;
        }
        assert!(
            (served[0] - served[1]).abs() <= 400.0,
            "no more apart than one job of each: {served:?}"
        );
    }
}

pub(crate) async fn a_lower_band_gets_a_small_share(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..60 {
        send(engine, user, "sample", Band::Interactive, 100.0).await;
        send(engine, user, "sample", Band::Regrade, 100.0).await;
        send(engine, user, "sample", Band::Batch, 100.0).await;
    }
    let mut counts = [0; 3];
    for lease in engine.claim(56).await {
        counts[lease.band as usize] += 1;
    }
    assert!(counts[0] >= 48, "most is interactive: {counts:?}");
    assert!(
        counts[1] >= 3 && counts[2] >= 1,
        "nobody starves: {counts:?}"
    );
}

pub(crate) async fn a_lower_band_gets_all_that_is_left(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..10 {
        send(engine, user, "sample", Band::Regrade, 100.0).await;
    }
    assert_eq!(engine.claim(5).await.len(), 5);
    // After a long time alone it owes nothing and is owed nothing: what comes goes first.
    send(engine, user, "sample", Band::Interactive, 100.0).await;
    send(engine, user, "sample", Band::Interactive, 100.0).await;
    let bands: Vec<_> = engine.claim(3).await.iter().map(|l| l.band).collect();
    assert_eq!(bands.iter().filter(|b| **b == Band::Interactive).count(), 2);
}

pub(crate) async fn what_it_really_took_is_charged(engine: &Engine) {
    let (slow, quick) = (engine.user("slow").await, engine.user("quick").await);
    for _ in 0..10 {
        send(engine, slow, "sample", Band::Interactive, 100.0).await;
        send(engine, quick, "sample", Band::Interactive, 100.0).await;
    }
    let mut slows = 0;
    for _ in 0..8 {
        let lease = engine.claim_one().await;
        let row = engine.store.submission(lease.submission).await.unwrap();
        let real = if row.user == slow { 1_000.0 } else { 100.0 };
        slows += i32::from(row.user == slow);
        engine
            .store
            .finish(
                lease.submission,
                lease.token,
                judged(Verdict::Accepted, 1.0),
                real,
            )
            .await
            .unwrap();
    }
    assert!(
        slows <= 2,
        "ten times the time, a tenth of the turns: {slows}"
    );
}

pub(crate) async fn positions_and_costs_are_told(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    let mut sent = Vec::new();
    for _ in 0..4 {
        sent.push(engine.submit(ada, "sample").await);
    }
    for (place, id) in sent.iter().enumerate() {
        assert_eq!(
            engine.store.position(*id).await.unwrap(),
            Some(place as u64)
        );
    }
    let ada_lane = new_job("sample", &ada.to_string());
    let bob_lane = new_job("sample", &bob.to_string());
    assert_eq!(engine.store.cost_before(&ada_lane).await.unwrap(), 400.0);
    let before_bob = engine.store.cost_before(&bob_lane).await.unwrap();
    assert!(
        before_bob <= 100.0,
        "one job of ada's at most: {before_bob}"
    );
    let of_bob = engine.submit(bob, "sample").await;
    let place = engine.store.position(of_bob).await.unwrap().unwrap();
    assert!(place <= 1, "bob does not wait for ada's flood: {place}");
    let lease = engine.claim_one().await;
    assert_eq!(engine.store.position(lease.submission).await.unwrap(), None);
}

pub(crate) async fn the_estimate_is_the_order(engine: &Engine) {
    let mut users = Vec::new();
    for number in 0..5 {
        users.push(engine.user(&format!("u{number}")).await);
    }
    let mut estimated = Vec::new();
    for round in 0..4 {
        for (number, user) in users.iter().enumerate() {
            let course = if number < 3 { "sample" } else { "other" };
            if (round + number) % 3 != 0 {
                send(engine, *user, course, Band::Interactive, 100.0).await;
            }
        }
    }
    let page = engine
        .store
        .submissions(Default::default(), super::all())
        .await
        .unwrap();
    for row in &page.items {
        let place = engine.store.position(row.id).await.unwrap().unwrap();
        estimated.push((row.id, place));
    }
    let order: Vec<_> = engine
        .claim(50)
        .await
        .iter()
        .map(|l| l.submission)
        .collect();
    for (id, place) in estimated {
        let real = order.iter().position(|other| *other == id).unwrap() as u64;
        // Ties between queues may fall either way: one job per other queue.
        assert!(place.abs_diff(real) <= 5, "{place} estimated, {real} real");
    }
}
