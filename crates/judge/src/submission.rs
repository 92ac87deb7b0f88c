//! What a learner sends.

use std::collections::BTreeMap;
use std::path::PathBuf;

use carrel_course::pattern::{Pattern, check_path};
use carrel_model::{Challenge, Check, CheckKind};

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
    check_places(challenge, submission)
}

/// Refuses a file where another one needs a directory: no sandbox can hold both.
fn check_places(challenge: &Challenge, submission: &Submission) -> Result<(), Error> {
    let files = &submission.files;
    let placed = files.keys().chain(author_paths(challenge));
    for path in placed {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        if let Some(file) = above.into_iter().find(|above| files.contains_key(*above)) {
            let problem = format!("`{file}` is a file, and `{path}` needs a directory there");
            return Err(refuse(challenge, &problem));
        }
    }
    let is_directory = |path: &str| author_paths(challenge).any(|file| file == path);
    for path in files.keys() {
        let mut above = path.match_indices('/').map(|(at, _)| &path[..at]);
        if let Some(file) = above.find(|above| is_directory(above)) {
            let problem = format!("`{path}` lies in `{file}`, which is a file of the author's");
            return Err(refuse(challenge, &problem));
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
    challenge.supplied.contains_key(path)
        || challenge
            .checks
            .iter()
            .filter_map(placed_files)
            .any(|files| files.contains_key(path))
}

/// Every path at which a file of the author's lies beside the learner's.
fn author_paths(challenge: &Challenge) -> impl Iterator<Item = &String> {
    let placed = challenge.checks.iter().filter_map(placed_files);
    placed.chain([&challenge.supplied]).flat_map(BTreeMap::keys)
}

/// The files that a check places beside the learner's.
fn placed_files(check: &Check) -> Option<&BTreeMap<String, PathBuf>> {
    match &check.kind {
        CheckKind::Unit(unit) => Some(&unit.files),
        CheckKind::Io(io) => Some(&io.files),
        CheckKind::Validator(validator) => Some(&validator.files),
        CheckKind::Interactive(interactive) => Some(&interactive.validator.files),
        CheckKind::Static(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{challenge, check};

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

    #[test]
    fn a_file_in_place_of_a_directory_is_the_senders_fault() {
        let mut challenge = challenge();
        challenge.editable = vec!["**".to_owned()];
        challenge.checks = vec![check("a", "one")];
        let CheckKind::Io(io) = &mut challenge.checks[0].kind else {
            unreachable!()
        };
        io.files.insert("words/list.txt".to_owned(), PathBuf::new());
        for paths in [&["words"][..], &["a.py", "a.py/b"], &["words/list.txt/x"]] {
            let error = check_files(&challenge, &submission(paths)).unwrap_err();
            assert!(matches!(error, Error::Submission(_)), "{paths:?}: {error}");
        }
        assert!(check_files(&challenge, &submission(&["words/b", "a.py", "a.pyx"])).is_ok());
    }
}
