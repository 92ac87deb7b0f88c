//! Ad-hoc execution: source, environment and input in, output out; no challenge, no verdict of a course.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits::Limits;
use crate::result::{EnvironmentUsed, IncidentNote, Usage};
use crate::verdict::Cause;

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionRequest {
    /// Id of a language (`carrel_judge::language`); it says how to compile and run.
    pub language: String,
    /// Environment; `None`: the language's own.
    pub environment: Option<String>,
    /// Files by path in the work directory; the first named in `entry` is run.
    pub files: BTreeMap<String, Vec<u8>>,
    /// File that is run; `None`: the only or first source file of the language.
    pub entry: Option<String>,
    /// Arguments of the program.
    pub arguments: Vec<String>,
    /// Further arguments of the compiler, each one word.
    pub compiler_arguments: Vec<String>,
    /// Standard input.
    pub stdin: Vec<u8>,
    /// Limits of the run.
    pub limits: Limits,
    /// Limits of the compile step; `None`: those of the language.
    pub compile_limits: Option<Limits>,
    /// Write standard error into standard output, in order.
    pub merge_stderr: bool,
    /// How often it is run, each time in a fresh sandbox, from 1; usage is the mean.
    pub runs: u32,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExecutionResult {
    /// Where it ran.
    pub environment: EnvironmentUsed,
    /// The compile step, where the language has one.
    pub compile: Option<StageResult>,
    /// The run; `None`: it did not compile.
    pub run: Option<StageResult>,
    /// Set: a fault of ours, nothing is said about the program.
    pub platform_fault: Option<String>,
    /// Signs of weirdness; for operators.
    pub incidents: Vec<IncidentNote>,
}

/// How one stage went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageResult {
    /// Standard output, cut at the limit.
    pub stdout: Vec<u8>,
    /// Standard error, cut at the limit.
    pub stderr: Vec<u8>,
    /// Exit code, where it exited.
    pub exit_code: Option<i32>,
    /// Signal that ended it.
    pub signal: Option<i32>,
    /// Why it did not end well; `None`: exit code 0.
    pub cause: Option<Cause>,
    /// What it used.
    pub usage: Usage,
}

/// State of a submission on its way.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SubmissionState {
    /// Waits for its turn.
    Queued,
    /// A worker has it.
    Running,
    /// Has a verdict.
    Finished,
    /// Taken back before its verdict.
    Cancelled,
    /// Faults of ours stopped it; an operator has to look.
    Parked,
}
