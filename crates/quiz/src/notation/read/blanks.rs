//! Blanks: `[[= a | b]]`, `[[# 3 +- 1]]`, `[[? *a | b]]` in the text, or `blank ID:` below it.

use super::bracket::find_stray;
use super::choice::letter_id;
use super::number::read_accept;
use super::short_answer::is_number;
use super::{Body, Entry, Marker, Reader};
use crate::kind::{
    Blank, BlankKey, Blanks, Choice, ChoiceOption, NumberAnswer, NumberKey, PartScheme, TextKey,
    Tolerance,
};
use crate::limits::PARTS_MAX;
use crate::notation::attribute::Known;
use crate::notation::line::{Line, read_entries};
use crate::notation::place::{Place, Stretches};
use crate::notation::rich::{parse_number, quote};
use crate::notation::slip;
use crate::text::Text;

const OF_BLANKS: Known = Known {
    id: false,
    words: &["number"],
    keys: &["weight", "width"],
};

/// Signs after the double bracket, each followed by a blank.
pub(super) const SIGNS: [char; 3] = ['=', '#', '?'];

/// Where an inline blank starts: its place, its sign, and the place after the sign.
fn find_inline(text: &str) -> Option<(usize, char, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("[[").map(|at| at + from) {
        let after = &text[at + 2..];
        let sign = after.chars().next().filter(|sign| SIGNS.contains(sign));
        if let Some(sign) = sign
            && after[1..].starts_with(' ')
        {
            return Some((at, sign, at + 3));
        }
        from = at + 1;
    }
    None
}

/// Whether a text holds a blank of its own.
pub(super) fn has_inline(text: &str) -> bool {
    find_inline(text).is_some()
}

/// The content up to the closing brackets, and the bytes it takes with them.
fn take_content(text: &str) -> Option<(&str, usize)> {
    let line = text.split('\n').next().unwrap_or_default();
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if line[at..].starts_with("]]") && !line[at + 1..].starts_with("]]") {
            return Some((&line[..at], at + 2));
        }
    }
    None
}

/// Items between unescaped bars, without blanks around them. The flag tells
/// whether the item begins with a star that is not escaped.
fn split_items(content: &str) -> Vec<(bool, String)> {
    let mut items = vec![(false, String::new())];
    let mut letters = content.trim().chars().peekable();
    while let Some(letter) = letters.next() {
        let Some((is_starred, item)) = items.last_mut() else {
            break;
        };
        match letter {
            '\\' => item.push(
                letters
                    .next_if(|next| "\\|]*".contains(*next))
                    .unwrap_or('\\'),
            ),
            '|' => items.push((false, String::new())),
            '*' if item.trim().is_empty() && !*is_starred => *is_starred = true,
            _ => item.push(letter),
        }
    }
    for (_, item) in &mut items {
        *item = item.trim().to_owned();
    }
    items
}

/// A blank in the text.
struct Inline {
    id: String,
    place: Place,
    sign: char,
    /// Where its content begins, in characters of the text.
    content: usize,
}

/// How a blank that cannot be read is written.
fn way_out(sign: char, content: &str) -> String {
    let content = content.trim();
    match sign {
        '#' if !content.is_empty() && parse_number(content).is_none() => format!(
            "a number is `[[# 3]]` or `[[# 3.14 +- 0.01]]`, a text `[[= {content}]]`; if it is text, write a backslash before it"
        ),
        '?' => {
            "write what can be chosen between bars, the right one with a star: `[[? *red | green]]`"
                .to_owned()
        }
        _ => "write `[[= Paris | paris]]`, `[[# 3.14 +- 0.01]]` or `[[? *red | green]]`".to_owned(),
    }
}

/// What an inline blank asks for; `None` when it cannot be read.
fn inline_key(sign: char, content: &str) -> Option<BlankKey> {
    if sign == '#' {
        let accept = read_accept(content)?;
        let answers = vec![NumberAnswer::new(accept)];
        return Some(BlankKey::Number(NumberKey {
            answers,
            ..NumberKey::near(0.0, Tolerance::Exact)
        }));
    }
    let items = split_items(content);
    if items.iter().any(|(_, item)| item.is_empty()) {
        return None;
    }
    if sign == '=' {
        let texts = items.into_iter().map(
            |(is_starred, item)| {
                if is_starred { format!("*{item}") } else { item }
            },
        );
        return Some(BlankKey::Text(TextKey::exact(texts)));
    }
    let options = items
        .into_iter()
        .enumerate()
        .map(|(index, (is_right, item))| {
            ChoiceOption::new(letter_id(index), Text::markdown(item), is_right)
        });
    Some(BlankKey::Choice(Choice::one(options.collect())))
}

/// A key as an inline blank; `None` when it holds more than that can say.
pub(in crate::notation) fn write_inline(key: &BlankKey) -> Option<String> {
    let escape = |text: &str| {
        let mut escaped = text.replace('\\', "\\\\").replace('|', "\\|");
        if escaped.contains("]]") {
            escaped = escaped.replace(']', "\\]");
        }
        escaped
            .strip_prefix('*')
            .map(|rest| format!("\\*{rest}"))
            .unwrap_or(escaped)
    };
    let (sign, content) = match key {
        BlankKey::Text(key) => {
            if key
                .patterns
                .iter()
                .any(|pattern| is_number(&pattern.pattern))
            {
                return None;
            }
            let texts: Vec<String> = key
                .patterns
                .iter()
                .map(|pattern| escape(&pattern.pattern))
                .collect();
            ('=', texts.join(" | "))
        }
        BlankKey::Number(key) => (
            '#',
            crate::notation::write::accept(&key.answers.first()?.accept),
        ),
        BlankKey::Choice(choice) => {
            let options: Vec<String> = choice
                .options
                .iter()
                .map(|option| {
                    let star = if option.correct { "*" } else { "" };
                    format!("{star}{}", escape(&option.text.source))
                })
                .collect();
            ('?', options.join(" | "))
        }
    };
    // Read again, it must say the same: that is what makes it simple.
    let line = format!("{content}]]");
    let is_closed = take_content(&line) == Some((content.as_str(), line.len()));
    let is_plain = !content.chars().any(char::is_control);
    let is_same = inline_key(sign, &content).as_ref() == Some(key);
    (is_closed && is_plain && is_same).then(|| format!("[[{sign} {content}]]"))
}

impl Reader<'_> {
    /// Cuts inline blanks out of a text, and puts `[[1]]`, `[[2]]`, … in their places.
    pub(super) fn take_inline(&mut self, body: &mut Body<'_>, entries: &[Entry<'_>]) -> Vec<Blank> {
        let ids: Vec<&str> = entries
            .iter()
            .filter(|entry| entry.is_keyword("blank"))
            .map(Entry::argument)
            .collect();
        for stray in find_stray(&body.text.source, &ids).iter().take(PARTS_MAX) {
            stray.tell(body, self.problems);
        }
        let mut blanks = Vec::new();
        let mut changes = Vec::new();
        let mut filled = String::new();
        let mut rest = body.text.source.as_str();
        // Characters before the rest.
        let mut passed = 0;
        while let Some((at, sign, after)) = find_inline(rest) {
            filled.push_str(&rest[..at]);
            passed += rest[..at].chars().count();
            let found = Inline {
                id: (blanks.len() + 1).to_string(),
                place: body.stretches.find(passed).unwrap_or((1, 1)),
                sign,
                content: passed + "[[=".len(),
            };
            let Some((content, length)) = take_content(&rest[after..]) else {
                self.problems.push(
                    found.place,
                    format!("a blank `[[{sign}` in the text is never closed"),
                    "close it with `]]` on the same line",
                );
                break;
            };
            if blanks.len() == PARTS_MAX {
                self.problems.push(
                    found.place,
                    format!("more than {PARTS_MAX} blanks in one text"),
                    "split the question",
                );
                break;
            }
            blanks.extend(self.read_inline(&found, content, &body.stretches));
            let placeholder = format!("[[{}]]", found.id);
            let written = rest[at..after + length].chars().count();
            changes.push((passed, written, placeholder.chars().count()));
            passed += written;
            filled.push_str(&placeholder);
            rest = &rest[after + length..];
        }
        filled.push_str(rest);
        body.text.source = filled;
        body.stretches = body.stretches.replaced(&changes);
        blanks
    }

    /// Reads one blank of a text.
    fn read_inline(&mut self, found: &Inline, content: &str, text: &Stretches) -> Option<Blank> {
        let Inline {
            id, place, sign, ..
        } = found;
        let part = format!("blank {id}");
        self.place(&part, *place);
        if *sign == '#' {
            self.place_expressions(
                &format!("{part} answer 1"),
                content,
                &text.part(found.content, content.chars().count()),
            );
        }
        if *sign == '=' && is_number(content) {
            self.problems.push_slip(
                *place,
                format!("the blank `[[={content}]]` takes a text, and looks like a number"),
                format!("write `[[#{content}]]`; for a text that is written so, tell it below: `blank {id}:` with `  = {{exact}} {}`", quote(content.trim())),
            );
        }
        let key = inline_key(*sign, content);
        if key.is_none() {
            self.problems.push(
                *place,
                format!("the blank `[[{sign}{content}]]` cannot be read"),
                way_out(*sign, content),
            );
        }
        key.map(|key| Blank::new(id.clone(), key))
    }

    /// Reads `blank ID:` entries, and puts all blanks into the order of the text.
    pub(super) fn read_blanks(
        &mut self,
        entries: Vec<Entry<'_>>,
        mut blanks: Vec<Blank>,
        text: &str,
    ) -> Blanks {
        let mut scheme = PartScheme::default();
        let mut others = Vec::new();
        for entry in entries {
            match entry.keyword() {
                Some("blank") => {
                    let blank = self.read_blank(&entry);
                    blanks.push(blank);
                }
                Some("scoring") => scheme = self.read_part_scheme(&entry),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "the text has blanks");
        blanks.sort_by_key(|blank| {
            text.find(&format!("[[{}]]", blank.id))
                .unwrap_or(usize::MAX)
        });
        Blanks { blanks, scheme }
    }

    fn read_blank(&mut self, entry: &Entry<'_>) -> Blank {
        let id = entry.argument().to_owned();
        self.place(&format!("blank {id}"), entry.place);
        let (first, below): (&[Line<'_>], &[Line<'_>]) =
            entry.lines.split_at(entry.lines.len().min(1));
        let (attributes, text, _) = self.rich(first, OF_BLANKS);
        if !text.is_blank() {
            self.problems.push(
                entry.value_place(),
                format!("`{}` belongs below, indented by two blanks", text.source),
                "write `  = answer` on the next line",
            );
        }
        let (inner, _) = read_entries(below, false, self.problems);
        slip::report_repeated(&inner, self.problems);
        let is_choice = inner
            .iter()
            .any(|entry| matches!(entry.marker, Marker::One { .. } | Marker::Many { .. }));
        let mut own = Reader {
            problems: self.problems,
            places: self.places,
            question: self.question,
            prefix: &format!("blank {id} "),
        };
        let key = if is_choice {
            BlankKey::Choice(own.read_choice(inner))
        } else if attributes.has("number") {
            BlankKey::Number(own.read_number_key(inner))
        } else {
            BlankKey::Text(own.read_text_key(inner))
        };
        Blank {
            id,
            weight: attributes.number("weight", self.problems).unwrap_or(1.0),
            width: attributes.whole("width", self.problems),
            key,
        }
    }
}
