//! Reading Debian packages (`deb(5)`): an `ar` archive with a control and a data tar inside.
//!
//! Packages are hostile until shown otherwise: sizes and counts are bounded
//! before memory is taken, names are held to strict rules, and nothing is
//! written at a path that the archive names. File contents go to numbered files.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Cause, Error};

mod member;

use member::{decoder, next_member, skip_padding};

/// Most entries in one package.
pub const ENTRIES_MAX: usize = 200_000;
/// Most bytes of all files of one package together.
pub const CONTENT_BYTES_MAX: u64 = 4 << 30;
/// Longest path.
const PATH_LENGTH_MAX: usize = 4000;
/// Longest part of a path, and longest link (`composefs` holds no longer one).
const PART_LENGTH_MAX: usize = 255;
const LINK_LENGTH_MAX: usize = 1024;
/// Most bytes of a control file.
const CONTROL_BYTES_MAX: u64 = 1 << 20;

/// One entry of a package's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path without a leading `/`.
    pub path: String,
    /// What it is.
    pub kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A directory.
    Directory,
    /// A regular file.
    File {
        /// Where its content was put.
        content: PathBuf,
        /// It may be executed.
        executable: bool,
    },
    /// A symbolic link and what it holds.
    Symlink(String),
}

/// What the control file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Name.
    pub package: String,
    /// Version.
    pub version: String,
    /// Architecture.
    pub architecture: String,
}

/// A package whose data was taken out.
#[derive(Debug)]
pub struct Package {
    /// What it says of itself.
    pub control: Control,
    /// What it holds, in its own order.
    pub entries: Vec<Entry>,
}

/// Reads a package file. Contents of files go below `contents` under numbers.
/// `keep` says which paths are wanted; the contents of others are passed over.
///
/// # Errors
/// When the package is damaged, breaks a rule, or a file cannot be written.
pub fn read(path: &Path, contents: &Path, keep: &dyn Fn(&str) -> bool) -> Result<Package, Error> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let file = File::open(path).map_err(Error::file("reading", path))?;
    parse(BufReader::with_capacity(1 << 16, file), contents, keep).map_err(|fault| Error::Package {
        package: name,
        problem: fault.problem,
        source: fault.source,
    })
}

/// A broken rule, before the package's name is known.
#[derive(Debug)]
struct Fault {
    problem: String,
    source: Option<Cause>,
}

impl From<String> for Fault {
    fn from(problem: String) -> Fault {
        Fault {
            problem,
            source: None,
        }
    }
}

impl From<&str> for Fault {
    fn from(problem: &str) -> Fault {
        Fault::from(problem.to_owned())
    }
}

fn because(problem: &'static str) -> impl FnOnce(io::Error) -> Fault {
    move |source| Fault {
        problem: problem.to_owned(),
        source: Some(Box::new(source)),
    }
}

fn parse(
    mut input: impl Read,
    contents: &Path,
    keep: &dyn Fn(&str) -> bool,
) -> Result<Package, Fault> {
    let mut magic = [0; 8];
    input
        .read_exact(&mut magic)
        .map_err(because("reading the archive's start"))?;
    if &magic != b"!<arch>\n" {
        return Err("is no `ar` archive".into());
    }
    let (name, size) = next_member(&mut input)?.ok_or("is empty")?;
    if name != "debian-binary" || size > 64 {
        return Err("does not start with `debian-binary`".into());
    }
    let mut version = String::new();
    let mut member = input.by_ref().take(size);
    member
        .read_to_string(&mut version)
        .map_err(because("reading `debian-binary`"))?;
    if !version.starts_with("2.") {
        return Err(format!("has format {}, only 2 is known", version.trim()).into());
    }
    skip_padding(&mut input, size)?;

    let mut control = None;
    while let Some((name, size)) = next_member(&mut input)? {
        let mut member = input.by_ref().take(size);
        if name.starts_with("control.tar") {
            control = Some(read_control(decoder(&name, &mut member)?)?);
        } else if name.starts_with("data.tar") {
            let control = control.ok_or("has its data before its control file")?;
            let data = decoder(&name, &mut member)?;
            let entries = read_data(data, contents, keep)?;
            return Ok(Package { control, entries });
        } else if !name.starts_with('_') {
            // deb(5): members that are not known and do not start with `_` must not be passed over.
            return Err(format!("has an unknown member `{name}`").into());
        }
        io::copy(&mut member, &mut io::sink()).map_err(because("passing over a member"))?;
        skip_padding(&mut input, size)?;
    }
    Err("has no data".into())
}

fn read_control(input: impl Read) -> Result<Control, Fault> {
    let mut archive = tar::Archive::new(input.take(16 * CONTROL_BYTES_MAX));
    for entry in archive
        .entries()
        .map_err(because("reading the control archive"))?
    {
        let entry = entry.map_err(because("reading the control archive"))?;
        if !matches!(&*entry.path_bytes(), b"./control" | b"control") {
            continue;
        }
        let mut text = String::new();
        entry
            .take(CONTROL_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(because("reading the control file"))?;
        let field = |wanted: &str| {
            text.lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.trim().to_owned())
                .ok_or_else(|| Fault::from(format!("says no `{wanted}` in its control file")))
        };
        return Ok(Control {
            package: field("Package")?,
            version: field("Version")?,
            architecture: field("Architecture")?,
        });
    }
    Err("has no control file".into())
}

fn read_data(
    input: impl Read,
    contents: &Path,
    keep: &dyn Fn(&str) -> bool,
) -> Result<Vec<Entry>, Fault> {
    // Headers and padding come on top of the contents, at most a few blocks for each entry.
    let bound = CONTENT_BYTES_MAX + 16_384 * ENTRIES_MAX as u64;
    let mut archive = tar::Archive::new(input.take(bound));
    let mut data = Data {
        contents,
        bytes: 0,
        entries: Vec::new(),
        files: HashMap::new(),
    };
    for (position, entry) in archive
        .entries()
        .map_err(because("reading the data archive"))?
        .enumerate()
    {
        if position >= ENTRIES_MAX {
            return Err(format!("has more than {ENTRIES_MAX} entries").into());
        }
        let entry = entry.map_err(because("reading the data archive"))?;
        data.take(entry, keep)?;
    }
    Ok(data.entries)
}

/// The data read so far.
struct Data<'a> {
    contents: &'a Path,
    bytes: u64,
    entries: Vec<Entry>,
    /// Regular files by path, for hard links: position in `entries`.
    files: HashMap<String, usize>,
}

impl Data<'_> {
    fn take(
        &mut self,
        mut entry: tar::Entry<'_, impl Read>,
        keep: &dyn Fn(&str) -> bool,
    ) -> Result<(), Fault> {
        let Some(path) = clean_path(&entry.path_bytes())? else {
            return Ok(());
        };
        let size = entry.size();
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > CONTENT_BYTES_MAX {
            return Err(format!("holds more than {CONTENT_BYTES_MAX} bytes").into());
        }
        let kind = match entry.header().entry_type() {
            tar::EntryType::Directory => Kind::Directory,
            tar::EntryType::Symlink => {
                Kind::Symlink(clean_link(&path, entry.link_name_bytes().as_deref())?)
            }
            tar::EntryType::Link => {
                let bytes = entry
                    .link_name_bytes()
                    .ok_or("has a hard link to nothing")?;
                let target = clean_path(&bytes)?.ok_or("has a hard link to its root")?;
                let Some(position) = self.files.get(&target) else {
                    // The file itself may have been passed over as documentation.
                    return if keep(&target) {
                        Err(format!(
                            "has a hard link `{path}` to `{target}`, which is no earlier file"
                        )
                        .into())
                    } else {
                        Ok(())
                    };
                };
                self.entries[*position].kind.clone()
            }
            tar::EntryType::Regular | tar::EntryType::Continuous => {
                if !keep(&path) {
                    return Ok(());
                }
                let mode = entry.header().mode().map_err(because("reading a mode"))?;
                let content = self.contents.join(self.entries.len().to_string());
                write_content(&mut entry, &content, size)?;
                Kind::File {
                    content,
                    executable: mode & 0o111 != 0,
                }
            }
            other => {
                return Err(format!(
                    "has `{path}`, which is no file, directory or link but {other:?}"
                )
                .into());
            }
        };
        if keep(&path) {
            if matches!(kind, Kind::File { .. }) {
                self.files.insert(path.clone(), self.entries.len());
            }
            self.entries.push(Entry { path, kind });
        }
        Ok(())
    }
}

fn write_content(entry: &mut impl Read, path: &Path, size: u64) -> Result<(), Fault> {
    let mut file = File::create_new(path).map_err(because("writing a file's content"))?;
    let copied = io::copy(&mut entry.take(size), &mut file).map_err(because("unpacking a file"))?;
    if copied != size {
        return Err(format!("ends within a file, {} bytes short", size - copied).into());
    }
    file.flush().map_err(because("writing a file's content"))
}

/// A path as we hold it: no leading `./` or `/`, no `.` or `..`, bounded. `None` is the root itself.
fn clean_path(bytes: &[u8]) -> Result<Option<String>, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        format!(
            "has a path that is no UTF-8: {:?}",
            String::from_utf8_lossy(bytes)
        )
    })?;
    if text.starts_with('/') {
        return Err(format!("has an absolute path `{text}`").into());
    }
    if text.len() > PATH_LENGTH_MAX {
        return Err(format!(
            "has a path of {} bytes, more than {PATH_LENGTH_MAX}",
            text.len()
        )
        .into());
    }
    let relative = text.strip_prefix("./").unwrap_or(text);
    let relative = relative.strip_suffix('/').unwrap_or(relative);
    if relative.is_empty() || relative == "." {
        return Ok(None);
    }
    for part in relative.split('/') {
        if part.is_empty() || part == "." || part == ".." || part.len() > PART_LENGTH_MAX {
            return Err(format!("has a path with a part that is not allowed: {text:?}").into());
        }
    }
    if relative.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return Err(format!("has a path with control characters: {text:?}").into());
    }
    Ok(Some(relative.to_owned()))
}

/// The target of a symbolic link; one that climbs above the root is refused.
fn clean_link(path: &str, target: Option<&[u8]>) -> Result<String, Fault> {
    let target = target
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .filter(|target| {
            !target.is_empty() && target.len() <= LINK_LENGTH_MAX && !target.contains('\0')
        })
        .ok_or_else(|| format!("has a link `{path}` that points nowhere sensible"))?;
    let mut depth = if target.starts_with('/') {
        0
    } else {
        path.matches('/').count()
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => {
                return Err(
                    format!("has a link `{path}` that climbs above the root: `{target}`").into(),
                );
            }
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    Ok(target.to_owned())
}

#[cfg(test)]
mod tests;
