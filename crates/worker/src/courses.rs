//! Published course versions, read once and kept while they are used.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use carrel_course::course::Course;
use carrel_model::Challenge;

/// Course versions kept in memory.
const COURSES_MAX: usize = 32;
/// Characters of a digest (SHA-256 in hex).
const DIGEST_CHARACTERS: usize = 64;

/// Finds challenges of published versions.
#[derive(Debug)]
pub(crate) struct Courses {
    directory: PathBuf,
    /// The one used last is the last.
    kept: Mutex<VecDeque<(String, Arc<Course>)>>,
}

/// Why there is no such challenge.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Missing {
    /// The version is not on this node: ours.
    #[error("version `{version}` of the course is not on this node: reading `{path}`")]
    Version {
        /// Its digest.
        version: String,
        /// Where it should be.
        path: PathBuf,
        /// Why it is not.
        #[source]
        source: std::io::Error,
    },
    /// The author's.
    #[error("{0}")]
    Author(String),
}

impl Courses {
    pub(crate) fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            kept: Mutex::default(),
        }
    }

    /// A challenge of this version, with its course.
    pub(crate) fn challenge(&self, version: &str, id: &str) -> Result<Challenge, Missing> {
        let course = self.course(version)?;
        let found = course.challenges.iter().find(|known| known.id == id);
        found.cloned().ok_or_else(|| {
            Missing::Author(format!(
                "version `{version}` of course `{}` has no challenge `{id}`",
                course.id
            ))
        })
    }

    fn course(&self, version: &str) -> Result<Arc<Course>, Missing> {
        if let Some(course) = self.find(version) {
            return Ok(course);
        }
        let is_digest = version.len() == DIGEST_CHARACTERS
            && version.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_digest {
            let version = version.escape_debug();
            return Err(Missing::Author(format!(
                "`{version}` is no digest of a course version"
            )));
        }
        let path = self.directory.join(version);
        // Told apart from a course with problems, which is its author's.
        if let Err(source) = std::fs::read_dir(&path) {
            let version = version.to_owned();
            return Err(Missing::Version {
                version,
                path,
                source,
            });
        }
        let course = carrel_course::course::load(&path)
            .map_err(|problems| Missing::Author(problems.to_string()))?;
        let course = Arc::new(course);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((version.to_owned(), Arc::clone(&course)));
        while kept.len() > COURSES_MAX {
            kept.pop_front();
        }
        Ok(course)
    }

    fn find(&self, version: &str) -> Option<Arc<Course>> {
        // A poisoned lock holds whole entries only.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == version)?;
        let entry = kept.remove(at)?;
        let course = Arc::clone(&entry.1);
        kept.push_back(entry);
        Some(course)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_not_here_is_ours_and_a_bad_one_the_authors() {
        let directory = tempfile::tempdir().unwrap();
        let courses = Courses::new(directory.path().to_owned());
        let digest = "a".repeat(DIGEST_CHARACTERS);
        let missing = courses.challenge(&digest, "x").unwrap_err();
        assert!(matches!(missing, Missing::Version { .. }), "{missing}");
        let path = courses.challenge("../../etc", "x").unwrap_err();
        assert!(matches!(path, Missing::Author(_)), "{path}");
        std::fs::create_dir(directory.path().join(&digest)).unwrap();
        let empty = courses.challenge(&digest, "x").unwrap_err();
        assert!(matches!(empty, Missing::Author(_)), "{empty}");
    }
}
