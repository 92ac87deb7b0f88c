//! `config.json` of a track and `.meta/config.json` of an exercise.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::problem::Problem;
use super::super::source::{Source, relative_path};
use super::TEXT_BYTES_MAX;

/// Most files that one list of a configuration may name.
const FILES_MAX: usize = 1_000;
/// Most exercises of a track.
const EXERCISES_MAX: usize = 5_000;

/// `config.json` of a track, as far as it is used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct TrackConfig {
    /// Name of the language as people write it.
    pub(super) language: String,
    /// Id of the track.
    pub(super) slug: String,
    /// Exercises by kind.
    pub(super) exercises: TrackExercises,
}

/// Exercises of a track by kind.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct TrackExercises {
    /// Concept exercises.
    #[serde(default)]
    pub(super) concept: Vec<TrackExercise>,
    /// Practice exercises.
    #[serde(default)]
    pub(super) practice: Vec<TrackExercise>,
}

/// One exercise as the track lists it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct TrackExercise {
    /// Name of its directory.
    pub(super) slug: String,
    /// Title.
    pub(super) name: String,
    /// `wip`, `beta`, `active` or `deprecated`; active where not said.
    pub(super) status: Option<String>,
}

/// `.meta/config.json` of an exercise, as far as it is used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct ExerciseConfig {
    /// Its files by role.
    pub(super) files: ExerciseFiles,
    /// One sentence that tells what it is about.
    pub(super) blurb: Option<String>,
    /// Settings of the track's own, such as flags for its test runner.
    pub(super) custom: Option<serde_json::Value>,
}

/// Files of an exercise by role, relative to its directory.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct ExerciseFiles {
    /// The stub that the learner edits.
    pub(super) solution: Vec<String>,
    /// Tests.
    pub(super) test: Vec<String>,
    /// Example solution of a practice exercise.
    pub(super) example: Vec<String>,
    /// Example solution of a concept exercise.
    pub(super) exemplar: Vec<String>,
    /// Read-only files shown in the editor.
    pub(super) editor: Vec<String>,
    /// Files whose change makes earlier results void.
    pub(super) invalidator: Vec<String>,
}

/// Reads a JSON file of `source`.
///
/// # Errors
/// Where it is missing, too large, not JSON or lacks a key; with line and column.
pub(super) fn read<T: DeserializeOwned>(source: &Source, path: &str) -> Result<T, Problem> {
    let text = source.text(path, TEXT_BYTES_MAX)?;
    parse(Path::new(path), &text)
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        // serde_json says the place itself; ours is said once, in our form.
        let message = message
            .split(" at line ")
            .next()
            .unwrap_or_default()
            .to_owned();
        Problem::at(path, error.line() as u64, error.column() as u64, message)
    })
}

impl TrackConfig {
    /// Refuses a track with more exercises than the limit, and slugs that are no plain names.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let path = Path::new("config.json");
        let all = || {
            self.exercises
                .concept
                .iter()
                .chain(&self.exercises.practice)
        };
        if all().count() > EXERCISES_MAX {
            return Err(Problem::of(
                path,
                format!("lists more than {EXERCISES_MAX} exercises"),
            ));
        }
        let plain = |slug: &str| {
            !slug.is_empty()
                && slug
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        };
        match all()
            .map(|exercise| &exercise.slug)
            .chain([&self.slug])
            .find(|slug| !plain(slug))
        {
            Some(slug) => {
                let text = format!(
                    "slug `{}` is not letters, digits and `-`",
                    slug.escape_debug()
                );
                Err(Problem::of(path, text))
            }
            None => Ok(()),
        }
    }
}

impl ExerciseFiles {
    /// The example solution of either kind.
    pub(super) fn example(&self) -> &[String] {
        if self.example.is_empty() {
            &self.exemplar
        } else {
            &self.example
        }
    }

    /// Checks one list: plain paths of files that exist.
    pub(super) fn resolve(
        list: &[String],
        source: &Source,
        role: &str,
    ) -> Result<Vec<PathBuf>, Vec<Problem>> {
        let config = Path::new(".meta/config.json");
        if list.len() > FILES_MAX {
            return Err(vec![Problem::of(
                config,
                format!("lists more than {FILES_MAX} {role} files"),
            )]);
        }
        let mut problems = Vec::new();
        let mut paths = Vec::new();
        for text in list {
            match relative_path(text) {
                Some(path) if source.file(&path).is_some() => paths.push(path),
                Some(path) => problems.push(Problem::of(
                    config,
                    format!("{role} file `{}` does not exist", path.display()),
                )),
                None => problems.push(Problem::of(
                    config,
                    format!(
                        "{role} file `{}` is not a path within the exercise",
                        text.escape_debug()
                    ),
                )),
            }
        }
        if problems.is_empty() {
            Ok(paths)
        } else {
            Err(problems)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wrong_type_is_told_with_its_line() {
        let text = "{\n  \"files\": {\n    \"solution\": \"leap.py\"\n  }\n}";
        let problem = parse::<ExerciseConfig>(Path::new(".meta/config.json"), text).unwrap_err();
        assert!(
            problem.to_string().starts_with(".meta/config.json:3:"),
            "{problem}"
        );
        assert!(!problem.message.contains("line"), "{problem}");
    }

    #[test]
    fn slugs_cannot_climb() {
        let text =
            r#"{"language":"X","slug":"x","exercises":{"practice":[{"slug":"../x","name":"X"}]}}"#;
        let config: TrackConfig = parse(Path::new("config.json"), text).unwrap();
        assert!(config.check().is_err());
    }

    #[test]
    fn files_must_exist_within_the_exercise() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("leap.py"), "").unwrap();
        let source = Source::open(directory.path()).unwrap();
        let resolve = |name: &str| ExerciseFiles::resolve(&[name.to_owned()], &source, "test");
        assert_eq!(resolve("leap.py").unwrap(), [PathBuf::from("leap.py")]);
        assert!(
            resolve("../leap.py").unwrap_err()[0]
                .to_string()
                .contains("not a path within")
        );
        assert!(
            resolve("lepa.py").unwrap_err()[0]
                .to_string()
                .contains("does not exist")
        );
    }

    proptest! {
        #[test]
        fn garbage_never_panics(text in any::<String>()) {
            drop(parse::<ExerciseConfig>(Path::new("config.json"), &text));
        }

        #[test]
        fn json_like_garbage_never_panics(text in "[{}\\[\\],:\"a-z0-9 \n]{0,120}") {
            drop(parse::<TrackConfig>(Path::new("config.json"), &text));
        }
    }
}
