//! Zip.

use std::io::{Read, Seek};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::{ArchiveError, Gate, explain};

/// Bits of a Unix mode that tell the kind of a file.
const KIND: u32 = 0o170_000;
/// A directory, a regular file (stat(2)); 0: not told.
const KINDS_TAKEN: [u32; 3] = [0o040_000, 0o100_000, 0];

pub(super) fn read(archive: impl Read + Seek, gate: &mut Gate<'_>) -> Result<(), ArchiveError> {
    let mut archive = ZipArchive::new(archive).map_err(explain_zip)?;
    // Of two entries of one name the library tells the last alone.
    if archive.has_duplicate_names() {
        let problem = "a name comes twice in it";
        return Err(ArchiveError::Broken(problem.to_owned()));
    }
    if archive.is_empty() {
        return Err(ArchiveError::Empty);
    }
    for index in 0..archive.len() {
        gate.count()?;
        check_storing(&mut archive, index)?;
        let mut entry = archive.by_index(index).map_err(explain_zip)?;
        let name = entry.name_raw().to_vec();
        let mode = entry.unix_mode().unwrap_or(0o644);
        if !KINDS_TAKEN.contains(&(mode & KIND)) {
            let name = String::from_utf8_lossy(&name);
            return Err(super::refuse(&name, "is neither a file nor a directory"));
        }
        if entry.is_dir() {
            gate.directory(&name, entry.size())?;
        } else {
            gate.file(&name, mode & 0o111 != 0, &mut entry)?;
        }
    }
    Ok(())
}

/// Refuses an entry that cannot be read as it is stored.
fn check_storing(
    archive: &mut ZipArchive<impl Read + Seek>,
    index: usize,
) -> Result<(), ArchiveError> {
    let entry = archive.by_index_raw(index).map_err(explain_zip)?;
    let problem = match entry.compression() {
        _ if entry.encrypted() => "is encrypted; send it without a password",
        CompressionMethod::Stored | CompressionMethod::Deflated => return Ok(()),
        _ => "is compressed by a method that is not supported; use deflate",
    };
    let name = String::from_utf8_lossy(entry.name_raw());
    Err(super::refuse(&name, problem))
}

fn explain_zip(error: ZipError) -> ArchiveError {
    match error {
        ZipError::Io(error) => explain(error),
        ZipError::UnsupportedArchive(what) => ArchiveError::Broken(what.to_owned()),
        other => ArchiveError::Broken(other.to_string()),
    }
}
