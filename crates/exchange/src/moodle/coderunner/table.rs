//! `challenge.toml` as it is written.

use std::collections::BTreeMap;

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct ChallengeTable {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) language: &'static str,
    pub(super) files: FilesTable,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compile: Option<CommandTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<CommandTable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limits: Option<LimitsTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hints: Vec<HintTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) groups: Vec<GroupTable>,
    pub(super) checks: Vec<CheckTable>,
}

#[derive(Debug, Serialize)]
pub(super) struct FilesTable {
    pub(super) editable: Vec<String>,
    pub(super) entry: String,
}

#[derive(Debug, Serialize)]
pub(super) struct CommandTable {
    command: &'static [&'static str],
}

impl CommandTable {
    pub(super) fn of(command: &'static [&'static str]) -> Self {
        Self { command }
    }
}

#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct LimitsTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cpu_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_bytes: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct GroupTable {
    pub(super) name: String,
    pub(super) points_max: f64,
    pub(super) aggregation: &'static str,
    pub(super) checks: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct HintTable {
    pub(super) text: String,
    pub(super) after_failures: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct CheckTable {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) points: f64,
    pub(super) required: bool,
    pub(super) visibility: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) depends_on: Vec<String>,
    pub(super) input: String,
    pub(super) answer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) comparator: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) case_sensitive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<BTreeMap<String, String>>,
}
