//! Items in order: `1. first`, and `+ distractor`.

use super::{Entry, Reader};
use crate::kind::{OrderItem, OrderScheme, Ordering};
use crate::notation::attribute::Known;
use crate::notation::line::Marker;
use crate::text::Text;

const OF_ITEMS: Known = Known {
    id: true,
    words: &[],
    keys: &[],
};

impl Reader<'_> {
    pub(super) fn read_ordering(&mut self, entries: Vec<Entry<'_>>) -> Ordering {
        let mut items: Vec<(Option<String>, Text)> = Vec::new();
        let mut distractors: Vec<(Option<String>, Text)> = Vec::new();
        let mut scheme = OrderScheme::default();
        let mut others = Vec::new();
        for entry in entries {
            match (&entry.marker, entry.keyword()) {
                (Marker::Number, _) => {
                    let (attributes, text) = self.rich(&entry.lines, OF_ITEMS);
                    items.push((attributes.id, text));
                }
                (Marker::Extra, _) => {
                    let (attributes, text) = self.rich(&entry.lines, OF_ITEMS);
                    distractors.push((attributes.id, text));
                }
                (_, Some("scoring")) => scheme = self.word(&entry).unwrap_or_default(),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "items are put in order");
        let count = items.len();
        let name = |offset: usize, list: Vec<(Option<String>, Text)>| {
            list.into_iter()
                .enumerate()
                .map(|(index, (id, text))| OrderItem {
                    id: id.unwrap_or_else(|| (offset + index + 1).to_string()),
                    text,
                })
                .collect()
        };
        Ordering {
            items: name(0, items),
            distractors: name(count, distractors),
            scheme,
        }
    }
}
