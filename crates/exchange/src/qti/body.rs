//! The body of an item as HTML, with a say on what stands for interactions.

use roxmltree::Node;

use super::node::{attribute, flag, is, name_of, text_of};
use crate::moodle::encode;

/// Elements of HTML without content.
const EMPTY: [&str; 5] = ["br", "img", "hr", "col", "wbr"];
/// Attributes that are kept.
const KEPT: [&str; 12] = [
    "src", "alt", "href", "width", "height", "colspan", "rowspan", "lang", "title", "dir", "start",
    "type",
];

/// What stands for an element: `None`, the element itself.
pub(super) type Replace<'r> = dyn FnMut(Node<'_, '_>) -> Option<String> + 'r;

/// What is inside an element, as HTML.
pub(super) fn inner_html(node: Node<'_, '_>, replace: &mut Replace<'_>) -> String {
    let mut html = String::new();
    for child in node.children() {
        write(child, replace, &mut html);
    }
    tidy(&html)
}

fn write(node: Node<'_, '_>, replace: &mut Replace<'_>, html: &mut String) {
    if let Some(text) = node.text().filter(|_| node.is_text()) {
        html.push_str(&encode(text));
        return;
    }
    if !node.is_element() {
        return;
    }
    if let Some(other) = replace(node) {
        html.push_str(&other);
        return;
    }
    let name = name_of(node);
    if name == "printedVariable" {
        return html.push_str(&printed(node));
    }
    if name == "mi" && is_variable(node) {
        return html.push_str(&format!("<mi>{{{{{}}}}}</mi>", text_of(node)));
    }
    // Elements of QTI itself, and those that HTML pages are not given here.
    let dropped = name.chars().any(|letter| letter.is_ascii_uppercase())
        || matches!(name.as_str(), "prompt" | "script" | "style" | "stylesheet");
    if matches!(
        name.as_str(),
        "script"
            | "style"
            | "stylesheet"
            | "rubricBlock"
            | "templateInline"
            | "templateBlock"
            | "feedbackInline"
            | "feedbackBlock"
            | "modalFeedback"
    ) {
        return;
    }
    if dropped {
        node.children()
            .for_each(|child| write(child, replace, html));
        return;
    }
    html.push('<');
    html.push_str(&name);
    for kept in KEPT {
        if let Some(value) = attribute(node, kept) {
            html.push_str(&format!(" {kept}=\"{}\"", encode(value)));
        }
    }
    html.push('>');
    if !EMPTY.contains(&name.as_str()) {
        node.children()
            .for_each(|child| write(child, replace, html));
        html.push_str(&format!("</{name}>"));
    }
}

/// A variable within a text.
fn printed(node: Node<'_, '_>) -> String {
    let name = attribute(node, "identifier").unwrap_or_default();
    let format = attribute(node, "format").unwrap_or_default();
    let decimals = format
        .strip_prefix("%.")
        .and_then(|rest| rest.strip_suffix('f'))
        .filter(|digits| digits.parse::<u8>().is_ok());
    match decimals {
        Some(digits) => format!("{{{{fixed({name}, {digits})}}}}"),
        None => format!("{{{{{name}}}}}"),
    }
}

/// Whether an identifier of a formula is one of the item's variables.
fn is_variable(node: Node<'_, '_>) -> bool {
    let name = text_of(node);
    let root = node.document().root_element();
    root.children().any(|declared| {
        is(declared, "templateDeclaration")
            && flag(declared, "mathVariable")
            && attribute(declared, "identifier") == Some(name.as_str())
    })
}

/// Blanks of indentation become one; a `pre` keeps its own.
fn tidy(html: &str) -> String {
    if html.contains("<pre") {
        return html.trim().to_owned();
    }
    html.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As [`inner_html`], with nothing replaced.
pub(super) fn plain_html(node: Node<'_, '_>) -> String {
    inner_html(node, &mut |_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_stays_and_what_is_foreign_goes() {
        let text = "<itemBody><p class='x' onclick='y'>a &lt; b<br/> <printedVariable identifier='v'/></p><script>bad()</script>\n  <div>c</div></itemBody>";
        let document = roxmltree::Document::parse(text).unwrap();
        assert_eq!(
            plain_html(document.root_element()),
            "<p>a &lt; b<br> {{v}}</p> <div>c</div>"
        );
    }
}
