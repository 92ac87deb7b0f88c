//! One exercise: its directory becomes one challenge.

mod notes;
mod solution;
mod starter;
mod texts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::problem::{Problem, refuse};
use super::super::source::Source;
use super::super::target::{ChallengeTarget, CheckTarget, FilesTarget, Target, id_of};
use super::super::{ImportOptions, ImportReport, Imported};
use super::TEXT_BYTES_MAX;
use super::config::{self, ExerciseConfig, ExerciseFiles};
use super::language::{self, TrackLanguage};
use crate::problem::Problems;

/// First line of a written `challenge.toml`.
const HEADER: &str = "# Imported from an Exercism exercise.\n";
/// Files of a language's own tool chain, which our environment stands in for.
const TOOL_FILES: [&str; 7] = [
    "babel.config.js",
    "eslint.config.mjs",
    "jest.config.js",
    "package.json",
    "pnpm-workspace.yaml",
    "pnpm-lock.yaml",
    "makefile",
];
/// How Python code gets at the frames of its callers.
const STACK_CALLS: [&str; 4] = [
    "inspect.stack(",
    "inspect.currentframe(",
    "sys._getframe(",
    "traceback.extract_stack(",
];
/// What Jest has and our runner of Jest-style tests has not.
const JEST_CALLS_MISSING: [&str; 2] = ["jest.mock(", "jest.useFakeTimers("];
/// Modules that a JavaScript program may not use beside its tests: they run other programs.
const JAVASCRIPT_MODULES_MISSING: [&str; 2] = ["worker_threads", "child_process"];
/// Limits of a run of a whole suite, milliseconds and bytes: the 20 seconds that
/// Exercism's own test runners have, as processor time; twice that by the wall
/// clock, so that a busy host is not the learner's fault.
const LIMITS: [(&str, u64); 3] = [
    ("cpu_ms", 20_000),
    ("wall_ms", 40_000),
    ("memory_bytes", 512 << 20),
];

/// What is imported.
#[derive(Debug)]
pub(super) struct Exercise<'e> {
    /// Its directory.
    pub(super) source: &'e Source,
    /// Its slug.
    pub(super) slug: &'e str,
    /// Its title, where the track tells it.
    pub(super) title: Option<&'e str>,
    /// Its track; told by the solution's extension where not known.
    pub(super) language: Option<&'static TrackLanguage>,
}

/// The files of an exercise by role, all known to exist.
struct Files {
    solution: Vec<PathBuf>,
    test: Vec<PathBuf>,
    example: Vec<PathBuf>,
    editor: Vec<PathBuf>,
    /// Beside the tests and named nowhere: data and helpers of the tests.
    support: Vec<PathBuf>,
}

/// Imports one exercise as the challenge `place`.
pub(super) fn import(
    exercise: &Exercise<'_>,
    place: &Path,
    options: ImportOptions,
    report: &mut ImportReport,
) -> Result<(), Problems> {
    let config: ExerciseConfig = config::read(exercise.source, ".meta/config.json")?;
    let files = resolve(exercise.source, &config.files)?;
    let told = || {
        files
            .solution
            .iter()
            .find_map(|path| language::find_by_file(path))
    };
    let Some(language) = exercise.language.or_else(told) else {
        let reason = format!(
            "no runner for its language; there is one for {}",
            language::slugs()
        );
        report.leave(exercise.slug, reason);
        return Ok(());
    };
    let mut tests = Vec::new();
    for path in &files.test {
        tests.push(exercise.source.text(path, TEXT_BYTES_MAX)?);
    }
    let closed = closed_module(exercise.source, language, &files.example)?;
    if let Some(reason) = cannot_run(language, &tests).or(closed) {
        report.leave(exercise.slug, reason);
        return Ok(());
    }
    let target = Target::start(place, options.overwrite)?;
    place_files(exercise, &files, &target, report)?;
    let mut challenge = ChallengeTarget {
        id: id_of(exercise.slug),
        title: exercise
            .title
            .map_or_else(|| title_of(exercise.slug), str::to_owned),
        language: language.language.to_owned(),
        files: FilesTarget {
            editable: files
                .solution
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            entry: None,
        },
        limits: BTreeMap::from(LIMITS),
        ..ChallengeTarget::default()
    };
    starter::settle(&config, &files, (&target, &mut challenge), report)?;
    let mut check = unit_check(language, &tests, &files);
    if looks_at_the_stack(exercise.source, language, &files)? {
        check.apart = Some(false);
        let reason = "the tests look at the call stack, so they run in the learner's process (`apart = false`)";
        report.note(&challenge.id, reason);
    }
    texts::write_texts(exercise.source, &target, &mut challenge, (&check, &tests))?;
    target.write_toml("challenge.toml", HEADER, &challenge)?;
    notes::note_rest(exercise.source, &files, &config, report);
    let directory = target.finish()?;
    report.imported.push(Imported {
        id: challenge.id,
        directory,
        timing: None,
    });
    Ok(())
}

/// The one check of the whole suite.
fn unit_check(language: &TrackLanguage, tests: &[String], files: &Files) -> CheckTarget {
    CheckTarget {
        id: "tests".to_owned(),
        kind: "unit",
        title: Some("Tests".to_owned()),
        framework: Some(language.framework_for(tests)),
        expected: language.expected(tests),
        command: language.command(&files.test),
        include_skipped: (language.framework != "tap").then_some(true),
        ..CheckTarget::default()
    }
}

/// What these tests use that our runner of them does not have.
fn cannot_run(language: &TrackLanguage, tests: &[String]) -> Option<String> {
    let call = JEST_CALLS_MISSING
        .iter()
        .find(|call| tests.iter().any(|test| test.contains(**call)))?;
    (language.language == "javascript")
        .then(|| format!("its tests use `{call}…)`, which our runner does not have"))
}

/// What the example solution needs that a program beside its tests may not do.
fn closed_module(
    source: &Source,
    language: &TrackLanguage,
    examples: &[PathBuf],
) -> Result<Option<String>, Problem> {
    if language.language != "javascript" {
        return Ok(None);
    }
    for path in examples {
        let text = source.text(path, TEXT_BYTES_MAX)?;
        let used = |module: &&&str| {
            text.contains(&format!("{module}'")) || text.contains(&format!("{module}\""))
        };
        if let Some(module) = JAVASCRIPT_MODULES_MISSING.iter().find(used) {
            return Ok(Some(format!(
                "its example solution uses `{module}`, which a program beside its tests may not"
            )));
        }
    }
    Ok(None)
}

/// Whether Python tests, or the files that they use, ask who called them: that
/// cannot be answered across two processes.
fn looks_at_the_stack(
    source: &Source,
    language: &TrackLanguage,
    files: &Files,
) -> Result<bool, Problem> {
    if language.language != "python" {
        return Ok(false);
    }
    let is_python = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "py");
    for path in files.test.iter().chain(&files.support).filter(is_python) {
        let text = source.text(path, TEXT_BYTES_MAX)?;
        if STACK_CALLS.iter().any(|call| text.contains(call)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn resolve(source: &Source, files: &ExerciseFiles) -> Result<Files, Problems> {
    let mut problems = Vec::new();
    let mut list = |list: &[String], role| {
        ExerciseFiles::resolve(list, source, role).unwrap_or_else(|more| {
            problems.extend(more);
            Vec::new()
        })
    };
    let solution = list(&files.solution, "solution");
    let test = list(&files.test, "test");
    let example = list(files.example(), "example");
    let editor = list(&files.editor, "editor");
    list(&files.invalidator, "invalidator");
    let config = Path::new(".meta/config.json");
    for (what, empty) in [
        ("solution", files.solution.is_empty()),
        ("test", files.test.is_empty()),
        ("example or exemplar", files.example().is_empty()),
    ] {
        if empty {
            problems.push(Problem::of(config, format!("names no {what} file")));
        }
    }
    let hidden = |path: &Path| {
        path.components()
            .any(|part| part.as_os_str().to_string_lossy().starts_with('.'))
    };
    let named = |path: &PathBuf| {
        [&solution, &test, &editor]
            .iter()
            .any(|list| list.contains(path))
    };
    let is_text = |path: &Path| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        TOOL_FILES.contains(&name.as_str())
            || name.starts_with("license")
            || name.starts_with("readme")
    };
    let support = source
        .files()
        .keys()
        .filter(|path| !hidden(path) && !named(path) && !is_text(path))
        .cloned();
    let support = support.collect();
    refuse(problems)?;
    Ok(Files {
        solution,
        test,
        example,
        editor,
        support,
    })
}

/// Copies every file to its place: stubs, example as solution, tests and what they need.
fn place_files(
    exercise: &Exercise<'_>,
    files: &Files,
    target: &Target,
    report: &mut ImportReport,
) -> Result<(), Problem> {
    let source = exercise.source;
    let copy = |path: &Path, to: PathBuf| match source.file(path) {
        Some(real) => target.copy(real, to),
        None => Err(Problem::of(path, "is missing")),
    };
    let pairs = pair_examples(&files.solution, &files.example);
    for path in &files.solution {
        copy(path, Path::new("start").join(path))?;
        let example = pairs
            .iter()
            .find(|(_, solution)| solution == path)
            .map(|(example, _)| example);
        if example.is_none() {
            report.note(
                path.display().to_string(),
                "has no example solution of its own: the starter's stands in",
            );
        }
        let example = example.unwrap_or(path);
        match solution::settle_imports(source, example, path)? {
            Some(text) => {
                target.write(Path::new("solution").join(path), &text)?;
                report.note(
                    example.display().to_string(),
                    "what it imports from `../` it imports from `./`, as it lies beside that now",
                );
            }
            None => copy(example, Path::new("solution").join(path))?,
        }
    }
    for path in files
        .example
        .iter()
        .filter(|path| !pairs.iter().any(|(example, _)| example == *path))
    {
        report.leave(path.display().to_string(), "no solution file stands for it");
    }
    for path in files.test.iter().chain(&files.support) {
        copy(path, Path::new("tests").join(path))?;
    }
    for path in &files.editor {
        copy(path, Path::new("supplied").join(path))?;
    }
    Ok(())
}

/// Which example is the solution of which stub: by extension, then in the order written.
fn pair_examples(solutions: &[PathBuf], examples: &[PathBuf]) -> Vec<(PathBuf, PathBuf)> {
    let mut pairs: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mut open: Vec<&PathBuf> = examples.iter().collect();
    let same = |example: &Path, solution: &Path, by_name: bool| {
        example.extension() == solution.extension()
            && (!by_name || example.file_name() == solution.file_name())
    };
    for by_name in [true, false] {
        for solution in solutions {
            if pairs.iter().any(|(_, paired)| paired == solution) {
                continue;
            }
            if let Some(index) = open
                .iter()
                .position(|example| same(example, solution, by_name))
            {
                pairs.push((open.remove(index).clone(), solution.clone()));
            }
        }
    }
    pairs
}

fn title_of(slug: &str) -> String {
    let words = slug.split(['-', '_']).map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(list: &[&str]) -> Vec<PathBuf> {
        list.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn examples_find_their_stub() {
        let pairs = pair_examples(
            &paths(&["leap.c", "leap.h"]),
            &paths(&[".meta/example.h", ".meta/example.c"]),
        );
        assert_eq!(
            pairs[0],
            (PathBuf::from(".meta/example.c"), PathBuf::from("leap.c"))
        );
        assert_eq!(pairs.len(), 2);
        let pairs = pair_examples(&paths(&["a.js", "b.js"]), &paths(&["m/b.js", "m/a.js"]));
        assert_eq!(pairs[0], (PathBuf::from("m/a.js"), PathBuf::from("a.js")));
        assert!(pair_examples(&paths(&["a.py"]), &paths(&["x.txt"])).is_empty());
    }

    #[test]
    fn a_title_is_made_of_a_slug() {
        assert_eq!(title_of("two-fer"), "Two Fer");
    }

    #[test]
    fn tests_that_need_what_the_runner_lacks_are_told_by_the_call() {
        let javascript = language::find("javascript").unwrap();
        let mocks = ["jest.mock('./grocer', () => ({}));".to_owned()];
        let reason = cannot_run(javascript, &mocks).unwrap();
        assert!(reason.contains("jest.mock("), "{reason}");
        assert_eq!(cannot_run(javascript, &["jest.fn();".to_owned()]), None);
        assert_eq!(cannot_run(language::find("lua").unwrap(), &mocks), None);
    }
}
