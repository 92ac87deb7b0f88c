//! The files of the challenge as the page shows them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use carrel_api::Content;
use carrel_course::indentation::{EDITORCONFIG_BYTES_MAX, EditorConfig, Indentation};
use carrel_course::pattern::Pattern;
use carrel_model::Challenge;

use super::place::Here;
use crate::catalogue::{read_files, run_blocking};
use crate::page::Frame;
use crate::problem::{Problem, Result};
use crate::submission::upload::Files;

/// Name of the author's file with indentations.
const EDITORCONFIG: &str = ".editorconfig";
/// Rows of a box without scripts.
const ROWS: std::ops::RangeInclusive<usize> = 6..=24;

/// One file.
#[derive(Debug)]
pub(super) struct FileView {
    pub(super) path: String,
    pub(super) text: String,
    /// What the author gave, where something else stands there now.
    pub(super) start: Option<String>,
    /// Not the learner's to change.
    pub(super) fixed: bool,
    pub(super) grammar: &'static str,
    pub(super) indent: String,
    pub(super) tab: u8,
}

impl FileView {
    pub(super) fn rows(&self) -> usize {
        let lines = self.text.lines().count() + 2;
        lines.clamp(*ROWS.start(), *ROWS.end())
    }
}

/// What the editor needs to know of a file's language.
struct Kind {
    endings: &'static [&'static str],
    /// Name of the grammar in `web-ui/src/challenge/language.ts`.
    grammar: &'static str,
    /// Id of the language, for the usual indentation.
    language: &'static str,
}

const fn kind(
    endings: &'static [&'static str],
    grammar: &'static str,
    language: &'static str,
) -> Kind {
    Kind {
        endings,
        grammar,
        language,
    }
}

const KINDS: [Kind; 12] = [
    kind(&["py"], "python", "python"),
    kind(&["js", "mjs", "cjs"], "javascript", "javascript"),
    kind(&["c", "h"], "cpp", "c"),
    kind(&["cpp", "cc", "cxx", "hpp"], "cpp", "cpp"),
    kind(&["sh", "bash", "bats"], "bash", "bash"),
    kind(&["lua"], "lua", "lua"),
    kind(&["rb"], "ruby", "ruby"),
    kind(&["java"], "java", "java"),
    kind(&["go"], "go", "go"),
    kind(&["rs"], "rust", "rust"),
    kind(&["php"], "php", "php"),
    kind(&["sql"], "sql", "sqlite"),
];

fn find_kind(path: &str) -> Option<&'static Kind> {
    let (_, ending) = path.rsplit_once('.')?;
    KINDS.iter().find(|kind| kind.endings.contains(&ending))
}

/// Markup that loads the grammars early, so that no language waits for the editor.
pub(super) fn preload(frame: &Frame, grammars: impl Iterator<Item = &'static str>) -> String {
    let grammars: BTreeSet<&str> = grammars.filter(|grammar| !grammar.is_empty()).collect();
    let source = |grammar| format!("src/challenge/language/{grammar}.ts");
    grammars
        .into_iter()
        .map(|grammar| frame.preload(&source(grammar)))
        .collect()
}

/// Files in the order shown: the one that is run, the learner's others, then the author's.
/// `mine` goes before what the author gave to start from.
pub(super) async fn describe(here: &Here, step: usize, mine: Files) -> Result<Vec<FileView>> {
    let found = here.found.clone();
    let read = run_blocking(move || {
        let challenge = found.challenge();
        let start = read_files(&starts(challenge, step))?;
        let supplied = read_files(&challenge.supplied)?;
        let config = read_config(challenge, &found.course.directory);
        std::io::Result::Ok(arrange(challenge, mine, (start, supplied), &config))
    });
    read.await?.map_err(|error| Problem::internal(&error))
}

/// Starter files of the challenge under those of the steps up to this one.
fn starts(challenge: &Challenge, step: usize) -> BTreeMap<String, PathBuf> {
    let mut files = challenge.start.clone();
    for step in &challenge.steps[..=step] {
        files.extend(step.start.clone());
    }
    files
}

fn read_config(challenge: &Challenge, course: &std::path::Path) -> EditorConfig {
    let read = |directory: &std::path::Path| {
        let path = directory.join(EDITORCONFIG);
        let bytes = std::fs::symlink_metadata(&path)
            .ok()
            .filter(std::fs::Metadata::is_file)?
            .len();
        let small = usize::try_from(bytes).is_ok_and(|bytes| bytes <= EDITORCONFIG_BYTES_MAX);
        let text = std::fs::read_to_string(path).ok().filter(|_| small)?;
        Some(EditorConfig::parse(&text))
    };
    read(&challenge.directory)
        .or_else(|| read(course))
        .unwrap_or_default()
}

type Contents = BTreeMap<String, Content>;

fn arrange(
    challenge: &Challenge,
    mine: Files,
    (start, supplied): (Contents, Contents),
    config: &EditorConfig,
) -> Vec<FileView> {
    let view = |path: &str, text: String, start: Option<String>, fixed: bool| {
        let kind = find_kind(path);
        let usual = kind.map_or(challenge.language.as_str(), |kind| kind.language);
        let indentation = config.indentation(path, Indentation::of_language(usual));
        FileView {
            path: path.to_owned(),
            text,
            start,
            fixed,
            grammar: kind.map_or("", |kind| kind.grammar),
            indent: indentation.step(),
            tab: indentation.tab_columns,
        }
    };
    let mut texts = BTreeMap::new();
    // A file named by the author is there even where they gave nothing to start from.
    let named = challenge.editable.iter().filter(|path| !path.contains('*'));
    texts.extend(named.map(|path| (path.clone(), String::new())));
    texts.extend(readable(start));
    let given = texts.clone();
    let patterns: Vec<Pattern> = challenge
        .editable
        .iter()
        .filter_map(|text| Pattern::parse(text).ok())
        .collect();
    let may_be_sent = |path: &str| patterns.iter().any(|pattern| pattern.matches(path));
    for (path, bytes) in mine {
        // What is no text is not shown; a file that is the learner's no longer is left out.
        if let Some(text) = String::from_utf8(bytes).ok().filter(|_| may_be_sent(&path)) {
            texts.insert(path, text);
        }
    }
    let mut files: Vec<FileView> = texts
        .into_iter()
        .map(|(path, text)| {
            let fixed = !may_be_sent(&path);
            let start = given.get(&path).filter(|start| **start != text).cloned();
            view(&path, text, start, fixed)
        })
        .collect();
    files.extend(readable(supplied).map(|(path, text)| view(&path, text, None, true)));
    files.sort_by_key(|file| (file.fixed, challenge.entry.as_deref() != Some(&file.path)));
    files
}

fn readable(files: Contents) -> impl Iterator<Item = (String, String)> {
    files
        .into_iter()
        .filter_map(|(path, content)| match content {
            Content::Text(text) => Some((path, text)),
            Content::Base64(_) => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::asset;

    #[test]
    fn every_grammar_is_built_and_keeps_the_page_within_its_budget() {
        /// Most bytes of script of the challenge page, brotli: docs/spec.md.
        const MOST: usize = 200_000;
        for kind in &KINDS {
            let source = format!("src/challenge/language/{}.ts", kind.grammar);
            assert!(asset::bundle(&source).next().is_some(), "{source}");
            let bytes = asset::weigh_all(&["page", "challenge", &source]);
            assert!(bytes <= MOST, "{source}: {bytes} bytes, most {MOST}");
        }
    }

    #[test]
    fn kinds_are_told_by_endings() {
        assert_eq!(
            find_kind("lib/a.py").map(|kind| kind.grammar),
            Some("python")
        );
        assert_eq!(find_kind("a.h").map(|kind| kind.grammar), Some("cpp"));
        assert!(find_kind("Makefile").is_none());
    }
}
