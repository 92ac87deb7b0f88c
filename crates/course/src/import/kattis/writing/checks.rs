//! The checks: one per test case.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{MEMORY_MIB, OUTPUT_MIB, VALIDATION_SECONDS, mebibytes};
use crate::import::kattis::Package;
use crate::import::kattis::data::Case;
use crate::import::kattis::flags::token_options;
use crate::import::kattis::metadata::{self, Format, PackageLimits};
use crate::import::kattis::program::ValidatorProgram;
use crate::import::problem::Problem;
use crate::import::target::{CheckTarget, CommandTarget, FilesOfCheck, ProgramTarget};

/// Checks the arguments of the default output validator of every case.
pub(in crate::import::kattis) fn check_comparators(package: &Package, problems: &mut Vec<Problem>) {
    if package.validator.is_some() {
        return;
    }
    let mut seen = BTreeSet::new();
    for case in &package.data.cases {
        let (arguments, path, line) = arguments_of(package, case);
        if seen.insert((path.clone(), line))
            && let Err(problem) = token_options(&arguments, (&path, line))
        {
            problems.push(problem);
        }
    }
}

/// Arguments of the output validator for a case, and where they stand.
fn arguments_of(package: &Package, case: &Case) -> (Vec<String>, PathBuf, u64) {
    let (flags, line) = &package.metadata.validator_flags;
    if case.validator_arguments.is_empty() && !flags.is_empty() {
        return (flags.clone(), PathBuf::from(metadata::FILE), *line);
    }
    let (path, line) = &case.validator_arguments_place;
    (case.validator_arguments.clone(), path.clone(), *line)
}

/// One check per test case; its id is the name of the case.
pub(super) fn write_checks(package: &Package, language: &str) -> Vec<CheckTarget> {
    let mut checks = Vec::new();
    for case in &package.data.cases {
        let (arguments, path, line) = arguments_of(package, case);
        let sample = case.name.starts_with("sample/");
        let files: BTreeMap<String, String> = case
            .files
            .keys()
            .map(|path| {
                (
                    path.display().to_string(),
                    format!("data/{}.files/{}", case.name, path.display()),
                )
            })
            .collect();
        let mut check = CheckTarget {
            id: case.name.clone(),
            kind: "io",
            help: case.hint.clone(),
            points: package.grading.points.get(&case.name).copied(),
            visibility: Some(if sample || case.full_feedback {
                "always"
            } else {
                "never"
            }),
            input: Some(format!("data/{}.in", case.name)),
            answer: Some(format!("data/{}.ans", case.name)),
            arguments: (!case.arguments.is_empty()).then(|| case.arguments.clone()),
            files: (!files.is_empty()).then_some(FilesOfCheck::Mapped(files)),
            ..CheckTarget::default()
        };
        match &package.validator {
            Some(validator) => put_validator(package, validator, (&mut check, arguments), language),
            None => {
                // Checked before: `check_comparators` refused what cannot be read.
                let options = token_options(&arguments, (&path, line)).unwrap_or_default();
                check.comparator = Some("tokens");
                check.case_sensitive = Some(options.case_sensitive);
                check.space_change_sensitive = options.space_change_sensitive.then_some(true);
                check.relative_tolerance = options.relative_tolerance;
                check.absolute_tolerance = options.absolute_tolerance;
            }
        }
        checks.push(check);
    }
    checks
}

fn validator_limits(limits: &PackageLimits) -> BTreeMap<&'static str, u64> {
    let seconds = limits.validation_time.unwrap_or(VALIDATION_SECONDS);
    let cpu_ms = seconds.saturating_mul(1_000).min(600_000);
    let memory = limits.validation_memory.unwrap_or(MEMORY_MIB);
    let output = limits.validation_output.unwrap_or(OUTPUT_MIB);
    BTreeMap::from([
        ("cpu_ms", cpu_ms),
        ("wall_ms", (cpu_ms * 2).min(1_200_000)),
        ("memory_bytes", mebibytes(memory, (1 << 20, 64 << 30))),
        ("output_bytes", mebibytes(output, (1, 256 << 20))),
    ])
}

fn put_validator(
    package: &Package,
    validator: &ValidatorProgram,
    (check, arguments): (&mut CheckTarget, Vec<String>),
    language: &str,
) {
    let metadata = &package.metadata;
    let limits = &metadata.limits;
    check.kind = if metadata.interactive {
        "interactive"
    } else {
        "validator"
    };
    let group = package.grading.groups.iter().find(|group| {
        package
            .data
            .cases_of(&group.name)
            .any(|case| case.name == check.id)
    });
    let scored =
        metadata.scoring && (metadata.legacy_validation.score || metadata.format != Format::Legacy);
    // The score of a sample is ignored: its group is worth nothing.
    check.scoring =
        (scored && group.is_some_and(|group| group.aggregation != "pass_fail")).then_some(true);
    check.passes_max = metadata
        .multi_pass
        .then(|| limits.validation_passes.unwrap_or(2));
    let environment = if validator.language == "javascript" {
        "node"
    } else {
        validator.language
    };
    let command = |words: &[&str]| CommandTarget {
        command: words.iter().map(|&word| word.to_owned()).collect(),
    };
    check.program = Some(ProgramTarget {
        path: "validator".to_owned(),
        language: validator.language.to_owned(),
        // Also said where it is the challenge's own: a submission in another language changes that one.
        environment: (validator.language != language
            || package
                .examples
                .iter()
                .any(|example| example.language != language))
        .then(|| environment.to_owned()),
        arguments,
        compile: validator.build.then(|| command(&["sh", "./build"])),
        run: validator.run.then(|| {
            command(if validator.build {
                &["./run"]
            } else {
                &["sh", "./run"]
            })
        }),
        limits: validator_limits(&metadata.limits),
    });
}
