//! `data/`: test cases, and the configuration files of their directories.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::ImportReport;
use super::super::problem::Problem;
use super::super::source::Source;
use super::super::yaml::{self, Reader, YAML_BYTES_MAX};
use super::directory::{self, DirectoryConfig};
use super::metadata::Format;

/// Most test cases of a package.
const CASES_MAX: usize = 5_000;

/// A test case.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    /// Path below `data/` without extension, such as `secret/group1/01`.
    pub(super) name: String,
    /// Group it counts in: `sample`, `secret`, or a group below.
    pub(super) group: String,
    /// Command-line arguments of the submission.
    pub(super) arguments: Vec<String>,
    /// Arguments of the output validator, with the file and line they stand in.
    pub(super) validator_arguments: Vec<String>,
    pub(super) validator_arguments_place: (PathBuf, u64),
    /// Files placed beside the submission: path → where they are.
    pub(super) files: BTreeMap<PathBuf, PathBuf>,
    /// Shown to whoever fails it.
    pub(super) hint: Option<String>,
    /// Its content is shown to whoever fails it.
    pub(super) full_feedback: bool,
}

/// Test cases and the configuration of their directories.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct TestData {
    /// In the order of their names; samples first.
    pub(super) cases: Vec<Case>,
    /// Configuration by directory below `data/`; the empty name is `data/` itself.
    pub(super) directories: BTreeMap<String, DirectoryConfig>,
}

/// Reads everything under `data/sample` and `data/secret`.
pub(super) fn read(
    source: &Source,
    format: Format,
    report: &mut ImportReport,
    problems: &mut Vec<Problem>,
) -> TestData {
    let mut data = TestData {
        directories: directory::read_all(source, format, problems),
        ..TestData::default()
    };
    for part in ["sample", "secret"] {
        read_part(source, part, (format, report), &mut data, problems);
    }
    for part in ["invalid_input", "invalid_output", "valid_output"] {
        if source.is_directory(Path::new("data").join(part)) {
            report.leave(
                format!("data/{part}"),
                "tests the package's own validators, not submissions",
            );
        }
    }
    if data.cases.len() > CASES_MAX {
        problems.push(Problem::of(
            "data",
            format!("holds more than {CASES_MAX} test cases"),
        ));
        data.cases.clear();
    }
    check_groups(source, format, &data, problems);
    data
}

fn read_part(
    source: &Source,
    part: &str,
    (format, report): (Format, &mut ImportReport),
    data: &mut TestData,
    problems: &mut Vec<Problem>,
) {
    let root = Path::new("data").join(part);
    let files = source.under(&root);
    let mut shown = BTreeSet::new();
    for relative in files.keys() {
        let Some(text) = relative.to_str() else {
            continue;
        };
        let path = root.join(relative);
        let inside_files = relative
            .ancestors()
            .skip(1)
            .any(|above| above.to_string_lossy().ends_with(".files"));
        if inside_files || directory::is_config(&path) {
            continue;
        }
        if let Some(base) = text.strip_suffix(".in") {
            let answer = PathBuf::from(format!("{base}.ans"));
            if !files.contains_key(&answer) {
                problems.push(
                    Problem::of(&path, format!("has no answer file `{}`", answer.display())).hint(
                        "every input needs an `.ans` file, an empty one where there is no answer",
                    ),
                );
            }
            if source.is_directory(root.join(base)) {
                problems.push(
                    Problem::of(&path, "has the name of a directory beside it")
                        .hint("rename one of the two"),
                );
            }
            let case = read_case(source, &format!("{part}/{base}"), (format, data), problems);
            data.cases.push(case);
        } else if let Some(base) = text.strip_suffix(".ans") {
            if !files.contains_key(Path::new(&format!("{base}.in"))) {
                problems.push(Problem::of(
                    &path,
                    format!("is an answer without input `{base}.in`"),
                ));
            }
        } else if !text.ends_with(".yaml") && !text.ends_with(".hint") {
            shown.insert(path.display().to_string());
        }
    }
    for path in shown {
        report.leave(path, "is only shown to people");
    }
}

fn read_case(
    source: &Source,
    name: &str,
    (format, data): (Format, &TestData),
    problems: &mut Vec<Problem>,
) -> Case {
    let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
    let group = match format {
        Format::Legacy => directory.to_owned(),
        Format::Current { .. } => data.group_of(directory),
    };
    let chain = data.chain(directory);
    let arguments = chain
        .iter()
        .find_map(|config| config.arguments.clone())
        .unwrap_or_default();
    let flags = chain
        .iter()
        .find(|config| config.validator_arguments.is_some());
    let mut case = Case {
        name: name.to_owned(),
        group,
        arguments,
        validator_arguments: flags
            .and_then(|config| config.validator_arguments.clone())
            .unwrap_or_default(),
        validator_arguments_place: flags.map_or_else(Default::default, |config| {
            (config.path.clone(), config.line)
        }),
        files: source.under(format!("data/{name}.files")),
        hint: None,
        full_feedback: chain
            .iter()
            .find_map(|config| config.full_feedback)
            .unwrap_or(name.starts_with("sample/")),
    };
    let hint = PathBuf::from(format!("data/{name}.hint"));
    if source.file(&hint).is_some() {
        match source.text(&hint, YAML_BYTES_MAX) {
            Ok(text) => case.hint = Some(text.trim().to_owned()),
            Err(problem) => problems.push(problem),
        }
    }
    let path = PathBuf::from(format!("data/{name}.yaml"));
    if source.file(&path).is_some() && format != Format::Legacy {
        match source
            .text(&path, YAML_BYTES_MAX)
            .and_then(|text| yaml::parse(&path, &text))
        {
            Ok(node) => {
                let mut reader = Reader::open(&path, &node, problems);
                read_case_keys(&mut reader, &mut case, problems);
                reader.finish(problems);
            }
            Err(problem) => problems.push(problem),
        }
    }
    case
}

fn read_case_keys(reader: &mut Reader<'_>, case: &mut Case, problems: &mut Vec<Problem>) {
    let plain = |list: Vec<(String, &yaml::Node)>| list.into_iter().map(|(text, _)| text).collect();
    if let Some(list) = reader.strings("args", problems) {
        case.arguments = plain(list);
    }
    if let Some(list) = reader.strings("output_validator_args", problems) {
        case.validator_arguments_place = (
            reader.path().to_owned(),
            list.first().map_or(1, |(_, node)| node.line),
        );
        case.validator_arguments = plain(list);
    }
    if let Some(value) = reader.boolean("full_feedback", problems) {
        case.full_feedback = value;
    }
    if let Some(hint) = reader.string("hint", problems) {
        case.hint = Some(hint);
    }
    reader.string("description", problems);
    reader.accept(&[
        "input_validator_args",
        "input_visualizer_args",
        "output_visualizer_args",
    ]);
}

impl TestData {
    /// The configurations that hold for a directory, nearest first.
    pub(super) fn chain(&self, directory: &str) -> Vec<&DirectoryConfig> {
        let mut chain = Vec::new();
        let mut name = directory;
        loop {
            chain.extend(self.directories.get(name));
            if name.is_empty() {
                return chain;
            }
            name = name.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }

    /// 2025-09: the test data group of a directory: the one with a configuration, else its part.
    fn group_of(&self, directory: &str) -> String {
        let mut parts = directory.split('/');
        let part = parts.next().unwrap_or_default();
        if let Some(name) = parts.next() {
            let group = format!("{part}/{name}");
            if part == "secret" && self.directories.contains_key(&group) {
                return group;
            }
        }
        part.to_owned()
    }

    /// 2025-09: names of the groups below `secret`, in order.
    pub(super) fn groups(&self) -> Vec<&str> {
        self.directories
            .keys()
            .map(String::as_str)
            .filter(|name| name.starts_with("secret/"))
            .collect()
    }

    /// The cases directly in a group.
    pub(super) fn cases_of<'d>(&'d self, group: &'d str) -> impl Iterator<Item = &'d Case> + Clone {
        self.cases.iter().filter(move |case| case.group == group)
    }
}

/// What 2025-09 says about where groups may be.
fn check_groups(source: &Source, format: Format, data: &TestData, problems: &mut Vec<Problem>) {
    if format == Format::Legacy {
        return;
    }
    let groups = data.groups();
    for name in data.directories.keys() {
        let path = format!("data/{name}");
        if name.starts_with("sample/") {
            problems.push(Problem::of(
                path,
                "is a test data group below `sample`, which must have none",
            ));
        } else if name.matches('/').count() > 1 {
            problems.push(
                Problem::of(path, "is a test data group within another one")
                    .hint("groups stand directly in `data/secret`"),
            );
        }
    }
    if groups.is_empty() {
        return;
    }
    for case in data
        .cases
        .iter()
        .filter(|case| case.name.starts_with("secret/"))
    {
        if case.name.matches('/').count() == 1 {
            problems.push(
                Problem::of(
                    format!("data/{}.in", case.name),
                    "stands beside test data groups",
                )
                .hint("`data/secret` has either groups or test cases: move it into a group"),
            );
        }
    }
    for directory in source
        .children("data/secret")
        .iter()
        .filter(|path| source.is_directory(path))
    {
        let name = directory
            .strip_prefix("data")
            .unwrap_or(directory)
            .display()
            .to_string();
        if name.ends_with(".files") {
            continue;
        }
        if !groups.contains(&name.as_str()) {
            problems.push(Problem::of(
                directory,
                "stands beside test data groups and has no `test_group.yaml`",
            ));
        } else if data.cases_of(&name).next().is_none() {
            problems.push(Problem::of(
                directory,
                "is a test data group without test cases",
            ));
        }
    }
}
