//! `submissions/<verdict>/…` and `submissions.toml`: programs whose outcome the author declared.

use std::collections::BTreeMap;
use std::path::PathBuf;

use carrel_model::challenge::DeclaredSubmission;
use carrel_model::{Step, Verdict};

use super::checks::Checks;
use super::context::Context;
use super::files::Files;
use crate::document::Document;
use crate::language;
use crate::placed::Placed;
use crate::problem::{Problems, offer_nearest};
use crate::raw::{SUBMISSIONS_FILE, ScoreRange, SubmissionTable, SubmissionsFile};
use crate::tree::Tree;

const DIRECTORY: &str = "submissions";

/// What submissions are checked against.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub(super) files: &'a Files,
    pub(super) steps: &'a [Step],
    pub(super) checks: &'a Checks,
}

/// Reads all declared submissions.
pub(super) fn parse(
    tree: &Tree,
    known: &Known<'_>,
    problems: &mut Problems,
) -> Vec<DeclaredSubmission> {
    let mut list = Vec::new();
    for name in tree.names_in(DIRECTORY) {
        let directory = format!("{DIRECTORY}/{name}");
        let verdict = Verdict::DECLARABLE
            .into_iter()
            .find(|verdict| verdict.name() == name);
        match verdict {
            Some(verdict) if tree.has_directory(&directory) => {
                list.extend(find_in(tree, &directory, verdict, known.files, problems));
            }
            _ => {
                let names = Verdict::DECLARABLE.map(Verdict::name);
                let hint = offer_nearest(&name, names, "verdicts");
                let message = format!("`{name}` is no directory of a verdict");
                problems.push_path(show(tree, &directory), message, &hint);
            }
        }
    }
    let Some(path) = tree.find(SUBMISSIONS_FILE) else {
        return list;
    };
    let Some(mut document) = Document::open(path, problems) else {
        return list;
    };
    let Some(file) = document.parse::<SubmissionsFile>(problems) else {
        return list;
    };
    let mut context = Context {
        tree,
        document: &document,
        problems,
    };
    let mut seen = Vec::new();
    for table in &file.submissions {
        if let Some(at) = find_named(&mut context, table, &list, &mut seen) {
            apply(&mut context, table, &mut list[at], known);
        }
    }
    list
}

/// A path as it should be shown: below the root that the caller gave.
fn show(tree: &Tree, relative: &str) -> PathBuf {
    tree.root().join(relative)
}

/// The submissions of one verdict: a directory or a single file each.
fn find_in(
    tree: &Tree,
    directory: &str,
    verdict: Verdict,
    known: &Files,
    problems: &mut Problems,
) -> Vec<DeclaredSubmission> {
    let mut list = Vec::new();
    for name in tree.names_in(directory) {
        let path = format!("{directory}/{name}");
        let files = if let Some(full) = tree.find(&path) {
            let Some(place) = find_place(known, &name) else {
                let hint =
                    format!("make `{path}/` a directory with the files named as the learner's");
                let message = format!("it is not clear which of the learner's files `{name}` is");
                problems.push_path(show(tree, &path), message, &hint);
                continue;
            };
            BTreeMap::from([(place, full.clone())])
        } else {
            tree.below(&path)
        };
        for wrong in files.keys().filter(|file| !known.is_editable(file)) {
            let message = format!("`{wrong}` is not a file that a learner may send");
            let hint = format!("the learner's files: `{}`", known.editable.join("`, `"));
            problems.push_path(show(tree, &path), message, &hint);
        }
        if files.is_empty() {
            problems.push_path(
                show(tree, &path),
                "holds no file",
                "remove it, or put files there",
            );
            continue;
        }
        list.push(DeclaredSubmission {
            name: format!("{}/{name}", verdict.name()),
            files,
            verdicts: vec![verdict],
            failing: None,
            messages: Vec::new(),
            score: None,
            step: None,
            language: None,
            entry: None,
        });
    }
    list
}

/// The path in the work directory that a single file stands for.
fn find_place(known: &Files, name: &str) -> Option<String> {
    if known.is_editable(name) {
        return Some(name.to_owned());
    }
    known.find_only().map(str::to_owned)
}

/// The submission that an entry is about.
fn find_named(
    context: &mut Context<'_>,
    table: &Placed<SubmissionTable>,
    list: &[DeclaredSubmission],
    seen: &mut Vec<usize>,
) -> Option<usize> {
    let Some(name) = &table.value.name else {
        context.report_missing(
            &table.span,
            "name",
            "example: name = \"wrong_answer/off_by_one\"",
        );
        return None;
    };
    let stem = |name: &str| match name.rsplit_once('/') {
        Some((directory, file)) => {
            format!(
                "{directory}/{}",
                file.rsplit_once('.').map_or(file, |(stem, _)| stem)
            )
        }
        None => name.to_owned(),
    };
    let exact = list
        .iter()
        .position(|submission| submission.name == name.value);
    let by_stem = || {
        let mut found = list
            .iter()
            .enumerate()
            .filter(|(_, other)| stem(&other.name) == name.value);
        found
            .next()
            .filter(|_| found.next().is_none())
            .map(|(at, _)| at)
    };
    let Some(at) = exact.or_else(by_stem) else {
        let names = list.iter().map(|submission| submission.name.as_str());
        let hint = offer_nearest(&name.value, names, "submissions");
        context.report(&name.span, format!("no submission `{}`", name.value), &hint);
        return None;
    };
    if seen.contains(&at) {
        context.report(
            &name.span,
            format!("two entries for `{}`", name.value),
            "write one",
        );
        return None;
    }
    seen.push(at);
    Some(at)
}

fn apply(
    context: &mut Context<'_>,
    table: &Placed<SubmissionTable>,
    submission: &mut DeclaredSubmission,
    known: &Known<'_>,
) {
    let raw = &table.value;
    if let Some(verdicts) = &raw.verdicts {
        submission.verdicts = verdicts.iter().map(|verdict| verdict.value).collect();
        if verdicts.is_empty() {
            context.report(
                &table.span,
                "`verdicts` is empty",
                "remove it: the directory names the verdict",
            );
        }
        for verdict in verdicts
            .iter()
            .filter(|verdict| verdict.value == Verdict::PlatformFault)
        {
            context.report(
                &verdict.span,
                "`platform_fault` is never a submission's doing",
                "",
            );
        }
    }
    if let Some(failing) = &raw.failing {
        let mut ids = Vec::new();
        for id in failing {
            ids.extend(known.checks.resolve(context, id));
        }
        submission.failing = Some(ids);
    }
    submission.messages.clone_from(&raw.messages);
    if let Some(score) = &raw.score {
        let ScoreRange { least, most } = score.value;
        if least.is_nan() || most.is_nan() || least > most {
            context.report(
                &score.span,
                "`score` has its least above its most",
                "write [least, most]",
            );
        }
        submission.score = Some((score.value.least, score.value.most));
    }
    if let Some(step) = &raw.step {
        if !known.steps.iter().any(|other| other.id == step.value) {
            let names = known.steps.iter().map(|step| step.id.as_str());
            let hint = offer_nearest(&step.value, names, "steps");
            context.report(&step.span, format!("unknown step `{}`", step.value), &hint);
        }
        submission.step = Some(step.value.clone());
    }
    apply_language(context, raw, submission);
    check_sense(context, table, submission, known);
}

/// Language and main file, where they are not the challenge's.
fn apply_language(
    context: &mut Context<'_>,
    raw: &SubmissionTable,
    submission: &mut DeclaredSubmission,
) {
    if let Some(language) = &raw.language {
        if language::find(&language.value).is_none() {
            let names = language::LANGUAGES.iter().map(|language| language.id);
            let hint = offer_nearest(&language.value, names, "languages");
            let message = format!("unknown language `{}`", language.value);
            context.report(&language.span, message, &hint);
        }
        submission.language = Some(language.value.clone());
    }
    if let Some(entry) = &raw.entry {
        if !submission.files.contains_key(&entry.value) {
            let names = submission.files.keys().map(String::as_str);
            let hint = offer_nearest(&entry.value, names, "files");
            let message = format!("`entry` is `{}`, which it does not hold", entry.value);
            context.report(&entry.span, message, &hint);
        }
        submission.entry = Some(entry.value.clone());
    }
}

/// An accepted submission cannot fail a required check.
fn check_sense(
    context: &mut Context<'_>,
    table: &Placed<SubmissionTable>,
    submission: &DeclaredSubmission,
    known: &Known<'_>,
) {
    if submission.verdicts != [Verdict::Accepted] {
        return;
    }
    for id in submission.failing.iter().flatten() {
        let required = known
            .checks
            .list
            .iter()
            .any(|check| check.id == *id && check.required);
        if required {
            let message = format!(
                "`{}` is accepted, but the required check `{id}` is declared failing",
                submission.name
            );
            context.report(
                &table.span,
                message,
                "move the submission to another verdict, or set `required = false` on the check",
            );
        }
    }
}
