//! The text of a question with its places, and what is told of it as a whole.

use super::bracket::find_stray;
use super::{Entry, Reader, foreign};
use crate::notation::line::{Fence, Line, Marker, marker};
use crate::notation::place::{Place, Stretches};
use crate::notation::problem::Problems;
use crate::notation::slip;
use crate::text::Text;

/// The text of a question, with the lines it stands in.
#[derive(Debug)]
pub(super) struct Body<'a> {
    pub(super) text: Text,
    /// Whether it stands in quotes, so that nothing in it is special.
    pub(super) is_exact: bool,
    pub(super) lines: Vec<Line<'a>>,
    pub(super) stretches: Stretches,
}

impl<'a> Body<'a> {
    /// What stands below a heading, with the text that was read from it.
    pub(super) fn below(lines: &[Line<'a>], read: Option<(Text, Stretches)>) -> Self {
        let (text, stretches) = read.unwrap_or_default();
        Self {
            text,
            is_exact: false,
            lines: lines.to_vec(),
            stretches,
        }
    }

    /// Where something stands whose place in the text is known.
    pub(super) fn place(&self, offset: usize) -> Place {
        let before = self.text.source.get(..offset).unwrap_or_default();
        let place = self.stretches.find(before.chars().count());
        place.unwrap_or((1, 1))
    }
}

/// Tells of every line that another notation would understand, where there is one that is
/// certainly meant so; whether anything was told.
pub(in crate::notation) fn report_foreign(
    lines: &[Line<'_>],
    what: &str,
    problems: &mut Problems,
) -> bool {
    let mut fence = Fence::default();
    let plain = lines.iter().filter(|line| !fence.covers(line.text));
    let plain: Vec<&Line<'_>> = plain.collect();
    if !plain
        .iter()
        .any(|line| foreign::way_out(line.text).is_some())
    {
        return false;
    }
    let mut is_told = false;
    // Slips are told by themselves.
    for line in plain
        .iter()
        .filter(|line| slip::suspicious(line.text).is_none())
    {
        let hint = foreign::way_out(line.text).or_else(|| foreign::way_out_among_others(line.text));
        if let Some(hint) = hint {
            let message = if is_told {
                "here this is written in another way".to_owned()
            } else {
                format!("{what}: here this is written in another way")
            };
            problems.push(line.place(), message, hint);
            is_told = true;
        }
    }
    is_told
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

    /// Tells of lists that look like the items of a question that has none.
    pub(super) fn report_missing_items(
        &mut self,
        lines: &[Line<'_>],
        entries: &[Entry<'_>],
        kind: Option<&str>,
    ) {
        let has = |wanted: fn(&Marker<'_>) -> bool| entries.iter().any(|one| wanted(&one.marker));
        let meant = match kind {
            Some("matching") if !has(|marker| *marker == Marker::Item) => "- item => target",
            Some("ordering") if !has(|marker| matches!(marker, Marker::Number { .. })) => {
                "1. first"
            }
            _ => return,
        };
        let mut fence = Fence::default();
        for line in lines.iter().filter(|line| !fence.covers(line.text)) {
            let text = line.text;
            let after = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
            let is_numbered = after.len() < text.len() && after.starts_with(") ");
            if is_numbered || ["- ", "* ", "+ "].iter().any(|sign| text.starts_with(sign)) {
                self.problems.push(
                    line.place(),
                    "the line is text, and the question has no items",
                    format!("write an item as `{meant}`"),
                );
            }
        }
    }

    pub(super) fn report_no_answers(&mut self, heading: (usize, usize), body: &Body<'_>) {
        if let [stray, ..] = find_stray(&body.text.source, &[]).as_slice() {
            self.problems
                .push(stray.place(body), stray.message(), stray.hint());
            return;
        }
        if report_foreign(&body.lines, "the question has no answers", self.problems) {
            return;
        }
        self.problems.push(
            heading,
            "the question has no answers",
            "add options `- (x) …` or `- [x] …`, answers `= …`, blanks `[[= …]]`, or say `kind: …` below the heading",
        );
    }
}
