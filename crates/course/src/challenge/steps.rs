//! `[[steps]]`, and the one step of a challenge that has none.

use std::collections::BTreeMap;
use std::ops::Range;

use carrel_model::Step;
use carrel_model::challenge::Hint;

use super::context::{Context, IdForm};
use super::cycle;
use crate::placed::Placed;
use crate::problem::offer_nearest;
use crate::raw::{ChallengeFile, StepTable};

/// Most steps of a challenge.
const STEPS_MAX: usize = 200;

/// All steps, at least one.
pub(super) fn parse(
    context: &mut Context<'_>,
    file: &ChallengeFile,
    id: &str,
    title: &str,
) -> Vec<Step> {
    if file.steps.is_empty() {
        return vec![parse_only(context, file, id, title)];
    }
    if let Some(instructions) = &file.instructions {
        let hint = "put the instructions into `steps/NN-<id>.md`, one file per step";
        context.report(&instructions.span, "`instructions` beside [[steps]]", hint);
    }
    if let Some(hint) = file.hints.first() {
        context.report(
            &hint.span,
            "[[hints]] beside [[steps]]",
            "put them into a step: [[steps.hints]]",
        );
    }
    if file.steps.len() > STEPS_MAX {
        let message = format!("more than {STEPS_MAX} steps");
        context.report(&file.steps[STEPS_MAX].span, message, "split the challenge");
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut spans: BTreeMap<String, Range<usize>> = BTreeMap::new();
    for table in file.steps.iter().take(STEPS_MAX) {
        let Some(step) = parse_step(context, table, steps.last()) else {
            continue;
        };
        if spans.contains_key(&step.id) {
            let message = format!("two steps have the id `{}`", step.id);
            context.report(&table.span, message, "give each its own");
            continue;
        }
        spans.insert(step.id.clone(), table.span.clone());
        steps.push(step);
    }
    check_requires(context, file, &steps, &spans);
    steps
}

fn parse_only(context: &mut Context<'_>, file: &ChallengeFile, id: &str, title: &str) -> Step {
    let default = "instructions.md";
    let instructions = match &file.instructions {
        Some(path) => context.find_file(path),
        None => context.tree.find(default).cloned(),
    };
    Step {
        id: id.to_owned(),
        title: title.to_owned(),
        instructions,
        requires: Vec::new(),
        hints: parse_hints(context, &file.hints),
        start: BTreeMap::new(),
        solution: BTreeMap::new(),
    }
}

fn parse_step(
    context: &mut Context<'_>,
    table: &Placed<StepTable>,
    before: Option<&Step>,
) -> Option<Step> {
    let raw = &table.value;
    let Some(id) = &raw.id else {
        context.report_missing(&table.span, "id", "every step has an id");
        return None;
    };
    if !context.check_id(id, IdForm::Slug) {
        return None;
    }
    let stem = context.find_stem("steps", &id.value);
    let instructions = match &raw.instructions {
        Some(path) => context.find_file(path),
        None => context.tree.find(&format!("steps/{stem}.md")).cloned(),
    };
    let requires = match &raw.requires {
        Some(list) => list.iter().map(|id| id.value.clone()).collect(),
        None => before.map(|step| step.id.clone()).into_iter().collect(),
    };
    Some(Step {
        id: id.value.clone(),
        title: raw
            .title
            .as_ref()
            .map_or_else(|| id.value.clone(), |title| title.value.clone()),
        instructions,
        requires,
        hints: parse_hints(context, &raw.hints),
        start: context.tree.below(&format!("steps/{stem}/start")),
        solution: context.tree.below(&format!("steps/{stem}/solution")),
    })
}

fn parse_hints(context: &mut Context<'_>, hints: &[Placed<Hint>]) -> Vec<Hint> {
    for hint in hints {
        if hint.value.text.trim().is_empty() {
            context.report(
                &hint.span,
                "a hint without text",
                "say something, or remove it",
            );
        }
        if !hint.value.cost.is_finite() || hint.value.cost < 0.0 {
            context.report(&hint.span, "`cost` is not a number of points from 0", "");
        }
    }
    hints.iter().map(|hint| hint.value.clone()).collect()
}

fn check_requires(
    context: &mut Context<'_>,
    file: &ChallengeFile,
    steps: &[Step],
    spans: &BTreeMap<String, Range<usize>>,
) {
    let names = || spans.keys().map(String::as_str);
    for id in file
        .steps
        .iter()
        .flat_map(|table| table.value.requires.iter().flatten())
    {
        if !spans.contains_key(&id.value) {
            let hint = offer_nearest(&id.value, names().collect::<Vec<_>>(), "steps");
            context.report(&id.span, format!("unknown step `{}`", id.value), &hint);
        }
    }
    let needs = steps
        .iter()
        .map(|step| {
            (
                step.id.as_str(),
                step.requires.iter().map(String::as_str).collect(),
            )
        })
        .collect();
    if let Some(found) = cycle::find(&needs) {
        let message = format!("steps require each other: `{}`", found.join("` → `"));
        let span = spans.get(found[0]).cloned().unwrap_or(0..0);
        context.report(&span, message, "remove one of these from `requires`");
    }
}
