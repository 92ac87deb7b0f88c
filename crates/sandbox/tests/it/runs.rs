//! Ordinary runs.

use std::io::{BufRead as _, Read as _, Write as _};

use carrel_sandbox::{Ending, Limit, OutputStream, Stream};

use crate::world::{is_skipped, keeper, patience, run, shell, text};

#[test]
fn tells_in_which_order_the_streams_came() {
    // More than a pipe holds, so that the order does not depend on when the keeper looks:
    // standard error begins when at most one pipe of standard output is unread.
    let mut spec =
        shell("head -c 200000 /dev/zero; head -c 200000 /dev/zero >&2; head -c 200000 /dev/zero");
    spec.limits.output_bytes = 1 << 20;
    let report = keeper().run(spec).unwrap();
    let (first, second) = (report.order[0], report.order[1]);
    assert_eq!((first.stream, first.bytes), (OutputStream::Stdout, 200_000));
    assert_eq!(second.stream, OutputStream::Stderr);
    let of = |stream| -> u64 {
        let parts = report.order.iter().filter(|part| part.stream == stream);
        parts.map(|part| part.bytes).sum()
    };
    assert_eq!(of(OutputStream::Stdout), 400_000);
    assert_eq!(of(OutputStream::Stderr), 200_000);
}

#[test]
fn a_program_runs_and_tells() {
    let report = run("echo out; echo err >&2; id -u; pwd; exit 3");
    assert_eq!(text(&report.stdout.bytes), "out\n1000\n/work\n");
    assert_eq!(text(&report.stderr.bytes), "err\n");
    assert_eq!(report.ending, Ending::Exited(3));
    assert!(report.usage.wall_us > 0 && report.usage.memory_peak_bytes > 0);
}

#[test]
fn limits_are_told_apart() {
    let mut keeper = keeper();
    let mut spec = shell("while :; do :; done");
    spec.limits.cpu_ms = 100;
    assert_eq!(keeper.run(spec).unwrap().ending, Ending::Limit(Limit::Cpu));
    let mut spec = shell("sleep 60");
    spec.limits.wall_ms = 100;
    assert_eq!(keeper.run(spec).unwrap().ending, Ending::Limit(Limit::Wall));
    let mut spec = shell("yes");
    spec.limits.output_bytes = 1000;
    let report = keeper.run(spec).unwrap();
    assert_eq!(report.ending, Ending::Limit(Limit::Output));
    assert_eq!(report.stdout.bytes.len(), 1000);
    assert!(report.stdout.truncated);
    let mut spec = shell("x=a; while :; do x=$x$x; done");
    spec.limits.memory_bytes = 64 << 20;
    assert_eq!(
        keeper.run(spec).unwrap().ending,
        Ending::Limit(Limit::Memory)
    );
    let mut spec = shell("head -c 1000000 /dev/zero > f");
    spec.limits.file_bytes = 1000;
    spec.stdin = Stream::Bytes(b"unread".to_vec());
    let report = keeper.run(spec).unwrap();
    assert!(
        matches!(
            report.ending,
            Ending::Exited(153) | Ending::Limit(Limit::FileSize)
        ),
        "{report:?}"
    );
}

/// The caller's word ends a run, and the keeper goes on with the next one.
#[test]
fn a_run_is_stopped_when_its_caller_wants() {
    let mut keeper = keeper();
    for closed in [true, false] {
        let (stop, mut order) = std::io::pipe().unwrap();
        let (started, says) = std::io::pipe().unwrap();
        let mut spec = shell("echo started; trap '' TERM; sleep 60");
        spec.limits.wall_ms = 30_000 * patience();
        spec.stdout = Stream::Descriptor(says.into());
        spec.stop = Some(stop.into());
        let report = std::thread::scope(|scope| {
            let run = scope.spawn(|| keeper.run(spec));
            let mut line = String::new();
            std::io::BufReader::new(started)
                .read_line(&mut line)
                .unwrap();
            assert_eq!(line, "started\n");
            if !closed {
                order.write_all(b"stop").unwrap();
            }
            let open = (!closed).then_some(order);
            let report = run.join().unwrap().unwrap();
            drop(open);
            report
        });
        assert_eq!(report.ending, Ending::Stopped);
    }
    assert_eq!(
        keeper.run(shell("exit 7")).unwrap().ending,
        Ending::Exited(7)
    );
}

/// The caller's signals are the program's: it may handle them, or ends by them.
#[test]
fn a_signal_of_the_caller_reaches_the_program() {
    const USR1: u8 = 10;
    const TERM: u8 = 15;
    let mut keeper = keeper();
    let handles = "trap 'echo caught; exit 5' USR1; echo started; while :; do sleep 0.02; done";
    let ignores = "trap '' TERM; echo started; sleep 0.2; exit 3";
    for (program, signal, ending) in [
        (handles, USR1, Ending::Exited(5)),
        (
            "echo started; sleep 60",
            TERM,
            Ending::Signalled(TERM.into()),
        ),
        (ignores, TERM, Ending::Exited(3)),
    ] {
        let (stop, mut order) = std::io::pipe().unwrap();
        let (started, says) = std::io::pipe().unwrap();
        let mut spec = shell(program);
        spec.limits.wall_ms = 30_000 * patience();
        spec.stdout = Stream::Descriptor(says.into());
        spec.stop = Some(stop.into());
        let (report, said) = std::thread::scope(|scope| {
            let run = scope.spawn(|| keeper.run(spec));
            let mut started = std::io::BufReader::new(started);
            let mut said = String::new();
            started.read_line(&mut said).unwrap();
            order.write_all(&[signal]).unwrap();
            started.read_to_string(&mut said).unwrap();
            (run.join().unwrap().unwrap(), said)
        });
        assert_eq!(report.ending, ending, "{program}");
        assert_eq!(said.contains("caught"), ending == Ending::Exited(5));
    }
    // What comes before the program waits for it.
    let (stop, mut order) = std::io::pipe().unwrap();
    order.write_all(&[TERM]).unwrap();
    let mut spec = shell("sleep 60");
    spec.stop = Some(stop.into());
    let report = keeper.run(spec).unwrap();
    assert_eq!(report.ending, Ending::Signalled(TERM.into()));
}

#[test]
fn streams_can_be_opened_by_name() {
    let mut spec = shell("cat /dev/stdin; echo two > /dev/stdout; echo three > /dev/stderr");
    spec.stdin = Stream::Bytes(b"one\n".to_vec());
    let report = keeper().run(spec).unwrap();
    assert_eq!(text(&report.stdout.bytes), "one\ntwo\n");
    assert_eq!(text(&report.stderr.bytes), "three\n");
}

/// The limit on open files counts the program's, not what starts it.
#[test]
fn few_open_files_are_enough_to_start() {
    let mut spec = shell("ulimit -n");
    spec.limits.open_files = 4;
    let report = keeper().run(spec).unwrap();
    assert_eq!(text(&report.stdout.bytes), "4\n", "{report:?}");
}

#[test]
fn files_larger_than_the_memory_limit_are_told_as_that() {
    if is_skipped("files_larger_than_the_memory_limit_are_told_as_that") {
        return;
    }
    let mut keeper = keeper();
    let mut spec = shell("echo started");
    spec.limits.memory_bytes = 16 << 20;
    spec.files.push(carrel_sandbox::FileInput {
        path: "large".to_owned(),
        content: vec![b'x'; 30 << 20],
        executable: false,
        writable: false,
    });
    let report = keeper.run(spec).unwrap();
    assert_eq!(report.ending, Ending::Limit(Limit::Memory));
    let report = keeper.run(shell("echo next")).unwrap();
    assert_eq!(text(&report.stdout.bytes), "next\n");
}
