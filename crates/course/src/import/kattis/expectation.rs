//! What the package expects of its example submissions: by directory, and by
//! the rules of `submissions/submissions.yaml`.

use std::collections::BTreeSet;
use std::path::Path;

use carrel_model::Verdict;

use super::super::problem::Problem;
use super::super::yaml::{Node, Reader, Value};
use super::glob::Glob;
use super::metadata::Format;
use super::time_limit::ExpectedVerdict;

/// Name of the file.
pub(super) const FILE: &str = "submissions/submissions.yaml";

/// Verdicts of a test case in the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Accepted,
    WrongAnswer,
    TimeLimit,
    RunTimeError,
}

use Outcome::{Accepted as AC, RunTimeError as RTE, TimeLimit as TLE, WrongAnswer as WA};

/// A set of outcomes.
pub(super) type Outcomes = BTreeSet<Outcome>;

/// What must hold for the submissions that match, over the cases that match.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) submissions: Glob,
    /// `None`: all cases.
    pub(super) cases: Option<Glob>,
    pub(super) permitted: Option<Outcomes>,
    pub(super) required: Option<Outcomes>,
    pub(super) score: Option<(f64, f64)>,
    pub(super) message: Option<String>,
    pub(super) time: TimeUse,
    pub(super) language: Option<String>,
    pub(super) entry: Option<String>,
    pub(super) model_solution: bool,
}

/// `use_for_time_limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum TimeUse {
    /// By what is permitted and required.
    #[default]
    ByRule,
    Never,
    Lower,
    Upper,
}

impl Rule {
    fn new(name: &str, submissions: Glob) -> Self {
        Self {
            name: name.to_owned(),
            submissions,
            cases: None,
            permitted: None,
            required: None,
            score: None,
            message: None,
            time: TimeUse::ByRule,
            language: None,
            entry: None,
            model_solution: false,
        }
    }

    /// How the rule bounds the time limit (2025-09, "Timelimit inference").
    pub(super) fn bound(&self) -> Option<ExpectedVerdict> {
        let tle_only = self
            .required
            .as_ref()
            .is_some_and(|set| *set == Outcomes::from([TLE]));
        let never_tle = self
            .permitted
            .as_ref()
            .is_some_and(|set| !set.contains(&TLE));
        match self.time {
            TimeUse::Never => None,
            TimeUse::Lower => Some(ExpectedVerdict::InTime),
            TimeUse::Upper => Some(ExpectedVerdict::TooSlow),
            TimeUse::ByRule if tle_only => Some(ExpectedVerdict::TooSlow),
            TimeUse::ByRule if never_tle => Some(ExpectedVerdict::InTime),
            TimeUse::ByRule => None,
        }
    }
}

/// A directory, what is permitted (all where empty) and what is required.
type DirectoryRule = (&'static str, &'static [Outcome], &'static [Outcome]);

/// The rules of the directories that the format names.
pub(super) fn default_rules(format: Format) -> Vec<Rule> {
    let current: [DirectoryRule; 6] = [
        ("accepted", &[AC], &[]),
        ("rejected", &[], &[WA, TLE, RTE]),
        ("wrong_answer", &[AC, WA], &[WA]),
        ("time_limit_exceeded", &[AC, TLE], &[TLE]),
        ("run_time_error", &[AC, RTE], &[RTE]),
        ("brute_force", &[AC, RTE, TLE], &[RTE, TLE]),
    ];
    let legacy: [DirectoryRule; 5] = [
        ("accepted", &[AC], &[]),
        ("partially_accepted", &[], &[]),
        ("wrong_answer", &[AC, WA], &[WA]),
        ("time_limit_exceeded", &[AC, WA, TLE], &[TLE]),
        ("run_time_error", &[], &[RTE]),
    ];
    let mut rules: Vec<Rule> = Vec::new();
    // The drafts of the current format still had `partially_accepted`.
    let draft: &[DirectoryRule] = &[("partially_accepted", &[], &[])];
    let (list, more): (&[DirectoryRule], &[DirectoryRule]) = match format {
        Format::Legacy => (&legacy, &draft[..0]),
        Format::Current { draft: true } => (&current, draft),
        Format::Current { draft: false } => (&current, &draft[..0]),
    };
    for (name, permitted, required) in list.iter().chain(more) {
        let Some(glob) = Glob::parse(name) else {
            continue;
        };
        let mut rule = Rule::new(name, glob);
        rule.permitted = (!permitted.is_empty()).then(|| permitted.iter().copied().collect());
        rule.required = (!required.is_empty()).then(|| required.iter().copied().collect());
        let bounds = format != Format::Legacy || ["accepted", "time_limit_exceeded"].contains(name);
        rule.time = if bounds {
            TimeUse::ByRule
        } else {
            TimeUse::Never
        };
        rules.push(rule);
    }
    rules
}

/// Reads `submissions.yaml` over the default rules.
pub(super) fn read(node: &Node, rules: &mut Vec<Rule>, problems: &mut Vec<Problem>) {
    let path = Path::new(FILE);
    let entries = match &node.value {
        Value::Map(entries) => entries.as_slice(),
        Value::Null => &[],
        other => {
            problems.push(Problem::at(
                path,
                node.line,
                node.column,
                format!("expected a map, found {}", other.kind()),
            ));
            &[]
        }
    };
    for (key, value) in entries {
        let Some(glob) = Glob::parse(&key.name) else {
            problems.push(bad_pattern(key.line, key.column, &key.name));
            continue;
        };
        // The name of a default directory replaces its rule, key by key; anything else adds one.
        let own = match rules
            .iter()
            .position(|rule| rule.name == key.name && rule.cases.is_none())
        {
            Some(index) => rules.remove(index),
            None => Rule::new(&key.name, glob.clone()),
        };
        let (rule, groups) = read_rule(value, own, true, problems);
        rules.push(rule);
        for (group, node) in groups {
            match Glob::parse(&group.name) {
                Some(cases) => {
                    let mut rule = Rule::new(&key.name, glob.clone());
                    rule.cases = Some(cases);
                    rules.push(read_rule(node, rule, false, problems).0);
                }
                None => problems.push(bad_pattern(group.line, group.column, &group.name)),
            }
        }
    }
}

fn bad_pattern(line: u64, column: u64, pattern: &str) -> Problem {
    Problem::at(
        Path::new(FILE),
        line,
        column,
        format!("`{}` is no pattern", pattern.escape_debug()),
    )
    .hint("`*` within a name and `{a,b}` are known; `**` and `[ab]` are not")
}

type Groups<'n> = Vec<(&'n super::super::yaml::Key, &'n Node)>;

fn read_rule<'n>(
    node: &'n Node,
    mut rule: Rule,
    whole: bool,
    problems: &mut Vec<Problem>,
) -> (Rule, Groups<'n>) {
    let path = Path::new(FILE);
    let mut reader = Reader::open(path, node, problems);
    if let Some(set) = read_outcomes(&mut reader, "permitted", problems) {
        rule.permitted = Some(set);
    }
    if let Some(set) = read_outcomes(&mut reader, "required", problems) {
        rule.required = Some(set);
    }
    read_score(&mut reader, &mut rule, problems);
    rule.message = reader.string("message", problems).or(rule.message);
    read_time_use(&mut reader, &mut rule, problems);
    let mut groups = Vec::new();
    if whole {
        rule.language = reader.string("language", problems);
        rule.entry = reader.string("entrypoint", problems);
        rule.model_solution = reader.boolean("model_solution", problems).unwrap_or(false);
        reader.accept(&["authors"]);
        if let Value::Map(entries) = &node.value {
            let group = |name: &str| {
                ["sample", "secret"]
                    .iter()
                    .any(|part| name == *part || name.starts_with(&format!("{part}/")))
            };
            groups = entries
                .iter()
                .filter(|(key, _)| group(&key.name))
                .map(|(key, node)| (key, node))
                .collect();
        }
    }
    reader.finish_but(
        |name| groups.iter().any(|(key, _)| key.name == name),
        problems,
    );
    (rule, groups)
}

fn read_score(reader: &mut Reader<'_>, rule: &mut Rule, problems: &mut Vec<Problem>) {
    let path = Path::new(FILE);
    if let Some(node) = reader.get("score") {
        rule.score = match (&node.value, node.value.number()) {
            (_, Some(score)) => Some((score, score)),
            (Value::Sequence(list), _) => match list
                .iter()
                .map(|item| item.value.number())
                .collect::<Vec<_>>()[..]
            {
                [Some(least), Some(most)] if least <= most => Some((least, most)),
                _ => None,
            },
            _ => None,
        };
        if rule.score.is_none() {
            problems.push(Problem::at(
                path,
                node.line,
                node.column,
                "`score` must be a number, or the least and the most as a sequence",
            ));
        }
    }
}

fn read_time_use(reader: &mut Reader<'_>, rule: &mut Rule, problems: &mut Vec<Problem>) {
    let path = Path::new(FILE);
    if let Some(node) = reader.get("use_for_time_limit") {
        rule.time = match &node.value {
            Value::Bool(true) => TimeUse::ByRule,
            Value::Bool(false) => TimeUse::Never,
            Value::String(text) if text == "lower" => TimeUse::Lower,
            Value::String(text) if text == "upper" => TimeUse::Upper,
            _ => {
                problems.push(Problem::at(
                    path,
                    node.line,
                    node.column,
                    "`use_for_time_limit` must be a boolean, `lower` or `upper`",
                ));
                TimeUse::Never
            }
        };
    }
}

fn read_outcomes(
    reader: &mut Reader<'_>,
    name: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<Outcomes> {
    let mut set = Outcomes::new();
    for (text, node) in reader.strings(name, problems)? {
        match text.as_str() {
            "AC" => set.insert(AC),
            "WA" => set.insert(WA),
            "TLE" => set.insert(TLE),
            "RTE" => set.insert(RTE),
            _ => {
                problems.push(
                    Problem::at(
                        Path::new(FILE),
                        node.line,
                        node.column,
                        format!("`{name}` has the unknown verdict `{text}`"),
                    )
                    .hint("known: AC, WA, TLE, RTE"),
                );
                false
            }
        };
    }
    Some(set)
}

/// What is expected of one submission over all cases.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Expectation {
    /// Verdicts that are right for it.
    pub(super) verdicts: Vec<Verdict>,
    /// Exactly the cases that fail, where the rules decide every case.
    pub(super) failing: Option<Vec<String>>,
    /// Some rule is about a part of the cases only.
    pub(super) partly: bool,
}

/// Puts the rules that match a submission together, over the names of all cases.
///
/// Each case may have what every rule over it permits. The verdict of the whole
/// is that of the first failing case, so it is one of those; it is accepted only
/// if every case may be accepted and no rule requires something else.
pub(super) fn expect(rules: &[&Rule], cases: &[String]) -> Expectation {
    let all = Outcomes::from([AC, WA, TLE, RTE]);
    let mut permitted: Vec<Outcomes> = vec![all; cases.len()];
    let mut may_accept = true;
    let mut asked_for = Outcomes::new();
    for rule in rules {
        let matching: Vec<usize> = (0..cases.len())
            .filter(|index| {
                rule.cases
                    .as_ref()
                    .is_none_or(|glob| glob.matches(&cases[*index]))
            })
            .collect();
        if let Some(set) = &rule.permitted {
            for index in &matching {
                permitted[*index].retain(|outcome| set.contains(outcome));
            }
        }
        if let Some(set) = &rule.required {
            may_accept &= set.contains(&AC);
            asked_for.extend(set);
            if let [only] = matching[..] {
                permitted[only].retain(|outcome| set.contains(outcome));
            }
        }
    }
    may_accept &= permitted.iter().all(|set| set.contains(&AC));
    let failing: Outcomes = permitted
        .iter()
        .flatten()
        .copied()
        .filter(|outcome| *outcome != AC)
        .collect();
    // What is asked for comes first: it names the directory that the submission is put into.
    let (asked, other): (Vec<Outcome>, Vec<Outcome>) = failing
        .iter()
        .copied()
        .partition(|outcome| asked_for.contains(outcome));
    let mut verdicts = Vec::new();
    if may_accept {
        verdicts.push(Verdict::Accepted);
    }
    for outcome in asked.iter().chain(&other) {
        // Too much memory is a run-time error to the format. Too much output is cut off there
        // and then judged, so with us, where it ends the run, it may stand for any failure.
        verdicts.extend_from_slice(match outcome {
            AC => &[],
            WA => &[Verdict::WrongAnswer],
            TLE => &[Verdict::TimeLimit],
            RTE => &[Verdict::RuntimeError, Verdict::MemoryLimit],
        });
    }
    if !failing.is_empty() {
        verdicts.push(Verdict::OutputLimit);
    }
    let decided = permitted
        .iter()
        .all(|set| *set == Outcomes::from([AC]) || !set.contains(&AC));
    let names = cases
        .iter()
        .zip(&permitted)
        .filter(|(_, set)| !set.contains(&AC))
        .map(|(name, _)| name.clone());
    Expectation {
        verdicts,
        failing: (decided && !may_accept).then(|| names.collect()),
        partly: rules.iter().any(|rule| rule.cases.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::yaml;
    use super::*;

    fn rules(text: &str) -> (Vec<Rule>, String) {
        let node = yaml::parse(Path::new(FILE), text).unwrap();
        let (mut rules, mut problems) =
            (default_rules(Format::Current { draft: false }), Vec::new());
        read(&node, &mut rules, &mut problems);
        (
            rules,
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }

    fn expected(rules: &[Rule], submission: &str, cases: &[&str]) -> Expectation {
        let cases: Vec<String> = cases.iter().map(|&case| case.to_owned()).collect();
        let matching: Vec<&Rule> = rules
            .iter()
            .filter(|rule| rule.submissions.matches(submission))
            .collect();
        expect(&matching, &cases)
    }

    #[test]
    fn directories_alone_tell_the_verdicts() {
        let (rules, _) = rules("");
        let cases = ["sample/1", "secret/1"];
        assert_eq!(
            expected(&rules, "accepted/x.py", &cases).verdicts,
            [Verdict::Accepted]
        );
        let wrong = expected(&rules, "wrong_answer/x.py", &cases);
        assert_eq!(wrong.verdicts, [Verdict::WrongAnswer, Verdict::OutputLimit]);
        assert_eq!(wrong.failing, None);
        assert!(
            !expected(&rules, "brute_force/x.py", &cases)
                .verdicts
                .contains(&Verdict::WrongAnswer)
        );
        // One case only: it must be the one that fails.
        assert_eq!(
            expected(&rules, "wrong_answer/x.py", &["secret/1"]).failing,
            Some(vec!["secret/1".to_owned()])
        );
    }

    #[test]
    fn rules_for_groups_decide_which_cases_fail() {
        let (rules, problems) = rules(
            "mixed/a.py:\n  sample: {permitted: [AC]}\n  secret/1: {permitted: [AC]}\n  secret/2: {permitted: [WA, RTE]}\n",
        );
        assert_eq!(problems, "");
        let found = expected(&rules, "mixed/a.py", &["sample/1", "secret/1", "secret/2"]);
        assert_eq!(found.failing, Some(vec!["secret/2".to_owned()]));
        assert!(found.partly && !found.verdicts.contains(&Verdict::Accepted));
    }

    #[test]
    fn a_default_directory_is_replaced_key_by_key() {
        let (rules, _) = rules(
            "accepted:\n  permitted: [WA]\n  required: [WA]\ntime_limit_exceeded:\n  permitted: [AC, WA, TLE]\n",
        );
        assert_eq!(
            expected(&rules, "accepted/x", &["sample/1"]).verdicts,
            [Verdict::WrongAnswer, Verdict::OutputLimit]
        );
        let slow = rules
            .iter()
            .find(|rule| rule.name == "time_limit_exceeded")
            .unwrap();
        assert_eq!(slow.required, Some(Outcomes::from([TLE])));
        assert_eq!(slow.bound(), Some(ExpectedVerdict::TooSlow));
    }

    #[test]
    fn time_bounds_follow_the_rules() {
        let (rules, _) = rules(
            "tle:\n  sample: {use_for_time_limit: lower}\n  secret: {use_for_time_limit: upper}\naccepted/slow.py: {permitted: [AC], use_for_time_limit: false}\n",
        );
        let bounds: Vec<_> = rules
            .iter()
            .map(|rule| (rule.name.as_str(), rule.bound()))
            .collect();
        assert!(bounds.contains(&("accepted", Some(ExpectedVerdict::InTime))));
        assert!(bounds.contains(&("wrong_answer", Some(ExpectedVerdict::InTime))));
        assert!(bounds.contains(&("brute_force", None)));
        assert!(bounds.contains(&("tle", Some(ExpectedVerdict::TooSlow))));
        assert!(bounds.contains(&("accepted/slow.py", None)));
    }

    #[test]
    fn wrong_keys_and_verdicts_are_refused_with_their_line() {
        let (_, problems) = rules("x:\n  permited: [AC]\ny:\n  required: [XX]\nz/**: {}\n");
        assert!(
            problems.contains("submissions.yaml:2:3: unknown key `permited`"),
            "{problems}"
        );
        assert!(
            problems.contains("submissions.yaml:4:14: `required` has the unknown verdict `XX`"),
            "{problems}"
        );
        assert!(
            problems.contains("submissions.yaml:5:1: `z/**` is no pattern"),
            "{problems}"
        );
    }
}
