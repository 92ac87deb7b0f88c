//! Faults of ours, and what operators and senders want.

use carrel_bus::{Bus as _, Hint};
use carrel_model::Verdict;
use carrel_model::execution::SubmissionState::{Cancelled, Finished, Parked, Queued};
use carrel_store::PageRequest;
use carrel_store::event::EventKind;
use carrel_store::ledger::{IncidentFilter, Ledger as _};
use carrel_store::node::{NodeOrders, Nodes as _};
use carrel_store::queue::Queue as _;
use carrel_store::submission::{Submissions as _, Work};

use crate::world::{BROKEN, COBOL, GOOD, NO_CANARY, World, is_alive, wait_until};

const PAGE: PageRequest = PageRequest {
    after: None,
    limit: 10,
};

fn faults() -> IncidentFilter {
    IncidentFilter {
        kind: Some("platform_fault".to_owned()),
        course: None,
    }
}

pub(crate) fn faults_of_ours_park_and_an_operator_can_run_again() {
    let world = World::new();
    let worker = world.start();
    let flag = world.state().join(BROKEN);
    std::fs::write(&flag, "").expect("a file");
    let faulty = world.submit(GOOD);
    let row = world.wait_for(faulty, Parked);
    assert_eq!((row.verdict, row.verdicts), (None, 0));
    let reason = row.parked_reason.expect("a reason");
    assert!(
        reason.contains("running a sandbox of environment `host`"),
        "{reason}"
    );
    let kinds: Vec<EventKind> = world
        .events(faulty)
        .into_iter()
        .map(|event| event.kind)
        .collect();
    let retries = kinds.iter().filter(|kind| **kind == EventKind::Retrying);
    assert_eq!(retries.count(), 2, "{kinds:?}");
    assert_eq!(kinds.last(), Some(&EventKind::Parked));
    let incidents = world.store.incidents(faults(), PAGE);
    let incidents = world.runtime.block_on(incidents).expect("incidents").items;
    let of_it = incidents
        .iter()
        .filter(|incident| incident.submission == Some(faulty) && incident.user.is_some());
    assert_eq!(of_it.count(), 3, "{incidents:?}");
    std::fs::remove_file(&flag).expect("a file");
    let unparked = world.runtime.block_on(world.store.unpark(faulty));
    unparked.expect("it was parked");
    world.bus.send(&Hint::Job);
    let row = world.wait_for(faulty, Finished);
    assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 1));
    assert_eq!(worker.stop(), Some(0));
}

pub(crate) fn work_waits_for_an_environment_and_stands_in_nobody_s_way() {
    let world = World::new();
    let mut request = world.execution("echo");
    request.environment = Some("cobol".to_owned());
    let wanting = world.send(Work::Execution(Box::new(request)));
    let worker = world.start();
    let depth = || {
        world
            .runtime
            .block_on(world.store.depth())
            .expect("a depth")
    };
    wait_until("it is passed over", || depth().passed_over == 1);
    assert_eq!(world.row(wanting).state, Queued);
    let other = world.submit(GOOD);
    world.wait_for(other, Finished);
    assert_eq!(world.row(wanting).parked_reason, None);
    let incidents = world.store.incidents(faults(), PAGE);
    let incidents = world.runtime.block_on(incidents).expect("incidents").items;
    assert!(incidents.is_empty(), "{incidents:?}");
    std::fs::write(world.state().join(COBOL), "").expect("a file");
    world.wait_for(wanting, Finished);
    assert_eq!(depth().passed_over, 0);
    assert_eq!(worker.stop(), Some(0));
}

pub(crate) fn a_queued_and_a_running_submission_can_be_taken_back() {
    let world = World::new();
    let queued = world.submit(GOOD);
    let state = world.runtime.block_on(world.store.cancel(queued));
    assert_eq!(state.expect("taken back"), Cancelled);
    let worker = world.start();
    let running = world.submit("sleep 9; echo 3\n");
    let (keeper, _) = world.keeper_of(running);
    world
        .runtime
        .block_on(world.store.cancel(running))
        .expect("taken back");
    world.bus.send(&Hint::Cancel {
        submission: running,
    });
    let row = world.wait_for(running, Cancelled);
    assert_eq!((row.verdict, row.verdicts), (None, 0));
    let directory = world.state().join("run/runs").join(running.to_string());
    wait_until("its run has ended and is forgotten", || !directory.exists());
    // The keeper is free for the next one.
    let next = world.submit(GOOD);
    assert_eq!(
        world.wait_for(next, Finished).verdict,
        Some(Verdict::Accepted)
    );
    assert!(is_alive(keeper));
    assert_eq!(world.row(queued).state, Cancelled);
    assert_eq!(worker.stop(), Some(0));
}

pub(crate) fn a_drained_node_takes_nothing_new() {
    let world = World::new();
    let _worker = world.start();
    wait_until("the node works", || {
        world.node().is_some_and(|node| node.report.accepting)
    });
    let node = world.node().expect("a node").report.id;
    let order = |orders| {
        let ordered = world.runtime.block_on(world.store.order(node, orders));
        ordered.expect("ordered");
    };
    order(NodeOrders::Drain);
    wait_until("the node takes nothing", || {
        world.node().is_some_and(|node| !node.report.accepting)
    });
    let id = world.submit(GOOD);
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert_eq!(world.row(id).state, Queued);
    order(NodeOrders::Work);
    assert_eq!(
        world.wait_for(id, Finished).verdict,
        Some(Verdict::Accepted)
    );
}

pub(crate) fn a_worker_whose_canary_fails_ends_itself() {
    let world = World::new();
    let worker = world.start();
    wait_until("the node works", || {
        world.node().is_some_and(|node| node.report.accepting)
    });
    std::fs::write(world.state().join(NO_CANARY), "").expect("a file");
    assert_eq!(worker.wait(), Some(75));
    let report = world.node().expect("a node").report;
    assert!(!report.accepting && report.canary_ms.is_none());
}
