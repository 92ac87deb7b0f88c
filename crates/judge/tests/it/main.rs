//! Real submissions in real sandboxes over the host's own runtimes.
//!
//! The binary is its own keeper (it is re-executed under that name), so that it
//! has a main of its own: it runs every test whose name contains the first
//! argument and fails with their number. Where this host can not make a
//! sandbox, or lacks a runtime, a test is skipped, saying so; a sandbox is
//! required with `CARREL_REQUIRE=privileged`.

#![expect(clippy::print_stdout, reason = "this binary is its own test harness")]

mod interactive;
mod io;
mod validator;
mod world;

use std::panic::catch_unwind;
use std::process::ExitCode;

use carrel_sandbox::KEEPER_NAME;

/// A test by its name, with the program of the host that it needs.
type Test = (&'static str, &'static str, fn());

const PYTHON: &str = "/usr/bin/python3";
const GCC: &str = "/usr/bin/gcc";

const TESTS: &[Test] = &[
    (
        "io::every_ending_is_told_rightly",
        PYTHON,
        io::every_ending_is_told_rightly,
    ),
    (
        "io::a_syntax_error_is_no_wrong_answer",
        PYTHON,
        io::a_syntax_error_is_no_wrong_answer,
    ),
    (
        "io::compiled_once_and_judged_apart",
        GCC,
        io::compiled_once_and_judged_apart,
    ),
    (
        "io::a_run_leaves_nothing_for_the_next",
        PYTHON,
        io::a_run_leaves_nothing_for_the_next,
    ),
    (
        "validator::messages_and_scores_arrive",
        PYTHON,
        validator::messages_and_scores_arrive,
    ),
    (
        "validator::a_score_may_be_a_part_of_the_points",
        PYTHON,
        validator::a_score_may_be_a_part_of_the_points,
    ),
    (
        "validator::its_own_failure_is_the_authors",
        PYTHON,
        validator::its_own_failure_is_the_authors,
    ),
    (
        "validator::passes_follow_each_other",
        PYTHON,
        validator::passes_follow_each_other,
    ),
    (
        "interactive::who_ended_first_decides",
        PYTHON,
        interactive::who_ended_first_decides,
    ),
    (
        "interactive::a_closed_output_is_no_end",
        PYTHON,
        interactive::a_closed_output_is_no_end,
    ),
    (
        "interactive::a_rejected_program_is_ended",
        PYTHON,
        interactive::a_rejected_program_is_ended,
    ),
    (
        "interactive::keepers_that_died_idle_are_not_asked",
        PYTHON,
        interactive::keepers_that_died_idle_are_not_asked,
    ),
    (
        "io::compile_runs_of_unit_checks_are_told_as_cached",
        GCC,
        io::compile_runs_of_unit_checks_are_told_as_cached,
    ),
    (
        "interactive::nobody_waits_for_ever",
        PYTHON,
        interactive::nobody_waits_for_ever,
    ),
    (
        "interactive::a_validator_may_end_its_output_before_the_answer",
        PYTHON,
        interactive::a_validator_may_end_its_output_before_the_answer,
    ),
];

fn main() -> ExitCode {
    let mut arguments = std::env::args();
    if arguments
        .next()
        .is_some_and(|name| name.ends_with(KEEPER_NAME))
    {
        return ExitCode::from(u8::try_from(carrel_sandbox::keeper::enter()).unwrap_or(1));
    }
    let filter = arguments
        .find(|argument| !argument.starts_with('-'))
        .unwrap_or_default();
    if let Some(reason) = world::missing() {
        if required() {
            println!("FAIL all: sandboxes are required: {reason}");
            return ExitCode::FAILURE;
        }
        println!("SKIP all: {reason}");
        return ExitCode::SUCCESS;
    }
    let mut failed = 0_u8;
    for (name, needs, test) in TESTS.iter().filter(|(name, _, _)| name.contains(&filter)) {
        if !std::path::Path::new(needs).exists() {
            println!("SKIP {name}: there is no {needs}");
            continue;
        }
        let passed = catch_unwind(test).is_ok();
        println!("{} {name}", if passed { "ok  " } else { "FAIL" });
        failed = failed.saturating_add(u8::from(!passed));
    }
    ExitCode::from(failed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told what must not be skipped"
)]
fn required() -> bool {
    std::env::var("CARREL_REQUIRE").is_ok_and(|value| value == "privileged")
}
