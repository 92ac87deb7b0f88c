//! Quizzes of other tools in Carrel's notation: a file is uploaded, what was carried over and what
//! was not is shown, and what it became is there to be saved. The course stays as it is: its files
//! are the author's, in their repository.
//!
//! The file is held as it came ([`crate::holding`]) and read anew for each answer; reading is pure.

use std::io::{Cursor, Read as _, Write as _};

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carrel_api::Code;
use carrel_exchange::{Format, Imported, Unrecognised};
use carrel_quiz::{Quiz, notation};
use carrel_store::account::Role;
use serde::Deserialize;
use tokio::sync::Semaphore;
use zip::write::SimpleFileOptions;

use super::address;
use crate::app::App;
use crate::caller::Caller;
use crate::catalogue::run_blocking;
use crate::page::place::encode;
use crate::page::refusal::Refusal;
use crate::page::{Frame, show_with};
use crate::problem::{Problem, Result, tell_causes};
use crate::{csv, holding};

/// Largest file that is read here, bytes.
const IMPORT_BYTES_MAX: usize = 16 << 20;
/// Most files read at one moment; others wait.
const READING_MAX: usize = 2;
/// Most of the quiz's text that the page shows, bytes.
const TEXT_BYTES_SHOWN: usize = 100_000;
/// Most losses that the page lists; the report in the archive has all.
const LOSSES_SHOWN: usize = 500;

static READING: Semaphore = Semaphore::const_new(READING_MAX);

pub(super) fn routes() -> Router<App> {
    let upload = post(take).layer(DefaultBodyLimit::disable());
    Router::new()
        .route(
            "/courses/{course}/author/import",
            get(show_form).merge(upload),
        )
        .route("/courses/{course}/author/import/{digest}", get(show_report))
        .route(
            "/courses/{course}/author/import/{digest}/quiz",
            get(save_quiz),
        )
        .route(
            "/courses/{course}/author/import/{digest}/files",
            get(save_files),
        )
}

#[derive(Template)]
#[template(path = "author/import.html")]
struct ImportPage {
    frame: Frame,
    course: String,
    title: String,
    format: String,
    formats: Vec<(&'static str, &'static str)>,
    refusal: Option<Refusal>,
    report: Option<Report>,
}

/// What was carried over and what was not.
struct Report {
    file: String,
    format: String,
    questions: usize,
    pools: usize,
    attachments: usize,
    challenges: Vec<String>,
    losses: Vec<ShownLoss>,
    /// Losses that are not listed.
    more: usize,
    quiz_name: String,
    text: String,
    cut: bool,
    save_quiz: String,
    save_files: String,
}

struct ShownLoss {
    line: Option<u32>,
    question: String,
    what: String,
}

/// How a held file is to be read: it stands in the address.
#[derive(Debug, Clone, Deserialize)]
struct How {
    #[serde(default)]
    file: String,
    #[serde(default)]
    format: String,
}

impl How {
    fn query(&self) -> String {
        format!(
            "?file={}&format={}",
            encode(&self.file),
            encode(&self.format)
        )
    }
}

/// Name of a format in the catalogue.
fn name_of(format: Format) -> &'static str {
    match format {
        Format::Gift => "import-gift",
        Format::Aiken => "import-aiken",
        Format::MoodleXml => "import-moodle",
        Format::H5p => "import-h5p",
        _ => "import-qti",
    }
}

async fn begin(app: &App, frame: Frame, caller: &Caller, course: &str) -> Result<ImportPage> {
    caller.require_role(course, Role::Author)?;
    let title = app.store.course(course).await?.title;
    let readable = Format::ALL.into_iter().filter(|format| {
        // The two versions of QTI differ in what is written only.
        format.can_read() && *format != Format::Qti22
    });
    Ok(ImportPage {
        course: course.to_owned(),
        title,
        format: String::new(),
        formats: readable
            .map(|format| (format.name(), name_of(format)))
            .collect(),
        refusal: None,
        report: None,
        frame,
    })
}

impl ImportPage {
    fn refuse(mut self, problem: Problem) -> Result<Response> {
        let refusal = Refusal::of(problem)?;
        let status = refusal.status;
        self.refusal = Some(refusal);
        show_with(status, &self)
    }
}

async fn show_form(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
) -> Result<Response> {
    let page = begin(&app, frame, &caller, &course).await?;
    show_with(StatusCode::OK, &page)
}

async fn take(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path(course): Path<String>,
    request: Request,
) -> Result<Response> {
    let page = begin(&app, frame, &caller, &course).await?;
    match holding::receive(&app, &caller, request, IMPORT_BYTES_MAX).await {
        Ok(held) => {
            let how = How {
                format: held.value("format").unwrap_or_default().to_owned(),
                file: held.name,
            };
            let rest = format!("import/{}{}", held.digest, how.query());
            Ok(Redirect::to(&address(&course, &rest)).into_response())
        }
        Err(problem) => page.refuse(problem),
    }
}

/// What a file became.
struct Converted {
    format: Format,
    imported: Imported,
    text: String,
}

impl Converted {
    /// Name of the quiz's file.
    fn quiz_name(&self) -> String {
        let id = match self.imported.quiz.id.as_str() {
            "" => "imported",
            id => id,
        };
        format!("{id}.quiz.md")
    }

    fn report(&self) -> String {
        let mut report = String::new();
        for loss in &self.imported.losses {
            report.push_str(&format!("{loss}\n"));
        }
        report
    }
}

/// Reads a held file, and makes of it what is wanted.
async fn convert<T: Send + 'static>(
    app: &App,
    caller: &Caller,
    (digest, how): (&str, &How),
    then: impl FnOnce(Converted) -> T + Send + 'static,
) -> Result<T> {
    let file = holding::open(app, caller, digest).await?;
    let how = How {
        file: holding::plain_name(&how.file),
        format: how.format.clone(),
    };
    let reading = READING.acquire().await;
    let reading = reading.map_err(|error| Problem::internal(&error))?;
    let read = run_blocking(move || {
        // Held by the work: a browser that leaves does not end it.
        let _reading = reading;
        read(file, &how).map(then)
    });
    read.await?
}

fn read(file: std::fs::File, how: &How) -> Result<Converted> {
    let mut bytes = Vec::new();
    // What the page for publishing holds may be larger.
    let mut bounded = file.take(IMPORT_BYTES_MAX as u64 + 1);
    let count = bounded.read_to_end(&mut bytes);
    if count.map_err(|error| Problem::internal(&error))? > IMPORT_BYTES_MAX {
        let detail = format!("the file is larger than {IMPORT_BYTES_MAX} bytes");
        return Err(Problem::new(Code::TooLarge, detail));
    }
    let refuse = |text: String| Problem::field("file", text);
    let format = match how.format.as_str() {
        "" => Format::recognise(&how.file, &bytes)
            .map_err(|error| refuse(tell_unrecognised(&how.file, &error)))?,
        name => Format::of_name(name)
            .filter(|format| format.can_read())
            .ok_or_else(|| Problem::field("format", format!("there is no format `{name}`")))?,
    };
    let mut imported = carrel_exchange::read(format, &bytes, &how.file)
        .map_err(|error| refuse(tell_causes(&error)))?;
    name(&mut imported.quiz, format, &how.file);
    let text = notation::write(&imported.quiz);
    Ok(Converted {
        format,
        imported,
        text,
    })
}

/// Why the format of a file is not known, and what to do.
fn tell_unrecognised(file: &str, error: &Unrecognised) -> String {
    match error {
        Unrecognised::Foreign(_) => format!("`{file}` {error}"),
        _ => format!("`{file}` {error}; choose one"),
    }
}

/// A quiz without a title is called as its file, whose ending is no part of its id.
fn name(quiz: &mut Quiz, format: Format, file: &str) {
    for ending in format.extensions() {
        if let Some(id) = quiz.id.strip_suffix(&format!(".{ending}")) {
            quiz.id = id.to_owned();
        }
    }
    if quiz.title.is_empty() {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        quiz.title = stem.to_owned();
    }
}

async fn show_report(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, digest)): Path<(String, String)>,
    Query(how): Query<How>,
) -> Result<Response> {
    let mut page = begin(&app, frame, &caller, &course).await?;
    page.format.clone_from(&how.format);
    match convert(&app, &caller, (&digest, &how), |converted| converted).await {
        Ok(converted) => {
            let place = address(&course, &format!("import/{digest}"));
            page.report = Some(describe(&page.frame, (&converted, &how), &place));
            show_with(StatusCode::OK, &page)
        }
        Err(problem) => page.refuse(problem),
    }
}

fn describe(frame: &Frame, (converted, how): (&Converted, &How), place: &str) -> Report {
    let Imported {
        quiz,
        files,
        challenges,
        losses,
    } = &converted.imported;
    let pools = quiz.items.iter();
    let pools = pools.filter(|item| matches!(item, carrel_quiz::Item::Pool(_)));
    let shown = losses.iter().take(LOSSES_SHOWN).map(|loss| ShownLoss {
        line: Some(loss.line).filter(|line| *line > 0),
        question: loss.question.clone(),
        what: loss.what.clone(),
    });
    let text = &converted.text;
    let mut end = text.len().min(TEXT_BYTES_SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let query = how.query();
    Report {
        file: holding::plain_name(&how.file),
        format: frame.text(name_of(converted.format)),
        questions: quiz.questions().count(),
        pools: pools.count(),
        attachments: files.len(),
        challenges: challenges.iter().map(|one| one.name.clone()).collect(),
        losses: shown.collect(),
        more: losses.len().saturating_sub(LOSSES_SHOWN),
        quiz_name: converted.quiz_name(),
        text: text[..end].to_owned(),
        cut: end < text.len(),
        save_quiz: format!("{place}/quiz{query}"),
        save_files: format!("{place}/files{query}"),
    }
}

async fn save_quiz(
    State(app): State<App>,
    caller: Caller,
    Path((course, digest)): Path<(String, String)>,
    Query(how): Query<How>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let quiz = |converted: Converted| (converted.quiz_name(), converted.text);
    let (name, text) = convert(&app, &caller, (&digest, &how), quiz).await?;
    let kind = "text/markdown; charset=utf-8";
    Ok(save(&name, kind, text.into_bytes()))
}

async fn save_files(
    State(app): State<App>,
    caller: Caller,
    Path((course, digest)): Path<(String, String)>,
    Query(how): Query<How>,
) -> Result<Response> {
    caller.require_role(&course, Role::Author)?;
    let packed = convert(&app, &caller, (&digest, &how), |converted| pack(&converted)).await?;
    let bytes = packed.map_err(|error| Problem::internal(&error))?;
    Ok(save("imported.zip", "application/zip", bytes))
}

/// The quiz, the files it shows, its challenges and the report, as they lie in a course.
fn pack(converted: &Converted) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut write = |path: &str, bytes: &[u8]| {
        archive.start_file(path, SimpleFileOptions::default())?;
        archive.write_all(bytes)?;
        zip::result::ZipResult::Ok(())
    };
    write(&converted.quiz_name(), converted.text.as_bytes())?;
    write("import-report.txt", converted.report().as_bytes())?;
    for file in &converted.imported.files {
        write(&file.path, &file.bytes)?;
    }
    for challenge in &converted.imported.challenges {
        for file in &challenge.files {
            write(&format!("{}/{}", challenge.name, file.path), &file.bytes)?;
        }
    }
    Ok(archive.finish()?.into_inner())
}

/// An answer that is saved, never opened here.
fn save(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, csv::save_as(name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_SECURITY_POLICY,
            crate::page::header::FILE_POLICY.to_owned(),
        ),
    ];
    (headers, bytes).into_response()
}
