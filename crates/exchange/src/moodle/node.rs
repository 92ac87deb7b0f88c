//! Reading values out of elements.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carrel_quiz::text::Attachment;
use carrel_quiz::{Text, TextFormat};
use roxmltree::Node;

use super::calculated::Names;
use crate::limits::{ATTACHMENT_BYTES_MAX, ATTACHMENTS_BYTES_MAX};
use crate::markup::automatic;
use crate::report::{File, Loss};

/// Most files of one name with different content in one question.
const SAME_NAME_MAX: usize = 100;

/// How Moodle writes the place of embedded files.
pub(super) const PLACE: &str = "@@PLUGINFILE@@/";

/// Child element of a name.
pub(super) fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// All child elements of a name.
pub(super) fn children<'a>(
    node: Node<'a, 'a>,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

/// All text inside, without blanks at its ends.
pub(super) fn text_of(node: Node<'_, '_>) -> String {
    let text: String = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect();
    text.trim().to_owned()
}

/// Text of a child; empty where there is none.
pub(super) fn value(node: Node<'_, '_>, name: &str) -> String {
    child(node, name).map(text_of).unwrap_or_default()
}

/// `<name><text>…</text></name>`, or the text of the element itself.
pub(super) fn inner_text(node: Node<'_, '_>) -> String {
    child(node, "text").map_or_else(|| text_of(node), text_of)
}

/// A number of a child.
pub(super) fn number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    let number: f64 = value(node, name).parse().ok()?;
    number.is_finite().then_some(number)
}

/// A truth of a child. As in Moodle, all is true but `0` and `false`, in any case of letters.
pub(super) fn flag(node: Node<'_, '_>, name: &str) -> Option<bool> {
    match value(node, name).as_str() {
        "" => None,
        text => Some(text != "0" && !text.eq_ignore_ascii_case("false")),
    }
}

/// Line of an element, from 1.
pub(super) fn line_of(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

/// Files and losses of one question while it is read.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) id: String,
    pub(super) line: u32,
    pub(super) attachments: Vec<Attachment>,
    pub(super) files: Vec<File>,
    pub(super) losses: Vec<Loss>,
    /// Bytes of all files of the bank so far.
    pub(super) bytes: usize,
    /// Variables of a calculated question.
    pub(super) names: Option<Names>,
}

impl Gathered {
    pub(super) fn lose(&mut self, what: impl Into<String>) {
        self.losses.push(Loss {
            line: self.line,
            question: self.id.clone(),
            what: what.into(),
        });
    }

    /// A text with its format; embedded files are taken out of it.
    pub(super) fn text(&mut self, node: Node<'_, '_>) -> Text {
        let mut source = inner_text(node);
        for file in children(node, "file") {
            let path = file.attribute("path").unwrap_or_default();
            let name = file.attribute("name").unwrap_or_default();
            let written = format!("{}/{name}", path.trim_matches('/'));
            if let Some(number) = self.file(file)
                && !relink(&mut source, written.trim_start_matches('/'), number)
                && number > 1
            {
                let known = numbered(name, number);
                self.lose(format!("an embedded file `{name}` with other content became `{known}`: no link to it was found"));
            }
        }
        source = source.replace(PLACE, "");
        let format = match node.attribute("format").unwrap_or("html") {
            "markdown" => TextFormat::Markdown,
            "plain_text" | "plain" => TextFormat::Plain,
            "moodle_auto_format" => return automatic(&source),
            _ => TextFormat::Html,
        };
        Text { format, source }
    }

    /// The text of a child, where it is not blank.
    pub(super) fn filled(&mut self, node: Node<'_, '_>, name: &str) -> Option<Text> {
        child(node, name).and_then(|child| self.text(child).filled())
    }

    /// Takes an embedded file. Its number among those of its name with other content, from 1;
    /// `None`: it was left out.
    pub(super) fn file(&mut self, node: Node<'_, '_>) -> Option<usize> {
        let written = node.attribute("name").unwrap_or_default();
        let name = written.rsplit(['/', '\\']).next().unwrap_or_default();
        if name.is_empty() || name.starts_with('.') || name.contains(char::is_control) {
            self.lose(format!(
                "embedded file with the name {written:?} was left out"
            ));
            return None;
        }
        let packed: String = text_of(node).split_whitespace().collect();
        let too_large = packed.len() / 4 * 3 > ATTACHMENT_BYTES_MAX
            || self.bytes + packed.len() / 4 * 3 > ATTACHMENTS_BYTES_MAX;
        if too_large || node.attribute("encoding") != Some("base64") {
            self.lose(format!(
                "embedded file `{name}` was left out: it is not in base64, or too large"
            ));
            return None;
        }
        let Ok(bytes) = STANDARD.decode(packed) else {
            self.lose(format!(
                "embedded file `{name}` was left out: its base64 is broken"
            ));
            return None;
        };
        // Each field of a question has its own files; here all lie side by side.
        let mut number = 1;
        while let Some(known) = self.bytes_of(&numbered(name, number)) {
            if known == bytes {
                return Some(number);
            }
            number += 1;
            if number > SAME_NAME_MAX {
                self.lose(format!(
                    "embedded file `{name}` was left out: more than {SAME_NAME_MAX} have this name"
                ));
                return None;
            }
        }
        let name = &numbered(name, number);
        self.bytes += bytes.len();
        let path = format!("files/{}/{name}", self.id);
        self.attachments.push(Attachment {
            name: name.to_owned(),
            media_type: media_type(name).to_owned(),
            path: path.clone(),
        });
        self.files.push(File { path, bytes });
        Some(number)
    }

    fn bytes_of(&self, name: &str) -> Option<&[u8]> {
        let known = self.attachments.iter().find(|known| known.name == name)?;
        let file = self.files.iter().find(|file| file.path == known.path)?;
        Some(&file.bytes)
    }
}

/// `image.png` is the first of its name, `image-2.png` the second.
pub(super) fn numbered(name: &str, number: usize) -> String {
    match name.rsplit_once('.') {
        _ if number <= 1 => name.to_owned(),
        Some((stem, end)) => format!("{stem}-{number}.{end}"),
        None => format!("{name}-{number}"),
    }
}

/// Leads the links to an embedded file to the one of this number; `false`: there is no such link.
fn relink(source: &mut String, written: &str, number: usize) -> bool {
    let names = [
        written.to_owned(),
        written.replace('&', "&amp;"),
        percent_encoded(written),
    ];
    let mut relinked = String::new();
    let mut found = false;
    let mut rest = source.as_str();
    while let Some((before, after)) = rest.split_once(PLACE) {
        relinked.push_str(before);
        let end = names.iter().find_map(|name| {
            let next = after.strip_prefix(name.as_str())?.chars().next();
            let ends = !next.is_some_and(|next| next.is_alphanumeric() || "-_%.".contains(next));
            ends.then_some(name.len())
        });
        match end {
            Some(end) => {
                found = true;
                let name = after[..end].rsplit('/').next().unwrap_or_default();
                relinked.push_str(&numbered(name, number));
            }
            None => relinked.push_str(PLACE),
        }
        rest = &after[end.unwrap_or_default()..];
    }
    relinked.push_str(rest);
    *source = relinked;
    found
}

/// A path as Moodle writes it into links.
pub(super) fn percent_encoded(path: &str) -> String {
    let mut encoded = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Media type by the end of a name.
pub(crate) fn media_type(name: &str) -> &'static str {
    let end = name.rsplit('.').next().unwrap_or_default();
    match end.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_truth_is_written_in_many_ways() {
        for (text, truth) in [
            ("1", Some(true)),
            ("True", Some(true)),
            (" true ", Some(true)),
            ("0", Some(false)),
            ("False", Some(false)),
            ("", None),
        ] {
            let xml = format!("<q><single>{text}</single></q>");
            let document = roxmltree::Document::parse(&xml).unwrap();
            assert_eq!(flag(document.root_element(), "single"), truth, "{text}");
        }
    }

    #[test]
    fn two_files_of_one_name_are_two_files() {
        let file = |bytes: &str| {
            format!("<file name=\"my image.png\" path=\"/\" encoding=\"base64\">{bytes}</file>")
        };
        let text = |place: &str, bytes: &str| {
            format!(
                "<a format=\"html\"><text><![CDATA[<img src=\"@@PLUGINFILE@@/{place}\"/>]]></text>{}</a>",
                file(bytes)
            )
        };
        let xml = format!(
            "<q>{}{}{}{}</q>",
            text("my%20image.png", "AAAA"),
            text("my%20image.png", "BBBB"),
            text("my image.png", "AAAA"),
            text("else.png", "CCCC"),
        );
        let document = roxmltree::Document::parse(&xml).unwrap();
        let mut gathered = Gathered {
            id: "q".to_owned(),
            ..Gathered::default()
        };
        let texts: Vec<String> = children(document.root_element(), "a")
            .map(|node| gathered.text(node).source)
            .collect();
        assert_eq!(
            texts,
            [
                "<img src=\"my%20image.png\"/>",
                "<img src=\"my%20image-2.png\"/>",
                "<img src=\"my image.png\"/>",
                "<img src=\"else.png\"/>",
            ]
        );
        let names: Vec<&str> = gathered
            .attachments
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(names, ["my image.png", "my image-2.png", "my image-3.png"]);
        assert_eq!(gathered.files[1].path, "files/q/my image-2.png");
        assert_ne!(gathered.files[0].bytes, gathered.files[1].bytes);
        assert_eq!(gathered.losses.len(), 1);
        assert!(gathered.losses[0].what.contains("`my image-3.png`"));
    }
}
