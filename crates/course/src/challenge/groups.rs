//! `[[groups]]`: Kattis test groups, written flat by path, read into a tree.

use std::collections::BTreeMap;

use carrel_model::challenge::{Aggregation, Grading, TestGroup};

use super::checks::Checks;
use super::context::Context;
use crate::placed::Placed;
use crate::problem::offer_nearest;
use crate::raw::{AggregationName, GroupTable};

/// Most groups of a challenge.
const GROUPS_MAX: usize = 1_000;
/// Most groups inside each other.
const DEPTH_MAX: usize = 16;

/// The grading: groups where there are any.
pub(super) fn parse(
    context: &mut Context<'_>,
    tables: &[Placed<GroupTable>],
    checks: &Checks,
) -> Grading {
    if tables.is_empty() {
        return Grading::Sum;
    }
    if tables.len() > GROUPS_MAX {
        context.report(
            &tables[GROUPS_MAX].span,
            format!("more than {GROUPS_MAX} groups"),
            "",
        );
        return Grading::Sum;
    }
    let mut root = make_group("");
    let mut owner: BTreeMap<String, String> = BTreeMap::new();
    let mut seen: Vec<String> = Vec::new();
    for table in tables {
        let name = table
            .value
            .name
            .as_ref()
            .map_or("", |name| name.value.trim_matches('/'))
            .to_owned();
        let depth = name.split('/').count();
        if depth > DEPTH_MAX {
            context.report(
                &table.span,
                format!("group `{name}` is more than {DEPTH_MAX} deep"),
                "",
            );
            continue;
        }
        if seen.contains(&name) {
            context.report(
                &table.span,
                format!("two groups have the name `{name}`"),
                "",
            );
            continue;
        }
        seen.push(name.clone());
        let ids = find_checks(context, table, checks, &mut owner);
        fill(context, find_or_add(&mut root, &name), table, ids);
    }
    check_references(context, tables, &root);
    for check in checks
        .list
        .iter()
        .filter(|check| !owner.contains_key(&check.id))
    {
        let message = format!("check `{}` is in no group", check.id);
        context.report(
            &tables[0].span,
            message,
            "add it to the `checks` of one group, the root (name = \"\") for instance",
        );
    }
    Grading::Groups(root)
}

fn make_group(name: &str) -> TestGroup {
    TestGroup {
        name: name.to_owned(),
        points_max: None,
        aggregation: Aggregation::Sum,
        require_pass: Vec::new(),
        checks: Vec::new(),
        groups: Vec::new(),
    }
}

/// The group of this path; it and those above are added where they are not there yet.
fn find_or_add<'a>(root: &'a mut TestGroup, name: &str) -> &'a mut TestGroup {
    let mut group = root;
    if name.is_empty() {
        return group;
    }
    let ends = name
        .match_indices('/')
        .map(|(at, _)| at)
        .chain([name.len()]);
    for end in ends {
        let path = &name[..end];
        let at = match group.groups.iter().position(|child| child.name == path) {
            Some(at) => at,
            None => {
                group.groups.push(make_group(path));
                group.groups.len() - 1
            }
        };
        group = &mut group.groups[at];
    }
    group
}

fn find_checks(
    context: &mut Context<'_>,
    table: &Placed<GroupTable>,
    checks: &Checks,
    owner: &mut BTreeMap<String, String>,
) -> Vec<String> {
    let name = table.value.name.as_ref().map_or("", |name| &name.value);
    let mut ids = Vec::new();
    for id in &table.value.checks {
        for found in checks.resolve(context, id) {
            if let Some(other) = owner.insert(found.clone(), name.to_owned()) {
                let message = format!("check `{found}` is in two groups, `{other}` and `{name}`");
                context.report(&id.span, message, "a check counts in one group");
            } else {
                ids.push(found);
            }
        }
    }
    ids
}

fn fill(
    context: &mut Context<'_>,
    group: &mut TestGroup,
    table: &Placed<GroupTable>,
    checks: Vec<String>,
) {
    let raw = &table.value;
    if let Some(points) = &raw.points_max {
        if points.value.is_nan() || points.value < 0.0 {
            context.report(
                &points.span,
                format!("`points_max` is {}", points.value),
                "points are a number from 0",
            );
        }
        group.points_max = Some(points.value).filter(|points| points.is_finite());
    }
    group.aggregation = match raw.aggregation {
        Some(AggregationName::PassFail) => Aggregation::PassFail,
        Some(AggregationName::Minimum) => Aggregation::Minimum,
        Some(AggregationName::Sum) | None => Aggregation::Sum,
    };
    group.require_pass = raw
        .require_pass
        .iter()
        .map(|name| name.value.clone())
        .collect();
    group.checks = checks;
}

fn check_references(context: &mut Context<'_>, tables: &[Placed<GroupTable>], root: &TestGroup) {
    let mut names = Vec::new();
    let mut open = vec![root];
    while let Some(group) = open.pop() {
        names.push(group.name.as_str());
        open.extend(&group.groups);
    }
    for required in tables.iter().flat_map(|table| &table.value.require_pass) {
        if !names.contains(&required.value.as_str()) {
            let hint = offer_nearest(&required.value, names.iter().copied(), "groups");
            context.report(
                &required.span,
                format!("unknown group `{}`", required.value),
                &hint,
            );
        }
    }
}
