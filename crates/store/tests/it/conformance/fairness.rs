//! Who goes first.

use std::time::Duration;

use carrel_model::Verdict;
use carrel_model::id::{NodeId, UserId};
use carrel_store::queue::{Band, Lease};
use carrel_store::spare::Spare;

use super::{Engine, LEASE_MS, judged, new_job, new_submission};

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

/// Runs that hold their slots for two seconds each, from somebody whose work looked cheap: all
/// of it is due long before a slot is free, and others who came later still go first.
pub(crate) async fn who_floods_with_what_takes_long_waits_behind_whoever_comes(engine: &Engine) {
    let flood = engine.user("flood").await;
    let target = |engine: &Engine| engine.clock.now() + Duration::from_secs(2);
    for _ in 0..14 {
        let mut new = new_submission(flood, "sample");
        new.job.target = target(engine);
        new.job.cost_ms = 20.0;
        engine.submit_as(new).await;
    }
    let mut running = engine.claim(2).await;
    for (number, course) in ["sample", "other", "sample", "third"]
        .into_iter()
        .enumerate()
    {
        let calm = engine.user(&format!("calm{number}")).await;
        let mut new = new_submission(calm, course);
        new.job.target = target(engine);
        let id = engine.submit_as(new).await;
        engine.clock.advance(Duration::from_secs(2));
        for lease in running {
            let finished = judged(Verdict::Accepted, 1.0);
            let charged_ms = 1_000.0;
            engine
                .store
                .finish(lease.submission, lease.token, finished, charged_ms)
                .await
                .unwrap();
        }
        running = engine.claim(2).await;
        assert_eq!(running[0].submission, id, "in `{course}`");
    }
    // What he sent is not passed for ever: only for as long as what he took beyond others.
    engine.clock.advance(Duration::from_secs(30));
    let late = engine.user("late").await;
    let mut new = new_submission(late, "sample");
    new.job.target = target(engine);
    let id = engine.submit_as(new).await;
    engine.clock.advance(Duration::from_secs(1));
    let next = engine.claim_one().await.submission;
    assert_ne!(next, id);
}

/// A lead counts while others are kept waiting by it, and no longer.
pub(crate) async fn who_was_ahead_is_even_once_nothing_waits_or_runs(engine: &Engine) {
    let (busy, other) = (engine.user("busy").await, engine.user("other").await);
    engine.submit(busy, "sample").await;
    engine.submit(other, "sample").await;
    for lease in engine.claim(2).await {
        let row = engine.store.submission(lease.submission).await.unwrap();
        let charged_ms = if row.user == busy { 60_000.0 } else { 100.0 };
        let finished = judged(Verdict::Accepted, 1.0);
        engine
            .store
            .finish(lease.submission, lease.token, finished, charged_ms)
            .await
            .unwrap();
    }
    let first = engine.submit(busy, "sample").await;
    engine.submit(other, "sample").await;
    assert_eq!(engine.claim_one().await.submission, first);
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
    assert_eq!(engine.claim(5).await.len(), 4, "but for a slot");
    // After a long time alone it owes nothing and is owed nothing: what comes goes first.
    send(engine, user, "sample", Band::Interactive, 100.0).await;
    send(engine, user, "sample", Band::Interactive, 100.0).await;
    let bands: Vec<_> = engine.claim(3).await.iter().map(|l| l.band).collect();
    assert_eq!(bands.iter().filter(|b| **b == Band::Interactive).count(), 2);
}

/// Work of two seconds that nobody waits for must not keep a learner waiting for as long.
pub(crate) async fn what_nobody_waits_for_leaves_a_slot_to_what_somebody_does(engine: &Engine) {
    let user = engine.user("ada").await;
    for band in [Band::Batch, Band::Regrade] {
        for _ in 0..10 {
            send(engine, user, "sample", band, 2_000.0).await;
        }
    }
    let held = engine.claim(2).await;
    assert_eq!(held.len(), 1, "one of two slots");
    assert_eq!(engine.claim(1).await.len(), 0, "the other one is kept");
    let id = engine.submit(user, "sample").await;
    assert_eq!(engine.claim_one().await.submission, id);
    assert_eq!(engine.claim(0).await.len(), 0);
    engine.finish(&held[0], Verdict::Accepted, 1.0).await;
    let next = engine.claim_one().await;
    assert_ne!(next.band, Band::Interactive, "it goes on beside it");
    // Of sixteen slots two are kept.
    let large = NodeId::new();
    let next = engine.store.claim(large, 16, LEASE_MS).await.unwrap();
    assert_eq!(next.len(), 14);
}

/// A spare slot is for somebody of whom nothing runs, whatever was due before.
pub(crate) async fn a_spare_slot_is_for_people_of_whom_nothing_runs(engine: &Engine) {
    let (flood, calm) = (engine.user("flood").await, engine.user("calm").await);
    for course in ["sample", "sample", "sample", "other"] {
        send(engine, flood, course, Band::Interactive, 100.0).await;
    }
    let running = engine.claim(2).await;
    assert_eq!(running.len(), 2);
    engine.clock.advance(Duration::from_secs(5));
    send(engine, calm, "sample", Band::Batch, 100.0).await;
    let spare = || claim_spare(engine, Spare::Next);
    assert_eq!(spare().await, [], "his own, and what nobody waits for");
    let first = engine.submit(calm, "sample").await;
    engine.submit(calm, "sample").await;
    let got = spare().await;
    assert_eq!(got.len(), 1, "one at a time");
    assert_eq!(got[0].submission, first);
    assert_eq!(spare().await, [], "now something of theirs runs");
    for lease in &running {
        engine.finish(lease, Verdict::Accepted, 1.0).await;
    }
    assert_eq!(spare().await.len(), 1, "of him nothing runs any more");
}

async fn claim_spare(engine: &Engine, spare: Spare) -> Vec<Lease> {
    let (store, node) = (&engine.store, engine.node);
    store.claim_spare(node, spare, LEASE_MS).await.unwrap()
}

/// While a slot may soon be free, a spare one is for what has waited for too long already.
pub(crate) async fn a_spare_slot_is_for_what_is_late(engine: &Engine) {
    let (first, second) = (engine.user("first").await, engine.user("second").await);
    for course in ["sample", "other"] {
        send(engine, first, course, Band::Interactive, 100.0).await;
    }
    assert_eq!(engine.claim(2).await.len(), 2);
    let target = engine.clock.now() + Duration::from_secs(2);
    let send_now = async |user| {
        let mut new = new_submission(user, "sample");
        new.job.target = target;
        engine.submit_as(new).await
    };
    let (own, other) = (send_now(first).await, send_now(second).await);
    let late = || claim_spare(engine, Spare::Late);
    assert_eq!(late().await, []);
    engine.clock.advance(Duration::from_millis(790));
    assert_eq!(late().await, [], "due, and not late");
    engine.clock.advance(Duration::from_millis(20));
    let got = late().await;
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].submission, other, "not of whom something runs");
    engine.clock.advance(Duration::from_secs(5));
    assert_eq!(late().await, []);
    assert_eq!(engine.claim_one().await.submission, own);
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
    let backlog = engine.store.backlog(&ada_lane).await.unwrap();
    assert_eq!((backlog.queued, backlog.queued_ms), (4, 400.0));
    assert_eq!(
        (backlog.lane_ms, backlog.course_ms, backlog.share),
        (400.0, 400.0, 1.0)
    );
    let backlog = engine.store.backlog(&bob_lane).await.unwrap();
    assert_eq!(
        (backlog.queued_ms, backlog.lane_ms),
        (400.0, 0.0),
        "ada's flood is not bob's"
    );
    let of_bob = engine.submit(bob, "sample").await;
    let place = engine.store.position(of_bob).await.unwrap().unwrap();
    assert!(place <= 1, "bob does not wait for ada's flood: {place}");
    let lease = engine.claim_one().await;
    assert_eq!(engine.store.position(lease.submission).await.unwrap(), None);
    let backlog = engine.store.backlog(&ada_lane).await.unwrap();
    assert_eq!((backlog.running, backlog.queued), (1, 4));
}

pub(crate) async fn even_queues_go_by_arrival(engine: &Engine) {
    // Names in the other direction than arrivals, people and courses alike.
    let mut sent = Vec::new();
    for name in ["zoe", "mia", "ada"] {
        let user = engine.user(name).await;
        sent.push(engine.submit(user, "sample").await);
    }
    let claimed = |leases: Vec<carrel_store::queue::Lease>| {
        leases.iter().map(|l| l.submission).collect::<Vec<_>>()
    };
    assert_eq!(claimed(engine.claim(3).await), sent);
    let user = engine.user("eve").await;
    let mut sent = Vec::new();
    for course in ["z", "m", "a"] {
        sent.push(engine.submit(user, course).await);
    }
    assert_eq!(claimed(engine.claim(3).await), sent);
}

/// Many people come again and again, each with a fair claim to go before somebody's second job.
pub(crate) async fn who_has_waited_for_a_share_of_the_target_is_not_passed_for_ever(
    engine: &Engine,
) {
    let ada = engine.user("ada").await;
    let target_ms = 2_000;
    let target = engine.clock.now() + Duration::from_millis(target_ms);
    let mut sent = Vec::new();
    for _ in 0..2 {
        let mut new = new_submission(ada, "sample");
        new.job.target = target;
        sent.push(engine.submit_as(new).await);
    }
    assert_eq!(engine.claim_one().await.submission, sent[0]);
    let mut passed = 0;
    for number in 0..40 {
        let user = engine.user(&format!("u{number}")).await;
        for _ in 0..2 {
            engine.submit(user, "sample").await;
        }
        engine.clock.advance(Duration::from_millis(100));
        if engine.claim_one().await.submission == sent[1] {
            break;
        }
        passed += 1;
    }
    // A quarter of the target, and what her first job was charged: each passing takes 100 ms.
    let due = target_ms / 4 / 100 + 1;
    assert!(
        passed <= due,
        "passed by {passed}; it hurries from the {due}th on"
    );
    // What hurried was charged: others with a claim go before her next.
    let third = engine.submit(ada, "sample").await;
    let next: Vec<_> = engine.claim(3).await.iter().map(|l| l.submission).collect();
    assert!(!next.contains(&third));
}

pub(crate) async fn batch_work_never_hurries_and_keeps_its_share_beside_what_does(engine: &Engine) {
    let user = engine.user("ada").await;
    let now = engine.clock.now();
    for _ in 0..60 {
        for band in [Band::Batch, Band::Interactive] {
            let mut new = new_submission(user, "sample");
            new.job.band = band;
            new.job.target = now;
            engine.submit_as(new).await;
        }
    }
    engine.clock.advance(Duration::from_secs(60));
    let mut counts = [0; 3];
    for lease in engine.claim(50).await {
        counts[lease.band as usize] += 1;
    }
    assert!(counts[0] >= 44 && counts[1] >= 2, "{counts:?}");
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

/// A node with a single slot has none to keep, so it waits until learners are quiet.
pub(crate) async fn a_single_slot_is_for_learners_while_they_work(engine: &Engine) {
    let user = engine.user("ada").await;
    for _ in 0..10 {
        send(engine, user, "sample", Band::Regrade, 2_000.0).await;
    }
    let claim = async || {
        let leases = engine.store.claim(engine.node, 1, LEASE_MS).await.unwrap();
        let band = leases.first().map(|lease| lease.band);
        for lease in &leases {
            engine.finish(lease, Verdict::Accepted, 1.0).await;
        }
        band
    };
    let wait = |seconds| engine.clock.advance(Duration::from_secs(seconds));
    assert_eq!(claim().await, Some(Band::Regrade), "nobody is there");
    assert_eq!(claim().await, Some(Band::Regrade), "and one after another");
    engine.submit(user, "sample").await;
    assert_eq!(claim().await, Some(Band::Interactive));
    assert_eq!(claim().await, None, "they will send again");
    wait(4);
    assert_eq!(claim().await, None);
    engine.submit(user, "sample").await;
    assert_eq!(claim().await, Some(Band::Interactive));
    wait(4);
    assert_eq!(claim().await, None, "quiet since then only");
    wait(1);
    assert_eq!(claim().await, Some(Band::Regrade));
    // Who sends again and again keeps it from everything but one job a minute.
    let mut begun = 0;
    for _ in 0..60 {
        engine.submit(user, "sample").await;
        assert_eq!(claim().await, Some(Band::Interactive));
        wait(2);
        begun += u32::from(claim().await.is_some());
    }
    assert_eq!(begun, 2, "in two minutes");
}

pub(crate) async fn what_one_person_has_is_counted_over_all_courses(engine: &Engine) {
    let (ada, bob) = (engine.user("ada").await, engine.user("bob").await);
    for course in ["sample", "other", "third", "third"] {
        send(engine, ada, course, Band::Interactive, 100.0).await;
    }
    send(engine, ada, "sample", Band::Batch, 100.0).await;
    send(engine, bob, "other", Band::Interactive, 100.0).await;
    let own = async |course: &str, who: UserId| {
        let job = new_job(course, &who.to_string());
        engine.store.backlog(&job).await.unwrap().own
    };
    assert_eq!(own("sample", ada).await, 4);
    assert_eq!(own("a course of its own", ada).await, 4);
    assert_eq!(own("sample", bob).await, 1);
    // What runs is counted too, once.
    let all = async || own("sample", ada).await + own("sample", bob).await;
    let leases = engine.claim(3).await;
    assert_eq!((leases.len(), all().await), (3, 5));
    let mut interactive = 0;
    for lease in &leases {
        engine.finish(lease, Verdict::Accepted, 1.0).await;
        interactive += u64::from(lease.band == Band::Interactive);
    }
    assert_eq!(all().await, 5 - interactive);
}
