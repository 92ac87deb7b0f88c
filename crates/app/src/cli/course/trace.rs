//! Tracing questions prove themselves: the program is run, and the author's answer compared with what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use carrel_course::course::CourseQuiz;
use carrel_model::Limits;
use carrel_model::execution::{ExecutionRequest, ExecutionResult};
use carrel_model::verdict::Cause;
use carrel_quiz::kind::{Outcome, Tracing};
use carrel_quiz::{Answer, Instance, Kind, Question, Scorer};

use super::report::Traced;
use crate::exit_code;
use crate::failure::Failure;
use crate::wire::judging::{self, Judging};

/// Seeds by which a question with variables is tried.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Times that a program is run: one that does not always do the same asks for luck.
const RUNS: usize = 2;
/// Most characters of an output that are told.
const TOLD_CHARACTERS_MAX: usize = 2_000;

/// A tracing question of a quiz.
pub(super) struct TraceTask<'a> {
    quiz: &'a str,
    question: &'a Question,
}

/// The tracing questions of a quiz.
pub(super) fn list(quiz: &CourseQuiz) -> impl Iterator<Item = TraceTask<'_>> {
    let is_tracing = |question: &&Question| matches!(question.kind, Kind::Tracing(_));
    let questions = quiz.quiz.questions().filter(is_tracing);
    questions.map(|question| TraceTask {
        quiz: &quiz.quiz.id,
        question,
    })
}

/// Names of the environments that the tracing questions need.
pub(super) fn environments_of(tasks: &[TraceTask<'_>]) -> BTreeSet<String> {
    let kinds = tasks.iter().map(|task| &task.question.kind);
    kinds
        .filter_map(|kind| match kind {
            Kind::Tracing(tracing) => environment_of(tracing),
            _ => None,
        })
        .collect()
}

fn environment_of(tracing: &Tracing) -> Option<String> {
    let own = tracing.environment.clone();
    own.or_else(|| judging::environment_of_language(&tracing.language))
}

/// Runs the program of one question and compares.
pub(super) fn verify(judging: &Judging, task: &TraceTask<'_>) -> Traced {
    let started = Instant::now();
    let mut traced = Traced {
        quiz: task.quiz.to_owned(),
        question: task.question.id.clone(),
        deviations: Vec::new(),
        fault: None,
        fault_exit_code: None,
        duration_ms: 0.0,
    };
    let seeds = match task.question.template {
        Some(_) => SEEDS.as_slice(),
        None => &SEEDS[..1],
    };
    for seed in seeds {
        match verify_with(judging, task.question, *seed) {
            Ok(None) => {}
            Ok(Some(deviation)) => {
                traced.deviations.push(deviation);
                break;
            }
            Err(failure) => {
                traced.fault = Some(format!("{:#}", failure.error));
                traced.fault_exit_code = Some(failure.exit_code);
                break;
            }
        }
    }
    traced.duration_ms = started.elapsed().as_secs_f64() * 1e3;
    traced
}

/// What differs, with the variables of one seed.
fn verify_with(
    judging: &Judging,
    question: &Question,
    seed: u64,
) -> Result<Option<String>, Failure> {
    let bad = |error: anyhow::Error| Failure::bad_challenge(error);
    let instance = Instance::draw(question, seed).map_err(|error| bad(error.into()))?;
    let resolved = instance
        .resolve(question)
        .map_err(|error| bad(error.into()))?;
    let Kind::Tracing(tracing) = &resolved.kind else {
        return Ok(None);
    };
    let mut outcomes = Vec::new();
    for _ in 0..RUNS {
        let result = judging.execute(&request_of(tracing))?;
        if let Some(fault) = result.platform_fault {
            return Err(Failure::new(
                exit_code::PLATFORM_FAULT,
                anyhow::anyhow!("running the program: {fault}"),
            ));
        }
        match outcome_of(&result) {
            Ok(outcome) => outcomes.push(outcome),
            Err(reason) => return Ok(Some(format!("the program ends with {reason}"))),
        }
    }
    if outcomes.iter().any(|outcome| *outcome != outcomes[0]) {
        let text = "the program does not do the same every time, so no answer is right";
        return Ok(Some(text.to_owned()));
    }
    let Some(outcome) = outcomes.pop() else {
        return Ok(None);
    };
    let scorer = Scorer::new(question, &instance).map_err(|error| bad(error.into()))?;
    let answer = Answer::Tracing {
        outcome: outcome.clone(),
    };
    let score = scorer
        .score(Some(&answer))
        .map_err(|error| bad(error.into()))?;
    // Full points and nothing less: a part of the lines is right only for learners.
    if score.fraction >= 1.0 {
        return Ok(None);
    }
    Ok(Some(format!(
        "the program {}\nthe answer says: it {}",
        describe(&outcome),
        describe(&tracing.expected)
    )))
}

fn request_of(tracing: &Tracing) -> ExecutionRequest {
    let file = judging::source_file_name(&tracing.language);
    ExecutionRequest {
        language: tracing.language.clone(),
        environment: tracing.environment.clone(),
        environment_of_challenge: false,
        files: BTreeMap::from([(file, tracing.source.clone().into_bytes())]),
        entry: None,
        arguments: Vec::new(),
        compiler_arguments: Vec::new(),
        stdin: tracing.stdin.clone().into_bytes(),
        limits: Limits::default(),
        compile_limits: None,
        merge_stderr: false,
        runs: 1,
        note: None,
        conversation: None,
    }
}

/// What the program did, in the words of an answer; or what no answer can say.
fn outcome_of(result: &ExecutionResult) -> Result<Outcome, String> {
    let Some(run) = &result.run else {
        return Ok(Outcome::CompileError);
    };
    let output = String::from_utf8(run.stdout.clone())
        .map_err(|_| "an output that is no text in UTF-8".to_owned())?;
    match &run.cause {
        None => Ok(Outcome::Prints { output }),
        Some(Cause::CompileError { .. }) => Ok(Outcome::CompileError),
        Some(Cause::RuntimeError { .. }) => Ok(Outcome::RuntimeError { output }),
        Some(other) => Err(format!(
            "`{}`, which no answer can say",
            other.verdict().name().replace('_', " ")
        )),
    }
}

fn describe(outcome: &Outcome) -> String {
    let told = |output: &str| {
        let start: String = output
            .trim_end()
            .chars()
            .take(TOLD_CHARACTERS_MAX)
            .collect();
        match start.as_str() {
            "" => " nothing".to_owned(),
            start => format!(":\n{start}"),
        }
    };
    match outcome {
        Outcome::Prints { output } => format!("prints{}", told(output)),
        Outcome::CompileError => "does not compile".to_owned(),
        Outcome::RuntimeError { output } => {
            format!("ends with an error, having printed{}", told(output))
        }
    }
}

#[cfg(test)]
mod tests {
    use carrel_model::execution::StageResult;
    use carrel_model::result::{EnvironmentUsed, Usage};

    use super::*;

    fn result(stdout: &str, cause: Option<Cause>) -> ExecutionResult {
        ExecutionResult {
            environment: EnvironmentUsed {
                name: "python".to_owned(),
                digest: None,
                repeatable: true,
            },
            compile: None,
            run: Some(StageResult {
                stdout: stdout.as_bytes().to_vec(),
                stderr: Vec::new(),
                order: Vec::new(),
                exit_code: None,
                signal: None,
                cause,
                limit: None,
                message: None,
                usage: Usage::default(),
            }),
            platform_fault: None,
            incidents: Vec::new(),
        }
    }

    #[test]
    fn what_a_program_did_is_told_as_an_answer() {
        let output = "1\n".to_owned();
        let ended = Cause::RuntimeError {
            signal: None,
            exit_code: Some(1),
        };
        assert_eq!(
            outcome_of(&result("1\n", None)),
            Ok(Outcome::Prints {
                output: output.clone()
            })
        );
        assert_eq!(
            outcome_of(&result("1\n", Some(ended))),
            Ok(Outcome::RuntimeError { output })
        );
        let never = result("", Some(Cause::MemoryLimit));
        assert!(outcome_of(&never).unwrap_err().contains("memory limit"));
        let mut uncompiled = result("", None);
        uncompiled.run = None;
        assert_eq!(outcome_of(&uncompiled), Ok(Outcome::CompileError));
    }
}
