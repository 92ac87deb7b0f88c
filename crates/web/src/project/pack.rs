//! Files of a project as a zip that is saved and unpacked.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described, StatusCode};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use zip::write::SimpleFileOptions;

use crate::csv;
use crate::openapi::declaring;
use crate::page::header::FILE_POLICY;

/// Media type of it.
const MEDIA_TYPE: &str = "application/zip";
/// Bits of a mode by which a file may be executed.
const EXECUTABLE: u32 = 0o111;

/// An archive with the name to save it under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    name: String,
    bytes: Vec<u8>,
}

impl Archive {
    /// Packs files into a directory of this name, so that unpacking strews nothing about. The same
    /// files give the same bytes.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn pack(name: &str, files: &BTreeMap<String, PathBuf>) -> io::Result<Self> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, full) in files {
            let mode = std::fs::metadata(full)?.permissions().mode();
            let mode = if mode & EXECUTABLE == 0 { 0o644 } else { 0o755 };
            let options = SimpleFileOptions::default().unix_permissions(mode);
            archive.start_file(format!("{name}/{path}"), options)?;
            archive.write_all(&std::fs::read(full)?)?;
        }
        Ok(Self {
            name: format!("{name}.zip"),
            bytes: archive.finish()?.into_inner(),
        })
    }
}

impl IntoResponse for Archive {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, MEDIA_TYPE.to_owned()),
            (header::CONTENT_DISPOSITION, csv::save_as(&self.name)),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::CONTENT_SECURITY_POLICY, FILE_POLICY.to_owned()),
        ];
        (headers, self.bytes).into_response()
    }
}

impl OperationOutput for Archive {
    type Inner = Self;

    fn operation_response(_: &mut GenContext, _: &mut Operation) -> Option<Described> {
        Some(declaring::give(
            "The archive.",
            [(MEDIA_TYPE, declaring::bytes())],
        ))
    }

    fn inferred_responses(
        context: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<StatusCode>, Described)> {
        let described = Self::operation_response(context, operation);
        let described = described.map(|described| (Some(StatusCode::Code(200)), described));
        described.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn an_archive_holds_the_files_in_a_directory_and_who_may_be_executed() {
        let directory = tempfile::tempdir().unwrap();
        let mut files = BTreeMap::new();
        for (path, mode) in [("run.sh", 0o750), ("lib/a.py", 0o600)] {
            let full = directory.path().join(path.replace('/', "-"));
            std::fs::write(&full, path).unwrap();
            std::fs::set_permissions(&full, std::fs::Permissions::from_mode(mode)).unwrap();
            files.insert(path.to_owned(), full);
        }
        let packed = Archive::pack("page-one", &files).unwrap();
        assert_eq!(packed, Archive::pack("page-one", &files).unwrap());
        assert_eq!(packed.name, "page-one.zip");
        let mut archive = zip::ZipArchive::new(Cursor::new(packed.bytes)).unwrap();
        let mut found = Vec::new();
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let mode = entry.unix_mode().unwrap() & 0o777;
            found.push((entry.name().unwrap().into_owned(), mode, text));
        }
        let expected = [("lib/a.py", 0o644), ("run.sh", 0o755)]
            .map(|(path, mode)| (format!("page-one/{path}"), mode, path.to_owned()));
        assert_eq!(found, expected);
        files.insert("gone".to_owned(), directory.path().join("gone"));
        assert!(Archive::pack("page-one", &files).is_err());
    }
}
