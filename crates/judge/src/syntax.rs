//! Whether a learner's files are in their language at all: asked only after a
//! check did not pass, so that an accepted submission costs nothing extra.

use std::collections::BTreeMap;

use carrel_model::{Cause, Challenge};
use carrel_sandbox::{Ending, FileInput, Report, Spec};

use crate::case::SuiteFailure;
use crate::check::RunMade;
use crate::diagnostic::locate;
use crate::error::Error;
use crate::language::{self, Language, Placeholders, expand};
use crate::limits::sandbox_limits;
use crate::program::read_only;
use crate::sandboxes::Sandboxes;
use crate::text;

/// What the look at the syntax of all files brought.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    /// The first file with an error.
    pub(crate) failure: Option<SuiteFailure>,
    /// The runs made.
    pub(crate) runs: Vec<RunMade>,
}

/// Looks at the syntax of every file of the learner's that is in the challenge's language.
///
/// # Errors
/// A platform fault.
pub(crate) fn examine(
    challenge: &Challenge,
    learner: &BTreeMap<String, Vec<u8>>,
    supplied: &BTreeMap<String, Vec<u8>>,
    sandboxes: &dyn Sandboxes,
) -> Result<Finding, Error> {
    let mut finding = Finding::default();
    let Some(language) = language::find(&challenge.language) else {
        return Ok(finding);
    };
    let Some(syntax) = &language.syntax else {
        return Ok(finding);
    };
    let all = learner.iter().chain(supplied);
    let files: Vec<FileInput> = all
        .map(|(path, content)| read_only(path, content.clone()))
        .collect();
    let limits = language::compile_limits();
    for path in learner.keys().filter(|path| language.is_source(path)) {
        let mut refusal = None;
        for command in &syntax.commands {
            let values = Placeholders {
                file: path,
                ..Placeholders::default()
            };
            let mut spec = Spec::new(expand(command, &values));
            spec.files.clone_from(&files);
            spec.limits = sandbox_limits(&limits);
            let report = sandboxes.run(&challenge.environment, spec)?;
            refusal = refused(language, path, &report);
            finding.runs.push(RunMade {
                purpose: "syntax",
                report,
                cached: false,
            });
            if refusal.is_none() {
                break;
            }
        }
        if refusal.is_some() {
            finding.failure = refusal;
            return Ok(finding);
        }
    }
    Ok(finding)
}

/// Only a tool that ran and said no counts: one that is missing, or that a
/// limit ended, says nothing about the file.
fn refused(language: &Language, path: &str, report: &Report) -> Option<SuiteFailure> {
    let code = match report.ending {
        Ending::Exited(code) if code != 0 => code,
        _ => return None,
    };
    // A shell's words for "not executable" and "not found".
    if matches!(code, 126 | 127) || report.processes_refused > 0 {
        return None;
    }
    let both = [&report.stderr.bytes[..], &report.stdout.bytes[..]].join(&b'\n');
    let said = text::readable(&both, carrel_model::result::MESSAGE_CHARACTERS_MAX);
    let place = locate(&said, &language.errors, &[path])?;
    let message = match place.line {
        Some(line) => format!("`{path}` has an error in line {line}:\n{}", said.trim()),
        None => format!("`{path}` has an error:\n{}", said.trim()),
    };
    let cause = Cause::CompileError {
        file: Some(path.to_owned()),
        line: place.line,
    };
    Some(SuiteFailure { cause, message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::challenge;
    use crate::scripted::{Scripted, report};

    fn learner(paths: &[&str]) -> BTreeMap<String, Vec<u8>> {
        paths
            .iter()
            .map(|path| ((*path).to_owned(), b"x".to_vec()))
            .collect()
    }

    fn failing(message: &str) -> Report {
        let mut failed = report(1);
        failed.stderr.bytes = message.as_bytes().to_vec();
        failed
    }

    fn examined(language: &str, paths: &[&str], answers: Vec<Report>) -> Finding {
        let mut challenge = challenge();
        challenge.language = language.to_owned();
        let sandboxes = Scripted::new(answers);
        examine(&challenge, &learner(paths), &BTreeMap::new(), &sandboxes).unwrap()
    }

    #[test]
    fn the_first_faulty_file_is_told_with_its_line() {
        let error =
            failing("  File \"b.py\", line 7\n    x = (\nSyntaxError: '(' was never closed\n");
        let finding = examined(
            "python",
            &["a.py", "b.py", "notes.txt"],
            vec![report(0), error],
        );
        let failure = finding.failure.unwrap();
        let cause = Cause::CompileError {
            file: Some("b.py".to_owned()),
            line: Some(7),
        };
        assert_eq!(failure.cause, cause);
        assert!(
            failure
                .message
                .starts_with("`b.py` has an error in line 7:")
        );
        assert_eq!(finding.runs.len(), 2);
    }

    #[test]
    fn a_module_is_no_faulty_script() {
        let script = failing("/work/a.js:1\nimport x\nSyntaxError: Cannot use import statement\n");
        assert_eq!(
            examined("javascript", &["a.js"], vec![script.clone(), report(0)]).failure,
            None
        );
        let module = failing("[stdin]:4\nlet let\nSyntaxError: let is disallowed\n");
        let failure = examined("javascript", &["a.js"], vec![script, module])
            .failure
            .unwrap();
        let cause = Cause::CompileError {
            file: Some("a.js".to_owned()),
            line: Some(4),
        };
        assert_eq!(failure.cause, cause);
    }

    #[test]
    fn a_tool_that_is_missing_or_says_nothing_of_the_file_is_no_error() {
        let missing = Report::of(Ending::NotStarted("no such file".to_owned()));
        assert_eq!(examined("python", &["a.py"], vec![missing]).failure, None);
        let other = failing("ModuleNotFoundError: No module named 'encodings'\n");
        assert_eq!(examined("python", &["a.py"], vec![other]).failure, None);
        assert_eq!(
            examined("python", &["a.py"], vec![report(127)]).failure,
            None
        );
    }
}
