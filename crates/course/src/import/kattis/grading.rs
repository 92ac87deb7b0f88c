//! Scoring problems: the test groups, and what each test case is worth.
//!
//! 2025-09 groups are ours. Legacy graders are mapped onto them: a group whose
//! verdict is that of its worst case gives its points only when every case is
//! accepted (the score of a group that is not accepted is ignored), so it
//! becomes a `pass_fail` group; `accept_if_any_accepted` and `always_accept`
//! let the parts count by themselves. What has no counterpart is refused by name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::problem::Problem;
use super::super::target::GroupTarget;
use super::data::TestData;
use super::directory::Aggregate;
use super::metadata::{Format, Metadata};

/// Groups, and points by case name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Grading {
    /// Without ids of checks yet: those are added when the checks are written.
    pub(super) groups: Vec<GroupTarget>,
    /// Points of each case that has any.
    pub(super) points: BTreeMap<String, f64>,
    /// Most points of the whole.
    pub(super) points_max: Option<f64>,
    /// Why the package cannot be carried over at all.
    pub(super) unsupported: Vec<(String, String)>,
}

fn name_of(aggregate: Aggregate) -> &'static str {
    match aggregate {
        Aggregate::PassFail => "pass_fail",
        Aggregate::Sum => "sum",
        Aggregate::Minimum => "minimum",
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "at most a few thousand test cases"
)]
fn count_of(number: usize) -> f64 {
    number as f64
}

/// The grading of a package.
pub(super) fn plan(
    metadata: &Metadata,
    data: &TestData,
    custom_score: bool,
    problems: &mut Vec<Problem>,
) -> Grading {
    let legacy_files = data
        .directories
        .values()
        .any(|config| config.path.ends_with("testdata.yaml"));
    if !metadata.scoring {
        if metadata.format != Format::Legacy {
            for config in data.directories.values() {
                if config.score_max.is_some()
                    || config.aggregation.is_some()
                    || !config.require_pass.is_empty()
                {
                    problems.push(Problem::of(
                        &config.path,
                        "`max_score`, `score_aggregation` and `require_pass` are only for problems of type `scoring`",
                    ));
                }
            }
        }
        return Grading::default();
    }
    if metadata.format == Format::Legacy || legacy_files {
        plan_legacy(metadata, data, custom_score)
    } else {
        plan_current(data, problems)
    }
}

fn plan_current(data: &TestData, problems: &mut Vec<Problem>) -> Grading {
    let secret = data.directories.get("secret");
    let whole = (
        secret
            .and_then(|config| config.aggregation)
            .unwrap_or(Aggregate::Sum),
        secret
            .and_then(|config| config.score_max)
            .unwrap_or(Some(100.0)),
    );
    let mut grading = Grading {
        points_max: whole.1,
        ..Grading::default()
    };
    grading.groups.push(GroupTarget {
        aggregation: "sum",
        ..GroupTarget::default()
    });
    if data.cases_of("sample").next().is_some() {
        grading.groups.push(GroupTarget {
            name: "sample".into(),
            points_max: Some(0.0),
            aggregation: "sum",
            ..GroupTarget::default()
        });
        grading
            .points
            .extend(data.cases_of("sample").map(|case| (case.name.clone(), 0.0)));
    }
    let mut earlier = BTreeSet::from(["sample"]);
    for name in ["secret"].into_iter().chain(data.groups()) {
        let config = data.directories.get(name);
        let (aggregate, most) = match config {
            Some(config) if name != "secret" => (
                config.aggregation.unwrap_or(Aggregate::PassFail),
                config.score_max.flatten(),
            ),
            _ => whole,
        };
        let path = config.map_or(Path::new("data/secret"), |config| &config.path);
        check_bounds((aggregate, most), whole, path, problems);
        let required = config
            .map(|config| config.require_pass.clone())
            .unwrap_or_default();
        for group in &required {
            check_requirement(data, (name, group), &earlier, (path, problems));
        }
        let static_score = config
            .and_then(|config| config.static_validation)
            .flatten()
            .unwrap_or(0.0);
        let count = count_of(data.cases_of(name).count());
        let points = match (aggregate, most) {
            (Aggregate::Minimum, Some(most)) => most,
            (_, Some(most)) => (most - static_score).max(0.0) / count,
            (_, None) => 1.0,
        };
        grading
            .points
            .extend(data.cases_of(name).map(|case| (case.name.clone(), points)));
        grading.groups.push(GroupTarget {
            name: name.to_owned(),
            points_max: most,
            aggregation: name_of(aggregate),
            require_pass: required,
            checks: Vec::new(),
        });
        earlier.insert(name);
    }
    grading
}

/// What a group may be within `secret`: both as aggregation and most points.
fn check_bounds(
    (aggregate, most): (Aggregate, Option<f64>),
    (secret_aggregate, secret_most): (Aggregate, Option<f64>),
    path: &Path,
    problems: &mut Vec<Problem>,
) {
    if most.is_none() && secret_most.is_some() {
        problems.push(
            Problem::of(path, "has no `max_score`, but `secret` is bounded").hint(
                "set `max_score`, or `max_score: unbounded` in `data/secret/test_group.yaml`",
            ),
        );
    }
    if most.is_none() && aggregate == Aggregate::PassFail {
        let text = "aggregates `pass-fail` and so must have a bounded `max_score`";
        problems.push(Problem::of(path, text));
    }
    if secret_aggregate == Aggregate::PassFail && aggregate != Aggregate::PassFail {
        problems.push(Problem::of(
            path,
            "must aggregate `pass-fail`, as `secret` does",
        ));
    }
}

fn check_requirement(
    data: &TestData,
    (name, group): (&str, &str),
    earlier: &BTreeSet<&str>,
    (path, problems): (&Path, &mut Vec<Problem>),
) {
    if !earlier.contains(group) || group == "secret" || (name == "secret" && group != "sample") {
        problems.push(
            Problem::of(
                path,
                format!("`require_pass` names `{group}`, which is no earlier group"),
            )
            .hint("name `sample`, or a group before it such as `secret/group1`"),
        );
    } else if group != "sample"
        && data
            .directories
            .get(group)
            .and_then(|config| config.aggregation)
            .is_some_and(|way| way != Aggregate::PassFail)
    {
        problems.push(Problem::of(
            path,
            format!("`require_pass` names `{group}`, which does not aggregate `pass-fail`"),
        ));
    }
}

/// What the legacy default grader is told for one group.
struct LegacyGroup {
    partial: bool,
    score: &'static str,
    accept: f64,
    ignore_sample: bool,
}

fn legacy_group(
    data: &TestData,
    name: &str,
    unsupported: &mut Vec<(String, String)>,
) -> LegacyGroup {
    let chain = data.chain(name);
    let place = chain.first().map_or_else(
        || format!("data/{name}"),
        |config| config.path.display().to_string(),
    );
    let flags: &[String] = chain
        .iter()
        .find_map(|config| config.legacy.flags.as_deref())
        .unwrap_or_default();
    let has = |flag: &str| flags.iter().any(|known| known == flag);
    let score = flags.iter().rev().find_map(|flag| {
        ["sum", "avg", "min", "max"]
            .into_iter()
            .find(|mode| mode == flag)
    });
    let score = score.unwrap_or("sum");
    let mode = flags
        .iter()
        .rev()
        .find(|flag| ["worst_error", "first_error", "always_accept"].contains(&flag.as_str()));
    let mut refuse = |reason: &str| unsupported.push((place.clone(), reason.to_owned()));
    if chain.iter().find_map(|config| config.legacy.custom) == Some(true) {
        refuse("a grader of the package's own has no counterpart");
    }
    if chain
        .iter()
        .find_map(|config| config.legacy.reject_score)
        .unwrap_or(0.0)
        != 0.0
    {
        refuse("a score for rejected cases has no counterpart");
    }
    if score == "max" {
        refuse("the grader mode `max` has no counterpart");
    }
    LegacyGroup {
        partial: has("accept_if_any_accepted") || mode.is_some_and(|mode| mode == "always_accept"),
        score,
        accept: chain
            .iter()
            .find_map(|config| config.legacy.accept_score)
            .unwrap_or(1.0),
        ignore_sample: has("ignore_sample"),
    }
}

fn parent_of(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(above, _)| above)
}

/// Every directory with cases and those above them; the empty name is the root.
fn legacy_names(data: &TestData) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = BTreeSet::from([String::new()]);
    for case in &data.cases {
        let mut name = case.group.as_str();
        while names.insert(name.to_owned()) {
            name = parent_of(name);
        }
    }
    names
}

fn plan_legacy(metadata: &Metadata, data: &TestData, custom_score: bool) -> Grading {
    let mut grading = Grading::default();
    if metadata.minimize {
        let reason = "scores of which the least is best have no counterpart";
        grading
            .unsupported
            .push(("problem.yaml: grading".into(), reason.into()));
    }
    let names = legacy_names(data);
    let ignore_sample = legacy_group(data, "", &mut Vec::new()).ignore_sample;
    // Deepest first, so that what a group can reach is known when its parent asks.
    let mut reach: BTreeMap<String, f64> = BTreeMap::new();
    for name in names.iter().rev() {
        let group = legacy_group(data, name, &mut grading.unsupported);
        let cases = data.cases_of(name).filter(|case| !case.group.is_empty());
        let count = cases.clone().count();
        let inner: Vec<f64> = names
            .iter()
            .filter(|other| !other.is_empty() && parent_of(other) == name)
            .map(|other| reach.get(other).copied().unwrap_or(0.0))
            .collect();
        let worthless = ignore_sample && Path::new(name).starts_with("sample");
        let accept = if worthless { 0.0 } else { group.accept };
        let parts = count_of(count + inner.len()).max(1.0);
        let each = if group.score == "avg" {
            accept / parts
        } else {
            accept
        };
        grading
            .points
            .extend(cases.map(|case| (case.name.clone(), each)));
        let all = || {
            inner
                .iter()
                .copied()
                .chain(std::iter::repeat_n(each, count))
        };
        let (aggregate, total) = match group.score {
            "min" => (Aggregate::Minimum, all().fold(f64::INFINITY, f64::min)),
            _ => (Aggregate::Sum, all().sum()),
        };
        let range = data
            .directories
            .get(name)
            .and_then(|config| config.legacy.range);
        let bound = range.map(|(_, most)| most).filter(|most| most.is_finite());
        // A validator's own scores may reach the bound whatever a plain acceptance is worth.
        let total = match bound {
            Some(bound) if custom_score => bound,
            Some(bound) => bound.min(total),
            None if total.is_finite() => total,
            None => 0.0,
        };
        reach.insert(name.clone(), total);
        let all_or_nothing = !group.partial && !custom_score && !name.is_empty();
        grading.groups.push(GroupTarget {
            name: name.clone(),
            points_max: (!custom_score || bound.is_some()).then_some(total),
            aggregation: name_of(if all_or_nothing {
                Aggregate::PassFail
            } else {
                aggregate
            }),
            ..GroupTarget::default()
        });
    }
    grading.groups.reverse();
    grading.points_max = reach.get("").copied();
    grading.unsupported.sort();
    grading.unsupported.dedup();
    grading
}
