//! The example solution in the place of the stub.

use std::path::Path;

use super::super::super::problem::Problem;
use super::super::super::source::Source;
use super::super::TEXT_BYTES_MAX;

/// A JavaScript example lies in `.meta/` and imports the exercise's other files from `../`;
/// in the place of the stub these are its neighbours (the track's own CI does the same).
pub(super) fn settle_imports(
    source: &Source,
    example: &Path,
    stub: &Path,
) -> Result<Option<String>, Problem> {
    let is_script = example.extension().is_some_and(|ending| ending == "js");
    if !is_script || example.parent() == stub.parent() {
        return Ok(None);
    }
    let text = source.text(example, TEXT_BYTES_MAX)?;
    let settled = text
        .replace("from '../", "from './")
        .replace("from \"../", "from \"./");
    Ok((settled != text).then_some(settled))
}
