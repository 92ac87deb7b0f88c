//! The line with the bug.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LineScheme;
use crate::text::Text;

/// A program with bugs; the answer names lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BugLine {
    /// The program.
    pub source: String,
    /// Language id, such as `python`.
    pub language: String,
    /// The bugs, at least one. Each is found by naming one of its lines.
    pub bugs: Vec<Bug>,
    /// Feedback on lines without a bug.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<LineNote>,
    /// `each_part`: (bugs found − wrong lines named) / bugs, at least 0; or all or nothing.
    #[serde(default)]
    pub scheme: LineScheme,
}

/// One bug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bug {
    /// First line, from 1.
    pub first_line: u32,
    /// Last line, at least the first.
    pub last_line: u32,
    /// Feedback when it was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<Text>,
}

/// Feedback on a line without a bug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineNote {
    /// The line, from 1.
    pub line: u32,
    /// Feedback when it was named.
    pub feedback: Text,
}
