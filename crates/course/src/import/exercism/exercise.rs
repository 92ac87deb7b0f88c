//! One exercise: its directory becomes one challenge.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use carrel_model::Verdict;

use super::super::problem::{Problem, refuse};
use super::super::source::{Source, read_text};
use super::super::target::{
    ChallengeTarget, CheckTarget, FilesTarget, HintTarget, StepTarget, SubmissionTarget,
    SubmissionsTarget, Target, id_of,
};
use super::super::{ImportOptions, ImportReport, Imported};
use super::TEXT_BYTES_MAX;
use super::config::{self, ExerciseConfig, ExerciseFiles};
use super::instructions::{Document, Task};
use super::language::{self, TrackLanguage};
use super::task::python_cases;
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
/// Exercises whose starter is a working program that is to be made better, so
/// that it passes the tests as it is (seen by running the tracks' stubs).
const REFACTORINGS: [&str; 2] = ["ledger", "markdown"];

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
    let target = Target::start(place, options.overwrite)?;
    let mut tests = Vec::new();
    for path in &files.test {
        tests.push(exercise.source.text(path, TEXT_BYTES_MAX)?);
    }
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
        ..ChallengeTarget::default()
    };
    if config
        .blurb
        .as_deref()
        .is_some_and(|blurb| blurb.starts_with("Refactor"))
    {
        if REFACTORINGS.contains(&exercise.slug) {
            challenge.starter_verdict = Some(Verdict::Accepted);
            write_empty_submission(&files, &target)?;
        }
        report.note(
            &challenge.id,
            "a refactoring task: the starter may pass as it is (`starter_verdict`)",
        );
    }
    let check = CheckTarget {
        id: "tests".to_owned(),
        kind: "unit",
        title: Some("Tests".to_owned()),
        framework: Some(language.framework_for(&tests)),
        expected: language.expected(&tests),
        command: language.command(&files.test),
        include_skipped: (language.framework != "tap").then_some(true),
        ..CheckTarget::default()
    };
    write_texts(exercise.source, &target, &mut challenge, (&check, &tests))?;
    target.write_toml("challenge.toml", HEADER, &challenge)?;
    note_rest(exercise.source, &files, &config, report);
    let directory = target.finish()?;
    report.imported.push(Imported {
        id: challenge.id,
        directory,
        timing: None,
    });
    Ok(())
}

/// An empty program: where the starter passes, it shows that the tests can fail.
fn write_empty_submission(files: &Files, target: &Target) -> Result<(), Problem> {
    let name = "wrong_answer/empty";
    for path in &files.solution {
        target.write(Path::new("submissions").join(name).join(path), "")?;
    }
    let submission = SubmissionTarget {
        name: name.to_owned(),
        verdicts: vec![
            Verdict::WrongAnswer,
            Verdict::RuntimeError,
            Verdict::CompileError,
        ],
        ..SubmissionTarget::default()
    };
    target.write_toml(
        "submissions.toml",
        HEADER,
        &SubmissionsTarget {
            submissions: vec![submission],
        },
    )
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
        copy(example.unwrap_or(path), Path::new("solution").join(path))?;
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

/// Writes instructions and hints, and puts the checks on the steps.
fn write_texts(
    source: &Source,
    target: &Target,
    challenge: &mut ChallengeTarget,
    (check, tests): (&CheckTarget, &[String]),
) -> Result<(), Problem> {
    let read = |name: &str| match source.file(name) {
        Some(_) => source
            .text(name, TEXT_BYTES_MAX)
            .map(|text| Document::parse(&text)),
        None => Ok(Document::default()),
    };
    let mut before = Vec::new();
    for name in [".docs/introduction.md", ".docs/introduction.append.md"] {
        before.push(read(name)?.whole());
    }
    let instructions = read(".docs/instructions.md")?;
    let after = read(".docs/instructions.append.md")?.whole();
    let hints = read(".docs/hints.md")?;
    let cases = cases_by_task(check, tests, &instructions);
    if cases.is_empty() {
        before.extend([instructions.whole(), after]);
        before.retain(|text| !text.is_empty());
        target.write("instructions.md", format!("{}\n", before.join("\n\n")))?;
        challenge.hints = number_hints(hints.hints(&hints.whole()));
        challenge.checks.push(check.clone());
        return Ok(());
    }
    before.push(instructions.with_links(&instructions.preamble));
    before.retain(|text| !text.is_empty());
    for (index, task) in instructions.tasks.iter().enumerate() {
        let step = step_of(task);
        let mut text = if index == 0 {
            format!("{}\n\n", before.join("\n\n"))
        } else {
            String::new()
        };
        text.push_str(&instructions.with_links(&task.text));
        if index + 1 == instructions.tasks.len() && !after.is_empty() {
            text.push_str(&format!("\n\n{after}"));
        }
        let file = format!("steps/{:02}-{step}.md", task.number);
        target.write(&file, format!("{text}\n"))?;
        let general = if index == 0 {
            hints.hints(&hints.preamble)
        } else {
            Vec::new()
        };
        let own = hints.tasks.iter().filter(|hint| hint.number == task.number);
        let all = general
            .into_iter()
            .chain(own.flat_map(|hint| hints.hints(&hint.text)))
            .collect();
        challenge.steps.push(StepTarget {
            id: step.clone(),
            title: task.title.clone(),
            instructions: file,
            hints: number_hints(all),
        });
        for case in cases.get(&task.number).into_iter().flatten() {
            challenge.checks.push(CheckTarget {
                id: format!("{step}/{}", id_of(case.rsplit('.').next().unwrap_or(case))),
                step: Some(step.clone()),
                title: Some(case.rsplit('.').next().unwrap_or(case).replace('_', " ")),
                test: Some(case.clone()),
                expected: None,
                ..check.clone()
            });
        }
    }
    Ok(())
}

fn step_of(task: &Task) -> String {
    format!("task-{}", task.number)
}

/// The test cases of each task; empty where the suite does not mark every case
/// with a task that the instructions have, or where two cases have one name.
fn cases_by_task(
    check: &CheckTarget,
    tests: &[String],
    instructions: &Document,
) -> BTreeMap<u64, Vec<String>> {
    let mut by_task: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    if check.framework != Some("pytest") || instructions.tasks.is_empty() {
        return by_task;
    }
    let mut names = BTreeSet::new();
    for case in tests.iter().flat_map(|text| python_cases(text)) {
        let name = format!("{}.{}", case.class, case.method);
        let known = case
            .task
            .filter(|number| instructions.tasks.iter().any(|task| task.number == *number));
        match known {
            Some(number) if names.insert(id_of(&case.method)) => {
                by_task.entry(number).or_default().push(name)
            }
            _ => return BTreeMap::new(),
        }
    }
    by_task
}

fn number_hints(texts: Vec<String>) -> Vec<HintTarget> {
    texts
        .into_iter()
        .zip(1..)
        .map(|(text, after_failures)| HintTarget {
            text,
            after_failures,
        })
        .collect()
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

/// Names everything that has no place in a challenge.
fn note_rest(source: &Source, files: &Files, config: &ExerciseConfig, report: &mut ImportReport) {
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
}
