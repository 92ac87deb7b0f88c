//! What a Markdown text of a course has and refers to: headings, links, images.
//!
//! Pages are written by the crate `carrel-markdown`; dialect and ids of
//! headings are taken from there, so an anchor that is checked is an anchor
//! that is there.

use carrel_markdown::{HeadingIds, dialect};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

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
        let mut open: Option<(u8, String)> = None;
        for (event, range) in Parser::new_ext(markdown, dialect()).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    open = Some((level as u8, String::new()));
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some((level, text)) = open.take() {
                        let id = ids.give(&text);
                        outline.headings.push(Heading { level, text, id });
                    }
                }
                Event::Text(text)
                | Event::Code(text)
                | Event::InlineMath(text)
                | Event::DisplayMath(text) => {
                    if let Some((_, heading)) = &mut open {
                        heading.push_str(&text);
                    }
                }
                Event::SoftBreak | Event::HardBreak => {
                    if let Some((_, heading)) = &mut open {
                        heading.push(' ');
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_have_the_ids_of_the_pages() {
        let text = "# Why 0.1 is not `0.1`!\n## A\n## A\n## A-2\n## Größe Ω\n## ?\n";
        let ids: Vec<String> = Outline::read(text)
            .headings
            .into_iter()
            .map(|heading| heading.id)
            .collect();
        assert_eq!(
            ids,
            [
                "why-0-1-is-not-0-1",
                "a",
                "a-2",
                "a-2-2",
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
}
