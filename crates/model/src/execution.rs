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
    /// The environment is that of a challenge: not the sender's choice, who answers for nothing in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub environment_of_challenge: bool,
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
    /// What the interface that took it in keeps with it; nobody else looks at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where somebody waits to talk with the program while it runs, as the bus knows the place;
    /// its input comes from there, and `stdin` is not used. `None`: nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<String>,
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

/// A stage of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The compile step.
    Compile,
    /// The run.
    Run,
}

impl Stage {
    /// The name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Compile => "compile",
            Self::Run => "run",
        }
    }
}

/// How one stage went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageResult {
    /// Standard output, cut at the limit.
    pub stdout: Vec<u8>,
    /// Standard error, cut at the limit.
    pub stderr: Vec<u8>,
    /// In which order the two came, as far as it is known; what is left of them follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<OutputPart>,
    /// Exit code, where it exited.
    pub exit_code: Option<i32>,
    /// Signal that ended it.
    pub signal: Option<i32>,
    /// Why it did not end well; `None`: exit code 0.
    pub cause: Option<Cause>,
    /// The limit that ended a compile step: its cause is an error of compiling all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Cause>,
    /// What to tell of it beside its streams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What it used.
    pub usage: Usage,
}

/// Bytes that came from one stream before the other had something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputPart {
    /// Of which.
    pub stream: OutputStream,
    /// How many.
    pub bytes: u64,
}

/// An output stream of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl StageResult {
    /// Both streams in one, in the order they came.
    #[must_use]
    pub fn output(&self) -> Vec<u8> {
        let mut output = Vec::with_capacity(self.stdout.len() + self.stderr.len());
        let (mut stdout, mut stderr) = (self.stdout.as_slice(), self.stderr.as_slice());
        for part in &self.order {
            let rest = match part.stream {
                OutputStream::Stdout => &mut stdout,
                OutputStream::Stderr => &mut stderr,
            };
            let length = usize::try_from(part.bytes).unwrap_or(usize::MAX);
            let (now, later) = rest.split_at(length.min(rest.len()));
            output.extend_from_slice(now);
            *rest = later;
        }
        output.extend_from_slice(stdout);
        output.extend_from_slice(stderr);
        output
    }
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

impl SubmissionState {
    /// The name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_follows_the_order_and_ends_with_what_is_left() {
        let part = |stream, bytes| OutputPart { stream, bytes };
        let stage = StageResult {
            stdout: b"abcd".to_vec(),
            stderr: b"12".to_vec(),
            order: vec![
                part(OutputStream::Stdout, 1),
                part(OutputStream::Stderr, 1),
                part(OutputStream::Stdout, 2),
            ],
            exit_code: Some(0),
            signal: None,
            cause: None,
            limit: None,
            message: None,
            usage: Usage::default(),
        };
        assert_eq!(stage.output(), b"a1bcd2");
        let wrong = StageResult {
            order: vec![part(OutputStream::Stderr, u64::MAX)],
            ..stage
        };
        assert_eq!(wrong.output(), b"12abcd");
    }
}
