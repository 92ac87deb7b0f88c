//! Names in the expressions of a question: each must be known, whatever its variables draw.

use std::borrow::Cow;

use super::{Found, Severity};
use crate::expression::{Expression, ExpressionError, find_embedded};
use crate::instance::for_each_amount;
use crate::question::Question;
use crate::template::{Amount, Template, VariableSource};
use crate::text::TextFormat;

/// Most expressions of one text that are looked at.
const EXPRESSIONS_MAX: usize = 1_000;
/// Most defects of a question; more only hide the first ones.
const DEFECTS_MAX: usize = 200;
/// Most characters of an expression that a message repeats.
const SHOWN_MAX: usize = 60;

/// Tells of every expression that cannot be read and every name in it that is not known.
pub(super) fn check(question: &Question, found: &mut Found<'_>) {
    let Some(template) = &question.template else {
        warn_of_braces(question, found);
        return;
    };
    check_variables(template, found);
    let names: Vec<&str> = names_of(template).collect();
    // The visitors change nothing; they alone know every text and every number.
    let mut copy = question.clone();
    copy.for_each_string_mut(&mut |passage| {
        let text = passage.source.as_str();
        let mut embedded = find_embedded(text, 0);
        let (mut counted, mut before) = (0, 0);
        for _ in 0..EXPRESSIONS_MAX {
            let Some(one) = embedded else { break };
            before += text[counted..one.start + 2].chars().count();
            counted = one.start + 2;
            check_expression(one.source, &names, &mut |column, error| {
                let part = passage.part.to_string();
                tell(&part, before + column, one.source, &error, found);
            });
            embedded = find_embedded(text, one.end);
        }
    });
    for_each_amount(&mut copy.kind, &mut |part, amount| {
        if let Amount::Expression(source) = amount {
            check_expression(source, &names, &mut |column, error| {
                tell(&part.to_string(), column, source, &error, found);
            });
        }
    });
}

/// Without variables, braces are text; in code they most likely are meant so.
fn warn_of_braces(question: &Question, found: &mut Found<'_>) {
    question.clone().for_each_string_mut(&mut |passage| {
        let text = passage.source.as_str();
        let embedded = find_embedded(text, 0).filter(|_| passage.format == Some(TextFormat::Markdown));
        let Some(one) = embedded.filter(|_| !text.contains('`')) else {
            return;
        };
        if Expression::parse(one.source).is_ok() {
            found.warning(
                &passage.part.to_string(),
                format!("`{{{{{}}}}}` is shown as it stands: the question has no variables", one.source),
                "declare them below the heading, such as `variable a: 1 .. 10`, or put it between back-ticks",
            );
        }
    });
}

fn names_of(template: &Template) -> impl Iterator<Item = &str> {
    let variables = template.variables.iter();
    variables.map(|variable| variable.name.as_str())
}

fn check_variables(template: &Template, found: &mut Found<'_>) {
    let names: Vec<&str> = names_of(template).collect();
    for (index, variable) in template.variables.iter().enumerate() {
        if let VariableSource::Expression { expression } = &variable.source {
            let part = format!("variable {}", variable.name);
            // An expression knows the variables above it only.
            check_expression(expression, &names[..index], &mut |column, error| {
                tell(&part, column, expression, &error, found);
            });
        }
    }
    for (index, condition) in template.conditions.iter().enumerate() {
        let part = format!("where {}", index + 1);
        check_expression(condition, &names, &mut |column, error| {
            tell(&part, column, condition, &error, found);
        });
    }
}

/// Hands over what is wrong with an expression, each with its character, counted from 0.
fn check_expression(source: &str, names: &[&str], tell: &mut dyn FnMut(usize, ExpressionError)) {
    match Expression::parse(source) {
        Ok(expression) => {
            for (column, error) in expression.find_unknown(|name| names.contains(&name)) {
                tell(column - 1, error);
            }
        }
        Err(error @ ExpressionError::Syntax { column, .. }) => tell(column - 1, error),
        Err(error) => tell(0, error),
    }
}

fn tell(
    part: &str,
    character: usize,
    source: &str,
    error: &ExpressionError,
    found: &mut Found<'_>,
) {
    let severity = match error {
        ExpressionError::Syntax { .. } | ExpressionError::TooLarge => Severity::Error,
        // Where no draw comes to this name, learners meet no error: what was published stays.
        _ => Severity::Slip,
    };
    let is_full = found.list.len() >= DEFECTS_MAX;
    if is_full && (severity == Severity::Slip || found.has_errors()) {
        return;
    }
    let hint = match error {
        ExpressionError::UnknownVariable(name) => {
            format!(
                "declare it below the heading: `variable {name}: 1 .. 10`; texts stand in quotes"
            )
        }
        _ => "see docs/quiz-notation.md, “Variables”".to_owned(),
    };
    let message = format!("`{}`: {error}", shown(source));
    found.push_within(severity, (part, character), message, hint);
}

/// An expression as messages repeat it.
fn shown(source: &str) -> Cow<'_, str> {
    match source.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &source[..end]).into(),
        None => source.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::notation::{parse, parse_with_places};

    #[test]
    fn every_unknown_name_is_told_at_its_place() {
        let text = "+++\nid = \"q\"\ntitle = \"Q\"\n+++\n## A {#a}\nkind: numeric\nvariable x: = y + 1\nvariable y: 1 .. 3\nwhere: x > z and w\n\n\\= é {{x + u}}, \\{{v}}\n{{sqrt(x, y)}} and {{if(1, x, t)}}\n\n= {{x + s}} .. {{ r }}\n  > {{q}}\n\nhint: one\n  two {{p +}}\n";
        let told = parse(text, "q.md").unwrap_err().to_string();
        for expected in [
            "q.md:7:15: question `a`, variable x: `y + 1`: there is no variable `y`",
            "q.md:9:12: question `a`, where 1: `x > z and w`: there is no variable `z`",
            "q.md:9:18: ",
            "q.md:11:12: question `a`, text: `x + u`: there is no variable `u`",
            "q.md:12:3: question `a`, text: `sqrt(x, y)`: `sqrt` takes another number",
            "q.md:12:31: question `a`, text: `if(1, x, t)`: there is no variable `t`",
            "q.md:14:9: question `a`, answer 1: `x + s`: there is no variable `s`",
            "q.md:14:19: question `a`, answer 1 upper: ` r `: there is no variable `r`",
            "q.md:15:7: question `a`, answer 1 feedback: `q`: there is no variable `q`",
            "q.md:18:12: question `a`, hint 1: `p +`: cannot read the expression",
        ] {
            assert!(told.contains(expected), "{expected}\nis not in\n{told}");
        }
        assert_eq!(told.matches("q.md:").count(), 10, "{told}");
    }

    #[test]
    fn names_that_no_draw_comes_to_leave_the_quiz_readable() {
        let quiz = |text: &str| {
            format!(
                "+++\nid = \"q\"\ntitle = \"Q\"\n+++\n## A {{#a}}\nkind: numeric\nvariable x: 1 .. 3\n\n{text}\n\n= 1\n"
            )
        };
        let read = |text: &str| parse_with_places(&quiz(text), "q.md");
        let parsed = read("{{if(x > 5, y, 1)}}").unwrap();
        let told = parsed.slips.to_string();
        assert!(told.contains("q.md:9:13: question `a`, text: "), "{told}");
        assert!(parse(&quiz("{{if(x > 5, y, 1)}}"), "q.md").is_err());
        // One that learners meet is an error, and told once.
        let told = read("{{y}}").unwrap_err();
        assert_eq!(told.list().len(), 1, "{told}");
        let many = "{{y}} ".repeat(900) + &"{{x +}} ".repeat(100);
        let told = parse(&quiz(&many), "q.md").unwrap_err();
        assert!(told.list().len() < 250, "{}", told.list().len());
        assert!(told.to_string().contains("cannot read the expression"));
    }
}
