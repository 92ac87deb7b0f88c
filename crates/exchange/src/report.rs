//! What came in or went out, and what was lost on the way.

use carrel_quiz::Quiz;

/// Something of the source that its target cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
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
