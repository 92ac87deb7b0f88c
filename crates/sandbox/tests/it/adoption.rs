//! Runs with a journal outlive their caller; runs can be taken back; left-overs are swept away.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use carrel_sandbox::journal::{self, Adoption, Underway};
use carrel_sandbox::sweep::sweep;
use carrel_sandbox::{Ending, Keeper, Report, Spec, Stream};

use crate::deaths::{kill, wait_until};
use crate::{host, world};

/// Marks the process that is the caller; the directory of its journals follows.
const CALLER: &str = "--caller-with-journals=";

/// Long enough that the caller is dead before the end.
const SCRIPT: &str = "echo begun; sleep 1; echo late >&2; echo kept >made; echo done; exit 7";

fn spec(directory: &Path, name: &str) -> Spec {
    let mut spec = world::shell(SCRIPT);
    spec.collect = vec!["made".to_owned()];
    spec.journal = Some(journal::create(&directory.join(name)).unwrap());
    spec
}

/// Starts this test again as a caller that can be killed.
fn start_caller(test: &str, directory: &Path) -> Child {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test starts itself as a caller that it can kill"
    )]
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--skip"])
        .arg(format!("{CALLER}{}", directory.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// In the caller: the directory it was given.
fn directory_of_caller() -> Option<PathBuf> {
    std::env::args().find_map(|argument| argument.strip_prefix(CALLER).map(PathBuf::from))
}

/// Waits until a keeper runs it.
fn begun(path: &Path) -> (Underway, u32) {
    let mut found = None;
    wait_until("the run has begun", || {
        if let Ok(Adoption::Running(underway)) = journal::adopt(path)
            && let Ok(Some(keeper)) = underway.keeper()
        {
            found = Some((underway, keeper));
        }
        found.is_some()
    });
    found.unwrap()
}

fn finished(adoption: Adoption) -> Report {
    match adoption {
        Adoption::Finished(report) => *report,
        other => panic!("{other:?}"),
    }
}

/// What does not depend on the moment.
fn content(mut report: Report) -> Report {
    report.usage = carrel_sandbox::Usage::default();
    report
}

fn end(mut caller: Child) {
    caller.kill().unwrap();
    caller.wait().unwrap();
}

fn slot_of(process: u32) -> u32 {
    let uid = host::processes()[&process].uid;
    (uid - 0x7000_0000) >> 16
}

#[test]
fn a_run_with_a_journal_outlives_its_caller() {
    if let Some(directory) = directory_of_caller() {
        let _ = world::keeper().run(spec(&directory, "run"));
        return;
    }
    if world::is_skipped("a run that outlives its caller") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let undisturbed = world::keeper()
        .run(spec(directory.path(), "undisturbed"))
        .unwrap();
    let caller = start_caller(
        "adoption::a_run_with_a_journal_outlives_its_caller",
        directory.path(),
    );
    let path = directory.path().join("run");
    let (underway, keeper) = begun(&path);
    let slot = slot_of(keeper);
    end(caller);
    assert_eq!(underway.keeper().unwrap(), Some(keeper));
    assert!(host::processes().contains_key(&keeper));
    let adopted = finished(underway.wait(|| true).unwrap());
    assert_eq!(adopted.ending, Ending::Exited(7));
    assert_eq!(content(adopted), content(undisturbed.clone()));
    wait_until("the keeper has ended", || {
        !host::processes().contains_key(&keeper)
    });
    assert_slot_is_left(slot);
    // The caller that lives has the same in its journal.
    let kept = finished(journal::adopt(&directory.path().join("undisturbed")).unwrap());
    assert_eq!(kept, undisturbed);
}

/// Nothing of it is there, unless another test's keeper has taken the slot.
fn assert_slot_is_left(slot: u32) {
    wait_until("the slot is left", || {
        host::groups(slot).is_empty() || !host::members(slot).is_empty()
    });
}

#[test]
fn a_run_whose_keeper_dies_too_is_lost() {
    if let Some(directory) = directory_of_caller() {
        let _ = world::keeper().run(spec(&directory, "run"));
        return;
    }
    if world::is_skipped("a run whose keeper dies") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let caller = start_caller(
        "adoption::a_run_whose_keeper_dies_too_is_lost",
        directory.path(),
    );
    let (underway, keeper) = begun(&directory.path().join("run"));
    let slot = slot_of(keeper);
    end(caller);
    kill(keeper);
    assert!(matches!(underway.wait(|| true).unwrap(), Adoption::Lost));
    assert_slot_is_left(slot);
}

#[test]
fn an_adopted_run_can_be_taken_back() {
    if let Some(directory) = directory_of_caller() {
        let mut spec = spec(&directory, "run");
        spec.argv = ["/bin/sleep", "1000"].map(str::to_owned).to_vec();
        spec.limits.wall_ms = 100_000;
        let _ = world::keeper().run(spec);
        return;
    }
    if world::is_skipped("an adopted run that is taken back") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let caller = start_caller(
        "adoption::an_adopted_run_can_be_taken_back",
        directory.path(),
    );
    let (underway, keeper) = begun(&directory.path().join("run"));
    end(caller);
    assert!(matches!(underway.wait(|| false).unwrap(), Adoption::Lost));
    wait_until("the keeper has ended", || {
        !host::processes().contains_key(&keeper)
    });
}

/// Two sandboxes joined by a pipe need no caller between them.
#[test]
fn joined_runs_outlive_their_caller_together() {
    if let Some(directory) = directory_of_caller() {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut first = spec(&directory, "first");
        first.stdout = Stream::Descriptor(OwnedFd::from(writer));
        let mut second = spec(&directory, "second");
        second.argv = vec!["/bin/cat".to_owned()];
        second.stdin = Stream::Descriptor(OwnedFd::from(reader));
        let (mut one, mut other) = (world::keeper(), world::keeper());
        let run = std::thread::spawn(move || drop(one.run(first)));
        let _ = other.run(second);
        let _ = run.join();
        return;
    }
    if world::is_skipped("joined runs") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let caller = start_caller(
        "adoption::joined_runs_outlive_their_caller_together",
        directory.path(),
    );
    let (first, _) = begun(&directory.path().join("first"));
    let (second, _) = begun(&directory.path().join("second"));
    end(caller);
    let first = finished(first.wait(|| true).unwrap());
    let second = finished(second.wait(|| true).unwrap());
    assert_eq!(first.ending, Ending::Exited(7));
    assert_eq!(world::text(&second.stdout.bytes), "begun\ndone\n");
}

#[test]
fn a_run_is_taken_back_at_once_and_no_other_with_it() {
    if world::is_skipped("a run that is taken back") {
        return;
    }
    let mut keeper = world::keeper();
    let slot = host::slot(&keeper).unwrap();
    let long = || {
        let mut spec = world::shell("echo begun; sleep 1000");
        spec.limits.wall_ms = 100_000;
        spec
    };
    let early = keeper.canceller();
    early.cancel();
    assert_eq!(keeper.run(long()).unwrap().ending, Ending::Cancelled);
    let during = keeper.canceller();
    let run = std::thread::spawn(move || (keeper.run(long()).unwrap(), keeper));
    wait_until("the program is there", || {
        let members = host::members(slot);
        let processes = host::processes();
        members.iter().any(|pid| processes[pid].name == "sleep")
    });
    during.cancel();
    let (report, mut keeper) = run.join().unwrap();
    assert_eq!(report.ending, Ending::Cancelled);
    assert_eq!(world::text(&report.stdout.bytes), "begun\n");
    // Words about runs that are over reach nobody.
    during.cancel();
    early.cancel();
    let report = keeper.run(world::shell("exit 5")).unwrap();
    assert_eq!(report.ending, Ending::Exited(5));
    let late = keeper.canceller();
    drop(keeper);
    late.cancel();
}

#[test]
fn a_sweep_removes_what_nobody_holds_and_nothing_else() {
    if world::is_skipped("a sweep") {
        return;
    }
    let mut alive = world::keeper();
    let held = host::slot(&alive).unwrap();
    let dead = world::keeper();
    let left = host::slot(&dead).unwrap();
    let parent = dead.process_id();
    kill(parent);
    drop(dead);
    wait_until("nobody is left", || host::members(left).is_empty());
    assert!(
        !host::groups(left).is_empty(),
        "there is something to sweep"
    );
    let swept = sweep().unwrap();
    assert!(swept.in_use >= 1, "{swept:?}");
    assert_slot_is_left(left);
    assert!(!host::groups(held).is_empty());
    let report = alive.run(world::shell("exit 6")).unwrap();
    assert_eq!(report.ending, Ending::Exited(6));
}

#[test]
fn standard_error_goes_into_standard_output_in_order() {
    if world::is_skipped("merged streams") {
        return;
    }
    let mut spec = world::shell("echo one; echo two >&2; echo three; echo four >&2");
    spec.stderr = Stream::Stdout;
    let report = Keeper::run(&mut world::keeper(), spec).unwrap();
    assert_eq!(world::text(&report.stdout.bytes), "one\ntwo\nthree\nfour\n");
    assert!(report.stderr.bytes.is_empty());
}
