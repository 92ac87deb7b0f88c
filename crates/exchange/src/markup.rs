//! Texts as the markup of other formats: HTML, and HTML that is well-formed XML.

mod automatic;
mod markdown;

pub(crate) use automatic::{as_automatic, automatic, automatic_plain};
use carrel_quiz::{Text, TextFormat};
pub(crate) use markdown::markdown;
use pulldown_cmark::{Options, Parser};

use crate::moodle::{decode, encode};

/// Elements without content.
const EMPTY: [&str; 5] = ["br", "img", "hr", "col", "wbr"];
/// Elements that are dropped with all that is in them.
const SILENT: [&str; 4] = ["script", "style", "head", "title"];
/// Elements that QTI takes from HTML. Others lose their tags, not their content.
const KNOWN: [&str; 42] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "tt",
    "ul",
    "var",
    "q",
    "table",
];
/// Parts of tables.
const TABLE: [&str; 6] = ["thead", "tbody", "tfoot", "tr", "td", "th"];
/// Elements that end an open paragraph.
const BLOCKS: [&str; 17] = [
    "address",
    "blockquote",
    "div",
    "dl",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "ol",
    "p",
    "pre",
    "table",
    "ul",
    "li",
];
/// Deepest nesting that is kept; what is deeper loses its tags.
const DEPTH_MAX: usize = 100;

/// A text as HTML.
pub(crate) fn html(text: &Text) -> String {
    match text.format {
        TextFormat::Html => text.source.clone(),
        TextFormat::Plain => encode(&text.source).replace('\n', "<br>\n"),
        TextFormat::Markdown => {
            let mut html = String::new();
            let parser = Parser::new_ext(&text.source, Options::ENABLE_TABLES);
            pulldown_cmark::html::push_html(&mut html, parser);
            html.trim_end().to_owned()
        }
    }
}

/// A text as HTML without a paragraph around it, where that is all there is.
pub(crate) fn line_html(text: &Text) -> String {
    let html = html(text);
    let inner = html
        .strip_prefix("<p>")
        .and_then(|rest| rest.strip_suffix("</p>"))
        .filter(|inner| !inner.contains("<p>"));
    inner.map(str::to_owned).unwrap_or(html)
}

/// HTML without its tags, references resolved.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::new();
    for token in Tokens(html) {
        match token {
            Token::Text(part) => text.push_str(&decode(part)),
            Token::Open(tag) if tag.name == "br" => text.push('\n'),
            _ => {}
        }
    }
    text.trim().to_owned()
}

/// HTML as well-formed XML with the elements that QTI knows.
pub(crate) fn xhtml(html: &str) -> String {
    let mut writer = Writer::default();
    for token in Tokens(html) {
        match token {
            Token::Text(text) if writer.silent.is_none() => {
                writer.xml.push_str(&encode(&decode(text)));
            }
            Token::Open(tag) => writer.open(&tag),
            Token::Close(name) => writer.close(&name),
            Token::Text(_) => {}
        }
    }
    while let Some(name) = writer.open.pop() {
        writer.xml.push_str(&format!("</{name}>"));
    }
    writer.xml
}

#[derive(Default)]
struct Writer {
    xml: String,
    open: Vec<String>,
    silent: Option<String>,
}

impl Writer {
    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if self.silent.is_some() {
            return;
        }
        if SILENT.contains(&name) {
            self.silent = (!tag.closed).then(|| name.to_owned());
            return;
        }
        let known = KNOWN.contains(&name) || TABLE.contains(&name);
        if !known || self.open.len() >= DEPTH_MAX {
            return;
        }
        if BLOCKS.contains(&name) && self.open.last().is_some_and(|open| open == "p") {
            self.close("p");
        }
        if matches!(name, "li" | "td" | "th" | "tr" | "dt" | "dd")
            && self.open.last().is_some_and(|open| open == name)
        {
            self.close(name);
        }
        if name == "tr" && self.open.last().is_some_and(|open| open == "table") {
            self.push("tbody", "");
        }
        let attributes = attributes(name, tag);
        if EMPTY.contains(&name) {
            self.xml.push_str(&format!("<{name}{attributes}/>"));
        } else if tag.closed {
            self.xml.push_str(&format!("<{name}{attributes}></{name}>"));
        } else {
            self.push(name, &attributes);
        }
    }

    fn push(&mut self, name: &str, attributes: &str) {
        self.xml.push_str(&format!("<{name}{attributes}>"));
        self.open.push(name.to_owned());
    }

    /// Closes an open element and those within it; one that is not open is left out.
    fn close(&mut self, name: &str) {
        if self.silent.as_deref() == Some(name) {
            self.silent = None;
        }
        let Some(place) = self.open.iter().rposition(|open| open == name) else {
            return;
        };
        while self.open.len() > place {
            if let Some(name) = self.open.pop() {
                self.xml.push_str(&format!("</{name}>"));
            }
        }
    }
}

fn attributes(name: &str, tag: &Tag<'_>) -> String {
    let mut kept = String::new();
    let mut keep = |key: &str, value: &str| {
        kept.push_str(&format!(" {key}=\"{}\"", encode(value)));
    };
    let value = |wanted: &str| {
        let found = tag.attributes.iter().find(|(key, _)| key == wanted);
        found.map(|(_, value)| decode(value))
    };
    match name {
        "img" => {
            keep("src", &value("src").unwrap_or_default());
            keep("alt", &value("alt").unwrap_or_default());
            for side in ["width", "height"] {
                let digits = value(side).filter(|side| side.parse::<u32>().is_ok());
                if let Some(digits) = digits {
                    keep(side, &digits);
                }
            }
        }
        "a" => keep("href", &value("href").unwrap_or_default()),
        "td" | "th" => {
            for span in ["colspan", "rowspan"] {
                let digits = value(span).filter(|span| span.parse::<u32>().is_ok());
                if let Some(digits) = digits {
                    keep(span, &digits);
                }
            }
        }
        _ => {}
    }
    kept
}

struct Tag<'h> {
    name: String,
    attributes: Vec<(String, &'h str)>,
    closed: bool,
}

enum Token<'h> {
    Text(&'h str),
    Open(Tag<'h>),
    Close(String),
}

/// Parts of HTML in order; comments are left out.
struct Tokens<'h>(&'h str);

impl<'h> Iterator for Tokens<'h> {
    type Item = Token<'h>;

    fn next(&mut self) -> Option<Token<'h>> {
        loop {
            if self.0.is_empty() {
                return None;
            }
            let text = self.text();
            if !text.is_empty() {
                return Some(Token::Text(text));
            }
            let rest = &self.0[1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                self.0 = comment.split_once("-->").map_or("", |(_, rest)| rest);
                continue;
            }
            let end = tag_end(rest);
            self.0 = rest.get(end + 1..).unwrap_or_default();
            let inside = &rest[..end];
            if inside.starts_with(['!', '?']) {
                continue;
            }
            if let Some(name) = inside.strip_prefix('/') {
                return Some(Token::Close(name.trim().to_ascii_lowercase()));
            }
            return Some(Token::Open(tag(inside)));
        }
    }
}

impl<'h> Tokens<'h> {
    /// What stands before the next tag; a `<` that begins none is text.
    fn text(&mut self) -> &'h str {
        let begins = |(at, _): &(usize, &str)| {
            let next = self.0[at + 1..].chars().next();
            next.is_some_and(|next| next.is_ascii_alphabetic() || "/!?".contains(next))
        };
        let place = self.0.match_indices('<').find(begins);
        let end = place.map_or(self.0.len(), |(at, _)| at);
        let (text, rest) = self.0.split_at(end);
        self.0 = rest;
        text
    }
}

/// Place of the `>` of a tag, quotes heeded.
fn tag_end(rest: &str) -> usize {
    let mut quote = None;
    for (at, letter) in rest.char_indices() {
        match (quote, letter) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    // A quote that never closes: the first end counts.
    rest.find('>').unwrap_or(rest.len())
}

fn tag(inside: &str) -> Tag<'_> {
    let closed = inside.ends_with('/');
    let inside = inside.trim_end_matches('/');
    let end = inside
        .find(|letter: char| letter.is_ascii_whitespace() || letter == '/')
        .unwrap_or(inside.len());
    let (name, mut rest) = inside.split_at(end);
    let mut attributes = Vec::new();
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            _ => after
                .split_once(|letter: char| letter.is_ascii_whitespace())
                .unwrap_or((after, "")),
        };
        let key = key.split_whitespace().next_back().unwrap_or_default();
        attributes.push((key.to_ascii_lowercase(), value));
        rest = next;
    }
    Tag {
        name: name.to_ascii_lowercase(),
        attributes,
        closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn loose_html_becomes_xml() {
        for (loose, strict) in [
            ("a<br>b &nbsp; &lt;", "a<br/>b \u{a0} &lt;"),
            ("<P CLASS=x>one<p>two", "<p>one</p><p>two</p>"),
            ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
            (
                "<img src=a.png width=10>",
                "<img src=\"a.png\" alt=\"\" width=\"10\"/>",
            ),
            ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
            ("1 < 2 <script>bad('</p>')</script>ok", "1 &lt; 2 ok"),
            ("<font color=\"red\">r</font><!-- c -->", "r"),
            (
                "<table><tr><td>1<td>2</table>",
                "<table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
            ),
            ("<a href='x\">y", "<a href=\"x&quot;\">y</a>"),
        ] {
            assert_eq!(xhtml(loose), strict, "{loose}");
        }
    }

    #[test]
    fn texts_of_every_format_are_html() {
        assert_eq!(html(&Text::plain("a < b\nc")), "a &lt; b<br>\nc");
        assert_eq!(
            html(&Text::markdown("*a* `<b>`")),
            "<p><em>a</em> <code>&lt;b&gt;</code></p>"
        );
        assert_eq!(line_html(&Text::markdown("*a*")), "<em>a</em>");
        assert_eq!(plain("<p>a &amp; <b>b</b></p>"), "a & b");
    }

    proptest! {
        #[test]
        fn fuzz_any_html_becomes_well_formed(html in "[<>a-z/='\" &;!-]{0,80}") {
            let xml = format!("<x>{}</x>", xhtml(&html));
            prop_assert!(roxmltree::Document::parse(&xml).is_ok(), "{xml}");
        }
    }
}
