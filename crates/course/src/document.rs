//! One TOML file, read so that every problem in it is reported, not only the first.
//!
//! Serde stops at the first error. So the parsed tree is kept: when serde
//! refuses a key, the problem is noted, the key is taken out of the tree, and
//! the rest is read again, until nothing is refused any more.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, Problems, offer_nearest};

/// Largest TOML file that is read, bytes.
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 20;
/// Most refused keys of one file that are taken out and read on.
const REFUSED_MAX: usize = 100;

/// A TOML file with what is needed to tell places in it.
#[derive(Debug)]
pub(crate) struct Document {
    path: PathBuf,
    text: String,
    /// Refused keys, each with the place of its table; none for the table of the file.
    refused: BTreeSet<(Option<usize>, String)>,
}

impl Document {
    /// Reads a file of at most [`FILE_BYTES_MAX`] bytes.
    pub(crate) fn open(path: &Path, problems: &mut Problems) -> Option<Self> {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
                let message = format!("is larger than {FILE_BYTES_MAX} bytes");
                problems.push_path(path, message, "keep data in files of their own");
                return None;
            }
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => {
                problems.push_path(path, "is not a file", "put a TOML file there");
                return None;
            }
            Err(error) => {
                problems.push_path(path, format!("cannot be read: {error}"), "");
                return None;
            }
        }
        match std::fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => Some(Self::new(path.to_owned(), text)),
            Ok(Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                let line = 1 + error.as_bytes()[..at]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count();
                problems.push(Problem {
                    path: path.to_owned(),
                    line: Some(line),
                    column: None,
                    message: "is not UTF-8 text".to_owned(),
                    hint: Some("save the file as UTF-8".to_owned()),
                });
                None
            }
            Err(error) => {
                problems.push_path(path, format!("cannot be read: {error}"), "");
                None
            }
        }
    }

    /// A document with this text; `path` is only for messages.
    pub(crate) fn new(path: PathBuf, text: String) -> Self {
        Self {
            path,
            text,
            refused: BTreeSet::new(),
        }
    }

    /// Parses the text. `None` when it is not TOML; keys that were refused are left out.
    pub(crate) fn parse<T: DeserializeOwned>(&mut self, problems: &mut Problems) -> Option<T> {
        let (mut root, errors) = DeTable::parse_recoverable(&self.text);
        for error in &errors {
            let hint = "see the TOML syntax: strings in quotes, one key per line";
            problems.push(self.describe(error.span(), error.message(), hint));
        }
        if !errors.is_empty() {
            return None;
        }
        root.get_mut().make_owned();
        let mut refused = BTreeSet::new();
        let mut parsed = None;
        for _ in 0..REFUSED_MAX {
            let deserializer = toml::de::Deserializer::from(root.clone());
            match T::deserialize(deserializer) {
                Ok(value) => {
                    parsed = Some(value);
                    break;
                }
                Err(error) => {
                    let taken = error
                        .span()
                        .and_then(|span| take_out(root.get_mut(), None, span.start));
                    let key = taken.as_ref().map(|(_, key)| key.as_str());
                    problems.push(self.explain(&error, key));
                    match taken {
                        Some(taken) => refused.insert(taken),
                        None => break,
                    };
                }
            }
        }
        self.refused = refused;
        parsed
    }

    /// Whether a key of this name was there but refused: then it is not missing.
    pub(crate) fn was_refused(&self, key: &str) -> bool {
        self.refused.iter().any(|(_, refused)| refused == key)
    }

    /// The same of the table at this place; none: of the table of the file.
    pub(crate) fn was_refused_in(&self, table: Option<&Range<usize>>, key: &str) -> bool {
        let place = (table.map(|span| span.start), key.to_owned());
        self.refused.contains(&place)
    }

    /// A problem at this place.
    pub(crate) fn describe(
        &self,
        span: Option<Range<usize>>,
        message: impl Into<String>,
        hint: &str,
    ) -> Problem {
        let place = span.map(|span| self.locate(span.start));
        Problem {
            path: self.path.clone(),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
            message: message.into(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        }
    }

    /// Line and column from 1 of a byte offset.
    fn locate(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + 1,
            before[start..].chars().count() + 1,
        )
    }

    /// Turns an error of serde into a problem in the author's words.
    fn explain(&self, error: &toml::de::Error, key: Option<&str>) -> Problem {
        let message = error.message();
        let mut quoted = message.split('`').skip(1).step_by(2);
        for (start, what, list) in [
            ("unknown field", "unknown key", "keys here"),
            ("unknown variant", "unknown value", "values here"),
        ] {
            if message.starts_with(start) {
                let wrong = quoted.next().unwrap_or_default();
                let known: Vec<&str> = quoted.collect();
                let hint = offer_nearest(wrong, known.iter().copied(), list);
                return self.describe(error.span(), format!("{what} `{wrong}`"), &hint);
            }
        }
        let text = match key {
            Some(key) => format!("`{key}`: {message}"),
            None => message.to_owned(),
        };
        self.describe(error.span(), text, "")
    }
}

/// Takes the innermost entry at this offset out of the tree; returns the place of its table, and
/// its key.
///
/// Entries inside are tried first, because the span of a table is that of its
/// header and does not enclose them.
fn take_out(
    table: &mut DeTable<'_>,
    place: Option<usize>,
    offset: usize,
) -> Option<(Option<usize>, String)> {
    for (_, value) in table.iter_mut() {
        let found = take_out_of_value(value, offset);
        if found.is_some() {
            return found;
        }
    }
    let hit = table.iter().find_map(|(key, value)| {
        let here = encloses(&key.span(), offset) || encloses(&value.span(), offset);
        here.then(|| key.get_ref().to_string())
    })?;
    table.remove(hit.as_str());
    Some((place, hit))
}

fn take_out_of_value(
    value: &mut Spanned<DeValue<'_>>,
    offset: usize,
) -> Option<(Option<usize>, String)> {
    let place = Some(value.span().start);
    match value.get_mut() {
        DeValue::Table(inner) => take_out(inner, place, offset),
        DeValue::Array(items) => items
            .iter_mut()
            .find_map(|item| take_out_of_value(item, offset)),
        _ => None,
    }
}

fn encloses(span: &Range<usize>, offset: usize) -> bool {
    span.start <= offset && offset < span.end.max(span.start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::ChallengeFile;

    fn read(text: &str) -> (Option<ChallengeFile>, Vec<String>) {
        let mut problems = Problems::new();
        let mut document = Document::new(PathBuf::from("c.toml"), text.to_owned());
        let parsed = document.parse(&mut problems);
        (
            parsed,
            problems.list().iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn reports_every_unknown_key_with_place_and_nearest() {
        let (parsed, problems) = read(
            "titel = 'x'\nlanguage = 'python'\n[files]\neditabel = []\n[[checks]]\nkind='io'\nanwser='a'\n",
        );
        assert_eq!(
            problems,
            [
                "c.toml:7:1: unknown key `anwser`\n  hint: did you mean `answer`?",
                "c.toml:4:1: unknown key `editabel`\n  hint: did you mean `editable`?",
                "c.toml:1:1: unknown key `titel`\n  hint: did you mean `title`?",
            ]
        );
        assert_eq!(parsed.unwrap().language.unwrap().value, "python");
    }

    #[test]
    fn reports_wrong_types_and_values_and_reads_on() {
        let (parsed, problems) = read("id = 3\ntitle = 'é'; # ü\n");
        assert!(parsed.is_none());
        assert!(problems[0].starts_with("c.toml:2:"), "{problems:?}");
        let (parsed, problems) = read(
            "id = 3\ntitle = 'x'\n[limits]\ncpu_ms = -1\n[[checks]]\nkind = 'oi'\nvisibility='nevr'\n",
        );
        let text = problems.join("\n");
        assert_eq!(problems.len(), 4, "{text}");
        assert!(
            text.contains("c.toml:1:6: `id`: invalid type: integer `3`, expected a string"),
            "{text}"
        );
        assert!(text.contains("c.toml:4:10: `cpu_ms`"), "{text}");
        assert!(
            text.contains("c.toml:6:8: unknown value `oi`\n  hint: did you mean `io`?"),
            "{text}"
        );
        assert!(text.contains("did you mean `never`?"), "{text}");
        assert_eq!(parsed.unwrap().title.unwrap().value, "x");
    }

    #[test]
    fn reports_a_table_where_a_value_belongs() {
        let (parsed, problems) = read("title = 'x'\n[id]\nfoo = 1\n");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("`id`"), "{problems:?}");
        assert!(parsed.is_some());
    }

    #[test]
    fn columns_count_characters() {
        let document = Document::new(PathBuf::from("c"), "aé\nüx".to_owned());
        assert_eq!(document.locate(5), (2, 1));
        assert_eq!(document.locate(6), (2, 2));
        assert_eq!(document.locate(1_000), (2, 3));
    }
}
