//! Text in code, node kinds and queries.

use tree_sitter::{Node, QueryCursor, StreamingIterator};

use crate::static_rule::grammar::walk;
use crate::static_rule::{Parsed, Place};

/// Most places that one file gives.
pub(crate) const PLACES_MAX: usize = 100;
/// Most characters of a place's text.
const TEXT_CHARACTERS_MAX: usize = 120;
/// Most matches of a query that are in progress at once.
const MATCHES_MAX: u32 = 4096;

/// Most bytes of a text that is asked for as a name.
const NAME_BYTES_MAX: usize = 1_024;

/// The source text of a node that may be a name. A longer text is none and is
/// cut: in a chain of calls every node holds all before it, so that copying
/// them whole would take time with the square of a file's length.
pub(crate) fn text_of(parsed: &Parsed<'_>, node: Node<'_>) -> String {
    let bytes = parsed.source.get(node.byte_range()).unwrap_or_default();
    let bytes = &bytes[..bytes.len().min(NAME_BYTES_MAX)];
    String::from_utf8_lossy(bytes).into_owned()
}

/// Where a node begins, with its first line.
pub(crate) fn place_of(parsed: &Parsed<'_>, node: Node<'_>) -> Place {
    let bytes = parsed.source.get(node.byte_range()).unwrap_or_default();
    Place {
        line: node.start_position().row + 1,
        text: first_line(bytes),
    }
}

/// A place by line and first byte.
pub(crate) fn place_at(parsed: &Parsed<'_>, line: usize, start: usize) -> Place {
    Place {
        line,
        text: first_line(parsed.source.get(start..).unwrap_or_default()),
    }
}

fn first_line(bytes: &[u8]) -> String {
    // A character has at most four bytes; a line may be the whole file.
    let bytes = &bytes[..bytes.len().min(4 * TEXT_CHARACTERS_MAX)];
    let line = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    String::from_utf8_lossy(line)
        .chars()
        .take(TEXT_CHARACTERS_MAX)
        .collect()
}

/// Occurrences in a text that no parser reads.
pub(crate) fn in_text(source: &[u8], wanted: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for (number, line) in source.split(|byte| *byte == b'\n').enumerate() {
        if String::from_utf8_lossy(line).contains(wanted) && places.len() < PLACES_MAX {
            places.push(Place {
                line: number + 1,
                text: first_line(line),
            });
        }
    }
    places
}

/// Occurrences outside comments and strings. Code inside a string counts.
pub(crate) fn in_code(parsed: &Parsed<'_>, wanted: &str) -> Vec<Place> {
    let mut code = parsed.source.to_vec();
    walk(&parsed.tree, |node, _| {
        let kind = node.kind();
        if parsed.grammar.not_code.contains(&kind) {
            for byte in &mut code[node.byte_range()] {
                if *byte != b'\n' {
                    *byte = 0;
                }
            }
        } else if parsed.grammar.code_inside.contains(&kind) {
            let range = node.byte_range();
            code[range.clone()].copy_from_slice(&parsed.source[range]);
        }
        true
    });
    let mut places = Vec::new();
    let originals = parsed.source.split(|byte| *byte == b'\n');
    for (number, (line, original)) in code.split(|byte| *byte == b'\n').zip(originals).enumerate() {
        let found = line
            .windows(wanted.len())
            .any(|window| window == wanted.as_bytes());
        if found && places.len() < PLACES_MAX {
            places.push(Place {
                line: number + 1,
                text: first_line(original),
            });
        }
    }
    places
}

/// Every node of a kind.
pub(crate) fn constructs(parsed: &Parsed<'_>, kind: &str) -> Vec<Place> {
    let mut places = Vec::new();
    walk(&parsed.tree, |node, _| {
        if node.is_named() && node.kind() == kind && places.len() < PLACES_MAX {
            places.push(place_of(parsed, node));
        }
        true
    });
    places
}

/// Every match of a query.
pub(crate) fn query(parsed: &Parsed<'_>, query: &str) -> Result<Vec<Place>, String> {
    let query = parsed.grammar.compile_query(query)?;
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(MATCHES_MAX);
    let mut matches = cursor.matches(&query, parsed.tree.root_node(), parsed.source);
    let mut places = Vec::new();
    while let Some(found) = matches.next() {
        // A query without captures still has its matches.
        let node = found
            .captures()
            .first()
            .map_or(parsed.tree.root_node(), |capture| capture.node);
        places.push(place_of(parsed, node));
        if places.len() >= PLACES_MAX {
            break;
        }
    }
    Ok(places)
}
