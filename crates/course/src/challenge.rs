//! One challenge directory: `challenge.toml` and what lies beside it.

mod checks;
pub(crate) mod context;
mod cycle;
mod files;
mod groups;
mod kinds;
mod limits;
mod steps;
mod submissions;

use std::path::Path;

use carrel_model::challenge::Compile;
use carrel_model::{Challenge, Limits, Verdict};

use crate::document::Document;
use crate::language;
use crate::placed::Placed;
use crate::problem::Problems;
use crate::raw::{CHALLENGE_FILE, ChallengeFile, CompileTable, NetworkName, RunTable};
use crate::tree::Tree;
use checks::{Checks, Surroundings};
use context::{Context, IdForm};
use submissions::Known;

/// Shortest time from accept to verdict that may be aimed at, milliseconds.
const TARGET_MS_MIN: u64 = 100;
/// Longest time from accept to verdict that may be aimed at, milliseconds.
const TARGET_MS_MAX: u64 = 3_600_000;

/// Reads a challenge directory.
///
/// # Errors
/// Every problem of its files, each with place and way out.
pub fn load(directory: &Path) -> Result<Challenge, Problems> {
    let mut problems = Problems::new();
    let challenge = read(directory, &mut problems);
    match challenge {
        Some(challenge) if problems.is_empty() => Ok(challenge),
        _ => Err(problems),
    }
}

/// Whether a directory holds a challenge.
#[must_use]
pub fn is_challenge(directory: &Path) -> bool {
    directory.join(CHALLENGE_FILE).is_file()
}

fn read(directory: &Path, problems: &mut Problems) -> Option<Challenge> {
    if !is_challenge(directory) {
        let message = format!("holds no `{CHALLENGE_FILE}`");
        problems.push_path(
            directory,
            message,
            "name a challenge directory; docs/challenge-format.md tells how one is written",
        );
        return None;
    }
    let tree = Tree::read(directory, "challenge", problems)?;
    let mut document = Document::open(&directory.join(CHALLENGE_FILE), problems)?;
    let file: ChallengeFile = document.parse(problems)?;
    let mut context = Context {
        tree: &tree,
        document: &document,
        problems,
    };
    Some(build(&mut context, &file))
}

fn build(context: &mut Context<'_>, file: &ChallengeFile) -> Challenge {
    let hint = "a short name that never changes, such as `leap-year`";
    let id = context.require_text(file.id.as_ref(), "id", hint);
    if let Some(said) = file.id.as_ref().filter(|_| !id.is_empty()) {
        context.check_id(said, IdForm::Slug);
    }
    let title = context.require_text(file.title.as_ref(), "title", "what learners see");
    let (language, environment) = find_language(context, file);
    let limits = limits::parse(context, Limits::default(), &file.limits);
    let compile = file
        .compile
        .as_ref()
        .and_then(|table| parse_compile(context, table));
    let run = file
        .run
        .as_ref()
        .and_then(|table| parse_run(context, table));
    let steps = steps::parse(context, file, &id, &title);
    let files = files::parse(context, &file.files, &steps);
    let around = Surroundings {
        language: &language,
        environment: &environment,
        limits,
        steps: &steps,
    };
    let checks = checks::parse(context, file, &around);
    files::check_collisions(context, &files, &checks.list);
    let grading = groups::parse(context, &file.groups, &checks);
    check_pass_points(context, file, &checks);
    check_target(context, file);
    let starter_verdicts = find_starter_verdicts(context, file);
    let known = Known {
        files: &files,
        steps: &steps,
        checks: &checks,
    };
    let submissions = submissions::parse(context.tree, &known, context.problems);
    let challenge = Challenge {
        directory: context.tree.root().to_owned(),
        id,
        title,
        language,
        environment,
        editable: files.editable,
        entry: files.entry,
        supplied: files.supplied,
        start: files.start,
        solution: files.solution,
        compile,
        run,
        limits,
        loopback: file.network == Some(NetworkName::Loopback),
        steps,
        checks: checks.list,
        submissions,
        target_ms: file.target_ms.as_ref().map(|target| target.value),
        starter_verdicts,
        pass_points: file.pass_points.as_ref().map(|points| points.value),
        grading,
    };
    check_proof(context, &challenge);
    challenge
}

fn find_language(context: &mut Context<'_>, file: &ChallengeFile) -> (String, String) {
    let hint = "such as language = \"python\"";
    let language = context.require_text(file.language.as_ref(), "language", hint);
    if let Some(said) = file.language.as_ref().filter(|_| !language.is_empty()) {
        context.check_language(said, file.environment.is_some());
    }
    let environment = match &file.environment {
        Some(environment) => {
            context.check_id(environment, IdForm::Slug);
            environment.value.clone()
        }
        None => language::find(&language)
            .map_or(language.as_str(), |known| known.environment)
            .to_owned(),
    };
    (language, environment)
}

fn parse_compile(context: &mut Context<'_>, table: &Placed<CompileTable>) -> Option<Compile> {
    if table.value.command.is_empty() {
        let hint =
            "such as command = [\"gcc\", \"-o\", \"program\", \"{files}\"]; or remove the table";
        context.report_missing(&table.span, "command", hint);
        return None;
    }
    for output in &table.value.outputs {
        context.check_relative(output);
    }
    Some(Compile {
        command: table.value.command.clone(),
        outputs: table
            .value
            .outputs
            .iter()
            .map(|output| output.value.clone())
            .collect(),
        limits: limits::parse(context, limits::compile_defaults(), &table.value.limits),
    })
}

fn parse_run(context: &mut Context<'_>, table: &Placed<RunTable>) -> Option<Vec<String>> {
    if table.value.command.is_empty() {
        let hint = "such as command = [\"python3\", \"{entry}\"]; or remove the table";
        context.report_missing(&table.span, "command", hint);
        return None;
    }
    Some(table.value.command.clone())
}

fn check_pass_points(context: &mut Context<'_>, file: &ChallengeFile, checks: &Checks) {
    let Some(points) = &file.pass_points else {
        return;
    };
    let total: f64 = checks.list.iter().map(|check| check.points).sum();
    // A scoring validator or a group may give more than the checks say: only then the sum is no bound.
    let bounded = file.groups.is_empty()
        && file
            .checks
            .iter()
            .all(|check| check.value.scoring != Some(true));
    let right = points.value > 0.0 && (!bounded || points.value <= total);
    if !right {
        let message = format!(
            "`pass_points` is {}, but the checks give {total}",
            points.value
        );
        context.report(
            &points.span,
            message,
            "choose a number above 0 that can be reached",
        );
    }
}

fn check_target(context: &mut Context<'_>, file: &ChallengeFile) {
    let Some(target) = &file.target_ms else {
        return;
    };
    if !(TARGET_MS_MIN..=TARGET_MS_MAX).contains(&target.value) {
        let message = format!(
            "`target_ms` is {}; it must be between {TARGET_MS_MIN} and {TARGET_MS_MAX}",
            target.value
        );
        let hint = "the time from accept to verdict that a learner may count on";
        context.report(&target.span, message, hint);
    }
}

fn find_starter_verdicts(context: &mut Context<'_>, file: &ChallengeFile) -> Vec<Verdict> {
    let Some(said) = &file.starter_verdict else {
        return Vec::new();
    };
    if said.value.0.contains(&Verdict::PlatformFault) {
        context.report(
            &said.span,
            "`platform_fault` is never a starter's doing",
            "",
        );
    } else if said.value.0.is_empty() {
        context.report(
            &said.span,
            "`starter_verdict` is empty",
            "remove it where the starter must not be accepted",
        );
    } else if context.tree.below("start").is_empty() {
        context.report(
            &said.span,
            "`starter_verdict` without a `start/`",
            "add a starter, or remove the key",
        );
    }
    said.value.0.clone()
}

/// A challenge proves itself: something that must be accepted, something that must not.
fn check_proof(context: &mut Context<'_>, challenge: &Challenge) {
    let declares = |wanted: bool| {
        let is_accepted = |verdict: &Verdict| *verdict == Verdict::Accepted;
        challenge.submissions.iter().any(|submission| {
            submission
                .verdicts
                .iter()
                .all(|verdict| is_accepted(verdict) == wanted)
        })
    };
    let has_step = |of: fn(&carrel_model::Step) -> bool| challenge.steps.iter().any(of);
    let solved = !challenge.solution.is_empty() || has_step(|step| !step.solution.is_empty());
    if !solved && !declares(true) {
        let hint =
            "put a reference solution into `solution/`, or a program into `submissions/accepted/`";
        context.report(
            &(0..0),
            "nothing shows that the challenge can be solved",
            hint,
        );
    }
    let started = !challenge.start.is_empty() || has_step(|step| !step.start.is_empty());
    let fails = started && !challenge.starter_verdicts.contains(&Verdict::Accepted);
    if !fails && !declares(false) {
        let hint =
            "put a starter into `start/`, or a wrong program into `submissions/wrong_answer/`";
        context.report(&(0..0), "nothing shows that the checks can fail", hint);
    }
}

#[cfg(test)]
mod problem_tests;
#[cfg(test)]
mod tests;
