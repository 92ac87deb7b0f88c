//! Entries of a question to its model.

mod blanks;
mod body;
mod bracket;
mod choice;
mod code;
mod essay;
mod foreign;
mod header;
mod matching;
mod number;
mod ordering;
mod short_answer;
mod special;
mod template;
mod text;

use super::attribute::{Attributes, Known};
use super::line::{Entry, Line, Marker, read_entries};
use super::place::{Place, Places, Stretches};
use super::problem::Problems;
use super::words::Words;
use super::{rich, slip};
use crate::kind::{Kind, TrueFalse};
use crate::limits::PARTS_MAX;
use crate::question::Question;
use crate::text::Text;

use body::Body;
use text::split_text;

pub(super) use blanks::write_inline;
pub(super) use body::report_foreign;
pub(super) use bracket::{find_signed, find_stray};
pub(super) use choice::{escape_parts, letter_id};
pub(super) use foreign::way_out as foreign_way_out;
pub(super) use short_answer::is_number;
pub(super) use text::{escape_text, question_text, starts_answers};

/// Most answers, keywords and blocks of one question: more than all its parts, hints and variables.
const ENTRIES_MAX: usize = 8 * PARTS_MAX;

/// Reads one question.
#[derive(Debug)]
pub(super) struct Reader<'r> {
    pub(super) problems: &'r mut Problems,
    pub(super) places: &'r mut Places,
    pub(super) question: &'r str,
    /// What stands before the names of parts: empty, or `blank x ` within one.
    pub(super) prefix: &'r str,
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
        let is_below_heading = rest.first().is_some_and(|line| !line.is_blank());
        slip::report(&rest[..split], is_below_heading, self.problems);
        let below = question_text(&rest[..split], said);
        let (answers, _) = read_entries(&rest[split..], false, self.problems);
        if let Some(late) = answers.iter().find(|entry| entry.is_keyword("kind")) {
            self.problems.push(
                late.place,
                "`kind:` stands below the text",
                "write it directly below the heading: it says how the text is read",
            );
        }
        entries.extend(answers);
        if let Some(first) = entries.get(ENTRIES_MAX) {
            self.problems.push(
                first.place,
                format!("more than {ENTRIES_MAX} answers and keywords in one question"),
                "split the question",
            );
            return None;
        }
        slip::report_repeated(&entries, self.problems);
        if let (Some(last), true) = (rest[..split].last(), split < rest.len()) {
            self.report_torn_list(last, said);
        }
        self.report_missing_items(&rest[..split], &entries, said);
        let mut question = Question::new(String::new(), Text::default(), Kind::Description);
        let told = self.take_text(&mut entries, below.is_some());
        let mut body = told.unwrap_or_else(|| Body::below(&rest[..split], below));
        let Some(kind) = said.or_else(|| infer_kind(&entries, &body.text.source)) else {
            self.report_no_answers(heading, &body);
            return None;
        };
        if kind != "blanks" && !body.is_exact {
            for blank in find_signed(&body.text.source).iter().take(PARTS_MAX) {
                blank.tell_beside_answers(&body, self.problems);
            }
        }
        let (special, entries): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| entry.is_keyword("special"));
        let entries = self.read_common(entries, &mut question);
        question.kind = self.read_kind(kind, entries, &mut body)?;
        self.read_special(&special, &mut question);
        if let Some(place) = body.stretches.find(0) {
            self.place("text", place);
        }
        self.place_text("text", body.stretches);
        question.text = body.text;
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
    fn take_text<'a>(&mut self, entries: &mut Vec<Entry<'a>>, has_body: bool) -> Option<Body<'a>> {
        let at = entries.iter().position(|entry| entry.is_keyword("text"))?;
        let entry = entries.remove(at);
        if has_body {
            self.problems.push(
                entry.place,
                "the question has two texts",
                "keep either `text:` or the text below the heading",
            );
        }
        let (_, text, stretches) = self.rich(&entry.lines, Known::NONE);
        Some(Body {
            text,
            is_exact: true,
            lines: entry.lines,
            stretches,
        })
    }

    fn read_kind(
        &mut self,
        kind: &'static str,
        entries: Vec<Entry<'_>>,
        body: &mut Body<'_>,
    ) -> Option<Kind> {
        Some(match kind {
            "choice" => Kind::Choice(self.read_choice(entries)),
            "true-false" => Kind::TrueFalse(self.read_true_false(entries)?),
            "blanks" => {
                let found = if body.is_exact {
                    Vec::new()
                } else {
                    self.take_inline(body, &entries)
                };
                Kind::Blanks(self.read_blanks(entries, found, &body.text.source))
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
        let mut place = self.places.get(self.question, "").unwrap_or((1, 1));
        let mut others = Vec::new();
        for entry in entries {
            match entry.keyword() {
                Some("answer") => {
                    place = entry.value_place();
                    said = Some(self.one_line(&entry));
                }
                Some("true") => key.feedback_true = Some(self.text("true", &entry)),
                Some("false") => key.feedback_false = Some(self.text("false", &entry)),
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
            said => {
                let message = said.map_or_else(
                    || "it is not said what is right".to_owned(),
                    |said| format!("`{said}` is neither true nor false"),
                );
                let hint = "write `answer: true` or `answer: false`";
                self.problems.push(place, message, hint);
                return None;
            }
        }
        Some(key)
    }

    /// A text with its attributes, and where its letters stand.
    fn rich(&mut self, lines: &[Line<'_>], known: Known) -> (Attributes, Text, Stretches) {
        let placed = rich::read_placed(lines, known, self.problems);
        let text = Text {
            format: placed.format(),
            source: placed.source,
        };
        (placed.attributes, text, placed.stretches)
    }

    /// The text of a keyword, as a part of the question.
    fn text(&mut self, part: &str, entry: &Entry<'_>) -> Text {
        let (_, text, stretches) = self.rich(&entry.lines, Known::NONE);
        self.place(part, entry.place);
        self.place_text(part, stretches);
        text
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
                entry.way_out(),
            );
        }
    }

    fn place(&mut self, part: &str, place: Place) {
        let part = format!("{}{part}", self.prefix);
        self.places.set(self.question, &part, place);
    }

    fn place_text(&mut self, part: &str, stretches: Stretches) {
        let part = format!("{}{part}", self.prefix);
        self.places.set_text(self.question, &part, stretches);
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

    /// What to do with an entry that has no meaning.
    fn way_out(&self) -> &'static str {
        match self.marker {
            // So other notations mark feedback.
            Marker::Extra => {
                "take it out, or say another `kind:` below the heading; feedback for right answers is `correct: …`"
            }
            Marker::Item => {
                "take it out, or say another `kind:` below the heading; feedback for wrong answers is `incorrect: …`, options are `- ( ) …`"
            }
            _ => "take it out, or say another `kind:` below the heading",
        }
    }

    fn describe(&self) -> String {
        match &self.marker {
            Marker::One { .. } | Marker::Many { .. } => "an option".to_owned(),
            Marker::Answer => "an answer `=`".to_owned(),
            Marker::Item => "a line `-`".to_owned(),
            Marker::Extra => "a line `+`".to_owned(),
            Marker::Number { .. } => "a numbered line".to_owned(),
            Marker::Keyword { name, .. } => format!("`{name}:`"),
            Marker::Block { .. } => "a code block".to_owned(),
        }
    }
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
