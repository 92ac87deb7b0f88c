//! Checks a submission by their rules (`app/models/submission.rs`), with their messages.

use std::collections::BTreeMap;

use carrel_api::limits::{STDIN_BYTES_MAX, SUBMISSION_BYTES_MAX, URL_BYTES_MAX};
use carrel_model::execution::ExecutionRequest;
use carrel_model::limits::Limits;
use serde_json::{Map, Value};

use super::config::{Config, MEMORY_KIB_MIN};
use super::note::{FORM, Note};
use super::parameters;
use super::text;
use super::words::{self, Unbalanced};
use crate::dialect::files;
use crate::dialect::language::{self, NAMES, Names, Offered};
use crate::execution::within;
use crate::problem::Problem;

/// Longest options and arguments, characters.
const WORDS_MAX: usize = 512;

/// What is wrong, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Errors(Map<String, Value>);

impl Errors {
    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        let messages = self
            .0
            .entry(field)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(messages) = messages {
            messages.push(Value::String(message.into()));
        }
    }

    /// Whether nothing but the language is wrong.
    pub(super) fn are_of_the_language(&self) -> bool {
        self.0.keys().all(|field| field == "language_id")
    }

    /// As it is answered.
    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// Why the language that is asked for cannot be run, where no node runs it.
pub(super) fn absent(sent: &Map<String, Value>, offered: &[Offered]) -> Option<Problem> {
    let id = asked_language(sent)?;
    language::absent(offered, |names| names.judge0.contains(&id))
}

/// The id that is asked for; as Rails casts: digits at the start, else 0.
fn asked_language(sent: &Map<String, Value>) -> Option<i64> {
    let told = parameters::text(sent, "language_id").filter(|text| !text.trim().is_empty())?;
    Some(cast(&told))
}

/// The language of an id among what nodes run.
pub(super) fn find_language(offered: &[Offered], id: i64) -> Option<Offered> {
    offered
        .iter()
        .find(|one| one.names.judge0.contains(&id))
        .copied()
}

/// Checks what was sent and makes an execution of it.
///
/// # Errors
/// Everything that is wrong.
pub(super) fn read(
    sent: &Map<String, Value>,
    is_base64: bool,
    offered: &[Offered],
    config: &Config,
) -> Result<ExecutionRequest, Errors> {
    let mut errors = Errors::default();
    let bytes = |name: &str| {
        let text = parameters::text(sent, name)?;
        Some(if is_base64 {
            text::decode(&text)
        } else {
            text.into_bytes()
        })
    };
    let source = bytes("source_code").unwrap_or_default();
    if source.iter().all(u8::is_ascii_whitespace) {
        errors.add("source_code", "can't be blank");
    }
    let language = read_language(sent, offered, &mut errors);
    let mut note = read_numbers(sent, config, &mut errors);
    note.language_id = language.map_or(0, |(id, _)| id);
    let names = language.map(|(_, one)| one.names);
    refuse_what_is_never_on(sent, &mut errors);
    let compiler_arguments = read_words(sent, "compiler_options", &mut errors);
    if !compiler_arguments.is_empty() && names.is_some_and(|names| !names.compiled) {
        let message = "setting compiler options is only allowed for compiled languages";
        errors.add("compiler_options", message);
    }
    let arguments = read_words(sent, "command_line_arguments", &mut errors);
    let archive = parameters::text(sent, "additional_files").map(|text| text::decode(&text));
    let archive = archive.filter(|archive| !archive.is_empty());
    let files = read_files(archive.as_deref(), source, names, config, &mut errors);
    let stdin = bytes("stdin");
    let expected_output = bytes("expected_output");
    for (name, text, most) in [
        ("stdin", &stdin, STDIN_BYTES_MAX),
        ("expected_output", &expected_output, SUBMISSION_BYTES_MAX),
    ] {
        if text.as_ref().is_some_and(|text| text.len() > most) {
            errors.add(name, format!("is too long (maximum is {most} bytes)"));
        }
    }
    note.expected_output = expected_output.map(|text| text::encode(&text));
    note.stdin = stdin.is_some();
    note.additional_files = archive.map(|archive| text::encode(&archive));
    note.compiler_options = parameters::text(sent, "compiler_options");
    note.command_line_arguments = parameters::text(sent, "command_line_arguments");
    note.callback_url = read_callback(sent, &mut errors);
    let runs = read_runs(sent, config, &mut errors);
    let (Some(names), true) = (names, errors.0.is_empty()) else {
        return Err(errors);
    };
    Ok(ExecutionRequest {
        language: names.id.to_owned(),
        environment: None,
        environment_of_challenge: false,
        files,
        entry: Some(names.source_file.to_owned()),
        arguments,
        compiler_arguments,
        stdin: stdin.unwrap_or_default(),
        limits: limits(&note, config),
        compile_limits: None,
        merge_stderr: parameters::truth(sent, "redirect_stderr_to_stdout").unwrap_or(false),
        runs,
        // Plain strings and numbers always serialise.
        note: serde_json::to_string(&note).ok(),
        conversation: None,
    })
}

fn read_language(
    sent: &Map<String, Value>,
    offered: &[Offered],
    errors: &mut Errors,
) -> Option<(i64, Offered)> {
    let id = asked_language(sent);
    if id.is_none() {
        errors.add("language_id", "can't be blank");
    }
    let found = id.and_then(|id| Some((id, find_language(offered, id)?)));
    if found.is_none() {
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        let known = NAMES
            .iter()
            .any(|names| names.judge0.iter().any(|known| known.to_string() == id));
        let message = if known {
            format!("language with id {id} is known, but no worker runs it at the moment")
        } else {
            format!("language with id {id} doesn't exist")
        };
        errors.add("language_id", message);
    }
    found
}

/// `String#to_i`: the digits at the start, else 0.
fn cast(text: &str) -> i64 {
    let text = text.trim_start();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let end = text.len() - digits.len() + length;
    text[..end].parse().unwrap_or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be positive, and a cast saturates"
)]
fn whole(number: f64) -> u64 {
    number.trunc() as u64
}

/// Bounds of a number: the least, whether it may be it, and the most as it is written.
struct Bounds<'a> {
    least: u64,
    or_equal: bool,
    most: f64,
    most_text: &'a str,
}

fn read_number(
    sent: &Map<String, Value>,
    name: &str,
    default: f64,
    bounds: &Bounds<'_>,
    errors: &mut Errors,
) -> f64 {
    let number = match parameters::number(sent, name) {
        Ok(number) => number.unwrap_or(default),
        Err(()) => {
            errors.add(name, "is not a number");
            return default;
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "small bounds")]
    let least = bounds.least as f64;
    let fits = if bounds.or_equal {
        number >= least
    } else {
        number > least
    };
    if !fits {
        let or_equal = if bounds.or_equal { "or equal to " } else { "" };
        errors.add(
            name,
            format!("must be greater than {or_equal}{}", bounds.least),
        );
    }
    if number > bounds.most {
        let message = format!("must be less than or equal to {}", bounds.most_text);
        errors.add(name, message);
    }
    number
}

/// A number of a type that is written with a point.
fn read_seconds(
    sent: &Map<String, Value>,
    name: &str,
    (default, least, most): (f64, u64, f64),
    errors: &mut Errors,
) -> f64 {
    let bounds = Bounds {
        least,
        or_equal: true,
        most,
        most_text: &text::decimal(most),
    };
    read_number(sent, name, default, &bounds, errors)
}

/// A whole number.
fn read_whole(
    sent: &Map<String, Value>,
    name: &str,
    (default, least, most): (u64, u64, u64),
    or_equal: bool,
    errors: &mut Errors,
) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "configured limits are small")]
    let (default, most_number) = (default as f64, most as f64);
    let bounds = Bounds {
        least,
        or_equal,
        most: most_number,
        most_text: &most.to_string(),
    };
    whole(read_number(sent, name, default, &bounds, errors).max(0.0))
}

fn read_runs(sent: &Map<String, Value>, config: &Config, errors: &mut Errors) -> u32 {
    let (default, most) = (config.number_of_runs, config.max_number_of_runs);
    let bounds = (u64::from(default), 0, u64::from(most));
    let runs = read_whole(sent, "number_of_runs", bounds, false, errors);
    u32::try_from(runs).unwrap_or(most).max(1)
}

fn read_numbers(sent: &Map<String, Value>, config: &Config, errors: &mut Errors) -> Note {
    let cpu = (config.cpu_time_limit, 0, config.max_cpu_time_limit);
    let extra = (config.cpu_extra_time, 0, config.max_cpu_extra_time);
    let wall = (config.wall_time_limit, 1, config.max_wall_time_limit);
    let memory = (config.memory_limit, MEMORY_KIB_MIN, config.max_memory_limit);
    let stack = (config.stack_limit, 0, config.max_stack_limit);
    let processes = (
        config.max_processes_and_or_threads,
        0,
        config.max_max_processes_and_or_threads,
    );
    let file = (config.max_file_size, 0, config.max_max_file_size);
    Note {
        judge0: FORM,
        language_id: 0,
        stdin: false,
        expected_output: None,
        compiler_options: None,
        command_line_arguments: None,
        cpu_time_limit: read_seconds(sent, "cpu_time_limit", cpu, errors),
        cpu_extra_time: read_seconds(sent, "cpu_extra_time", extra, errors),
        wall_time_limit: read_seconds(sent, "wall_time_limit", wall, errors),
        memory_limit: read_whole(sent, "memory_limit", memory, true, errors),
        stack_limit: read_whole(sent, "stack_limit", stack, true, errors),
        max_processes_and_or_threads: read_whole(
            sent,
            "max_processes_and_or_threads",
            processes,
            false,
            errors,
        ),
        max_file_size: read_whole(sent, "max_file_size", file, true, errors),
        additional_files: None,
        callback_url: None,
    }
}

/// Their zero means no limit: here it means the most that can be asked for.
fn limits(note: &Note, config: &Config) -> Limits {
    let or = |number: u64, most: u64| if number == 0 { most } else { number };
    let cpu = if note.cpu_time_limit > 0.0 {
        note.cpu_time_limit
    } else {
        config.max_cpu_time_limit
    };
    let file_bytes = or(note.max_file_size, config.max_max_file_size) * 1_024;
    let stack_min = carrel_model::limits::BOUNDS[9].1;
    let limits = Limits {
        cpu_ms: whole((cpu + note.cpu_extra_time) * 1_000.0).max(1),
        wall_ms: whole(note.wall_time_limit * 1_000.0).max(1),
        memory_bytes: note.memory_limit * 1_024,
        stack_bytes: (or(note.stack_limit, config.max_stack_limit) * 1_024).max(stack_min),
        processes: note.max_processes_and_or_threads.max(1),
        file_bytes,
        output_bytes: file_bytes,
        ..Limits::default()
    };
    within(limits, &config.most)
}

fn refuse_what_is_never_on(sent: &Map<String, Value>, errors: &mut Errors) {
    for name in [
        "enable_per_process_and_thread_time_limit",
        "enable_per_process_and_thread_memory_limit",
    ] {
        if parameters::truth(sent, name) == Some(true) {
            errors.add(name, "this option cannot be enabled");
        }
    }
    if parameters::truth(sent, "enable_network") == Some(true) {
        errors.add("enable_network", "enabling network is not allowed");
    }
}

fn read_words(sent: &Map<String, Value>, name: &str, errors: &mut Errors) -> Vec<String> {
    let text = parameters::text(sent, name).unwrap_or_default();
    if text.chars().count() > WORDS_MAX {
        errors.add(
            name,
            format!("is too long (maximum is {WORDS_MAX} characters)"),
        );
        return Vec::new();
    }
    if text.contains('\0') {
        errors.add(name, "has a NUL character");
        return Vec::new();
    }
    words::split(&text).unwrap_or_else(|Unbalanced| {
        errors.add(name, "has a quote without its end");
        Vec::new()
    })
}

fn read_callback(sent: &Map<String, Value>, errors: &mut Errors) -> Option<String> {
    let url = parameters::text(sent, "callback_url").filter(|url| !url.trim().is_empty())?;
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    if !is_web || url.len() > URL_BYTES_MAX {
        let message =
            format!("must begin with http:// or https:// and have at most {URL_BYTES_MAX} bytes");
        errors.add("callback_url", message);
    }
    Some(url)
}

fn read_files(
    archive: Option<&[u8]>,
    source: Vec<u8>,
    names: Option<&Names>,
    config: &Config,
    errors: &mut Errors,
) -> BTreeMap<String, Vec<u8>> {
    let bytes_max = usize::try_from(config.max_extract_size * 1_024).unwrap_or(usize::MAX);
    let unpacked = archive.map(|archive| files::unzip(archive, bytes_max));
    let mut files = match unpacked {
        None => BTreeMap::new(),
        Some(Ok(files)) => files,
        Some(Err(refused)) => {
            errors.add("additional_files", refused.to_string());
            BTreeMap::new()
        }
    };
    if let Some(names) = names {
        // As theirs: the source is there first, and unpacking does not overwrite it.
        files.insert(names.source_file.to_owned(), source);
    }
    if let Err(refused) = files::bound(&files) {
        let field = match refused {
            // The source itself has its place.
            files::Refused::Clash { .. } => "additional_files",
            _ => "source_code",
        };
        errors.add(field, refused.to_string());
    }
    files
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offered() -> Vec<Offered> {
        let offer = |names| Offered {
            names,
            version: [1, 2, 3],
        };
        NAMES
            .iter()
            .filter(|names| names.id != "php")
            .map(offer)
            .collect()
    }

    fn read_one(sent: &Value, is_base64: bool) -> Result<ExecutionRequest, Value> {
        let sent = sent.as_object().unwrap();
        read(sent, is_base64, &offered(), &Config::default()).map_err(Errors::into_value)
    }

    #[test]
    fn messages_are_theirs() {
        for (sent, errors) in [
            (
                json!({"source_code": "x"}),
                json!({"language_id": ["can't be blank", "language with id  doesn't exist"]}),
            ),
            (
                json!({"source_code": " \n", "language_id": 71}),
                json!({"source_code": ["can't be blank"]}),
            ),
            (
                json!({"source_code": "x", "language_id": 150000}),
                json!({"language_id": ["language with id 150000 doesn't exist"]}),
            ),
            (
                json!({"source_code": "x", "language_id": "71", "wall_time_limit": 100000}),
                json!({"wall_time_limit": ["must be less than or equal to 20.0"]}),
            ),
            (
                json!({"source_code": "x", "language_id": 71, "number_of_runs": 0, "memory_limit": 2000, "cpu_time_limit": "a"}),
                json!({"cpu_time_limit": ["is not a number"], "memory_limit": ["must be greater than or equal to 2048"],
                    "number_of_runs": ["must be greater than 0"]}),
            ),
            (
                json!({"source_code": "x", "language_id": 71, "compiler_options": "-O2"}),
                json!({"compiler_options": ["setting compiler options is only allowed for compiled languages"]}),
            ),
            (
                json!({"source_code": "x", "language_id": 50, "compiler_options": "x".repeat(513)}),
                json!({"compiler_options": ["is too long (maximum is 512 characters)"]}),
            ),
            (
                json!({"source_code": "x", "language_id": 71, "enable_network": true}),
                json!({"enable_network": ["enabling network is not allowed"]}),
            ),
            (
                json!({"source_code": "x", "language_id": 71, "enable_per_process_and_thread_time_limit": "true"}),
                json!({"enable_per_process_and_thread_time_limit": ["this option cannot be enabled"]}),
            ),
        ] {
            assert_eq!(read_one(&sent, false).unwrap_err(), errors, "{sent}");
        }
    }

    #[test]
    fn the_id_of_a_language_is_cast_as_ruby_does_it() {
        for (text, id) in [
            ("71", 71),
            (" 71abc", 71),
            ("71.9", 71),
            ("-3x", -3),
            ("abc", 0),
            ("é", 0),
            ("", 0),
        ] {
            assert_eq!(cast(text), id, "{text}");
        }
    }

    #[test]
    fn files_that_cannot_lie_beside_each_other_are_named() {
        use std::io::Write as _;

        for (names, message) in [
            (
                ["a", "a/b"],
                "\"a\" is a file, and \"a/b\" needs a directory there",
            ),
            (["a", "b/../a"], "the archive holds a name twice"),
        ] {
            let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            for name in names {
                let options = zip::write::SimpleFileOptions::default();
                writer.start_file(name, options).unwrap();
                writer.write_all(b"x").unwrap();
            }
            let archive = writer.finish().unwrap().into_inner();
            let sent = json!({"source_code": "x", "language_id": 71,
                "additional_files": text::encode(&archive)});
            let errors = read_one(&sent, false).unwrap_err();
            assert_eq!(errors, json!({"additional_files": [message]}));
        }
    }

    #[test]
    fn a_language_that_nobody_runs_now_is_told_apart() {
        let errors = read_one(&json!({"source_code": "x", "language_id": 68}), false).unwrap_err();
        assert!(
            errors["language_id"][0]
                .as_str()
                .unwrap()
                .contains("no worker")
        );
    }

    #[test]
    fn defaults_are_theirs() {
        let request = read_one(&json!({"source_code": "x", "language_id": 71}), false).unwrap();
        let limits = request.limits;
        assert_eq!((limits.cpu_ms, limits.wall_ms), (6_000, 10_000));
        assert_eq!(limits.memory_bytes, 128_000 * 1_024);
        assert_eq!(limits.output_bytes, 1 << 20);
        assert_eq!(limits.check(), Ok(()));
        assert_eq!((request.runs, request.merge_stderr), (1, false));
        assert_eq!(request.files["script.py"], b"x");
        let note = Note::read(&request).unwrap();
        assert_eq!(
            (note.language_id, note.stdin, note.expected_output),
            (71, false, None)
        );
    }

    #[test]
    fn everything_sent_is_used() {
        let sent = json!({"source_code": "eA==", "language_id": 52, "stdin": "MQo=", "expected_output": "Mg==",
            "compiler_options": "-O3 -DA='b c'", "command_line_arguments": "1 \"2 3\"", "cpu_time_limit": "1.5",
            "cpu_extra_time": 0.5, "memory_limit": 4096.7, "stack_limit": 0, "max_file_size": 0,
            "max_processes_and_or_threads": 5, "redirect_stderr_to_stdout": true, "number_of_runs": 3,
            "callback_url": "https://example.org/x"});
        let request = read_one(&sent, true).unwrap();
        assert_eq!(
            (request.language.as_str(), request.entry.as_deref()),
            ("cpp", Some("main.cpp"))
        );
        assert_eq!(request.files["main.cpp"], b"x");
        assert_eq!(request.stdin, b"1\n");
        assert_eq!(request.compiler_arguments, ["-O3", "-DA=b c"]);
        assert_eq!(request.arguments, ["1", "2 3"]);
        assert_eq!((request.runs, request.merge_stderr), (3, true));
        assert_eq!(
            (request.limits.cpu_ms, request.limits.memory_bytes),
            (2_000, 4_096 * 1_024)
        );
        assert_eq!(request.limits.check(), Ok(()));
        let note = Note::read(&request).unwrap();
        assert_eq!(note.expected_output().as_deref(), Some(&b"2"[..]));
        assert_eq!(note.callback_url.as_deref(), Some("https://example.org/x"));
    }
}
