//! What an import made, and by name what it could not carry over.

use std::fmt;
use std::path::PathBuf;

use super::kattis::Timing;

/// Outcome of an import.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ImportReport {
    /// Challenges that were written.
    pub imported: Vec<Imported>,
    /// What was left behind and why, by file or exercise.
    pub not_carried: Vec<NotCarried>,
    /// What was carried over in another form than it had, for the author to know.
    pub notes: Vec<NotCarried>,
}

/// A challenge that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Id of the challenge.
    pub id: String,
    /// Its directory.
    pub directory: PathBuf,
    /// How its time limit is to be found, where the package leaves that to measurement.
    pub timing: Option<Timing>,
}

/// Something left behind or changed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotCarried {
    /// File or directory, relative to what was imported; or a key of a file as `problem.yaml: keywords`.
    pub what: String,
    /// Why.
    pub reason: String,
}

impl ImportReport {
    /// Notes something that was left behind.
    pub(crate) fn leave(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        self.not_carried.push(NotCarried {
            what: what.into(),
            reason: reason.into(),
        });
    }

    /// Notes something that was carried over in another form.
    pub(crate) fn note(&mut self, what: impl Into<String>, reason: impl Into<String>) {
        self.notes.push(NotCarried {
            what: what.into(),
            reason: reason.into(),
        });
    }

    /// Adds what another report says, each entry prefixed with where it comes from.
    pub(crate) fn absorb(&mut self, prefix: &str, other: Self) {
        let place = |entry: NotCarried| NotCarried {
            what: format!("{prefix}/{}", entry.what),
            ..entry
        };
        self.imported.extend(other.imported);
        self.not_carried
            .extend(other.not_carried.into_iter().map(place));
        self.notes.extend(other.notes.into_iter().map(place));
    }
}

impl fmt::Display for ImportReport {
    /// Plain lines: what was left behind, what was changed, then the counts.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.not_carried {
            writeln!(
                formatter,
                "not carried over: {}: {}",
                entry.what, entry.reason
            )?;
        }
        for entry in &self.notes {
            writeln!(formatter, "note: {}: {}", entry.what, entry.reason)?;
        }
        write!(
            formatter,
            "{} challenge{} imported, {} not carried over, {} noted",
            self.imported.len(),
            if self.imported.len() == 1 { "" } else { "s" },
            self.not_carried.len(),
            self.notes.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_what_and_why_and_count() {
        let mut track = ImportReport::default();
        let mut exercise = ImportReport::default();
        exercise.leave("LICENSE", "no place for it");
        exercise.note("stub.py", "renamed");
        track.absorb("practice/bob", exercise);
        assert_eq!(
            track.to_string(),
            "not carried over: practice/bob/LICENSE: no place for it\n\
             note: practice/bob/stub.py: renamed\n\
             0 challenges imported, 1 not carried over, 1 noted"
        );
    }
}
