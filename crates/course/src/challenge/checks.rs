//! `[[checks]]`: what all kinds have in common, spreading over data files, and
//! the checks of a challenge that says nothing.

use std::collections::BTreeMap;

use carrel_model::{Check, Limits, Step};

use super::context::{Context, IdForm};
use super::{cycle, kinds, limits};
use crate::placed::Placed;
use crate::problem::offer_nearest;
use crate::raw::{ChallengeFile, CheckTable, KindName};

/// Most checks after spreading.
const CHECKS_MAX: usize = 10_000;

/// What a check needs to know of the challenge.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) language: &'a str,
    pub(super) environment: &'a str,
    pub(super) limits: Limits,
    pub(super) steps: &'a [Step],
}

/// All checks, and for each id in the file the ids that it stands for.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) list: Vec<Check>,
    pub(super) names: BTreeMap<String, Vec<String>>,
}

impl Checks {
    /// The ids that a reference stands for: itself, or all that `data` made of it.
    pub(super) fn resolve(&self, context: &mut Context<'_>, id: &Placed<String>) -> Vec<String> {
        if let Some(ids) = self.names.get(&id.value) {
            return ids.clone();
        }
        if self.list.iter().any(|check| check.id == id.value) {
            return vec![id.value.clone()];
        }
        let known = self
            .list
            .iter()
            .map(|check| check.id.as_str())
            .chain(self.names.keys().map(String::as_str));
        let hint = offer_nearest(&id.value, known, "checks");
        context.report(&id.span, format!("unknown check `{}`", id.value), &hint);
        Vec::new()
    }
}

/// Reads all checks.
pub(super) fn parse(
    context: &mut Context<'_>,
    file: &ChallengeFile,
    around: &Surroundings<'_>,
) -> Checks {
    let implied = imply(context, file);
    let tables = if file.checks.is_empty() {
        &implied
    } else {
        &file.checks
    };
    if tables.is_empty() && !context.document.was_refused("checks") {
        let hint = "put tests into `tests/`, inputs and answers into `data/`, or write [[checks]]";
        context.report(&(0..0), "the challenge has no check", hint);
    }
    let mut checks = Checks::default();
    for table in tables {
        let parsed = parse_check(context, table, around);
        let id = find_id(&table.value);
        for check in &parsed {
            if checks.list.iter().any(|other| other.id == check.id) {
                let message = format!("two checks have the id `{}`", check.id);
                let span = table.value.id.as_ref().map_or(&table.span, |id| &id.span);
                context.report(span, message, "give each its own `id`");
            }
        }
        let ids = parsed.iter().map(|check| check.id.clone()).collect();
        checks.names.insert(id, ids);
        checks.list.extend(parsed);
        if checks.list.len() > CHECKS_MAX {
            context.report(
                &table.span,
                format!("more than {CHECKS_MAX} checks"),
                "split the challenge",
            );
            break;
        }
    }
    resolve_dependencies(context, tables, &mut checks);
    check_points(context, tables, &checks.list);
    check_steps(context, around.steps, &checks.list);
    checks
}

/// The checks of a challenge that writes none: `tests/` and `data/` as they lie.
fn imply(context: &Context<'_>, file: &ChallengeFile) -> Vec<Placed<CheckTable>> {
    let mut tables = Vec::new();
    if file.steps.len() > 1 {
        return tables;
    }
    if context.tree.has_directory("tests") {
        let kind = Some(Placed::new(KindName::Unit));
        tables.push(Placed::new(CheckTable {
            kind,
            ..CheckTable::default()
        }));
    }
    if context.tree.has_directory("data") {
        let kind = Some(Placed::new(KindName::Io));
        let data = Some(Placed::new("data/**/*.in".to_owned()));
        tables.push(Placed::new(CheckTable {
            kind,
            data,
            ..CheckTable::default()
        }));
    }
    tables
}

fn find_id(table: &CheckTable) -> String {
    match (&table.id, &table.kind) {
        (Some(id), _) => id.value.clone(),
        (None, Some(kind)) => kind.value.name().to_owned(),
        (None, None) => String::new(),
    }
}

fn parse_check(
    context: &mut Context<'_>,
    table: &Placed<CheckTable>,
    around: &Surroundings<'_>,
) -> Vec<Check> {
    let raw = &table.value;
    if let Some(id) = &raw.id {
        context.check_id(id, IdForm::Path);
    }
    let Some(kind) = &raw.kind else {
        let hint = "kinds: `unit`, `io`, `validator`, `interactive`, `static`";
        context.report_missing(&table.span, "kind", hint);
        return Vec::new();
    };
    let id = find_id(raw);
    let step = find_step(context, table, around.steps);
    let points = raw.points.as_ref().map_or(1.0, |points| points.value);
    if let Some(said) = &raw.points
        && (!said.value.is_finite() || said.value < 0.0)
    {
        context.report(
            &said.span,
            format!("`points` is {points}"),
            "points are a number from 0",
        );
    }
    let required = raw.required.unwrap_or(true);
    if points == 0.0 && !required {
        let message =
            format!("check `{id}` gives no points and is not required, so it decides nothing");
        context.report(&table.span, message, "give it points, or make it required");
    }
    let own = raw
        .limits
        .as_ref()
        .map(|table| limits::parse(context, around.limits, table));
    let title = raw.title.as_ref().map(|title| title.value.clone());
    let cases = kinds::parse(context, kind.value, table, around);
    let make = |(stem, kind): (Option<String>, _)| {
        let base = title.clone().unwrap_or_else(|| id.clone());
        let (id, title) = match stem {
            Some(stem) => (format!("{id}/{stem}"), format!("{base} {stem}")),
            None => (id.clone(), base),
        };
        Check {
            id,
            step: step.clone(),
            title,
            message: raw.message.clone(),
            help: raw.help.clone(),
            points,
            required,
            visibility: raw.visibility.unwrap_or_default(),
            depends_on: raw.depends_on.iter().map(|id| id.value.clone()).collect(),
            limits: own,
            kind,
        }
    };
    cases.into_iter().map(make).collect()
}

fn find_step(context: &mut Context<'_>, table: &Placed<CheckTable>, steps: &[Step]) -> String {
    match (&table.value.step, steps) {
        (Some(step), _) => {
            if !steps.iter().any(|known| known.id == step.value) {
                let known = steps.iter().map(|step| step.id.as_str());
                let hint = offer_nearest(&step.value, known, "steps");
                context.report(&step.span, format!("unknown step `{}`", step.value), &hint);
            }
            step.value.clone()
        }
        (None, [only]) => only.id.clone(),
        (None, _) => {
            let known: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
            let hint = format!(
                "say which step the check belongs to: `{}`",
                known.join("`, `")
            );
            context.report_missing(&table.span, "step", &hint);
            String::new()
        }
    }
}

fn resolve_dependencies(
    context: &mut Context<'_>,
    tables: &[Placed<CheckTable>],
    checks: &mut Checks,
) {
    let mut resolved: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for table in tables {
        let mut needed = Vec::new();
        for id in &table.value.depends_on {
            needed.extend(checks.resolve(context, id));
        }
        resolved.insert(find_id(&table.value), needed);
    }
    let owners: Vec<(String, Vec<String>)> = checks
        .names
        .iter()
        .map(|(id, ids)| (id.clone(), ids.clone()))
        .collect();
    for (owner, ids) in owners {
        let Some(needed) = resolved.get(&owner) else {
            continue;
        };
        for check in checks
            .list
            .iter_mut()
            .filter(|check| ids.contains(&check.id))
        {
            check.depends_on.clone_from(needed);
        }
    }
    let needs = checks
        .list
        .iter()
        .map(|check| {
            (
                check.id.as_str(),
                check.depends_on.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    if let Some(found) = cycle::find(&needs) {
        let span = tables
            .iter()
            .find(|table| found[0].starts_with(&find_id(&table.value)))
            .map_or(0..0, |table| table.span.clone());
        let message = format!("checks depend on each other: `{}`", found.join("` → `"));
        context.report(&span, message, "remove one of these from `depends_on`");
    }
}

fn check_points(context: &mut Context<'_>, tables: &[Placed<CheckTable>], list: &[Check]) {
    let total: f64 = list.iter().map(|check| check.points).sum();
    if !list.is_empty() && total <= 0.0 {
        let span = tables.first().map_or(0..0, |table| table.span.clone());
        context.report(
            &span,
            "no check gives points",
            "give at least one check `points`",
        );
    }
}

fn check_steps(context: &mut Context<'_>, steps: &[Step], list: &[Check]) {
    // A check with a wrong step would make its right step look empty too.
    let known = |check: &Check| steps.iter().any(|step| step.id == check.step);
    if !list.iter().all(known) {
        return;
    }
    for step in steps {
        if !list.is_empty() && !list.iter().any(|check| check.step == step.id) {
            let message = format!("step `{}` has no check", step.id);
            context.report(
                &(0..0),
                message,
                "add a check with this `step`, or remove the step",
            );
        }
    }
}
