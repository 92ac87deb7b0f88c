//! Points of checks put together. Pure.

use std::collections::{BTreeMap, BTreeSet};

use carrel_model::challenge::{Aggregation, Grading, TestGroup};

/// Points of one check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Points {
    pub(crate) reached: f64,
    pub(crate) most: f64,
    pub(crate) passed: bool,
}

/// Points of the whole, reached and possible.
pub(crate) fn total(grading: &Grading, checks: &BTreeMap<&str, Points>) -> (f64, f64) {
    match grading {
        Grading::Sum => {
            let reached = checks.values().map(|points| points.reached).sum();
            (reached, checks.values().map(|points| points.most).sum())
        }
        Grading::Groups(root) => {
            let mut passed = BTreeSet::new();
            collect_passed(root, checks, &mut passed);
            (
                group_points(root, checks, &passed),
                group_most(root, checks),
            )
        }
    }
}

/// Names of the groups in which every check passed.
fn collect_passed<'a>(
    group: &'a TestGroup,
    checks: &BTreeMap<&str, Points>,
    passed: &mut BTreeSet<&'a str>,
) -> bool {
    let own = group
        .checks
        .iter()
        .all(|id| checks.get(id.as_str()).is_some_and(|points| points.passed));
    // Every group is looked at, also after one that failed.
    let inner: Vec<bool> = group
        .groups
        .iter()
        .map(|group| collect_passed(group, checks, passed))
        .collect();
    let all = own && inner.iter().all(|inner| *inner);
    if all {
        passed.insert(&group.name);
    }
    all
}

fn group_points(
    group: &TestGroup,
    checks: &BTreeMap<&str, Points>,
    passed: &BTreeSet<&str>,
) -> f64 {
    if group
        .require_pass
        .iter()
        .any(|name| !passed.contains(name.as_str()))
    {
        return 0.0;
    }
    let own = group
        .checks
        .iter()
        .map(|id| checks.get(id.as_str()).map_or(0.0, |points| points.reached));
    let inner = group
        .groups
        .iter()
        .map(|group| group_points(group, checks, passed));
    let parts: Vec<f64> = own.chain(inner).collect();
    let points = match group.aggregation {
        Aggregation::PassFail if !passed.contains(group.name.as_str()) => 0.0,
        Aggregation::PassFail => group.points_max.unwrap_or_else(|| parts.iter().sum()),
        Aggregation::Sum => parts.iter().sum(),
        Aggregation::Minimum => parts.iter().copied().reduce(f64::min).unwrap_or(0.0),
    };
    group.points_max.map_or(points, |most| points.min(most))
}

fn group_most(group: &TestGroup, checks: &BTreeMap<&str, Points>) -> f64 {
    let own = group
        .checks
        .iter()
        .map(|id| checks.get(id.as_str()).map_or(0.0, |points| points.most));
    let inner = group.groups.iter().map(|group| group_most(group, checks));
    let parts: Vec<f64> = own.chain(inner).collect();
    let most = match group.aggregation {
        Aggregation::PassFail | Aggregation::Sum => parts.iter().sum(),
        Aggregation::Minimum => parts.iter().copied().reduce(f64::min).unwrap_or(0.0),
    };
    match (group.aggregation, group.points_max) {
        (Aggregation::PassFail, Some(all)) => all,
        (_, Some(bound)) if bound < most || most == 0.0 => bound,
        _ => most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, aggregation: Aggregation, checks: &[&str]) -> TestGroup {
        TestGroup {
            name: name.to_owned(),
            points_max: None,
            aggregation,
            require_pass: Vec::new(),
            checks: checks.iter().map(|id| (*id).to_owned()).collect(),
            groups: Vec::new(),
        }
    }

    fn points(list: &[(&'static str, f64, bool)]) -> BTreeMap<&'static str, Points> {
        list.iter()
            .map(|(id, most, passed)| {
                let reached = if *passed { *most } else { 0.0 };
                (
                    *id,
                    Points {
                        reached,
                        most: *most,
                        passed: *passed,
                    },
                )
            })
            .collect()
    }

    #[test]
    fn a_pass_fail_group_gives_all_or_nothing() {
        let mut root = group("", Aggregation::Sum, &[]);
        let mut one = group("secret/1", Aggregation::PassFail, &["a", "b"]);
        one.points_max = Some(40.0);
        let mut two = group("secret/2", Aggregation::PassFail, &["c"]);
        two.points_max = Some(60.0);
        root.groups = vec![one, two];
        let grading = Grading::Groups(root);
        let failed = points(&[("a", 0.0, true), ("b", 0.0, false), ("c", 0.0, true)]);
        assert_eq!(total(&grading, &failed), (60.0, 100.0));
        let passed = points(&[("a", 0.0, true), ("b", 0.0, true), ("c", 0.0, true)]);
        assert_eq!(total(&grading, &passed), (100.0, 100.0));
    }

    #[test]
    fn a_group_whose_requirement_failed_gives_nothing() {
        let mut root = group("", Aggregation::Sum, &[]);
        let sample = group("sample", Aggregation::PassFail, &["s"]);
        let mut secret = group("secret", Aggregation::Sum, &["a"]);
        secret.require_pass = vec!["sample".to_owned()];
        root.groups = vec![sample, secret];
        let grading = Grading::Groups(root);
        let failed = points(&[("s", 0.0, false), ("a", 5.0, true)]);
        assert_eq!(total(&grading, &failed), (0.0, 5.0));
        let passed = points(&[("s", 0.0, true), ("a", 5.0, true)]);
        assert_eq!(total(&grading, &passed), (5.0, 5.0));
    }

    #[test]
    fn minimum_and_bound() {
        let mut root = group("", Aggregation::Minimum, &["a", "b"]);
        let some = points(&[("a", 3.0, true), ("b", 7.0, true)]);
        assert_eq!(total(&Grading::Groups(root.clone()), &some), (3.0, 3.0));
        root.points_max = Some(2.0);
        assert_eq!(total(&Grading::Groups(root), &some), (2.0, 2.0));
        assert_eq!(total(&Grading::Sum, &some), (10.0, 10.0));
    }
}
