//! The Markdown of courses: which dialect it is, which headings a text has, and what it refers to.
//!
//! Pages and checks read it in the same way, so an anchor that is checked is
//! an anchor that is there.

use std::collections::HashMap;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// CommonMark with tables, footnotes, task lists, strikethrough, maths between
/// `$`, callouts (`> [!NOTE]`) and ids of headings (`{#id}`).
#[must_use]
pub fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM
}

/// Headings and references of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Headings, in order.
    pub headings: Vec<Heading>,
    /// Links and images, in order.
    pub references: Vec<Reference>,
}

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its text without markup.
    pub text: String,
    /// Its id, by which links find it: `#id`.
    pub id: String,
}

/// A link or an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Whether it is an image.
    pub is_image: bool,
    /// Where it leads, as written.
    pub destination: String,
    /// Byte of the text at which it begins.
    pub offset: usize,
}

impl Outline {
    /// Reads a text.
    #[must_use]
    pub fn read(markdown: &str) -> Self {
        let mut outline = Self::default();
        let mut ids = HeadingIds::default();
        let mut open: Option<(u8, Option<String>, String)> = None;
        for (event, range) in Parser::new_ext(markdown, options()).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, id, .. }) => {
                    let id = id.map(|id| id.to_string());
                    open = Some((level as u8, id, String::new()));
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some((level, id, text)) = open.take() {
                        let id = ids.give(id.as_deref(), &text);
                        outline.headings.push(Heading { level, text, id });
                    }
                }
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => {
                    if let Some((_, _, heading)) = &mut open {
                        heading.push_str(&text);
                    }
                }
                Event::Start(Tag::Link { dest_url, .. }) => outline.references.push(Reference {
                    is_image: false,
                    destination: dest_url.to_string(),
                    offset: range.start,
                }),
                Event::Start(Tag::Image { dest_url, .. }) => outline.references.push(Reference {
                    is_image: true,
                    destination: dest_url.to_string(),
                    offset: range.start,
                }),
                _ => {}
            }
        }
        outline
    }

    /// Whether a link `#id` finds something.
    #[must_use]
    pub fn has_anchor(&self, id: &str) -> bool {
        self.headings.iter().any(|heading| heading.id == id)
    }
}

/// Gives headings their ids: the one written, else one made from the text, each only once.
#[derive(Debug, Default)]
pub struct HeadingIds {
    given: HashMap<String, u32>,
}

impl HeadingIds {
    /// The id of the next heading.
    pub fn give(&mut self, written: Option<&str>, text: &str) -> String {
        let wanted = written.map_or_else(|| make_id(text), str::to_owned);
        let mut id = wanted.clone();
        // Another heading may have a text that is already such a numbered id.
        while self.given.contains_key(&id) {
            let count = self.given.entry(wanted.clone()).or_insert(0);
            *count += 1;
            id = format!("{wanted}-{count}");
        }
        self.given.insert(id.clone(), 0);
        id
    }
}

/// Small letters and digits of the text, blanks as `-`: as on GitHub.
fn make_id(text: &str) -> String {
    let kept = text.trim().chars().filter_map(|letter| match letter {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        _ if letter.is_alphanumeric() => Some(letter),
        _ => None,
    });
    let id = kept.collect::<String>().to_lowercase();
    if id.is_empty() {
        "section".to_owned()
    } else {
        id
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headings_have_ids_as_on_github_or_as_written() {
        let text = "# Why 0.1 is not `0.1`!\n## A\n## A\n## A-1\n## B {#bee}\n## Größe Ω\n## ?\n";
        let ids: Vec<String> = Outline::read(text)
            .headings
            .into_iter()
            .map(|heading| heading.id)
            .collect();
        assert_eq!(
            ids,
            [
                "why-01-is-not-01",
                "a",
                "a-1",
                "a-1-1",
                "bee",
                "größe-ω",
                "section"
            ]
        );
    }

    #[test]
    fn links_and_images_are_found_outside_code_only() {
        let text = "[a](b.md#c) and ![d](e.png)\n\n`[x](y)`\n\n```\n[x](y)\n```\n\n> [!NOTE]\n> <ftp:g> [h]\n\n[h]: i.md\n";
        let outline = Outline::read(text);
        let found: Vec<(bool, &str)> = outline
            .references
            .iter()
            .map(|reference| (reference.is_image, reference.destination.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (false, "b.md#c"),
                (true, "e.png"),
                (false, "ftp:g"),
                (false, "i.md")
            ]
        );
        assert_eq!(outline.references[1].offset, 16);
    }

    proptest! {
        #[test]
        fn no_two_headings_have_the_same_id(texts in proptest::collection::vec("[aA1 -]{0,4}", 0..12)) {
            let mut ids = HeadingIds::default();
            let given: Vec<String> = texts.iter().map(|text| ids.give(None, text)).collect();
            let unique: std::collections::BTreeSet<_> = given.iter().collect();
            prop_assert_eq!(unique.len(), given.len());
        }
    }
}
