//! Real workers over a real store and real sandboxes of the host's own runtimes.
//!
//! The binary is its own keeper and its own worker: it is re-executed under the
//! keeper's name, or with [`WORKER`]. It runs every test whose name contains the
//! first argument and fails with their number. Where this host can not make a
//! sandbox all are skipped, saying so; `CARREL_REQUIRE=privileged` requires one.

#![expect(clippy::print_stdout, reason = "this binary is its own test harness")]

mod conversations;
mod deaths;
mod faults;
mod verdicts;
mod world;

use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::ExitCode;

use carrel_sandbox::KEEPER_NAME;

/// First argument of a worker process; its directory, the drain bound, and a word
/// where another worker follows it, come after.
const WORKER: &str = "--worker";

const TESTS: &[(&str, fn())] = &[
    (
        "verdicts::a_verdict_is_recorded_with_its_events_in_order",
        verdicts::a_verdict_is_recorded_with_its_events_in_order,
    ),
    (
        "verdicts::hidden_checks_do_not_leak_through_events",
        verdicts::hidden_checks_do_not_leak_through_events,
    ),
    (
        "verdicts::an_execution_gives_its_output",
        verdicts::an_execution_gives_its_output,
    ),
    (
        "verdicts::each_refusal_has_its_owner",
        verdicts::each_refusal_has_its_owner,
    ),
    (
        "verdicts::a_node_tells_how_it_is",
        verdicts::a_node_tells_how_it_is,
    ),
    (
        "conversations::output_comes_as_it_is_written_and_input_as_it_is_said",
        conversations::output_comes_as_it_is_written_and_input_as_it_is_said,
    ),
    (
        "conversations::a_signal_is_the_program_s_to_handle",
        conversations::a_signal_is_the_program_s_to_handle,
    ),
    (
        "conversations::a_program_that_is_left_is_ended",
        conversations::a_program_that_is_left_is_ended,
    ),
    (
        "conversations::output_has_its_limit_however_fast_it_comes",
        conversations::output_has_its_limit_however_fast_it_comes,
    ),
    (
        "conversations::without_anybody_it_is_an_ordinary_run",
        conversations::without_anybody_it_is_an_ordinary_run,
    ),
    (
        "deaths::a_killed_worker_s_run_is_taken_up",
        deaths::a_killed_worker_s_run_is_taken_up,
    ),
    (
        "deaths::joined_runs_are_taken_up_together",
        deaths::joined_runs_are_taken_up_together,
    ),
    (
        "deaths::a_worker_killed_again_and_again_gives_one_verdict",
        deaths::a_worker_killed_again_and_again_gives_one_verdict,
    ),
    (
        "deaths::a_storm_of_deaths_loses_doubles_and_changes_nothing",
        deaths::a_storm_of_deaths_loses_doubles_and_changes_nothing,
    ),
    (
        "deaths::a_killed_keeper_s_run_is_made_again",
        deaths::a_killed_keeper_s_run_is_made_again,
    ),
    (
        "deaths::a_stopped_worker_finishes_what_runs",
        deaths::a_stopped_worker_finishes_what_runs,
    ),
    (
        "deaths::what_a_stopped_worker_cannot_finish_is_given_back",
        deaths::what_a_stopped_worker_cannot_finish_is_given_back,
    ),
    (
        "deaths::what_a_replaced_worker_cannot_finish_goes_on",
        deaths::what_a_replaced_worker_cannot_finish_goes_on,
    ),
    (
        "faults::faults_of_ours_park_and_an_operator_can_run_again",
        faults::faults_of_ours_park_and_an_operator_can_run_again,
    ),
    (
        "faults::work_waits_for_an_environment_and_stands_in_nobody_s_way",
        faults::work_waits_for_an_environment_and_stands_in_nobody_s_way,
    ),
    (
        "faults::a_queued_and_a_running_submission_can_be_taken_back",
        faults::a_queued_and_a_running_submission_can_be_taken_back,
    ),
    (
        "faults::a_drained_node_takes_nothing_new",
        faults::a_drained_node_takes_nothing_new,
    ),
    (
        "faults::a_worker_whose_canary_fails_ends_itself",
        faults::a_worker_whose_canary_fails_ends_itself,
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
    let first = arguments.find(|argument| argument == WORKER || !argument.starts_with('-'));
    if first.as_deref() == Some(WORKER) {
        let directory = PathBuf::from(arguments.next().unwrap_or_default());
        let drain_ms = arguments.next().and_then(|text| text.parse().ok());
        let succeeded = arguments.next().is_some();
        return world::be_worker(&directory, drain_ms.unwrap_or(20_000), succeeded);
    }
    let filter = first.unwrap_or_default();
    if let Some(reason) = world::missing() {
        if required() {
            println!("FAIL all: sandboxes are required: {reason}");
            return ExitCode::FAILURE;
        }
        println!("SKIP all: {reason}");
        return ExitCode::SUCCESS;
    }
    let mut failed = 0_u8;
    for (name, test) in TESTS.iter().filter(|(name, _)| name.contains(&filter)) {
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
