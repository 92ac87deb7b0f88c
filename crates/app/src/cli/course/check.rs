//! `carrel course check`: a course proves that it is as its author declared.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use carrel_course::course::Course;
use carrel_model::challenge::Challenge;
use carrel_model::verdict::Verdict;

use super::report::{CourseReport, Judged};
use super::teller::Teller;
use crate::audit::{Expectation, expectations};
use crate::cli::Session;
use crate::cli::check::JudgingArguments;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::submission;
use crate::wire::judging::{Judging, Request, View, challenge_for, environments_of};

/// Most submissions judged at once.
const JOBS_MAX: usize = 256;

/// Arguments of `carrel course check`.
#[derive(Debug, clap::Args)]
pub struct CourseCheckArguments {
    /// Directory of a course, of a single challenge, or of several challenges.
    course: PathBuf,
    /// Submissions judged at once [default: one per processor].
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Only challenges whose id contains this text, or fits this pattern with `*`.
    #[arg(long, value_name = "PATTERN")]
    only: Option<String>,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Tell of every submission, not only of those that differ.
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    judging: JudgingArguments,
}

/// One submission to judge.
struct Task<'a> {
    /// As it is for the language of the submission.
    challenge: Cow<'a, Challenge>,
    expectation: Expectation,
}

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CourseCheckArguments, session: &mut Session) -> Outcome {
    let course = load(arguments)?;
    let tasks = list_tasks(&course, arguments.only.as_deref())?;
    let environments = tasks
        .iter()
        .flat_map(|task| {
            let directory = task.challenge.directory.as_path();
            environments_of(&task.challenge)
                .into_iter()
                .map(move |name| (name, directory))
        })
        .collect();
    let judging = Judging::start(session, &environments, arguments.judging.options())?;
    let jobs = arguments
        .jobs
        .map_or_else(processors, NonZeroUsize::get)
        .min(JOBS_MAX);
    let mut teller = Teller::new(
        &mut session.terminal,
        tasks.len(),
        arguments.json,
        arguments.verbose,
    );
    let started = Instant::now();
    let judged = judge_all(&judging, &tasks, jobs, &mut teller)?;
    let report = CourseReport::new(course.id, judged, started.elapsed().as_secs_f64() * 1e3);
    teller.finish(&report)?;
    Ok(exit_code_of(&report))
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn load(arguments: &CourseCheckArguments) -> Result<Course, Failure> {
    if !arguments.course.is_dir() {
        let path = arguments.course.display();
        return Err(Failure::usage(format!("`{path}` is not a directory"))
            .hint("name the directory that holds course.toml or challenge.toml"));
    }
    crate::wire::course::load_course(&arguments.course)
}

fn list_tasks<'a>(course: &'a Course, only: Option<&str>) -> Result<Vec<Task<'a>>, Failure> {
    let fits = |challenge: &&Challenge| only.is_none_or(|pattern| fits(pattern, &challenge.id));
    let mut tasks = Vec::new();
    for challenge in course.challenges.iter().filter(fits) {
        for expectation in expectations(challenge) {
            tasks.push(Task {
                challenge: challenge_for(challenge, &expectation)?,
                expectation,
            });
        }
    }
    if tasks.is_empty() {
        let problem = match only {
            Some(pattern) => format!("no challenge of the course fits `{pattern}`"),
            None => "the course has nothing to judge".to_owned(),
        };
        return Err(Failure::usage(problem));
    }
    Ok(tasks)
}

/// Contains the text, or fits the pattern with `*`.
fn fits(pattern: &str, id: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let mut rest: Vec<&str> = parts.collect();
    let Some(last) = rest.pop() else {
        return id.contains(pattern);
    };
    let Some(mut tail) = id.strip_prefix(first) else {
        return false;
    };
    for part in rest {
        match tail.find(part) {
            Some(place) => tail = &tail[place + part.len()..],
            None => return false,
        }
    }
    tail.ends_with(last)
}

/// Judges all tasks on so many threads; results come back in the order of the tasks.
fn judge_all(
    judging: &Judging,
    tasks: &[Task<'_>],
    jobs: usize,
    teller: &mut Teller<'_>,
) -> Result<Vec<Judged>, Failure> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<Option<Judged>> = tasks.iter().map(|_| None).collect();
    std::thread::scope(|scope| -> Result<(), Failure> {
        for _ in 0..jobs.min(tasks.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = tasks.get(number) else { break };
                    // The receiver goes away when output fails: then there is nobody to judge for.
                    if sender.send((number, judge_one(judging, task))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let told = receiver.iter().try_for_each(|(number, judged)| {
            teller.judged(&judged)?;
            results[number] = Some(judged);
            Ok(())
        });
        drop(receiver);
        told
    })?;
    Ok(results.into_iter().flatten().collect())
}

fn judge_one(judging: &Judging, task: &Task<'_>) -> Judged {
    let started = Instant::now();
    let expectation = &task.expectation;
    let outcome = submission::read(&expectation.files).and_then(|files| {
        let request = Request {
            files,
            step: expectation.step.clone(),
            failures: 0,
            view: View::Author,
            after_due: true,
        };
        judging.judge(&task.challenge, request, &mut |_| ())
    });
    let mut judged = Judged {
        challenge: task.challenge.id.clone(),
        name: expectation.name.clone(),
        verdict: None,
        deviations: Vec::new(),
        fault: None,
        fault_exit_code: None,
        duration_ms: 0.0,
    };
    match outcome {
        Ok(document) if document.verdict == Verdict::PlatformFault => {
            let message = document
                .message
                .unwrap_or_else(|| "platform fault".to_owned());
            // The document tells the learner that it is ours; the reason is told to operators.
            let reasons = document
                .incidents
                .iter()
                .map(|incident| format!("\n{}", incident.detail));
            judged.fault = Some(message + &reasons.collect::<String>());
            judged.fault_exit_code = Some(exit_code::PLATFORM_FAULT);
        }
        Ok(document) => {
            judged.deviations = expectation.deviations(&document);
            judged.verdict = Some(document.verdict);
        }
        Err(failure) => {
            judged.fault = Some(format!("{:#}", failure.error));
            judged.fault_exit_code = Some(failure.exit_code);
        }
    }
    judged.duration_ms = started.elapsed().as_secs_f64() * 1e3;
    judged
}

/// What differs is refused; where something has no verdict at all, that is told first.
fn exit_code_of(report: &CourseReport) -> u8 {
    let faults = report
        .judged
        .iter()
        .filter_map(|judged| judged.fault_exit_code);
    match faults.max() {
        Some(code) => code,
        None if report.as_declared => exit_code::OK,
        None => exit_code::REJECTED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(deviations: &[&str], fault: Option<u8>) -> Judged {
        Judged {
            challenge: "leap".into(),
            name: "solution".into(),
            verdict: fault.is_none().then_some(Verdict::Accepted),
            deviations: deviations.iter().map(|text| (*text).to_owned()).collect(),
            fault: fault.map(|_| "it broke".to_owned()),
            fault_exit_code: fault,
            duration_ms: 12.0,
        }
    }

    fn report(judged: Vec<Judged>) -> CourseReport {
        CourseReport::new("c".into(), judged, 20.0)
    }

    #[test]
    fn patterns_fit_whole_ids_and_texts_fit_within() {
        assert!(fits("ea", "leap") && !fits("x", "leap"));
        assert!(fits("le*", "leap") && fits("*p", "leap") && fits("l*a*", "leap"));
        assert!(!fits("e*", "leap") && !fits("*a", "leap") && !fits("l*z*p", "leap"));
    }

    #[test]
    fn exit_code_tells_whose_turn_it_is() {
        assert_eq!(
            exit_code_of(&report(vec![judged(&[], None)])),
            exit_code::OK
        );
        assert_eq!(
            exit_code_of(&report(vec![judged(&["x"], None)])),
            exit_code::REJECTED
        );
        let ours = Some(exit_code::PLATFORM_FAULT);
        let both = report(vec![judged(&["x"], None), judged(&[], ours)]);
        assert_eq!(exit_code_of(&both), exit_code::PLATFORM_FAULT);
    }
}
