//! The result contract: one JSON document per submission, a superset of
//! Exercism's `results.json` version 3
//! (<https://exercism.org/docs/building/tooling/test-runners/interface>).
//!
//! Fields of Exercism keep their names and meaning; ours stand beside them.
//! `docs/result.schema.json` is generated from these types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::challenge::Visibility;
use crate::verdict::{Cause, Verdict};

/// Version of Exercism's contract that the document is a superset of.
pub const EXERCISM_VERSION: u32 = 3;
/// Version of our own fields; grows when a field changes its meaning.
pub const CONTRACT_VERSION: u32 = 1;
/// Most characters of a test's `output` (Exercism's limit).
pub const OUTPUT_CHARACTERS_MAX: usize = 500;
/// Most characters of the top-level `message` (Exercism's limit).
pub const MESSAGE_CHARACTERS_MAX: usize = 65_535;

/// The whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResultDocument {
    /// Always [`EXERCISM_VERSION`].
    pub version: u32,
    /// Exercism's summary: `pass`, `fail`, or `error` when no check could run.
    pub status: Status,
    /// What to tell the learner when `status` is `error`: compiler output, or that it is our fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// One entry per check result, in the order shown.
    pub tests: Vec<TestResult>,
    /// Version of the fields below.
    pub contract_version: u32,
    /// The outcome.
    pub verdict: Verdict,
    /// Why, when not accepted: that of the first required failure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
    /// `false`: no attempt should be counted (a platform fault).
    pub gradable: bool,
    /// Points reached.
    pub points: f64,
    /// Points that could be reached.
    pub points_max: f64,
    /// Challenge id.
    pub challenge: String,
    /// What it ran in.
    pub environment: EnvironmentUsed,
    /// Steps with their state.
    pub steps: Vec<StepResult>,
    /// Every run made, in order.
    pub runs: Vec<Run>,
    /// Signs of weirdness; for operators.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub incidents: Vec<IncidentNote>,
    /// Time from submission in to verdict out, milliseconds.
    pub duration_ms: f64,
}

/// Exercism's status words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Passed.
    Pass,
    /// Failed.
    Fail,
    /// Could not run.
    Error,
}

/// One check result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TestResult {
    /// Title shown.
    pub name: String,
    /// `pass`, `fail` or `error`.
    pub status: Status,
    /// Why it did not pass: the author's message, then what the framework or comparator said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// What the learner's program printed, at most [`OUTPUT_CHARACTERS_MAX`] characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub output: Option<String>,
    /// What a validator told its author (`judgemessage.txt`); never in a learner's view.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author_note: Option<String>,
    /// Source of the test, where it may be shown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub test_code: Option<String>,
    /// Number of the step from 1 (Exercism's link of a test to a task).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task_id: Option<u64>,
    /// Id: that of the check, or `check/test case` where one check gives many.
    pub id: String,
    /// Id of the check.
    pub check: String,
    /// Id of the step.
    pub step: String,
    /// Why it did not pass, precisely.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
    /// The author's further help.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub help: Option<String>,
    /// Points reached.
    pub points: f64,
    /// Points that could be reached.
    pub points_max: f64,
    /// Counts for acceptance.
    pub required: bool,
    /// Who may see the details.
    pub visibility: Visibility,
    /// Difference of expected and actual output, where the author allows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub difference: Option<Difference>,
    /// Numbers of the runs (index into `runs`) that this result rests on.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub runs: Vec<usize>,
}

/// Expected and actual output, cut to what a page can show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Line of the first difference, from 1.
    pub line: u64,
    /// The expected text around it.
    pub expected: String,
    /// The actual text around it.
    pub actual: String,
}

/// State of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepResult {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// `pass` when every required check of it passed.
    pub status: Status,
    /// Points reached.
    pub points: f64,
    /// Points that could be reached.
    pub points_max: f64,
    /// Hints unlocked by the number of failures so far.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub hints: Vec<String>,
}

/// The environment of a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentUsed {
    /// Name.
    pub name: String,
    /// Digest of the image; absent for `host`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// The same bits on every machine.
    pub repeatable: bool,
}

/// One run in a sandbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// What for: `compile`, `check`, `validator`.
    pub purpose: String,
    /// Id of the check; absent for a compile run.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub check: Option<String>,
    /// How it ended: absent for an ordinary end with exit code 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
    /// Exit code, where it exited.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit_code: Option<i32>,
    /// What it used.
    pub usage: Usage,
    /// The result came from the cache of compile runs; usage is that of the original run.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub cached: bool,
    /// Layers of isolation that were missing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing_layers: Vec<String>,
}

/// What a run used.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// Processor time, milliseconds.
    pub cpu_ms: f64,
    /// Wall-clock time, milliseconds.
    pub wall_ms: f64,
    /// Most memory at one moment, bytes.
    pub memory_peak_bytes: u64,
    /// Most processes and threads at one moment.
    pub processes_peak: u64,
    /// Bytes of output.
    pub output_bytes: u64,
}

/// A sign of weirdness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IncidentNote {
    /// Stable kind.
    pub kind: String,
    /// What was seen.
    pub detail: String,
}
