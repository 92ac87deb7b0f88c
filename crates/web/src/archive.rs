//! Archives from outside: tar, tar.gz and zip, read by hostile-archive rules.
//!
//! Nothing of an archive is believed. Names must be relative, UTF-8 and stay
//! inside; only files and directories are taken; no name comes twice, and none
//! is both; entries, bytes and the ratio of unpacked to sent bytes are bounded
//! while reading, not by what headers say.

mod tarball;
mod zipped;

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use carrel_api::limits::{
    ARCHIVE_RATIO_FROM_BYTES, ARCHIVE_RATIO_MAX, PATH_BYTES_MAX, PATH_DEPTH_MAX,
};
use carrel_course::pattern::check_path;

/// What a tar holds for each entry beside its bytes at most: the header, and zeros up to the
/// next block.
const ENTRY_BYTES: u64 = 1024;
/// Zeros at the end of a tar, bytes (POSIX.1-2001 pax: records of 20 blocks).
const END_BYTES: u64 = 10 << 10;

/// Bounds of one archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most entries, directories included.
    pub entries_max: usize,
    /// Most bytes of all files together.
    pub bytes_max: u64,
}

/// Why an archive is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Neither of the known forms.
    #[error("it is neither tar, tar.gz nor zip")]
    Unknown,
    /// It holds nothing.
    #[error("it is empty: there is no entry in it")]
    Empty,
    /// It breaks off or contradicts itself.
    #[error("it is broken: {0}")]
    Broken(String),
    /// A name that is not taken.
    #[error("entry `{name}` {problem}")]
    Name {
        /// As the archive has it, escaped.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A bound is passed.
    #[error("it has more than {most} {what}")]
    Bound {
        /// Of what.
        what: &'static str,
        /// The bound.
        most: u64,
    },
    /// It grows suspiciously.
    #[error("it unpacks to more than {ARCHIVE_RATIO_MAX} times its size")]
    Ratio,
    /// A file could not be read or written.
    #[error("taking over `{name}`")]
    Write {
        /// Which file.
        name: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Takes over files one by one.
pub trait Sink {
    /// A file: its path, whether it may be executed, and its bytes.
    ///
    /// # Errors
    /// It could not be written, or what `content` says.
    fn file(
        &mut self,
        path: &str,
        executable: bool,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError>;
}

/// Files in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Sink for Memory {
    fn file(
        &mut self,
        path: &str,
        _executable: bool,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        let mut bytes = Vec::new();
        // What it is read from tells what is wrong with the archive.
        content.read_to_end(&mut bytes).map_err(explain)?;
        self.0.insert(path.to_owned(), bytes);
        Ok(())
    }
}

/// Reads a whole archive into a sink.
///
/// # Errors
/// The first entry that is not taken; the sink then holds only a part.
pub fn read(
    mut archive: impl Read + Seek,
    bounds: Bounds,
    sink: &mut dyn Sink,
) -> Result<(), ArchiveError> {
    let sent = archive.seek(SeekFrom::End(0)).map_err(explain)?;
    archive.rewind().map_err(explain)?;
    let mut head = [0; 4];
    let mut filled = 0;
    while filled < head.len() {
        match archive.read(&mut head[filled..]).map_err(explain)? {
            0 => break,
            count => filled += count,
        }
    }
    archive.rewind().map_err(explain)?;
    let mut gate = Gate::new(bounds, sent, sink);
    match head {
        [0x1f, 0x8b, ..] => {
            // Here too: what the reader of tars passes over comes to no entry's count.
            let overhead = (bounds.entries_max as u64)
                .saturating_mul(ENTRY_BYTES)
                .saturating_add(END_BYTES);
            let mut bytes = 0;
            let unpacked = Counted {
                inner: flate2::read::MultiGzDecoder::new(io::BufReader::new(archive)),
                bytes: &mut bytes,
                bytes_max: bounds.bytes_max,
                sent,
                overhead,
            };
            tarball::read(unpacked, &mut gate)
        }
        [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] => zipped::read(archive, &mut gate),
        _ => tarball::read(io::BufReader::new(archive), &mut gate),
    }
}

/// Everything an entry must pass.
struct Gate<'a> {
    bounds: Bounds,
    sent: u64,
    entries: usize,
    bytes: u64,
    /// Taken paths; directories end in nothing but are marked.
    taken: BTreeMap<String, Kind>,
    sink: &'a mut dyn Sink,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Directory,
}

impl<'a> Gate<'a> {
    fn new(bounds: Bounds, sent: u64, sink: &'a mut dyn Sink) -> Self {
        Self {
            bounds,
            sent,
            entries: 0,
            bytes: 0,
            taken: BTreeMap::new(),
            sink,
        }
    }

    /// One more entry, of whatever kind.
    fn count(&mut self) -> Result<(), ArchiveError> {
        self.entries += 1;
        if self.entries > self.bounds.entries_max {
            return Err(ArchiveError::Bound {
                what: "entries",
                most: self.bounds.entries_max as u64,
            });
        }
        Ok(())
    }

    fn directory(&mut self, name: &[u8], bytes: u64) -> Result<(), ArchiveError> {
        let shown = name.strip_suffix(b"/").unwrap_or(name);
        if bytes > 0 {
            let name = String::from_utf8_lossy(name);
            return Err(refuse(&name, "is a directory that holds bytes"));
        }
        if matches!(shown, b"." | b"") && !name.starts_with(b"/") {
            return Ok(());
        }
        let path = check_name(shown)?;
        self.take(path, Kind::Directory)
    }

    fn file(
        &mut self,
        name: &[u8],
        executable: bool,
        content: impl Read,
    ) -> Result<(), ArchiveError> {
        let path = check_name(name)?.to_owned();
        self.take(&path, Kind::File)?;
        let mut content = Counted {
            inner: content,
            bytes: &mut self.bytes,
            bytes_max: self.bounds.bytes_max,
            sent: self.sent,
            overhead: 0,
        };
        self.sink.file(&path, executable, &mut content)
    }

    /// Notes a path and the directories it lies in; none may be both, no file twice.
    fn take(&mut self, path: &str, kind: Kind) -> Result<(), ArchiveError> {
        for (at, _) in path.match_indices('/') {
            let above = &path[..at];
            match self.taken.get(above) {
                Some(Kind::File) => return Err(refuse(path, "lies in a file")),
                Some(Kind::Directory) => {}
                None => {
                    self.taken.insert(above.to_owned(), Kind::Directory);
                }
            }
        }
        match (self.taken.insert(path.to_owned(), kind), kind) {
            (None, _) | (Some(Kind::Directory), Kind::Directory) => Ok(()),
            (Some(Kind::File), Kind::File) => Err(refuse(path, "comes twice")),
            (Some(_), _) => Err(refuse(path, "is both file and directory")),
        }
    }
}

fn refuse(name: &str, problem: &'static str) -> ArchiveError {
    let name = name.chars().take(PATH_BYTES_MAX).collect::<String>();
    ArchiveError::Name {
        name: name.escape_debug().to_string(),
        problem,
    }
}

/// The path of an entry, when it is one that is taken.
fn check_name(name: &[u8]) -> Result<&str, ArchiveError> {
    let shown = || String::from_utf8_lossy(name);
    let path = std::str::from_utf8(name).map_err(|_| refuse(&shown(), "is not UTF-8"))?;
    let path = path.strip_prefix("./").unwrap_or(path);
    check_path(path).map_err(|problem| refuse(path, problem))?;
    if path.len() > PATH_BYTES_MAX {
        return Err(refuse(path, "is too long"));
    }
    if path.split('/').count() > PATH_DEPTH_MAX {
        return Err(refuse(path, "lies too deep"));
    }
    Ok(path)
}

/// Counts what is really read, whatever headers say.
struct Counted<'a, R> {
    inner: R,
    bytes: &'a mut u64,
    bytes_max: u64,
    sent: u64,
    /// Bytes that are no file's, let through beside both bounds.
    overhead: u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Whoever takes the bytes over tells the archive's fault from one of its own.
        let count = self.inner.read(buffer);
        let count = count.map_err(|error| io::Error::other(explain(error)))?;
        *self.bytes += count as u64;
        let bytes = self.bytes.saturating_sub(self.overhead);
        if bytes > self.bytes_max {
            let error = ArchiveError::Bound {
                what: "bytes",
                most: self.bytes_max,
            };
            return Err(io::Error::other(error));
        }
        let most = self.sent.saturating_mul(ARCHIVE_RATIO_MAX);
        if bytes > ARCHIVE_RATIO_FROM_BYTES && bytes > most {
            return Err(io::Error::other(ArchiveError::Ratio));
        }
        Ok(count)
    }
}

/// An error of reading: one of ours that travelled inside, or a broken archive.
fn explain(error: io::Error) -> ArchiveError {
    carried(error)
        .unwrap_or_else(|_| ArchiveError::Broken("it breaks off or contradicts itself".to_owned()))
}

/// What is wrong with the archive, where an error of its bytes says so.
///
/// # Errors
/// The error is another one, such as of the file that they were written to.
pub(crate) fn carried(error: io::Error) -> Result<ArchiveError, io::Error> {
    error.downcast::<ArchiveError>()
}

#[cfg(test)]
mod tests;
