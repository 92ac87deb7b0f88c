//! Input and expected output.

use carrel_model::verdict::Clock;
use carrel_model::{Cause, Limits, ResultDocument, Verdict};

use crate::world::World;

const RIGHT: &str = "a, b = map(int, input().split())\nprint(a + b)\n";

pub(crate) fn every_ending_is_told_rightly() {
    let mut world = World::new("python", "sum.py");
    // Full long before the processor time is over, also on a machine that is slow to give pages.
    world.challenge.limits.memory_bytes = 64 << 20;
    world.io("1 2\n", "3\n");
    let cases: [(&str, Verdict, Option<Cause>); 10] = [
        (RIGHT, Verdict::Accepted, None),
        ("print(4)", Verdict::WrongAnswer, Some(Cause::WrongAnswer)),
        (
            "while True: pass",
            Verdict::TimeLimit,
            Some(Cause::TimeLimit { clock: Clock::Cpu }),
        ),
        (
            "import time\ntime.sleep(60)",
            Verdict::TimeLimit,
            Some(Cause::TimeLimit { clock: Clock::Wall }),
        ),
        ("x = bytearray(10**10)", Verdict::RuntimeError, None),
        (
            "x = []\nwhile True: x.append(bytearray(10**7))",
            Verdict::MemoryLimit,
            None,
        ),
        (
            "while True: print('x' * 10**6)",
            Verdict::OutputLimit,
            Some(Cause::OutputLimit),
        ),
        (
            "print(3)\nraise SystemExit(7)",
            Verdict::RuntimeError,
            Some(Cause::RuntimeError {
                signal: None,
                exit_code: Some(7),
            }),
        ),
        (
            "import os\nos.kill(os.getpid(), 11)",
            Verdict::RuntimeError,
            Some(Cause::RuntimeError {
                signal: Some(11),
                exit_code: None,
            }),
        ),
        (
            "import os\nos._exit(0)",
            Verdict::WrongAnswer,
            Some(Cause::WrongAnswer),
        ),
    ];
    for (source, verdict, cause) in cases {
        let document = world.judge("sum.py", source);
        // An allocation that is refused at once may be told as an exception or as the limit.
        if source.contains("10**10") && document.verdict == Verdict::MemoryLimit {
            continue;
        }
        assert_eq!(document.verdict, verdict, "{source}: {document:#?}");
        if cause.is_some() {
            assert_eq!(document.cause, cause, "{source}");
        }
        assert!(document.gradable);
        assert!(
            document.runs.iter().all(|run| run.usage.wall_ms > 0.0),
            "{document:#?}"
        );
    }
}

pub(crate) fn a_syntax_error_is_no_wrong_answer() {
    let mut world = World::new("python", "sum.py");
    world.io("1 2\n", "3\n");
    let document = world.judge("sum.py", "a = 1\ndef f(:\n    pass\n");
    assert_eq!(document.verdict, Verdict::CompileError, "{document:#?}");
    let cause = Cause::CompileError {
        file: Some("sum.py".to_owned()),
        line: Some(2),
    };
    assert_eq!(document.cause, Some(cause));
    assert!(
        document
            .message
            .is_some_and(|text| text.contains("SyntaxError"))
    );
    let accepted = world.judge("sum.py", RIGHT);
    assert_eq!(
        accepted.runs.len(),
        1,
        "an accepted submission costs no syntax check"
    );
}

pub(crate) fn compiled_once_and_judged_apart() {
    let mut world = World::new("c", "sum.c");
    world.challenge.limits = Limits::default();
    world.io("1 2\n", "3\n");
    world.io("2 2\n", "4\n");
    let right = "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }\n";
    let document = world.judge("sum.c", right);
    assert_eq!(document.verdict, Verdict::Accepted, "{document:#?}");
    let purposes: Vec<&str> = document
        .runs
        .iter()
        .map(|run| run.purpose.as_str())
        .collect();
    assert_eq!(purposes, ["compile", "check", "check"]);
    assert!(!document.runs[0].cached);
    assert!(world.judge("sum.c", right).runs[0].cached);
    let broken = world.judge("sum.c", "int main(void) {\n  return x;\n}\n");
    let cause = Cause::CompileError {
        file: Some("sum.c".to_owned()),
        line: Some(2),
    };
    assert_eq!(broken.cause, Some(cause), "{broken:#?}");
    let crash = "#include <stdlib.h>\nint main(void) { abort(); }\n";
    let cause = Cause::RuntimeError {
        signal: Some(6),
        exit_code: None,
    };
    assert_eq!(world.judge("sum.c", crash).cause, Some(cause));
}

pub(crate) fn compile_runs_of_unit_checks_are_told_as_cached() {
    let mut world = World::new("c", "twice.c");
    world.challenge.limits = Limits::default();
    world.unit(
        "c_main",
        "test.c",
        "int twice(int);\nint main(void) { return twice(2) != 4; }\n",
    );
    let right = "int twice(int n) { return n + n; }\n";
    let compiled = |document: &ResultDocument| {
        let runs = document.runs.iter();
        let compiled = runs.filter(|run| run.purpose == "compile");
        compiled.map(|run| run.cached).collect::<Vec<bool>>()
    };
    let document = world.judge("twice.c", right);
    assert_eq!(document.verdict, Verdict::Accepted, "{document:#?}");
    assert_eq!(compiled(&document), [false, false]);
    assert_eq!(compiled(&world.judge("twice.c", right)), [true, true]);
}

pub(crate) fn a_run_leaves_nothing_for_the_next() {
    let mut world = World::new("python", "sum.py");
    for _ in 0..2 {
        world.io("", "first\n");
    }
    let source = "import os\nnew = not os.path.exists('seen') and not os.path.exists('/tmp/seen')\n\
                  open('seen', 'w').close(); open('/tmp/seen', 'w').close()\n\
                  print('first' if new else 'again')\n";
    let document = world.judge("sum.py", source);
    assert_eq!(document.verdict, Verdict::Accepted, "{document:#?}");
}
