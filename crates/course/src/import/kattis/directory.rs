//! `test_group.yaml` (2025-09) and `testdata.yaml` (legacy): how a directory of test cases counts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::problem::Problem;
use super::super::source::Source;
use super::super::yaml::{self, Node, Reader, Value, YAML_BYTES_MAX, string_of};
use super::metadata::Format;

const CURRENT_FILE: &str = "test_group.yaml";
const LEGACY_FILE: &str = "testdata.yaml";

/// How scores are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    PassFail,
    Sum,
    Minimum,
}

/// What a configuration file says; what it does not say is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct DirectoryConfig {
    /// The file.
    pub(super) path: PathBuf,
    /// Line of the output validator's arguments, else 1.
    pub(super) line: u64,
    pub(super) arguments: Option<Vec<String>>,
    pub(super) validator_arguments: Option<Vec<String>>,
    pub(super) full_feedback: Option<bool>,
    /// 2025-09: `Some(None)` is `unbounded`.
    pub(super) score_max: Option<Option<f64>>,
    pub(super) aggregation: Option<Aggregate>,
    pub(super) require_pass: Vec<String>,
    /// A static validation test case, with its score where it has one.
    pub(super) static_validation: Option<Option<f64>>,
    /// Legacy grading.
    pub(super) legacy: LegacyGrading,
}

/// Legacy grading of a group.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct LegacyGrading {
    pub(super) custom: Option<bool>,
    pub(super) flags: Option<Vec<String>>,
    pub(super) accept_score: Option<f64>,
    pub(super) reject_score: Option<f64>,
    pub(super) range: Option<(f64, f64)>,
    /// Judging stops at the first case that is not accepted.
    pub(super) stops: Option<bool>,
}

/// Is it a configuration file of a directory?
pub(super) fn is_config(path: &Path) -> bool {
    path.ends_with(CURRENT_FILE) || path.ends_with(LEGACY_FILE)
}

/// Reads the configuration of every directory of `data/` that has one.
pub(super) fn read_all(
    source: &Source,
    format: Format,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, DirectoryConfig> {
    let mut found = BTreeMap::new();
    for relative in source.under("data").keys().filter(|path| is_config(path)) {
        let path = Path::new("data").join(relative);
        let name = relative
            .parent()
            .map(|parent| parent.display().to_string())
            .unwrap_or_default();
        let used = name.is_empty()
            || ["sample", "secret"]
                .iter()
                .any(|part| Path::new(&name).starts_with(part));
        let legacy = path.ends_with(LEGACY_FILE);
        match format {
            Format::Legacy if !legacy => {
                problems.push(
                    Problem::of(&path, "belongs to format 2025-09")
                        .hint(format!("a legacy package has `{LEGACY_FILE}`")),
                );
                continue;
            }
            Format::Current { draft: false } if legacy => {
                problems.push(
                    Problem::of(&path, "belongs to the legacy format")
                        .hint(format!("2025-09 has `{CURRENT_FILE}`")),
                );
                continue;
            }
            _ if !used => continue,
            _ => {}
        }
        match source
            .text(&path, YAML_BYTES_MAX)
            .and_then(|text| yaml::parse(&path, &text))
        {
            Ok(node) => drop(found.insert(name.clone(), read(&path, &node, &name, problems))),
            Err(problem) => problems.push(problem),
        }
    }
    found
}

fn read(path: &Path, node: &Node, name: &str, problems: &mut Vec<Problem>) -> DirectoryConfig {
    let mut reader = Reader::open(path, node, problems);
    let mut config = DirectoryConfig {
        path: path.to_owned(),
        line: 1,
        ..DirectoryConfig::default()
    };
    if path.ends_with(LEGACY_FILE) {
        read_legacy(&mut reader, &mut config, problems);
    } else {
        read_current(&mut reader, &mut config, problems);
        if name == "sample" {
            for key in ["max_score", "score_aggregation", "require_pass"] {
                if reader.get_silent(key) {
                    problems.push(Problem::of(
                        path,
                        format!("`{key}` is not permitted in `sample`"),
                    ));
                }
            }
        }
    }
    reader.finish(problems);
    config
}

fn texts(list: Vec<(String, &Node)>) -> Vec<String> {
    list.into_iter().map(|(text, _)| text).collect()
}

fn read_current(
    reader: &mut Reader<'_>,
    config: &mut DirectoryConfig,
    problems: &mut Vec<Problem>,
) {
    let path = reader.path().to_owned();
    let wrong = |node: &Node, text: &str| Problem::at(&path, node.line, node.column, text);
    if let Some(node) = reader.get("max_score") {
        config.score_max = match (&node.value, node.value.number()) {
            (Value::String(text), _) if text == "unbounded" => Some(None),
            (Value::Integer(value), Some(number)) if *value >= 0 => Some(Some(number)),
            _ => {
                problems.push(wrong(
                    node,
                    "`max_score` must be an integer of at least 0, or `unbounded`",
                ));
                None
            }
        };
    }
    if let Some(node) = reader.get("score_aggregation") {
        config.aggregation = match string_of(node).as_deref() {
            Some("pass-fail") => Some(Aggregate::PassFail),
            Some("sum") => Some(Aggregate::Sum),
            Some("min") => Some(Aggregate::Minimum),
            _ => {
                problems.push(wrong(
                    node,
                    "`score_aggregation` must be `pass-fail`, `sum` or `min`",
                ));
                None
            }
        };
    }
    if let Some(node) = reader.get("static_validation_score") {
        config.static_validation = match (&node.value, node.value.number()) {
            (Value::String(text), _) if text == "pass-fail" => Some(None),
            (Value::Integer(value), Some(number)) if *value >= 0 => Some(Some(number)),
            _ => {
                problems.push(wrong(
                    node,
                    "`static_validation_score` must be an integer of at least 0, or `pass-fail`",
                ));
                None
            }
        };
    }
    let static_arguments = reader.get("static_validator_args");
    if let Some(node) = static_arguments.filter(|_| config.static_validation.is_none()) {
        problems.push(wrong(
            node,
            "`static_validator_args` without `static_validation_score`",
        ));
    }
    config.require_pass = reader
        .strings("require_pass", problems)
        .map(texts)
        .unwrap_or_default();
    config.arguments = reader.strings("args", problems).map(texts);
    if let Some(list) = reader.strings("output_validator_args", problems) {
        config.line = list.first().map_or(1, |(_, node)| node.line);
        config.validator_arguments = Some(texts(list));
    }
    config.full_feedback = reader.boolean("full_feedback", problems);
    reader.accept(&[
        "input_validator_args",
        "input_visualizer_args",
        "output_visualizer_args",
    ]);
}

fn read_legacy(reader: &mut Reader<'_>, config: &mut DirectoryConfig, problems: &mut Vec<Problem>) {
    let path = reader.path().to_owned();
    let wrong = |node: &Node, text: String| Problem::at(&path, node.line, node.column, text);
    let one_of = |reader: &mut Reader<'_>,
                  name: &'static str,
                  words: [&str; 2],
                  problems: &mut Vec<Problem>| {
        let node = reader.get(name)?;
        let text = string_of(node).unwrap_or_default();
        let found = words.iter().position(|word| *word == text);
        if found.is_none() {
            problems.push(wrong(
                node,
                format!("`{name}` must be `{}` or `{}`", words[0], words[1]),
            ));
        }
        found.map(|index| index == 0)
    };
    config.legacy.stops = one_of(reader, "on_reject", ["break", "continue"], problems);
    config.legacy.custom = one_of(reader, "grading", ["custom", "default"], problems);
    read_grader_flags(reader, config, problems);
    let any = f64::NEG_INFINITY;
    config.legacy.accept_score = reader.number("accept_score", any, problems);
    config.legacy.reject_score = reader.number("reject_score", any, problems);
    read_range(reader, config, problems);
    reader.accept(&["input_validator_flags"]);
    read_validator_flags(reader, config, problems);
}

fn read_grader_flags(
    reader: &mut Reader<'_>,
    config: &mut DirectoryConfig,
    problems: &mut Vec<Problem>,
) {
    let path = reader.path().to_owned();
    let wrong = |node: &Node, text: String| Problem::at(&path, node.line, node.column, text);
    if let Some(node) = reader.get("grader_flags") {
        let flags: Vec<String> = string_of(node)
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        const KNOWN: [&str; 9] = [
            "worst_error",
            "first_error",
            "always_accept",
            "sum",
            "avg",
            "min",
            "max",
            "ignore_sample",
            "accept_if_any_accepted",
        ];
        for flag in flags
            .iter()
            .filter(|flag| !KNOWN.contains(&flag.as_str()) && config.legacy.custom != Some(true))
        {
            problems.push(
                wrong(node, format!("the default grader knows no flag `{flag}`"))
                    .hint(format!("known: {}", KNOWN.join(", "))),
            );
        }
        if flags.iter().any(|flag| flag == "ignore_sample")
            && path != Path::new("data").join(LEGACY_FILE)
        {
            problems.push(wrong(
                node,
                "`ignore_sample` is only for `data/testdata.yaml`".to_owned(),
            ));
        }
        config.legacy.flags = Some(flags);
    }
}

fn read_range(reader: &mut Reader<'_>, config: &mut DirectoryConfig, problems: &mut Vec<Problem>) {
    let path = reader.path().to_owned();
    let wrong = |node: &Node, text: String| Problem::at(&path, node.line, node.column, text);
    if let Some(node) = reader.get("range") {
        let text = string_of(node).unwrap_or_default();
        let bounds: Vec<Option<f64>> = text
            .split_whitespace()
            .map(|word| word.parse().ok())
            .collect();
        match bounds.as_slice() {
            [Some(least), Some(most)] if least <= most => {
                config.legacy.range = Some((*least, *most))
            }
            _ => problems.push(wrong(
                node,
                "`range` must be two numbers, the smaller one first".to_owned(),
            )),
        }
    }
}

fn read_validator_flags(
    reader: &mut Reader<'_>,
    config: &mut DirectoryConfig,
    problems: &mut Vec<Problem>,
) {
    let path = reader.path().to_owned();
    let wrong = |node: &Node, text: String| Problem::at(&path, node.line, node.column, text);
    if let Some(node) = reader.get("output_validator_flags") {
        config.line = node.line;
        match &node.value {
            Value::Map(_) => {
                let mut inner = Reader::open(&path, node, problems);
                inner.accept(&["name"]);
                let flags = inner.string("flags", problems).unwrap_or_default();
                inner.finish(problems);
                config.validator_arguments =
                    Some(flags.split_whitespace().map(str::to_owned).collect());
            }
            _ => match string_of(node) {
                Some(flags) => {
                    config.validator_arguments =
                        Some(flags.split_whitespace().map(str::to_owned).collect())
                }
                None => problems.push(wrong(
                    node,
                    "`output_validator_flags` must be a string or a map".to_owned(),
                )),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(file: &str, text: &str) -> (DirectoryConfig, String) {
        let path = Path::new("data/secret").join(file);
        let node = yaml::parse(&path, text).unwrap();
        let mut problems = Vec::new();
        let config = read(&path, &node, "secret", &mut problems);
        (
            config,
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n"),
        )
    }

    #[test]
    fn both_kinds_are_read() {
        let (config, problems) = parse(
            CURRENT_FILE,
            "max_score: unbounded\nscore_aggregation: min\nrequire_pass: sample\nargs: [a, '1']\n",
        );
        assert_eq!(problems, "");
        assert_eq!(
            (config.score_max, config.aggregation),
            (Some(None), Some(Aggregate::Minimum))
        );
        assert_eq!(
            (config.require_pass, config.arguments),
            (
                vec!["sample".to_owned()],
                Some(vec!["a".to_owned(), "1".to_owned()])
            )
        );
        let (config, problems) = parse(
            LEGACY_FILE,
            "on_reject: continue\nrange: 0 +inf\ngrader_flags: min first_error\naccept_score: 50\noutput_validator_flags: x y\n",
        );
        assert_eq!(problems, "");
        assert_eq!(config.legacy.range, Some((0.0, f64::INFINITY)));
        assert_eq!(
            (config.legacy.stops, config.legacy.accept_score),
            (Some(false), Some(50.0))
        );
        assert_eq!(
            config.validator_arguments,
            Some(vec!["x".to_owned(), "y".to_owned()])
        );
    }

    #[test]
    fn wrong_flags_and_keys_are_refused_with_their_line() {
        for (file, text, expected) in [
            (
                LEGACY_FILE,
                "a: 1\n",
                "data/secret/testdata.yaml:1:1: unknown key `a`",
            ),
            (
                LEGACY_FILE,
                "range: 5\n",
                "data/secret/testdata.yaml:1:8: `range`",
            ),
            (
                LEGACY_FILE,
                "\ngrader_flags: mim\n",
                "data/secret/testdata.yaml:2:15: the default grader knows no flag `mim`",
            ),
            (
                LEGACY_FILE,
                "grader_flags: ignore_sample\n",
                "only for `data/testdata.yaml`",
            ),
            (
                LEGACY_FILE,
                "on_reject: stop\n",
                "must be `break` or `continue`",
            ),
            (CURRENT_FILE, "max_score: -1\n", "`max_score` must be"),
            (CURRENT_FILE, "scoring: {}\n", "unknown key `scoring`"),
            (
                CURRENT_FILE,
                "static_validator_args: [a]\n",
                "without `static_validation_score`",
            ),
        ] {
            let (_, problems) = parse(file, text);
            assert!(problems.contains(expected), "{text} → {problems}");
        }
    }
}
