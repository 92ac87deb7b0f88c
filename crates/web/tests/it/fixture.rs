//! The course `demo` and what its judging gives.

use std::fs;
use std::path::{Path, PathBuf};

use carrel_model::Verdict;
use carrel_model::result::{EnvironmentUsed, ResultDocument, Status, TestResult};
use carrel_model::verdict::Cause;
use carrel_model::{Limits, Visibility};
use carrel_store::submission::Outcome;

/// Stands in the hidden check's data and results; no learner may ever see it.
pub(crate) const SECRET: &str = "hidden-4711";

/// The checks `visible` and `hidden`; the hidden one says [`SECRET`] wherever it can.
pub(crate) fn results(verdict: Verdict) -> Vec<TestResult> {
    let passed = verdict == Verdict::Accepted;
    let result = |id: &str, passed: bool, visibility| TestResult {
        name: format!("Check {id}"),
        status: if passed { Status::Pass } else { Status::Fail },
        message: (id == "hidden").then(|| SECRET.to_owned()),
        output: (id == "hidden").then(|| SECRET.to_owned()),
        author_note: None,
        test_code: None,
        task_id: None,
        id: id.to_owned(),
        check: id.to_owned(),
        step: "double".to_owned(),
        cause: (!passed).then_some(Cause::WrongAnswer),
        help: None,
        points: f64::from(u8::from(passed)),
        points_max: 1.0,
        required: true,
        visibility,
        difference: None,
        runs: Vec::new(),
    };
    vec![
        result("visible", true, Visibility::Always),
        result("hidden", passed, Visibility::Never),
    ]
}

pub(crate) fn document(verdict: Verdict) -> ResultDocument {
    let tests = results(verdict);
    let passed = verdict == Verdict::Accepted;
    ResultDocument {
        version: 3,
        status: if passed { Status::Pass } else { Status::Fail },
        message: None,
        points: tests.iter().map(|test| test.points).sum(),
        tests,
        contract_version: 1,
        verdict,
        cause: (!passed).then_some(Cause::WrongAnswer),
        gradable: true,
        points_max: 2.0,
        challenge: "double".to_owned(),
        environment: EnvironmentUsed {
            name: "python".to_owned(),
            digest: Some("d1".to_owned()),
            repeatable: true,
        },
        steps: Vec::new(),
        runs: Vec::new(),
        incidents: Vec::new(),
        duration_ms: 12.0,
    }
}

/// A course with the challenge `double`; `change` makes another version of it.
pub(crate) fn write_course(above: &Path, id: &str, change: &str) -> PathBuf {
    let root = above.join(format!("authors-{id}"));
    let challenge = root.join("double");
    for directory in ["data", "start", "solution"] {
        fs::create_dir_all(challenge.join(directory)).unwrap();
    }
    let course = format!(
        "id = '{id}'\ntitle = 'Demo'\n[[units]]\nid = 'one'\ntitle = 'One'\nchallenges = ['double']\n"
    );
    fs::write(root.join("course.toml"), course).unwrap();
    let text = "id = 'double'\ntitle = 'Double'\nlanguage = 'python'\ntarget_ms = 3000\n\
        [files]\neditable = ['double.py', 'lib/*.py']\nentry = 'double.py'\n\
        [[hints]]\ntext = 'Use two.'\nafter_failures = 1\n\
        [[checks]]\nid = 'visible'\nkind = 'io'\ntitle = 'Example'\ninput = 'data/1.in'\nanswer = 'data/1.ans'\n\
        [[checks]]\nid = 'hidden'\nkind = 'io'\ntitle = 'More'\nvisibility = 'never'\n\
        input = 'data/2.in'\nanswer = 'data/2.ans'\n";
    fs::write(challenge.join("challenge.toml"), text).unwrap();
    let instructions = format!("# Double\n\nPrint twice the number.{change}\n");
    fs::write(challenge.join("instructions.md"), instructions).unwrap();
    for (name, content) in [
        ("data/1.in", "1"),
        ("data/1.ans", "2"),
        ("data/2.in", SECRET),
        ("data/2.ans", SECRET),
        ("start/double.py", "print(0)\n"),
        ("solution/double.py", "print(2 * int(input()))\n"),
    ] {
        fs::write(challenge.join(name), content).unwrap();
    }
    root
}

/// A directory as tar.
pub(crate) fn tar(directory: &Path) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.append_dir_all(".", directory).unwrap();
    builder.into_inner().unwrap()
}

/// An execution that printed something.
pub(crate) fn executed(stdout: &[u8]) -> Outcome {
    use carrel_model::execution::{ExecutionResult, StageResult};
    use carrel_model::result::Usage;
    Outcome::Executed(Box::new(ExecutionResult {
        environment: EnvironmentUsed {
            name: "python".to_owned(),
            digest: Some("d1".to_owned()),
            repeatable: true,
        },
        compile: None,
        run: Some(StageResult {
            stdout: stdout.to_vec(),
            stderr: Vec::new(),
            order: Vec::new(),
            exit_code: Some(0),
            signal: None,
            cause: None,
            limit: None,
            message: None,
            usage: Usage::default(),
        }),
        platform_fault: None,
        incidents: Vec::new(),
    }))
}

pub(crate) fn small_limits() -> Limits {
    Limits {
        cpu_ms: 1_000,
        ..Limits::default()
    }
}
