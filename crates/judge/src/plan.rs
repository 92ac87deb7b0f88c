//! Which checks a submission gets, in which order. Pure.

use std::collections::BTreeSet;

use carrel_model::Challenge;

/// The checks of one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Indices of the steps judged, in the order of the challenge.
    pub steps: Vec<usize>,
    /// Indices of the checks in the order they run: that of the author, but each after those it depends on.
    pub checks: Vec<usize>,
}

/// There is no such step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no step `{step}`; the steps are {}", .known.join(", "))]
pub struct UnknownStep {
    /// What was asked for.
    pub step: String,
    /// What there is.
    pub known: Vec<String>,
}

/// The checks up to a step: its own and those of every step it requires, and
/// in turn of those; all where no step is named.
///
/// # Errors
/// There is no such step.
pub fn plan(challenge: &Challenge, step: Option<&str>) -> Result<Plan, UnknownStep> {
    let steps = match step {
        None => (0..challenge.steps.len()).collect(),
        Some(step) => steps_up_to(challenge, step)?,
    };
    let ids: BTreeSet<&str> = steps
        .iter()
        .map(|index| challenge.steps[*index].id.as_str())
        .collect();
    let chosen: Vec<bool> = challenge
        .checks
        .iter()
        .map(|check| ids.contains(check.step.as_str()))
        .collect();
    Ok(Plan {
        steps,
        checks: order(challenge, &chosen),
    })
}

fn steps_up_to(challenge: &Challenge, step: &str) -> Result<Vec<usize>, UnknownStep> {
    let found = challenge.steps_up_to(step).ok_or_else(|| UnknownStep {
        step: step.to_owned(),
        known: challenge
            .steps
            .iter()
            .map(|step| format!("`{}`", step.id))
            .collect(),
    })?;
    Ok(found.into_iter().collect())
}

/// The author's order, each check after those it depends on. Iterative: a chain
/// of dependencies may be as long as there are checks.
fn order(challenge: &Challenge, chosen: &[bool]) -> Vec<usize> {
    let position = |id: &String| challenge.checks.iter().position(|check| check.id == *id);
    let mut seen = vec![false; chosen.len()];
    let mut order = Vec::new();
    for start in 0..chosen.len() {
        let mut path = vec![(start, false)];
        while let Some((index, dependencies_done)) = path.pop() {
            if dependencies_done {
                order.push(index);
                continue;
            }
            if !chosen[index] || seen[index] {
                continue;
            }
            seen[index] = true;
            path.push((index, true));
            let depends_on = challenge.checks[index].depends_on.iter();
            path.extend(
                depends_on
                    .rev()
                    .filter_map(position)
                    .map(|index| (index, false)),
            );
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{challenge, check, step};

    fn names<'a>(challenge: &'a Challenge, plan: &Plan) -> Vec<&'a str> {
        plan.checks
            .iter()
            .map(|index| challenge.checks[*index].id.as_str())
            .collect()
    }

    #[test]
    fn later_steps_check_earlier_ones_again() {
        let mut challenge = challenge();
        challenge.steps = vec![
            step("one", &[]),
            step("two", &["one"]),
            step("three", &["one"]),
        ];
        challenge.checks = vec![
            check("a", "one"),
            check("b", "two"),
            check("c", "three"),
            check("d", "one"),
        ];
        let up_to = |step| plan(&challenge, step).unwrap();
        assert_eq!(names(&challenge, &up_to(Some("one"))), ["a", "d"]);
        assert_eq!(names(&challenge, &up_to(Some("three"))), ["a", "c", "d"]);
        assert_eq!(names(&challenge, &up_to(None)), ["a", "b", "c", "d"]);
        assert_eq!(up_to(Some("three")).steps, [0, 2]);
    }

    #[test]
    fn a_dependency_runs_first_whatever_the_order() {
        let mut challenge = challenge();
        challenge.steps = vec![step("one", &[])];
        challenge.checks = vec![check("a", "one"), check("b", "one"), check("c", "one")];
        challenge.checks[0].depends_on = vec!["c".to_owned(), "b".to_owned()];
        challenge.checks[2].depends_on = vec!["b".to_owned()];
        assert_eq!(
            names(&challenge, &plan(&challenge, None).unwrap()),
            ["b", "c", "a"]
        );
    }

    #[test]
    fn an_unknown_step_is_told_with_the_known_ones() {
        let mut challenge = challenge();
        challenge.steps = vec![step("one", &[]), step("two", &[])];
        let error = plan(&challenge, Some("tow")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no step `tow`; the steps are `one`, `two`"
        );
    }
}
