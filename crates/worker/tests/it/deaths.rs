//! Whoever dies or is stopped, every submission gets one verdict, the right one.

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState::{Finished, Queued, Running};
use carrel_store::event::EventKind;

use crate::world::{SLOW, World, is_alive, kill, wait_until};

fn attempts(world: &World, id: carrel_model::id::SubmissionId) -> Vec<u32> {
    let events = world.events(id).into_iter();
    let started = events.filter_map(|event| match event.kind {
        EventKind::Started { attempt } => Some(attempt),
        _ => None,
    });
    started.collect()
}

pub(crate) fn a_killed_worker_s_run_is_taken_up() {
    let world = World::new();
    let worker = world.start();
    let id = world.submit(SLOW);
    world.wait_for(id, Running);
    let (keeper, journal) = world.keeper_of(id);
    worker.kill();
    assert!(is_alive(keeper), "the run goes on");
    let second = world.start();
    let row = world.wait_for(id, Finished);
    assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 1));
    assert!(!journal.exists());
    // One attempt, whose checks are told once each.
    assert_eq!(attempts(&world, id), [1]);
    let checks = world.events(id).into_iter();
    let checks = checks.filter(|event| matches!(event.kind, EventKind::Check { .. }));
    assert_eq!(checks.count(), 2);
    wait_until("the run was taken up, not made again", || {
        world.node().is_some_and(|node| {
            let metrics = node.report.metrics;
            node.report.epoch == 2 && !metrics.contains("carrel_worker_runs_taken_up_total 0")
        })
    });
    wait_until("its keeper has ended", || !is_alive(keeper));
    assert_eq!(second.stop(), Some(0));
}

pub(crate) fn a_worker_killed_again_and_again_gives_one_verdict() {
    let world = World::new();
    let ids: Vec<_> = (0..6).map(|_| world.submit(SLOW)).collect();
    for pause_ms in [50, 150, 400, 700, 900] {
        let worker = world.start();
        std::thread::sleep(std::time::Duration::from_millis(pause_ms));
        worker.kill();
    }
    let _last = world.start();
    for id in ids {
        let row = world.wait_for(id, Finished);
        assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 1));
        assert_eq!(attempts(&world, id), [1]);
    }
}

pub(crate) fn a_killed_keeper_s_run_is_made_again() {
    let world = World::new();
    let _worker = world.start();
    let id = world.submit(SLOW);
    let (keeper, _) = world.keeper_of(id);
    kill(keeper);
    let row = world.wait_for(id, Finished);
    assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 1));
}

pub(crate) fn a_stopped_worker_finishes_what_runs() {
    let world = World::new();
    let worker = world.start();
    let id = world.submit(SLOW);
    world.keeper_of(id);
    let later = world.submit(SLOW);
    world.wait_for(later, Running);
    let waiting = world.submit(SLOW);
    assert_eq!(worker.stop(), Some(0));
    for id in [id, later] {
        assert_eq!(world.row(id).verdict, Some(Verdict::Accepted));
    }
    assert_eq!(world.row(waiting).state, Queued);
}

pub(crate) fn what_a_stopped_worker_cannot_finish_is_given_back() {
    let world = World::new();
    let worker = world.start_draining(10);
    let id = world.submit(SLOW);
    let (keeper, _) = world.keeper_of(id);
    assert_eq!(worker.stop(), Some(0));
    assert_eq!(world.row(id).state, Queued);
    wait_until("its run has ended", || !is_alive(keeper));
    let _second = world.start();
    let row = world.wait_for(id, Finished);
    assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 1));
    // Given back is no attempt.
    assert_eq!(attempts(&world, id), [1, 1]);
}
