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

/// Most texts of one item that depend on variables.
const TEXTS_MAX: usize = 200;

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
    if matches!(name.as_str(), "templateInline" | "templateBlock") {
        return html.push_str(&depending(node).unwrap_or_default());
    }
    if name == "rubricBlock" && is_for_learners(node) {
        html.push_str("<div>");
        node.children()
            .for_each(|child| write(child, replace, html));
        return html.push_str("</div>");
    }
    if matches!(
        name.as_str(),
        "script"
            | "style"
            | "stylesheet"
            | "rubricBlock"
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

/// Whether learners see a block of rules.
fn is_for_learners(node: Node<'_, '_>) -> bool {
    attribute(node, "view").is_none_or(|view| {
        let mut views = view.split_whitespace();
        views.any(|view| view == "candidate")
    })
}

/// Blocks for others than learners, which have no place here.
pub(super) fn lost_rubrics(root: Node<'_, '_>) -> Vec<String> {
    let blocks = root.descendants().filter(|node| is(*node, "rubricBlock"));
    let lost = blocks.filter(|block| !is_for_learners(*block));
    lost.map(|block| {
        let view = attribute(block, "view").unwrap_or_default();
        format!("`rubricBlock` for {view}")
    })
    .collect()
}

/// Whether all of a body can be said here.
pub(super) fn check(body: Node<'_, '_>) -> Result<(), String> {
    let mut texts = 0;
    for node in body.descendants().filter(Node::is_element) {
        if matches!(name_of(node).as_str(), "templateInline" | "templateBlock") {
            depending(node)?;
            texts += 1;
            if texts > TEXTS_MAX {
                return Err(format!(
                    "more than {TEXTS_MAX} texts of it depend on variables"
                ));
            }
        }
        let is_hidden = || {
            node.ancestors()
                .any(|around| super::feedback::is_feedback(&around))
        };
        if super::interaction::is_interaction(node) && is_hidden() {
            return Err("an interaction of it is shown by feedback only".to_owned());
        }
    }
    Ok(())
}

/// A text that a variable shows or hides: as it is where the variable is a constant, else as an
/// expression.
fn depending(node: Node<'_, '_>) -> Result<String, String> {
    let root = node.document().root_element();
    let name = attribute(node, "templateIdentifier").unwrap_or_default();
    let wanted = attribute(node, "identifier").unwrap_or_default();
    let is_hidden = attribute(node, "showHide") == Some("hide");
    let is_set = root
        .descendants()
        .any(|rule| is(rule, "setTemplateValue") && attribute(rule, "identifier") == Some(name));
    if !is_set {
        let mut declared = root.children().filter(|declared| {
            is(*declared, "templateDeclaration") && attribute(*declared, "identifier") == Some(name)
        });
        let values = declared.next().into_iter().flat_map(|declared| {
            let values = declared.descendants().filter(|value| is(*value, "value"));
            values.map(text_of).collect::<Vec<_>>()
        });
        let is_named = values.into_iter().any(|value| value == wanted);
        return Ok(match is_named != is_hidden {
            true => plain_html(node),
            false => String::new(),
        });
    }
    let text = text_of(node);
    let plain = !node.children().any(|child| child.is_element())
        && !text.contains(['<', '>', '&', '"', '\\', '{', '}']);
    if !plain || !super::expression::is_name(name) || wanted.contains('"') {
        return Err(format!(
            "its text depends on the variable `{name}` in a way that cannot be said here"
        ));
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (shown, other) = if is_hidden {
        ("", text.as_str())
    } else {
        (text.as_str(), "")
    };
    Ok(format!(
        "{{{{if({name} == \"{wanted}\", \"{shown}\", \"{other}\")}}}}"
    ))
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

    #[test]
    fn texts_that_variables_show_or_hide() {
        let read = |rule: &str, text: &str| {
            let xml = format!(
                "<assessmentItem identifier='i'><templateDeclaration identifier='T' cardinality='single' baseType='identifier'><defaultValue><value>a</value></defaultValue></templateDeclaration>{rule}<itemBody><p>x {text}</p><rubricBlock view='candidate'>Read me</rubricBlock><rubricBlock view='scorer'>secret</rubricBlock></itemBody></assessmentItem>"
            );
            let imported = crate::qti::read_item(&xml, "i.xml").unwrap();
            let losses: Vec<String> = imported
                .losses
                .iter()
                .map(|loss| loss.what.clone())
                .collect();
            let text = imported
                .quiz
                .questions()
                .next()
                .map(|question| question.text.source.clone());
            (text.unwrap_or_default(), losses)
        };
        let part = |id: &str, when: &str| {
            format!(
                "<templateInline templateIdentifier='T' identifier='{id}' showHide='{when}'><b>y</b></templateInline>"
            )
        };
        let scorer = vec!["`rubricBlock` for scorer".to_owned()];
        let (shown, losses) = read("", &part("a", "show"));
        assert_eq!(shown, "<p>x <b>y</b></p><div>Read me</div>");
        assert_eq!(losses, scorer);
        assert_eq!(
            read("", &part("a", "hide")).0,
            "<p>x </p><div>Read me</div>"
        );
        let drawn = "<templateProcessing><setTemplateValue identifier='T'><random><multiple><baseValue baseType='identifier'>a</baseValue><baseValue baseType='identifier'>b</baseValue></multiple></random></setTemplateValue></templateProcessing>";
        let (_, losses) = read(drawn, &part("a", "show"));
        assert!(
            losses[0].contains("depends on the variable `T`"),
            "{losses:?}"
        );
        let plain = part("b", "show").replace("<b>y</b>", "yes");
        let (shown, _) = read(drawn, &plain);
        assert_eq!(
            shown,
            "<p>x {{if(T == \"b\", \"yes\", \"\")}}</p><div>Read me</div>"
        );
    }
}
