//! `carrel course check`: a course proves that it is as its author declared.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use carrel_course::course::Course;

use super::report::CourseReport;
use super::task::Tasks;
use super::teller::Teller;
use crate::cli::Session;
use crate::cli::check::JudgingArguments;
use crate::exit_code;
use crate::failure::{Failure, Outcome};
use crate::wire::judging::Judging;

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

/// Runs the command.
///
/// # Errors
/// See [`exit_code`].
pub fn run(arguments: &CourseCheckArguments, session: &mut Session) -> Outcome {
    let started = Instant::now();
    let course = load(arguments)?;
    let tasks = list_tasks(&course, arguments.only.as_deref())?;
    let judging = Judging::start(
        session,
        &tasks.environments(&course.directory),
        arguments.judging.options(),
    )?;
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
    let done = tasks.run(&judging, jobs, &mut teller)?;
    let duration_ms = started.elapsed().as_secs_f64() * 1e3;
    let report = CourseReport::new(&course, done, duration_ms);
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
    crate::wire::course::load_whole_course(&arguments.course)
}

fn list_tasks<'a>(course: &'a Course, only: Option<&str>) -> Result<Tasks<'a>, Failure> {
    let fits = |id: &str| only.is_none_or(|pattern| fits(pattern, id));
    let mut tasks = Tasks::default();
    for challenge in &course.challenges {
        if fits(&challenge.id) {
            tasks.add_challenge(challenge)?;
        }
    }
    for quiz in &course.quizzes {
        if fits(&quiz.quiz.id) {
            tasks.add_quiz(quiz);
        }
    }
    for project in &course.projects {
        if fits(&project.id) {
            tasks.add_project(project);
        }
    }
    let nothing_fits = || {
        let mut ids = course.activities().map(|(_, activity)| &activity.id);
        !ids.any(|id| fits(id))
    };
    match only {
        Some(pattern) if tasks.len() == 0 && nothing_fits() => Err(Failure::usage(format!(
            "no challenge or quiz of the course fits `{pattern}`"
        ))),
        _ => Ok(tasks),
    }
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

/// What differs is refused; where something has no verdict at all, that is told first.
fn exit_code_of(report: &CourseReport) -> u8 {
    let judged = report.judged.iter().map(|judged| judged.fault_exit_code);
    let traced = report.traced.iter().map(|traced| traced.fault_exit_code);
    let faults = judged.chain(traced).flatten();
    match faults.max() {
        Some(code) => code,
        None if report.as_declared => exit_code::OK,
        None => exit_code::REJECTED,
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::{course, judged, traced};
    use super::super::task::Done;
    use super::*;

    fn report(done: Vec<Done>) -> CourseReport {
        CourseReport::new(&course(), done, 20.0)
    }

    #[test]
    fn patterns_fit_whole_ids_and_texts_fit_within() {
        assert!(fits("ea", "leap") && !fits("x", "leap"));
        assert!(fits("le*", "leap") && fits("*p", "leap") && fits("l*a*", "leap"));
        assert!(!fits("e*", "leap") && !fits("*a", "leap") && !fits("l*z*p", "leap"));
    }

    #[test]
    fn exit_code_tells_whose_turn_it_is() {
        let one = |done| exit_code_of(&report(vec![done]));
        assert_eq!(one(judged("a", &[], None)), exit_code::OK);
        assert_eq!(one(judged("a", &["x"], None)), exit_code::REJECTED);
        assert_eq!(one(traced("q", &["x"], None)), exit_code::REJECTED);
        let ours = Some(exit_code::PLATFORM_FAULT);
        let both = report(vec![judged("a", &["x"], None), traced("q", &[], ours)]);
        assert_eq!(exit_code_of(&both), exit_code::PLATFORM_FAULT);
    }
}
