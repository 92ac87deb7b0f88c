//! Result of one test case of a framework, before points and visibility are added.

use std::collections::BTreeMap;

use carrel_model::challenge::{Compile, Unit};
use carrel_model::{Cause, Limits};
use carrel_sandbox::FileInput;

use crate::check::RunMade;

/// What a unit check needs to know. Borrowed from the challenge and submission.
#[derive(Debug)]
pub struct UnitRequest<'a> {
    /// The check.
    pub unit: &'a Unit,
    /// Language id.
    pub language: &'a str,
    /// Environment name.
    pub environment: &'a str,
    /// Digest of its image; `None` where it has none. Compile results are cached by it.
    pub environment_digest: Option<&'a str>,
    /// The learner's files by path in the work directory.
    pub learner: &'a BTreeMap<String, Vec<u8>>,
    /// Supplied files by path in the work directory (read-only to the program).
    pub supplied: &'a BTreeMap<String, Vec<u8>>,
    /// Test files by path in the work directory, already read.
    pub tests: &'a BTreeMap<String, Vec<u8>>,
    /// What the challenge's own compile step made of them, for a command of the author's.
    pub program: &'a [FileInput],
    /// Compile step of the challenge, where it overrides that of the framework.
    pub compile: Option<&'a Compile>,
    /// Limits of each run.
    pub limits: Limits,
    /// A loopback device inside.
    pub loopback: bool,
}

/// What a unit check brought back.
#[derive(Debug, Default)]
pub struct UnitOutcome {
    /// The test cases in the order of the suite. Empty only with `failure`.
    pub cases: Vec<CaseResult>,
    /// Why the suite as a whole gave no usable results (compile error, crash, limit, forged results).
    pub failure: Option<SuiteFailure>,
    /// Every run made (`compile` or `check`), in order.
    pub runs: Vec<RunMade>,
}

/// The suite as a whole did not come to its end.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct SuiteFailure {
    /// Why.
    pub cause: Cause,
    /// What to tell the learner.
    pub message: String,
}

/// One test case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseResult {
    /// Name as the framework tells it, such as `LeapTest.test_year_divisible_by_4`.
    pub name: String,
    /// How it ended.
    pub status: CaseStatus,
    /// What the framework said.
    pub message: Option<String>,
    /// What the program printed during it, where the framework tells them apart.
    pub output: Option<String>,
    /// Source of the test case, where known.
    pub test_code: Option<String>,
    /// Why it did not pass, where more is known than a failed assertion.
    pub cause: Option<Cause>,
}

/// How a test case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaseStatus {
    /// Passed.
    Passed,
    /// An assertion failed.
    Failed,
    /// It raised something else than a failed assertion.
    Errored,
    /// The suite itself marks it as skipped; does not count.
    Skipped,
}
