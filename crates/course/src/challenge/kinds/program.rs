//! `[checks.program]`: a validator or partner of the author's.

use std::collections::BTreeMap;
use std::path::PathBuf;

use carrel_model::Limits;
use carrel_model::challenge::Program;

use crate::challenge::checks::Surroundings;
use crate::challenge::context::Context;
use crate::challenge::{limits, parse_compile, parse_run};
use crate::language;
use crate::placed::Placed;
use crate::raw::ProgramTable;

/// Limits of a validator's runs where the author says nothing.
fn program_defaults() -> Limits {
    Limits {
        cpu_ms: 10_000,
        wall_ms: 30_000,
        memory_bytes: 1 << 30,
        ..Limits::default()
    }
}

/// Reads a program.
pub(super) fn parse(
    context: &mut Context<'_>,
    table: &Placed<ProgramTable>,
    around: &Surroundings<'_>,
) -> Option<Program> {
    let raw = &table.value;
    let Some(path) = &raw.path else {
        let hint = "name the program's file or directory, such as \"validators/route.py\"";
        context.report_missing(&table.span, "path", hint);
        return None;
    };
    let files = find_files(context, path)?;
    let language = match &raw.language {
        Some(language) => {
            context.check_language(language, raw.environment.is_some());
            language.value.clone()
        }
        None => guess_language(context, path, &files)?,
    };
    let environment = match &raw.environment {
        Some(environment) => Some(environment.value.clone()),
        None if language == around.language || around.environment == "host" => None,
        None => language::find(&language).map(|language| language.environment.to_owned()),
    };
    Some(Program {
        files,
        language,
        environment,
        compile: raw
            .compile
            .as_ref()
            .and_then(|table| parse_compile(context, table)),
        run: raw.run.as_ref().and_then(|table| parse_run(context, table)),
        arguments: raw.arguments.clone(),
        limits: limits::parse(context, program_defaults(), &raw.limits),
    })
}

fn find_files(
    context: &mut Context<'_>,
    path: &Placed<String>,
) -> Option<BTreeMap<String, PathBuf>> {
    if !context.check_relative(path) {
        return None;
    }
    if context.tree.has_directory(&path.value) {
        let files = context.tree.below(&path.value);
        if files.is_empty() {
            let message = format!("directory `{}` holds no file", path.value);
            context.report(&path.span, message, "put the program there");
            return None;
        }
        return Some(files);
    }
    let full = context.find_file(path)?;
    let name = path.value.rsplit('/').next().unwrap_or(&path.value);
    Some(BTreeMap::from([(name.to_owned(), full)]))
}

/// The one language that the files' extensions tell.
fn guess_language(
    context: &mut Context<'_>,
    path: &Placed<String>,
    files: &BTreeMap<String, PathBuf>,
) -> Option<String> {
    let mut found: Vec<&str> = files
        .keys()
        .filter_map(|name| language::find_by_path(name))
        .map(|found| found.id)
        .collect();
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [only] => Some((*only).to_owned()),
        _ => {
            let message = format!(
                "the language of `{}` cannot be told by its extension",
                path.value
            );
            context.report(&path.span, message, "say `language`");
            None
        }
    }
}
