//! What the tests' process tells on its report channel: one JSON object per line.

use serde::Deserialize;

/// One line as it is written by `harness/python_apart`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    plan: Option<Vec<String>>,
    start: Option<String>,
    case: Option<String>,
    status: String,
    message: Option<String>,
    output: Option<String>,
    code: Option<String>,
    gone: Option<String>,
    learners: bool,
    failure: Option<String>,
    file: Option<String>,
    line: Option<u64>,
    author: Option<String>,
    done: bool,
}

/// Everything that was told.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Records {
    /// Names of the cases, before the first one ran.
    pub(super) plan: Option<Vec<String>>,
    /// The case that began last.
    pub(super) started: Option<String>,
    /// Finished cases.
    pub(super) cases: Vec<CaseRecord>,
    /// The learner's module could not be used.
    pub(super) load_failure: Option<LoadFailure>,
    /// The learner's process went away or talked nonsense before the first case.
    pub(super) gone: Option<String>,
    /// The tests failed by themselves.
    pub(super) author: Option<String>,
    /// The tests' process came to its end.
    pub(super) done: bool,
}

/// One finished case.
#[derive(Debug, Default, PartialEq)]
pub(super) struct CaseRecord {
    pub(super) name: String,
    /// `passed`, `failed`, `errored`, `skipped`.
    pub(super) status: String,
    pub(super) message: Option<String>,
    pub(super) output: Option<String>,
    pub(super) code: Option<String>,
    /// The learner's process was lost during it, and how.
    pub(super) gone: Option<String>,
    /// The error was raised by the learner's code.
    pub(super) learners: bool,
}

/// Why the test file could not be loaded, by the learner's doing.
#[derive(Debug, PartialEq)]
pub(super) struct LoadFailure {
    /// A syntax error, not an exception or missing name.
    pub(super) syntax: bool,
    pub(super) file: Option<String>,
    pub(super) line: Option<u64>,
    pub(super) message: String,
}

/// Reads the report channel. A last line that was cut off is left out.
pub(super) fn read(bytes: &[u8]) -> Records {
    let mut records = Records::default();
    for text in bytes.split(|byte| *byte == b'\n') {
        if let Ok(line) = serde_json::from_slice::<Line>(text) {
            records.add(line);
        }
    }
    records
}

impl Records {
    fn add(&mut self, line: Line) {
        self.done |= line.done;
        if line.plan.is_some() {
            self.plan = line.plan;
        } else if line.start.is_some() {
            self.started = line.start;
        } else if let Some(name) = line.case {
            self.cases.push(CaseRecord {
                name,
                status: line.status,
                message: line.message,
                output: line.output,
                code: line.code,
                gone: line.gone,
                learners: line.learners,
            });
        } else if let Some(kind) = line.failure {
            self.load_failure.get_or_insert(LoadFailure {
                syntax: kind == "syntax",
                file: line.file,
                line: line.line,
                message: line.message.unwrap_or_default(),
            });
        } else if line.gone.is_some() {
            self.gone = line.gone;
        } else if line.author.is_some() {
            self.author = line.author;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_records_and_a_torn_line_is_left_out() {
        let told = concat!(
            "{\"plan\": [\"A.a\", \"A.b\"]}\n{\"start\": \"A.a\"}\n",
            "{\"case\": \"A.a\", \"status\": \"passed\", \"message\": null, \"learners\": false}\n",
            "{\"start\": \"A.b\"}\n{\"case\": \"A.b\", \"sta",
        );
        let records = read(told.as_bytes());
        assert_eq!(records.plan.unwrap().len(), 2);
        assert_eq!(records.started.as_deref(), Some("A.b"));
        assert_eq!(records.cases.len(), 1);
        assert_eq!(records.cases[0].status, "passed");
        assert!(!records.done);
    }

    #[test]
    fn a_syntax_error_keeps_its_place() {
        let told = "{\"failure\": \"syntax\", \"file\": \"leap.py\", \"line\": 3, \"message\": \"m\"}\n{\"done\": true}\n";
        let records = read(told.as_bytes());
        let failure = records.load_failure.unwrap();
        assert!(failure.syntax && records.done);
        assert_eq!(
            (failure.file.as_deref(), failure.line),
            (Some("leap.py"), Some(3))
        );
    }
}
