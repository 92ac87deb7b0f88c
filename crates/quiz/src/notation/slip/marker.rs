//! Options, headings and other markers with a slip.

use super::{CODE_BLANKS, Slip, escaped, shown};
use crate::notation::line::{Marker, marker, option_marker};

/// An option with a slip in its marker, such as `-[x] a`, `* (x) a`, `[*] a`.
pub(super) fn option_slip(text: &str) -> Option<Slip> {
    let inner = text.trim_start_matches(' ');
    let indent = text.len() - inner.len();
    if indent >= CODE_BLANKS || (indent == 0 && option_marker(text).is_some()) {
        return None;
    }
    if let Some(rest) = lettered(text) {
        return Some(Slip {
            likeness: "an option".to_owned(),
            meant: shown(&format!("- (x) {}", rest.trim())),
            way_out: escaped(text),
        });
    }
    let bare = inner.strip_prefix(['-', '*', '+', '–', '—', '−', '•']);
    let after = bare.unwrap_or(inner).trim_start();
    let (open, close) = match after.chars().next()? {
        '(' => ('(', ')'),
        '[' => ('[', ']'),
        '（' => ('（', '）'),
        _ => return None,
    };
    let (mark, rest) = after[open.len_utf8()..].split_once(close)?;
    let mark = mark.trim();
    let is_right = ["x", "X", "*", "×", "х", "Х", "✓", "✔", "✗", "✘"].contains(&mark);
    let is_apart = rest.is_empty() || rest.starts_with([' ', '\t']);
    // `- (x)4` lacks a blank; `[](address)` is a link, and `-(x)+1` a sum.
    let lacks_blank = inner.starts_with("- ") && rest.starts_with(char::is_alphanumeric);
    let is_mark = is_right || mark.is_empty();
    if !is_mark || !(is_apart || lacks_blank) || (bare.is_none() && rest.trim().is_empty()) {
        return None;
    }
    let sign = match (open, is_right) {
        ('[', true) => "[x]",
        ('[', false) => "[ ]",
        (_, true) => "(x)",
        (_, false) => "( )",
    };
    Some(Slip {
        likeness: "an option".to_owned(),
        meant: shown(&format!("- {sign} {}", rest.trim())),
        way_out: escaped(text),
    })
}

/// What follows `*a)`, as text2qti marks the right option.
fn lettered(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('*')?;
    let rest = rest.strip_prefix(|letter: char| letter.is_ascii_alphabetic())?;
    let rest = rest.strip_prefix(')')?;
    rest.starts_with([' ', '\t']).then_some(rest)
}

/// `##Title`, or a heading with an id that blanks stand before.
pub(super) fn heading_slip(text: &str) -> Option<Slip> {
    let inner = text.trim_start_matches(' ');
    let indent = text.len() - inner.len();
    let level = inner.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &inner[level..];
    // With an id, a heading of any level is meant for a question.
    let is_deeper = (4..=6).contains(&level) && rest.starts_with(' ') && rest.contains("{#");
    if indent >= CODE_BLANKS || !(is_deeper || (2..=3).contains(&level)) {
        return None;
    }
    let is_meant = is_deeper
        || if rest.starts_with([' ', '\t']) {
            indent > 0 && rest.contains("{#")
        } else {
            rest.starts_with(char::is_alphanumeric)
        };
    is_meant.then(|| Slip {
        likeness: "the heading of a question".to_owned(),
        meant: shown(&format!(
            "{} {}",
            "#".repeat(if is_deeper { 2 } else { level }),
            rest.trim()
        )),
        way_out: escaped(text),
    })
}

/// A marker with a blank that is no blank for us: what web pages and word processors leave.
pub(super) fn blank_slip(text: &str) -> Option<Slip> {
    let is_odd = |letter: char| letter.is_whitespace() && !matches!(letter, ' ' | '\t' | '\r');
    if !text.contains(is_odd) {
        return None;
    }
    let plain = text.replace(is_odd, " ");
    let is_marker = match marker(plain.trim_start()) {
        Some((Marker::Item | Marker::Extra | Marker::Number { .. }, _)) | None => false,
        Some((_, length)) => text.trim_start().chars().take(length + 1).any(is_odd),
    };
    is_marker.then(|| Slip {
        likeness: "part of the answers, but for a blank that is none (such as U+00A0)".to_owned(),
        meant: shown(plain.trim()),
        way_out: escaped(text),
    })
}
