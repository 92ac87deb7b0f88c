//! What came in or went out, and what was lost on the way.

use carrel_quiz::{Quiz, Settings};

/// Something of the source that its target cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Loss {
    /// Line of the source from 1; 0 where there are no lines.
    pub line: u32,
    /// Id of the question; empty: the file as a whole.
    pub question: String,
    /// What was lost or changed, and into what.
    pub what: String,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line > 0 {
            write!(formatter, "line {}: ", self.line)?;
        }
        if !self.question.is_empty() {
            write!(formatter, "question `{}`: ", self.question)?;
        }
        formatter.write_str(&self.what)
    }
}

/// Names of the settings that are not as usual.
pub(crate) fn changed_settings(settings: &Settings) -> Vec<&'static str> {
    let usual = Settings::default();
    // Each by its name, so that a new one is not forgotten.
    let Settings {
        time_limit_seconds,
        grace_seconds,
        attempts,
        wait_seconds,
        grade,
        tries,
        immediate,
        penalty,
        try_counted,
        shuffle,
        sequential,
        pass,
        review,
    } = settings;
    let changed = [
        (
            "time limit",
            *time_limit_seconds != usual.time_limit_seconds,
        ),
        ("time of grace", *grace_seconds != usual.grace_seconds),
        ("attempts", *attempts != usual.attempts),
        ("time between attempts", *wait_seconds != usual.wait_seconds),
        ("which attempt counts", *grade != usual.grade),
        ("tries", *tries != usual.tries),
        ("scoring at once", *immediate != usual.immediate),
        ("penalty", *penalty > usual.penalty),
        ("which try counts", *try_counted != usual.try_counted),
        ("shuffled order", *shuffle != usual.shuffle),
        ("no way back", *sequential != usual.sequential),
        ("points to pass", *pass != usual.pass),
        ("review", *review != usual.review),
    ];
    let names = changed.iter().filter(|(_, is_changed)| *is_changed);
    names.map(|(name, _)| *name).collect()
}

/// The introduction and the settings of a quiz, where a format has a place for neither. Its penalty
/// is none of them where `keeps_penalty`.
pub(crate) fn without_settings(quiz: &Quiz, format: &str, keeps_penalty: bool) -> Vec<Loss> {
    let names: Vec<&str> = changed_settings(&quiz.settings)
        .into_iter()
        .filter(|name| !(keeps_penalty && *name == "penalty"))
        .collect();
    let mut lost = Vec::new();
    if !names.is_empty() {
        let names = names.join(", ");
        lost.push(format!(
            "settings of the quiz ({names}): {format} has no place for them"
        ));
    }
    if quiz.introduction.is_some() {
        lost.push(format!("the introduction: {format} has no place for it"));
    }
    lost.into_iter()
        .map(|what| Loss {
            line: 0,
            question: String::new(),
            what,
        })
        .collect()
}

/// A file that came along with a quiz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path relative to the quiz's file: the `path` of its attachment.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The questions, as a bank without settings.
    pub quiz: Quiz,
    /// Embedded files.
    pub files: Vec<File>,
    /// Programming questions, each as the directory of a challenge (docs/challenge-format.md).
    pub challenges: Vec<Directory>,
    /// What was lost.
    pub losses: Vec<Loss>,
}

/// Files below one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Its name: one part of a path, without separators.
    pub name: String,
    /// The files, by their path in it.
    pub files: Vec<File>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The file: text in UTF-8, or a zip archive.
    pub bytes: Vec<u8>,
    /// What was lost.
    pub losses: Vec<Loss>,
}

impl Exported {
    /// The file as text; of an archive, something unreadable.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}
