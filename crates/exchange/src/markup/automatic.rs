//! Moodle's automatic format: HTML whose line breaks are shown.
//!
//! Moodle takes texts of GIFT without a format mark so, and shows them as HTML with `<br>` at the
//! ends of lines. A `<` that begins no element (`a < b`, `<stdio.h>`) a browser would swallow or
//! show as it pleases: here it is a character.

use carrel_quiz::{Text, TextFormat};

use crate::moodle::encode;

/// Elements of HTML; what else stands in angle brackets is text.
const ELEMENTS: [&str; 110] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "map",
    "mark",
    "math",
    "meta",
    "nav",
    "object",
    "ol",
    "option",
    "p",
    "param",
    "pre",
    "q",
    "rt",
    "ruby",
    "s",
    "samp",
    "script",
    "section",
    "select",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
    "mi",
    "mn",
    "mo",
    "mrow",
    "mfrac",
    "msup",
    "msub",
    "msqrt",
    "mtext",
];

/// A text in the automatic format: plain where it has no markup, else HTML.
pub(crate) fn automatic(source: &str) -> Text {
    let (html, marked) = resolve(source);
    if !marked {
        return Text::plain(source);
    }
    Text::html(with_breaks(&html))
}

/// A text in the automatic format without its markup.
pub(crate) fn automatic_plain(source: &str) -> String {
    let text = automatic(source);
    match text.format {
        TextFormat::Plain => text.source,
        _ => super::plain(&text.source),
    }
}

/// A text without markup as one in the automatic format that shows it.
pub(crate) fn as_automatic(plain: &str) -> String {
    match automatic(plain).format {
        TextFormat::Plain => plain.to_owned(),
        _ => encode(plain),
    }
}

/// The text with every `<` that begins no element as a reference, and whether it has markup.
fn resolve(source: &str) -> (String, bool) {
    let mut html = String::with_capacity(source.len());
    let mut marked = has_reference(source);
    let mut rest = source;
    while let Some(at) = rest.find('<') {
        html.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = element(rest);
        match length {
            Some(length) => {
                marked = true;
                html.push_str(&rest[..length]);
                rest = &rest[length..];
            }
            None => {
                html.push_str("&lt;");
                rest = &rest[1..];
            }
        }
    }
    html.push_str(rest);
    (html, marked)
}

/// Length of the tag or comment that a text begins with.
fn element(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|end| end + 3);
    }
    let inside = text[1..].strip_prefix('/').unwrap_or(&text[1..]);
    let end = inside.find(|letter: char| !letter.is_ascii_alphanumeric())?;
    let (name, after) = inside.split_at(end);
    let known = ELEMENTS
        .iter()
        .any(|element| element.eq_ignore_ascii_case(name));
    let ends = after.starts_with(|next: char| next.is_whitespace() || next == '/' || next == '>');
    let close = text.find('>').filter(|_| known && ends)?;
    Some(close + 1)
}

/// Whether it holds a reference such as `&lt;`.
fn has_reference(text: &str) -> bool {
    text.split('&').skip(1).any(|after| {
        let name = after.split(';').next().unwrap_or_default();
        let named = name.strip_prefix('#').unwrap_or(name);
        name.len() < after.len()
            && !named.is_empty()
            && named.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Line breaks as `<br>`, but for those beside a tag (as Moodle does) and those in a `pre`.
fn with_breaks(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut within = 0_usize;
    let mut lines = html.split('\n').peekable();
    while let Some(line) = lines.next() {
        text.push_str(line);
        within += line.matches("<pre").count();
        within = within.saturating_sub(line.matches("</pre").count());
        let Some(next) = lines.peek() else {
            break;
        };
        let beside = line.trim_end().ends_with('>') || next.trim_start().starts_with('<');
        text.push_str(match within == 0 && !beside {
            true => "<br>\n",
            false => "\n",
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_html_and_all_else_is_shown_as_it_stands() {
        for plain in [
            "two\nlines",
            "a < b & c > d",
            "#include <stdio.h>",
            "a<b",
            "R&D",
            "<",
            "<!-- ",
        ] {
            assert_eq!(automatic(plain), Text::plain(plain));
        }
        for (source, html) in [
            ("<b>a</b> < b", "<b>a</b> &lt; b"),
            ("a<br/>b", "a<br/>b"),
            ("x &lt; y", "x &lt; y"),
            ("&eacute; <x>", "&eacute; &lt;x>"),
            ("one\n<i>two</i> x\nthree", "one\n<i>two</i> x<br>\nthree"),
            ("<pre>a\nb</pre>", "<pre>a\nb</pre>"),
            ("<P CLASS='x'>a", "<P CLASS='x'>a"),
        ] {
            assert_eq!(automatic(source), Text::html(html), "{source}");
        }
    }
}
