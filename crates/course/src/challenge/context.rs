//! What every part of the parsers of challenges and projects needs: the tree, the document, and
//! the list of problems.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::document::Document;
use crate::language::{self, LANGUAGES};
use crate::pattern::{Pattern, check_path, is_pattern};
use crate::placed::Placed;
use crate::problem::{Problems, find_nearest, offer_nearest};
use crate::raw::FileList;
use crate::slug::{self, ID_CHARACTERS_MAX, is_slug};
use crate::tree::Tree;

/// First directories that files lose on their way into the work directory.
const STRIPPED: [&str; 2] = ["tests/", "data/"];

/// State of reading one challenge or project.
pub(crate) struct Context<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) document: &'a Document,
    pub(crate) problems: &'a mut Problems,
}

/// Which characters an id may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdForm {
    /// Lower-case letters, digits, `-`.
    Slug,
    /// Letters, digits, `-`, `_`, `.`, `/`.
    Path,
}

fn is_path(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.len() <= ID_CHARACTERS_MAX
        && text.chars().all(allowed)
}

impl Context<'_> {
    /// Notes a problem at a place of the document.
    pub(crate) fn report(&mut self, span: &Range<usize>, message: impl Into<String>, hint: &str) {
        self.problems
            .push(self.document.describe(Some(span.clone()), message, hint));
    }

    /// Notes that a key is missing, unless it is there and was refused.
    pub(crate) fn report_missing(&mut self, span: &Range<usize>, key: &str, hint: &str) {
        if !self.document.was_refused(key) {
            self.report(span, format!("`{key}` is missing"), hint);
        }
    }

    /// A text that must be there and not be blank.
    pub(crate) fn require_text(
        &mut self,
        text: Option<&Placed<String>>,
        key: &str,
        hint: &str,
    ) -> String {
        match text {
            Some(text) if text.value.trim().is_empty() => {
                self.report(&text.span, format!("`{key}` is empty"), hint);
                String::new()
            }
            Some(text) => text.value.clone(),
            None => {
                self.report_missing(&(0..0), key, hint);
                String::new()
            }
        }
    }

    /// Checks the form of an id; `false` when it is wrong.
    pub(crate) fn check_id(&mut self, id: &Placed<String>, form: IdForm) -> bool {
        let text = &id.value;
        let (right, hint) = match form {
            IdForm::Slug => (is_slug(text), slug::HINT),
            IdForm::Path => (
                is_path(text),
                "ids have letters, digits, `-`, `_`, `.` and `/`, and begin with a letter or digit",
            ),
        };
        if !right {
            self.report(&id.span, format!("`{text}` is not an id"), hint);
        }
        right
    }

    /// A file of the challenge.
    pub(crate) fn find_file(&mut self, path: &Placed<String>) -> Option<PathBuf> {
        if !self.check_relative(path) {
            return None;
        }
        if let Some(full) = self.tree.find(&path.value) {
            return Some(full.clone());
        }
        if self.tree.has_directory(&path.value) {
            self.report(
                &path.span,
                format!("`{}` is a directory", path.value),
                "name a file in it",
            );
            return None;
        }
        let hint = match find_nearest(&path.value, self.tree.paths()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => self.hint_of_missing(),
        };
        self.report(
            &path.span,
            format!("file `{}` does not exist", path.value),
            &hint,
        );
        None
    }

    /// The way out where something does not exist.
    pub(crate) fn hint_of_missing(&self) -> String {
        let what = self.tree.what();
        format!("create it, or correct the path (relative to the {what} directory)")
    }

    /// The name in a directory that belongs to an id: the id, or the id after a number and `-`.
    pub(crate) fn find_stem(&self, directory: &str, id: &str) -> String {
        let names = self.tree.names_in(directory);
        let mut stems = names
            .iter()
            .map(|name| name.strip_suffix(".md").unwrap_or(name));
        let found = stems.find(|stem| {
            let bare = stem.trim_start_matches(|c: char| c.is_ascii_digit());
            *stem == id || bare.strip_prefix('-') == Some(id)
        });
        found.unwrap_or(id).to_owned()
    }

    /// Compiles a pattern.
    pub(super) fn parse_pattern(&mut self, text: &Placed<String>) -> Option<Pattern> {
        match Pattern::parse(&text.value) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let message = format!("pattern `{}`: {error}", text.value);
                self.report(&text.span, message, "example: `src/**/*.py`");
                None
            }
        }
    }

    /// Checks that a path stays in the challenge directory.
    pub(crate) fn check_relative(&mut self, path: &Placed<String>) -> bool {
        match check_path(&path.value) {
            Ok(()) => true,
            Err(reason) => {
                let message = format!("path `{}` {reason}", path.value);
                self.report(&path.span, message, "example: `data/words.txt`");
                false
            }
        }
    }

    /// Files by path in the work directory.
    pub(super) fn find_files(&mut self, list: &FileList) -> BTreeMap<String, PathBuf> {
        let mut files = BTreeMap::new();
        match list {
            FileList::Mapped(map) => {
                for (destination, source) in map {
                    let placed = Placed {
                        value: destination.clone(),
                        span: source.span.clone(),
                    };
                    let right = self.check_relative(&placed);
                    if let (true, Some(full)) = (right, self.find_file(source)) {
                        files.insert(destination.clone(), full);
                    }
                }
            }
            FileList::Listed(paths) => {
                for path in paths {
                    for source in self.expand(path) {
                        self.place(path, &source, &mut files);
                    }
                }
            }
        }
        files
    }

    /// The files that a path, a directory or a pattern stands for.
    fn expand(&mut self, path: &Placed<String>) -> Vec<String> {
        if is_pattern(&path.value) {
            let Some(pattern) = self.parse_pattern(path) else {
                return Vec::new();
            };
            let found: Vec<String> = self
                .tree
                .matching(&pattern)
                .into_iter()
                .map(str::to_owned)
                .collect();
            if found.is_empty() {
                let message = format!("pattern `{}` matches no file", path.value);
                self.report(
                    &path.span,
                    message,
                    "paths are relative to the challenge directory",
                );
            }
            return found;
        }
        if self.tree.has_directory(&path.value) {
            let below = self.tree.below(&path.value);
            return below
                .into_keys()
                .map(|name| format!("{}/{name}", path.value))
                .collect();
        }
        self.find_file(path)
            .map(|_| path.value.clone())
            .into_iter()
            .collect()
    }

    fn place(
        &mut self,
        path: &Placed<String>,
        source: &str,
        files: &mut BTreeMap<String, PathBuf>,
    ) {
        let destination = STRIPPED
            .iter()
            .find_map(|first| source.strip_prefix(first))
            .unwrap_or(source);
        let Some(full) = self.tree.find(source).cloned() else {
            return;
        };
        match files.insert(destination.to_owned(), full.clone()) {
            Some(before) if before != full => {
                let message = format!("two files would be `{destination}` in the work directory");
                self.report(
                    &path.span,
                    message,
                    "write `files` as a table { \"path in work directory\" = \"file\" }",
                );
            }
            _ => {}
        }
    }

    /// Checks a language id. Unknown ones are fine where the author names an environment, unless they look like a slip.
    pub(super) fn check_language(&mut self, id: &Placed<String>, has_environment: bool) {
        if language::find(&id.value).is_some() {
            return;
        }
        let known = LANGUAGES.iter().map(|language| language.id);
        let message = format!("unknown language `{}`", id.value);
        if let Some(near) = find_nearest(&id.value, known.clone()) {
            self.report(&id.span, message, &format!("did you mean `{near}`?"));
        } else if !has_environment {
            let languages = offer_nearest(&id.value, known, "languages");
            let hint = format!("{languages}; another one needs `environment`");
            self.report(&id.span, message, &hint);
        }
    }
}
