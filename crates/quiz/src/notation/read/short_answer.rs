//! Typed texts.

use super::number::read_accept;
use super::{Entry, Reader};
use crate::kind::{Accept, PatternKind, TextKey, TextPattern, TextRules, Tolerance};
use crate::notation::attribute::Known;
use crate::notation::line::Marker;
use crate::notation::rich::{self, Placed};

const OF_PATTERNS: Known = Known {
    id: false,
    words: &["wildcard", "regex"],
    keys: &["score"],
};

impl Reader<'_> {
    pub(super) fn read_text_key(&mut self, entries: Vec<Entry<'_>>) -> TextKey {
        let mut key = TextKey {
            patterns: Vec::new(),
            rules: TextRules::default(),
        };
        let mut others = Vec::new();
        for entry in entries {
            match (&entry.marker, entry.keyword()) {
                (Marker::Answer, _) => {
                    let pattern = self.read_pattern(&entry, key.patterns.len());
                    key.patterns.push(pattern);
                }
                (_, Some("case")) => key.rules.case = self.word(&entry).unwrap_or_default(),
                (_, Some("spaces")) => key.rules.spaces = self.word(&entry).unwrap_or_default(),
                (_, Some("unicode")) => key.rules.unicode = self.word(&entry).unwrap_or_default(),
                (_, Some("accents")) => {
                    key.rules.ignore_accents = self
                        .word::<crate::kind::Case>(&entry)
                        .is_some_and(|word| word == crate::kind::Case::Ignore);
                }
                (_, Some("typos")) => key.rules.typos = self.whole(&entry).unwrap_or(0),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "a short text is asked for");
        key
    }

    fn read_pattern(&mut self, entry: &Entry<'_>, index: usize) -> TextPattern {
        let part = format!("answer {}", index + 1);
        self.place(&part, entry.place);
        let parts = self.split_feedback(&entry.lines);
        let Placed {
            attributes,
            source: pattern,
            stretches,
        } = rich::read_placed(&parts.text, OF_PATTERNS, self.problems);
        self.place_text(&part, stretches);
        let kind = match (attributes.has("wildcard"), attributes.has("regex")) {
            (true, true) => {
                self.problems.push(
                    entry.place,
                    "`wildcard` and `regex` at once",
                    "keep one of them",
                );
                PatternKind::Regex
            }
            (true, false) => PatternKind::Wildcard,
            (false, true) => PatternKind::Regex,
            (false, false) => PatternKind::Exact,
        };
        if kind == PatternKind::Exact && !attributes.has("exact") && is_number(&pattern) {
            self.problems.push_slip(
                entry.value_place(),
                format!("`{pattern}` looks like a number with a tolerance, and is compared letter by letter"),
                format!("say `kind: numeric` below the heading, of a blank `{{number}}`; for a text that is written so: `= {{exact}} {}`", rich::quote(&pattern)),
            );
        }
        TextPattern {
            kind,
            pattern,
            score: attributes.number("score", self.problems).unwrap_or(1.0),
            feedback: self.optional(&format!("{part} feedback"), &parts.feedback),
        }
    }
}

/// Whether a text says which numbers are accepted, with a tolerance or a range.
pub(in crate::notation) fn is_number(text: &str) -> bool {
    match read_accept(text) {
        Some(Accept::Near { tolerance, .. }) => tolerance != Tolerance::Exact,
        Some(Accept::Range { .. }) => true,
        Some(Accept::Any) | None => false,
    }
}
