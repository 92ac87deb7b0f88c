//! Elements as text.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_quiz::{Text, TextFormat};

use super::entity::encode;
use super::links::folder;
use crate::report::File;

/// XML while it is written.
#[derive(Debug, Default)]
pub(super) struct Xml {
    pub(super) text: String,
}

impl Xml {
    /// `<name>value</name>`.
    pub(super) fn value(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "    <{name}>{}</{name}>", encode(value));
    }

    /// `<name><text>value</text></name>`.
    pub(super) fn inner(&mut self, name: &str, value: &str) {
        let _ = writeln!(
            self.text,
            "    <{name}><text>{}</text></{name}>",
            encode(value)
        );
    }

    /// An element with further attributes, a text, and further content.
    pub(super) fn element(&mut self, name: &str, attributes: &str, text: &Text, content: &str) {
        let _ = writeln!(
            self.text,
            "    <{name}{attributes} format=\"{}\"><text>{}</text>{content}</{name}>",
            format_name(text.format),
            encode(&text.source)
        );
    }
}

pub(super) fn format_name(format: TextFormat) -> &'static str {
    match format {
        TextFormat::Html => "html",
        TextFormat::Markdown => "markdown",
        TextFormat::Plain => "plain_text",
    }
}

/// `<file …>` with the bytes.
pub(super) fn file(name: &str, file: &File) -> String {
    let (folder, name) = folder(name);
    format!(
        "<file name=\"{}\" path=\"{}\" encoding=\"base64\">{}</file>",
        encode(name),
        encode(&folder),
        STANDARD.encode(&file.bytes)
    )
}

/// A share as Moodle writes it: per cent with at most five decimals.
pub(super) fn percent(share: f64) -> String {
    ((share * 1e7).round() / 1e5).to_string()
}
