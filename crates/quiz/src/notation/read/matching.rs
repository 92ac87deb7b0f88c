//! Items and targets: `- left => right`, or `- {target=a} left` and `+ {#a} right`.

use super::choice::{bounds, letter_id};
use super::{Entry, Reader};
use crate::kind::{MatchItem, MatchTarget, Matching, PairWeight, PartScheme};
use crate::notation::attribute::Known;
use crate::notation::line::{Line, Marker};
use crate::text::Text;

const OF_ITEMS: Known = Known {
    id: true,
    words: &[],
    keys: &["target", "weight"],
};

const OF_TARGETS: Known = Known {
    id: true,
    words: &[],
    keys: &[],
};

/// Stands between item and target.
pub(in crate::notation) const ARROW: &str = "=>";

impl Reader<'_> {
    pub(super) fn read_matching(&mut self, entries: Vec<Entry<'_>>) -> Matching {
        let mut matching = Matching {
            items: Vec::new(),
            targets: Vec::new(),
            scheme: PartScheme::default(),
            pairs: Vec::new(),
            wrong_pair: 0.0,
            shuffle: true,
        };
        let mut others = Vec::new();
        for entry in entries {
            match (&entry.marker, entry.keyword()) {
                (Marker::Item, _) => self.read_match_item(&entry, &mut matching),
                (Marker::Extra, _) => {
                    let target = self.read_target(&entry, matching.targets.len());
                    matching.targets.push(target);
                }
                (_, Some("scoring")) => matching.scheme = self.read_part_scheme(&entry),
                (_, Some("pair")) => self.read_pair(&entry, &mut matching),
                (_, Some("pairs")) => matching.wrong_pair = self.number(&entry).unwrap_or(0.0),
                (_, Some("shuffle")) => matching.shuffle = self.word(&entry).unwrap_or(true),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "items are matched with targets");
        matching
    }

    /// How parts are put together: `each part`, `all or nothing`, `weights`, `weights -0.5 .. 1`.
    pub(super) fn read_part_scheme(&mut self, entry: &Entry<'_>) -> PartScheme {
        let words = self.one_line(entry);
        match words.as_str() {
            "each part" => return PartScheme::EachPart,
            "all or nothing" => return PartScheme::AllOrNothing,
            _ => {}
        }
        let found = match words.as_str() {
            "weights" => Some((0.0, 1.0)),
            words => bounds(words),
        };
        let Some((floor, ceiling)) = found else {
            self.problems.push(
                entry.value_place(),
                format!("`{words}` is not possible here"),
                "possible are each part, all or nothing, weights, weights -0.5 .. 1",
            );
            return PartScheme::default();
        };
        PartScheme::Weights { floor, ceiling }
    }

    /// `pair ITEM TARGET: weight`.
    fn read_pair(&mut self, entry: &Entry<'_>, matching: &mut Matching) {
        let weight = self.number(entry).unwrap_or(0.0);
        let mut ids = entry.argument().split_whitespace();
        let (Some(item), Some(target), None) = (ids.next(), ids.next(), ids.next()) else {
            self.problems.push(
                entry.place,
                "a pair has an item and a target",
                "write `pair 1 c: -0.25`, with their ids",
            );
            return;
        };
        self.place(&format!("pair {item} {target}"), entry.place);
        matching.pairs.push(PairWeight {
            item: item.to_owned(),
            target: target.to_owned(),
            weight,
        });
    }

    fn read_target(&mut self, entry: &Entry<'_>, index: usize) -> MatchTarget {
        let lines = self.without_feedback(&entry.lines, "give it to the items instead");
        let (attributes, text, stretches) = self.rich(&lines, OF_TARGETS);
        let id = attributes.id.unwrap_or_else(|| letter_id(index));
        let part = format!("target {id}");
        self.place(&part, entry.place);
        self.place_text(&part, stretches);
        MatchTarget { id, text }
    }

    fn read_match_item(&mut self, entry: &Entry<'_>, matching: &mut Matching) {
        let parts = self.split_feedback(&entry.lines);
        let (attributes, text, stretches) = self.rich(&parts.text, OF_ITEMS);
        let number = matching.items.len() + 1;
        let id = attributes.id.clone().unwrap_or_else(|| number.to_string());
        let part = format!("item {id}");
        let feedback = self.optional(&format!("{part} feedback"), &parts.feedback);
        let weight = attributes.number("weight", self.problems).unwrap_or(1.0);
        if let Some(target) = attributes.get("target") {
            self.place(&part, entry.place);
            self.place_text(&part, stretches);
            matching.items.push(MatchItem {
                id,
                text,
                target: target.to_owned(),
                weight,
                feedback,
            });
            return;
        }
        let Some((left, right)) = split_arrow(&text.source) else {
            self.problems.push(
                entry.value_place(),
                "the item has no target",
                "write `- item => target`; `- => target` is a target of no item",
            );
            return;
        };
        let count = matching.targets.len();
        let target = target_of(&right, matching);
        if matching.targets.len() > count {
            // The target ends the line.
            let before = text.source.chars().count() - right.chars().count();
            let part = format!("target {target}");
            self.place(&part, entry.place);
            self.place_text(&part, stretches.from(before));
        }
        if left.is_empty() && matching.targets.len() == count {
            self.problems.push_slip(
                entry.value_place(),
                format!("there is a target `{right}` already"),
                "take the line out, or change it: learners could not tell the two apart",
            );
        }
        if left.is_empty() {
            self.check_lone_target(entry.lines.first(), feedback.as_ref());
            return;
        }
        self.place(&part, entry.place);
        self.place_text(&part, stretches);
        matching.items.push(MatchItem {
            id,
            text: Text::markdown(left),
            target,
            weight,
            feedback,
        });
    }

    fn check_lone_target(&mut self, line: Option<&Line<'_>>, feedback: Option<&Text>) {
        if let (Some(line), Some(_)) = (line, feedback) {
            self.problems.push(
                line.place(),
                "a target of no item has no feedback",
                "give it to an item",
            );
        }
    }
}

/// Both sides of the last arrow of one line.
fn split_arrow(text: &str) -> Option<(String, String)> {
    if text.contains('\n') {
        return None;
    }
    if let Some(right) = text.strip_prefix(ARROW) {
        return Some((String::new(), right.trim().to_owned()));
    }
    let (left, right) = text.split_once(" => ")?;
    Some((left.trim().to_owned(), right.trim().to_owned()))
}

/// Id of the target with a text; a new one when there is none.
fn target_of(text: &str, matching: &mut Matching) -> String {
    let text = Text::markdown(text);
    let known = matching.targets.iter().find(|target| target.text == text);
    if let Some(target) = known {
        return target.id.clone();
    }
    let id = letter_id(matching.targets.len());
    matching.targets.push(MatchTarget {
        id: id.clone(),
        text,
    });
    id
}
