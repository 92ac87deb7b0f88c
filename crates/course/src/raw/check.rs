//! `[[checks]]`: one table for all kinds, so that serde tells every wrong key
//! with its place; which keys belong to which kind is checked afterwards.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use carrel_model::Visibility;

use super::value::FileList;
use super::{CompileTable, LimitsTable, RunTable};
use crate::placed::Placed;

/// What a check does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindName {
    /// Tests in a framework of the language.
    Unit,
    /// Input and expected output.
    Io,
    /// Input, and a program that judges the output.
    Validator,
    /// A program that talks with the learner's.
    Interactive,
    /// A rule on the source.
    Static,
}

impl KindName {
    /// As written in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Io => "io",
            Self::Validator => "validator",
            Self::Interactive => "interactive",
            Self::Static => "static",
        }
    }
}

/// How an output is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparatorName {
    /// Byte by byte.
    Exact,
    /// Lines without trailing blanks; blank lines at both ends do not count.
    Lines,
    /// Tokens between white space.
    Tokens,
}

/// `[[checks]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckTable {
    /// Id, unique in the challenge; the kind where not said.
    pub id: Option<Placed<String>>,
    /// What it does.
    pub kind: Option<Placed<KindName>>,
    /// Step it belongs to; needed where there is more than one.
    pub step: Option<Placed<String>>,
    /// Title shown; the id where not said.
    pub title: Option<Placed<String>>,
    /// Shown when it fails, before what the program itself said.
    pub message: Option<String>,
    /// Further help when it fails.
    pub help: Option<String>,
    /// Points; 1 where not said.
    pub points: Option<Placed<f64>>,
    /// Must pass for acceptance; yes where not said.
    pub required: Option<bool>,
    /// Who sees its details; always where not said.
    pub visibility: Option<Visibility>,
    /// Checks that must have passed, else this one is skipped.
    pub depends_on: Vec<Placed<String>>,
    /// Limits that differ from the challenge's.
    pub limits: Option<LimitsTable>,

    /// unit: framework; the language's usual one where not said.
    pub framework: Option<Placed<String>>,
    /// unit: test files (everything in `tests/` where not said); static: source files looked at; else: files placed beside the program.
    pub files: Option<FileList>,
    /// unit: run only this test case.
    pub test: Option<Placed<String>>,
    /// unit: every test case that an untouched suite reports.
    pub expected: Option<Vec<Placed<String>>>,
    /// unit: command for `tap` and `junit_xml`.
    pub command: Option<Vec<String>>,
    /// unit: run the learner's code in a process of its own; yes for Python where not said.
    pub apart: Option<bool>,
    /// unit: also run tests that are marked as skipped.
    pub include_skipped: Option<bool>,

    /// io, validator, interactive: file with the input.
    pub input: Option<Placed<String>>,
    /// io: file with the expected output; validator, interactive: file given to the validator.
    pub answer: Option<Placed<String>>,
    /// io, validator, interactive: pattern of input files, one check each; answers end in `.ans` or `.out`.
    pub data: Option<Placed<String>>,
    /// io, validator, interactive: command-line arguments of the learner's program.
    pub arguments: Option<Vec<String>>,
    /// io: how to compare; `lines`, or `tokens` when a tolerance is given.
    pub comparator: Option<ComparatorName>,
    /// io: upper and lower case count; yes where not said.
    pub case_sensitive: Option<bool>,
    /// io, tokens: the amount of white space counts; no where not said.
    pub space_change_sensitive: Option<bool>,
    /// io, tokens: numbers within this relative tolerance are equal.
    pub relative_tolerance: Option<Placed<f64>>,
    /// io, tokens: numbers within this absolute tolerance are equal.
    pub absolute_tolerance: Option<Placed<f64>>,
    /// io: exit code that counts as a normal end; 0 where not said.
    pub exit_code: Option<Placed<i32>>,
    /// io: show the difference to the learner; yes where not said.
    pub show_difference: Option<bool>,

    /// validator, interactive: the author's program.
    pub program: Option<Placed<ProgramTable>>,
    /// validator, interactive: points come from the validator's `score.txt`.
    pub scoring: Option<bool>,
    /// validator, interactive: at most so many passes; 1 where not said.
    pub passes_max: Option<Placed<u32>>,

    /// static: what must be there.
    pub must: Option<Placed<RuleTable>>,
    /// static: what must not be there.
    pub must_not: Option<Placed<RuleTable>>,
    /// static: language whose parser is used; the challenge's where not said.
    pub language: Option<Placed<String>>,
}

/// `[checks.program]`: a program of the author's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProgramTable {
    /// A file, or a directory of files.
    pub path: Option<Placed<String>>,
    /// Language id; by the file's extension where not said.
    pub language: Option<Placed<String>>,
    /// Environment name; that of the challenge where not said and the language is the same, else the language's stock one.
    pub environment: Option<Placed<String>>,
    /// Compile step; the language's default where not said.
    pub compile: Option<Placed<CompileTable>>,
    /// Run command; the language's default where not said.
    pub run: Option<Placed<RunTable>>,
    /// Arguments after the ones of the protocol.
    pub arguments: Vec<String>,
    /// Limits of each of its runs.
    pub limits: LimitsTable,
}

/// `must = { … }` and `must_not = { … }`: exactly one key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleTable {
    /// A call of this function or method, by name or dotted path.
    pub call: Option<String>,
    /// An import or include of this module or header.
    pub import: Option<String>,
    /// This text in code, not in comments or strings.
    pub contain: Option<String>,
    /// A construct of the language by its syntax-node kind, such as `for_statement`.
    pub construct: Option<String>,
    /// A tree-sitter query with at least one match.
    pub query: Option<String>,
}
