//! Outcomes of a submission and of a single run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of a submission, or what an author declares for one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every required check passed.
    Accepted,
    /// A check failed on what the program answered, or a rule on the source was broken.
    WrongAnswer,
    /// The submission could not be compiled, or has a syntax error.
    CompileError,
    /// The program crashed, ended with an unexpected code, or broke a sandbox rule.
    RuntimeError,
    /// Processor or wall-clock time ran out.
    TimeLimit,
    /// Memory ran out.
    MemoryLimit,
    /// More output than allowed.
    OutputLimit,
    /// Ours, never the learner's: no verdict could be reached.
    PlatformFault,
}

impl Verdict {
    /// All verdicts that an author may declare for a submission.
    pub const DECLARABLE: [Self; 7] = [
        Self::Accepted,
        Self::WrongAnswer,
        Self::CompileError,
        Self::RuntimeError,
        Self::TimeLimit,
        Self::MemoryLimit,
        Self::OutputLimit,
    ];

    /// The name used in JSON, directory names and on the terminal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::WrongAnswer => "wrong_answer",
            Self::CompileError => "compile_error",
            Self::RuntimeError => "runtime_error",
            Self::TimeLimit => "time_limit",
            Self::MemoryLimit => "memory_limit",
            Self::OutputLimit => "output_limit",
            Self::PlatformFault => "platform_fault",
        }
    }
}

/// Why a check or a run did not pass, precisely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// The answer differs from what was asked for.
    WrongAnswer,
    /// Compiler refused it, or the source has a syntax error.
    CompileError {
        /// File of the first error, relative to the submission.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        file: Option<String>,
        /// Line of the first error, from 1.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        line: Option<u64>,
    },
    /// Ended by a signal or with an unexpected exit code.
    RuntimeError {
        /// Signal number.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        signal: Option<i32>,
        /// Exit code.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        exit_code: Option<i32>,
    },
    /// Time ran out.
    TimeLimit {
        /// Which clock.
        clock: Clock,
    },
    /// Memory ran out.
    MemoryLimit,
    /// Too much output.
    OutputLimit,
    /// A file grew past the limit, or the writable space was full.
    DiskLimit,
    /// Too many processes or threads.
    ProcessLimit,
    /// A system call that no honest program makes.
    ForbiddenSystemCall {
        /// Its name, where known.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        name: Option<String>,
    },
    /// The results that came back were not those of an untouched test suite.
    ResultsForged,
    /// A check that this one depends on did not pass.
    DependencyFailed {
        /// Id of that check.
        check: String,
    },
    /// Ours: nothing is said about the submission.
    PlatformFault,
}

/// Which clock ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Processor time of all processes.
    Cpu,
    /// Wall-clock time.
    Wall,
}

impl Cause {
    /// The verdict that a submission gets when this is the first required failure.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::WrongAnswer | Self::ResultsForged | Self::DependencyFailed { .. } => {
                Verdict::WrongAnswer
            }
            Self::CompileError { .. } => Verdict::CompileError,
            Self::RuntimeError { .. }
            | Self::ProcessLimit
            | Self::DiskLimit
            | Self::ForbiddenSystemCall { .. } => Verdict::RuntimeError,
            Self::TimeLimit { .. } => Verdict::TimeLimit,
            Self::MemoryLimit => Verdict::MemoryLimit,
            Self::OutputLimit => Verdict::OutputLimit,
            Self::PlatformFault => Verdict::PlatformFault,
        }
    }
}
