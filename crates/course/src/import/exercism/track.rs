//! A whole track: `config.json` and `exercises/{concept,practice}/<slug>/`.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;

use super::super::problem::Problem;
use super::super::source::Source;
use super::super::target::id_of;
use super::super::{ImportOptions, ImportReport};
use super::config::{self, TrackConfig, TrackExercise};
use super::exercise::{self, Exercise};
use super::language;
use crate::problem::Problems;

/// `course.toml` of an imported track.
#[derive(Debug, Serialize)]
struct CourseTarget {
    id: String,
    title: String,
    units: Vec<UnitTarget>,
}

/// `[[units]]`.
#[derive(Debug, Serialize)]
struct UnitTarget {
    id: &'static str,
    title: &'static str,
    challenges: Vec<String>,
}

/// Imports every exercise of a track that is not deprecated, and writes `course.toml`.
pub(super) fn import(
    source: &Source,
    destination: &Path,
    options: ImportOptions,
) -> Result<ImportReport, Problems> {
    let config: TrackConfig = config::read(source, "config.json")?;
    config.check()?;
    let mut report = ImportReport::default();
    let Some(language) = language::find(&config.slug) else {
        let reason = format!(
            "no runner for the track `{}`; there is one for {}",
            config.slug,
            language::slugs()
        );
        report.leave("exercises", reason);
        return Ok(report);
    };
    let course_file = destination.join("course.toml");
    if course_file.exists() && !options.overwrite {
        return Err(Problem::of(course_file, "exists already")
            .hint("choose another destination, or replace it with `--overwrite`")
            .into());
    }
    let mut units = Vec::new();
    let mut taken = BTreeSet::new();
    let kinds = [
        ("concept", "Concept exercises", &config.exercises.concept),
        ("practice", "Practice exercises", &config.exercises.practice),
    ];
    for (kind, title, exercises) in kinds {
        let mut challenges = Vec::new();
        for listed in exercises {
            let prefix = format!("exercises/{kind}/{}", listed.slug);
            if let Some(reason) = left_out(listed) {
                report.leave(prefix, reason);
                continue;
            }
            // The same slug may stand in both kinds; ids are unique in a course.
            let name = if taken.insert(listed.slug.clone()) {
                listed.slug.clone()
            } else {
                format!("{}-{kind}", listed.slug)
            };
            let one = Listed {
                prefix: &prefix,
                exercise: listed,
                language,
            };
            match import_one(source, &one, &destination.join(&name), options) {
                Ok(one) => {
                    report.absorb(&prefix, one);
                    challenges.push(name);
                }
                Err(problems) => report.leave(prefix, problems.to_string()),
            }
        }
        note_unlisted(source, kind, exercises, &mut report);
        if !challenges.is_empty() {
            units.push(UnitTarget {
                id: kind,
                title,
                challenges,
            });
        }
    }
    note_rest(source, &mut report);
    let course = CourseTarget {
        id: id_of(&config.slug),
        title: config.language,
        units,
    };
    write_course(&course_file, &course)?;
    Ok(report)
}

fn left_out(listed: &TrackExercise) -> Option<&'static str> {
    match listed.status.as_deref() {
        Some("deprecated") => Some("deprecated by its track"),
        Some("wip") => Some("unfinished: its track marks it as work in progress"),
        _ => None,
    }
}

/// One exercise of a track.
struct Listed<'t> {
    prefix: &'t str,
    exercise: &'t TrackExercise,
    language: &'static language::TrackLanguage,
}

fn import_one(
    source: &Source,
    listed: &Listed<'_>,
    place: &Path,
    options: ImportOptions,
) -> Result<ImportReport, Problems> {
    if !source.is_directory(listed.prefix) {
        return Err(Problem::of(
            listed.prefix,
            "is listed in `config.json` and does not exist",
        )
        .into());
    }
    let directory = Source::open(&source.root().join(listed.prefix))?;
    let exercise = Exercise {
        source: &directory,
        slug: &listed.exercise.slug,
        title: Some(&listed.exercise.name),
        language: Some(listed.language),
    };
    let mut report = ImportReport::default();
    exercise::import(&exercise, place, options, &mut report)?;
    Ok(report)
}

fn note_unlisted(source: &Source, kind: &str, listed: &[TrackExercise], report: &mut ImportReport) {
    for path in source.children(format!("exercises/{kind}")) {
        let known = listed.iter().any(|exercise| path.ends_with(&exercise.slug));
        if !known && source.is_directory(&path) {
            report.leave(path.display().to_string(), "not listed in `config.json`");
        }
    }
}

fn note_rest(source: &Source, report: &mut ImportReport) {
    for path in source.children("") {
        if !path.ends_with("exercises") && !path.ends_with("config.json") {
            report.leave(
                path.display().to_string(),
                "belongs to the track, not to an exercise",
            );
        }
    }
}

fn write_course(file: &Path, course: &CourseTarget) -> Result<(), Problem> {
    let failed = |error: std::io::Error| Problem::of(file, format!("cannot be written: {error}"));
    let text = toml::to_string_pretty(course)
        .map_err(|error| Problem::of(file, format!("cannot be put into TOML: {error}")))?;
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    std::fs::write(file, text).map_err(failed)
}
