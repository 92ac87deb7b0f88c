//! Calls of functions and methods by name or dotted path.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::static_rule::grammar::walk;
use crate::static_rule::{Parsed, Place, imports, search};

/// Deepest chain of names that is followed.
const CHAIN_MAX: usize = 64;
/// Most modules of which everything is imported that are followed.
const STARS_MAX: usize = 64;

/// Every call of `wanted`: a plain name also finds methods of that name, a
/// dotted path must be the end of the called path, aliases resolved.
pub(crate) fn find(parsed: &Parsed<'_>, wanted: &str) -> Vec<Place> {
    let aliases = if parsed.grammar.id == "python" {
        python_aliases(parsed)
    } else {
        Aliases::default()
    };
    let wanted: Vec<&str> = split(wanted);
    let mut places = Vec::new();
    walk(&parsed.tree, |node, parent| {
        if places.len() < search::PLACES_MAX
            && let Some(called) = called_path(parsed, node, parent)
            && aliases
                .resolve(&called)
                .iter()
                .any(|path| ends_with(path, &wanted))
        {
            places.push(search::place_of(parsed, node));
        }
        true
    });
    places
}

fn split(path: &str) -> Vec<&str> {
    path.split(['.', ':', '#'])
        .filter(|part| !part.is_empty())
        .collect()
}

fn ends_with(path: &[String], wanted: &[&str]) -> bool {
    path.len() >= wanted.len()
        && path[path.len() - wanted.len()..]
            .iter()
            .zip(wanted)
            .all(|(one, two)| one == two)
}

/// The names of what a node calls, or `None` where it is no call.
fn called_path(
    parsed: &Parsed<'_>,
    node: Node<'_>,
    parent: Option<Node<'_>>,
) -> Option<Vec<String>> {
    let kind = node.kind();
    // A bare Ruby name may be a call without arguments; as a statement it is one.
    if parsed.grammar.id == "ruby" && kind == "identifier" {
        let statement = matches!(
            parent?.kind(),
            "program" | "body_statement" | "then" | "else" | "block_body"
        );
        return statement.then(|| vec![search::text_of(parsed, node)]);
    }
    let (_, field) = parsed
        .grammar
        .calls
        .iter()
        .find(|(call, _)| *call == kind)?;
    let target = node.child_by_field_name(field)?;
    let mut path = Vec::new();
    // Java and Ruby keep the receiver beside the name.
    if let Some(receiver) = node
        .child_by_field_name("object")
        .or_else(|| node.child_by_field_name("receiver"))
    {
        push_path(parsed, receiver, &mut path);
    }
    push_path(parsed, target, &mut path);
    (!path.is_empty()).then_some(path)
}

/// The chain of names of an expression such as `a.b.c`; other receivers count as unknown.
fn push_path(parsed: &Parsed<'_>, node: Node<'_>, path: &mut Vec<String>) {
    let mut parts = Vec::new();
    let mut at = Some(node);
    while let Some(node) = at {
        if parts.len() > CHAIN_MAX {
            break;
        }
        let field = |names: &[&str]| names.iter().find_map(|name| node.child_by_field_name(name));
        let (name, below) = match node.kind() {
            "attribute" => (field(&["attribute"]), field(&["object"])),
            "member_expression" => (field(&["property"]), field(&["object"])),
            "field_expression" => (field(&["field"]), field(&["argument"])),
            "dot_index_expression" => (field(&["field"]), field(&["table"])),
            "method_index_expression" => (field(&["method"]), field(&["table"])),
            "qualified_identifier" => (field(&["name"]), field(&["scope"])),
            "scope_resolution" => (field(&["name"]), field(&["scope"])),
            "scoped_type_identifier" | "field_access" => (
                field(&["field"]).or(node.named_child(1)),
                field(&["object"]).or(node.named_child(0)),
            ),
            "parenthesized_expression" => (None, node.named_child(0)),
            "subscript_expression" | "subscript" => {
                (string_index(node), field(&["object", "value"]))
            }
            _ => (Some(node), None),
        };
        if let Some(name) = name {
            // A qualified name inside a qualified name (C++).
            if name.id() != node.id() && name.kind() == "qualified_identifier" {
                let mut inner = Vec::new();
                push_path_once(parsed, name, &mut inner);
                parts.extend(inner.into_iter().rev());
            } else {
                parts.push(clean(&search::text_of(parsed, name)));
            }
        }
        at = below;
    }
    path.extend(parts.into_iter().rev());
}

/// The last name of a nested qualified name and those before it.
fn push_path_once(parsed: &Parsed<'_>, node: Node<'_>, path: &mut Vec<String>) {
    let text = search::text_of(parsed, node);
    path.extend(text.split("::").map(|part| clean(part.trim())));
}

/// `a["sort"]` calls `sort` as well.
fn string_index(node: Node<'_>) -> Option<Node<'_>> {
    let index = node
        .child_by_field_name("index")
        .or_else(|| node.child_by_field_name("subscript"))?;
    (index.kind() == "string").then_some(index)
}

/// Names without quotes and without template arguments; long texts are no names.
fn clean(text: &str) -> String {
    let text = text.trim_matches(['"', '\'', '`']);
    let end = text.find('<').unwrap_or(text.len());
    text[..end].chars().take(200).collect()
}

/// Names that stand for other names.
#[derive(Default)]
struct Aliases {
    names: BTreeMap<String, Vec<String>>,
    /// Modules of which everything was imported.
    stars: Vec<Vec<String>>,
}

impl Aliases {
    /// Everything of this module has its plain name.
    fn follow_star(&mut self, module: Vec<String>) {
        if self.stars.len() < STARS_MAX && !self.stars.contains(&module) {
            self.stars.push(module);
        }
    }

    /// The path itself and what it stands for.
    fn resolve(&self, path: &[String]) -> Vec<Vec<String>> {
        let mut all = vec![path.to_vec()];
        for _ in 0..8 {
            let Some(last) = all.last() else { break };
            let Some(target) = last.first().and_then(|first| self.names.get(first)) else {
                break;
            };
            let mut next = target.clone();
            next.extend(last[1..].iter().cloned());
            if all.contains(&next) || next.len() > CHAIN_MAX {
                break;
            }
            all.push(next);
        }
        if path.len() == 1 {
            all.extend(
                self.stars
                    .iter()
                    .map(|module| [module.as_slice(), path].concat()),
            );
        }
        all
    }
}

/// `import a as b`, `from a import b as c`, and `name = other.name` at any level.
fn python_aliases(parsed: &Parsed<'_>) -> Aliases {
    let mut aliases = Aliases::default();
    for import in imports::python(parsed) {
        let target: Vec<String> = split(&import.path).into_iter().map(str::to_owned).collect();
        match import.name {
            Some(name) if name == "*" => aliases.follow_star(target),
            Some(name) => drop(aliases.names.insert(name, target)),
            None => {}
        }
    }
    walk(&parsed.tree, |node, _| {
        if node.kind() == "assignment" {
            let side = |name| node.child_by_field_name(name);
            if let (Some(left), Some(right)) = (side("left"), side("right"))
                && left.kind() == "identifier"
                && matches!(right.kind(), "identifier" | "attribute")
            {
                let mut path = Vec::new();
                push_path(parsed, right, &mut path);
                aliases
                    .names
                    .entry(search::text_of(parsed, left))
                    .or_insert(path);
            }
        }
        true
    });
    aliases
}
