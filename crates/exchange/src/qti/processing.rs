//! Response processing: which of the ways of scoring that Carrel has is meant.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

use super::declaration::Declaration;
use super::node::{attribute, children, is, number, text_of};

/// How a response is scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// The declared right response gives so many points, any other none.
    Correct(f64),
    /// The sum of the mapping.
    Map,
    /// Otherwise: Carrel cannot say the same.
    Other,
    /// Nothing is scored.
    Nothing,
}

/// The way of every response.
pub(super) fn ways(
    document: &Document<'_>,
    declared: &BTreeMap<String, Declaration>,
) -> BTreeMap<String, Way> {
    let root = document.root_element();
    let processing = root.children().find(|node| is(*node, "responseProcessing"));
    let all = |way: Way| declared.keys().map(|id| (id.clone(), way)).collect();
    let Some(processing) = processing else {
        // Without processing nothing is scored by the item; its declarations say what is right.
        return declared
            .iter()
            .map(|(id, declaration)| (id.clone(), declared_way(declaration)))
            .collect();
    };
    match attribute(processing, "template").map(template_name) {
        Some("match_correct") => all(Way::Correct(1.0)),
        Some("map_response") => all(Way::Map),
        Some(_) => all(Way::Other),
        None => declared
            .keys()
            .map(|id| (id.clone(), way_of(processing, id)))
            .collect(),
    }
}

fn declared_way(declaration: &Declaration) -> Way {
    if declaration.mapping.is_some() {
        Way::Map
    } else if declaration.correct.is_empty() {
        Way::Nothing
    } else {
        Way::Correct(1.0)
    }
}

/// Last part of the address, without `.xml`, in the spelling of 2.x.
fn template_name(address: &str) -> &str {
    let name = address.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(".xml");
    match name {
        "match_correct" | "match-correct" => "match_correct",
        "map_response" | "map-response" => "map_response",
        other => other,
    }
}

/// Rules of an item's own.
fn way_of(processing: Node<'_, '_>, id: &str) -> Way {
    let about = |node: Node<'_, '_>, name: &str| {
        is(node, name) && attribute(node, "identifier") == Some(id)
    };
    let named = processing.descendants().any(|node| {
        about(node, "variable") || about(node, "correct") || about(node, "mapResponse")
    });
    if !named {
        return Way::Nothing;
    }
    if processing
        .descendants()
        .any(|node| about(node, "mapResponse"))
    {
        return Way::Map;
    }
    for condition in processing
        .descendants()
        .filter(|node| is(*node, "responseCondition"))
    {
        let Some(rule) = children(condition, "responseIf").next() else {
            continue;
        };
        let test = rule.children().find(Node::is_element);
        let matches = test.is_some_and(|test| {
            is(test, "match")
                && test.children().any(|node| about(node, "variable"))
                && test.children().any(|node| about(node, "correct"))
        });
        if !matches {
            continue;
        }
        // Further branches that give points make it something else.
        let graded_elsewhere = children(condition, "responseElseIf")
            .any(|branch| points_of(branch).is_some_and(|points| points > 0.0));
        return match points_of(rule) {
            Some(points) if points > 0.0 && !graded_elsewhere => Way::Correct(points),
            _ => Way::Other,
        };
    }
    Way::Other
}

/// What a branch gives: `SCORE` set to a number, or raised by one.
fn points_of(branch: Node<'_, '_>) -> Option<f64> {
    let set = children(branch, "setOutcomeValue").find(|node| {
        attribute(*node, "identifier").is_some_and(|id| id.to_ascii_uppercase().contains("SCORE"))
    })?;
    let value = set.descendants().rfind(|node| is(*node, "baseValue"));
    match value {
        Some(value) => text_of(value).parse().ok(),
        // `MAXSCORE` as a variable: the whole.
        None => set
            .descendants()
            .any(|node| is(node, "variable") && number(node, "identifier").is_none())
            .then_some(1.0),
    }
}
