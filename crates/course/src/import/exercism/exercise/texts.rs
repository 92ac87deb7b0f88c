//! Instructions, hints and steps of an exercise.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::exercism::TEXT_BYTES_MAX;
use crate::import::exercism::instructions::{Document, Task};
use crate::import::exercism::task::python_cases;
use crate::import::problem::Problem;
use crate::import::source::Source;
use crate::import::target::{ChallengeTarget, CheckTarget, HintTarget, StepTarget, Target, id_of};

/// Writes instructions and hints, and puts the checks on the steps.
pub(super) fn write_texts(
    source: &Source,
    target: &Target,
    challenge: &mut ChallengeTarget,
    (check, tests): (&CheckTarget, &[String]),
) -> Result<(), Problem> {
    let read = |name: &str| match source.file(name) {
        Some(_) => source
            .text(name, TEXT_BYTES_MAX)
            .map(|text| Document::parse(&text)),
        None => Ok(Document::default()),
    };
    let mut before = Vec::new();
    for name in [".docs/introduction.md", ".docs/introduction.append.md"] {
        before.push(read(name)?.whole());
    }
    let instructions = read(".docs/instructions.md")?;
    let after = read(".docs/instructions.append.md")?.whole();
    let hints = read(".docs/hints.md")?;
    let cases = cases_by_task(check, tests, &instructions);
    if cases.is_empty() {
        before.extend([instructions.whole(), after]);
        before.retain(|text| !text.is_empty());
        target.write("instructions.md", format!("{}\n", before.join("\n\n")))?;
        challenge.hints = number_hints(hints.hints(&hints.whole()));
        challenge.checks.push(check.clone());
        return Ok(());
    }
    before.push(instructions.with_links(&instructions.preamble));
    before.retain(|text| !text.is_empty());
    for (index, task) in instructions.tasks.iter().enumerate() {
        let step = step_of(task);
        let mut text = if index == 0 {
            format!("{}\n\n", before.join("\n\n"))
        } else {
            String::new()
        };
        text.push_str(&instructions.with_links(&task.text));
        if index + 1 == instructions.tasks.len() && !after.is_empty() {
            text.push_str(&format!("\n\n{after}"));
        }
        let file = format!("steps/{:02}-{step}.md", task.number);
        target.write(&file, format!("{text}\n"))?;
        let general = if index == 0 {
            hints.hints(&hints.preamble)
        } else {
            Vec::new()
        };
        let own = hints.tasks.iter().filter(|hint| hint.number == task.number);
        let all = general
            .into_iter()
            .chain(own.flat_map(|hint| hints.hints(&hint.text)))
            .collect();
        challenge.steps.push(StepTarget {
            id: step.clone(),
            title: task.title.clone(),
            instructions: file,
            hints: number_hints(all),
        });
        for case in cases.get(&task.number).into_iter().flatten() {
            challenge.checks.push(CheckTarget {
                id: format!("{step}/{}", id_of(case.rsplit('.').next().unwrap_or(case))),
                step: Some(step.clone()),
                title: Some(case.rsplit('.').next().unwrap_or(case).replace('_', " ")),
                test: Some(case.clone()),
                expected: None,
                ..check.clone()
            });
        }
    }
    Ok(())
}

fn step_of(task: &Task) -> String {
    format!("task-{}", task.number)
}

/// The test cases of each task; empty where the suite does not mark every case
/// with a task that the instructions have, or where two cases have one name.
fn cases_by_task(
    check: &CheckTarget,
    tests: &[String],
    instructions: &Document,
) -> BTreeMap<u64, Vec<String>> {
    let mut by_task: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    if check.framework != Some("pytest") || instructions.tasks.is_empty() {
        return by_task;
    }
    let mut names = BTreeSet::new();
    for case in tests.iter().flat_map(|text| python_cases(text)) {
        let name = format!("{}.{}", case.class, case.method);
        let known = case
            .task
            .filter(|number| instructions.tasks.iter().any(|task| task.number == *number));
        match known {
            Some(number) if names.insert(id_of(&case.method)) => {
                by_task.entry(number).or_default().push(name)
            }
            _ => return BTreeMap::new(),
        }
    }
    by_task
}

fn number_hints(texts: Vec<String>) -> Vec<HintTarget> {
    texts
        .into_iter()
        .zip(1..)
        .map(|(text, after_failures)| HintTarget {
            text,
            after_failures,
        })
        .collect()
}
