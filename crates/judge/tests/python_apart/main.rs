//! Cheating, broken and honest Python programs against tests that run apart from them.
//!
//! Every program of `tests/cheats/python_apart` says in its head what it tries,
//! how it must end (`# outcome:`) and which test cases an honest look at it
//! lets pass (`# passes:`); all others must not. Real sandboxes over the host's
//! own Python; this binary is its own keeper, hence no test harness. A word as
//! argument runs only the programs whose name contains it.

mod scenes;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use carrel_judge::case::{CaseStatus, UnitOutcome};
use carrel_model::Cause;

use world::{World, judge};

/// What a program's head says.
struct Declared {
    outcome: String,
    passes: Vec<String>,
}

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
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    let world = World::start();
    let mut failed = 0;
    for (name, program) in programs() {
        if is_wanted(&name) {
            failed += u32::from(!told(&name, check_program(&world, &program)));
        }
    }
    for (name, scene) in scenes::SCENES {
        if is_wanted(name) {
            failed += u32::from(!told(name, scene(&world)));
        }
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[expect(
    clippy::print_stdout,
    reason = "this is the test harness of this binary"
)]
fn told(name: &str, result: Result<(), String>) -> bool {
    match &result {
        Ok(()) => println!("ok      {name}"),
        Err(problem) => println!("FAILED  {name}: {problem}"),
    }
    result.is_ok()
}

fn directory() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cheats/python_apart"
    ))
}

fn programs() -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(directory()).expect("the directory of programs");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .map(|path| {
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read_to_string(&path).expect("a program"))
        })
        .collect()
}

fn declared(program: &str) -> Result<Declared, String> {
    let field = |name: &str| {
        program
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    Ok(Declared {
        outcome: field("# outcome:")
            .ok_or("its head lacks `# outcome:`")?
            .to_owned(),
        passes: field("# passes:")
            .unwrap_or("")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    })
}

fn check_program(world: &World, program: &str) -> Result<(), String> {
    let declared = declared(program)?;
    let suite = std::fs::read_to_string(directory().join("suite.txt")).expect("the suite");
    let outcome = judge(
        world,
        "unittest",
        &[("answer.py", program)],
        &[("answer_test.py", &suite)],
    )?;
    if outcome.failure.is_none() && outcome.cases.len() != 13 {
        return Err(format!("{} cases instead of 13", outcome.cases.len()));
    }
    if declared.outcome == "accepted" {
        let all = outcome
            .cases
            .iter()
            .all(|case| case.status == CaseStatus::Passed);
        return if all && outcome.failure.is_none() {
            Ok(())
        } else {
            Err(format!("{outcome:?}"))
        };
    }
    for case in &outcome.cases {
        let short = case.name.trim_start_matches("DoubleTest.");
        let honest = declared.passes.iter().any(|name| name == short);
        if case.status == CaseStatus::Skipped || case.status == CaseStatus::Passed && !honest {
            return Err(format!("{} {:?}", case.name, case.status));
        }
    }
    let ended = ending(&outcome);
    if declared.outcome == "any" || declared.outcome == ended {
        return Ok(());
    }
    Err(format!(
        "ended as {ended}, declared {}: {outcome:?}",
        declared.outcome
    ))
}

/// The kind of the suite's failure, else `wrong_answer` where an assertion
/// failed, else `error`.
fn ending(outcome: &UnitOutcome) -> String {
    match &outcome.failure {
        Some(failure) => kind(&failure.cause),
        None if outcome
            .cases
            .iter()
            .any(|case| case.status == CaseStatus::Failed) =>
        {
            "wrong_answer".to_owned()
        }
        None => "error".to_owned(),
    }
}

fn kind(cause: &Cause) -> String {
    let value = serde_json::to_value(cause).expect("a cause in JSON");
    value["kind"].as_str().expect("its kind").to_owned()
}
