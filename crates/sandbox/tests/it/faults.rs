//! Every step of the set-up is made to fail, one after the other: a platform
//! fault with the step's name, and nothing left behind.

use carrel_sandbox::{Error, FileInput, Keeper, Network, Spec, Stream};

use crate::{host, world};

/// More steps than there are.
const STEPS_MAX: u32 = 200;

fn spec() -> Spec {
    let mut spec = world::shell("cat; echo done");
    spec.stdin = Stream::Bytes(b"in ".to_vec());
    spec.network = Network::Loopback;
    spec.report_channel = true;
    spec.limits.wall_ms = 60_000;
    spec.files.push(FileInput {
        path: "a/b".to_owned(),
        content: b"x".to_vec(),
        executable: false,
        writable: true,
    });
    spec.collect = vec!["a".to_owned()];
    spec
}

fn step_of(error: &Error) -> &str {
    match error {
        Error::Step { step, .. } => step,
        other => panic!("not a fault of a step: {other:?}"),
    }
}

/// Fails at step n; `None` once there is no such step.
fn fail_at(n: u32) -> Option<String> {
    let mut options = world::options();
    options.test.fail_at = Some(n);
    let mut keeper = match Keeper::start(world::host_root(), &options) {
        Err(error) => return Some(step_of(&error).to_owned()),
        Ok(keeper) => keeper,
    };
    let slot = host::slot(&keeper).expect("a keeper has a slot");
    let before = host::look(slot);
    let first = match keeper.run(spec()) {
        Err(error) => step_of(&error).to_owned(),
        Ok(report) => {
            assert_eq!(world::text(&report.stdout.bytes), "in done\n");
            return None;
        }
    };
    // The keeper is as usable as before: it fails at the same step again, and leaves nothing.
    let second = keeper.run(spec()).unwrap_err();
    assert_eq!(step_of(&second), first);
    assert_eq!(host::look(slot), before, "step {n}: {first}");
    Some(first)
}

#[test]
fn every_step_that_fails_is_a_named_fault_and_leaves_nothing() {
    if world::is_skipped("failing steps") {
        return;
    }
    let mounts = host::mounts();
    let mut names = Vec::new();
    for n in 1..STEPS_MAX {
        match fail_at(n) {
            Some(step) => {
                assert!(step.ends_with("(failure provoked)"), "step {n}: {step}");
                names.push(step);
            }
            None => break,
        }
    }
    assert_eq!(host::mounts(), mounts);
    for wanted in [
        "take a slot",
        "clone init",
        "mount /proc",
        "load the seccomp filter",
    ] {
        let has = names.iter().any(|name| name.starts_with(wanted));
        assert!(has, "`{wanted}` was not among {names:?}");
    }
    assert!(
        (20..STEPS_MAX as usize - 1).contains(&names.len()),
        "{names:?}"
    );
}
