//! Which files a learner may send to a challenge. Its tests are beside the judge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use carrel_model::{Challenge, Check, CheckKind};

use crate::pattern::{Pattern, check_path};

/// Files that may not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} (files that may be sent: {editable})")]
pub struct Refused {
    /// Path of the file at fault; empty where there is none at all.
    pub path: String,
    /// What is wrong.
    pub reason: String,
    /// What may be sent.
    pub editable: String,
}

/// Refuses files that a learner may not send: the author's stay what they are.
///
/// # Errors
/// The first such file, with what may be sent.
pub fn check_files<'a>(
    challenge: &Challenge,
    paths: impl Iterator<Item = &'a str>,
) -> Result<(), Refused> {
    let paths: BTreeSet<&str> = paths.collect();
    if paths.is_empty() {
        return Err(refuse(challenge, "", "it has no files".to_owned()));
    }
    let patterns: Vec<Pattern> = challenge
        .editable
        .iter()
        .filter_map(|text| Pattern::parse(text).ok())
        .collect();
    for path in &paths {
        let shown = path.escape_debug();
        if let Err(problem) = check_path(path) {
            let reason = format!("the path `{shown}` {problem}");
            return Err(refuse(challenge, path, reason));
        }
        if is_authors(challenge, path) {
            let reason = format!("`{shown}` is the author's file; leave it out");
            return Err(refuse(challenge, path, reason));
        }
        if !patterns.iter().any(|pattern| pattern.matches(path)) {
            let reason = format!("`{shown}` is not a file of this challenge");
            return Err(refuse(challenge, path, reason));
        }
    }
    check_places(challenge, &paths)
}

/// Refuses a file where another one needs a directory: no sandbox can hold both.
fn check_places(challenge: &Challenge, paths: &BTreeSet<&str>) -> Result<(), Refused> {
    let placed = paths
        .iter()
        .copied()
        .chain(author_paths(challenge).map(String::as_str));
    for path in placed {
        if let Some(file) = list_above(path).find(|above| paths.contains(above)) {
            let reason = format!("`{file}` is a file, and `{path}` needs a directory there");
            return Err(refuse(challenge, file, reason));
        }
    }
    let is_file = |path: &str| author_paths(challenge).any(|file| file == path);
    for path in paths {
        if let Some(file) = list_above(path).find(|above| is_file(above)) {
            let reason = format!("`{path}` lies in `{file}`, which is a file of the author's");
            return Err(refuse(challenge, path, reason));
        }
    }
    Ok(())
}

/// The directories that a path lies in.
fn list_above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn refuse(challenge: &Challenge, path: &str, reason: String) -> Refused {
    let may: Vec<String> = challenge
        .editable
        .iter()
        .map(|path| format!("`{path}`"))
        .collect();
    Refused {
        path: path.to_owned(),
        reason,
        editable: may.join(", "),
    }
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
