//! `problem.yaml`, of 2025-09 and of the legacy formats.

mod current;
mod legacy;

use std::collections::BTreeMap;
use std::path::Path;

use super::super::problem::Problem;
use super::super::yaml::{Node, Reader, string_of};

/// Name of the file.
pub(super) const FILE: &str = "problem.yaml";

const LICENSES: [&str; 7] = [
    "unknown",
    "public domain",
    "cc0",
    "cc by",
    "cc by-sa",
    "educational",
    "permission",
];
const TYPES: [&str; 5] = [
    "pass-fail",
    "scoring",
    "multi-pass",
    "interactive",
    "submit-answer",
];

/// Version of the package format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// `legacy`, the default, and `legacy-icpc`.
    Legacy,
    /// `2025-09`; its drafts are read the same way, but may still hold `testdata.yaml`.
    Current {
        /// A draft.
        draft: bool,
    },
}

/// What `problem.yaml` says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Metadata {
    pub(super) format: Format,
    /// Names by language code; the empty code where the format has only one name.
    pub(super) names: BTreeMap<String, String>,
    /// Line of `name`.
    pub(super) name_line: u64,
    pub(super) scoring: bool,
    pub(super) interactive: bool,
    pub(super) multi_pass: bool,
    pub(super) submit_answer: bool,
    pub(super) limits: PackageLimits,
    /// Legacy: whether there is a custom output validator, and whether it gives scores.
    pub(super) legacy_validation: LegacyValidation,
    /// Legacy: arguments of the output validator, and their line.
    pub(super) validator_flags: (Vec<String>, u64),
    /// Legacy: a smaller score is better.
    pub(super) minimize: bool,
    /// Language codes that are allowed; all where nothing is said.
    pub(super) languages: Option<Vec<String>>,
    /// Constants as `name` or `name.variant`, with their text.
    pub(super) constants: BTreeMap<String, String>,
    /// Keys that are set and have no place in a challenge.
    pub(super) left: Vec<&'static str>,
}

/// Legacy `validation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LegacyValidation {
    pub(super) custom: bool,
    pub(super) score: bool,
}

/// `limits`; what is not said is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct PackageLimits {
    /// Seconds.
    pub(super) time_limit: Option<f64>,
    pub(super) ac_to_time_limit: Option<f64>,
    pub(super) time_limit_to_tle: Option<f64>,
    /// Seconds.
    pub(super) time_resolution: Option<f64>,
    /// MiB.
    pub(super) memory: Option<u64>,
    /// MiB.
    pub(super) output: Option<u64>,
    /// Seconds.
    pub(super) validation_time: Option<u64>,
    /// MiB.
    pub(super) validation_memory: Option<u64>,
    /// MiB.
    pub(super) validation_output: Option<u64>,
    pub(super) validation_passes: Option<u64>,
    /// Limits that are set and have no place in a challenge.
    pub(super) left: Vec<&'static str>,
}

/// Reads `problem.yaml`; problems are added to the list.
pub(super) fn read(node: &Node, incomplete: bool, problems: &mut Vec<Problem>) -> Metadata {
    let mut reader = Reader::open(Path::new(FILE), node, problems);
    let format = read_format(&mut reader, problems);
    let mut metadata = Metadata {
        format,
        names: BTreeMap::new(),
        name_line: 0,
        scoring: false,
        interactive: false,
        multi_pass: false,
        submit_answer: false,
        limits: PackageLimits::default(),
        legacy_validation: LegacyValidation::default(),
        validator_flags: (Vec::new(), 0),
        minimize: false,
        languages: None,
        constants: BTreeMap::new(),
        left: Vec::new(),
    };
    read_license(&mut reader, problems);
    match format {
        Format::Legacy => legacy::read_legacy(&mut reader, &mut metadata, problems),
        Format::Current { .. } => {
            current::read_current(&mut reader, &mut metadata, incomplete, problems)
        }
    }
    read_limits(&mut reader, &mut metadata, problems);
    let common = [
        "uuid",
        "version",
        "credits",
        "author",
        "source",
        "source_url",
        "license",
        "rights_owner",
        "keywords",
        "embargo_until",
    ];
    let known: &[&'static str] = match format {
        Format::Legacy => &[
            "uuid",
            "author",
            "source",
            "source_url",
            "license",
            "rights_owner",
            "keywords",
        ],
        Format::Current { .. } => &[
            "uuid",
            "version",
            "credits",
            "source",
            "license",
            "rights_owner",
            "keywords",
            "embargo_until",
        ],
    };
    metadata.left.extend(
        common
            .into_iter()
            .filter(|name| known.contains(name) && reader.get_silent(name)),
    );
    reader.accept(known);
    reader.finish(problems);
    metadata
}

fn read_format(reader: &mut Reader<'_>, problems: &mut Vec<Problem>) -> Format {
    let Some(node) = reader.get("problem_format_version") else {
        return Format::Legacy;
    };
    match string_of(node).as_deref() {
        Some("legacy" | "legacy-icpc") => Format::Legacy,
        Some("2025-09") => Format::Current { draft: false },
        Some("2025-09-draft" | "2023-07" | "2023-07-draft" | "draft") => {
            Format::Current { draft: true }
        }
        other => {
            let text = format!(
                "unknown version `{}` of the package format",
                other.unwrap_or(node.value.kind())
            );
            problems.push(
                Problem::at(Path::new(FILE), node.line, node.column, text)
                    .hint("known: 2025-09, legacy, legacy-icpc"),
            );
            Format::Current { draft: false }
        }
    }
}

fn read_license(reader: &mut Reader<'_>, problems: &mut Vec<Problem>) {
    let Some(license) = reader.get("license") else {
        return;
    };
    let text = string_of(license).unwrap_or_default();
    if !LICENSES.contains(&text.as_str()) {
        let message = format!("unknown license `{text}`");
        problems.push(
            Problem::at(Path::new(FILE), license.line, license.column, message)
                .hint(format!("known: {}", LICENSES.join(", "))),
        );
    }
    if let Some(owner) = reader
        .get("rights_owner")
        .filter(|_| text == "public domain")
    {
        let message = "`rights_owner` must not be set: what is in the public domain has none";
        problems.push(Problem::at(
            Path::new(FILE),
            owner.line,
            owner.column,
            message,
        ));
    }
}

fn read_limits(reader: &mut Reader<'_>, metadata: &mut Metadata, problems: &mut Vec<Problem>) {
    let Some(node) = reader.get("limits") else {
        return;
    };
    let path = Path::new(FILE);
    let mut limits = Reader::open(path, node, problems);
    let mut found = PackageLimits::default();
    if metadata.format == Format::Legacy {
        found.ac_to_time_limit = limits.number("time_multiplier", 0.0, problems);
        found.time_limit_to_tle = limits.number("time_safety_margin", 0.0, problems);
    } else {
        if let Some(multipliers) = limits.get("time_multipliers") {
            let mut multipliers = Reader::open(path, multipliers, problems);
            found.ac_to_time_limit = multipliers.number("ac_to_time_limit", 1.0, problems);
            found.time_limit_to_tle = multipliers.number("time_limit_to_tle", 1.0, problems);
            multipliers.finish(problems);
        }
        let least = f64::from_bits(1);
        found.time_limit = limits.number("time_limit", least, problems);
        found.time_resolution = limits.number("time_resolution", least, problems);
        let resolution = found.time_resolution.unwrap_or(1.0);
        let multiples = found.time_limit.map_or(1.0, |limit| limit / resolution);
        if (multiples - multiples.round()).abs() > 1e-9 * multiples {
            let text = format!(
                "`time_limit` must be a whole multiple of `time_resolution` ({resolution} s)"
            );
            problems.push(Problem::at(path, node.line, 0, text).hint("set `time_resolution`"));
        }
        found.validation_passes = limits.integer("validation_passes", 2, problems);
        if found.validation_passes.is_some() && !metadata.multi_pass {
            problems.push(Problem::at(
                path,
                node.line,
                0,
                "`validation_passes` is only for problems of type `multi-pass`",
            ));
        }
    }
    found.memory = limits.integer("memory", 1, problems);
    found.output = limits.integer("output", 1, problems);
    found.validation_time = limits.integer("validation_time", 1, problems);
    found.validation_memory = limits.integer("validation_memory", 1, problems);
    found.validation_output = limits.integer("validation_output", 1, problems);
    for name in ["code", "compilation_time", "compilation_memory"] {
        if limits.integer(name, 1, problems).is_some() {
            found.left.push(name);
        }
    }
    limits.finish(problems);
    metadata.limits = found;
}

#[cfg(test)]
mod tests {
    use super::super::super::yaml;
    use super::*;

    fn parse(text: &str) -> (Metadata, String) {
        let node = yaml::parse(Path::new(FILE), text).unwrap();
        let mut problems = Vec::new();
        let metadata = read(&node, false, &mut problems);
        let text = problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n");
        (metadata, text)
    }

    const CURRENT: &str = "problem_format_version: 2025-09\nname: X\nuuid: 1-2\n";

    #[test]
    fn current_types_limits_and_constants_are_read() {
        let text = format!(
            "{CURRENT}type: [interactive, multi-pass]\nlimits:\n  time_limit: 2\n  memory: 512\n  validation_passes: 3\nconstants:\n  k: {{value: 5, tex: '5{{,}}0'}}\n"
        );
        let (metadata, problems) = parse(&text);
        assert_eq!(problems, "");
        assert!(metadata.interactive && metadata.multi_pass && !metadata.scoring);
        assert_eq!(
            (metadata.limits.time_limit, metadata.limits.memory),
            (Some(2.0), Some(512))
        );
        assert_eq!(metadata.constants["k"], "5");
        assert_eq!(metadata.names["en"], "X");
    }

    #[test]
    fn legacy_is_the_default_and_validation_is_read() {
        let (metadata, problems) = parse(
            "name: A\ntype: scoring\nvalidation: custom interactive score\nvalidator_flags: a b\nlimits:\n  time_safety_margin: 4\n",
        );
        assert_eq!(problems, "");
        assert_eq!(metadata.format, Format::Legacy);
        assert!(
            metadata.interactive
                && metadata.legacy_validation.custom
                && metadata.legacy_validation.score
        );
        assert_eq!(
            metadata.validator_flags,
            (vec!["a".to_owned(), "b".to_owned()], 4)
        );
    }

    #[test]
    fn format_errors_are_told_with_their_line() {
        for (text, expected) in [
            (
                "name: A\nlicence: cc0\n",
                "problem.yaml:2:1: unknown key `licence`",
            ),
            (
                "problem_format_version: 2031-01\nname: A\nuuid: 1\n",
                "problem.yaml:1:25: unknown version",
            ),
            (
                "problem_format_version: 2025-09\nname: A\n",
                "`uuid` is missing",
            ),
            (
                "problem_format_version: 2025-09\nname: A\nuuid: 1\ntype: pass-fail interactive\n",
                "problem.yaml:4:7: unknown type",
            ),
            (
                "problem_format_version: 2025-09\nname: A\nuuid: 1\ntype: [scoring, pass-fail]\n",
                "exclude each other",
            ),
            (
                "name: A\nlimits:\n  memory: lots\n",
                "problem.yaml:3:11: `memory` must be an integer",
            ),
            ("name: A\nlimits:\n  memroy: 3\n", "did you mean `memory`?"),
            (
                "name: A\nvalidation: custom fast\n",
                "problem.yaml:2:13: unknown word `fast`",
            ),
            (
                "name: A\ngrading: {objective: max}\n",
                "only for problems of type `scoring`",
            ),
            (
                "problem_format_version: 2025-09\nname: A\nuuid: 1\nlimits: {time_limit: 1.5}\n",
                "whole multiple",
            ),
        ] {
            let (_, problems) = parse(text);
            assert!(problems.contains(expected), "{text}\n→ {problems}");
        }
    }
}
