//! A long text that a person grades. Carrel keeps question and answer, and gives no points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// What is asked of an essay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Essay {
    /// How it is written.
    #[serde(default)]
    pub format: EssayFormat,
    /// Height of the field in lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
    /// Least number of words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_min: Option<u32>,
    /// Greatest number of words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words_max: Option<u32>,
    /// Most files that may be added.
    #[serde(default)]
    pub files_max: u32,
    /// Files that must be added.
    #[serde(default)]
    pub files_min: u32,
    /// Text that the field starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Text>,
    /// What graders should know; learners never see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grader_notes: Option<Text>,
}

/// How an essay is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EssayFormat {
    /// With markup.
    #[default]
    Rich,
    /// Without.
    Plain,
    /// Without, in a font for code.
    Code,
    /// No text, only files.
    FilesOnly,
}
