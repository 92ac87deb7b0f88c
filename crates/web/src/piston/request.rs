//! What a client of Piston sends, in their order of checks and with their messages.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use carrel_api::limits::{ARGUMENT_BYTES_MAX, ARGUMENTS_MAX, STDIN_BYTES_MAX};
use carrel_model::execution::ExecutionRequest;
use carrel_model::limits::Limits;
use serde_json::Value;

use super::Config;
use crate::dialect::files;
use crate::dialect::language::{Names, Offered, absent};
use crate::dialect::version::is_selected;
use crate::execution::within;
use crate::problem::Problem;

/// Processes of a run: `PISTON_MAX_PROCESS_COUNT`.
const PROCESSES: u64 = 64;
/// Open files of a run: `PISTON_MAX_OPEN_FILES`.
const OPEN_FILES: u64 = 2_048;
/// Largest file of a run, bytes: `PISTON_MAX_FILE_SIZE`.
const FILE_BYTES: u64 = 10_000_000;

/// A request that can be executed.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) offered: Offered,
    pub(super) request: ExecutionRequest,
}

/// Why a request is not executed.
#[derive(Debug)]
pub(super) enum Wrong {
    /// What to tell in `message`, with status 400.
    Sent(String),
    /// Nobody runs the language: ours.
    Absent(Problem),
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self::Sent(message)
    }
}

impl From<&str> for Wrong {
    fn from(message: &str) -> Self {
        Self::Sent(message.to_owned())
    }
}

/// Reads a request.
///
/// # Errors
/// What is wrong with it, or that no node runs the language.
pub(super) fn read(body: &Value, offered: &[Offered], config: &Config) -> Result<Job, Wrong> {
    let language = text_of(body, "language").ok_or("language is required as a string")?;
    let version = text_of(body, "version").ok_or("version is required as a string")?;
    let sent = body["files"]
        .as_array()
        .ok_or("files is required as an array")?;
    for (index, file) in sent.iter().enumerate() {
        if !file["content"].is_string() {
            let message = format!("files[{index}].content is required as a string");
            return Err(message.into());
        }
    }
    if let Some(problem) = absent(offered, |names| names.is_called(language)) {
        return Err(Wrong::Absent(problem));
    }
    let chosen = find_runtime(offered, language, version, config.any_version)
        .ok_or_else(|| format!("{language}-{version} runtime is unknown"))?;
    let is_code = |file: &Value| match &file["encoding"] {
        Value::String(encoding) => encoding.is_empty() || encoding == "utf8",
        encoding => !is_true(encoding),
    };
    if !sent.iter().any(is_code) {
        return Err("files must include at least one utf8 encoded file".into());
    }
    let (limits, compile_limits) = read_limits(body, config)?;
    let (files, entry) = read_files(sent, chosen.names)?;
    Ok(Job {
        offered: chosen,
        request: ExecutionRequest {
            language: chosen.names.id.to_owned(),
            environment: None,
            environment_of_challenge: false,
            files,
            entry: Some(entry),
            arguments: read_arguments(&body["args"])?,
            compiler_arguments: Vec::new(),
            stdin: read_stdin(&body["stdin"])?,
            limits,
            compile_limits,
            merge_stderr: false,
            runs: 1,
            note: None,
            conversation: None,
        },
    })
}

/// The latest runtime of this name or alias whose version is selected.
pub(super) fn find_runtime(
    offered: &[Offered],
    language: &str,
    selector: &str,
    any_version: bool,
) -> Option<Offered> {
    let named = offered.iter().filter(|one| one.names.is_called(language));
    named
        .filter(|one| any_version || is_selected(one.version, selector))
        .max_by_key(|one| one.version)
        .copied()
}

/// JavaScript's idea of true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn text_of<'a>(body: &'a Value, field: &str) -> Option<&'a str> {
    body[field].as_str().filter(|text| !text.is_empty())
}

/// A limit as asked for; `None`: not at all.
fn read_limit(body: &Value, name: &str, most: Option<u64>) -> Result<Option<u64>, String> {
    let value = &body[name];
    if !is_true(value) {
        return Ok(None);
    }
    let Some(number) = value.as_f64() else {
        return Err(format!("If specified, {name} must be a number"));
    };
    let Some(most) = most else {
        // Theirs has no limit configured then: every number is fine, a negative one means none.
        return Ok((number >= 0.0).then(|| as_whole(number)));
    };
    #[expect(clippy::cast_precision_loss, reason = "limits are far smaller")]
    let bound = most as f64;
    if number > bound {
        return Err(format!(
            "{name} cannot exceed the configured limit of {most}"
        ));
    }
    if number < 0.0 {
        return Err(format!("{name} must be non-negative"));
    }
    Ok(Some(as_whole(number).max(1)))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and a cast saturates"
)]
fn as_whole(number: f64) -> u64 {
    number.ceil() as u64
}

fn read_limits(body: &Value, config: &Config) -> Result<(Limits, Option<Limits>), String> {
    let compile_memory = read_limit(body, "compile_memory_limit", None)?;
    let run_memory = read_limit(body, "run_memory_limit", None)?;
    let compile_wall = read_limit(body, "compile_timeout", Some(config.compile_timeout_ms))?;
    let run_wall = read_limit(body, "run_timeout", Some(config.run_timeout_ms))?;
    let compile_cpu = read_limit(body, "compile_cpu_time", Some(config.compile_cpu_ms))?;
    let run_cpu = read_limit(body, "run_cpu_time", Some(config.run_cpu_ms))?;
    let memory_min = carrel_model::limits::BOUNDS[2].1;
    let bound = |asked: Option<u64>, most: u64| asked.unwrap_or(most).clamp(memory_min, most);
    let limits = Limits {
        wall_ms: run_wall.unwrap_or(config.run_timeout_ms),
        cpu_ms: run_cpu.unwrap_or(config.run_cpu_ms),
        memory_bytes: bound(run_memory, config.run_memory_bytes),
        processes: PROCESSES,
        open_files: OPEN_FILES,
        file_bytes: FILE_BYTES,
        output_bytes: config.output_bytes,
        ..Limits::default()
    };
    // Clients name the defaults of theirs: those do not take anything from a slow compiler.
    let asks = compile_wall.is_some_and(|wall| wall < config.compile_timeout_ms)
        || compile_cpu.is_some_and(|cpu| cpu < config.compile_cpu_ms)
        || compile_memory.is_some();
    let compile = asks.then(|| Limits {
        wall_ms: compile_wall.unwrap_or(config.compile_timeout_ms),
        cpu_ms: compile_cpu.unwrap_or(config.compile_cpu_ms),
        memory_bytes: bound(compile_memory, config.compile_memory_bytes),
        processes: 256,
        open_files: OPEN_FILES,
        file_bytes: 256 << 20,
        disk_bytes: 1 << 30,
        inodes: 65_536,
        output_bytes: config.output_bytes,
        ..Limits::default()
    });
    let most = &config.most;
    let compile = compile.map(|limits| within(limits, most));
    Ok((within(limits, most), compile))
}

fn read_arguments(value: &Value) -> Result<Vec<String>, String> {
    let arguments = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(arguments) => arguments,
        _ => return Err("args must be an array of strings".to_owned()),
    };
    if arguments.len() > ARGUMENTS_MAX {
        return Err(format!("there are more than {ARGUMENTS_MAX} args"));
    }
    let read = |(index, argument): (usize, &Value)| {
        let text = match argument {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => argument.to_string(),
            _ => return Err(format!("args[{index}] must be a string")),
        };
        if text.len() > ARGUMENT_BYTES_MAX || text.contains('\0') {
            return Err(format!(
                "args[{index}] is longer than {ARGUMENT_BYTES_MAX} bytes or has a NUL character"
            ));
        }
        Ok(text)
    };
    arguments.iter().enumerate().map(read).collect()
}

fn read_stdin(value: &Value) -> Result<Vec<u8>, String> {
    let mut stdin = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        _ => return Err("stdin must be a string".to_owned()),
    };
    // As theirs: the last line always has an end.
    if !stdin.ends_with('\n') {
        stdin.push('\n');
    }
    if stdin.len() > STDIN_BYTES_MAX {
        return Err(format!("stdin is longer than {STDIN_BYTES_MAX} bytes"));
    }
    Ok(stdin.into_bytes())
}

/// The files by path, and the one that is run.
fn read_files(
    sent: &[Value],
    names: &Names,
) -> Result<(BTreeMap<String, Vec<u8>>, String), String> {
    let mut files = BTreeMap::new();
    let mut entry = None;
    for (index, file) in sent.iter().enumerate() {
        let content = file["content"].as_str().unwrap_or_default();
        let told = file["name"].as_str().filter(|name| !name.is_empty());
        let default = format!("file{index}.code");
        let mut path =
            files::place(told.unwrap_or(&default)).map_err(|refused| refused.to_string())?;
        let encoding = file["encoding"].as_str().unwrap_or("utf8");
        let content = match encoding {
            "base64" => decode_base64(content),
            "hex" => decode_hex(content),
            _ => content.as_bytes().to_vec(),
        };
        if !matches!(encoding, "base64" | "hex") {
            path = as_source(path, &content, names);
            entry.get_or_insert_with(|| path.clone());
        }
        files.insert(path, content);
    }
    files::bound(&files).map_err(|refused| refused.to_string())?;
    let entry = entry.ok_or("files must include at least one utf8 encoded file")?;
    Ok((files, entry))
}

/// A compiler is given its files by their endings: theirs renames them, and so is it here. Headers
/// and other files with an ending keep their names.
fn as_source(path: String, content: &[u8], names: &Names) -> String {
    let bare = path.strip_suffix(".code");
    let has_ending = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'));
    if !names.compiled || names.is_source(&path) || (has_ending && bare.is_none()) {
        return path;
    }
    if names.id == "java" {
        return format!("{}.java", find_class(content));
    }
    format!("{}.{}", bare.unwrap_or(&path), names.extension)
}

/// Name of the class that a Java file has to be called after.
fn find_class(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |is_public: bool| {
        words.windows(3).find_map(|three| match three {
            ["public", "class", name] if is_public => Some(*name),
            [_, "class", name] if !is_public => Some(*name),
            _ => None,
        })
    };
    let first = match words.as_slice() {
        ["class", name, ..] => Some(*name),
        _ => None,
    };
    let name = after(true).or(first).or_else(|| after(false));
    let name: String = name
        .unwrap_or_default()
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'))
        .collect();
    if name.is_empty() {
        "Main".to_owned()
    } else {
        name
    }
}

/// As Node.js reads it: both alphabets, characters of neither are skipped, it ends at padding.
fn decode_base64(text: &str) -> Vec<u8> {
    let letters = |letter: char| match letter {
        '-' => Some('+'),
        '_' => Some('/'),
        '+' | '/' => Some(letter),
        other => other.is_ascii_alphanumeric().then_some(other),
    };
    let mut clean: String = text
        .chars()
        .take_while(|letter| *letter != '=')
        .filter_map(letters)
        .collect();
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone);
    GeneralPurpose::new(&alphabet::STANDARD, lenient)
        .decode(clean)
        .unwrap_or_default()
}

/// As Node.js reads it: up to the first pair that is none.
fn decode_hex(text: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).ok()?;
        let pair = pair
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit())
            .then_some(pair)?;
        u8::from_str_radix(pair, 16).ok()
    };
    text.as_bytes().chunks_exact(2).map_while(byte).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dialect::language::NAMES;

    fn offered() -> Vec<Offered> {
        let offer = |names| Offered {
            names,
            version: [3, 11, 2],
        };
        NAMES.iter().map(offer).collect()
    }

    fn read_one(body: &Value) -> Result<Job, String> {
        read(body, &offered(), &Config::default()).map_err(|wrong| match wrong {
            Wrong::Sent(message) => message,
            Wrong::Absent(problem) => panic!("{problem}"),
        })
    }

    fn error(body: &Value) -> String {
        read_one(body).unwrap_err()
    }

    #[test]
    fn no_more_than_the_operator_allows_anybody() {
        let most = Limits {
            cpu_ms: 500,
            wall_ms: 2_000,
            processes: 9,
            disk_bytes: 1 << 20,
            ..crate::config::execution_limits()
        };
        let mut config = Config::default();
        config.bound(most);
        let (run, compile) = read_limits(&serde_json::json!({}), &config).unwrap();
        assert_eq!((run.cpu_ms, run.wall_ms, run.processes), (500, 2_000, 9));
        assert_eq!((run.disk_bytes, compile), (1 << 20, None));
        let asked = serde_json::json!({"compile_timeout": 1_000});
        let compile = read_limits(&asked, &config).unwrap().1.unwrap();
        assert_eq!((compile.cpu_ms, compile.processes), (500, 9));
        assert_eq!(compile.disk_bytes, 1 << 20);
        let asked = serde_json::json!({"run_timeout": 3_000});
        let refused = read_limits(&asked, &config).unwrap_err();
        assert!(refused.contains("limit of 2000"), "{refused}");
    }

    #[test]
    fn messages_are_theirs() {
        let files = json!([{"content": "x"}]);
        for (body, message) in [
            (json!({}), "language is required as a string"),
            (json!([]), "language is required as a string"),
            (json!({"language": 3}), "language is required as a string"),
            (json!({"language": "py"}), "version is required as a string"),
            (
                json!({"language": "py", "version": "*"}),
                "files is required as an array",
            ),
            (
                json!({"language": "py", "version": "*", "files": [{"content": 1}]}),
                "files[0].content is required as a string",
            ),
            (
                json!({"language": "cobol", "version": "*", "files": files}),
                "cobol-* runtime is unknown",
            ),
            (
                json!({"language": "py", "version": "2", "files": files}),
                "py-2 runtime is unknown",
            ),
            (
                json!({"language": "py", "version": "*", "files": [{"content": "", "encoding": "hex"}]}),
                "files must include at least one utf8 encoded file",
            ),
            (
                json!({"language": "py", "version": "*", "files": files, "run_timeout": 3001}),
                "run_timeout cannot exceed the configured limit of 3000",
            ),
            (
                json!({"language": "py", "version": "*", "files": files, "run_timeout": -1}),
                "run_timeout must be non-negative",
            ),
            (
                json!({"language": "py", "version": "*", "files": files, "run_memory_limit": "1"}),
                "If specified, run_memory_limit must be a number",
            ),
        ] {
            assert_eq!(error(&body), message);
        }
    }

    #[test]
    fn defaults_are_theirs() {
        let body = json!({"language": "py3", "version": "3.x", "files": [
            {"name": "", "content": "print(1)"},
            {"name": "data/x.bin", "content": "//79", "encoding": "base64"},
            {"name": "y", "content": "0aFfzz00", "encoding": "hex"},
        ], "args": ["a", 1], "run_memory_limit": -1, "compile_timeout": 10000});
        let request = read_one(&body).unwrap().request;
        assert_eq!(request.entry.as_deref(), Some("file0.code"));
        assert_eq!(request.files["data/x.bin"], [0xff, 0xfe, 0xfd]);
        assert_eq!(request.files["y"], [0x0a, 0xff]);
        assert_eq!(request.stdin, b"\n");
        assert_eq!(request.arguments, ["a", "1"]);
        assert_eq!(
            (request.limits.wall_ms, request.limits.cpu_ms),
            (3_000, 3_000)
        );
        assert_eq!(request.limits.memory_bytes, 512 << 20);
        assert_eq!(request.compile_limits, None);
        assert_eq!(request.limits.check(), Ok(()));
    }

    #[test]
    fn compilers_get_the_names_they_need() {
        let entry = |language: &str, file: Value| {
            let body = json!({"language": language, "version": "*", "files": [file], "compile_timeout": 5});
            let request = read_one(&body).unwrap().request;
            assert_eq!(request.compile_limits.unwrap().check(), Ok(()));
            request.entry.unwrap()
        };
        assert_eq!(entry("c", json!({"content": ""})), "file0.c");
        assert_eq!(
            entry("c++", json!({"content": "", "name": "a/main"})),
            "a/main.cpp"
        );
        assert_eq!(entry("c++", json!({"content": "", "name": "m.cc"})), "m.cc");
        assert_eq!(
            entry("rust", json!({"content": "", "name": "x.rs"})),
            "x.rs"
        );
        let java = "import a.b;\npublic class Hello{ class Inner {} }";
        assert_eq!(entry("java", json!({"content": java})), "Hello.java");
        assert_eq!(entry("java", json!({"content": "class A { }"})), "A.java");
        assert_eq!(
            entry("java", json!({"content": "interface X {}"})),
            "Main.java"
        );
    }

    #[test]
    fn a_file_stays_inside() {
        let body =
            json!({"language": "py", "version": "*", "files": [{"name": "../x", "content": ""}]});
        assert!(error(&body).contains("tries to escape parent directory"));
    }
}
