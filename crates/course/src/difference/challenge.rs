//! What changes of a challenge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use carrel_model::challenge::{Challenge, Check, CheckKind, Compile, Program, Step, Validator};

use super::value::{self, compare_one};
use super::version::files_of_check;
use super::{Change, Effect, PartChange, PointsChange, Version};

/// A challenge with the version that it is of.
type Side<'a> = (&'a Version<'a>, &'a Challenge);

pub(super) fn compare(before: Side<'_>, after: Side<'_>) -> Vec<Change> {
    let (old, new) = (before.1, after.1);
    let mut changes = Vec::new();
    let one = |what: &str, of: fn(&Challenge) -> Option<String>, affects: bool| {
        compare_one(what, of(old), of(new), affects)
    };
    changes.extend(one("title", |of| Some(of.title.clone()), false));
    changes.extend(one("language", |of| Some(of.language.clone()), true));
    changes.extend(one("environment", |of| Some(of.environment.clone()), true));
    changes.extend(one("editable", |of| Some(of.editable.join(", ")), false));
    changes.extend(one("entry", |of| of.entry.clone(), true));
    changes.extend(one(
        "compile",
        |of| of.compile.as_ref().map(show_compile),
        true,
    ));
    changes.extend(one(
        "run",
        |of| of.run.as_ref().map(|run| run.join(" ")),
        true,
    ));
    changes.extend(one(
        "network",
        |of| of.loopback.then(|| "loopback".to_owned()),
        true,
    ));
    changes.extend(one(
        "pass_points",
        |of| of.pass_points.map(|p| p.to_string()),
        true,
    ));
    changes.extend(one(
        "target_ms",
        |of| of.target_ms.map(|ms| ms.to_string()),
        false,
    ));
    changes.extend(value::compare("limits", &old.limits, &new.limits, |_| true));
    if old.grading != new.grading {
        changes.push(Change::Value {
            what: "groups".to_owned(),
            before: None,
            after: None,
            affects_results: true,
        });
    }
    let files = |what: &str, paths: Vec<String>, affects_results| {
        (!paths.is_empty()).then(|| Change::Files {
            what: what.to_owned(),
            paths,
            affects_results,
        })
    };
    let starter = compare_files((before.0, &old.start), (after.0, &new.start));
    changes.extend(files("starter", starter, false));
    let supplied = compare_files((before.0, &old.supplied), (after.0, &new.supplied));
    changes.extend(files("supplied", supplied, true));
    changes.extend(compare_steps(before, after));
    changes.extend(compare_checks(before, after));
    changes
}

fn show_compile(compile: &Compile) -> String {
    compile.command.join(" ")
}

/// The paths that are in one only, or have another content.
fn compare_files(
    before: (&Version<'_>, &BTreeMap<String, PathBuf>),
    after: (&Version<'_>, &BTreeMap<String, PathBuf>),
) -> Vec<String> {
    let paths: BTreeSet<&String> = before.1.keys().chain(after.1.keys()).collect();
    let differs = |path: &&String| {
        let content = |side: (&Version<'_>, &BTreeMap<String, PathBuf>)| {
            side.1.get(*path).map(|full| side.0.digest(full).copied())
        };
        content(before) != content(after)
    };
    paths.into_iter().filter(differs).cloned().collect()
}

fn compare_steps(before: Side<'_>, after: Side<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let ids = |side: Side<'_>| {
        let ids: Vec<&str> = side.1.steps.iter().map(|step| step.id.as_str()).collect();
        Some(ids.join(", "))
    };
    changes.extend(compare_one("steps", ids(before), ids(after), true));
    for new in &after.1.steps {
        let Some(old) = before.1.steps.iter().find(|step| step.id == new.id) else {
            continue;
        };
        let name = |what: &str| {
            if after.1.steps.len() == 1 {
                what.to_owned()
            } else {
                format!("step {}: {what}", new.id)
            }
        };
        if read_differs((before.0, old), (after.0, new)) {
            let what = name("instructions");
            changes.push(Change::Text { what });
        }
        if old.hints != new.hints {
            let what = name("hints");
            changes.push(Change::Text { what });
        }
        let starter = compare_files((before.0, &old.start), (after.0, &new.start));
        if !starter.is_empty() {
            changes.push(Change::Files {
                what: name("starter"),
                paths: starter,
                affects_results: false,
            });
        }
    }
    changes
}

fn read_differs(before: (&Version<'_>, &Step), after: (&Version<'_>, &Step)) -> bool {
    let content = |side: (&Version<'_>, &Step)| {
        let path = side.1.instructions.as_ref();
        path.map(|path| side.0.digest(path).copied())
    };
    content(before) != content(after) || before.1.title != after.1.title
}

fn compare_checks(before: Side<'_>, after: Side<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    let find = |side: Side<'_>, id: &str| side.1.checks.iter().find(|c| c.id == id).cloned();
    for check in &after.1.checks {
        match find(before, &check.id) {
            None => changes.push(PartChange::new(&check.id, &check.title, Effect::Added)),
            Some(old) => changes.extend(compare_check((before, &old), (after, check))),
        }
    }
    let removed = before.1.checks.iter();
    let removed = removed.filter(|check| find(after, &check.id).is_none());
    changes.extend(removed.map(|check| PartChange::new(&check.id, &check.title, Effect::Removed)));
    changes.into_iter().map(Change::Check).collect()
}

fn compare_check(
    (before, old): (Side<'_>, &Check),
    (after, new): (Side<'_>, &Check),
) -> Option<PartChange> {
    let mut change = PartChange::new(&new.id, &new.title, Effect::Changed);
    let contents = |(version, _): Side<'_>, check: &Check| -> Vec<Option<[u8; 32]>> {
        let files = files_of_check(check).into_iter();
        files.map(|path| version.digest(path).copied()).collect()
    };
    change.key = relocate(&old.kind, &before.1.directory)
        != relocate(&new.kind, &after.1.directory)
        || contents(before, old) != contents(after, new)
        || (old.required, old.limits, &old.depends_on)
            != (new.required, new.limits, &new.depends_on);
    change.text = old.title != new.title;
    change.feedback = (&old.message, &old.help) != (&new.message, &new.help);
    change.rules = old.visibility != new.visibility || old.step != new.step;
    #[expect(
        clippy::float_cmp,
        reason = "any change of what the author wrote is told"
    )]
    if old.points != new.points {
        change.points = Some(PointsChange {
            before: old.points,
            after: new.points,
        });
    }
    (!change.is_same()).then_some(change)
}

/// What a check does, with paths relative to its challenge: two versions lie in two directories.
fn relocate(kind: &CheckKind, directory: &Path) -> CheckKind {
    let shorten = |path: &mut PathBuf| {
        if let Ok(relative) = path.strip_prefix(directory) {
            *path = relative.to_owned();
        }
    };
    let shorten_validator = |validator: &mut Validator| {
        let Validator {
            program: Program { files: program, .. },
            input,
            answer,
            files,
            ..
        } = validator;
        let data = input.iter_mut().chain(answer);
        let files = program.values_mut().chain(files.values_mut());
        data.chain(files).for_each(shorten);
    };
    let mut kind = kind.clone();
    match &mut kind {
        CheckKind::Unit(unit) => unit.files.values_mut().for_each(shorten),
        CheckKind::Io(io) => {
            let data = io.input.iter_mut().chain([&mut io.answer]);
            data.chain(io.files.values_mut()).for_each(shorten);
        }
        CheckKind::Validator(validator) => shorten_validator(validator),
        CheckKind::Interactive(interactive) => shorten_validator(&mut interactive.validator),
        CheckKind::Static(_) => {}
    }
    kind
}
