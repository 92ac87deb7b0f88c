//! Ids of headings: what links into a text name, so whoever checks links asks here too.

use std::collections::BTreeSet;

/// Longest id, characters.
const LENGTH_MAX: usize = 60;

/// Gives each heading of a text an id of its own.
#[derive(Debug, Default)]
pub struct HeadingIds(BTreeSet<String>);

impl HeadingIds {
    /// `Loops & ranges` → `loops-ranges`; a second one → `loops-ranges-2`.
    #[must_use]
    pub fn give(&mut self, title: &str) -> String {
        let mut id = String::new();
        for letter in title.chars().flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() {
                id.push(letter);
            } else if !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
        }
        let cut: String = id.chars().take(LENGTH_MAX).collect();
        let cut = cut.trim_end_matches('-');
        let stem = if cut.is_empty() { "section" } else { cut };
        let mut found = stem.to_owned();
        let mut number = 2;
        while !self.0.insert(found.clone()) {
            found = format!("{stem}-{number}");
            number += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_readable_and_each_is_there_once() {
        let mut ids = HeadingIds::default();
        assert_eq!(ids.give("Loops & ranges"), "loops-ranges");
        assert_eq!(ids.give("Loops, ranges!"), "loops-ranges-2");
        assert_eq!(ids.give("  ☺ "), "section");
        assert_eq!(ids.give("Größe"), "größe");
    }

    proptest! {
        #[test]
        fn no_two_headings_have_the_same_id(texts in proptest::collection::vec("[aA1 -]{0,4}", 0..12)) {
            let mut ids = HeadingIds::default();
            let given: Vec<String> = texts.iter().map(|text| ids.give(text)).collect();
            let unique: BTreeSet<_> = given.iter().collect();
            prop_assert_eq!(unique.len(), given.len());
        }
    }
}
