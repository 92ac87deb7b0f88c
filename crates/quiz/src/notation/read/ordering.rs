//! Items in order: `1. first`, and `+ distractor`.

use super::{Entry, Reader};
use crate::kind::{OrderItem, OrderScheme, Ordering};
use crate::notation::attribute::Known;
use crate::notation::line::Marker;
use crate::notation::place::{Place, Stretches};
use crate::text::Text;

const OF_ITEMS: Known = Known {
    id: true,
    words: &[],
    keys: &[],
};

/// An item before the others are counted.
struct ReadItem {
    id: Option<String>,
    text: Text,
    place: Place,
    stretches: Stretches,
}

impl Reader<'_> {
    pub(super) fn read_ordering(&mut self, entries: Vec<Entry<'_>>) -> Ordering {
        let (mut items, mut distractors) = (Vec::new(), Vec::new());
        let mut scheme = OrderScheme::default();
        let mut others = Vec::new();
        self.check_numbers(&entries);
        for entry in entries {
            match (&entry.marker, entry.keyword()) {
                (Marker::Number { .. }, _) => {
                    items.push(self.read_order_item(&entry));
                }
                (Marker::Extra, _) => {
                    distractors.push(self.read_order_item(&entry));
                }
                (_, Some("scoring")) => scheme = self.word(&entry).unwrap_or_default(),
                _ => others.push(entry),
            }
        }
        self.refuse(others, "items are put in order");
        let mut count = 0_usize;
        let mut name = |list: Vec<ReadItem>| {
            let named = list.into_iter().map(|item| {
                count += 1;
                let id = item.id.unwrap_or_else(|| count.to_string());
                let part = format!("item {id}");
                self.place(&part, item.place);
                self.place_text(&part, item.stretches);
                OrderItem {
                    id,
                    text: item.text,
                }
            });
            named.collect()
        };
        Ordering {
            items: name(items),
            distractors: name(distractors),
            scheme,
        }
    }

    fn read_order_item(&mut self, entry: &Entry<'_>) -> ReadItem {
        let lines = self.without_feedback(
            &entry.lines,
            "write `general: …` below the items, which is shown for every answer, or `partial: …` and `incorrect: …`",
        );
        let (attributes, text, stretches) = self.rich(&lines, OF_ITEMS);
        ReadItem {
            id: attributes.id,
            text,
            place: entry.place,
            stretches,
        }
    }

    /// The order of the lines is what is right: numbers that say another one are no way to write it.
    fn check_numbers(&mut self, entries: &[Entry<'_>]) {
        let numbers: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry.marker {
                Marker::Number { value } => Some((value, entry.place)),
                _ => None,
            })
            .collect();
        let are_equal = numbers.windows(2).all(|pair| pair[0].0 == pair[1].0);
        let wrong = numbers.windows(2).find(|pair| pair[0].0 >= pair[1].0);
        if let Some(&[(before, _), (value, place)]) = wrong
            && !are_equal
        {
            self.problems.push_slip(
                place,
                format!("`{value}.` stands below `{before}.`"),
                "write the lines in the order that is right, whatever their numbers; learners get them shuffled",
            );
        }
    }
}
