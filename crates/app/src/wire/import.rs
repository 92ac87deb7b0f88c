//! Imports, with the time limits measured where a package leaves them to that.

use std::borrow::Cow;
use std::path::Path;

use carrel_course::import::kattis::{
    ExpectedVerdict, TimeBound, Timing, derive_time_limit, set_time_limit,
};
use carrel_course::import::{self, ImportOptions, ImportReport, NotCarried};
use carrel_model::challenge::{Challenge, Check, Grading};
use carrel_model::result::{ResultDocument, Run};
use carrel_model::verdict::{Cause, Verdict};
use serde_json::json;

use super::course::failure;
use super::judging::{Judging, JudgingOptions, Request, View, challenge_for};
use crate::audit::{Expectation, expectations};
use crate::cli::Session;
use crate::cli::import::{ImportArguments, KattisArguments};
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::submission;
use crate::terminal::Terminal;
use crate::terminal::text::printable;

/// Imports an Exercism exercise or track.
///
/// # Errors
/// Everything wrong with the source, by file and line.
pub fn exercism(arguments: &ImportArguments, session: &mut Session) -> Outcome {
    let options = ImportOptions {
        overwrite: arguments.overwrite,
        ..ImportOptions::default()
    };
    let report =
        import::exercism(&arguments.source, &arguments.destination, options).map_err(failure)?;
    tell(&report, &[], arguments.json, &mut session.terminal)?;
    Ok(exit_code_of(&report))
}

/// Imports a Kattis package, and measures its time limit where it has none.
///
/// # Errors
/// Everything wrong with the package, by file and line; or what stands in the way of measuring.
pub fn kattis(arguments: &KattisArguments, session: &mut Session) -> Outcome {
    let ImportArguments {
        source,
        destination,
        overwrite,
        json,
    } = &arguments.import;
    let options = ImportOptions {
        overwrite: *overwrite,
        incomplete: arguments.incomplete,
    };
    let report = import::kattis(source, destination, options).map_err(failure)?;
    let mut measured = Vec::new();
    if !arguments.no_measure {
        for imported in &report.imported {
            let Some(timing) = &imported.timing else {
                continue;
            };
            let options = arguments.judging.options();
            let seconds =
                measure(&imported.directory, timing, options, session).map_err(|failure| {
                    failure.hint("the package is imported with a provisional time limit")
                })?;
            measured.push((imported.id.clone(), seconds));
        }
    }
    tell(&report, &measured, *json, &mut session.terminal)?;
    Ok(exit_code_of(&report))
}

/// Nothing imported is a failure of what was named.
fn exit_code_of(report: &ImportReport) -> u8 {
    if report.imported.is_empty() {
        exit_code::BAD_CHALLENGE
    } else {
        exit_code::OK
    }
}

fn tell(
    report: &ImportReport,
    measured: &[(String, f64)],
    as_json: bool,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    if as_json {
        let entries = |list: &[NotCarried]| -> Vec<serde_json::Value> {
            list.iter()
                .map(|entry| json!({"what": entry.what, "reason": entry.reason}))
                .collect()
        };
        let imported: Vec<serde_json::Value> = report
            .imported
            .iter()
            .map(|one| {
                let limit = measured.iter().find(|(id, _)| *id == one.id).map(|(_, seconds)| seconds);
                json!({"id": one.id, "directory": one.directory, "measured_time_limit_seconds": limit})
            })
            .collect();
        let document = json!({
            "imported": imported,
            "not_carried": entries(&report.not_carried),
            "notes": entries(&report.notes),
        });
        return Ok(terminal.json(&document)?);
    }
    terminal.line(format_args!("{}", printable(&report.to_string())))?;
    for (id, seconds) in measured {
        terminal.line(format_args!("{id}: measured time limit {seconds} s"))?;
    }
    Ok(())
}

/// Runs the submissions that bound the time limit, derives it, and writes it into the challenge.
fn measure(
    directory: &Path,
    timing: &Timing,
    options: JudgingOptions,
    session: &mut Session,
) -> Result<f64, Failure> {
    let challenge = super::course::load_challenge(directory)?;
    let bounds = timing
        .bounds
        .iter()
        .map(|bound| prepare_bound(&challenge, bound))
        .collect::<Result<Vec<_>, _>>()?;
    let needed = bounds
        .iter()
        .flat_map(|(suited, _, _)| suited.environments())
        .map(|name| (name, challenge.directory.as_path()))
        .collect();
    let judging = Judging::start(session, &needed, options)?;
    let mut measured = Vec::with_capacity(bounds.len());
    for (suited, expectation, bound) in &bounds {
        let seconds_of =
            |run: &Run| timing.seconds_of(bound.verdict, run.usage.cpu_ms, run.usage.wall_ms);
        let seconds = measure_bound(&judging, suited, expectation, (bound, &seconds_of))?;
        measured.push((bound.verdict, seconds));
    }
    let seconds = derive_time_limit(&measured, timing).map_err(Failure::bad_challenge)?;
    set_time_limit(directory, seconds).map_err(failure)?;
    Ok(seconds)
}

/// The submission that bounds the limit, and the challenge in its language.
fn prepare_bound<'a>(
    challenge: &'a Challenge,
    bound: &'a TimeBound,
) -> Result<(Cow<'a, Challenge>, Expectation, &'a TimeBound), Failure> {
    let name = &bound.submission;
    let expectation = expectations(challenge)
        .into_iter()
        .find(|expectation| expectation.name == *name)
        .ok_or_else(|| {
            Failure::bad_challenge(anyhow::anyhow!(
                "submission `{name}` bounds the time limit and is not there"
            ))
        })?;
    Ok((challenge_for(challenge, &expectation)?, expectation, bound))
}

/// Its slowest run, seconds; infinite where the provisional limit stopped it.
fn measure_bound(
    judging: &Judging,
    challenge: &Challenge,
    expectation: &Expectation,
    (bound, seconds_of): (&TimeBound, &dyn Fn(&Run) -> f64),
) -> Result<f64, Failure> {
    let files = submission::read(&expectation.files)?;
    let counts = |check: &&Check| bound.checks.is_empty() || bound.checks.contains(&check.id);
    let mut slowest = 0.0_f64;
    for check in challenge.checks.iter().filter(counts) {
        // Alone, so that what is too slow is known after the first run that shows it.
        let alone = Challenge {
            checks: vec![check.clone()],
            grading: Grading::Sum,
            ..challenge.clone()
        };
        let request = Request {
            files: files.clone(),
            step: None,
            failures: 0,
            view: View::Author.at(true),
        };
        let document = judging.judge(&alone, request, &mut |_| ())?;
        refuse_measurement(&document, bound)?;
        slowest = slowest.max(slowest_seconds(&document, seconds_of));
        if slowest.is_infinite() {
            break;
        }
    }
    Ok(slowest)
}

/// A run that tells nothing about the time limit.
fn refuse_measurement(document: &ResultDocument, bound: &TimeBound) -> Result<(), Failure> {
    let name = &bound.submission;
    let wrong = |what: &str| {
        let verdict = document.verdict.name();
        Err(Failure::bad_challenge(anyhow::anyhow!(
            "submission `{name}` bounds the time limit, {what}: {verdict}"
        )))
    };
    match (document.verdict, bound.verdict) {
        (Verdict::PlatformFault, _) => {
            let message = document.message.clone().unwrap_or_default();
            Err(Failure::platform(anyhow::anyhow!(
                "measuring submission `{name}`: {message}"
            )))
        }
        (Verdict::CompileError, _) => wrong("and does not compile"),
        (Verdict::TimeLimit, ExpectedVerdict::InTime) => {
            wrong("must be in time, and does not end within the provisional limit")
        }
        _ => Ok(()),
    }
}

/// The slowest run of the program; infinite where it was too slow. A program that
/// was stopped, or ran into its limit, after a validator had rejected it tells nothing.
fn slowest_seconds(document: &ResultDocument, seconds_of: &dyn Fn(&Run) -> f64) -> f64 {
    if document.verdict == Verdict::TimeLimit {
        return f64::INFINITY;
    }
    let stopped =
        |cause: &Option<Cause>| matches!(cause, Some(Cause::TimeLimit { .. } | Cause::WrongAnswer));
    document
        .runs
        .iter()
        .filter(|run| run.purpose == "check" && !stopped(&run.cause))
        .map(seconds_of)
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use carrel_model::result::{EnvironmentUsed, Status, Usage};
    use carrel_model::verdict::Clock;

    use super::*;

    fn run(purpose: &str, check: &str, cpu_ms: f64, cause: Option<Cause>) -> Run {
        Run {
            purpose: purpose.into(),
            check: Some(check.into()),
            cause,
            exit_code: Some(0),
            usage: Usage {
                cpu_ms,
                ..Usage::default()
            },
            cached: false,
            missing_layers: Vec::new(),
        }
    }

    #[test]
    fn the_slowest_run_of_the_program_counts_and_not_its_validators() {
        let slow = Some(Cause::TimeLimit { clock: Clock::Cpu });
        let seconds_of = |run: &Run| run.usage.cpu_ms / 1e3;
        let mut document = ResultDocument {
            version: 3,
            status: Status::Pass,
            message: None,
            tests: Vec::new(),
            contract_version: 1,
            verdict: Verdict::Accepted,
            cause: None,
            gradable: true,
            points: 0.0,
            points_max: 0.0,
            challenge: "a".into(),
            environment: EnvironmentUsed {
                name: "c".into(),
                digest: None,
                repeatable: false,
            },
            steps: Vec::new(),
            runs: vec![
                run("check", "a", 1_000.0, None),
                run("check", "b", 2_000.0, None),
                run("validator", "a", 9_000.0, None),
            ],
            incidents: Vec::new(),
            duration_ms: 1.0,
        };
        assert!((slowest_seconds(&document, &seconds_of) - 2.0).abs() < 1e-9);
        document.runs.push(run("check", "b", 10_000.0, slow));
        document.verdict = Verdict::WrongAnswer;
        assert!((slowest_seconds(&document, &seconds_of) - 2.0).abs() < 1e-9);
        let stopped = run("check", "b", 9_000.0, Some(Cause::WrongAnswer));
        document.runs.push(stopped);
        assert!((slowest_seconds(&document, &seconds_of) - 2.0).abs() < 1e-9);
        document.verdict = Verdict::TimeLimit;
        assert!(slowest_seconds(&document, &seconds_of).is_infinite());
    }
}
