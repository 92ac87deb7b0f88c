//! Python tests apart from the learner's process.
//!
//! Two fresh sandboxes, joined by two pipes. One holds the author's tests and
//! the supplied files, the other the learner's and the supplied files. An
//! import hook gives the tests a stand-in for each of the learner's modules;
//! what they ask of it travels to the learner's process and the answer comes
//! back as a plain value or as another stand-in. Expected values, comparison
//! and results stay with the tests, whose report channel the learner's
//! process does not have, so nothing that it does can become a pass.
//! `docs/check-integrity-python.md` tells what is guaranteed and what is not
//! possible this way (such checks say `apart = false`).

mod bytecode;
mod outcome;
mod records;

use std::io::{PipeReader, PipeWriter};
use std::os::fd::OwnedFd;

use carrel_sandbox::{FileInput, Network, Spec, Stream, WORK_DIRECTORY};
use serde::Serialize;

use crate::case::{UnitOutcome, UnitRequest};
use crate::error::Error;
use crate::limits::sandbox_limits;

/// Where our own files lie inside both sandboxes; root's, so that no program replaces them.
const HARNESS_DIRECTORY: &str = "/tmp/.carrel";
/// What both processes load.
const SHARED_FILES: [(&str, &str); 4] = [
    (
        "carrel_wire.py",
        include_str!("../../harness/python_apart/carrel_wire.py"),
    ),
    (
        "carrel_objects.py",
        include_str!("../../harness/python_apart/carrel_objects.py"),
    ),
    (
        "carrel_link.py",
        include_str!("../../harness/python_apart/carrel_link.py"),
    ),
    (
        "carrel_proxy.py",
        include_str!("../../harness/python_apart/carrel_proxy.py"),
    ),
];
/// What only the tests' process loads.
const TESTS_FILES: [(&str, &str); 4] = [
    (
        "carrel_host.py",
        include_str!("../../harness/python_apart/carrel_host.py"),
    ),
    (
        "carrel_runner.py",
        include_str!("../../harness/python_apart/carrel_runner.py"),
    ),
    (
        "carrel_unittest.py",
        include_str!("../../harness/python_apart/carrel_unittest.py"),
    ),
    (
        "carrel_pytest.py",
        include_str!("../../harness/python_apart/carrel_pytest.py"),
    ),
];
/// What only the learner's process loads.
const AGENT_FILES: [(&str, &str); 1] = [(
    "carrel_agent.py",
    include_str!("../../harness/python_apart/carrel_agent.py"),
)];
/// Isolated from user and environment settings, without the costly search for
/// site packages (the harness does that when an import needs it), no byte code written.
const INTERPRETER: [&str; 2] = ["python3", "-ISB"];
/// How much longer than the learner's process the tests' process may live, so
/// that it can still tell what happened.
const TESTS_WALL_EXTRA_MS: u64 = 3_000;
/// Room for the reports of the cases, beside what may be printed.
const REPORT_BYTES: u64 = 16 << 20;

/// What the tests' process is told, as JSON in its first argument.
#[derive(Debug, Serialize)]
struct Configuration<'a> {
    work: &'a str,
    framework: &'a str,
    /// Names of the learner's modules.
    modules: Vec<String>,
    /// Test files to load, relative to `work`.
    files: Vec<&'a str>,
    include_skipped: bool,
    test: Option<&'a str>,
}

/// Runs the check's test files, the learner's modules in a sandbox of their own.
///
/// # Errors
/// A platform fault, an environment without Python, or tests that fail by themselves (the author's).
pub fn run(
    request: &UnitRequest<'_>,
    sandboxes: &dyn crate::sandboxes::Sandboxes,
) -> Result<UnitOutcome, Error> {
    let (requests_out, requests_in) = pipe()?;
    let (answers_out, answers_in) = pipe()?;
    let environment = request.environment;
    let compiled = bytecode::files(environment, sandboxes);
    let mut tests = tests_spec(request, answers_out.into(), requests_in.into());
    let mut agent = agent_spec(request, requests_out.into(), answers_in.into());
    tests.files.extend_from_slice(&compiled);
    agent.files.extend_from_slice(&compiled);
    let (tests, agent) = sandboxes.run_pair((environment, tests), (environment, agent))?;
    outcome::conclude(request, tests, agent)
}

fn pipe() -> Result<(PipeReader, PipeWriter), Error> {
    std::io::pipe().map_err(|source| Error::File {
        doing: "making a pipe for",
        path: "the tests and the learner's process".into(),
        source,
    })
}

/// The sandbox of the author's tests.
fn tests_spec(request: &UnitRequest<'_>, stdin: OwnedFd, stdout: OwnedFd) -> Spec {
    let configuration = Configuration {
        work: WORK_DIRECTORY,
        framework: &request.unit.framework,
        modules: learner_modules(request),
        files: test_files(request),
        include_skipped: request.unit.include_skipped,
        test: request.unit.test.as_deref(),
    };
    let mut argv = command("carrel_runner");
    argv.push(serde_json::json!(configuration).to_string());
    let mut spec = joined_spec(request, argv, stdin, stdout);
    spec.files
        .extend(SHARED_FILES.iter().chain(&TESTS_FILES).map(harness_file));
    spec.files.extend(
        request
            .tests
            .iter()
            .map(|(path, content)| read_only(path, content)),
    );
    let supplied = request
        .supplied
        .iter()
        .filter(|(path, _)| !request.tests.contains_key(*path));
    spec.files
        .extend(supplied.map(|(path, content)| read_only(path, content)));
    spec.report_channel = true;
    spec.limits.wall_ms = spec.limits.wall_ms.saturating_add(TESTS_WALL_EXTRA_MS);
    spec.limits.output_bytes = spec.limits.output_bytes.saturating_add(REPORT_BYTES);
    spec
}

/// The sandbox of the learner's modules. It holds no test.
fn agent_spec(request: &UnitRequest<'_>, stdin: OwnedFd, stdout: OwnedFd) -> Spec {
    let mut argv = command("carrel_agent");
    argv.push(WORK_DIRECTORY.to_owned());
    let mut spec = joined_spec(request, argv, stdin, stdout);
    spec.files
        .extend(SHARED_FILES.iter().chain(&AGENT_FILES).map(harness_file));
    spec.files.extend(
        request
            .supplied
            .iter()
            .map(|(path, content)| read_only(path, content)),
    );
    let learner = request
        .learner
        .iter()
        .filter(|(path, _)| !request.supplied.contains_key(*path));
    spec.files.extend(learner.map(|(path, content)| FileInput {
        writable: true,
        ..read_only(path, content)
    }));
    spec
}

fn joined_spec(
    request: &UnitRequest<'_>,
    argv: Vec<String>,
    stdin: OwnedFd,
    stdout: OwnedFd,
) -> Spec {
    let mut spec = Spec::new(argv);
    spec.stdin = Stream::Descriptor(stdin);
    spec.stdout = Stream::Descriptor(stdout);
    spec.limits = sandbox_limits(&request.limits);
    spec.network = if request.loopback {
        Network::Loopback
    } else {
        Network::None
    };
    spec
}

/// Starts one of our modules: imported, so that its byte code is used where there is some.
fn command(module: &str) -> Vec<String> {
    let start = format!(
        "import sys; sys.path.insert(0, '{HARNESS_DIRECTORY}'); import {module}; {module}.main()"
    );
    INTERPRETER
        .iter()
        .chain(&["-c", &start])
        .map(|word| (*word).to_owned())
        .collect()
}

fn harness_file((name, content): &(&str, &str)) -> FileInput {
    read_only(&format!("{HARNESS_DIRECTORY}/{name}"), content.as_bytes())
}

fn read_only(path: &str, content: &[u8]) -> FileInput {
    FileInput {
        path: path.to_owned(),
        content: content.to_vec(),
        executable: content.starts_with(b"#!"),
        writable: false,
    }
}

/// Dotted names of the modules in the learner's files, supplied ones left out.
fn learner_modules(request: &UnitRequest<'_>) -> Vec<String> {
    let own = request
        .learner
        .keys()
        .filter(|path| !request.supplied.contains_key(*path) && !request.tests.contains_key(*path));
    own.filter_map(|path| module_name(path)).collect()
}

/// `a/b.py` is the module `a.b`, `a/__init__.py` is `a`; other files are no modules.
fn module_name(path: &str) -> Option<String> {
    let name = path.strip_suffix(".py")?;
    let name = name.strip_suffix("/__init__").unwrap_or(name);
    Some(name.replace('/', "."))
}

/// The files to load as tests: by their names as pytest and Exercism have
/// them, or every Python file where no name says so.
fn test_files<'a>(request: &UnitRequest<'a>) -> Vec<&'a str> {
    let python: Vec<&str> = request
        .tests
        .keys()
        .map(String::as_str)
        .filter(|path| is_python_source(path))
        .collect();
    let named: Vec<&str> = python
        .iter()
        .copied()
        .filter(|path| is_test_name(path))
        .collect();
    if named.is_empty() { python } else { named }
}

fn is_python_source(path: &str) -> bool {
    path.ends_with(".py") && file_stem(path) != "conftest" && file_stem(path) != "__init__"
}

fn is_test_name(path: &str) -> bool {
    let stem = file_stem(path);
    let helper = stem.ends_with("_utils") || stem.ends_with("_data") || stem.ends_with("_helper");
    stem.ends_with("_test") || stem.ends_with("_tests") || stem.starts_with("test") && !helper
}

fn file_stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.strip_suffix(".py").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_as_python_names_them() {
        assert_eq!(module_name("leap.py").unwrap(), "leap");
        assert_eq!(module_name("shop/cart.py").unwrap(), "shop.cart");
        assert_eq!(module_name("shop/__init__.py").unwrap(), "shop");
        assert_eq!(module_name("data.json"), None);
    }

    #[test]
    fn helpers_beside_the_tests_are_not_loaded_as_tests() {
        assert!(is_test_name("leap_test.py"));
        assert!(is_test_name("tests/test_leap.py"));
        assert!(!is_test_name("test_utils.py"));
        assert!(!is_test_name("helper.py"));
        assert!(!is_python_source("tests/conftest.py"));
    }
}
