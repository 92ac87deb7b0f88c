//! The files of a submission, in whichever form they come.

use std::collections::BTreeMap;
use std::io::Cursor;

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use carrel_api::limits::{
    JSON_BODY_BYTES_MAX, PATH_BYTES_MAX, PATH_DEPTH_MAX, SUBMISSION_BYTES_MAX,
    SUBMISSION_FILES_MAX, UPLOAD_BYTES_MAX,
};
use carrel_api::submission::{Band, NewSubmission, SubmitQuery};
use carrel_api::{Code, Content};
use carrel_course::pattern::check_path;
use schemars::json_schema;

use crate::archive::{self, Bounds, Memory};
use crate::catalogue::run_blocking;
use crate::extract::{parse_json, read_body, refuse_kind};
use crate::openapi::declaring;
use crate::problem::{Problem, Result};

/// Files by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What was sent, whatever the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Files.
    pub files: Files,
    /// Step up to which it is judged.
    pub step: Option<String>,
    /// How soon it is wanted.
    pub band: Band,
}

impl OperationInput for Upload {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        let multipart = json_schema!({
            "type": "object",
            "properties": {
                "step": {"type": "string", "description": "Step up to which it is judged."},
                "files": {
                    "type": "array",
                    "description": "One part per file, its path as the file name.",
                    "items": declaring::bytes(),
                },
            },
        });
        let json = context.schema.subschema_for::<NewSubmission>();
        let archives = [
            "application/zip",
            "application/x-tar",
            "application/gzip",
            "application/octet-stream",
        ];
        let forms = [
            ("application/json", json),
            ("multipart/form-data", multipart),
        ];
        let forms = forms
            .into_iter()
            .chain(archives.map(|kind| (kind, declaring::bytes())));
        declaring::take_body(
            context,
            operation,
            "The files, in one of several forms.",
            forms,
        );
    }
}

/// Media types of archives that are taken; the form itself is found by its first bytes.
const ARCHIVES: [&str; 7] = [
    "application/zip",
    "application/x-zip-compressed",
    "application/x-tar",
    "application/gzip",
    "application/x-gzip",
    "application/x-gtar",
    "application/octet-stream",
];

/// Reads a submission by its `Content-Type`.
///
/// # Errors
/// Not a form that is taken, not well-formed, or past a limit.
pub async fn read(request: Request, query: SubmitQuery) -> Result<Upload> {
    let kind = kind_of(request.headers());
    let upload = match kind.as_str() {
        "application/json" => read_json(request.into_body(), query).await?,
        "multipart/form-data" => read_multipart(request, query).await?,
        archive if ARCHIVES.contains(&archive) => {
            let files = read_archive(request.into_body()).await?;
            Upload {
                files,
                step: query.step,
                band: query.band.unwrap_or_default(),
            }
        }
        other => {
            let taken = "`application/json`, `multipart/form-data`, `application/zip`, \
                         `application/x-tar` or `application/gzip`";
            return Err(refuse_kind(other, taken));
        }
    };
    check_files(&upload.files)?;
    Ok(upload)
}

/// The media type, in lower case, without parameters.
fn kind_of(headers: &HeaderMap) -> String {
    let kind = headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.to_ascii_lowercase()
}

/// Whether a body of this kind may tell how soon it is wanted; of the others the address tells.
#[must_use]
pub fn tells_band(headers: &HeaderMap) -> bool {
    kind_of(headers) == "application/json"
}

async fn read_json(body: Body, query: SubmitQuery) -> Result<Upload> {
    let bytes = read_body(body, JSON_BODY_BYTES_MAX).await?;
    let sent: NewSubmission = parse_json(&bytes)?;
    Ok(Upload {
        files: decode_files(sent.files)?,
        step: sent.step.or(query.step),
        band: query.band.unwrap_or(sent.band),
    })
}

/// Turns contents of JSON into bytes.
///
/// # Errors
/// Base64 that is none, named by its file.
pub fn decode_files(files: BTreeMap<String, Content>) -> Result<Files> {
    let mut decoded = Files::new();
    for (path, content) in files {
        let bytes = content.into_bytes().map_err(|error| {
            Problem::field(format!("files.{path}.base64"), format!("`{path}` {error}"))
        })?;
        decoded.insert(path, bytes);
    }
    Ok(decoded)
}

/// Every part is a file with its name, or the field `step`.
async fn read_multipart(request: Request, query: SubmitQuery) -> Result<Upload> {
    let refuse = |text: String| Problem::new(Code::InvalidRequest, text);
    let (parts, body) = request.into_parts();
    let bytes = read_body(body, UPLOAD_BYTES_MAX).await?;
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut multipart = Multipart::from_request(request, &())
        .await
        .map_err(|error| refuse(error.body_text()))?;
    let mut upload = Upload {
        files: Files::new(),
        step: query.step,
        band: query.band.unwrap_or_default(),
    };
    let broken = |error: axum::extract::multipart::MultipartError| refuse(error.body_text());
    while let Some(part) = multipart.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(broken)?;
        match (file, name.as_str()) {
            (Some(path), _) => {
                if upload.files.insert(path.clone(), bytes.to_vec()).is_some() {
                    return Err(Problem::field(
                        path.clone(),
                        format!("`{path}` comes twice"),
                    ));
                }
            }
            (None, "step") => {
                let step = String::from_utf8(bytes.to_vec());
                upload.step = Some(step.map_err(|_| Problem::field("step", "is not UTF-8"))?);
            }
            (None, "band") => {
                let message = "`band` is said in the address: `?band=batch`";
                return Err(Problem::field("band", message));
            }
            (None, other) => {
                let message = format!("part `{other}` has no file name, and is not `step`");
                return Err(Problem::field(other, message));
            }
        }
    }
    Ok(upload)
}

async fn read_archive(body: Body) -> Result<Files> {
    let bytes = read_body(body, UPLOAD_BYTES_MAX).await?;
    let read = run_blocking(move || {
        let bounds = Bounds {
            // Directories count too.
            entries_max: SUBMISSION_FILES_MAX * 2,
            bytes_max: SUBMISSION_BYTES_MAX as u64,
        };
        let mut memory = Memory::default();
        archive::read(Cursor::new(bytes), bounds, &mut memory).map(|()| memory.0)
    });
    let files = read.await?;
    files.map_err(|error| Problem::new(Code::InvalidArchive, error.to_string()))
}

/// Bounds and names, the same for every form.
///
/// # Errors
/// The first file at fault.
pub fn check_files(files: &Files) -> Result<()> {
    if files.is_empty() {
        return Err(Problem::field("files", "there is no file"));
    }
    if files.len() > SUBMISSION_FILES_MAX {
        let message = format!("{} files; at most {SUBMISSION_FILES_MAX}", files.len());
        return Err(Problem::field("files", message));
    }
    let bytes: usize = files.values().map(Vec::len).sum();
    if bytes > SUBMISSION_BYTES_MAX {
        let detail = format!("the files have {bytes} bytes; at most {SUBMISSION_BYTES_MAX}");
        return Err(Problem::new(Code::TooLarge, detail));
    }
    for path in files.keys() {
        let problem = match check_path(path) {
            Err(problem) => Some(problem),
            Ok(()) if path.len() > PATH_BYTES_MAX => Some("is too long"),
            Ok(()) if path.split('/').count() > PATH_DEPTH_MAX => Some("lies too deep"),
            Ok(()) => None,
        };
        if let Some(problem) = problem {
            let shown = path.chars().take(PATH_BYTES_MAX).collect::<String>();
            let shown = shown.escape_debug();
            let message = format!("the path `{shown}` {problem}");
            return Err(Problem::field(format!("files.{shown}"), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn upload(kind: &str, body: impl Into<Body>) -> Result<Upload> {
        let request = Request::builder()
            .header(CONTENT_TYPE, kind)
            .body(body.into())
            .unwrap();
        read(request, SubmitQuery::default()).await
    }

    #[tokio::test]
    async fn json_and_multipart_give_the_same_files() {
        let json = r#"{"files":{"lib/a.py":"print(1)","b":{"base64":"AAE="}},"step":"one"}"#;
        let json = upload("application/json", json).await.unwrap();
        let body = "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"lib/a.py\"\r\n\r\nprint(1)\r\n\
            --X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"b\"\r\n\r\n\u{0}\u{1}\r\n\
            --X\r\nContent-Disposition: form-data; name=\"step\"\r\n\r\none\r\n--X--\r\n";
        let multipart = upload("multipart/form-data; boundary=X", body)
            .await
            .unwrap();
        assert_eq!(json, multipart);
        assert_eq!(json.files["b"], [0, 1]);
    }

    #[tokio::test]
    async fn what_is_wrong_is_named() {
        for (body, field) in [
            (r#"{"files":{}}"#, "files"),
            (r#"{"files":{"../a":"x"}}"#, "files.../a"),
            (r#"{"files":{"a":{"base64":"%"}}}"#, "files.a.base64"),
            (r#"{"files":{"a":"x"},"stpe":"one"}"#, "stpe"),
        ] {
            let problem = upload("application/json", body).await.unwrap_err();
            assert_eq!(problem.document().errors[0].field, field, "{body}");
        }
        let deep = "a/".repeat(PATH_DEPTH_MAX) + "a";
        let body = format!(r#"{{"files":{{"{deep}":"x"}}}}"#);
        let problem = upload("application/json", body).await.unwrap_err();
        assert_eq!(problem.document().errors[0].field, format!("files.{deep}"));
        for (kind, told) in [
            (
                "text/plain",
                "`Content-Type` is `text/plain`; send `application/json`,",
            ),
            ("", "there is no `Content-Type`; send `application/json`,"),
        ] {
            let problem = upload(kind, "x").await.unwrap_err();
            assert_eq!(problem.code(), Code::UnsupportedMediaType);
            let detail = &problem.document().detail;
            assert!(detail.starts_with(told), "{detail}");
        }
        let band = "--X\r\nContent-Disposition: form-data; name=\"band\"\r\n\r\nbatch\r\n--X--\r\n";
        let problem = upload("multipart/form-data; boundary=X", band)
            .await
            .unwrap_err();
        assert!(problem.document().detail.contains("`?band=batch`"));
        let problem = upload("application/zip", "x").await.unwrap_err();
        assert_eq!(problem.code(), Code::InvalidArchive);
        let huge = vec![0; UPLOAD_BYTES_MAX + 1];
        let problem = upload("application/zip", huge).await.unwrap_err();
        assert_eq!(problem.code(), Code::TooLarge);
    }
}
