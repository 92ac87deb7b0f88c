//! Two programs that talk with each other.

use std::time::{Duration, Instant};

use carrel_judge::Error;
use carrel_model::verdict::Clock;
use carrel_model::{Cause, Verdict};

use crate::world::World;

/// Thinks of 42; 99 is answered with a rejection at once.
const GUESS: &str = r#"
import sys
for line in sys.stdin:
    guess = int(line)
    if guess == 99:
        sys.exit(43)
    print("=" if guess == 42 else "<" if guess < 42 else ">", flush=True)
    if guess == 42:
        sys.exit(42)
sys.exit(43)
"#;

const SEARCH: &str = "low, high = 0, 100\nwhile True:\n    middle = (low + high) // 2\n    print(middle, flush=True)\n    answer = input()\n    if answer == '=':\n        break\n    if answer == '<':\n        low = middle + 1\n    else:\n        high = middle - 1\n";

fn judged(validator: &str, source: &str) -> Result<carrel_model::ResultDocument, Error> {
    let mut world = World::new("python", "a.py");
    let validator = world.validator(validator, "");
    world.interactive(validator);
    world.try_judge("a.py", source)
}

pub(crate) fn who_ended_first_decides() {
    let verdict = |source| {
        let document = judged(GUESS, source).expect("a verdict");
        (document.verdict, document.cause)
    };
    assert_eq!(verdict(SEARCH), (Verdict::Accepted, None));
    // It ends without having found it: the validator reads the end of its input.
    assert_eq!(
        verdict("print(1, flush=True)\ninput()").0,
        Verdict::WrongAnswer
    );
    // The validator rejects first; what the program does then does not count.
    let rejected = "print(99, flush=True)\nwhile True: print(1, flush=True)";
    assert_eq!(
        verdict(rejected),
        (Verdict::WrongAnswer, Some(Cause::WrongAnswer))
    );
    // It crashes first, and the validator's rejection does not hide that.
    let crashed = Some(Cause::RuntimeError {
        signal: None,
        exit_code: Some(3),
    });
    assert_eq!(
        verdict("raise SystemExit(3)"),
        (Verdict::RuntimeError, crashed)
    );
    // Nor does a validator that fails because of it: the program was first.
    let fragile = "import sys\nint(input())\nprint('<', flush=True)\nint(input())\n";
    let document = judged(fragile, "print(1)\nraise SystemExit(3)").expect("a verdict");
    assert_eq!(document.verdict, Verdict::RuntimeError);
    // It is accepted, writes on, and dies of no broken pipe.
    let chatty = format!("{SEARCH}for _ in range(100): print(7, flush=True)\n");
    assert_eq!(
        judged(GUESS, &chatty).expect("a verdict").verdict,
        Verdict::Accepted
    );
}

pub(crate) fn nobody_waits_for_ever() {
    let start = Instant::now();
    // Both wait for the other to speak.
    let silent = judged(GUESS, "input()").expect("a verdict");
    assert_eq!(silent.cause, Some(Cause::TimeLimit { clock: Clock::Wall }));
    // The validator fills the pipe of a program that has gone.
    let talker = "import sys\nwhile True: sys.stdout.write('x' * 4096)";
    let gone = judged(talker, "pass").expect("a verdict");
    assert_eq!(gone.verdict, Verdict::WrongAnswer, "{gone:#?}");
    // The validator sleeps on after the end of its input: the author's fault.
    let asleep = judged("import time\ntime.sleep(60)", "pass");
    assert!(matches!(asleep, Err(Error::Challenge { .. })), "{asleep:?}");
    assert!(start.elapsed() < Duration::from_secs(60));
}

pub(crate) fn a_rejected_program_is_ended() {
    let on_and_on = "import time\nprint(99, flush=True)\nwhile True: time.sleep(1)\n";
    let document = judged(GUESS, on_and_on).expect("a verdict");
    assert_eq!(document.verdict, Verdict::WrongAnswer, "{document:#?}");
    // Not by its own limit: that would be told as such.
    let run = document.runs.iter().find(|run| run.purpose == "check");
    let cause = run.and_then(|run| run.cause.clone());
    assert_eq!(cause, Some(Cause::WrongAnswer), "{document:#?}");
}

pub(crate) fn a_closed_output_is_no_end() {
    let asleep = "import os, time\nos.close(1)\ntime.sleep(600)\n";
    let document = judged(GUESS, asleep).expect("a verdict");
    assert_eq!(
        document.cause,
        Some(Cause::TimeLimit { clock: Clock::Wall }),
        "{document:#?}"
    );
    // Nor does the validator's broken program leave one behind it.
    let mut world = World::new("python", "a.py");
    let broken = world.validator("raise SystemExit(1)", "");
    world.interactive(broken);
    world.challenge.limits.wall_ms = 1_200_000;
    let outcome = world.try_judge("a.py", asleep);
    assert!(
        matches!(outcome, Err(Error::Challenge { .. })),
        "{outcome:?}"
    );
}

pub(crate) fn keepers_that_died_idle_are_not_asked() {
    let accepted = || judged(GUESS, SEARCH).map(|document| document.verdict);
    assert_eq!(accepted().expect("a verdict"), Verdict::Accepted);
    let killed = crate::world::kill_idle_keepers();
    assert!(killed > 0, "no keeper was idle");
    // The specs hold ends of pipes, so that there is one try only.
    assert_eq!(accepted().expect("a verdict"), Verdict::Accepted);
}

/// Says a number, ends what it says, and waits for the answer.
const ENDS_ITS_OUTPUT: &str = "import os, sys\nprint(20, flush=True)\nprint(22, flush=True)\nos.close(1)\nsys.exit(42 if sys.stdin.read() == '42\\n' else 43)";

pub(crate) fn a_validator_may_end_its_output_before_the_answer() {
    let to_the_end = "import sys\nprint(sum(int(line) for line in sys.stdin))";
    let document = judged(ENDS_ITS_OUTPUT, to_the_end).expect("a verdict");
    assert_eq!(document.verdict, Verdict::Accepted, "{document:#?}");
    // More than a pipe holds, to a program that reads nothing of it.
    let long = "import sys\nsys.stdout.write('x' * 300000)\nsys.stdout.flush()\nsys.exit(42 if sys.stdin.read() == 'ok\\n' else 43)";
    let document = judged(long, "print('ok')").expect("a verdict");
    assert_eq!(document.verdict, Verdict::Accepted, "{document:#?}");
}
