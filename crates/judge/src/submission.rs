//! What a learner sends.

use std::collections::BTreeMap;

use carrel_course::pattern::{Pattern, check_path};
use carrel_model::{Challenge, CheckKind};

use crate::error::Error;
use crate::view::View;

/// One submission.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Files by path in the work directory.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Step up to which it is judged; `None`: all.
    pub step: Option<String>,
    /// Failed submissions before this one.
    pub failures: u32,
    /// Whose eyes the result is for.
    pub view: View,
}

/// Refuses files that a learner may not send: the author's stay what they are.
///
/// # Errors
/// The first such file, with what may be sent.
pub(crate) fn check_files(challenge: &Challenge, submission: &Submission) -> Result<(), Error> {
    if submission.files.is_empty() {
        return Err(refuse(challenge, "it has no files"));
    }
    let patterns: Vec<Pattern> = challenge
        .editable
        .iter()
        .filter_map(|text| Pattern::parse(text).ok())
        .collect();
    for path in submission.files.keys() {
        if let Err(problem) = check_path(path) {
            return Err(refuse(
                challenge,
                &format!("the path `{}` {problem}", path.escape_debug()),
            ));
        }
        if is_authors(challenge, path) {
            return Err(refuse(
                challenge,
                &format!("`{path}` is the author's file; leave it out"),
            ));
        }
        if !patterns.iter().any(|pattern| pattern.matches(path)) {
            return Err(refuse(
                challenge,
                &format!("`{path}` is not a file of this challenge"),
            ));
        }
    }
    Ok(())
}

fn refuse(challenge: &Challenge, problem: &str) -> Error {
    let may: Vec<String> = challenge
        .editable
        .iter()
        .map(|path| format!("`{path}`"))
        .collect();
    Error::Submission(format!(
        "the submission for `{}` is not judged: {problem} (files that may be sent: {})",
        challenge.id,
        may.join(", ")
    ))
}

/// Supplied beside the learner's files, or placed by a check.
fn is_authors(challenge: &Challenge, path: &str) -> bool {
    let placed = |kind: &CheckKind| match kind {
        CheckKind::Unit(unit) => unit.files.contains_key(path),
        CheckKind::Io(io) => io.files.contains_key(path),
        CheckKind::Validator(validator) => validator.files.contains_key(path),
        CheckKind::Interactive(interactive) => interactive.validator.files.contains_key(path),
        CheckKind::Static(_) => false,
    };
    challenge.supplied.contains_key(path)
        || challenge.checks.iter().any(|check| placed(&check.kind))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::fixture::challenge;

    fn submission(paths: &[&str]) -> Submission {
        Submission {
            files: paths
                .iter()
                .map(|path| ((*path).to_owned(), Vec::new()))
                .collect(),
            step: None,
            failures: 0,
            view: View::Author,
        }
    }

    #[test]
    fn only_editable_files_are_taken() {
        let mut challenge = challenge();
        challenge
            .supplied
            .insert("lib.py".to_owned(), PathBuf::new());
        assert!(check_files(&challenge, &submission(&["a.py"])).is_ok());
        for (path, word) in [
            ("lib.py", "author's file"),
            ("a.txt", "not a file of this challenge"),
            ("../a.py", "leads out"),
            ("/a.py", "absolute"),
            ("a\n.py", "control character"),
        ] {
            let error = check_files(&challenge, &submission(&[path]))
                .unwrap_err()
                .to_string();
            assert!(error.contains(word) && error.contains("`*.py`"), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
        assert!(check_files(&challenge, &submission(&[])).is_err());
    }
}
