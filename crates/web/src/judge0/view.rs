//! A submission as it is shown (`app/serializers/submission_serializer.rb`).

use carrel_model::execution::ExecutionRequest;
use carrel_store::submission::SubmissionRow;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::information::language_name;
use super::note::Note;
use super::status::{Told, describe};
use super::text;
use crate::dialect::language::Offered;

/// Every attribute of 1.13.1: the columns, `status` and `language`. `*` means these and no
/// others: their own SDK refuses answers with a field that it does not know.
const FIELDS: [&str; 35] = [
    "source_code",
    "language_id",
    "stdin",
    "expected_output",
    "stdout",
    "status_id",
    "created_at",
    "finished_at",
    "time",
    "memory",
    "stderr",
    "token",
    "number_of_runs",
    "cpu_time_limit",
    "cpu_extra_time",
    "wall_time_limit",
    "memory_limit",
    "stack_limit",
    "max_processes_and_or_threads",
    "enable_per_process_and_thread_time_limit",
    "enable_per_process_and_thread_memory_limit",
    "max_file_size",
    "compile_output",
    "exit_code",
    "exit_signal",
    "message",
    "wall_time",
    "compiler_options",
    "command_line_arguments",
    "redirect_stderr_to_stdout",
    "callback_url",
    "additional_files",
    "enable_network",
    "status",
    "language",
];

/// Attributes of their later versions, for those who ask for them by name.
const LATER_FIELDS: [&str; 5] = [
    "started_at",
    "queued_at",
    "updated_at",
    "queue_host",
    "execution_host",
];

/// What is shown where nothing is asked for.
pub(super) const DEFAULT_FIELDS: [&str; 8] = [
    "token",
    "time",
    "memory",
    "stdout",
    "stderr",
    "compile_output",
    "message",
    "status",
];

/// Reads the parameter `fields`.
///
/// # Errors
/// The names that are none.
pub(super) fn choose(fields: &str) -> Result<Vec<&'static str>, Vec<String>> {
    let mut chosen: Vec<&'static str> = Vec::new();
    let mut invalid = Vec::new();
    let mut all = false;
    for name in fields.split(',').filter(|name| !name.is_empty()) {
        let mut known = FIELDS.iter().chain(&LATER_FIELDS);
        match known.find(|known| **known == name) {
            _ if name == "*" => all = true,
            Some(known) if !chosen.contains(known) => chosen.push(known),
            Some(_) => {}
            None => invalid.push(name.to_owned()),
        }
    }
    if !invalid.is_empty() {
        return Err(invalid);
    }
    if all {
        chosen = FIELDS.to_vec();
    } else if chosen.is_empty() {
        chosen = DEFAULT_FIELDS.to_vec();
    }
    Ok(chosen)
}

/// A text cannot be written without base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotUtf8;

/// All that is known of a submission.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) row: &'a SubmissionRow,
    pub(super) request: &'a ExecutionRequest,
    pub(super) note: &'a Note,
    pub(super) told: &'a Told,
    pub(super) offered: &'a [Offered],
}

impl Shown<'_> {
    /// The fields asked for.
    ///
    /// # Errors
    /// One of them is no UTF-8 and base64 was not asked for.
    pub(super) fn show(&self, fields: &[&str], is_base64: bool) -> Result<Value, NotUtf8> {
        let mut shown = Map::new();
        for field in fields {
            shown.insert((*field).to_owned(), self.field(field, is_base64)?);
        }
        Ok(Value::Object(shown))
    }

    fn field(&self, field: &str, is_base64: bool) -> Result<Value, NotUtf8> {
        let (told, request, note) = (self.told, self.request, self.note);
        let write = |bytes: Option<&[u8]>| write(bytes, is_base64);
        Ok(match field {
            "source_code" => {
                let source = request
                    .entry
                    .as_ref()
                    .and_then(|entry| request.files.get(entry));
                write(source.map(Vec::as_slice))?
            }
            "stdin" => write(note.stdin.then_some(request.stdin.as_slice()))?,
            "expected_output" => write(note.expected_output().as_deref())?,
            "stdout" => write(told.stdout.as_deref())?,
            "stderr" => write(told.stderr.as_deref())?,
            "compile_output" => write(told.compile_output.as_deref())?,
            "message" => write(told.message.as_deref().map(str::as_bytes))?,
            "token" => json!(self.row.id.to_string()),
            "status_id" => json!(told.status),
            "status" => json!({"id": told.status, "description": describe(told.status)}),
            "language_id" => json!(note.language_id),
            "language" => {
                let name = language_name(self.offered, note.language_id);
                json!({"id": note.language_id, "name": name})
            }
            "created_at" | "queued_at" => time(Some(self.row.created_at)),
            "started_at" => time(self.row.started_at),
            "finished_at" => time(self.row.finished_at),
            "updated_at" => {
                let last = self.row.finished_at.or(self.row.started_at);
                time(Some(last.unwrap_or(self.row.created_at)))
            }
            "time" => json!(told.time.map(text::decimal)),
            "wall_time" => json!(told.wall_time.map(text::decimal)),
            "memory" => json!(told.memory),
            "exit_code" => json!(told.exit_code),
            "exit_signal" => json!(told.exit_signal),
            other => self.setting(other),
        })
    }

    /// What was asked for, as it was taken.
    fn setting(&self, field: &str) -> Value {
        let (request, note) = (self.request, self.note);
        match field {
            "number_of_runs" => json!(request.runs),
            "cpu_time_limit" => json!(text::decimal(note.cpu_time_limit)),
            "cpu_extra_time" => json!(text::decimal(note.cpu_extra_time)),
            "wall_time_limit" => json!(text::decimal(note.wall_time_limit)),
            "memory_limit" => json!(note.memory_limit),
            "stack_limit" => json!(note.stack_limit),
            "max_processes_and_or_threads" => json!(note.max_processes_and_or_threads),
            "max_file_size" => json!(note.max_file_size),
            "compiler_options" => json!(note.compiler_options),
            "command_line_arguments" => json!(note.command_line_arguments),
            "redirect_stderr_to_stdout" => json!(request.merge_stderr),
            "callback_url" => json!(note.callback_url),
            "additional_files" => json!(note.additional_files),
            "enable_network"
            | "enable_per_process_and_thread_time_limit"
            | "enable_per_process_and_thread_memory_limit" => json!(false),
            // Hosts are told to operators only.
            _ => Value::Null,
        }
    }
}

fn write(bytes: Option<&[u8]>, is_base64: bool) -> Result<Value, NotUtf8> {
    Ok(match bytes {
        None => Value::Null,
        Some(bytes) if is_base64 => Value::String(text::encode(bytes)),
        Some(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| NotUtf8)?;
            Value::String(text.to_owned())
        }
    })
}

/// Three digits after the point, in UTC.
fn time(at: Option<Timestamp>) -> Value {
    match at {
        None => Value::Null,
        Some(at) => Value::String(at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_chosen_as_theirs() {
        assert_eq!(choose("").unwrap(), DEFAULT_FIELDS);
        assert_eq!(choose("stdout,stdout,time").unwrap(), ["stdout", "time"]);
        assert_eq!(choose("*").unwrap(), FIELDS);
        assert_eq!(choose("queued_at").unwrap(), ["queued_at"]);
        assert_eq!(choose("stdout,id,x").unwrap_err(), ["id", "x"]);
        assert!(DEFAULT_FIELDS.iter().all(|field| FIELDS.contains(field)));
    }

    #[test]
    fn times_are_written_as_theirs() {
        let at: Timestamp = "2016-09-11T10:28:17.6527Z".parse().unwrap();
        assert_eq!(time(Some(at)), "2016-09-11T10:28:17.652Z");
    }

    #[test]
    fn bytes_need_base64() {
        assert_eq!(write(Some(b"\xff"), false), Err(NotUtf8));
        assert_eq!(write(Some(b"\xff"), true), Ok(json!("/w==\n")));
        assert_eq!(write(Some("é".as_bytes()), false), Ok(json!("é")));
    }
}
