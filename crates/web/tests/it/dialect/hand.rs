//! A hand in place of a worker.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use carrel_model::Cause;
use carrel_model::execution::{
    ExecutionRequest, ExecutionResult, OutputPart, OutputStream, StageResult,
};
use carrel_model::result::{EnvironmentUsed, Usage};
use carrel_model::verdict::Clock;
use carrel_store::node::{LanguageReport, NodeReport, Nodes as _};
use carrel_store::queue::{Lease, Queue as _};
use carrel_store::submission::{Fault, Outcome, Work};

use crate::world::World;

/// Only a hang reaches it, seconds.
pub(super) const WAIT_SECONDS: u64 = 60;
/// Languages that the node tells of: id, version, has a compile step.
const LANGUAGES: [(&str, &str, bool); 4] = [
    ("python", "3.11.2", false),
    ("c", "12.2.0", true),
    ("cpp", "12.2.0", true),
    ("bash", "5.2.15(1)-release", false),
];

/// A node that runs several languages tells of itself.
pub(super) fn beat(world: &World) {
    let report = NodeReport {
        id: world.node,
        epoch: 1,
        host: "test".to_owned(),
        version: "0".to_owned(),
        slots: 64,
        spare_slots: 0,
        busy: 0,
        rate_milli: 64_000,
        environments: Vec::new(),
        languages: LANGUAGES
            .iter()
            .map(|(id, version, compiled)| LanguageReport {
                id: (*id).to_owned(),
                version: (*version).to_owned(),
                environment: (*id).to_owned(),
                compiled: *compiled,
            })
            .collect(),
        missing_layers: Vec::new(),
        accepting: true,
        canary_ms: Some(20.0),
        metrics: String::new(),
    };
    world.wait(world.store.beat(report)).unwrap();
    world.app.nodes.forget();
}

/// The next job, when it is there.
pub(super) fn claim(world: &World) -> Lease {
    let start = Instant::now();
    loop {
        let claimed = world.wait(world.store.claim(world.node, 1, 10_000));
        if let Some(lease) = claimed.unwrap().pop() {
            return lease;
        }
        assert!(start.elapsed().as_secs() < WAIT_SECONDS, "no job came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs a test while a thread works off the queue.
pub(super) fn working<T>(world: &World, test: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let leases = world
                    .wait(world.store.claim(world.node, 8, 10_000))
                    .unwrap();
                for lease in &leases {
                    let Work::Execution(request) = &lease.work else {
                        panic!("{lease:?}")
                    };
                    world.finish(lease, play(request));
                }
                if leases.is_empty() {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        });
        let end = Done(&done);
        let result = test();
        drop(end);
        result
    })
}

/// Ends the thread also where the test fails.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A stage that ended well and wrote nothing.
pub(super) fn stage_result() -> StageResult {
    stage(b"", b"")
}

fn stage(stdout: &[u8], stderr: &[u8]) -> StageResult {
    StageResult {
        stdout: stdout.to_vec(),
        stderr: stderr.to_vec(),
        order: Vec::new(),
        exit_code: Some(0),
        signal: None,
        cause: None,
        limit: None,
        message: None,
        usage: Usage {
            cpu_ms: 12.0,
            wall_ms: 25.0,
            memory_peak_bytes: 3_584_000,
            ..Usage::default()
        },
    }
}

/// What the first word of the program says: `exit 3`, `signal 11`, `slow`, `bytes`, `both`,
/// `broken` (does not compile), `refused` (cannot be run); anything else prints its input and arguments.
pub(super) fn play(request: &ExecutionRequest) -> Outcome {
    let entry = request.entry.as_ref().unwrap();
    let source = String::from_utf8_lossy(&request.files[entry]).into_owned();
    let mut words = source.split_whitespace();
    let (word, number) = (words.next().unwrap_or_default(), words.next());
    let number = number.and_then(|number| number.parse::<i32>().ok());
    let compiled = matches!(request.language.as_str(), "c" | "cpp");
    let mut compile = compiled.then(|| stage(b"", b"warning\n"));
    let mut input = request.stdin.clone();
    input.extend_from_slice(request.arguments.join(" ").as_bytes());
    let mut run = Some(stage(&input, b""));
    let ended = run.as_mut().unwrap();
    match word {
        "exit" => {
            ended.exit_code = number;
            ended.cause = Some(Cause::RuntimeError {
                signal: None,
                exit_code: number,
            });
        }
        "signal" => {
            ended.exit_code = None;
            ended.signal = number;
            ended.cause = Some(Cause::RuntimeError {
                signal: number,
                exit_code: None,
            });
        }
        "slow" => {
            ended.exit_code = None;
            ended.cause = Some(Cause::TimeLimit { clock: Clock::Wall });
        }
        "bytes" => ended.stdout = b"\xff".to_vec(),
        "both" => {
            *ended = stage(b"1\n3\n", b"2\n");
            let part = |stream, bytes| OutputPart { stream, bytes };
            ended.order = vec![
                part(OutputStream::Stdout, 2),
                part(OutputStream::Stderr, 2),
                part(OutputStream::Stdout, 2),
            ];
        }
        "broken" => {
            let failed = compile.as_mut().unwrap();
            failed.stderr = b"main.c:1: error\n".to_vec();
            failed.exit_code = Some(1);
            failed.cause = Some(Cause::RuntimeError {
                signal: None,
                exit_code: Some(1),
            });
            run = None;
        }
        "refused" => {
            return Outcome::Refused {
                fault: Fault::Sender,
                message: "there is no environment for it".to_owned(),
            };
        }
        _ => {}
    }
    Outcome::Executed(Box::new(ExecutionResult {
        environment: EnvironmentUsed {
            name: request.language.clone(),
            digest: None,
            repeatable: false,
        },
        compile,
        run,
        platform_fault: None,
        incidents: Vec::new(),
    }))
}
