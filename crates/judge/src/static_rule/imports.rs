//! Imports and includes of modules and headers.

use tree_sitter::Node;

use crate::static_rule::grammar::walk;
use crate::static_rule::{Parsed, Place, search};

/// One import in Python.
pub(crate) struct Import {
    /// Dotted path of what is imported.
    pub(crate) path: String,
    /// Name that it has then: `*` for everything, `None` where it is the path itself.
    pub(crate) name: Option<String>,
    line_node_start: usize,
    line: usize,
}

/// Every import of `wanted`, or of something inside it.
pub(crate) fn find(parsed: &Parsed<'_>, wanted: &str) -> Vec<Place> {
    let wanted = wanted.trim_matches(['<', '>', '"', '\'']);
    let mut places: Vec<Place> = Vec::new();
    if parsed.grammar.id == "python" {
        places.extend(
            python(parsed)
                .into_iter()
                .filter(|import| is_inside(&import.path, wanted, "."))
                .map(|import| search::place_at(parsed, import.line, import.line_node_start)),
        );
    }
    walk(&parsed.tree, |node, _| {
        let hit = imported(parsed, node)
            .is_some_and(|(name, separator)| is_inside(&name, wanted, separator));
        if hit {
            places.push(search::place_of(parsed, node));
        }
        true
    });
    places.sort();
    places.dedup();
    places
}

fn is_inside(path: &str, wanted: &str, separator: &str) -> bool {
    path == wanted
        || path
            .strip_prefix(wanted)
            .is_some_and(|rest| !separator.is_empty() && rest.starts_with(separator))
}

/// What a node imports, and what separates the parts of such a name.
fn imported(parsed: &Parsed<'_>, node: Node<'_>) -> Option<(String, &'static str)> {
    let text = |node: Node<'_>| unquote(&search::text_of(parsed, node));
    match (parsed.grammar.id, node.kind()) {
        ("javascript", "import_statement" | "export_statement") => {
            Some((module_name(&text(node.child_by_field_name("source")?)), "/"))
        }
        ("javascript", "call_expression") => {
            let function = search::text_of(parsed, node.child_by_field_name("function")?);
            let first = node.child_by_field_name("arguments")?.named_child(0)?;
            matches!(function.as_str(), "require" | "import")
                .then(|| (module_name(&text(first)), "/"))
        }
        ("python", "call") => {
            let function = search::text_of(parsed, node.child_by_field_name("function")?);
            let first = node.child_by_field_name("arguments")?.named_child(0)?;
            let known = matches!(
                function.as_str(),
                "__import__" | "importlib.import_module" | "import_module"
            );
            known.then(|| (text(first), "."))
        }
        ("c" | "cpp", "preproc_include") => Some((text(node.child_by_field_name("path")?), "")),
        ("java", "import_declaration") => {
            let all = search::text_of(parsed, node);
            let path = all
                .trim_start_matches("import")
                .trim()
                .trim_start_matches("static ")
                .trim();
            Some((
                path.trim_end_matches(';')
                    .trim()
                    .trim_end_matches(".*")
                    .to_owned(),
                ".",
            ))
        }
        ("ruby", "call") => {
            let method = search::text_of(parsed, node.child_by_field_name("method")?);
            let first = node.child_by_field_name("arguments")?.named_child(0)?;
            let known = matches!(
                method.as_str(),
                "require" | "require_relative" | "load" | "autoload"
            );
            known.then(|| (text(first), "/"))
        }
        ("lua", "function_call") => {
            let name = search::text_of(parsed, node.child_by_field_name("name")?);
            let first = node.child_by_field_name("arguments")?.named_child(0)?;
            matches!(name.as_str(), "require" | "dofile" | "loadfile").then(|| (text(first), "."))
        }
        ("bash", "command") => {
            let name = search::text_of(parsed, node.child_by_field_name("name")?);
            let first = node.child_by_field_name("argument")?;
            matches!(name.as_str(), "source" | ".").then(|| (text(first), ""))
        }
        _ => None,
    }
}

/// `node:fs` is `fs`.
fn module_name(text: &str) -> String {
    text.strip_prefix("node:").unwrap_or(text).to_owned()
}

fn unquote(text: &str) -> String {
    text.trim_matches(['"', '\'', '`', '<', '>']).to_owned()
}

/// The imports of a Python file, in order.
pub(crate) fn python(parsed: &Parsed<'_>) -> Vec<Import> {
    let mut imports = Vec::new();
    walk(&parsed.tree, |node, _| {
        match node.kind() {
            "import_statement" => push_python(parsed, node, None, &mut imports),
            "import_from_statement" => {
                let module = node
                    .child_by_field_name("module_name")
                    .map(|module| search::text_of(parsed, module))
                    .unwrap_or_default();
                push_python(parsed, node, Some(&module), &mut imports);
            }
            _ => return true,
        }
        false
    });
    imports
}

fn push_python(
    parsed: &Parsed<'_>,
    node: Node<'_>,
    module: Option<&str>,
    imports: &mut Vec<Import>,
) {
    let mut push = |path: String, name: Option<String>| {
        imports.push(Import {
            path,
            name,
            line_node_start: node.start_byte(),
            line: node.start_position().row + 1,
        });
    };
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        if child.kind() == "wildcard_import" {
            push(module.unwrap_or_default().to_owned(), Some("*".to_owned()));
        }
    }
    let mut cursor = node.walk();
    for child in node.children_by_field_name("name", &mut cursor) {
        let (path, alias) = match child.kind() {
            "aliased_import" => (
                child
                    .child_by_field_name("name")
                    .map(|name| search::text_of(parsed, name)),
                child
                    .child_by_field_name("alias")
                    .map(|name| search::text_of(parsed, name)),
            ),
            _ => (Some(search::text_of(parsed, child)), None),
        };
        let Some(path) = path else { continue };
        match module {
            Some(module) => push(format!("{module}.{path}"), Some(alias.unwrap_or(path))),
            None => push(path, alias),
        }
    }
}
