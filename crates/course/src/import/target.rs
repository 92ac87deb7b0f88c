//! The files that an import writes: `challenge.toml`, `submissions.toml` and
//! what they name (`docs/challenge-format.md`).
//!
//! A challenge is put together in a directory beside its place and renamed
//! into it when it is whole, so that an interrupted import leaves no half of one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use carrel_model::Verdict;
use serde::Serialize;

use super::problem::Problem;

/// `challenge.toml`, only what an import sets.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ChallengeTarget {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instructions: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) starter_verdict: Vec<Verdict>,
    pub(crate) files: FilesTarget,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) limits: BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hints: Vec<HintTarget>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<StepTarget>,
    pub(crate) checks: Vec<CheckTarget>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<GroupTarget>,
}

/// `[files]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct FilesTarget {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) editable: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<String>,
}

/// `[[hints]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct HintTarget {
    pub(crate) text: String,
    pub(crate) after_failures: u32,
}

/// `[[steps]]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct StepTarget {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) instructions: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hints: Vec<HintTarget>,
}

/// `[[checks]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CheckTarget {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) visibility: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) framework: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) test: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) command: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) include_skipped: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) apart: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arguments: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comparator: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case_sensitive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) space_change_sensitive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) relative_tolerance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) absolute_tolerance: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scoring: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passes_max: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files: Option<FilesOfCheck>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<ProgramTarget>,
}

/// Files of a check: listed, or by their path in the work directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum FilesOfCheck {
    /// Path in the work directory → path in the challenge.
    Mapped(BTreeMap<String, String>),
}

/// `[checks.program]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct ProgramTarget {
    pub(crate) path: String,
    pub(crate) language: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) arguments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compile: Option<CommandTarget>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<CommandTarget>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) limits: BTreeMap<&'static str, u64>,
}

/// `[checks.program.compile]` and `[checks.program.run]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct CommandTarget {
    pub(crate) command: Vec<String>,
}

/// `[[groups]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct GroupTarget {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) points_max: Option<f64>,
    pub(crate) aggregation: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) require_pass: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) checks: Vec<String>,
}

/// `submissions.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SubmissionsTarget {
    pub(crate) submissions: Vec<SubmissionTarget>,
}

/// `[[submissions]]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct SubmissionTarget {
    pub(crate) name: String,
    pub(crate) verdicts: Vec<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failing: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) score: Option<[f64; 2]>,
}

/// Where one challenge is put together.
#[derive(Debug)]
pub(crate) struct Target {
    place: PathBuf,
    building: PathBuf,
    overwrite: bool,
    finished: bool,
}

impl Target {
    /// Starts a challenge at `place`.
    ///
    /// # Errors
    /// Where something is there already and `overwrite` is not set, or the disk refuses.
    pub(crate) fn start(place: &Path, overwrite: bool) -> Result<Self, Problem> {
        let name = place
            .file_name()
            .ok_or_else(|| Problem::of(place, "is no name of a directory"))?;
        if place.exists() && !overwrite {
            return Err(Problem::of(place, "exists already")
                .hint("choose another destination, or replace it with `--overwrite`"));
        }
        if place.exists() && !place.join("challenge.toml").is_file() && !is_empty(place) {
            return Err(Problem::of(place, "exists and is not a challenge")
                .hint("only a directory that holds a `challenge.toml` is overwritten"));
        }
        let parent = place
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let building = parent.join(format!(".{}.importing", name.to_string_lossy()));
        let failed = |error| Problem::of(&building, format!("cannot be made: {error}"));
        if building.exists() {
            fs::remove_dir_all(&building).map_err(failed)?;
        }
        fs::create_dir_all(&building).map_err(failed)?;
        Ok(Self {
            place: place.to_owned(),
            building,
            overwrite,
            finished: false,
        })
    }

    /// Copies a file to a path of the challenge; whoever runs it may need its executable bit.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn copy(&self, from: &Path, to: impl AsRef<Path>) -> Result<(), Problem> {
        let path = self.prepare(to.as_ref())?;
        fs::copy(from, &path).map(drop).map_err(|error| {
            Problem::of(
                from,
                format!("cannot be copied to `{}`: {error}", path.display()),
            )
        })
    }

    /// Writes a file of the challenge.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn write(
        &self,
        to: impl AsRef<Path>,
        contents: impl AsRef<[u8]>,
    ) -> Result<(), Problem> {
        let path = self.prepare(to.as_ref())?;
        fs::write(&path, contents)
            .map_err(|error| Problem::of(&path, format!("cannot be written: {error}")))
    }

    /// Writes a TOML file of the challenge.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn write_toml(
        &self,
        to: &str,
        header: &str,
        table: &impl Serialize,
    ) -> Result<(), Problem> {
        let text = toml::to_string_pretty(table)
            .map_err(|error| Problem::of(to, format!("cannot be put into TOML: {error}")))?;
        self.write(to, format!("{header}\n{text}"))
    }

    /// Moves the whole challenge to its place.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub(crate) fn finish(mut self) -> Result<PathBuf, Problem> {
        let failed = |error| Problem::of(&self.place, format!("cannot be put in place: {error}"));
        if self.overwrite && self.place.exists() {
            fs::remove_dir_all(&self.place).map_err(failed)?;
        }
        fs::rename(&self.building, &self.place).map_err(failed)?;
        self.finished = true;
        Ok(self.place.clone())
    }

    fn prepare(&self, relative: &Path) -> Result<PathBuf, Problem> {
        let path = self.building.join(relative);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| Problem::of(parent, format!("cannot be made: {error}")))?;
        }
        Ok(path)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed is removed by the next import to the same place.
            fs::remove_dir_all(&self.building).ok();
        }
    }
}

fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

/// An id made of a name: lower-case letters, digits, `-`.
pub(crate) fn id_of(name: &str) -> String {
    let mut id = String::new();
    for character in name.chars() {
        match character.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => id.push(letter),
            _ if id.ends_with('-') || id.is_empty() => {}
            _ => id.push('-'),
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() {
        "challenge".to_owned()
    } else {
        id.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_challenge_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("leap");
        let target = Target::start(&place, false).unwrap();
        target.write("start/leap.py", "x").unwrap();
        drop(target);
        assert!(is_empty(directory.path()));
    }

    #[test]
    fn what_is_there_is_only_overwritten_on_demand_and_only_a_challenge() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("leap");
        let target = Target::start(&place, false).unwrap();
        target.write("challenge.toml", "1").unwrap();
        target.finish().unwrap();
        assert!(Target::start(&place, false).is_err());
        let target = Target::start(&place, true).unwrap();
        target.write("challenge.toml", "2").unwrap();
        target.finish().unwrap();
        assert_eq!(
            fs::read_to_string(place.join("challenge.toml")).unwrap(),
            "2"
        );
        let home = directory.path().join("home");
        fs::create_dir(&home).unwrap();
        fs::write(home.join("thesis.tex"), "x").unwrap();
        assert!(Target::start(&home, true).is_err());
    }

    #[test]
    fn ids_are_plain() {
        assert_eq!(id_of("Hello_World 2"), "hello-world-2");
        assert_eq!(id_of("__"), "challenge");
    }
}
