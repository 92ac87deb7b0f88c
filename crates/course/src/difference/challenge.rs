//! What changes of a challenge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use carrel_model::challenge::{
    Challenge, Check, CheckKind, Compile, Hint, Program, Step, Validator,
};

use super::outline::find_moved;
use super::value::{self, compare_one};
use super::version::files_of_check;
use super::{Change, Effect, PartChange, PointsChange, Version};

/// A challenge with the version that it is of.
type Side<'a> = (&'a Version<'a>, &'a Challenge);

pub(super) fn compare(before: Side<'_>, after: Side<'_>) -> Vec<Change> {
    // Taken apart without `..`, here and below: whoever adds a field says what is told of it.
    let Challenge {
        directory: _,
        id: _,
        title,
        language,
        environment,
        editable,
        entry,
        supplied,
        start,
        // Learners see neither solutions nor what is declared of submissions.
        solution: _,
        compile,
        run,
        limits,
        loopback,
        // Told on their own.
        steps: _,
        checks: _,
        submissions: _,
        starter_verdicts: _,
        target_ms,
        pass_points,
        grading,
    } = before.1;
    let new = after.1;
    let text = |text: &str| Some(text.to_owned());
    let list = |words: &[String]| Some(words.join(", "));
    let network = |loopback: bool| loopback.then(|| "loopback".to_owned());
    let show_run = |run: &Option<Vec<String>>| run.as_ref().map(|run| run.join(" "));
    let points = |points: Option<f64>| points.map(|points| points.to_string());
    let ms = |ms: Option<u64>| ms.map(|ms| ms.to_string());
    let ones = [
        compare_one("title", text(title), text(&new.title), false),
        compare_one("language", text(language), text(&new.language), true),
        compare_one(
            "environment",
            text(environment),
            text(&new.environment),
            true,
        ),
        compare_one("editable", list(editable), list(&new.editable), false),
        compare_one("entry", entry.clone(), new.entry.clone(), true),
        compare_one("run", show_run(run), show_run(&new.run), true),
        compare_one("network", network(*loopback), network(new.loopback), true),
        compare_one(
            "pass_points",
            points(*pass_points),
            points(new.pass_points),
            true,
        ),
        compare_one("target_ms", ms(*target_ms), ms(new.target_ms), false),
    ];
    let mut changes: Vec<Change> = ones.into_iter().flatten().collect();
    changes.extend(compare_compile(compile.as_ref(), new.compile.as_ref()));
    changes.extend(value::compare("limits", limits, &new.limits, |_| true));
    if *grading != new.grading {
        changes.push(Change::Value {
            what: "groups".to_owned(),
            before: None,
            after: None,
            affects_results: true,
        });
    }
    let starter = compare_files((before.0, start), (after.0, &new.start));
    changes.extend(tell_files("starter", starter, false));
    let supplied = compare_files((before.0, supplied), (after.0, &new.supplied));
    changes.extend(tell_files("supplied", supplied, true));
    changes.extend(compare_steps(before, after));
    changes.extend(compare_checks(before, after));
    changes
}

pub(super) fn tell_files(what: &str, paths: Vec<String>, affects_results: bool) -> Option<Change> {
    (!paths.is_empty()).then(|| Change::Files {
        what: what.to_owned(),
        paths,
        affects_results,
    })
}

fn compare_compile(before: Option<&Compile>, after: Option<&Compile>) -> Vec<Change> {
    let show = |compile: Option<&Compile>| compile.map(|compile| compile.command.join(" "));
    let mut changes = Vec::new();
    changes.extend(compare_one("compile", show(before), show(after), true));
    let (Some(before), Some(after)) = (before, after) else {
        return changes;
    };
    let Compile {
        command: _,
        outputs,
        limits,
    } = before;
    let paths = |outputs: &[String]| (!outputs.is_empty()).then(|| outputs.join(", "));
    let (old, new) = (paths(outputs), paths(&after.outputs));
    changes.extend(compare_one("compile.outputs", old, new, true));
    let name = "compile.limits";
    changes.extend(value::compare(name, limits, &after.limits, |_| true));
    changes
}

/// The paths that are in one only, or have another content.
pub(super) fn compare_files(
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
        let Step {
            id: _,
            // Both read by [`read_differs`].
            title: _,
            instructions: _,
            requires,
            hints,
            start,
            solution: _,
        } = old;
        if read_differs((before.0, old), (after.0, new)) {
            let what = name("instructions");
            changes.push(Change::Text { what });
        }
        let show = |ids: &[String]| (!ids.is_empty()).then(|| ids.join(", "));
        let (was, is) = (show(requires), show(&new.requires));
        changes.extend(compare_one(&name("requires"), was, is, false));
        changes.extend(compare_hints(hints, &new.hints, name));
        let starter = compare_files((before.0, start), (after.0, &new.start));
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

fn compare_hints(before: &[Hint], after: &[Hint], name: impl Fn(&str) -> String) -> Vec<Change> {
    let parts = |hints: &[Hint]| {
        let parts = hints.iter().map(|hint| {
            let Hint {
                text,
                after_failures,
                cost,
            } = hint;
            ((text.clone(), *after_failures), cost.to_string())
        });
        let (told, costs): (Vec<_>, Vec<_>) = parts.unzip();
        (told, (!costs.is_empty()).then(|| costs.join(", ")))
    };
    let ((told, costs), (new_told, new_costs)) = (parts(before), parts(after));
    let mut changes = Vec::new();
    if told != new_told {
        let what = name("hints");
        changes.push(Change::Text { what });
    }
    let what = name("cost of hints");
    changes.extend(compare_one(&what, costs, new_costs, true));
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
    let ids = |side: Side<'_>| -> Vec<String> {
        side.1.checks.iter().map(|check| check.id.clone()).collect()
    };
    let moved = find_moved(&ids(before), &ids(after));
    for check in &after.1.checks {
        match find(before, &check.id) {
            None => changes.push(PartChange::new(&check.id, &check.title, Effect::Added)),
            Some(old) => {
                let mut change = compare_check((before, &old), (after, check));
                change.moved = moved.contains(&check.id);
                changes.extend((!change.is_same()).then_some(change));
            }
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
) -> PartChange {
    let Check {
        id: _,
        step,
        title,
        message,
        help,
        points,
        required,
        visibility,
        depends_on,
        limits,
        kind,
    } = old;
    let mut change = PartChange::new(&new.id, &new.title, Effect::Changed);
    let contents = |(version, _): Side<'_>, check: &Check| -> Vec<Option<[u8; 32]>> {
        let files = files_of_check(check).into_iter();
        files.map(|path| version.digest(path).copied()).collect()
    };
    change.key = relocate(kind, &before.1.directory) != relocate(&new.kind, &after.1.directory)
        || contents(before, old) != contents(after, new)
        || (required, limits, depends_on) != (&new.required, &new.limits, &new.depends_on);
    change.text = *title != new.title;
    change.feedback = (message, help) != (&new.message, &new.help);
    change.rules = (visibility, step) != (&new.visibility, &new.step);
    #[expect(
        clippy::float_cmp,
        reason = "any change of what the author wrote is told"
    )]
    if *points != new.points {
        change.points = Some(PointsChange {
            before: *points,
            after: new.points,
        });
    }
    change
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
