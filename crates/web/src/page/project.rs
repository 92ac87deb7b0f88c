//! A workspace project: its instructions, its files to look at and to save, and the mark that it
//! is done.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use carrel_course::course::ActivityKind;
use carrel_markdown::highlight::highlight;
use serde::Deserialize;

use super::lesson::{Neighbour, neighbours};
use super::{Frame, Place, held, text};
use crate::app::App;
use crate::caller::Caller;
use crate::catalogue::run_blocking;
use crate::problem::{Problem, Result};
use crate::project::{self, Archive};

/// Longest file that is shown, bytes; a longer one is in the archive.
const SHOWN_FILE_BYTES_MAX: usize = 64 << 10;
/// Most bytes of files that one page shows together.
const SHOWN_BYTES_MAX: usize = 256 << 10;

pub(super) fn routes() -> Router<App> {
    let own = "/courses/{course}/projects/{project}";
    Router::new()
        .route(own, get(show))
        .route(&format!("{own}/archive"), get(save))
        .route(&format!("{own}/done"), post(finish))
}

#[derive(Template)]
#[template(path = "project.html")]
struct ProjectPage {
    frame: Frame,
    course: String,
    home: String,
    own: String,
    unit: String,
    title: String,
    minutes: Option<u32>,
    environment: String,
    /// What holds learners back, as markup: told to authors.
    held: Option<String>,
    html: Arc<str>,
    /// What files there are: to begin with, then those of each stage.
    moments: Vec<Moment>,
    /// Address of the archive of those that are shown.
    archive: String,
    files: Vec<ShownFile>,
    done: bool,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
}

/// Which files are wanted.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    /// Those of this stage; `None`: those to begin with.
    stage: Option<String>,
}

/// A moment whose files can be looked at.
struct Moment {
    address: String,
    /// `None`: the beginning.
    title: Option<String>,
    here: bool,
}

/// A file.
struct ShownFile {
    path: String,
    /// Whether it is unfolded at first.
    open: bool,
    content: Content,
}

enum Content {
    /// Its text with colours, as markup.
    Text(String),
    /// It has no text to show.
    Binary,
    /// It is too long, or all of them together are.
    Long,
}

async fn show(
    State(app): State<App>,
    frame: Frame,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response> {
    let found = project::find(&app, &caller, &course, &id).await?;
    let project = found.project();
    let stage = wanted.stage.as_deref();
    let files = found.files(stage)?.clone();
    let place = Place {
        version: found.version.clone(),
        course: Arc::clone(&found.course),
    };
    let instructions = &project.instructions;
    let directory = instructions.path.rsplit_once('/');
    let directory = directory.map_or("", |(directory, _)| directory);
    let source = (directory, instructions.markdown.as_str());
    let html = text::render_markdown(&app, &frame, &place, source).await?;
    let held = held::notice(&app, &frame, (&caller, &place.course), &id).await?;
    let done = project::is_done(&app, &caller, &course, &id).await?;
    let (previous, next) = neighbours(&app, &caller, &place, &id);
    let own = place.activity(ActivityKind::Project, &id);
    let open = project.open.clone();
    let shown = run_blocking(move || show_files(&files, &open)).await?;
    let unit = place.course.activity(&id);
    let unit = unit.map(|(unit, _)| unit.title.clone());
    super::show(&ProjectPage {
        course: place.course.title.clone(),
        home: place.address(),
        unit: unit.unwrap_or_default(),
        title: project.title.clone(),
        minutes: project.minutes,
        environment: project.environment.clone(),
        held: held.filter(|_| frame.is_author(&course)),
        html,
        moments: moments(project, &own, stage),
        archive: with_stage(&format!("{own}/archive"), stage),
        files: shown.map_err(|error| Problem::internal(&error))?,
        done,
        previous,
        next,
        own,
        frame,
    })
}

/// An address that is about a stage, or about the beginning.
fn with_stage(address: &str, stage: Option<&str>) -> String {
    // The id of a stage has nothing in it that an address would write in another way.
    match stage {
        Some(stage) => format!("{address}?stage={stage}"),
        None => address.to_owned(),
    }
}

fn moments(project: &carrel_course::course::Project, own: &str, here: Option<&str>) -> Vec<Moment> {
    let moment = |stage: Option<&str>, title: Option<&String>| Moment {
        address: format!("{}#files", with_stage(own, stage)),
        title: title.cloned(),
        here: stage == here,
    };
    let stages = project.stages.iter();
    let stages = stages.map(|stage| moment(Some(&stage.id), Some(&stage.title)));
    std::iter::once(moment(None, None)).chain(stages).collect()
}

/// Files as they are shown; those that an editor opens first come first.
fn show_files(
    files: &BTreeMap<String, PathBuf>,
    open: &[String],
) -> std::io::Result<Vec<ShownFile>> {
    let first = open.iter().filter_map(|path| files.get_key_value(path));
    let rest = files.iter().filter(|(path, _)| !open.contains(path));
    let mut left = SHOWN_BYTES_MAX;
    let mut shown = Vec::with_capacity(files.len());
    for (path, full) in first.chain(rest) {
        let most = left.min(SHOWN_FILE_BYTES_MAX);
        let content = read_content(path, full, most)?;
        if let Content::Text(_) = &content {
            let bytes = std::fs::metadata(full)?.len();
            left = left.saturating_sub(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        shown.push(ShownFile {
            path: path.clone(),
            open: open.contains(path),
            content,
        });
    }
    Ok(shown)
}

fn read_content(path: &str, full: &std::path::Path, bytes_max: usize) -> std::io::Result<Content> {
    if std::fs::metadata(full)?.len() > bytes_max as u64 {
        return Ok(Content::Long);
    }
    let Ok(text) = String::from_utf8(std::fs::read(full)?) else {
        return Ok(Content::Binary);
    };
    if text.contains('\0') {
        return Ok(Content::Binary);
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let language = name.rsplit_once('.').map_or(name, |(_, ending)| ending);
    Ok(Content::Text(highlight(&text, language)))
}

async fn save(
    State(app): State<App>,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Archive> {
    let stage = wanted.stage.as_deref();
    project::archive_of(&app, &caller, (&course, &id), stage).await
}

/// Marks a project as done, and goes on to what comes after it.
async fn finish(
    State(app): State<App>,
    caller: Caller,
    Path((course, id)): Path<(String, String)>,
) -> Result<Redirect> {
    project::finish_project(&app, &caller, &course, &id).await?;
    let place = Place::find(&app, &caller, &course).await?;
    let (_, next) = neighbours(&app, &caller, &place, &id);
    Ok(Redirect::to(
        &next.map_or_else(|| place.address(), |next| next.address),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_or_too_long_is_named_and_not_shown() {
        let directory = tempfile::tempdir().unwrap();
        let mut files = BTreeMap::new();
        let half = "x".repeat(SHOWN_FILE_BYTES_MAX);
        for (path, bytes) in [
            ("a.html", &b"<b>1</b>"[..]),
            ("b.bin", &[0xff, 0xfe]),
            ("c.txt", b"a\0b"),
            ("d.txt", format!("{half}x").as_bytes()),
            ("e1.txt", half.as_bytes()),
            ("e2.txt", half.as_bytes()),
            ("e3.txt", half.as_bytes()),
            ("e4.txt", half.as_bytes()),
            ("f.py", b"pass"),
        ] {
            let full = directory.path().join(path);
            std::fs::write(&full, bytes).unwrap();
            files.insert(path.to_owned(), full);
        }
        let shown = show_files(&files, &["f.py".to_owned(), "gone".to_owned()]).unwrap();
        let told: Vec<(&str, bool, &str)> = shown
            .iter()
            .map(|file| {
                let content = match &file.content {
                    Content::Text(_) => "text",
                    Content::Binary => "binary",
                    Content::Long => "long",
                };
                (file.path.as_str(), file.open, content)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("f.py", true, "text"),
                ("a.html", false, "text"),
                ("b.bin", false, "binary"),
                ("c.txt", false, "binary"),
                ("d.txt", false, "long"),
                ("e1.txt", false, "text"),
                ("e2.txt", false, "text"),
                ("e3.txt", false, "text"),
                ("e4.txt", false, "long"),
            ]
        );
        let Content::Text(html) = &shown[1].content else {
            panic!("it is text");
        };
        assert!(html.contains("&lt;") && !html.contains("<b>"), "{html}");
    }
}
