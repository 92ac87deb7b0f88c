//! The text of a question with its places, and what is told of it as a whole.

use super::bracket::find_stray;
use super::{Reader, foreign};
use crate::notation::line::{Line, Marker, marker};
use crate::text::Text;

/// The text of a question, with the lines it stands in.
#[derive(Debug)]
pub(super) struct Body<'a> {
    pub(super) text: Text,
    /// Whether it stands in quotes, so that nothing in it is special.
    pub(super) is_exact: bool,
    pub(super) lines: Vec<Line<'a>>,
}

impl Body<'_> {
    /// Where something stands whose place in the text is known.
    pub(super) fn place(&self, offset: usize) -> (usize, usize) {
        let source = self.text.source.as_str();
        let before = source.get(..offset).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let own = source[start..].split('\n').next().unwrap_or_default();
        let Some(line) = self.lines.get(before.matches('\n').count()) else {
            return (1, 1);
        };
        // A backslash or braces may stand before what is the text.
        let from = line.text.find(own).unwrap_or(0);
        let at = (from + offset - start).min(line.text.len());
        match line.text.is_char_boundary(at) {
            true => line.skip(at).place(),
            false => line.place(),
        }
    }
}

impl Reader<'_> {
    /// Tells of a line of a list that is text, while those below it are the answers.
    pub(super) fn report_torn_list(&mut self, last: &Line<'_>, kind: Option<&str>) {
        let is_item = matches!(marker(last.text), Some((Marker::Item, _)));
        let digits = last
            .text
            .trim_start_matches(|letter: char| letter.is_ascii_digit());
        let is_number = digits.len() < last.text.len() && digits.starts_with(") ");
        let (what, meant) = match kind {
            Some("matching") if is_item => ("has no target", "- item => target"),
            Some("ordering") if is_number || is_item => ("is no item", "1. first"),
            _ => return,
        };
        self.problems.push_slip(
            last.place(),
            format!("the line above the answers {what}, and is text"),
            format!("write `{meant}`; if it is text, leave an empty line below it"),
        );
    }

    pub(super) fn report_no_answers(&mut self, heading: (usize, usize), body: &Body<'_>) {
        if let [stray, ..] = find_stray(&body.text.source, &[]).as_slice() {
            self.problems
                .push(stray.place(body), stray.message(), stray.hint());
            return;
        }
        for line in &body.lines {
            if let Some(hint) = foreign::way_out(line.text) {
                let message = "the question has no answers: here they are written in another way";
                self.problems.push(line.place(), message, hint);
                return;
            }
        }
        self.problems.push(
            heading,
            "the question has no answers",
            "add options `- (x) …` or `- [x] …`, answers `= …`, blanks `[[= …]]`, or say `kind: …` below the heading",
        );
    }
}
