//! Keys of `problem.yaml` in the legacy formats.

use std::path::Path;

use super::{FILE, Metadata};
use crate::import::problem::Problem;
use crate::import::yaml::{Node, Reader, string_of};

pub(super) fn read_legacy(
    reader: &mut Reader<'_>,
    metadata: &mut Metadata,
    problems: &mut Vec<Problem>,
) {
    let path = Path::new(FILE);
    if let Some(node) = reader.get("type") {
        match string_of(node).as_deref() {
            Some("pass-fail") => {}
            Some("scoring") => metadata.scoring = true,
            _ => problems.push(Problem::at(
                path,
                node.line,
                node.column,
                "`type` must be `pass-fail` or `scoring`",
            )),
        }
    }
    if let Some(node) = reader.get("name") {
        metadata.name_line = node.line;
        match string_of(node) {
            Some(name) => drop(metadata.names.insert(String::new(), name)),
            None => problems.push(Problem::at(
                path,
                node.line,
                node.column,
                "`name` must be a string",
            )),
        }
    }
    if let Some(node) = reader.get("validation") {
        read_validation(
            &string_of(node).unwrap_or_default(),
            node,
            metadata,
            problems,
        );
    }
    if let Some(node) = reader.get("validator_flags") {
        match string_of(node) {
            Some(flags) => {
                metadata.validator_flags = (
                    flags.split_whitespace().map(str::to_owned).collect(),
                    node.line,
                )
            }
            None => problems.push(Problem::at(
                path,
                node.line,
                node.column,
                "`validator_flags` must be a string",
            )),
        }
    }
    read_grading(reader, metadata, problems);
}

fn read_grading(reader: &mut Reader<'_>, metadata: &mut Metadata, problems: &mut Vec<Problem>) {
    let path = Path::new(FILE);
    if let Some(node) = reader.get("grading") {
        if !metadata.scoring {
            problems.push(Problem::at(
                path,
                node.line,
                node.column,
                "`grading` is only for problems of type `scoring`",
            ));
        }
        let mut grading = Reader::open(path, node, problems);
        match grading.string("objective", problems).as_deref() {
            None | Some("max") => {}
            Some("min") => metadata.minimize = true,
            Some(_) => problems.push(Problem::at(
                path,
                node.line,
                node.column,
                "`objective` must be `min` or `max`",
            )),
        }
        grading.boolean("show_test_data_groups", problems);
        grading.finish(problems);
    }
}

fn read_validation(text: &str, node: &Node, metadata: &mut Metadata, problems: &mut Vec<Problem>) {
    let mut words = text.split_whitespace();
    let problem = |text: &str| Problem::at(Path::new(FILE), node.line, node.column, text);
    match words.next() {
        Some("default") => {
            if words.next().is_some() {
                problems.push(problem("`validation: default` takes nothing after it"));
            }
        }
        Some("custom") => {
            metadata.legacy_validation.custom = true;
            for word in words {
                match word {
                    "interactive" => metadata.interactive = true,
                    "score" => metadata.legacy_validation.score = true,
                    _ => problems.push(
                        problem(&format!("unknown word `{word}` after `validation: custom`"))
                            .hint("known: score, interactive"),
                    ),
                }
            }
            if metadata.legacy_validation.score && !metadata.scoring {
                problems.push(problem("`score` is only for problems of type `scoring`"));
            }
        }
        _ => problems.push(problem(
            "`validation` must begin with `default` or `custom`",
        )),
    }
}
