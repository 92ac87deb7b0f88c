//! Quizzes from and to other tools: a course's files on one side, `carrel_exchange` on the other.

pub mod export;
pub mod import;
pub mod report;
mod stage;

use std::path::Path;

use carrel_exchange::limits::FILE_BYTES_MAX;
use carrel_exchange::{Format, Unrecognised};

use crate::failure::Failure;

/// The format of a name to import from, for the command line.
///
/// # Errors
/// There is none of this name; the names of those that are read.
pub fn parse_source(name: &str) -> Result<Format, String> {
    parse_format(name, Format::can_read)
}

/// The format of a name to export to, for the command line.
///
/// # Errors
/// There is none of this name; the names of those that are written.
pub fn parse_target(name: &str) -> Result<Format, String> {
    parse_format(name, Format::can_write)
}

/// A format that is known and does not pass is told of later, by what it is.
fn parse_format(name: &str, passes: fn(Format) -> bool) -> Result<Format, String> {
    Format::of_name(name).ok_or_else(|| {
        let formats = Format::ALL.into_iter().filter(|format| passes(*format));
        let names: Vec<&str> = formats.map(Format::name).collect();
        format!("the formats are {}", names.join(", "))
    })
}

/// Names and titles of the formats that pass, one a line.
fn list_formats(passes: fn(Format) -> bool) -> String {
    let formats = Format::ALL.into_iter().filter(|format| passes(*format));
    let lines: Vec<String> = formats
        .map(|format| format!("  {}: {}", format.name(), format.title()))
        .collect();
    lines.join("\n")
}

/// Reads a file that is named on the command line.
fn read_file(path: &Path, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    use std::io::Read as _;
    let told = |error: std::io::Error| {
        Failure::usage(format!("cannot read `{}`: {error}", path.display()))
    };
    let file = std::fs::File::open(path).map_err(told)?;
    if file.metadata().map_err(told)?.is_dir() {
        return Err(
            Failure::usage(format!("`{}` is a directory", path.display()))
                .hint("name the file itself; of an unpacked package, pack it as zip again"),
        );
    }
    let mut bytes = Vec::new();
    let room = u64::try_from(bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    file.take(room).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() > bytes_max {
        let message = format!("`{}` is larger than {bytes_max} bytes", path.display());
        return Err(Failure::usage(message));
    }
    Ok(bytes)
}

/// Reads a file of another tool, and tells its format where that is not said.
fn read_source(path: &Path, said: Option<Format>) -> Result<(Format, Vec<u8>), Failure> {
    let bytes = read_file(path, FILE_BYTES_MAX)?;
    let name = path.display().to_string();
    let format = match said {
        Some(format) => format,
        None => Format::recognise(&name, &bytes).map_err(|error| {
            let formats = list_formats(Format::can_read);
            let failure = Failure::usage(format!("`{name}` {error}"));
            if let Unrecognised::Foreign(_) = error {
                return failure;
            }
            failure.hint(format!(
                "say the format with `--from FORMAT`; those that are read:\n{formats}"
            ))
        })?,
    };
    Ok((format, bytes))
}
