//! The starter, the reference solution and the declared submissions.

use std::path::Path;

use super::{HEADER, copy_source, included};
use crate::import::ImportReport;
use crate::import::kattis::Package;
use crate::import::kattis::program::{code_of_language, main_file};
use crate::import::kattis::submission::Example;
use crate::import::problem::Problem;
use crate::import::target::{SubmissionTarget, SubmissionsTarget, Target};

/// Name below our `submissions/`.
pub(super) fn placed_name(example: &Example) -> String {
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

pub(super) fn write_submissions(
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
