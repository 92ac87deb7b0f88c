//! The learner's files, the supplied ones, the starter and the reference solution.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use carrel_model::{Check, CheckKind, Step};

use super::context::Context;
use crate::pattern::{Pattern, is_pattern};
use crate::placed::Placed;
use crate::raw::FilesTable;

/// The files of a challenge, by path in the work directory.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) editable: Vec<String>,
    pub(super) entry: Option<String>,
    pub(super) supplied: BTreeMap<String, PathBuf>,
    pub(super) start: BTreeMap<String, PathBuf>,
    pub(super) solution: BTreeMap<String, PathBuf>,
    patterns: Vec<Pattern>,
}

impl Files {
    /// Whether a learner may send a file of this path.
    pub(super) fn is_editable(&self, path: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(path))
    }

    /// The path that a single file of another name stands for: the main file, or the only one there is.
    pub(super) fn find_only(&self) -> Option<&str> {
        if let Some(entry) = self
            .entry
            .as_deref()
            .filter(|entry| self.is_editable(entry))
        {
            return Some(entry);
        }
        match self.editable.as_slice() {
            [only] if !is_pattern(only) => Some(only),
            _ => None,
        }
    }
}

/// Reads `[files]`, `start/`, `solution/`, `supplied/`.
pub(super) fn parse(context: &mut Context<'_>, table: &FilesTable, steps: &[Step]) -> Files {
    let start = context.tree.below("start");
    let solution = context.tree.below("solution");
    let supplied = context.tree.below("supplied");
    let mut patterns = Vec::new();
    for path in &table.editable {
        patterns.extend(context.parse_pattern(path));
    }
    let mut editable: Vec<String> = table
        .editable
        .iter()
        .map(|path| path.value.clone())
        .collect();
    if table.editable.is_empty() {
        let of_steps = steps
            .iter()
            .flat_map(|step| step.start.keys().chain(step.solution.keys()));
        let found: BTreeSet<&String> = start
            .keys()
            .chain(solution.keys())
            .chain(of_steps)
            .collect();
        editable = found.into_iter().cloned().collect();
        patterns = editable
            .iter()
            .filter_map(|path| Pattern::parse(path).ok())
            .collect();
    }
    if editable.is_empty() {
        let hint = "put a starter into `start/`, or say [files] editable = [\"…\"]";
        context.report_missing(&(0..0), "editable", hint);
    }
    let files = Files {
        editable,
        entry: table.entry.as_ref().map(|entry| entry.value.clone()),
        supplied,
        start,
        solution,
        patterns,
    };
    if let Some(entry) = &table.entry {
        check_entry(context, &files, entry);
    }
    check_places(context, &files, table, steps);
    files
}

fn check_entry(context: &mut Context<'_>, files: &Files, entry: &Placed<String>) {
    let known = files.is_editable(&entry.value) || files.supplied.contains_key(&entry.value);
    if context.check_relative(entry) && !known {
        let message = format!(
            "entry `{}` is neither editable nor in `supplied/`",
            entry.value
        );
        context.report(&entry.span, message, "name a file that will be there");
    }
}

/// Starter and solution hold only what a learner may send; supplied files are never the learner's.
fn check_places(context: &mut Context<'_>, files: &Files, table: &FilesTable, steps: &[Step]) {
    let span = table
        .editable
        .first()
        .map_or(0..0, |path| path.span.clone());
    let sets = [("start", &files.start), ("solution", &files.solution)]
        .into_iter()
        .chain(
            steps
                .iter()
                .flat_map(|step| [("start", &step.start), ("solution", &step.solution)]),
        );
    for (name, set) in sets {
        for (path, full) in set.iter().filter(|(path, _)| !files.is_editable(path)) {
            let shown = full.display();
            let message = format!("`{shown}` is in a `{name}/`, but `{path}` is not editable");
            context.report(
                &span,
                message,
                "add it to `editable`, or move it to `supplied/`",
            );
        }
    }
    for path in files.supplied.keys().filter(|path| files.is_editable(path)) {
        let message = format!("`{path}` is supplied and also editable");
        context.report(
            &span,
            message,
            "a learner's file never replaces a supplied one: choose one of the two",
        );
    }
}

/// Files of tests and data may not stand where the learner's files or supplied ones stand.
pub(super) fn check_collisions(context: &mut Context<'_>, files: &Files, checks: &[Check]) {
    for check in checks {
        let placed = match &check.kind {
            CheckKind::Unit(unit) => &unit.files,
            CheckKind::Io(io) => &io.files,
            CheckKind::Validator(validator) => &validator.files,
            CheckKind::Interactive(interactive) => &interactive.validator.files,
            CheckKind::Static(_) => continue,
        };
        for path in placed.keys() {
            // A pattern such as `*.py` covers test files too: the learner just cannot send those.
            let exact = files.editable.contains(path);
            if exact || files.supplied.contains_key(path) {
                let owner = if exact {
                    "the learner's file"
                } else {
                    "the supplied file"
                };
                let message = format!("check `{}` places a file over {owner} `{path}`", check.id);
                context.report(&(0..0), message, "rename one of them");
            }
        }
    }
}
