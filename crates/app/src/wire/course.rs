//! The author's files, with problems told as a failure.

use std::path::Path;

use carrel_model::challenge::Challenge;
use carrel_model::course::Course;

use crate::failure::Failure;

/// Reads a challenge.
///
/// # Errors
/// Every problem in it.
pub fn load_challenge(_directory: &Path) -> Result<Challenge, Failure> {
    Err(Failure::platform(anyhow::anyhow!("not in this build")))
}

/// Reads a course.
///
/// # Errors
/// Every problem in it.
pub fn load_course(_directory: &Path) -> Result<Course, Failure> {
    Err(Failure::platform(anyhow::anyhow!("not in this build")))
}

/// JSON Schema of `challenge.toml`.
#[must_use]
pub fn challenge_schema() -> schemars::Schema {
    schemars::Schema::default()
}
