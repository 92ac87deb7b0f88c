//! Cheating, broken and honest programs against the test frameworks, in real sandboxes.
//!
//! Every program of `tests/cheats/<suite>` says in its head what it tries and
//! how it must end. This binary is its own keeper, hence no test harness; it
//! uses the host's interpreters and passes over suites whose tools are missing.
//! Words as arguments run only the programs whose path contains one.

#![allow(clippy::print_stdout, reason = "this binary is its own test harness")]

mod suites;
mod world;

use std::path::Path;
use std::process::ExitCode;

use carrel_judge::case::{CaseStatus, UnitOutcome};
use carrel_model::{Cause, Verdict};

use suites::Suite;
use world::World;

fn main() -> ExitCode {
    if std::env::args_os()
        .next()
        .is_some_and(|name| name == carrel_sandbox::KEEPER_NAME)
    {
        return ExitCode::from(u8::try_from(carrel_sandbox::keeper::enter()).unwrap_or(1));
    }
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let world = World::start();
    let mut failed = 0_u32;
    for suite in suites::all() {
        if let Some(tool) = suite.tools.iter().find(|tool| !Path::new(tool).exists()) {
            println!("SKIP    {}: {tool} is not installed", suite.name);
            continue;
        }
        for (name, program) in programs(&suite) {
            let full = format!("{}/{name}", suite.name);
            if !wanted.is_empty() && !wanted.iter().any(|word| full.contains(word.as_str())) {
                continue;
            }
            match check(&world, &suite, &program) {
                Ok(()) => println!("ok      {full}"),
                Err(problem) => {
                    failed += 1;
                    println!("FAILED  {full}: {problem}");
                }
            }
        }
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn programs(suite: &Suite) -> Vec<(String, String)> {
    let directory =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cheats")).join(suite.directory);
    let mut programs: Vec<(String, String)> = std::fs::read_dir(&directory)
        .expect("the programs are there")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read_to_string(&path).expect("a text"))
        })
        .collect();
    programs.sort();
    assert!(
        !programs.is_empty(),
        "no programs in {}",
        directory.display()
    );
    programs
}

fn check(world: &World, suite: &Suite, program: &str) -> Result<(), String> {
    let declared = program
        .lines()
        .find_map(|line| line.split_once("outcome: "))
        .map(|(_, word)| word.trim())
        .ok_or("it declares no outcome")?;
    let outcome = world
        .judge(suite, program)
        .map_err(|error| error.to_string())?;
    let got = word_of(&outcome);
    let right = match declared {
        "rejected" => got != "accepted",
        // A limit in another sandbox than the tests': the case bears it.
        "time_limit_case" => {
            got == "time_limit"
                || outcome
                    .cases
                    .iter()
                    .any(|case| matches!(case.cause, Some(Cause::TimeLimit { .. })))
        }
        other => got == other,
    };
    if right {
        Ok(())
    } else {
        Err(format!("declared {declared}, got {got}: {outcome:?}")
            .chars()
            .take(3000)
            .collect())
    }
}

fn word_of(outcome: &UnitOutcome) -> &'static str {
    match &outcome.failure {
        Some(failure) if failure.cause == Cause::ResultsForged => "forged",
        Some(failure) => failure.cause.verdict().name(),
        None if outcome
            .cases
            .iter()
            .all(|case| case.status == CaseStatus::Passed) =>
        {
            Verdict::Accepted.name()
        }
        None => Verdict::WrongAnswer.name(),
    }
}
