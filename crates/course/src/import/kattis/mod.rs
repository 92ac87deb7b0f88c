//! Kattis problem packages: 2025-09 and its drafts, legacy and legacy-icpc
//! (<https://www.kattis.com/problem-package-format/spec/2025-09>).

mod data;
mod directory;
mod expectation;
mod flags;
mod glob;
mod grading;
mod metadata;
mod program;
mod statement;
mod submission;
mod time_limit;
mod writing;

use std::collections::BTreeMap;
use std::path::Path;

use super::problem::{Problem, refuse};
use super::source::Source;
use super::target::Target;
use super::yaml::{self, YAML_BYTES_MAX};
use super::{ImportOptions, ImportReport, Imported};
use crate::problem::Problems;
use data::TestData;
use grading::Grading;
use metadata::{Format, Metadata};
use program::ValidatorProgram;
use submission::Example;
pub use time_limit::{
    ExpectedVerdict, PROVISIONAL_CPU_MS, TimeBound, TimeLimitError, Timing, derive_time_limit,
    set_time_limit,
};

/// A package that was read and found right.
#[derive(Debug)]
struct Package {
    source: Source,
    metadata: Metadata,
    data: TestData,
    grading: Grading,
    validator: Option<ValidatorProgram>,
    examples: Vec<Example>,
}

/// Imports a package; see [`super::kattis`].
pub(super) fn import(
    directory: &Path,
    destination: &Path,
    options: ImportOptions,
) -> Result<ImportReport, Problems> {
    let mut source = Source::open(directory)?;
    let mut report = ImportReport::default();
    ignore_auxiliary(&mut source, &mut report);
    let mut problems = Vec::new();
    let text = source.text(metadata::FILE, YAML_BYTES_MAX)?;
    let node = yaml::parse(Path::new(metadata::FILE), &text)?;
    let metadata = metadata::read(&node, options.incomplete, &mut problems);
    if metadata.submit_answer && problems.is_empty() {
        report.leave(
            "problem.yaml: type",
            "`submit-answer`: a submission that is no program cannot be judged",
        );
        return Ok(report);
    }
    statement::check(&source, &metadata, options.incomplete, &mut problems);
    check_parts(&source, options.incomplete, &mut problems);
    let validator = program::find_validator(&source, &metadata, &mut problems);
    let data = data::read(&source, metadata.format, &mut report, &mut problems);
    check_cases(&data, &metadata, options.incomplete, &mut problems);
    let custom_score = validator.is_some()
        && metadata.scoring
        && (metadata.legacy_validation.score || metadata.format != Format::Legacy);
    let grading = grading::plan(&metadata, &data, custom_score, &mut problems);
    let cases: Vec<String> = data.cases.iter().map(|case| case.name.clone()).collect();
    let examples = submission::read(&source, &metadata, &cases, &mut report, &mut problems);
    let package = Package {
        source,
        metadata,
        data,
        grading,
        validator,
        examples,
    };
    writing::check_comparators(&package, &mut problems);
    refuse(problems)?;
    if !package.grading.unsupported.is_empty() {
        report.not_carried.clear();
        report.notes.clear();
        for (what, reason) in package.grading.unsupported {
            report.leave(what, reason);
        }
        return Ok(report);
    }
    if package.examples.is_empty() {
        report.leave(
            "submissions",
            "none is in a language that there is an environment for",
        );
        return Ok(report);
    }
    let target = Target::start(destination, options.overwrite)?;
    let (id, timing) = writing::write(&package, &target, &mut report)?;
    note_rest(&package, &mut report);
    let directory = target.finish()?;
    report.imported.push(Imported {
        id,
        directory,
        timing,
    });
    Ok(report)
}

/// Removes what the format says to treat as not there: names that begin with a
/// dash or period, or have other characters than letters, digits, `.`, `_`, `-`.
fn ignore_auxiliary(source: &mut Source, report: &mut ImportReport) {
    let plain = |name: &str| {
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        name.len() <= 255 && !name.starts_with(['.', '-']) && name.chars().all(allowed)
    };
    let keep = |path: &Path| path.iter().all(|part| part.to_str().is_some_and(plain));
    for path in source.files().keys().filter(|path| !keep(path)) {
        let hidden = path
            .iter()
            .any(|part| part.to_string_lossy().starts_with('.'));
        if !hidden {
            report.leave(
                path.display().to_string(),
                "its name has characters that the format ignores",
            );
        }
    }
    source.retain(keep);
}

/// What a package must have and judging does not use.
fn check_parts(source: &Source, incomplete: bool, problems: &mut Vec<Problem>) {
    let validators = ["input_validators", "input_format_validators"];
    if !incomplete
        && !validators
            .iter()
            .any(|name| !source.children(name).is_empty())
    {
        problems.push(
            Problem::of("input_validators", "holds no input validator")
                .hint("add one, or import the package as incomplete"),
        );
    }
}

fn check_cases(
    data: &TestData,
    metadata: &Metadata,
    incomplete: bool,
    problems: &mut Vec<Problem>,
) {
    let secret = data
        .cases
        .iter()
        .any(|case| case.name.starts_with("secret/"));
    if data.cases.is_empty() || (!secret && !incomplete) {
        problems.push(Problem::of("data/secret", "holds no test case").hint(
            "run the package's generators first; with sample data it can be imported as incomplete",
        ));
    }
    let asks = data
        .directories
        .values()
        .any(|config| config.static_validation.is_some());
    if asks && metadata.submit_answer {
        problems.push(Problem::of(
            "data",
            "asks for static validation, which `submit-answer` excludes",
        ));
    }
}

/// Replaces `{{name}}` by the constant of that name; others are left as they are.
fn replace_constants(text: &str, constants: &BTreeMap<String, String>) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        replaced.push_str(before);
        match after
            .split_once("}}")
            .and_then(|(name, end)| Some((constants.get(name)?, end)))
        {
            Some((value, end)) => {
                replaced.push_str(value);
                rest = end;
            }
            None => {
                replaced.push_str("{{");
                rest = after;
            }
        }
    }
    replaced + rest
}

/// Names every part of the package that has no place in a challenge.
fn note_rest(package: &Package, report: &mut ImportReport) {
    let source = &package.source;
    let parts = [
        ("input_validators", "tests the data, not submissions"),
        ("input_format_validators", "tests the data, not submissions"),
        ("answer_validators", "tests the data, not submissions"),
        (
            "static_validator",
            "there is no counterpart; rules on the source are `static` checks",
        ),
        ("generators", "made the data, which is carried"),
        ("solution", "is written for authors"),
        ("input_visualizer", "draws pictures of the data"),
        ("output_visualizer", "draws pictures of outputs"),
        ("graders", "is used by legacy custom grading only"),
        (
            "attachments",
            "files for download have no place in a challenge",
        ),
    ];
    for path in source.children("") {
        let name = path.display().to_string();
        match parts.iter().find(|(part, _)| *part == name) {
            Some((_, reason)) => report.leave(name, *reason),
            None => {
                let used = [
                    "problem.yaml",
                    "data",
                    "submissions",
                    "statement",
                    "problem_statement",
                    "output_validator",
                    "output_validators",
                    "include",
                ];
                if !used.contains(&name.as_str()) {
                    report.leave(name, "is no part of the format");
                }
            }
        }
    }
    if package.validator.is_none() && source.is_directory("output_validators") {
        report.leave(
            "output_validators",
            "is not used: `validation` is `default`",
        );
    }
    for name in &package.metadata.left {
        report.leave(
            format!("problem.yaml: {name}"),
            "has no place in a challenge",
        );
    }
    for name in &package.metadata.limits.left {
        report.leave(
            format!("problem.yaml: limits.{name}"),
            "the default of the language holds",
        );
    }
    for config in package.data.directories.values() {
        if config.static_validation.is_some() {
            report.leave(
                format!("{}: static_validation_score", config.path.display()),
                "static validators have no counterpart: its points cannot be reached",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_replaced_and_others_left() {
        let constants = BTreeMap::from([
            ("k".to_owned(), "5".to_owned()),
            ("k.tex".to_owned(), "5,0".to_owned()),
        ]);
        assert_eq!(
            replace_constants("{{k}} {{k.tex}} {{no}} {{ {{k}}", &constants),
            "5 5,0 {{no}} {{ 5"
        );
    }
}
