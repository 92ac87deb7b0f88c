//! Rich text: what authors write and what other formats bring along.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the source of a text is to be read.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// CommonMark with tables, as in lessons.
    #[default]
    Markdown,
    /// HTML as imported; cleaned before it is shown, never trusted.
    Html,
    /// Shown as it stands.
    Plain,
}

/// A text that people read. Embedded files are named by their [`Attachment::name`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// How to read the source.
    #[serde(default)]
    pub format: TextFormat,
    /// The text in that format.
    pub source: String,
}

impl Text {
    /// A text in Markdown.
    #[must_use]
    pub fn markdown(source: impl Into<String>) -> Self {
        Self {
            format: TextFormat::Markdown,
            source: source.into(),
        }
    }

    /// A text in HTML.
    #[must_use]
    pub fn html(source: impl Into<String>) -> Self {
        Self {
            format: TextFormat::Html,
            source: source.into(),
        }
    }

    /// A text without markup.
    #[must_use]
    pub fn plain(source: impl Into<String>) -> Self {
        Self {
            format: TextFormat::Plain,
            source: source.into(),
        }
    }

    /// Whether nothing but blanks is there.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.source.trim().is_empty()
    }

    /// The text when it is not blank.
    #[must_use]
    pub fn filled(self) -> Option<Self> {
        (!self.is_blank()).then_some(self)
    }
}

/// A file that texts of a question refer to, such as a picture. The bytes lie
/// beside the quiz; an importer hands them over with the same path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Name as the texts use it in links, such as `diagram.png`.
    pub name: String,
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// Where the bytes are: path relative to the quiz's file.
    pub path: String,
}
