//! Kattis problem packages.
use std::path::Path;
use super::{ImportOptions, ImportReport};
use crate::problem::Problems;
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {}
pub(super) fn import(_: &Path, _: &Path, _: ImportOptions) -> Result<ImportReport, Problems> { Ok(ImportReport::default()) }
