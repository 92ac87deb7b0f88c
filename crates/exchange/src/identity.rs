//! Stable ids for questions of formats that have none, or others.

use std::collections::BTreeSet;

use carrel_quiz::limits::ID_CHARACTERS_MAX;

/// Most characters of an id made of a title: short enough to read.
const TITLE_CHARACTERS_MAX: usize = 48;

/// Gives out ids, each once.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    taken: BTreeSet<String>,
    unnamed: usize,
}

impl Identities {
    /// The id itself where the source gives one that is possible, else as [`Self::take`].
    pub(crate) fn take_id(&mut self, id: &str) -> String {
        // It names a directory of files: none of dots alone.
        let possible = id.starts_with(|first: char| first.is_ascii_alphanumeric())
            && id.len() <= ID_CHARACTERS_MAX
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        match possible && self.taken.insert(id.to_owned()) {
            true => id.to_owned(),
            false => self.take(id),
        }
    }

    /// An id made of what the source calls the question; of its number where that is nothing.
    pub(crate) fn take(&mut self, wanted: &str) -> String {
        let base = match slug(wanted) {
            empty if empty.is_empty() => {
                self.unnamed += 1;
                format!("q{}", self.unnamed)
            }
            slug => slug,
        };
        let mut id = base.clone();
        let mut number = 2_usize;
        while !self.taken.insert(id.clone()) {
            id = format!("{base}-{number}");
            number += 1;
        }
        id
    }
}

/// Letters and digits of ASCII in lower case, all else one hyphen.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if slug.len() >= TITLE_CHARACTERS_MAX.min(ID_CHARACTERS_MAX) {
            break;
        }
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if letter == '_' || letter == '.' {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_matches(['-', '.', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_readable_and_each_once() {
        let mut ids = Identities::default();
        assert_eq!(ids.take("Grant's tomb: who?"), "grant-s-tomb-who");
        assert_eq!(ids.take("grant's tomb, who"), "grant-s-tomb-who-2");
        assert_eq!(ids.take("  "), "q1");
        assert_eq!(ids.take("日本"), "q2");
        assert_eq!(ids.take("q1"), "q1-2");
        assert_eq!(ids.take_id("Sum.1_a"), "Sum.1_a");
        assert_eq!(ids.take_id("Sum.1_a"), "sum.1_a");
        assert_eq!(ids.take_id("a b"), "a-b");
        assert_eq!(ids.take_id(".."), "q3");
        assert!(ids.take(&"long ".repeat(100)).len() <= TITLE_CHARACTERS_MAX);
    }
}
