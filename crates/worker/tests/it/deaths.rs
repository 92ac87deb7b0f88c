//! Whoever dies or is stopped, every submission gets one verdict, the right one.

use carrel_model::Verdict;
use carrel_model::execution::SubmissionState::{Finished, Queued, Running};
use carrel_store::event::EventKind;
use carrel_store::submission::{Submissions as _, Work};

use crate::world::{GOOD, SLOW, World, is_alive, kill, kill_if_alive, wait_until};

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
    // It is cleared away after the verdict stands.
    wait_until("its journal is gone", || !journal.exists());
    // One attempt, whose checks are told once each.
    assert_eq!(attempts(&world, id), [1]);
    let checks = world.events(id).into_iter();
    let checks = checks.filter(|event| matches!(event.kind, EventKind::Check { .. }));
    assert_eq!(checks.count(), 2);
    wait_until("the run was taken up, not made again", || {
        let second = world.node().is_some_and(|node| node.report.epoch == 2);
        second && world.runs_taken_up() == 1
    });
    wait_until("its keeper has ended", || !is_alive(keeper));
    assert_eq!(second.stop(), Some(0));
}

pub(crate) fn joined_runs_are_taken_up_together() {
    if !std::path::Path::new("/usr/bin/python3").exists() {
        return println!("SKIP deaths::joined_runs_are_taken_up_together: there is no python3");
    }
    let world = World::new();
    let worker = world.start();
    let mut work = world.challenge_work("");
    work.challenge = "waiting".to_owned();
    let source = "import time\ndef three():\n    time.sleep(1.5)\n    return 3\n";
    work.files = [("waiting.py".to_owned(), source.as_bytes().to_vec())].into();
    let id = world.send(Work::Challenge(work));
    wait_until("both are under way", || world.runs_under_way(id) == 2);
    worker.kill();
    let _second = world.start();
    let row = world.wait_for(id, Finished);
    assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 1));
    assert_eq!(attempts(&world, id), [1]);
    wait_until("both were taken up", || world.runs_taken_up() >= 2);
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
    let worker = world.start_with(&["10"]);
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

pub(crate) fn what_a_replaced_worker_cannot_finish_goes_on() {
    let world = World::new();
    let worker = world.start_with(&["10", "succeeded"]);
    let id = world.submit(SLOW);
    let (keeper, _) = world.keeper_of(id);
    assert_eq!(worker.stop(), Some(0));
    assert!(is_alive(keeper) && world.row(id).state == Running);
    let _second = world.start();
    let row = world.wait_for(id, Finished);
    assert_eq!((row.verdict, row.verdicts), (Some(Verdict::Accepted), 1));
    assert_eq!(attempts(&world, id), [1]);
}

/// Submissions of the storm.
const STORM: usize = 40;
/// Deaths in it; a fixed order, so that a failure comes again.
const DEATHS: u64 = 12;

/// Workers and keepers die in a fixed but unruly order while submissions of all kinds are judged.
pub(crate) fn a_storm_of_deaths_loses_doubles_and_changes_nothing() {
    let world = World::new();
    let kinds = [
        (GOOD, Verdict::Accepted),
        ("echo 3\n", Verdict::WrongAnswer),
        (
            "read -r a b; sleep 0.3; echo $((a + b))\n",
            Verdict::Accepted,
        ),
        ("kill -SEGV $$\n", Verdict::RuntimeError),
        ("read -r a b; sleep 0.1; exit 7\n", Verdict::RuntimeError),
    ];
    let sent: Vec<_> = (0..STORM)
        .map(|number| {
            let (source, verdict) = kinds[number % kinds.len()];
            // Another content each time: no two runs are the same.
            (world.submit(&format!("# {number}\n{source}")), verdict)
        })
        .collect();
    let mut worker = world.start();
    // Knuth's multiplicative hash of the number: unruly enough.
    for death in 1..=DEATHS {
        let drawn = death.wrapping_mul(2_654_435_761) >> 7;
        std::thread::sleep(std::time::Duration::from_millis(100 + drawn % 500));
        let keepers = world.keepers();
        match keepers.get(usize::try_from(drawn % 7).unwrap_or(0)) {
            Some(keeper) => kill_if_alive(*keeper),
            None => {
                worker.kill();
                worker = world.start();
            }
        }
    }
    for (id, verdict) in sent {
        let row = world.wait_for(id, Finished);
        assert_eq!((row.verdict, row.verdicts), (Some(verdict), 1), "{id}");
        let history = world.runtime.block_on(world.store.history(id));
        assert_eq!(history.expect("a history").len(), 1);
        let numbers = world.events(id).into_iter().map(|event| event.number);
        assert!(numbers.eq(1..=u32::try_from(world.events(id).len()).unwrap_or(0)));
    }
    assert_eq!(worker.stop(), Some(0));
    assert!(world.keepers().is_empty(), "nothing runs any more");
}
