//! `must` and `must_not` of a static check.

use carrel_model::challenge::{Rule, Static};

use crate::challenge::checks::Surroundings;
use crate::challenge::context::Context;
use crate::placed::Placed;
use crate::raw::{CheckTable, FileList, RuleTable};

/// Reads a static check.
pub(super) fn parse(
    context: &mut Context<'_>,
    table: &Placed<CheckTable>,
    around: &Surroundings<'_>,
) -> Option<Static> {
    let raw = &table.value;
    let mut files = Vec::new();
    match &raw.files {
        Some(FileList::Listed(patterns)) => {
            for pattern in patterns {
                if context.parse_pattern(pattern).is_some() {
                    files.push(pattern.value.clone());
                }
            }
        }
        Some(FileList::Mapped(_)) => {
            context.report(
                &table.span,
                "`files` of a static check is a table",
                "write a list of the learner's files",
            );
        }
        None => {}
    }
    if let Some(language) = &raw.language {
        context.check_language(language, around.environment == "host");
    }
    let (rule, must) = match (&raw.must, &raw.must_not) {
        (Some(rule), None) => (rule, true),
        (None, Some(rule)) => (rule, false),
        (Some(_), Some(_)) => {
            context.report(
                &table.span,
                "both `must` and `must_not`",
                "write two checks",
            );
            return None;
        }
        (None, None) => {
            let hint = "example: must_not = { call = \"sorted\" }";
            context.report_missing(&table.span, "must` or `must_not", hint);
            return None;
        }
    };
    Some(Static {
        files,
        rule: parse_rule(context, rule)?,
        must,
        language: raw.language.as_ref().map(|language| language.value.clone()),
    })
}

fn parse_rule(context: &mut Context<'_>, table: &Placed<RuleTable>) -> Option<Rule> {
    let raw = table.value.clone();
    let said: Vec<Rule> = [
        raw.call.map(Rule::Calls),
        raw.import.map(Rule::Imports),
        raw.contain.map(Rule::Contains),
        raw.construct.map(Rule::Construct),
        raw.query.map(Rule::Query),
    ]
    .into_iter()
    .flatten()
    .collect();
    let hint = "one of `call`, `import`, `contain`, `construct`, `query`";
    match <[Rule; 1]>::try_from(said) {
        Ok([rule]) => {
            let (Rule::Calls(text)
            | Rule::Imports(text)
            | Rule::Contains(text)
            | Rule::Construct(text)
            | Rule::Query(text)) = &rule;
            if text.trim().is_empty() {
                context.report(&table.span, "the rule is empty", "say what is looked for");
                return None;
            }
            Some(rule)
        }
        Err(said) => {
            let message = format!("a rule has exactly one key; this one has {}", said.len());
            context.report(&table.span, message, hint);
            None
        }
    }
}
