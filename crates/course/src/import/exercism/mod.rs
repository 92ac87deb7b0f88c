//! Exercism exercises and tracks
//! (<https://exercism.org/docs/building/tracks/practice-exercises>,
//! <https://exercism.org/docs/building/tracks/concept-exercises>).

mod config;
mod exercise;
mod instructions;
mod language;
mod task;
mod track;

use std::path::Path;

use super::source::Source;
use super::{ImportOptions, ImportReport};
use crate::problem::Problems;

/// Largest text file that is read, bytes.
const TEXT_BYTES_MAX: u64 = 4 << 20;

/// Imports an exercise or a track; see [`super::exercism`].
pub(super) fn import(
    source: &Path,
    destination: &Path,
    options: ImportOptions,
) -> Result<ImportReport, Problems> {
    let source = Source::open(source)?;
    if source.is_directory("exercises") {
        track::import(&source, destination, options)
    } else {
        let name = source.name();
        let exercise = exercise::Exercise {
            source: &source,
            slug: &name,
            title: None,
            language: None,
        };
        let mut report = ImportReport::default();
        exercise::import(&exercise, destination, options, &mut report)?;
        Ok(report)
    }
}
