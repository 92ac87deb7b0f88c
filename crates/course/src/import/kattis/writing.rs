//! The challenge that a package becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::ImportReport;
use super::super::problem::Problem;
use super::super::source::read_text;
use super::super::target::{
    ChallengeTarget, CheckTarget, CommandTarget, FilesOfCheck, FilesTarget, ProgramTarget,
    SubmissionTarget, SubmissionsTarget, Target, id_of,
};
use super::Package;
use super::data::Case;
use super::flags::token_options;
use super::metadata::Format;
use super::program::{ValidatorProgram, code_of_language, main_file};
use super::submission::Example;
use super::time_limit::{PROVISIONAL_CPU_MS, TimeBound, Timing, run_limits};
use super::{replace_constants, statement};

const HEADER: &str = "# Imported from a Kattis problem package.\n";
/// Largest program file in which constants are replaced, bytes.
const SOURCE_BYTES_MAX: u64 = 16 << 20;
/// What the format calls the typical defaults of a system, MiB and seconds.
const MEMORY_MIB: u64 = 2_048;
const OUTPUT_MIB: u64 = 8;
const VALIDATION_SECONDS: u64 = 60;
/// Languages in the order of preference for the reference solution.
const PREFERRED: [&str; 5] = ["python", "cpp", "c", "java", "javascript"];

/// Checks the arguments of the default output validator of every case.
pub(super) fn check_comparators(package: &Package, problems: &mut Vec<Problem>) {
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
        return (flags.clone(), PathBuf::from(super::metadata::FILE), *line);
    }
    let (path, line) = &case.validator_arguments_place;
    (case.validator_arguments.clone(), path.clone(), *line)
}

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
    challenge.checks = write_checks(package, language);
    write_texts(package, target, report)?;
    write_submissions(package, (solution, language), target, report)?;
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
            _ => placed_name(example),
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

/// One check per test case; its id is the name of the case.
fn write_checks(package: &Package, language: &str) -> Vec<CheckTarget> {
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
    check.scoring = (scored
        && group.is_some_and(|group| group.aggregation != "pass_fail" && group.name != "sample"))
    .then_some(true);
    check.passes_max = metadata
        .multi_pass
        .then(|| limits.validation_passes.unwrap_or(2));
    let cpu_ms = limits
        .validation_time
        .unwrap_or(VALIDATION_SECONDS)
        .saturating_mul(1_000)
        .min(600_000);
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
        limits: BTreeMap::from([
            ("cpu_ms", cpu_ms),
            ("wall_ms", (cpu_ms * 2).min(1_200_000)),
            (
                "memory_bytes",
                mebibytes(
                    limits.validation_memory.unwrap_or(MEMORY_MIB),
                    (1 << 20, 64 << 30),
                ),
            ),
            (
                "output_bytes",
                mebibytes(
                    limits.validation_output.unwrap_or(OUTPUT_MIB),
                    (1, 256 << 20),
                ),
            ),
        ]),
    });
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

/// Name below our `submissions/`.
fn placed_name(example: &Example) -> String {
    let verdict = example.verdicts[0].name();
    let (directory, name) = example.name.split_once('/').unwrap_or(("", &example.name));
    let same = [
        ("run_time_error", "runtime_error"),
        ("time_limit_exceeded", "time_limit"),
    ];
    if directory == verdict || same.contains(&(directory, verdict)) {
        format!("{verdict}/{name}")
    } else {
        format!("{verdict}/{directory}-{name}")
    }
}

fn write_submissions(
    package: &Package,
    (solution, language): (Option<&Example>, &str),
    target: &Target,
    report: &mut ImportReport,
) -> Result<(), Problem> {
    let included = included(package, language);
    let copy_all = |example: &Example, place: &Path| {
        let own = example
            .files
            .iter()
            .filter(|(path, _)| !included.contains_key(*path));
        own.into_iter().try_for_each(|(path, real)| {
            copy_source(package, path, real, target, &place.join(path))
        })
    };
    write_starter(package, language, target, report)?;
    let mut table = SubmissionsTarget::default();
    for example in &package.examples {
        if solution.is_some_and(|solution| solution.name == example.name) {
            copy_all(example, Path::new("solution"))?;
            continue;
        }
        let name = placed_name(example);
        copy_all(example, &Path::new("submissions").join(&name))?;
        let partial = example.name.starts_with("partially_accepted/");
        table.submissions.push(SubmissionTarget {
            name,
            verdicts: example.verdicts.clone(),
            language: (example.language != language).then(|| example.language.to_owned()),
            entry: example.entry.clone(),
            failing: example.failing.clone(),
            messages: example.messages.clone(),
            score: match (example.score, package.grading.points_max) {
                (Some((least, most)), _) => Some([least, most]),
                // Legacy: accepted with less than the most points.
                (None, Some(most)) if partial && most > 0.0 => Some([0.0, most.next_down()]),
                _ => None,
            },
        });
    }
    if table.submissions.is_empty() {
        return Ok(());
    }
    target.write_toml("submissions.toml", HEADER, &table)
}

/// The code template of the main language, else an empty file.
fn write_starter(
    package: &Package,
    language: &str,
    target: &Target,
    report: &mut ImportReport,
) -> Result<(), Problem> {
    for name in [code_of_language(language), "default"] {
        let files = package
            .source
            .under(Path::new("attachments/templates").join(name));
        for (path, real) in &files {
            target.copy(real, Path::new("start").join(path))?;
        }
        if !files.is_empty() {
            return Ok(());
        }
    }
    let file = main_file(language);
    report.note(
        "start",
        format!(
            "the package has no code template for {language}: the starter is an empty `{file}`"
        ),
    );
    target.write(Path::new("start").join(file), "")
}
