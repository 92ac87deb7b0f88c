//! What of an exercise has no place in a challenge.

use std::path::{Path, PathBuf};

use super::{Files, TOOL_FILES};
use crate::import::ImportReport;
use crate::import::exercism::TEXT_BYTES_MAX;
use crate::import::exercism::config::ExerciseConfig;
use crate::import::problem::Problem;
use crate::import::source::{Source, read_text};

/// Names everything that has no place in a challenge.
pub(super) fn note_rest(
    source: &Source,
    files: &Files,
    config: &ExerciseConfig,
    report: &mut ImportReport,
) {
    let used = [
        ".meta/config.json",
        ".docs/introduction.md",
        ".docs/introduction.append.md",
        ".docs/instructions.md",
        ".docs/instructions.append.md",
        ".docs/hints.md",
    ];
    let carried = |path: &PathBuf| {
        used.iter().any(|name| path == Path::new(name))
            || [
                &files.solution,
                &files.test,
                &files.example,
                &files.editor,
                &files.support,
            ]
            .iter()
            .any(|list| list.contains(path))
    };
    for path in source.files().keys().filter(|path| !carried(path)) {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        if path.ends_with(".meta/tests.toml") {
            note_left_out_cases(source, path, report);
        } else if TOOL_FILES.contains(&name.as_str()) {
            report.leave(
                path.display().to_string(),
                "configures the track's tool chain; the environment has its own",
            );
        } else if !path.starts_with(".approaches") && !path.starts_with(".articles") {
            report.leave(path.display().to_string(), "has no place in a challenge");
        }
    }
    for directory in [".approaches", ".articles"] {
        if source.is_directory(directory) {
            report.leave(
                directory,
                "is reading for after the exercise; a challenge has no place for it",
            );
        }
    }
    report.leave(
        ".meta/config.json",
        "authors, contributors, blurb and source have no place in a challenge",
    );
    if config.custom.is_some() {
        report.leave(
            ".meta/config.json: custom",
            "settings of the track's own test runner",
        );
    }
}

/// `tests.toml` lists the cases of the shared specification; those that the track leaves out are named.
fn note_left_out_cases(source: &Source, path: &Path, report: &mut ImportReport) {
    let table = source
        .file(path)
        .ok_or_else(|| Problem::of(path, "is missing"))
        .and_then(|real| {
            read_text(path, real, TEXT_BYTES_MAX)?
                .parse::<toml::Table>()
                .map_err(|error| Problem::of(path, format!("is not TOML: {}", error.message())))
        });
    match table {
        Ok(table) => {
            let left_out = |case: &toml::Value| {
                let excluded = case.get("include")?.as_bool() == Some(false);
                excluded.then(|| {
                    case.get("description")
                        .and_then(toml::Value::as_str)
                        .unwrap_or("")
                        .to_owned()
                })
            };
            let names: Vec<String> = table.values().filter_map(left_out).collect();
            if !names.is_empty() {
                report.note(
                    path.display().to_string(),
                    format!("left out by the track itself: {}", names.join("; ")),
                );
            }
        }
        Err(problem) => report.leave(path.display().to_string(), problem.message),
    }
}
