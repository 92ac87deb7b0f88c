//! Every program of `tests/hostile`: ends within its limit, is told rightly,
//! leaves the host as it was, and the next run as if it had never been.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use carrel_sandbox::{Keeper, KeeperOptions, Report, Spec, layer};

use crate::case::{self, Case, chain};
use crate::world::{self, Host};
use crate::{directive, host};

/// Keepers that work on the battery side by side.
const KEEPERS: usize = 3;

/// What a run can see of the world: the same before and after any other run.
const WITNESS: &str = r#"
import ctypes, os, resource, socket
libc = ctypes.CDLL(None, use_errno=True)
own = os.getpid()
print("pids", own, os.getppid(), sorted(int(p) for p in os.listdir("/proc") if p.isdigit()) == [own])
for place in ("/work", "/tmp", "/dev/shm"):
    state, space = os.stat(place), os.statvfs(place)
    print(place, sorted(os.listdir(place)), oct(state.st_mode), state.st_uid, space.f_bfree, space.f_ffree)
print("ids", os.getuid(), os.getgid(), os.getgroups(), os.uname().nodename, os.getcwd(), oct(os.umask(0o22)))
print("open", sorted(os.listdir("/proc/self/fd"))[:4], os.getpriority(0, 0), len(os.sched_getaffinity(0)))
print("limits", [resource.getrlimit(kind) for kind in range(16)])
print("env", sorted(os.environ.items()))
with open("/proc/self/status") as status:
    print([line for line in status if line[:3] in ("Sig", "Shd", "Cap", "NoN", "Sec")])
with open("/proc/self/oom_score_adj") as score:
    print("score", score.read())
for name in ("snmp", "snmp6", "netstat", "dev"):
    with open("/proc/self/net/" + name) as counters:
        print(name, counters.read().split())
print("ipc", libc.shmget(4711, 0, 0), libc.semget(4711, 0, 0), libc.msgget(4711, 0))
import fcntl
for path in ("/etc/passwd", "/usr/bin/env"):
    with open(path) as locked:
        fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
bound = socket.socket(socket.AF_UNIX)
bound.bind("\0trace")
block = bytearray(40 << 20)
print("memory", len(block))
"#;

fn witness(keeper: &mut Keeper) -> Result<String, String> {
    let mut spec = Spec::new(
        ["/usr/bin/python3", "-c", WITNESS]
            .map(str::to_owned)
            .to_vec(),
    );
    spec.limits.memory_bytes = 96 << 20;
    spec.limits.cpu_ms *= world::patience();
    spec.limits.wall_ms = 30_000 * world::patience();
    let report = keeper.run(spec).map_err(|error| chain(&error))?;
    let (out, err) = (
        world::text(&report.stdout.bytes),
        world::text(&report.stderr.bytes),
    );
    match report.ending {
        carrel_sandbox::Ending::Exited(0) => Ok(out),
        other => Err(format!("{other:?} {out} {err}")),
    }
}

/// Runs one and looks at what it left; says what is wrong.
fn try_case(case: &Case, keeper: &mut Keeper, world: &Host, before: &Before) -> Vec<String> {
    let result = keeper.run(case.spec(world));
    let mut wrong = Vec::new();
    wrong.extend(case.judge(&result, &case.directives.expectation));
    match witness(keeper) {
        Ok(seen) if seen == before.witness => {}
        Ok(seen) => wrong.push(format!(
            "the next run sees: {}",
            difference(&before.witness, &seen)
        )),
        Err(error) => wrong.push(format!("the next run fails: {error}")),
    }
    let now = host::look(before.slot);
    if now != before.host {
        wrong.push(format!("the host was {:?} and is {now:?}", before.host));
    }
    wrong
        .into_iter()
        .map(|wrong| format!("{}: {wrong}", case.name))
        .collect()
}

struct Before {
    slot: u32,
    host: host::Host,
    witness: String,
}

/// As much of a line as a person wants to read.
fn shorten(line: &str) -> String {
    line.chars().take(400).collect()
}

fn difference(before: &str, after: &str) -> String {
    let lines = before.lines().zip(after.lines());
    let different: Vec<String> = lines
        .filter(|(before, after)| before != after)
        .map(|(before, after)| (shorten(before), shorten(after)))
        .map(|(before, after)| format!("`{after}` and not `{before}`"))
        .collect();
    different.join("; ")
}

fn work(world: &Host, next: &AtomicUsize, wrong: &Mutex<Vec<String>>) -> u32 {
    let cases = case::all();
    let mut keeper = Keeper::start(world.root(), &world::options()).expect("a keeper starts");
    let slot = host::slot(&keeper).expect("a keeper has a slot");
    let seen = witness(&mut keeper).expect("an honest program runs");
    let before = Before {
        slot,
        host: host::look(slot),
        witness: seen,
    };
    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
        let found = try_case(case, &mut keeper, world, &before);
        if !found.is_empty() {
            wrong.lock().unwrap().extend(found);
        }
    }
    slot
}

#[test]
fn hostile_programs_end_are_told_rightly_and_leave_nothing() {
    if world::is_skipped("the battery") {
        return;
    }
    if let Some(reason) = world::lacks("python") {
        return world::skip("the battery", &reason);
    }
    let world = Host::prepare();
    let mounts = host::mounts();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let slots: Vec<u32> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..KEEPERS)
            .map(|_| scope.spawn(|| work(&world, &next, &wrong)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    assert_eq!(host::mounts(), mounts);
    let distinct: BTreeSet<&u32> = slots.iter().collect();
    assert_eq!(distinct.len(), KEEPERS, "two keepers had one slot");
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is seen of a program where these layers are left out.
fn run_without(case: &Case, world: &Host, layers: &[String]) -> Vec<String> {
    let seen = case
        .directives
        .without
        .iter()
        .filter(|(without, _)| without == layers);
    let mut options: KeeperOptions = world::options();
    options.allow_missing_layers = true;
    options.test.without = layers.to_vec();
    let mut wrong = Vec::new();
    for (_, expected) in seen {
        // What a newer kernel's second wall stops: its removal cannot be shown here, while the
        // first wall is still tried by the battery.
        if let Some(reason) = expected.get("needs").and_then(world::lacks) {
            world::skip(
                &format!("{} without {}", case.name, layers.join("+")),
                &reason,
            );
            continue;
        }
        let mut keeper = match Keeper::start(world.root(), &options) {
            Ok(keeper) => keeper,
            Err(error) => return vec![format!("{}: {}", case.name, chain(&error))],
        };
        let slot = host::slot(&keeper);
        let result = keeper.run(case.spec(world));
        wrong.extend(case.judge(&result, expected));
        wrong.extend(named(&result, layers));
        if let Some(then) = expected.get("then") {
            let told = keeper
                .run(case.spec(world))
                .map(|report| directive::told(&report.ending));
            if told.as_ref().ok().map(String::as_str) != Some(then) {
                wrong.push(format!("the second run is {told:?} and not `{then}`"));
            }
        }
        if let (Some(_), Some(slot)) = (expected.get("survivors"), slot) {
            wrong.extend(end_survivors(slot));
        }
    }
    let without = layers.join("+");
    wrong
        .into_iter()
        .map(|wrong| format!("{} without {without}: {wrong}", case.name))
        .collect()
}

/// A run with layers left out names them.
fn named(result: &Result<Report, carrel_sandbox::Error>, layers: &[String]) -> Option<String> {
    let report = result.as_ref().ok()?;
    let is_named = layers
        .iter()
        .all(|layer| report.missing_layers.contains(layer));
    (!is_named).then(|| format!("missing layers are told as {:?}", report.missing_layers))
}

/// Ends the programs that outlived their run, of which there must be one.
fn end_survivors(slot: u32) -> Option<String> {
    let survivors: Vec<u32> = host::processes()
        .into_iter()
        .filter(|(pid, process)| process.name == "program" && host::members(slot).contains(pid))
        .map(|(pid, _)| pid)
        .collect();
    for pid in &survivors {
        let pid = rustix::process::Pid::from_raw((*pid).cast_signed()).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    survivors.is_empty().then(|| "nobody survived".to_owned())
}

#[test]
fn every_layer_stops_something() {
    if world::is_skipped("removal of layers") {
        return;
    }
    let world = Host::prepare();
    let mut wrong = Vec::new();
    let mut removed = BTreeSet::new();
    for case in case::all() {
        let mut sets: Vec<&Vec<String>> = case.directives.without.iter().map(|(l, _)| l).collect();
        sets.sort();
        sets.dedup();
        for layers in sets {
            removed.extend(layers.iter().cloned());
            wrong.extend(run_without(case, &world, layers));
        }
    }
    for layer in layer::ALL {
        if !removed.contains(layer) {
            wrong.push(format!("no program shows what `{layer}` stops"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
