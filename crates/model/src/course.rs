//! A course: units in order, each with its challenges.

use std::path::PathBuf;

use crate::challenge::Challenge;

/// A whole course, read from its directory.
#[derive(Debug, Clone, PartialEq)]
pub struct Course {
    /// Directory that holds `course.toml`.
    pub directory: PathBuf,
    /// Stable id.
    pub id: String,
    /// Title.
    pub title: String,
    /// All challenges, in course order.
    pub challenges: Vec<Challenge>,
}
