//! Ids of headings.

use std::collections::BTreeSet;

/// Longest id, characters.
const LENGTH_MAX: usize = 60;

/// Gives each heading of a text an id of its own.
#[derive(Debug, Default)]
pub(crate) struct Slugs(BTreeSet<String>);

impl Slugs {
    /// `Loops & ranges` → `loops-ranges`; a second one → `loops-ranges-2`.
    pub(crate) fn give(&mut self, title: &str) -> String {
        let mut slug = String::new();
        for letter in title.chars().flat_map(char::to_lowercase) {
            if letter.is_alphanumeric() {
                slug.push(letter);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let cut: String = slug.chars().take(LENGTH_MAX).collect();
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
    use super::*;

    #[test]
    fn ids_are_readable_and_each_is_there_once() {
        let mut slugs = Slugs::default();
        assert_eq!(slugs.give("Loops & ranges"), "loops-ranges");
        assert_eq!(slugs.give("Loops, ranges!"), "loops-ranges-2");
        assert_eq!(slugs.give("  ☺ "), "section");
        assert_eq!(slugs.give("Größe"), "größe");
    }
}
