//! Tar: plain, GNU and pax headers, read entry by entry.
//!
//! Long names and pax records are read here, not by the library, so that their
//! size is bounded before anything is allocated.

use std::io::{self, Read};

use tar::EntryType;

use super::{ArchiveError, Gate, explain};

/// Longest extension header (long name, pax records), bytes.
const EXTENSION_BYTES_MAX: u64 = 64 << 10;

/// Most zeros after the end: archives are written in blocks of up to this size, bytes.
const PADDING_BYTES_MAX: u64 = 1 << 20;

/// What an extension says of the entry after it.
#[derive(Default)]
struct Extension {
    path: Option<Vec<u8>>,
    link: bool,
}

pub(super) fn read(mut archive: impl Read, gate: &mut Gate<'_>) -> Result<(), ArchiveError> {
    let any = read_entries(&mut archive, gate)?;
    let padding = read_padding(archive)?;
    match (any, padding) {
        (true, _) => Ok(()),
        (false, 0) => Err(ArchiveError::Unknown),
        (false, _) => Err(ArchiveError::Empty),
    }
}

/// Reads what is left after the end mark: zeros and nothing else. What was compressed is only
/// checked against its sum when it is read to its end.
fn read_padding(archive: impl Read) -> Result<u64, ArchiveError> {
    let mut rest = archive.take(PADDING_BYTES_MAX + 1);
    let mut buffer = [0; 8 << 10];
    let mut bytes = 0;
    loop {
        let count = match rest.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(explain(error)),
        };
        bytes += count as u64;
        if bytes > PADDING_BYTES_MAX || buffer[..count].iter().any(|byte| *byte != 0) {
            let problem = "something follows the mark of its end";
            return Err(ArchiveError::Broken(problem.to_owned()));
        }
    }
}

/// Whether there was any entry.
fn read_entries(archive: impl Read, gate: &mut Gate<'_>) -> Result<bool, ArchiveError> {
    let mut archive = tar::Archive::new(archive);
    archive.set_ignore_zeros(false);
    let entries = archive.entries().map_err(explain)?.raw(true);
    let mut extension = Extension::default();
    let mut any = false;
    for entry in entries {
        let mut entry = entry.map_err(|error| if any { explain(error) } else { unknown(error) })?;
        any = true;
        gate.count()?;
        let kind = entry.header().entry_type();
        match kind {
            EntryType::GNULongName | EntryType::GNULongLink => {
                let bytes = read_extension(&mut entry)?;
                let end = bytes.iter().position(|byte| *byte == 0);
                let name = bytes[..end.unwrap_or(bytes.len())].to_vec();
                if kind == EntryType::GNULongName {
                    extension.path = Some(name);
                }
                continue;
            }
            EntryType::XHeader => {
                parse_records(&read_extension(&mut entry)?, &mut extension)?;
                continue;
            }
            EntryType::XGlobalHeader => {
                read_extension(&mut entry)?;
                continue;
            }
            _ => {}
        }
        let Extension { path, link } = std::mem::take(&mut extension);
        let name = path.unwrap_or_else(|| entry.header().path_bytes().into_owned());
        let mode = entry.header().mode().unwrap_or(0o644);
        let bytes = entry.header().entry_size().map_err(explain)?;
        match kind {
            EntryType::Directory => gate.directory(&name, bytes)?,
            // Old archives mark a directory by the slash alone.
            EntryType::Regular | EntryType::Continuous if name.ends_with(b"/") => {
                gate.directory(&name, bytes)?;
            }
            EntryType::Regular | EntryType::Continuous if !link => {
                gate.file(&name, mode & 0o111 != 0, &mut entry)?;
            }
            _ => {
                let name = String::from_utf8_lossy(&name);
                return Err(super::refuse(&name, "is neither a file nor a directory"));
            }
        }
    }
    Ok(any)
}

/// What does not even begin as a tar is something else.
fn unknown(error: io::Error) -> ArchiveError {
    match explain(error) {
        ArchiveError::Broken(_) => ArchiveError::Unknown,
        other => other,
    }
}

fn read_extension(entry: &mut impl Read) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::new();
    let mut limited = entry.take(EXTENSION_BYTES_MAX + 1);
    limited.read_to_end(&mut bytes).map_err(explain)?;
    if bytes.len() as u64 > EXTENSION_BYTES_MAX {
        return Err(ArchiveError::Bound {
            what: "bytes in an extension header",
            most: EXTENSION_BYTES_MAX,
        });
    }
    Ok(bytes)
}

/// Records of pax: `length key=value\n`, the length counting itself (POSIX.1-2001 pax).
fn parse_records(mut rest: &[u8], extension: &mut Extension) -> Result<(), ArchiveError> {
    let broken = || ArchiveError::Broken("a pax header is not well-formed".to_owned());
    while !rest.is_empty() {
        let space = rest
            .iter()
            .position(|byte| *byte == b' ')
            .ok_or_else(broken)?;
        let length = std::str::from_utf8(&rest[..space]).ok();
        let length: usize = length
            .and_then(|text| text.parse().ok())
            .ok_or_else(broken)?;
        if length <= space + 1 || length > rest.len() {
            return Err(broken());
        }
        let record = &rest[space + 1..length];
        rest = &rest[length..];
        let record = record.strip_suffix(b"\n").ok_or_else(broken)?;
        let equals = record
            .iter()
            .position(|byte| *byte == b'=')
            .ok_or_else(broken)?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => extension.path = Some(value.to_vec()),
            b"linkpath" => extension.link = true,
            // A size beside the header's own is how two readers are made to disagree.
            b"size" => return Err(broken()),
            _ if key.starts_with(b"GNU.sparse") => {
                return Err(ArchiveError::Broken(
                    "sparse files are not taken".to_owned(),
                ));
            }
            _ => {}
        }
    }
    Ok(())
}
