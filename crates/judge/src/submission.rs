//! What a learner sends.

use std::collections::BTreeMap;

use carrel_model::Challenge;

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
    let paths = submission.files.keys().map(String::as_str);
    carrel_course::sent::check_files(challenge, paths).map_err(|refused| {
        let id = &challenge.id;
        Error::Submission(format!(
            "the submission for `{id}` is not judged: {refused}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use carrel_model::CheckKind;

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
