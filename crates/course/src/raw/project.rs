//! `project.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::placed::Placed;

/// `project.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProjectFile {
    /// Stable id, unique in the course and never reused: lower-case letters, digits, `-`.
    pub id: Option<Placed<String>>,
    /// Title shown to people.
    pub title: Option<Placed<String>>,
    /// One or two sentences for lists.
    pub summary: Option<Placed<String>>,
    /// Minutes that the project takes.
    pub minutes: Option<Placed<u32>>,
    /// Environment name.
    pub environment: Option<Placed<String>>,
    /// Markdown file with the instructions; `instructions.md` where not said.
    pub instructions: Option<Placed<String>>,
    /// Directory of the files that learners begin with; `files` where not said.
    pub files: Option<Placed<String>>,
    /// Of these files those that an editor opens first, in order.
    pub open: Vec<Placed<String>>,
    /// Moments of the project that its author names, in order.
    pub stages: Vec<Placed<StageTable>>,
}

/// `[[stages]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StageTable {
    /// Id, unique in the project.
    pub id: Option<Placed<String>>,
    /// Title; the id where not said.
    pub title: Option<Placed<String>>,
    /// Directory of all files at that moment; `stages/<id>` or `stages/NN-<id>` where not said.
    pub files: Option<Placed<String>>,
}
