//! A programming task as its author wrote it, parsed and checked.
//!
//! The file format is told in `docs/challenge-format.md`; `carrel-course`
//! parses it into these types, so that everything here is already valid:
//! ids are unique, steps and dependencies exist and have no cycle, limits are
//! within bounds, patterns compile, named files exist.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::limits::Limits;
use crate::verdict::Verdict;

/// Time from accept to verdict that a service aims at where nothing else is said, milliseconds.
pub const TARGET_MS_DEFAULT: u64 = 2_000;

/// A whole challenge.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    /// Directory that holds `challenge.toml`.
    pub directory: PathBuf,
    /// Stable id, never reused: lower-case letters, digits, `-`.
    pub id: String,
    /// Title shown to people.
    pub title: String,
    /// Language id, such as `python` or `c` (an entry of the judge's language table).
    pub language: String,
    /// Environment name, such as `python` or `host`.
    pub environment: String,
    /// Files a learner may send: exact relative paths or patterns with `*` within one part and `**` over parts.
    pub editable: Vec<String>,
    /// Main file, given to the language's run command; first of the learner's files where not said.
    pub entry: Option<String>,
    /// Files supplied beside the learner's, by path in the work directory; the learner's never replace them.
    pub supplied: BTreeMap<String, PathBuf>,
    /// Starter files, by path in the work directory.
    pub start: BTreeMap<String, PathBuf>,
    /// Reference solution, by path in the work directory.
    pub solution: BTreeMap<String, PathBuf>,
    /// Compile step, where the language or challenge has one.
    pub compile: Option<Compile>,
    /// Command that runs the program for io, validator and interactive checks; the language's default where not said.
    pub run: Option<Vec<String>>,
    /// Limits of each run of a check.
    pub limits: Limits,
    /// Network inside: `false` none, `true` a loopback device of its own.
    pub loopback: bool,
    /// Steps in order; at least one (a challenge without steps has one of its own id).
    pub steps: Vec<Step>,
    /// Checks in the order shown.
    pub checks: Vec<Check>,
    /// Submissions whose outcome the author declared.
    pub submissions: Vec<DeclaredSubmission>,
    /// What the unchanged starter may get; empty: anything but accepted.
    pub starter_verdicts: Vec<Verdict>,
    /// Time from accept to verdict that is aimed at, milliseconds; `None`: that of the service.
    pub target_ms: Option<u64>,
    /// Points needed to be accepted where not every check must pass; `None`: every check that is required.
    pub pass_points: Option<f64>,
    /// How the points of the checks become a score.
    pub grading: Grading,
}

impl Challenge {
    /// Names of all environments that judging it takes.
    #[must_use]
    pub fn environments(&self) -> BTreeSet<String> {
        let programs = self.checks.iter().filter_map(|check| check.kind.program());
        let own = programs.filter_map(|program| program.environment.clone());
        own.chain([self.environment.clone()]).collect()
    }

    /// Places of the steps that a submission up to a step is judged by: that one and every step it
    /// requires, and in turn of those; `None`: there is no such step.
    #[must_use]
    pub fn steps_up_to(&self, step: &str) -> Option<BTreeSet<usize>> {
        let find = |id: &str| self.steps.iter().position(|step| step.id == id);
        let mut found = BTreeSet::new();
        let mut open = vec![find(step)?];
        while let Some(index) = open.pop() {
            if found.insert(index) {
                let requires = self.steps[index].requires.iter();
                open.extend(requires.filter_map(|id| find(id)));
            }
        }
        Some(found)
    }

    /// The same challenge for a submission in another language: compiled and
    /// run as that language is by default, in `environment`. The author's
    /// programs stay in the environment that they were written for.
    #[must_use]
    pub fn in_language(&self, language: &str, environment: &str) -> Self {
        let mut other = Self {
            language: language.to_owned(),
            environment: environment.to_owned(),
            entry: None,
            compile: None,
            run: None,
            ..self.clone()
        };
        for check in &mut other.checks {
            if let Some(program) = check.kind.program_mut() {
                program
                    .environment
                    .get_or_insert_with(|| self.environment.clone());
            }
        }
        other
    }
}

/// How points of checks are put together.
#[derive(Debug, Clone, PartialEq)]
pub enum Grading {
    /// The sum of the points of the checks that passed.
    Sum,
    /// Kattis test groups: a tree of groups over io checks.
    Groups(TestGroup),
}

/// A Kattis test group (2025-09 §test groups; legacy grading flags mapped onto it).
#[derive(Debug, Clone, PartialEq)]
pub struct TestGroup {
    /// Path such as `secret/group1`; the root is empty.
    pub name: String,
    /// Most points; `None` is unbounded.
    pub points_max: Option<f64>,
    /// How the children's scores are put together.
    pub aggregation: Aggregation,
    /// Groups that must be passed before this one counts.
    pub require_pass: Vec<String>,
    /// Ids of the checks directly in this group, in order.
    pub checks: Vec<String>,
    /// Groups inside.
    pub groups: Vec<TestGroup>,
}

/// Aggregation of the scores in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregation {
    /// All must pass, and then the group gives its points.
    PassFail,
    /// The sum.
    Sum,
    /// The least.
    Minimum,
}

/// How a program is built before its checks run.
#[derive(Debug, Clone, PartialEq)]
pub struct Compile {
    /// Command; `{files}` is replaced by the learner's and supplied source files of the language, `{entry}` by the main file.
    pub command: Vec<String>,
    /// Paths to keep from the work directory afterwards; empty: everything.
    pub outputs: Vec<String>,
    /// Limits of the compile run.
    pub limits: Limits,
}

/// One step of a challenge. Later steps check the earlier ones again.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Id, unique in the challenge.
    pub id: String,
    /// Title.
    pub title: String,
    /// Instructions: path of a Markdown file.
    pub instructions: Option<PathBuf>,
    /// Steps that come before it.
    pub requires: Vec<String>,
    /// Hints, shown after so many failures.
    pub hints: Vec<Hint>,
    /// Starter files of this step over those of the challenge.
    pub start: BTreeMap<String, PathBuf>,
    /// Reference solution of this step over that of the challenge.
    pub solution: BTreeMap<String, PathBuf>,
}

/// A hint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// What it says, Markdown.
    pub text: String,
    /// Shown from this many failed submissions on.
    #[serde(default)]
    pub after_failures: u32,
    /// Points that seeing it costs.
    #[serde(default)]
    pub cost: f64,
}

/// One assertion with its own message, points and visibility.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Id, unique in the challenge.
    pub id: String,
    /// Step it belongs to.
    pub step: String,
    /// Title shown to the learner.
    pub title: String,
    /// Shown when it fails, before what the program itself said.
    pub message: Option<String>,
    /// Further help when it fails.
    pub help: Option<String>,
    /// Points it gives.
    pub points: f64,
    /// Must pass for the submission to be accepted.
    pub required: bool,
    /// Who sees its details, when.
    pub visibility: Visibility,
    /// Checks that must have passed, else this one is skipped.
    pub depends_on: Vec<String>,
    /// Limits of this check's runs where they differ from the challenge's.
    pub limits: Option<Limits>,
    /// What it does.
    pub kind: CheckKind,
}

/// Who sees the details of a check.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody, at once.
    #[default]
    Always,
    /// Learners after the due date.
    AfterDue,
    /// Authors only: the learner sees that it exists and passed or failed, nothing of its content.
    Never,
}

/// What a check does.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckKind {
    /// Tests in a framework of the language.
    Unit(Unit),
    /// Input and expected output.
    Io(Io),
    /// Input and a program of the author's that judges the output (exit 42 accepts, 43 rejects).
    Validator(Validator),
    /// A program of the author's that talks with the learner's.
    Interactive(Interactive),
    /// A rule on the source.
    Static(Static),
}

impl CheckKind {
    /// The author's program that a check of this kind runs, where it has one.
    #[must_use]
    pub fn program(&self) -> Option<&Program> {
        match self {
            Self::Validator(validator) => Some(&validator.program),
            Self::Interactive(interactive) => Some(&interactive.validator.program),
            Self::Unit(_) | Self::Io(_) | Self::Static(_) => None,
        }
    }

    fn program_mut(&mut self) -> Option<&mut Program> {
        match self {
            Self::Validator(validator) => Some(&mut validator.program),
            Self::Interactive(interactive) => Some(&mut interactive.validator.program),
            Self::Unit(_) | Self::Io(_) | Self::Static(_) => None,
        }
    }
}

/// Unit tests. One check of this kind gives one result per test case unless `test` names one.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Framework id: `unittest`, `pytest`, `node_test`, `jest`, `c_main`, `unity`, `bats`, `busted`, `minitest`, `junit`, `tap`, `junit_xml`.
    pub framework: String,
    /// Test files, by path in the work directory (hidden from the learner).
    pub files: BTreeMap<String, PathBuf>,
    /// Run only this test case.
    pub test: Option<String>,
    /// Every test case that an untouched suite reports; empty: not declared.
    pub expected: Vec<String>,
    /// Command for `tap` and `junit_xml` (and to override the framework's).
    pub command: Option<Vec<String>>,
    /// Run the learner's code in a process of its own, where the framework can; `false`: in the tests' process.
    pub apart: bool,
    /// Also run tests that are marked as skipped.
    pub include_skipped: bool,
}

impl Unit {
    /// Whether both run the same suite in the same way, whichever of its test cases they name.
    #[must_use]
    pub fn is_same_suite(&self, other: &Self) -> bool {
        self.framework == other.framework
            && self.files == other.files
            && self.expected == other.expected
            && self.command == other.command
            && self.apart == other.apart
            && self.include_skipped == other.include_skipped
    }
}

/// Input and expected output.
#[derive(Debug, Clone, PartialEq)]
pub struct Io {
    /// File with the input; `None` is empty.
    pub input: Option<PathBuf>,
    /// File with the expected output.
    pub answer: PathBuf,
    /// Command-line arguments of the program.
    pub arguments: Vec<String>,
    /// Files placed beside the program, by path in the work directory.
    pub files: BTreeMap<String, PathBuf>,
    /// How to compare.
    pub comparator: Comparator,
    /// Exit code that counts as a normal end.
    pub exit_code: i32,
    /// Show the difference of expected and actual output to the learner.
    pub show_difference: bool,
}

/// How an output is compared with the expected one.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparator {
    /// Byte by byte.
    Exact,
    /// Lines without trailing blanks; blank lines at both ends do not count.
    Lines {
        /// Upper and lower case count.
        case_sensitive: bool,
    },
    /// Kattis default validator: tokens between white space, with options.
    Tokens(TokenOptions),
}

/// Options of the token comparator, as of the Kattis default output validator.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TokenOptions {
    /// Upper and lower case count.
    pub case_sensitive: bool,
    /// Changes in the amount of white space count.
    pub space_change_sensitive: bool,
    /// Numbers within this relative tolerance are equal.
    pub relative_tolerance: Option<f64>,
    /// Numbers within this absolute tolerance are equal.
    pub absolute_tolerance: Option<f64>,
}

/// A program of the author's, run in its own sandbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// Its files by path in the work directory.
    pub files: BTreeMap<String, PathBuf>,
    /// Language id.
    pub language: String,
    /// Environment; `None`: that of the challenge.
    pub environment: Option<String>,
    /// Compile step; `None`: the language's default.
    pub compile: Option<Compile>,
    /// Run command; `None`: the language's default.
    pub run: Option<Vec<String>>,
    /// Arguments after the ones of the protocol.
    pub arguments: Vec<String>,
    /// Limits of each of its runs.
    pub limits: Limits,
}

/// Output judged by a program: called as `validator input answer feedback_directory arguments… < output`.
#[derive(Debug, Clone, PartialEq)]
pub struct Validator {
    /// The program.
    pub program: Program,
    /// File with the input; `None` is empty.
    pub input: Option<PathBuf>,
    /// File with the answer given to the validator; `None` is empty.
    pub answer: Option<PathBuf>,
    /// Command-line arguments of the learner's program.
    pub arguments: Vec<String>,
    /// Files placed beside the learner's program.
    pub files: BTreeMap<String, PathBuf>,
    /// Points come from the validator's `score.txt`.
    pub scoring: bool,
    /// At most so many passes (`nextpass.in`); 1 is an ordinary check.
    pub passes_max: u32,
}

/// A program that talks with the learner's: stdin and stdout of both are crossed.
#[derive(Debug, Clone, PartialEq)]
pub struct Interactive {
    /// The same protocol as a validator's, but for the pipes.
    pub validator: Validator,
}

/// A rule on the learner's source.
#[derive(Debug, Clone, PartialEq)]
pub struct Static {
    /// Files it looks at (patterns); empty: all of the learner's.
    pub files: Vec<String>,
    /// What is asked.
    pub rule: Rule,
    /// `true`: must be there; `false`: must not.
    pub must: bool,
    /// Language whose parser is used; `None`: that of the challenge.
    pub language: Option<String>,
}

/// What a static rule looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// A call of this function or method, by its name or dotted path.
    Calls(String),
    /// An import or include of this module or header.
    Imports(String),
    /// This text, in code (not in comments or strings, where the parser knows them).
    Contains(String),
    /// A construct of the language by its syntax-node kind, such as `for_statement`.
    Construct(String),
    /// A tree-sitter query with at least one match.
    Query(String),
}

/// A submission that lies beside the challenge with its declared outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredSubmission {
    /// Name shown, such as `wrong_answer/off_by_one`.
    pub name: String,
    /// Its files by path in the work directory.
    pub files: BTreeMap<String, PathBuf>,
    /// The verdicts that are right for it (nearly always one).
    pub verdicts: Vec<Verdict>,
    /// Ids of the checks that must fail, exactly; `None`: not declared.
    pub failing: Option<Vec<String>>,
    /// Texts that must occur in the message of a failing check.
    pub messages: Vec<String>,
    /// Score it must get, where declared: least and most.
    pub score: Option<(f64, f64)>,
    /// Step up to which it is judged; `None`: all.
    pub step: Option<String>,
    /// Language it is written in, where that is not the challenge's; see [`Challenge::in_language`].
    pub language: Option<String>,
    /// Main file, where that is not the challenge's.
    pub entry: Option<String>,
}
