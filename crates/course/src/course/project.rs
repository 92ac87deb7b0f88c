//! A workspace project: instructions, files to begin with, and the moments that its author names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::lesson::{self, LESSON_BYTES_MAX};
use crate::challenge::context::{Context, IdForm};
use crate::document::Document;
use crate::placed::Placed;
use crate::problem::{Problems, offer_nearest};
use crate::raw::{PROJECT_FILE, ProjectFile, StageTable};
use crate::tree::Tree;

/// Most files that a project begins with; as many has each of its stages.
pub const PROJECT_FILES_MAX: usize = 500;
/// Most bytes of these files together.
pub const PROJECT_BYTES_MAX: u64 = 8 << 20;
/// Most stages of a project.
pub const STAGES_MAX: usize = 50;
/// File of the instructions where none is said.
const INSTRUCTIONS: &str = "instructions.md";
/// Directory of the files to begin with where none is said.
const FILES: &str = "files";
/// Directory of the files of stages where none is said.
const STAGES: &str = "stages";

/// Something larger that learners make from files that are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Id, unique among all units and activities of the course.
    pub id: String,
    /// Title.
    pub title: String,
    /// Its directory, relative to the course.
    pub path: String,
    /// One or two sentences for lists.
    pub summary: Option<String>,
    /// Minutes that it takes.
    pub minutes: Option<u32>,
    /// Environment that its programs are meant for.
    pub environment: String,
    /// What is to be done.
    pub instructions: Instructions,
    /// Files that learners begin with, by path in the project.
    pub files: BTreeMap<String, PathBuf>,
    /// Of these files those that an editor opens first, in order.
    pub open: Vec<String>,
    /// Moments that its author names, in order.
    pub stages: Vec<Stage>,
}

/// What is to be done in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructions {
    /// File, relative to the course; links and images in the text are relative to it.
    pub path: String,
    /// The text, without a heading at its top that only says the title again.
    pub markdown: String,
    /// Line of the file at which the text begins, from 1.
    pub first_line: usize,
}

/// A moment of a project: all files as they are then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Id, unique in the project.
    pub id: String,
    /// Title.
    pub title: String,
    /// All files, by path in the project.
    pub files: BTreeMap<String, PathBuf>,
}

/// Whether a directory holds a project.
#[must_use]
pub fn is_project(directory: &Path) -> bool {
    directory.join(PROJECT_FILE).is_file()
}

/// Reads a project directory; `path` is the same relative to the course. `None` where anything is
/// wrong with it.
pub(super) fn read(full: &Path, path: &str, problems: &mut Problems) -> Option<Project> {
    let mut found = Problems::new();
    let project = parse(full, path, &mut found).filter(|_| found.is_empty());
    problems.append(found);
    project
}

fn parse(full: &Path, path: &str, problems: &mut Problems) -> Option<Project> {
    let tree = Tree::read(full, "project", problems)?;
    let mut document = Document::open(&full.join(PROJECT_FILE), problems)?;
    let file: ProjectFile = document.parse(problems)?;
    let mut context = Context {
        tree: &tree,
        document: &document,
        problems,
    };
    build(&mut context, path, &file)
}

fn build(context: &mut Context<'_>, path: &str, file: &ProjectFile) -> Option<Project> {
    let hint = "a short name that never changes, such as `web-page`";
    let id = read_id(context, file.id.as_ref(), "id", hint);
    let title = context.require_text(file.title.as_ref(), "title", "what learners see");
    let hint = "the environment that its programs are meant for, such as `python`";
    let environment = read_id(context, file.environment.as_ref(), "environment", hint);
    if let Some(minutes) = &file.minutes {
        let what = "the minutes that the project takes";
        lesson::check_minutes(context.document, minutes, what, context.problems);
    }
    let instructions = read_instructions(context, path, file.instructions.as_ref(), &title);
    let mut directories = Directories::default();
    let files = directories.read(context, &said_or(file.files.as_ref(), FILES));
    let open = read_open(context, &file.open, &files);
    let stages = read_stages(context, &file.stages, &mut directories);
    Some(Project {
        id,
        title,
        path: path.to_owned(),
        summary: file.summary.as_ref().map(|text| text.value.clone()),
        minutes: file.minutes.as_ref().map(|minutes| minutes.value),
        environment,
        instructions: instructions?,
        files,
        open,
        stages,
    })
}

fn read_id(
    context: &mut Context<'_>,
    said: Option<&Placed<String>>,
    key: &str,
    hint: &str,
) -> String {
    let id = context.require_text(said, key, hint);
    if let Some(said) = said.filter(|_| !id.is_empty()) {
        context.check_id(said, IdForm::Slug);
    }
    id
}

/// What the author says, or else the usual name.
fn said_or(said: Option<&Placed<String>>, usual: &str) -> Placed<String> {
    said.cloned()
        .unwrap_or_else(|| Placed::new(usual.to_owned()))
}

fn read_instructions(
    context: &mut Context<'_>,
    path: &str,
    said: Option<&Placed<String>>,
    title: &str,
) -> Option<Instructions> {
    let said = said_or(said, INSTRUCTIONS);
    let full = context.find_file(&said)?;
    let text = lesson::read_text(&full, LESSON_BYTES_MAX, context.problems)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() {
        let hint = "say what is to be done";
        context.problems.push_path(full, "is empty", hint);
        return None;
    }
    let markdown = without_title(text, title);
    let before = &text[..text.len() - markdown.len()];
    Some(Instructions {
        path: format!("{path}/{}", said.value),
        markdown: markdown.to_owned(),
        first_line: before.matches('\n').count() + 1,
    })
}

/// Pages have the title already: a text that begins with it does not say it twice.
fn without_title<'a>(text: &'a str, title: &str) -> &'a str {
    let Some(rest) = text.trim_start().strip_prefix("# ") else {
        return text;
    };
    let (first, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    if first.trim() == title { rest } else { text }
}

/// Directories of files that were read; none lies in another, so that no file is of two of them.
#[derive(Debug, Default)]
struct Directories(Vec<String>);

impl Directories {
    /// The files of a directory, by path in it.
    fn read(
        &mut self,
        context: &mut Context<'_>,
        said: &Placed<String>,
    ) -> BTreeMap<String, PathBuf> {
        let path = said.value.as_str();
        if !context.check_relative(said) {
            return BTreeMap::new();
        }
        let encloses = |outer: &str, inner: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut others = self.0.iter();
        let other = others.find(|other| encloses(other, path) || encloses(path, other));
        if let Some(other) = other {
            let message = if other == path {
                format!("the directory `{path}` is named twice")
            } else {
                format!("of the directories `{other}` and `{path}` one lies in the other")
            };
            context.report(&said.span, message, "give each a directory of its own");
            return BTreeMap::new();
        }
        self.0.push(path.to_owned());
        let files = context.tree.below(path);
        if files.is_empty() {
            let message = if context.tree.has_directory(path) {
                format!("the directory `{path}` holds no file")
            } else if context.tree.find(path).is_some() {
                format!("`{path}` is a file, and no directory of files")
            } else {
                format!("the directory `{path}` does not exist")
            };
            let hint = context.hint_of_missing();
            context.report(&said.span, message, &hint);
        }
        check_size(context, said, &files);
        files
    }
}

fn check_size(context: &mut Context<'_>, said: &Placed<String>, files: &BTreeMap<String, PathBuf>) {
    if files.len() > PROJECT_FILES_MAX {
        let message = format!("`{}` holds more than {PROJECT_FILES_MAX} files", said.value);
        context.report(
            &said.span,
            message,
            "leave out what programs can fetch or make",
        );
    }
    let sizes = files.values().map(|full| full.metadata());
    let bytes: u64 = sizes
        .map(|found| found.map_or(0, |found| found.len()))
        .sum();
    if bytes > PROJECT_BYTES_MAX {
        let message = format!("`{}` holds more than {PROJECT_BYTES_MAX} bytes", said.value);
        context.report(&said.span, message, "make the files smaller");
    }
}

fn read_open(
    context: &mut Context<'_>,
    said: &[Placed<String>],
    files: &BTreeMap<String, PathBuf>,
) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for path in said {
        if open.contains(&path.value) {
            let message = format!("`{}` is opened twice", path.value);
            context.report(&path.span, message, "name it once");
        } else if !files.contains_key(&path.value) {
            let hint = offer_nearest(&path.value, files.keys().map(String::as_str), "files");
            let message = format!("`{}` is none of the files to begin with", path.value);
            context.report(&path.span, message, &hint);
        }
        open.push(path.value.clone());
    }
    open
}

fn read_stages(
    context: &mut Context<'_>,
    tables: &[Placed<StageTable>],
    directories: &mut Directories,
) -> Vec<Stage> {
    if let Some(first) = tables.get(STAGES_MAX) {
        let message = format!("more than {STAGES_MAX} stages");
        context.report(&first.span, message, "split the project");
    }
    let mut stages = Vec::new();
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for table in tables.iter().take(STAGES_MAX) {
        let Placed { value: raw, span } = table;
        let Some(id) = &raw.id else {
            context.report_missing(span, "id", "every stage has an id");
            continue;
        };
        if !context.check_id(id, IdForm::Slug) {
            continue;
        }
        if !ids.insert(&id.value) {
            let message = format!("two stages have the id `{}`", id.value);
            context.report(&id.span, message, "give each its own");
            continue;
        }
        let usual = context.find_stem(STAGES, &id.value);
        let directory = raw.files.clone().unwrap_or_else(|| Placed {
            value: format!("{STAGES}/{usual}"),
            span: span.clone(),
        });
        let title = raw.title.as_ref().unwrap_or(id);
        stages.push(Stage {
            id: id.value.clone(),
            title: context.require_text(Some(title), "title", "what learners see"),
            files: directories.read(context, &directory),
        });
    }
    stages
}

#[cfg(test)]
mod tests;
