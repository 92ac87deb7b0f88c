//! A test says its whole world in one chain: files, arguments, what must come out.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// One call of `carrel` in a directory of its own.
#[derive(Debug)]
pub(crate) struct Test {
    directory: TempDir,
    arguments: Vec<String>,
    stdin: String,
    status: u8,
    stdout: Vec<String>,
    stderr: Vec<String>,
    absent: Vec<String>,
}

/// What a call gave.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) directory: TempDir,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Test {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            arguments: arguments
                .iter()
                .map(|argument| (*argument).to_owned())
                .collect(),
            stdin: String::new(),
            status: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
            absent: Vec::new(),
        }
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.bytes(path, content.as_bytes())
    }

    /// A file that is no text.
    pub(crate) fn bytes(self, path: &str, content: &[u8]) -> Self {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    pub(crate) fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdin);
        self
    }

    /// The exit code that must come; 0 where not said.
    pub(crate) fn status(mut self, status: u8) -> Self {
        self.status = status;
        self
    }

    /// Standard output must contain this.
    pub(crate) fn stdout(mut self, text: &str) -> Self {
        self.stdout.push(text.to_owned());
        self
    }

    /// Standard error must contain this.
    pub(crate) fn stderr(mut self, text: &str) -> Self {
        self.stderr.push(text.to_owned());
        self
    }

    /// Neither stream may contain this.
    pub(crate) fn absent(mut self, text: &str) -> Self {
        self.absent.push(text.to_owned());
        self
    }

    /// Runs it and compares.
    pub(crate) fn run(self) -> Ended {
        let state = self.directory.path().join(".state").display().to_string();
        let output = call(self.directory.path(), &state, &self);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let told = format!(
            "{:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}",
            self.arguments
        );
        assert_eq!(
            output.status.code(),
            Some(i32::from(self.status)),
            "exit code of {told}"
        );
        for text in &self.stdout {
            assert!(stdout.contains(text), "stdout lacks {text:?}: {told}");
        }
        for text in &self.stderr {
            assert!(stderr.contains(text), "stderr lacks {text:?}: {told}");
        }
        for text in &self.absent {
            assert!(
                !stdout.contains(text) && !stderr.contains(text),
                "{text:?} in {told}"
            );
        }
        Ended {
            directory: self.directory,
            stdout,
            stderr,
        }
    }
}

impl Ended {
    /// Another call in the same directory.
    pub(crate) fn then(self, arguments: &[&str]) -> Test {
        Test {
            directory: self.directory,
            ..Test::new(arguments)
        }
    }

    /// A file that lies there now.
    pub(crate) fn read(&self, path: &str) -> String {
        let full = self.directory.path().join(path);
        let text = std::fs::read_to_string(&full);
        text.unwrap_or_else(|error| panic!("{path}: {error}\n{}", self.stdout))
    }

    /// Whether something lies there now.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.directory.path().join(path).exists()
    }

    /// Names of what lies in a directory.
    pub(crate) fn list(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path().join(path)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Standard output as a JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }
}

#[expect(clippy::disallowed_methods, reason = "a test drives the real binary")]
fn call(directory: &Path, state: &str, test: &Test) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_carrel"))
        .args(&test.arguments)
        .current_dir(directory)
        .env_remove("NO_COLOR")
        .env("CARREL_STATE_DIRECTORY", state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it before this is written.
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), test.stdin.as_bytes());
    child.wait_with_output().unwrap()
}

/// Whether sandboxes can be made here; else prints why not, or fails where `CARREL_REQUIRE=privileged`.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is told what must not be skipped"
)]
pub(crate) fn sandboxes_work() -> bool {
    let test = Test::new(&["run", "--env", "host", "--", "/bin/true"]);
    let state = test.directory.path().join(".state").display().to_string();
    let output = call(test.directory.path(), &state, &test);
    if output.status.success() {
        return true;
    }
    let reason = String::from_utf8_lossy(&output.stderr).into_owned();
    let required = std::env::var("CARREL_REQUIRE").is_ok_and(|value| value == "privileged");
    assert!(
        !required,
        "sandboxes are required and do not work: {reason}"
    );
    println!("SKIP: {reason}");
    false
}
