//! Import of other formats: each becomes a challenge of ours in a directory of
//! its own, and the report names what could not be carried over.
//!
//! What is imported was written by others: its size, count and depth have
//! limits, links and paths never lead out of it, and nothing of it is run.

pub mod exercism;
#[cfg(test)]
mod exercism_tests;
pub mod kattis;
mod problem;
pub mod report;
mod source;
mod target;
#[cfg(test)]
mod tests;
mod yaml;

use std::path::Path;

pub use report::{ImportReport, Imported, NotCarried};

use crate::problem::Problems;

/// How to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// Replace challenges that are at the destination already.
    pub overwrite: bool,
    /// Accept a package that lacks parts that judging can do without (an input
    /// validator, a statement, a uuid, secret data where there is sample data):
    /// they are noted instead of refused.
    pub incomplete: bool,
}

/// Imports an Exercism exercise, or every exercise of a track, into `destination`.
///
/// An exercise becomes the challenge `destination`; a track (a directory with a
/// `config.json` and `exercises/`) becomes one challenge per exercise below it.
///
/// # Errors
/// Every problem found, each with its place. Of a track only what makes it no
/// track; an exercise that cannot be imported is named in the report.
pub fn exercism(
    source: &Path,
    destination: &Path,
    options: ImportOptions,
) -> Result<ImportReport, Problems> {
    exercism::import(source, destination, options)
}

/// Imports a Kattis problem package (2025-09, its drafts, legacy or legacy-icpc)
/// as the challenge `destination`.
///
/// # Errors
/// Every format error found, each with its place; nothing is then written.
pub fn kattis(
    package: &Path,
    destination: &Path,
    options: ImportOptions,
) -> Result<ImportReport, Problems> {
    kattis::import(package, destination, options)
}
