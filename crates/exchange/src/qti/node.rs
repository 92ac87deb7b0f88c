//! Elements and attributes under one spelling.

use roxmltree::Node;

/// Name of an element as QTI 2 spells it.
pub(super) fn name_of(node: Node<'_, '_>) -> String {
    let name = node.tag_name().name();
    match name.strip_prefix("qti-") {
        Some(rest) => camel(rest),
        None => name.to_owned(),
    }
}

/// Whether it is an element of this name (in QTI 2's spelling).
pub(super) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && name_of(node) == name
}

/// Value of an attribute, named as QTI 2 spells it.
pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes()
        .find(|attribute| attribute.name() == name || camel(attribute.name()) == name)
        .map(|attribute| attribute.value().trim())
}

/// A number of an attribute.
pub(super) fn number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    let number: f64 = attribute(node, name)?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// A truth of an attribute.
pub(super) fn flag(node: Node<'_, '_>, name: &str) -> bool {
    matches!(attribute(node, name), Some("true" | "1"))
}

/// Child elements of a name.
pub(super) fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is(*child, name))
}

/// All child elements.
pub(super) fn elements<'a, 'i: 'a>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// First child element of a name.
pub(super) fn child<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// First element of a name inside.
pub(super) fn inside<'a, 'i: 'a>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.descendants().find(|inner| is(*inner, name))
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

/// An identifier as an id: QTI wants no digit first, so a writer puts `_` before it.
pub(super) fn own_id(identifier: &str) -> &str {
    match identifier.strip_prefix('_') {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_digit()) => rest,
        _ => identifier,
    }
}

/// Line of an element, from 1.
pub(super) fn line_of(node: Node<'_, '_>) -> u32 {
    node.document().text_pos_at(node.range().start).row
}

fn camel(kebab: &str) -> String {
    let mut name = String::with_capacity(kebab.len());
    let mut upper = false;
    for letter in kebab.chars() {
        match letter {
            '-' => upper = true,
            letter if upper => {
                name.push(letter.to_ascii_uppercase());
                upper = false;
            }
            letter => name.push(letter),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one() {
        let text = "<a><qti-choice-interaction response-identifier='R'/><choiceInteraction responseIdentifier='R'/></a>";
        let document = roxmltree::Document::parse(text).unwrap();
        let both: Vec<_> = children(document.root_element(), "choiceInteraction").collect();
        assert_eq!(both.len(), 2);
        assert!(
            both.iter()
                .all(|node| attribute(*node, "responseIdentifier") == Some("R"))
        );
    }
}
