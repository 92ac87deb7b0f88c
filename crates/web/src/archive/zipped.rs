//! Zip.

use std::io::{Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{ArchiveError, Gate, explain};

/// Bits of a Unix mode that tell the kind of a file.
const KIND: u32 = 0o170_000;
/// A directory, a regular file (stat(2)); 0: not told.
const KINDS_TAKEN: [u32; 3] = [0o040_000, 0o100_000, 0];

pub(super) fn read(archive: impl Read + Seek, gate: &mut Gate<'_>) -> Result<(), ArchiveError> {
    let mut archive = ZipArchive::new(archive).map_err(explain_zip)?;
    for index in 0..archive.len() {
        gate.count()?;
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

fn explain_zip(error: ZipError) -> ArchiveError {
    match error {
        ZipError::Io(error) => explain(error),
        ZipError::UnsupportedArchive(what) => ArchiveError::Broken(what.to_owned()),
        other => ArchiveError::Broken(other.to_string()),
    }
}
