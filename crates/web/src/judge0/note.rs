//! What is kept of a submission beyond what running it needs, to give it back.

use carrel_model::execution::ExecutionRequest;
use serde::{Deserialize, Serialize};

use super::text;

/// Kept in [`ExecutionRequest::note`] as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Note {
    /// Marks the note as one of this interface; its form.
    pub(super) judge0: u32,
    pub(super) language_id: i64,
    /// Standard input was given.
    pub(super) stdin: bool,
    /// In base64.
    pub(super) expected_output: Option<String>,
    pub(super) compiler_options: Option<String>,
    pub(super) command_line_arguments: Option<String>,
    /// Seconds.
    pub(super) cpu_time_limit: f64,
    /// Seconds.
    pub(super) cpu_extra_time: f64,
    /// Seconds.
    pub(super) wall_time_limit: f64,
    /// Kilobytes.
    pub(super) memory_limit: u64,
    /// Kilobytes.
    pub(super) stack_limit: u64,
    pub(super) max_processes_and_or_threads: u64,
    /// Kilobytes.
    pub(super) max_file_size: u64,
    /// The zip archive, in base64.
    pub(super) additional_files: Option<String>,
    pub(super) callback_url: Option<String>,
}

/// Form of the notes written now.
pub(super) const FORM: u32 = 1;

impl Note {
    /// The note of an execution; `None`: it did not come over this interface.
    pub(super) fn read(request: &ExecutionRequest) -> Option<Self> {
        let note: Self = serde_json::from_str(request.note.as_deref()?).ok()?;
        (note.judge0 == FORM).then_some(note)
    }

    pub(super) fn expected_output(&self) -> Option<Vec<u8>> {
        self.expected_output.as_deref().map(text::decode)
    }
}
