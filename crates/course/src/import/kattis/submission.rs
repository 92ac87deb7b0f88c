//! `submissions/`: the example submissions with what is expected of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use carrel_model::Verdict;

use super::super::ImportReport;
use super::super::problem::Problem;
use super::super::source::{Source, read_text, relative_path};
use super::super::yaml::{self, YAML_BYTES_MAX};
use super::expectation::{self, FILE, Rule};
use super::metadata::{Format, Metadata};
use super::program::{detect, language_of_code, program_files};
use super::time_limit::ExpectedVerdict;

/// Most example submissions.
const SUBMISSIONS_MAX: usize = 2_000;

/// An example submission.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Example {
    /// Path below `submissions/`.
    pub(super) name: String,
    /// Its files by path in the work directory.
    pub(super) files: BTreeMap<PathBuf, PathBuf>,
    /// Our language id.
    pub(super) language: &'static str,
    /// Main file, where the package names one.
    pub(super) entry: Option<String>,
    pub(super) verdicts: Vec<Verdict>,
    /// Names of exactly the cases that fail.
    pub(super) failing: Option<Vec<String>>,
    pub(super) messages: Vec<String>,
    pub(super) score: Option<(f64, f64)>,
    pub(super) model_solution: bool,
    /// How it bounds the time limit, and over which cases.
    pub(super) bounds: Vec<(ExpectedVerdict, Vec<String>)>,
}

/// Reads every example submission.
pub(super) fn read(
    source: &Source,
    metadata: &Metadata,
    cases: &[String],
    report: &mut ImportReport,
    problems: &mut Vec<Problem>,
) -> Vec<Example> {
    let mut rules = expectation::default_rules(metadata.format);
    if source.file(FILE).is_some() {
        match source
            .text(FILE, YAML_BYTES_MAX)
            .and_then(|text| yaml::parse(Path::new(FILE), &text))
        {
            Ok(node) if metadata.format != Format::Legacy => {
                expectation::read(&node, &mut rules, problems)
            }
            Ok(_) => problems.push(Problem::of(FILE, "belongs to format 2025-09")),
            Err(problem) => problems.push(problem),
        }
    }
    let mut examples = Vec::new();
    let mut accepted = 0;
    for directory in source.children("submissions") {
        if !source.is_directory(&directory) {
            if !directory.ends_with("submissions.yaml") {
                report.leave(
                    directory.display().to_string(),
                    "stands outside the directories of `submissions/`",
                );
            }
            continue;
        }
        if metadata.format == Format::Legacy && directory.ends_with("slow_accepted") {
            report.leave(
                directory.display().to_string(),
                "is no directory of the format, and its reference tools do not judge it either",
            );
            continue;
        }
        for path in source.children(&directory) {
            let name = path
                .strip_prefix("submissions")
                .unwrap_or(&path)
                .display()
                .to_string();
            accepted += usize::from(name.starts_with("accepted/"));
            let matching: Vec<&Rule> = rules
                .iter()
                .filter(|rule| rule.submissions.matches(&name))
                .collect();
            if matching.is_empty() && metadata.format == Format::Legacy {
                problems.push(Problem::of(&directory, "is no directory of submissions that the legacy format knows").hint(
                    "known: accepted, partially_accepted, wrong_answer, time_limit_exceeded, run_time_error",
                ));
                break;
            }
            if examples.len() >= SUBMISSIONS_MAX {
                problems.push(Problem::of(
                    "submissions",
                    format!("holds more than {SUBMISSIONS_MAX} submissions"),
                ));
                return examples;
            }
            match read_one(source, (&path, &name), &matching, cases) {
                Ok(example) => examples.push(example),
                Err(reason) => report.leave(path.display().to_string(), reason),
            }
        }
    }
    if accepted == 0 {
        problems.push(
            Problem::of("submissions/accepted", "holds no submission")
                .hint("at least one accepted one is required"),
        );
    }
    note_coarse(&rules, &examples, report);
    examples
}

/// Names the submissions of which less is checked than the rules say.
fn note_coarse(rules: &[Rule], examples: &[Example], report: &mut ImportReport) {
    for example in examples {
        let partly = rules
            .iter()
            .any(|rule| rule.cases.is_some() && rule.submissions.matches(&example.name));
        if partly && example.failing.is_none() {
            report.note(
                format!("submissions/{}", example.name),
                "what is expected of single groups is checked on the whole only",
            );
        }
    }
}

fn read_one(
    source: &Source,
    (path, name): (&Path, &str),
    rules: &[&Rule],
    cases: &[String],
) -> Result<Example, String> {
    let files = program_files(source, path);
    if files.is_empty() {
        return Err("holds no files".to_owned());
    }
    let told = rules.iter().find_map(|rule| rule.language.as_deref());
    let language = match told {
        Some(code) => language_of_code(code)
            .ok_or_else(|| format!("no environment for the language `{code}`"))?,
        None => detect(files.keys())?,
    };
    if told.is_none()
        && language == "python"
        && files
            .iter()
            .any(|(file, real)| asks_for_python2(file, real))
    {
        return Err("no environment for Python 2".to_owned());
    }
    let entry = rules.iter().find_map(|rule| rule.entry.as_deref());
    let entry = match entry.map(relative_path) {
        Some(Some(entry)) if files.contains_key(&entry) => Some(entry.display().to_string()),
        Some(_) => return Err("its `entrypoint` is none of its files".to_owned()),
        None => default_entry(&files, language),
    };
    let expectation = expectation::expect(rules, cases);
    if expectation.verdicts.is_empty() {
        return Err("its rules exclude every verdict".to_owned());
    }
    let constrained = rules
        .iter()
        .any(|rule| rule.permitted.is_some() || rule.required.is_some());
    let partial = name.starts_with("partially_accepted/");
    if !constrained && !partial {
        return Err("nothing is expected of it".to_owned());
    }
    let in_rule = |rule: &Rule| {
        let matching = |case: &&String| rule.cases.as_ref().is_none_or(|glob| glob.matches(case));
        cases.iter().filter(matching).cloned().collect::<Vec<_>>()
    };
    let may_accept = expectation.verdicts.contains(&Verdict::Accepted);
    Ok(Example {
        name: name.to_owned(),
        language,
        entry,
        verdicts: expectation.verdicts,
        failing: expectation.failing,
        // The message is that of the validator to the judges; only a failing check has one.
        messages: rules
            .iter()
            .filter(|_| !may_accept)
            .filter_map(|rule| rule.message.clone())
            .filter(|text| !text.is_empty())
            .collect(),
        score: rules
            .iter()
            .rev()
            .filter(|rule| rule.cases.is_none())
            .find_map(|rule| rule.score),
        model_solution: rules.iter().any(|rule| rule.model_solution),
        bounds: rules
            .iter()
            .filter_map(|rule| Some((rule.bound()?, in_rule(rule))))
            .collect(),
        files,
    })
}

/// The file that the format takes as main file of a program of several files.
fn default_entry(files: &BTreeMap<PathBuf, PathBuf>, language: &str) -> Option<String> {
    if files.len() < 2 {
        return None;
    }
    let candidates: &[&str] = match language {
        "python" => &["__main__.py", "main.py"],
        "javascript" => &["main.js"],
        "php" => &["main.php"],
        "java" => &["Main.java"],
        "bash" => &["main.sh"],
        _ => &[],
    };
    candidates
        .iter()
        .find(|name| files.contains_key(Path::new(name)))
        .map(|&name| name.to_owned())
}

/// Legacy: the first line tells Python 2 from 3.
fn asks_for_python2(name: &Path, file: &Path) -> bool {
    const SOURCE_BYTES_MAX: u64 = 16 << 20;
    let text = read_text(name, file, SOURCE_BYTES_MAX).unwrap_or_default();
    text.lines()
        .next()
        .is_some_and(|line| line.starts_with("#!") && line.contains("python2"))
}
