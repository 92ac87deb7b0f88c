//! Entries of a question to its model.

mod blanks;
mod choice;
mod code;
mod essay;
mod header;
mod matching;
mod number;
mod ordering;
mod short_answer;
mod template;

use super::attribute::{Attributes, Known};
use super::line::{Entry, Fence, Line, Marker, known_keyword, marker, option_marker, read_entries};
use super::problem::{Places, Problems};
use super::words::Words;
use super::{document, rich};
use crate::kind::{Kind, TrueFalse};
use crate::question::Question;
use crate::text::Text;

pub(super) use blanks::write_inline;
pub(super) use choice::{escape_parts, letter_id};

/// Reads one question.
#[derive(Debug)]
pub(super) struct Reader<'r> {
    pub(super) problems: &'r mut Problems,
    pub(super) places: &'r mut Places,
    pub(super) question: &'r str,
}

/// Kinds by their word in `kind:`.
pub(super) const KINDS: [&str; 11] = [
    "choice",
    "true-false",
    "blanks",
    "short-answer",
    "numeric",
    "matching",
    "ordering",
    "tracing",
    "bug-line",
    "essay",
    "description",
];

impl<'r> Reader<'r> {
    /// Reads the lines below a heading; `None` when its kind cannot be told.
    pub(super) fn read_question(
        &mut self,
        heading: (usize, usize),
        lines: &[Line<'_>],
    ) -> Option<Question> {
        let (mut entries, used) = read_entries(lines, true, self.problems);
        let said = self.read_kind_word(&entries)?;
        let rest = &lines[used..];
        let split = split_text(rest, said);
        let body_text = question_text(&rest[..split], said);
        let (answers, _) = read_entries(&rest[split..], false, self.problems);
        entries.extend(answers);
        let mut question = Question::new(String::new(), Text::default(), Kind::Description);
        let exact_text = self.take_text(&mut entries, body_text.is_some());
        let is_exact = exact_text.is_some();
        question.text = exact_text.or(body_text).unwrap_or_default();
        let Some(kind) = said.or_else(|| infer_kind(&entries, &question.text.source)) else {
            self.problems.push(
                heading,
                "the question has no answers",
                "add options `- (x) …` or `- [x] …`, answers `= …`, blanks `[[= …]]`, or say `kind: …` below the heading",
            );
            return None;
        };
        let entries = self.read_common(entries, &mut question);
        question.kind = self.read_kind(kind, entries, &mut question.text, is_exact)?;
        Some(question)
    }

    fn read_kind_word(&mut self, entries: &[Entry<'_>]) -> Option<Option<&'static str>> {
        let Some(entry) = entries.iter().find(|entry| entry.is_keyword("kind")) else {
            return Some(None);
        };
        let word = self.one_line(entry);
        let known = KINDS.into_iter().find(|known| *known == word);
        if known.is_none() {
            self.problems.push(
                entry.place,
                format!("there is no kind `{word}`"),
                format!("kinds are {}", KINDS.join(", ")),
            );
            return None;
        }
        Some(known)
    }

    /// The text of a `text:` entry, which stands for the text below the heading.
    fn take_text(&mut self, entries: &mut Vec<Entry<'_>>, has_body: bool) -> Option<Text> {
        let at = entries.iter().position(|entry| entry.is_keyword("text"))?;
        let entry = entries.remove(at);
        if has_body {
            self.problems.push(
                entry.place,
                "the question has two texts",
                "keep either `text:` or the text below the heading",
            );
        }
        Some(self.rich(&entry.lines, Known::NONE).1)
    }

    fn read_kind(
        &mut self,
        kind: &'static str,
        entries: Vec<Entry<'_>>,
        text: &mut Text,
        is_exact: bool,
    ) -> Option<Kind> {
        Some(match kind {
            "choice" => Kind::Choice(self.read_choice(entries)),
            "true-false" => Kind::TrueFalse(self.read_true_false(entries)?),
            "blanks" => {
                let found = if is_exact {
                    Vec::new()
                } else {
                    self.take_inline(text, &entries)
                };
                Kind::Blanks(self.read_blanks(entries, found, &text.source))
            }
            "short-answer" => Kind::ShortAnswer(self.read_text_key(entries)),
            "numeric" => Kind::Numeric(self.read_number_key(entries)),
            "matching" => Kind::Matching(self.read_matching(entries)),
            "ordering" => Kind::Ordering(self.read_ordering(entries)),
            "tracing" => Kind::Tracing(self.read_tracing(entries)?),
            "bug-line" => Kind::BugLine(self.read_bug_line(entries)),
            "essay" => Kind::Essay(self.read_essay(entries)),
            _ => {
                self.refuse(entries, "a description asks nothing");
                Kind::Description
            }
        })
    }

    fn read_true_false(&mut self, entries: Vec<Entry<'_>>) -> Option<TrueFalse> {
        let mut key = TrueFalse {
            correct: true,
            feedback_true: None,
            feedback_false: None,
        };
        let mut said = None;
        let mut place = (0, 0);
        let mut others = Vec::new();
        for entry in entries {
            place = entry.place;
            match entry.keyword() {
                Some("answer") => said = Some(self.one_line(&entry)),
                Some("true") => key.feedback_true = Some(self.rich(&entry.lines, Known::NONE).1),
                Some("false") => key.feedback_false = Some(self.rich(&entry.lines, Known::NONE).1),
                _ => others.push(entry),
            }
        }
        self.refuse(
            others,
            "a question of true or false has `answer: true` or `answer: false`",
        );
        match said.as_deref() {
            Some("true") => {}
            Some("false") => key.correct = false,
            _ => {
                let place = if place == (0, 0) {
                    self.places.get(self.question, "").unwrap_or((1, 1))
                } else {
                    place
                };
                self.problems.push(
                    place,
                    "it is not said what is right",
                    "write `answer: true` or `answer: false`",
                );
                return None;
            }
        }
        Some(key)
    }

    /// A text with its attributes.
    fn rich(&mut self, lines: &[Line<'_>], known: Known) -> (Attributes, Text) {
        rich::read_rich(lines, known, self.problems)
    }

    /// The value of an entry that takes one line.
    fn one_line(&mut self, entry: &Entry<'_>) -> String {
        if let Some(line) = entry.lines.get(1) {
            self.problems.push(
                line.place(),
                "this belongs to nothing: the line above takes one line only",
                "take the blanks at its start away",
            );
        }
        entry
            .lines
            .first()
            .map(|line| line.text.trim_end().to_owned())
            .unwrap_or_default()
    }

    /// One of a few words.
    fn word<W: Words>(&mut self, entry: &Entry<'_>) -> Option<W> {
        let word = self.one_line(entry);
        let value = W::from_word(&word);
        if value.is_none() {
            let words: Vec<&str> = W::WORDS.iter().map(|(_, word)| *word).collect();
            self.problems.push(
                entry.value_place(),
                format!("`{word}` is not possible here"),
                format!("possible are {}", words.join(", ")),
            );
        }
        value
    }

    /// A number.
    fn number(&mut self, entry: &Entry<'_>) -> Option<f64> {
        let text = self.one_line(entry);
        let number = rich::parse_number(&text);
        if number.is_none() {
            self.problems.push(
                entry.value_place(),
                format!("`{text}` is no number"),
                "write it as 2 or 0.5",
            );
        }
        number
    }

    /// A whole number.
    fn whole(&mut self, entry: &Entry<'_>) -> Option<u32> {
        let text = self.one_line(entry);
        let number = text.parse().ok();
        if number.is_none() {
            self.problems.push(
                entry.value_place(),
                format!("`{text}` is no whole number"),
                "write it as 2",
            );
        }
        number
    }

    /// `2..5`, `2..`, `..5` or `5`.
    fn whole_range(&mut self, entry: &Entry<'_>) -> (Option<u32>, Option<u32>) {
        let text = self.one_line(entry);
        let (low, high) = text.split_once("..").unwrap_or((&text, &text));
        let mut read = |text: &str| {
            let text = text.trim();
            if text.is_empty() {
                return None;
            }
            let number = text.parse().ok();
            if number.is_none() {
                self.problems.push(
                    entry.value_place(),
                    format!("`{text}` is no whole number"),
                    "write a range as 2..5, 2.. or ..5",
                );
            }
            number
        };
        (read(low), read(high))
    }

    /// Entries that have no meaning in this kind.
    fn refuse(&mut self, entries: Vec<Entry<'_>>, why: &str) {
        for entry in entries {
            self.problems.push(
                entry.place,
                format!("{} has no meaning here: {why}", entry.describe()),
                "take it out, or say another `kind:` below the heading",
            );
        }
    }

    fn place(&mut self, part: &str, place: (usize, usize)) {
        self.places.set(self.question, part, place);
    }
}

impl<'a> Entry<'a> {
    /// The keyword, where the entry starts with one.
    fn keyword(&self) -> Option<&'a str> {
        match self.marker {
            Marker::Keyword { name, .. } => Some(name),
            _ => None,
        }
    }

    fn is_keyword(&self, name: &str) -> bool {
        self.keyword() == Some(name)
    }

    fn argument(&self) -> &'a str {
        match self.marker {
            Marker::Keyword { argument, .. } => argument,
            _ => "",
        }
    }

    fn value_place(&self) -> (usize, usize) {
        self.lines.first().map_or(self.place, Line::place)
    }

    fn describe(&self) -> String {
        match &self.marker {
            Marker::One { .. } | Marker::Many { .. } => "an option".to_owned(),
            Marker::Answer => "an answer `=`".to_owned(),
            Marker::Item => "a line `-`".to_owned(),
            Marker::Extra => "a line `+`".to_owned(),
            Marker::Number => "a numbered line".to_owned(),
            Marker::Keyword { name, .. } => format!("`{name}:`"),
            Marker::Block { .. } => "a code block".to_owned(),
        }
    }
}

/// Whether a line starts the answers of a kind. What is not asked is the line
/// before: writing escapes more than reading needs.
fn starts_answers(text: &str, kind: Option<&str>) -> bool {
    if document::heading_level(text).is_some() || option_marker(text).is_some() {
        return true;
    }
    match marker(text) {
        Some((Marker::Answer, _)) => true,
        Some((Marker::Number | Marker::Extra, _)) if kind == Some("ordering") => true,
        Some((Marker::Item, length)) if kind == Some("matching") => {
            let rest = text[length..].trim_start();
            rest.contains("=>") || rest.starts_with("{")
        }
        Some((Marker::Extra, _)) => kind == Some("matching"),
        _ => known_keyword(text).is_some() || starts_block(text, kind),
    }
}

/// Whether a line opens a block that is part of the answers.
fn starts_block(text: &str, kind: Option<&str>) -> bool {
    let Some(info) = text.strip_prefix("```") else {
        return false;
    };
    let info = info.trim_start_matches('`').trim();
    let is_source = info.split(' ').next_back() == Some("source");
    match kind {
        Some("tracing") => is_source || ["stdin", "output"].contains(&info),
        Some("bug-line") => is_source,
        _ => false,
    }
}

/// Number of lines before the answers start.
fn split_text(lines: &[Line<'_>], kind: Option<&str>) -> usize {
    let mut fence = Fence::default();
    let mut after_blank = true;
    for (index, line) in lines.iter().enumerate() {
        let opens_answers = !fence.is_open() && starts_block(line.text, kind);
        if opens_answers {
            return index;
        }
        let is_covered = fence.covers(line.text);
        let is_word = known_keyword(line.text).is_some();
        if !is_covered && starts_answers(line.text, kind) && (after_blank || !is_word) {
            return index;
        }
        after_blank = line.is_blank();
    }
    lines.len()
}

/// The text of some lines without its escapes; `None` when it is blank.
pub(super) fn question_text(lines: &[Line<'_>], kind: Option<&str>) -> Option<Text> {
    let first = lines.iter().position(|line| !line.is_blank())?;
    let last = lines.iter().rposition(|line| !line.is_blank())?;
    let mut fence = Fence::default();
    let mut source = String::new();
    for line in &lines[first..=last] {
        let is_covered = fence.covers(line.text);
        if !source.is_empty() {
            source.push('\n');
        }
        let text = match line.text.strip_prefix('\\') {
            Some(rest) if !is_covered && is_escapable(line.text, kind) => rest,
            _ => line.text,
        };
        source.push_str(text);
    }
    let length = source.trim_end().len();
    source.truncate(length);
    Some(Text::markdown(source))
}

/// Whether a line, without the backslashes at its start, would start the answers.
fn is_escapable(text: &str, kind: Option<&str>) -> bool {
    starts_answers(text.trim_start_matches('\\'), kind)
}

/// The text as [`question_text`] reads it; `None` when it cannot be written so.
pub(super) fn escape_text(text: &str, kind: Option<&str>) -> Option<String> {
    let starts_as_code = text
        .split('\n')
        .any(|line| starts_block(line.trim_start_matches('\\'), kind));
    if !rich::is_readable(text) || starts_as_code {
        return None;
    }
    let mut fence = Fence::default();
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| {
            if !fence.covers(line) && is_escapable(line, kind) {
                format!("\\{line}")
            } else {
                line.to_owned()
            }
        })
        .collect();
    Some(lines.join("\n"))
}

fn infer_kind(entries: &[Entry<'_>], text: &str) -> Option<&'static str> {
    let has = |wanted: fn(&Entry<'_>) -> bool| entries.iter().any(wanted);
    if has(|entry| matches!(entry.marker, Marker::One { .. } | Marker::Many { .. })) {
        return Some("choice");
    }
    if has(|entry| entry.marker == Marker::Answer) {
        return Some("short-answer");
    }
    let has_blanks = has(|entry| entry.is_keyword("blank")) || blanks::has_inline(text);
    has_blanks.then_some("blanks")
}
