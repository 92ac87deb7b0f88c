//! Ad-hoc executions: source in, output out.

use std::collections::BTreeMap;

use carrel_model::execution::SubmissionState;
use carrel_model::id::{SubmissionId, UserId};
use carrel_model::result::{EnvironmentUsed, Usage};
use carrel_model::{Cause, Limits};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::content::Content;
use crate::submission::{Band, Refusal};

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExecution {
    /// Id of a language, see `GET /languages`.
    pub language: String,
    /// Environment; the language's own where not said.
    #[serde(default)]
    pub environment: Option<String>,
    /// Files by path.
    #[serde(deserialize_with = "crate::content::read_files")]
    pub files: BTreeMap<String, Content>,
    /// File that is run; the only or first source file of the language where not said.
    #[serde(default)]
    pub entry: Option<String>,
    /// Arguments of the program.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Further arguments of the compiler.
    #[serde(default)]
    pub compiler_arguments: Vec<String>,
    /// Standard input.
    #[serde(default)]
    pub stdin: Option<Content>,
    /// Limits of the run.
    #[serde(default)]
    pub limits: Limits,
    /// Limits of the compile step; those of the language where not said.
    #[serde(default)]
    pub compile_limits: Option<Limits>,
    /// Write standard error into standard output, in order.
    #[serde(default)]
    pub merge_stderr: bool,
    /// How often it is run, each time in a fresh sandbox; usage is the mean.
    #[serde(default = "once")]
    #[schemars(range(min = 1, max = 20))]
    pub runs: u32,
    /// How soon it is wanted.
    #[serde(default)]
    pub band: Band,
}

fn once() -> u32 {
    1
}

/// What the address says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WaitQuery {
    /// Wait for the end this many seconds at most (the same as `Prefer: wait=N`).
    pub wait: Option<u64>,
}

/// An execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Execution {
    /// Id.
    pub id: SubmissionId,
    /// Who sent it.
    pub user: UserId,
    /// State.
    pub state: SubmissionState,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When a worker first began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub finished_at: Option<Timestamp>,
    /// Why it was not run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<Refusal>,
    /// How it went.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<ExecutionOutcome>,
}

/// How an execution went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExecutionOutcome {
    /// Where it ran.
    pub environment: EnvironmentUsed,
    /// The compile step, where the language has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compile: Option<Stage>,
    /// The run; absent: it did not compile.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run: Option<Stage>,
    /// `true`: a fault of the service; nothing is said about the program.
    pub platform_fault: bool,
}

/// How one stage went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// Standard output, cut at the limit.
    pub stdout: Content,
    /// Standard error, cut at the limit.
    pub stderr: Content,
    /// Exit code, where it exited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit_code: Option<i32>,
    /// Signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signal: Option<i32>,
    /// Why it did not end well; absent: exit code 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
    /// The limit that ended a compile step, where one did; its cause is `compile_error` all the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<Cause>,
    /// What is to be told of it beside its streams.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// What it used.
    pub usage: Usage,
}

/// An environment, as workers tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Name.
    pub name: String,
    /// Digest; absent: not repeatable.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// How many nodes have it.
    pub nodes: usize,
}

/// A language, as workers tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Language {
    /// Id.
    pub id: String,
    /// Version of its runtime or compiler.
    pub version: String,
    /// Environment it runs in.
    pub environment: String,
    /// Has a compile step.
    pub compiled: bool,
}
