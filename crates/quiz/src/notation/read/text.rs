//! The text of a question: where it ends, and its escapes.

use crate::notation::line::{
    Fence, Line, Marker, known_keyword, marker, opens_fence, option_marker,
};
use crate::notation::place::Stretches;
use crate::notation::{document, rich, slip};
use crate::text::Text;

/// Whether a line starts the answers of a kind. What is not asked is the line
/// before: writing escapes more than reading needs.
pub(in crate::notation) fn starts_answers(text: &str, kind: Option<&str>) -> bool {
    if document::heading_level(text).is_some() || option_marker(text).is_some() {
        return true;
    }
    match marker(text) {
        Some((Marker::Answer, _)) => true,
        Some((Marker::Number { .. } | Marker::Extra, _)) if kind == Some("ordering") => true,
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
    if !opens_fence(text) {
        return false;
    }
    let info = text.trim_start_matches(['`', '~']).trim();
    let is_source = info.split(' ').next_back() == Some("source");
    match kind {
        Some("tracing") => is_source || ["stdin", "output"].contains(&info),
        Some("bug-line") => is_source,
        _ => false,
    }
}

/// Number of lines before the answers start.
pub(super) fn split_text(lines: &[Line<'_>], kind: Option<&str>) -> usize {
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

/// The text of some lines without its escapes, and where its letters stand; `None` when it is blank.
pub(in crate::notation) fn question_text(
    lines: &[Line<'_>],
    kind: Option<&str>,
) -> Option<(Text, Stretches)> {
    let first = lines.iter().position(|line| !line.is_blank())?;
    let last = lines.iter().rposition(|line| !line.is_blank())?;
    let mut fence = Fence::default();
    let mut plain = Vec::with_capacity(last + 1 - first);
    let mut source = String::new();
    for line in &lines[first..=last] {
        let is_covered = fence.covers(line.text);
        let is_escape = line.text.starts_with('\\') && !is_covered && is_escapable(line.text, kind);
        let line = if is_escape { line.skip(1) } else { *line };
        if !plain.is_empty() {
            source.push('\n');
        }
        source.push_str(line.text);
        plain.push(line);
    }
    let length = source.trim_end().len();
    source.truncate(length);
    Some((Text::markdown(source), Stretches::of_lines(&plain)))
}

/// Whether a line, without the backslashes at its start, would start the answers or look like a slip.
fn is_escapable(text: &str, kind: Option<&str>) -> bool {
    let text = text.trim_start_matches('\\');
    starts_answers(text, kind) || slip::suspicious(text).is_some()
}

/// The text as [`question_text`] reads it; `None` when it cannot be written so.
pub(in crate::notation) fn escape_text(text: &str, kind: Option<&str>) -> Option<String> {
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
