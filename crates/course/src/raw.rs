//! The files as they are written: every key optional, nothing checked yet but
//! names and types. The JSON Schema of the format is generated from these types.

mod check;
mod course;
mod project;
mod value;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use carrel_model::Verdict;
use carrel_model::challenge::Hint;

use crate::placed::Placed;
pub use check::{CheckTable, ComparatorName, KindName, ProgramTable, RuleTable};
pub use course::{ActivityEntry, ActivityTable, CourseFile, LessonFile, Moment, UnitTable};
pub use project::{ProjectFile, StageTable};
pub use value::{FileList, ScoreRange, Size, Verdicts};

/// Name of the file that makes a directory a challenge.
pub const CHALLENGE_FILE: &str = "challenge.toml";
/// Name of the file that makes a directory a workspace project.
pub const PROJECT_FILE: &str = "project.toml";
/// Name of the file that makes a directory a course.
pub const COURSE_FILE: &str = "course.toml";
/// Name of the file that tells the outcome of declared submissions.
pub const SUBMISSIONS_FILE: &str = "submissions.toml";

/// `challenge.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChallengeFile {
    /// Stable id, never reused: lower-case letters, digits, `-`.
    pub id: Option<Placed<String>>,
    /// Title shown to people.
    pub title: Option<Placed<String>>,
    /// Language id.
    pub language: Option<Placed<String>>,
    /// Environment name; the language's stock environment where not said.
    pub environment: Option<Placed<String>>,
    /// Markdown file with the instructions of a challenge without steps; `instructions.md` where not said.
    pub instructions: Option<Placed<String>>,
    /// Network inside the sandbox; none where not said.
    pub network: Option<NetworkName>,
    /// Time from accept to verdict that the service aims at, milliseconds; that of the service where not said.
    pub target_ms: Option<Placed<u64>>,
    /// Points needed to be accepted, where not every required check must pass.
    pub pass_points: Option<Placed<f64>>,
    /// What the unchanged starter gets, one or several that are right; anything but accepted where not said.
    pub starter_verdict: Option<Placed<Verdicts>>,
    /// Hints of a challenge without steps.
    #[schemars(with = "Vec<HintTable>")]
    pub hints: Vec<Placed<Hint>>,
    /// The learner's files.
    pub files: FilesTable,
    /// How the program is compiled; the language's default where not said.
    pub compile: Option<Placed<CompileTable>>,
    /// How the program is run; the language's default where not said.
    pub run: Option<Placed<RunTable>>,
    /// Limits of each run of a check.
    pub limits: LimitsTable,
    /// Steps, in order.
    pub steps: Vec<Placed<StepTable>>,
    /// Checks, in the order shown.
    pub checks: Vec<Placed<CheckTable>>,
    /// Kattis test groups; without them the score is the sum of the points.
    pub groups: Vec<Placed<GroupTable>>,
}

/// Network inside the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkName {
    /// No network.
    None,
    /// A loopback device of its own, connected to nothing.
    Loopback,
}

/// `[files]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FilesTable {
    /// Paths or patterns a learner may send; the files of `start/` and `solution/` where not said.
    pub editable: Vec<Placed<String>>,
    /// Main file; the first editable one where not said.
    pub entry: Option<Placed<String>>,
}

/// `[compile]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CompileTable {
    /// Command; `{files}`, `{entry}` and `{output}` are replaced.
    pub command: Vec<String>,
    /// Paths to keep afterwards; everything where not said.
    pub outputs: Vec<Placed<String>>,
    /// Limits of the compile run.
    pub limits: LimitsTable,
}

/// `[run]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RunTable {
    /// Command; `{entry}` is replaced.
    pub command: Vec<String>,
}

/// Limits; each one not said is that of the level above, at last the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsTable {
    /// Processor time of all processes together, milliseconds.
    pub cpu_ms: Option<Placed<u64>>,
    /// Time from start to end, milliseconds; twice `cpu_ms` where only that is said.
    pub wall_ms: Option<Placed<u64>>,
    /// Memory of all processes, page cache and temporary files together.
    pub memory_bytes: Option<Placed<Size>>,
    /// Processes and threads at one moment.
    pub processes: Option<Placed<u64>>,
    /// Output, all streams together.
    pub output_bytes: Option<Placed<Size>>,
    /// Largest file that may be written.
    pub file_bytes: Option<Placed<Size>>,
    /// All writable files together.
    pub disk_bytes: Option<Placed<Size>>,
    /// Writable files and directories together.
    pub inodes: Option<Placed<u64>>,
    /// Open descriptors per process.
    pub open_files: Option<Placed<u64>>,
    /// Stack of the main thread.
    pub stack_bytes: Option<Placed<Size>>,
    /// Processors used at once, thousandths.
    pub cpu_rate_milli: Option<Placed<u64>>,
}

/// `[[steps]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StepTable {
    /// Id, unique in the challenge.
    pub id: Option<Placed<String>>,
    /// Title; the id where not said.
    pub title: Option<Placed<String>>,
    /// Markdown file; `steps/<id>.md` or `steps/NN-<id>.md` where not said.
    pub instructions: Option<Placed<String>>,
    /// Steps that come before; the one above where not said.
    pub requires: Option<Vec<Placed<String>>>,
    /// Hints.
    #[schemars(with = "Vec<HintTable>")]
    pub hints: Vec<Placed<Hint>>,
}

/// `[[hints]]`: only for the schema; read into [`Hint`].
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HintTable {
    /// What it says, Markdown.
    pub text: String,
    /// Shown from this many failed submissions on; 0 where not said.
    pub after_failures: Option<u32>,
    /// Points that seeing it costs; 0 where not said.
    pub cost: Option<f64>,
}

/// `[[groups]]`: a Kattis test group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroupTable {
    /// Path such as `secret/group1`; empty for the root.
    pub name: Option<Placed<String>>,
    /// Most points; unbounded where not said.
    pub points_max: Option<Placed<f64>>,
    /// How the scores inside are put together; the sum where not said.
    pub aggregation: Option<AggregationName>,
    /// Groups that must be passed first.
    pub require_pass: Vec<Placed<String>>,
    /// Ids of the checks directly in this group; a check that `data` spread stands for all of its files.
    pub checks: Vec<Placed<String>>,
}

/// How the scores in a group are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AggregationName {
    /// All must pass.
    PassFail,
    /// The sum.
    Sum,
    /// The least.
    Minimum,
}

/// `submissions.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubmissionsFile {
    /// One entry per submission that has more to tell than its directory.
    pub submissions: Vec<Placed<SubmissionTable>>,
}

/// `[[submissions]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubmissionTable {
    /// Path below `submissions/`, with or without the extension of a single file.
    pub name: Option<Placed<String>>,
    /// Verdicts that are right for it; that of its directory where not said.
    pub verdicts: Option<Vec<Placed<Verdict>>>,
    /// Ids of exactly the checks that must fail; not compared where not said.
    pub failing: Option<Vec<Placed<String>>>,
    /// Texts that must occur in the message of a failing check.
    pub messages: Vec<String>,
    /// Points it must get.
    pub score: Option<Placed<ScoreRange>>,
    /// Step up to which it is judged; all where not said.
    pub step: Option<Placed<String>>,
    /// Language it is written in, where that is not the challenge's; run in that language's stock environment.
    pub language: Option<Placed<String>>,
    /// Main file, where that is not the challenge's.
    pub entry: Option<Placed<String>>,
}
