//! Values: texts in their formats, plain strings, numbers, lists.

use super::attribute::{Attributes, Known, looks_like_attributes, report_behind, take};
use super::line::{Fence, Line};
use super::place::Stretches;
use super::problem::Problems;
use crate::text::{Text, TextFormat};

/// A string with its attributes, and where its letters stand.
#[derive(Debug, Default)]
pub(super) struct Placed {
    pub(super) attributes: Attributes,
    pub(super) source: String,
    pub(super) stretches: Stretches,
}

impl Placed {
    /// The format that the attributes say.
    pub(super) fn format(&self) -> TextFormat {
        if self.attributes.has("html") {
            TextFormat::Html
        } else if self.attributes.has("plain") {
            TextFormat::Plain
        } else {
            TextFormat::Markdown
        }
    }
}

/// Reads a string with its attributes; `{exact}` is followed by a string in quotes.
pub(super) fn read_placed(lines: &[Line<'_>], known: Known, problems: &mut Problems) -> Placed {
    let Some((first, rest)) = lines.split_first() else {
        return Placed::default();
    };
    let (attributes, value) = take(*first, known, problems);
    if value == *first {
        report_behind(value, known, problems);
    }
    let first = value;
    if attributes.has("exact") {
        let exact = take_quoted(first.text.trim_end()).filter(|(_, after)| after.is_empty());
        if exact.is_none() || !rest.is_empty() {
            problems.push(
                first.place(),
                "`{exact}` is followed by one string in quotes on the same line",
                "write it as in JSON: \"first line\\nsecond line\"",
            );
        }
        return Placed {
            attributes,
            source: exact.map(|(text, _)| text).unwrap_or_default(),
            stretches: Stretches::whole(first.place()),
        };
    }
    let mut source = first.text.to_owned();
    for line in rest {
        source.push('\n');
        source.push_str(line.text);
    }
    source.truncate(source.trim_end().len());
    Placed {
        attributes,
        source,
        stretches: Stretches::of_lines([&first].into_iter().chain(rest)),
    }
}

/// As [`read_placed`], where nobody asks for places.
pub(super) fn read_string(
    lines: &[Line<'_>],
    known: Known,
    problems: &mut Problems,
) -> (Attributes, String) {
    let placed = read_placed(lines, known, problems);
    (placed.attributes, placed.source)
}

/// The string in quotes, as in JSON, that a text starts with, and what follows it.
pub(super) fn take_quoted(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find_map(|(at, letter)| {
        if !escaped && letter == '"' {
            return Some(at + 1);
        }
        escaped = !escaped && letter == '\\';
        None
    })?;
    if !text.starts_with('"') {
        return None;
    }
    let (quoted, after) = text.split_at(end);
    serde_json::from_str(quoted).ok().map(|text| (text, after))
}

/// A string in quotes, as in JSON.
pub(super) fn quote(text: &str) -> String {
    // TOML, where such strings stand too, wants the delete character escaped.
    serde_json::Value::String(text.to_owned())
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

/// A number: digits at its start, so that `inf` and `nan` are none.
pub(super) fn parse_number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches(['-', '+']);
    if !digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A number that [`parse_number`] reads as the same.
pub(super) fn write_number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) {
        return format!("{number:e}");
    }
    format!("{number}")
}

/// Reads a list with a separator; items may be in quotes.
pub(super) fn read_list(line: Line<'_>, separator: char, problems: &mut Problems) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = line.trim_start();
    while !rest.text.trim().is_empty() {
        if rest.text.starts_with('"') {
            let Some((text, after)) = take_quoted(rest.text) else {
                problems.push(
                    rest.place(),
                    "the string is never closed",
                    "close it with `\"`",
                );
                return items;
            };
            items.push(Item { text, quoted: true });
            rest = rest.skip(rest.text.len() - after.len()).trim_start();
            match rest.text.strip_prefix(separator) {
                Some(_) => rest = rest.skip(separator.len_utf8()).trim_start(),
                None if rest.text.trim().is_empty() => {}
                None => {
                    problems.push(
                        rest.place(),
                        format!("expected `{separator}` or the end of the line"),
                        "",
                    );
                    return items;
                }
            }
            continue;
        }
        let end = rest.text.find(separator).unwrap_or(rest.text.len());
        items.push(Item {
            text: rest.text[..end].trim().to_owned(),
            quoted: false,
        });
        let after = (end + separator.len_utf8()).min(rest.text.len());
        rest = rest.skip(after).trim_start();
    }
    items.retain(|item| item.quoted || !item.text.is_empty());
    items
}

/// One item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) text: String,
    pub(super) quoted: bool,
}

/// An item of a list, in quotes where it needs them.
pub(super) fn write_item(text: &str, separator: char) -> String {
    if is_one_line(text) && !text.contains(separator) && !text.starts_with('"') {
        text.to_owned()
    } else {
        quote(text)
    }
}

/// Whether a string can stand in a line as it is.
pub(super) fn is_one_line(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control)
}

/// Whether a text of several lines can stand as it is.
pub(super) fn is_readable(text: &str) -> bool {
    let mut fence = Fence::default();
    let lines_read_well = text.split('\n').all(|line| {
        fence.covers(line);
        line.is_empty() || !line.trim().is_empty()
    });
    lines_read_well
        && !fence.is_open()
        && !text.is_empty()
        && text.trim() == text
        && !text
            .chars()
            .any(|letter| letter.is_control() && letter != '\n' && letter != '\t')
}

/// A string with attributes before it, as lines.
pub(super) fn write_string(text: &str, attributes: &[String]) -> Vec<String> {
    write_lines(text, attributes, is_readable(text))
}

/// A string in quotes that would be read as something else without them.
pub(super) fn write_exact(text: &str, attributes: &[String]) -> Vec<String> {
    write_lines(text, attributes, false)
}

fn write_lines(text: &str, attributes: &[String], is_readable: bool) -> Vec<String> {
    let mut attributes = attributes.to_vec();
    let mut lines: Vec<String>;
    if is_readable {
        lines = text.split('\n').map(str::to_owned).collect();
        if attributes.is_empty() && !looks_like_attributes(text) {
            return lines;
        }
    } else {
        attributes.push("exact".to_owned());
        lines = vec![quote(text)];
    }
    lines[0] = format!("{{{}}} {}", attributes.join(" "), lines[0]);
    lines
}

/// A text with attributes before it, as lines.
pub(super) fn write_rich(text: &Text, attributes: &[String]) -> Vec<String> {
    let mut attributes = attributes.to_vec();
    match text.format {
        TextFormat::Markdown => {}
        TextFormat::Html => attributes.push("html".to_owned()),
        TextFormat::Plain => attributes.push("plain".to_owned()),
    }
    write_string(&text.source, &attributes)
}
