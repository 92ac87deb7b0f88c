//! Response processing: which of the ways of scoring that Carrel has is meant.

use std::collections::BTreeMap;

use carrel_quiz::kind::Tolerance;
use roxmltree::{Document, Node};

use super::comparison::tests_of;
use super::declaration::{Cardinality, Declaration, Entry, Mapping};
use super::node::{attribute, children, elements, is, text_of};

/// How a response is scored.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Way {
    /// The declared right response gives so many points, any other none.
    Correct(f64),
    /// The sum of the mapping.
    Map,
    /// Tests in order: the first that holds decides.
    Table(Vec<Row>),
    /// Each value at its place gives so many points.
    Places(f64),
    /// Otherwise: Carrel cannot say the same.
    Other,
    /// Nothing is scored.
    Nothing,
}

/// One test, and the points of what passes it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) test: Test,
    pub(super) points: f64,
}

/// What a response is compared with. Numbers are expressions over the item's variables.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Correct,
    Value {
        value: String,
        case_sensitive: bool,
    },
    Contains {
        value: String,
        case_sensitive: bool,
    },
    Pattern(String),
    Near {
        value: Operand,
        tolerance: Tolerance,
    },
    /// Near a value, but not as far on both sides, or measured otherwise.
    Around {
        value: Operand,
        how: Around,
    },
    Range {
        min: Operand,
        max: Operand,
    },
    Any,
}

/// Which numbers around a value are meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Around {
    Absolute {
        below: f64,
        above: f64,
    },
    /// In percent of the value.
    Relative {
        below: f64,
        above: f64,
    },
    /// In percent of the answer.
    RelativeToAnswer {
        below: f64,
        above: f64,
    },
    /// The same when rounded.
    Rounded {
        significant: bool,
        figures: i32,
    },
}

/// The declared right response, or an expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Correct,
    Expression(String),
}

/// The ways of all responses, and the points that they give only together.
#[derive(Debug)]
pub(super) struct Ways {
    pub(super) each: BTreeMap<String, Way>,
    pub(super) whole: Option<f64>,
}

/// The way of every response.
pub(super) fn ways(document: &Document<'_>, declared: &BTreeMap<String, Declaration>) -> Ways {
    let root = document.root_element();
    let processing = root.children().find(|node| is(*node, "responseProcessing"));
    let all = |way: &Way| Ways {
        each: declared
            .keys()
            .map(|id| (id.clone(), way.clone()))
            .collect(),
        whole: None,
    };
    let Some(processing) = processing else {
        // Without processing nothing is scored by the item; its declarations say what is right.
        return Ways {
            each: declared
                .iter()
                .map(|(id, declaration)| (id.clone(), declared_way(declaration)))
                .collect(),
            whole: None,
        };
    };
    match attribute(processing, "template").map(template_name) {
        Some("match_correct") => return all(&Way::Correct(1.0)),
        Some("map_response") => return all(&Way::Map),
        Some(_) => return all(&Way::Other),
        None => {}
    }
    if let Some(whole) = together(processing, declared) {
        return whole;
    }
    Ways {
        each: declared
            .iter()
            .map(|(id, declaration)| (id.clone(), way_of(processing, id, declaration)))
            .collect(),
        whole: None,
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
pub(super) fn template_name(address: &str) -> &str {
    let name = address.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches(".xml");
    // Common Cartridge has the same templates under names of its own.
    let name = name.strip_prefix("CC2_").unwrap_or(name);
    match name {
        "match_correct" | "match-correct" => "match_correct",
        "map_response" | "map-response" => "map_response",
        other => other,
    }
}

/// One condition on all responses at once: all or nothing.
fn together(processing: Node<'_, '_>, declared: &BTreeMap<String, Declaration>) -> Option<Ways> {
    let mut found = None;
    for condition in conditions(processing) {
        let Some(rule) = children(condition, "responseIf").next() else {
            continue;
        };
        let Some(points) = points_of(rule) else {
            continue;
        };
        let test = elements(rule).next()?;
        if found.is_some() || !is(test, "and") || points <= 0.0 {
            return None;
        }
        let branches = condition.children().filter(Node::is_element).skip(1);
        if branches.filter_map(points_of).any(|points| points != 0.0) {
            return None;
        }
        let mut each = BTreeMap::new();
        for part in elements(test) {
            let (id, way) = part_of_all(part, declared)?;
            if each.insert(id, way).is_some() {
                return None;
            }
        }
        found = Some(Ways {
            each,
            whole: Some(points),
        });
    }
    found.filter(|ways| ways.each.len() > 1)
}

/// A test of one response among several that must all hold.
fn part_of_all(
    part: Node<'_, '_>,
    declared: &BTreeMap<String, Declaration>,
) -> Option<(String, Way)> {
    let named = |node: &Node<'_, '_>| is(*node, "variable") || is(*node, "mapResponse");
    let id = part
        .descendants()
        .filter(named)
        .filter_map(|node| attribute(node, "identifier"))
        .find(|id| declared.contains_key(*id))?;
    if is(part, "gte") && part.descendants().any(|node| is(node, "mapResponse")) {
        return Some((id.to_owned(), Way::Map));
    }
    let tests = tests_of(part, id)?;
    let rows: Vec<Row> = tests
        .into_iter()
        .map(|test| Row { test, points: 1.0 })
        .collect();
    Some((id.to_owned(), simplest(rows)))
}

fn simplest(rows: Vec<Row>) -> Way {
    match rows.as_slice() {
        [
            Row {
                test: Test::Correct,
                points,
            },
        ] if *points > 0.0 => Way::Correct(*points),
        _ => Way::Table(rows),
    }
}

fn conditions<'a, 'i>(processing: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    processing
        .descendants()
        .filter(|node| is(*node, "responseCondition"))
}

/// Whether an expression is about a response.
pub(super) fn is_about(node: Node<'_, '_>, id: &str) -> bool {
    let names = ["variable", "correct", "mapResponse", "mapResponsePoint"];
    names.iter().any(|name| is(node, name)) && attribute(node, "identifier") == Some(id)
}

/// Rules of an item's own.
fn way_of(processing: Node<'_, '_>, id: &str, declaration: &Declaration) -> Way {
    if !processing.descendants().any(|node| is_about(node, id)) {
        return Way::Nothing;
    }
    if processing
        .descendants()
        .any(|node| is(node, "mapResponse") && is_about(node, id))
    {
        return Way::Map;
    }
    let asked = |condition: &Node<'_, '_>| {
        let tests = condition
            .children()
            .filter_map(|branch| elements(branch).next());
        let mut about = tests.clone().flat_map(|test| test.descendants());
        // What asks for the score changes what others gave: bounds, wrong answers.
        let is_score = |node: Node<'_, '_>| {
            is(node, "variable")
                && attribute(node, "identifier").is_some_and(|id| id.contains("SCORE"))
        };
        about.any(|node| is_about(node, id))
            && !tests.flat_map(|test| test.descendants()).any(is_score)
    };
    let mine: Vec<Node<'_, '_>> = conditions(processing)
        .filter(asked)
        .filter(|condition| {
            condition
                .children()
                .any(|branch| points_of(branch).is_some())
        })
        .collect();
    match mine.as_slice() {
        [] => Way::Other,
        [one] => match rows_of(*one, id) {
            Some(rows) if rows.iter().any(|row| row.points > 0.0) => simplest(rows),
            _ => Way::Other,
        },
        several => places(several, id, declaration).unwrap_or(Way::Other),
    }
}

/// Conditions `index n of the response is the n-th right value`, one for each.
fn places(conditions: &[Node<'_, '_>], id: &str, declaration: &Declaration) -> Option<Way> {
    if declaration.cardinality != Cardinality::Ordered
        || declaration.correct.len() != conditions.len()
    {
        return None;
    }
    let mut points = None;
    for (number, condition) in conditions.iter().enumerate() {
        let rule = children(*condition, "responseIf").next()?;
        let test = elements(rule).next().filter(|test| is(*test, "match"))?;
        let index = children(test, "index").next()?;
        let right = children(test, "baseValue").next().map(text_of)?;
        let place: usize = attribute(index, "n")?.parse().ok()?;
        let asked = elements(index)
            .next()
            .is_some_and(|inner| is_about(inner, id));
        let given = points_of(rule)?;
        let same = points.is_none_or(|points: f64| (points - given).abs() < 1e-9);
        if !asked || place != number + 1 || declaration.correct[number] != right || !same {
            return None;
        }
        points = Some(given);
    }
    points.filter(|points| *points > 0.0).map(Way::Places)
}

/// The branches of a condition as rows.
fn rows_of(condition: Node<'_, '_>, id: &str) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    for branch in elements(condition) {
        let points = points_of(branch).unwrap_or(0.0);
        if elements(branch).any(|inner| is(inner, "responseCondition")) {
            return None;
        }
        if is(branch, "responseElse") {
            if points != 0.0 {
                rows.push(Row {
                    test: Test::Any,
                    points,
                });
            }
            continue;
        }
        let test = elements(branch).next()?;
        if is(test, "isNull") && points == 0.0 {
            continue;
        }
        let tests = tests_of(test, id)?;
        rows.extend(tests.into_iter().map(|test| Row { test, points }));
    }
    Some(rows)
}

/// What a branch gives: an outcome of the name `SCORE` set to a number, or raised by one.
fn points_of(branch: Node<'_, '_>) -> Option<f64> {
    let set = children(branch, "setOutcomeValue").find(|node| {
        attribute(*node, "identifier").is_some_and(|id| id.to_ascii_uppercase().contains("SCORE"))
    })?;
    let value = set.descendants().rfind(|node| is(*node, "baseValue"));
    match value {
        Some(value) => text_of(value)
            .parse()
            .ok()
            .filter(|points: &f64| points.is_finite()),
        None => {
            let named = set.descendants().find(|node| is(*node, "variable"))?;
            default_of(named).or(Some(1.0))
        }
    }
}

/// The declared default of an outcome such as `MAXSCORE`.
fn default_of(variable: Node<'_, '_>) -> Option<f64> {
    let name = attribute(variable, "identifier");
    let root = variable.document().root_element();
    let declared =
        children(root, "outcomeDeclaration").find(|node| attribute(*node, "identifier") == name)?;
    let value = children(declared, "defaultValue").next()?;
    let points: f64 = text_of(value).parse().ok()?;
    (points.is_finite() && points > 0.0).then_some(points)
}

/// A table of plain values as a mapping; the same for choices.
pub(super) fn as_mapping(rows: &[Row], declaration: &Declaration) -> Option<Mapping> {
    if declaration.cardinality != Cardinality::Single {
        return None;
    }
    let mut entries: Vec<Entry> = Vec::new();
    for row in rows {
        let (key, case_sensitive) = match &row.test {
            Test::Value {
                value,
                case_sensitive,
            } => (value.clone(), *case_sensitive),
            Test::Correct => (declaration.correct.first()?.clone(), true),
            _ => return None,
        };
        if !entries.iter().any(|entry| entry.key == key) {
            entries.push(Entry {
                key,
                value: row.points,
                case_sensitive,
            });
        }
    }
    Some(Mapping {
        lower: None,
        upper: None,
        default: 0.0,
        entries,
    })
}
