//! Calculated questions: formulas over variables whose values are drawn from lists.

use carrel_quiz::Question;
use carrel_quiz::kind::{Accept, NumberAnswer, NumberKey, Tolerance};
use carrel_quiz::template::{Amount, Template, Value, Variable, VariableSource};
use roxmltree::Node;

use super::kinds::{fraction, units};
use super::node::{Gathered, child, children, inner_text, number, value};

/// Group of lists that Moodle draws together.
const GROUP: &str = "items";

pub(super) fn read(
    node: Node<'_, '_>,
    question: &mut Question,
    gathered: &mut Gathered,
) -> Result<(NumberKey, Template), String> {
    let mut template = Template::default();
    let definitions = child(node, "dataset_definitions");
    for definition in definitions
        .iter()
        .flat_map(|list| children(*list, "dataset_definition"))
    {
        template.variables.push(variable(definition)?);
    }
    if template.variables.is_empty() {
        return Err("a calculated question needs variables with values".to_owned());
    }
    let names: Vec<String> = template
        .variables
        .iter()
        .map(|variable| variable.name.clone())
        .collect();
    let mut key = NumberKey::near(0.0, Tolerance::Exact);
    key.answers.clear();
    for answer in children(node, "answer") {
        let accept = match inner_text(answer).as_str() {
            "*" => Accept::Any,
            formula => Accept::Near {
                value: Amount::Expression(without_braces(formula, &names)),
                tolerance: tolerance(answer),
            },
        };
        key.answers.push(NumberAnswer {
            score: fraction(answer)?,
            feedback: gathered.filled(answer, "feedback"),
            ..NumberAnswer::new(accept)
        });
    }
    key.units = units(node)?;
    question.text.source = texts(&question.text.source, &names);
    Ok((key, template))
}

fn variable(definition: Node<'_, '_>) -> Result<Variable, String> {
    let name = child(definition, "name")
        .map(inner_text)
        .unwrap_or_default();
    let items = child(definition, "dataset_items");
    let mut values: Vec<(u32, Value)> = Vec::new();
    for item in items
        .iter()
        .flat_map(|list| children(*list, "dataset_item"))
    {
        let place = value(item, "number").parse().unwrap_or(0);
        let number = number(item, "value")
            .ok_or_else(|| format!("a value of the variable `{name}` is no number"))?;
        values.push((place, Value::Number(number)));
    }
    if values.is_empty() {
        return Err(format!("the variable `{name}` has no values"));
    }
    values.sort_by_key(|(place, _)| *place);
    Ok(Variable {
        name,
        source: VariableSource::List {
            values: values.into_iter().map(|(_, value)| value).collect(),
            group: Some(GROUP.to_owned()),
        },
    })
}

fn tolerance(answer: Node<'_, '_>) -> Tolerance {
    let by = number(answer, "tolerance").unwrap_or(0.0).abs();
    match value(answer, "tolerancetype").as_str() {
        _ if by == 0.0 => Tolerance::Exact,
        "2" => Tolerance::Absolute { by },
        "3" => Tolerance::Geometric { by },
        _ => Tolerance::Relative { by },
    }
}

/// `{a}+{b}` as `a+b`.
fn without_braces(formula: &str, names: &[String]) -> String {
    let mut expression = formula.to_owned();
    for name in names {
        expression = expression.replace(&format!("{{{name}}}"), &format!("({name})"));
    }
    expression
}

/// `{a}` as `{{a}}`, `{={a}*2}` as `{{(a)*2}}`.
fn texts(source: &str, names: &[String]) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        text.push_str(&rest[..start]);
        rest = &rest[start..];
        if let Some(formula) = rest
            .strip_prefix("{=")
            .and_then(|inside| Some(&inside[..end_of(inside)?]))
        {
            text.push_str(&format!("{{{{{}}}}}", without_braces(formula, names)));
            rest = &rest[2 + formula.len() + 1..];
            continue;
        }
        let name = names.iter().find(|name| {
            rest[1..]
                .strip_prefix(name.as_str())
                .is_some_and(|after| after.starts_with('}'))
        });
        match name {
            Some(name) => {
                text.push_str(&format!("{{{{{name}}}}}"));
                rest = &rest[name.len() + 2..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

/// Place of the brace that closes an open one.
fn end_of(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_lose_their_braces() {
        let names = ["a".to_owned(), "b".to_owned()];
        assert_eq!(without_braces("{a}+{b}*{a}", &names), "(a)+(b)*(a)");
        assert_eq!(
            texts("What is {a} + {={b}*2}? {c} {", &names),
            "What is {{a}} + {{(b)*2}}? {c} {"
        );
    }
}
