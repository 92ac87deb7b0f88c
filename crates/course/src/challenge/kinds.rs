//! What the kinds of checks need: each kind's own keys, and no others.

mod program;
mod rule;
mod spread;

use std::collections::BTreeMap;

use carrel_model::CheckKind;
use carrel_model::challenge::{Comparator, Interactive, Io, TokenOptions, Unit, Validator};

use super::checks::Surroundings;
use super::context::Context;
use crate::language::{self, FRAMEWORKS};
use crate::placed::Placed;
use crate::problem::offer_nearest;
use crate::raw::{CheckTable, ComparatorName, FileList, KindName};

/// Most passes of a multi-pass validator.
const PASSES_MAX: u32 = 1_000;

const UNIT: &[&str] = &[
    "framework",
    "files",
    "test",
    "expected",
    "command",
    "apart",
    "include_skipped",
];
const IO: &[&str] = &[
    "input",
    "answer",
    "data",
    "arguments",
    "files",
    "comparator",
    "case_sensitive",
    "space_change_sensitive",
    "relative_tolerance",
    "absolute_tolerance",
    "exit_code",
    "show_difference",
];
const VALIDATOR: &[&str] = &[
    "input",
    "answer",
    "data",
    "arguments",
    "files",
    "program",
    "scoring",
    "passes_max",
];
const STATIC: &[&str] = &["files", "must", "must_not", "language"];

/// One kind, or one per data file with the name of the file.
pub(super) fn parse(
    context: &mut Context<'_>,
    kind: KindName,
    table: &Placed<CheckTable>,
    around: &Surroundings<'_>,
) -> Vec<(Option<String>, CheckKind)> {
    refuse_others(context, kind, table);
    match kind {
        KindName::Unit => one(parse_unit(context, table, around).map(CheckKind::Unit)),
        KindName::Static => one(rule::parse(context, table, around).map(CheckKind::Static)),
        KindName::Io => parse_io(context, table),
        KindName::Validator | KindName::Interactive => {
            parse_validator(context, kind, table, around)
        }
    }
}

fn one(kind: Option<CheckKind>) -> Vec<(Option<String>, CheckKind)> {
    kind.map(|kind| (None, kind)).into_iter().collect()
}

/// Reports keys that have no meaning for this kind: they would be silently without effect.
fn refuse_others(context: &mut Context<'_>, kind: KindName, table: &Placed<CheckTable>) {
    let allowed = match kind {
        KindName::Unit => UNIT,
        KindName::Io => IO,
        KindName::Validator | KindName::Interactive => VALIDATOR,
        KindName::Static => STATIC,
    };
    let raw = &table.value;
    let present = [
        ("framework", raw.framework.is_some()),
        ("files", raw.files.is_some()),
        ("test", raw.test.is_some()),
        ("expected", raw.expected.is_some()),
        ("command", raw.command.is_some()),
        ("apart", raw.apart.is_some()),
        ("include_skipped", raw.include_skipped.is_some()),
        ("input", raw.input.is_some()),
        ("answer", raw.answer.is_some()),
        ("data", raw.data.is_some()),
        ("arguments", raw.arguments.is_some()),
        ("comparator", raw.comparator.is_some()),
        ("case_sensitive", raw.case_sensitive.is_some()),
        (
            "space_change_sensitive",
            raw.space_change_sensitive.is_some(),
        ),
        ("relative_tolerance", raw.relative_tolerance.is_some()),
        ("absolute_tolerance", raw.absolute_tolerance.is_some()),
        ("exit_code", raw.exit_code.is_some()),
        ("show_difference", raw.show_difference.is_some()),
        ("program", raw.program.is_some()),
        ("scoring", raw.scoring.is_some()),
        ("passes_max", raw.passes_max.is_some()),
        ("must", raw.must.is_some()),
        ("must_not", raw.must_not.is_some()),
        ("language", raw.language.is_some()),
    ];
    for (key, _) in present
        .iter()
        .filter(|(key, here)| *here && !allowed.contains(key))
    {
        let message = format!("`{key}` has no meaning for kind = \"{}\"", kind.name());
        let hint = format!("keys of this kind: `{}`", allowed.join("`, `"));
        context.report(&table.span, message, &hint);
    }
}

fn parse_unit(
    context: &mut Context<'_>,
    table: &Placed<CheckTable>,
    around: &Surroundings<'_>,
) -> Option<Unit> {
    let raw = &table.value;
    let usual = language::find(around.language).and_then(|language| language.framework);
    let framework = match (&raw.framework, usual) {
        (Some(framework), _) => {
            if !FRAMEWORKS.contains(&framework.value.as_str()) {
                let hint = offer_nearest(&framework.value, FRAMEWORKS, "frameworks");
                let message = format!("unknown framework `{}`", framework.value);
                context.report(&framework.span, message, &hint);
            }
            framework.value.as_str()
        }
        (None, Some(usual)) => usual,
        (None, None) if around.language.is_empty() => return None,
        (None, None) => {
            let hint = format!(
                "{} has no usual one; frameworks: `{}`",
                around.language,
                FRAMEWORKS.join("`, `")
            );
            context.report_missing(&table.span, "framework", &hint);
            return None;
        }
    };
    let by_command = matches!(framework, "tap" | "junit_xml");
    if by_command && raw.command.as_ref().is_none_or(Vec::is_empty) {
        let hint = "say how the tests are run, such as command = [\"sh\", \"tests.sh\"]";
        context.report_missing(&table.span, "command", hint);
    }
    let files = match &raw.files {
        Some(list) => context.find_files(list),
        None => context.tree.below("tests"),
    };
    if files.is_empty() && raw.files.is_none() {
        context.report(
            &table.span,
            "there are no tests",
            "put test files into `tests/`, or name them in `files`",
        );
    }
    let separable = matches!(framework, "unittest" | "pytest");
    let apart = raw.apart.unwrap_or(separable && raw.command.is_none());
    if apart && !separable {
        let message = format!("`apart` is not possible with framework `{framework}`");
        context.report(
            &table.span,
            message,
            "remove it; docs/check-integrity.md tells how this framework is protected",
        );
    }
    Some(Unit {
        framework: framework.to_owned(),
        files,
        test: raw.test.as_ref().map(|test| test.value.clone()),
        expected: raw
            .expected
            .iter()
            .flatten()
            .map(|test| test.value.clone())
            .collect(),
        command: raw.command.clone(),
        apart,
        include_skipped: raw.include_skipped.unwrap_or(false),
    })
}

fn parse_io(
    context: &mut Context<'_>,
    table: &Placed<CheckTable>,
) -> Vec<(Option<String>, CheckKind)> {
    let raw = &table.value;
    let comparator = parse_comparator(context, table);
    let files = find_beside(context, raw.files.as_ref());
    let cases = spread::find_cases(context, table, true);
    let make = |case: spread::Case| {
        let io = Io {
            input: case.input,
            answer: case.answer?,
            arguments: raw.arguments.clone().unwrap_or_default(),
            files: files.clone(),
            comparator: comparator.clone(),
            exit_code: raw.exit_code.as_ref().map_or(0, |code| code.value),
            show_difference: raw.show_difference.unwrap_or(true),
        };
        Some((case.stem, CheckKind::Io(io)))
    };
    if let Some(code) = raw
        .exit_code
        .as_ref()
        .filter(|code| !(0..=255).contains(&code.value))
    {
        context.report(
            &code.span,
            format!("`exit_code` is {}", code.value),
            "exit codes are 0 to 255",
        );
    }
    cases.into_iter().filter_map(make).collect()
}

fn parse_comparator(context: &mut Context<'_>, table: &Placed<CheckTable>) -> Comparator {
    let raw = &table.value;
    let tolerances = [&raw.relative_tolerance, &raw.absolute_tolerance];
    for tolerance in tolerances.into_iter().flatten() {
        if !tolerance.value.is_finite() || tolerance.value < 0.0 {
            let message = format!("the tolerance is {}", tolerance.value);
            context.report(
                &tolerance.span,
                message,
                "a tolerance is a number from 0, such as 1e-6",
            );
        }
    }
    let tokens_only =
        raw.space_change_sensitive.is_some() || tolerances.into_iter().any(Option::is_some);
    let name = raw.comparator.unwrap_or(if tokens_only {
        ComparatorName::Tokens
    } else {
        ComparatorName::Lines
    });
    if tokens_only && name != ComparatorName::Tokens {
        let hint = "write comparator = \"tokens\", or remove the option";
        context.report(
            &table.span,
            "tolerances and `space_change_sensitive` need the tokens comparator",
            hint,
        );
    }
    if name == ComparatorName::Exact && raw.case_sensitive == Some(false) {
        context.report(
            &table.span,
            "the exact comparator always minds case",
            "use \"lines\" or \"tokens\"",
        );
    }
    let case_sensitive = raw.case_sensitive.unwrap_or(true);
    match name {
        ComparatorName::Exact => Comparator::Exact,
        ComparatorName::Lines => Comparator::Lines { case_sensitive },
        ComparatorName::Tokens => Comparator::Tokens(TokenOptions {
            case_sensitive,
            space_change_sensitive: raw.space_change_sensitive.unwrap_or(false),
            relative_tolerance: raw.relative_tolerance.as_ref().map(|value| value.value),
            absolute_tolerance: raw.absolute_tolerance.as_ref().map(|value| value.value),
        }),
    }
}

fn find_beside(
    context: &mut Context<'_>,
    list: Option<&FileList>,
) -> BTreeMap<String, std::path::PathBuf> {
    list.map(|list| context.find_files(list))
        .unwrap_or_default()
}

fn parse_validator(
    context: &mut Context<'_>,
    kind: KindName,
    table: &Placed<CheckTable>,
    around: &Surroundings<'_>,
) -> Vec<(Option<String>, CheckKind)> {
    let raw = &table.value;
    let files = find_beside(context, raw.files.as_ref());
    let cases = spread::find_cases(context, table, false);
    let passes_max = raw.passes_max.as_ref().map_or(1, |passes| passes.value);
    if let Some(said) = raw
        .passes_max
        .as_ref()
        .filter(|said| !(1..=PASSES_MAX).contains(&said.value))
    {
        let message = format!("`passes_max` is {passes_max}");
        context.report(
            &said.span,
            message,
            &format!("it must be between 1 and {PASSES_MAX}"),
        );
    }
    let Some(program) = &raw.program else {
        let hint = "add [checks.program] with path = \"validators/…\"";
        context.report_missing(&table.span, "program", hint);
        return Vec::new();
    };
    let Some(program) = program::parse(context, program, around) else {
        return Vec::new();
    };
    let make = |case: spread::Case| {
        let validator = Validator {
            program: program.clone(),
            input: case.input,
            answer: case.answer,
            arguments: raw.arguments.clone().unwrap_or_default(),
            files: files.clone(),
            scoring: raw.scoring.unwrap_or(false),
            passes_max,
        };
        let kind = match kind {
            KindName::Interactive => CheckKind::Interactive(Interactive { validator }),
            _ => CheckKind::Validator(validator),
        };
        (case.stem, kind)
    };
    cases.into_iter().map(make).collect()
}
