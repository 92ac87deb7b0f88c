//! The challenge that a package becomes.

mod checks;
mod programs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::ImportReport;
use super::super::problem::Problem;
use super::super::source::read_text;
use super::super::target::{ChallengeTarget, FilesTarget, Target, id_of};
use super::Package;
use super::data::Case;
use super::metadata::Format;
use super::program::{code_of_language, main_file};
use super::submission::Example;
use super::time_limit::{PROVISIONAL_CPU_MS, TimeBound, Timing, run_limits};
use super::{replace_constants, statement};

pub(in crate::import::kattis) use checks::check_comparators;

const HEADER: &str = "# Imported from a Kattis problem package.\n";
/// Largest program file in which constants are replaced, bytes.
const SOURCE_BYTES_MAX: u64 = 16 << 20;
/// What the format calls the typical defaults of a system, MiB and seconds.
const MEMORY_MIB: u64 = 2_048;
const OUTPUT_MIB: u64 = 8;
const VALIDATION_SECONDS: u64 = 60;
/// Languages in the order of preference for the reference solution.
const PREFERRED: [&str; 5] = ["python", "cpp", "c", "java", "javascript"];

/// Writes everything; the id of the challenge, and how its time limit is to be found.
pub(super) fn write(
    package: &Package,
    target: &Target,
    report: &mut ImportReport,
) -> Result<(String, Option<Timing>), Problem> {
    let metadata = &package.metadata;
    let solution = reference(package);
    let language = solution.map_or(package.examples[0].language, |example| example.language);
    let limits = &metadata.limits;
    let (cpu_ms, wall_ms) = match limits.time_limit {
        Some(seconds) => run_limits(seconds),
        None => (PROVISIONAL_CPU_MS, PROVISIONAL_CPU_MS * 2),
    };
    let mut challenge = ChallengeTarget {
        id: id_of(&package.source.name()),
        title: statement::title(&package.source, metadata),
        language: language.to_owned(),
        files: FilesTarget {
            editable: editable(package, language),
            entry: solution.and_then(|example| example.entry.clone()),
        },
        limits: BTreeMap::from([
            ("cpu_ms", cpu_ms),
            ("wall_ms", wall_ms),
            (
                "memory_bytes",
                mebibytes(limits.memory.unwrap_or(MEMORY_MIB), (1 << 20, 64 << 30)),
            ),
            (
                "output_bytes",
                mebibytes(limits.output.unwrap_or(OUTPUT_MIB), (1, 256 << 20)),
            ),
            // The format has no limit of its own for the stack: that of the memory holds.
            (
                "stack_bytes",
                mebibytes(limits.memory.unwrap_or(MEMORY_MIB), (64 << 10, 8 << 30)),
            ),
        ]),
        ..ChallengeTarget::default()
    };
    write_data(package, target)?;
    write_validator(package, target)?;
    write_include(package, language, target, report)?;
    challenge.groups = package.grading.groups.clone();
    for group in &mut challenge.groups {
        group.checks = package
            .data
            .cases_of(&group.name)
            .map(|case| case.name.clone())
            .collect();
    }
    challenge.checks = checks::write_checks(package, language);
    write_texts(package, target, report)?;
    programs::write_submissions(package, (solution, language), target, report)?;
    target.write_toml("challenge.toml", HEADER, &challenge)?;
    let timing = limits
        .time_limit
        .is_none()
        .then(|| timing_of(package, solution));
    Ok((challenge.id, timing))
}

/// What may be sent. A package leaves the names of the files to whoever
/// submits; but where it includes files of its own, which nobody may send,
/// only the names that its examples have are left.
fn editable(package: &Package, language: &str) -> Vec<String> {
    let included = included(package, language);
    if included.is_empty() {
        return vec!["**".to_owned()];
    }
    let mut names: BTreeSet<String> = BTreeSet::from([main_file(language)]);
    let files = package
        .examples
        .iter()
        .flat_map(|example| example.files.keys());
    names.extend(
        files
            .filter(|path| !included.contains_key(*path))
            .map(|path| path.display().to_string()),
    );
    names.into_iter().collect()
}

/// The included files for the main language: its own over those for all languages.
fn included(package: &Package, language: &str) -> BTreeMap<PathBuf, PathBuf> {
    let mut files = package.source.under("include/default");
    files.extend(
        package
            .source
            .under(Path::new("include").join(code_of_language(language))),
    );
    files
}

fn mebibytes(mebibytes: u64, (least, most): (u64, u64)) -> u64 {
    mebibytes.saturating_mul(1 << 20).clamp(least, most)
}

/// The accepted submission that becomes the reference solution.
fn reference(package: &Package) -> Option<&Example> {
    let accepted = |example: &&Example| {
        example.name.starts_with("accepted/")
            && example.verdicts == [carrel_model::Verdict::Accepted]
    };
    let rank = |example: &&Example| {
        let preferred = PREFERRED
            .iter()
            .position(|language| *language == example.language);
        (
            !example.model_solution,
            preferred.unwrap_or(PREFERRED.len()),
            example.files.len(),
        )
    };
    package.examples.iter().filter(accepted).min_by_key(rank)
}

fn timing_of(package: &Package, solution: Option<&Example>) -> Timing {
    let limits = &package.metadata.limits;
    let legacy = package.metadata.format == Format::Legacy;
    let mut bounds = Vec::new();
    for example in &package.examples {
        let submission = match solution {
            Some(solution) if solution.name == example.name => "solution".to_owned(),
            _ => programs::placed_name(example),
        };
        for (verdict, cases) in &example.bounds {
            bounds.push(TimeBound {
                submission: submission.clone(),
                verdict: *verdict,
                checks: cases.clone(),
            });
        }
    }
    bounds.dedup();
    Timing {
        ac_to_time_limit: limits
            .ac_to_time_limit
            .unwrap_or(if legacy { 5.0 } else { 2.0 }),
        time_limit_to_tle: limits
            .time_limit_to_tle
            .unwrap_or(if legacy { 2.0 } else { 1.5 }),
        resolution: limits.time_resolution.unwrap_or(1.0),
        bounds,
    }
}

fn write_data(package: &Package, target: &Target) -> Result<(), Problem> {
    let copy = |path: String| match package.source.file(&path) {
        Some(real) => target.copy(real, &path),
        None => Err(Problem::of(path, "is missing")),
    };
    for case in &package.data.cases {
        copy(format!("data/{}.in", case.name))?;
        copy(format!("data/{}.ans", case.name))?;
        for (path, real) in &case.files {
            target.copy(
                real,
                Path::new("data")
                    .join(format!("{}.files", case.name))
                    .join(path),
            )?;
        }
    }
    Ok(())
}

/// Copies a program's file, constants replaced where the package has any.
fn copy_source(
    package: &Package,
    name: &Path,
    real: &Path,
    target: &Target,
    to: &Path,
) -> Result<(), Problem> {
    let constants = &package.metadata.constants;
    match read_text(name, real, SOURCE_BYTES_MAX) {
        Ok(text) if !constants.is_empty() && text.contains("{{") => {
            // Copied first, so that an executable script stays one.
            target.copy(real, to)?;
            target.write(to, replace_constants(&text, constants))
        }
        _ => target.copy(real, to),
    }
}

fn write_validator(package: &Package, target: &Target) -> Result<(), Problem> {
    for (path, real) in package
        .validator
        .iter()
        .flat_map(|validator| &validator.files)
    {
        copy_source(
            package,
            path,
            real,
            target,
            &Path::new("validator").join(path),
        )?;
    }
    Ok(())
}

/// `include/default` and `include/<language>` of the main language are supplied.
fn write_include(
    package: &Package,
    language: &str,
    target: &Target,
    report: &mut ImportReport,
) -> Result<(), Problem> {
    let code = code_of_language(language);
    for directory in package.source.children("include") {
        let name = directory
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name != "default" && name != code {
            report.leave(
                directory.display().to_string(),
                format!("files for another language than the challenge's, {language}"),
            );
        }
    }
    for (path, real) in included(package, language) {
        copy_source(
            package,
            &path,
            &real,
            target,
            &Path::new("supplied").join(&path),
        )?;
    }
    Ok(())
}

fn write_texts(
    package: &Package,
    target: &Target,
    report: &mut ImportReport,
) -> Result<(), Problem> {
    let samples: Vec<&Case> = package
        .data
        .cases
        .iter()
        .filter(|case| case.name.starts_with("sample/"))
        .collect();
    let text = statement::instructions(&package.source, &package.metadata, &samples, report)?;
    target.write("instructions.md", text)?;
    let directory = statement::directory(package.metadata.format);
    for (path, real) in package.source.under(directory) {
        target.copy(&real, Path::new("statement").join(path))?;
    }
    let more = statement::find(&package.source, package.metadata.format).len();
    if more > 1 {
        report.note(
            directory,
            format!(
                "statements in {more} languages: one is the instructions, all are in `statement/`"
            ),
        );
    }
    Ok(())
}
