//! Keys of `problem.yaml` in 2025-09.

use std::path::Path;

use super::{FILE, Metadata, TYPES};
use crate::import::problem::Problem;
use crate::import::yaml::{Node, Reader, Value, string_of};

pub(super) fn read_current(
    reader: &mut Reader<'_>,
    metadata: &mut Metadata,
    incomplete: bool,
    problems: &mut Vec<Problem>,
) {
    read_types(reader, metadata, problems);
    match reader.get("name") {
        None => problems.push(Problem::at(
            reader.path(),
            reader.line,
            0,
            "`name` is missing",
        )),
        Some(node) => {
            metadata.name_line = node.line;
            match (&node.value, string_of(node)) {
                (_, Some(name)) => drop(metadata.names.insert("en".to_owned(), name)),
                (Value::Map(entries), _) => {
                    for (key, value) in entries {
                        match string_of(value) {
                            Some(name) => drop(metadata.names.insert(key.name.clone(), name)),
                            None => problems.push(Problem::at(
                                reader.path(),
                                value.line,
                                value.column,
                                "a name must be a string",
                            )),
                        }
                    }
                }
                _ => problems.push(Problem::at(
                    reader.path(),
                    node.line,
                    node.column,
                    "`name` must be a string or a map of strings",
                )),
            }
        }
    }
    if reader.get("uuid").is_none() && !incomplete {
        problems.push(
            Problem::at(reader.path(), reader.line, 0, "`uuid` is missing")
                .hint("add one (`uuidgen` makes it)"),
        );
    }
    if let Some(list) = reader.strings("languages", problems) {
        let all = list.len() == 1 && list[0].0 == "all";
        metadata.languages = (!all).then(|| list.into_iter().map(|(code, _)| code).collect());
    }
    if reader.boolean("allow_file_writing", problems) == Some(false) {
        metadata.left.push("allow_file_writing");
    }
    if let Some(node) = reader.get("constants") {
        read_constants(node, metadata, problems);
    }
    if let Some(credits) = reader
        .get("credits")
        .filter(|node| matches!(node.value, Value::Map(_)))
    {
        let mut people = Reader::open(Path::new(FILE), credits, problems);
        people.accept(&[
            "authors",
            "contributors",
            "testers",
            "translators",
            "packagers",
            "acknowledgements",
        ]);
        people.finish(problems);
    }
}

fn read_types(reader: &mut Reader<'_>, metadata: &mut Metadata, problems: &mut Vec<Problem>) {
    let Some(list) = reader.strings("type", problems) else {
        return;
    };
    let path = Path::new(FILE);
    let line = list.first().map_or(reader.line, |(_, node)| node.line);
    if list.is_empty() {
        problems.push(Problem::at(
            path,
            reader.line,
            0,
            "`type` must not be an empty sequence",
        ));
    }
    let mut seen: Vec<&str> = Vec::new();
    for (name, node) in &list {
        if !TYPES.contains(&name.as_str()) {
            let hint = if name.contains(' ') {
                "several types are a sequence: `type: [a, b]`".to_owned()
            } else {
                format!("known: {}", TYPES.join(", "))
            };
            problems.push(
                Problem::at(
                    path,
                    node.line,
                    node.column,
                    format!("unknown type `{name}`"),
                )
                .hint(hint),
            );
        }
        if seen.contains(&name.as_str()) {
            problems.push(Problem::at(
                path,
                node.line,
                node.column,
                format!("type `{name}` is given twice"),
            ));
        }
        seen.push(name);
    }
    for (one, other) in [
        ("pass-fail", "scoring"),
        ("multi-pass", "submit-answer"),
        ("interactive", "submit-answer"),
    ] {
        if seen.contains(&one) && seen.contains(&other) {
            problems.push(Problem::at(
                path,
                line,
                0,
                format!("types `{one}` and `{other}` exclude each other"),
            ));
        }
    }
    metadata.scoring = seen.contains(&"scoring");
    metadata.interactive = seen.contains(&"interactive");
    metadata.multi_pass = seen.contains(&"multi-pass");
    metadata.submit_answer = seen.contains(&"submit-answer");
}

fn read_constants(node: &Node, metadata: &mut Metadata, problems: &mut Vec<Problem>) {
    let path = Path::new(FILE);
    let Value::Map(entries) = &node.value else {
        problems.push(Problem::at(
            path,
            node.line,
            node.column,
            "`constants` must be a map",
        ));
        return;
    };
    for (key, value) in entries {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if key.name.is_empty()
            || !key.name.chars().all(plain)
            || key.name.starts_with(|c: char| c.is_ascii_digit())
        {
            let text = format!(
                "constant `{}` must be named with letters, digits and `_`",
                key.name.escape_debug()
            );
            problems.push(Problem::at(path, key.line, key.column, text));
        }
        let mut add = |name: String, node: &Node| match string_of(node) {
            Some(text) => drop(metadata.constants.insert(name, text)),
            None => problems.push(Problem::at(
                path,
                node.line,
                node.column,
                "a constant must be a number or a string",
            )),
        };
        match &value.value {
            Value::Map(variants) => {
                for (variant, text) in variants {
                    add(format!("{}.{}", key.name, variant.name), text);
                    if variant.name == "value" {
                        add(key.name.clone(), text);
                    }
                }
                if !variants.iter().any(|(variant, _)| variant.name == "value") {
                    problems.push(Problem::at(
                        path,
                        key.line,
                        key.column,
                        format!("constant `{}` has no `value`", key.name),
                    ));
                }
            }
            _ => {
                add(key.name.clone(), value);
                add(format!("{}.value", key.name), value);
            }
        }
    }
}
