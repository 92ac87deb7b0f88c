//! Byte code of our own Python files, so that not every run compiles them again.
//!
//! It is made once per environment and process, in a sandbox of its own that
//! holds nothing but these files, from the second use of an environment on
//! (one run alone would not repay it). It lies beside the sources as CPython's
//! own cache (PEP 552, unchecked hash): an interpreter of another version
//! takes the sources instead.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use carrel_sandbox::{FileInput, Spec};
use serde::Deserialize;

use super::{
    AGENT_FILES, HARNESS_DIRECTORY, INTERPRETER, SHARED_FILES, TESTS_FILES, harness_file, read_only,
};
use crate::sandboxes::Sandboxes;

/// Writes the byte code of every file in the directory to descriptor 3, one JSON line each.
const COMPILE: &str = r#"
import importlib.util, json, marshal, os, sys
directory = sys.argv[1]
with open(3, "w") as out:
    for name in sorted(os.listdir(directory)):
        path = f"{directory}/{name}"
        with open(path, "rb") as file:
            source = file.read()
        code = marshal.dumps(compile(source, path, "exec", dont_inherit=True))
        head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + importlib.util.source_hash(source)
        cached = f"__pycache__/{name[:-3]}.{sys.implementation.cache_tag}.pyc"
        out.write(json.dumps({"path": cached, "hex": (head + code).hex()}) + "\n")
"#;
/// Most bytes of byte code taken, in hexadecimal.
const OUTPUT_BYTES_MAX: u64 = 8 << 20;

/// One line of the compile run.
#[derive(Debug, Deserialize)]
struct Compiled {
    path: String,
    hex: String,
}

/// What is known of an environment.
enum Entry {
    /// It was used once.
    Used,
    /// Its byte code; empty where it could not be made.
    Ready(Vec<FileInput>),
}

static ENVIRONMENTS: Mutex<BTreeMap<String, Entry>> = Mutex::new(BTreeMap::new());

/// The byte code for this environment, or nothing: then the sources are compiled in the run.
pub(super) fn files(environment: &str, sandboxes: &dyn Sandboxes) -> Vec<FileInput> {
    {
        let mut environments = ENVIRONMENTS.lock().unwrap_or_else(PoisonError::into_inner);
        match environments.get(environment) {
            Some(Entry::Ready(files)) => return files.clone(),
            Some(Entry::Used) => {
                // Others go on with the sources while this one compiles.
                environments.insert(environment.to_owned(), Entry::Ready(Vec::new()));
            }
            None => {
                environments.insert(environment.to_owned(), Entry::Used);
                return Vec::new();
            }
        }
    }
    let files = compile(environment, sandboxes);
    let mut environments = ENVIRONMENTS.lock().unwrap_or_else(PoisonError::into_inner);
    environments.insert(environment.to_owned(), Entry::Ready(files.clone()));
    files
}

fn compile(environment: &str, sandboxes: &dyn Sandboxes) -> Vec<FileInput> {
    let words = INTERPRETER
        .iter()
        .chain(&["-c", COMPILE, HARNESS_DIRECTORY]);
    let mut spec = Spec::new(words.map(|word| (*word).to_owned()).collect());
    let sources = SHARED_FILES.iter().chain(&TESTS_FILES).chain(&AGENT_FILES);
    spec.files = sources.map(harness_file).collect();
    spec.report_channel = true;
    spec.limits.output_bytes = OUTPUT_BYTES_MAX;
    match sandboxes.run(environment, spec) {
        Ok(report) if !report.report.truncated => read(&report.report.bytes),
        // The run that needs the environment will tell what is wrong with it.
        _ => Vec::new(),
    }
}

fn read(bytes: &[u8]) -> Vec<FileInput> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let compiled = lines.filter_map(|line| serde_json::from_slice::<Compiled>(line).ok());
    compiled
        .filter(|one| one.path.starts_with("__pycache__/carrel_") && !one.path.contains(".."))
        .filter_map(|one| {
            let content = hex::decode(&one.hex).ok()?;
            Some(read_only(
                &format!("{HARNESS_DIRECTORY}/{}", one.path),
                &content,
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_lines_about_our_files_count() {
        let told = concat!(
            "{\"path\": \"__pycache__/carrel_wire.cpython-311.pyc\", \"hex\": \"0aff\"}\n",
            "{\"path\": \"__pycache__/carrel_../../x\", \"hex\": \"00\"}\n",
            "{\"path\": \"/work/x\", \"hex\": \"00\"}\n{\"path\": \"__pycache__/carrel_lin",
        );
        let files = read(told.as_bytes());
        assert_eq!(files.len(), 1);
        assert_eq!(
            files[0].path,
            "/tmp/.carrel/__pycache__/carrel_wire.cpython-311.pyc"
        );
        assert_eq!(files[0].content, [0x0a, 0xff]);
        assert!(!files[0].writable);
    }
}
