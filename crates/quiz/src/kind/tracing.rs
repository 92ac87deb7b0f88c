//! What a program prints. When the course is checked, the program is run and
//! what it does is compared with what its author says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LineScheme;

/// A program and what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tracing {
    /// The program.
    pub source: String,
    /// Language id, such as `python`.
    pub language: String,
    /// Environment that runs it when the course is checked; `None`: the language's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// What it reads.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stdin: String,
    /// What it does.
    pub expected: Outcome,
    /// Whether each right line of output counts, or only the whole.
    #[serde(default = "whole")]
    pub scheme: LineScheme,
}

fn whole() -> LineScheme {
    LineScheme::AllOrNothing
}

/// What a program does. Blanks at the end of lines and blank lines at the end make no difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// It ends normally.
    Prints {
        /// What it printed.
        output: String,
    },
    /// It does not compile.
    CompileError,
    /// It ends with an error (exception, panic, signal).
    RuntimeError {
        /// What it printed before.
        #[serde(default)]
        output: String,
    },
}
