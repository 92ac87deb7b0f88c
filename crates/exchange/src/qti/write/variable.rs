//! Template variables of a written item, and expressions over them.

use carrel_quiz::template::{Template, Value, VariableSource};

use super::response::identifier;
use crate::moodle::encode;

/// Deepest nesting of an expression that is written.
const DEPTH_MAX: usize = 40;

/// Declarations and processing of all variables; the reason where one cannot be told in QTI.
pub(super) fn variables(template: &Template) -> Result<(String, String), String> {
    let (mut declared, mut processed) = (String::new(), String::new());
    let mut groups: Vec<&str> = Vec::new();
    for variable in &template.variables {
        let name = identifier(&variable.name);
        let (base, value) = match &variable.source {
            VariableSource::Range { min, max, step } => range(*min, *max, *step),
            VariableSource::List { values, group } => {
                let base = base_of(values);
                let list: String = values.iter().map(|value| constant(base, value)).collect();
                match group {
                    None => (
                        base,
                        format!("<random><multiple>{list}</multiple></random>"),
                    ),
                    Some(group) => {
                        let index = format!("GROUP_{}", slot(&mut groups, group));
                        if !declared.contains(&format!("\"{index}\"")) {
                            declare(&mut declared, &index, "integer");
                            let drawn =
                                format!("<randomInteger min=\"1\" max=\"{}\"/>", values.len());
                            process(&mut processed, &index, &drawn);
                        }
                        (
                            base,
                            format!("<index n=\"{index}\"><ordered>{list}</ordered></index>"),
                        )
                    }
                }
            }
            VariableSource::Expression { expression: source } => {
                let value =
                    expression(source).ok_or_else(|| format!("QTI cannot compute `{source}`"))?;
                ("float", value)
            }
        };
        declare(&mut declared, &name, base);
        process(&mut processed, &name, &value);
    }
    for condition in &template.conditions {
        let test = expression(condition)
            .filter(|_| condition.contains(['<', '>', '=']))
            .ok_or_else(|| format!("QTI cannot ask for `{condition}`"))?;
        processed.push_str(&format!(
            "    <templateConstraint>{test}</templateConstraint>\n"
        ));
    }
    // Constraints stand first: what fails them is drawn again from the beginning.
    Ok((declared, processed))
}

/// A further variable that holds an expression of a text.
pub(super) fn computed(name: &str, source: &str, out: &mut (String, String)) -> Option<()> {
    let value = expression(source)?;
    declare(&mut out.0, name, "float");
    process(&mut out.1, name, &value);
    Some(())
}

fn slot<'g>(groups: &mut Vec<&'g str>, group: &'g str) -> usize {
    let place = groups.iter().position(|known| *known == group);
    place.unwrap_or_else(|| {
        groups.push(group);
        groups.len() - 1
    })
}

fn declare(declared: &mut String, name: &str, base: &str) {
    declared.push_str(&format!(
        "  <templateDeclaration identifier=\"{name}\" cardinality=\"single\" baseType=\"{base}\"/>\n"
    ));
}

fn process(processed: &mut String, name: &str, value: &str) {
    processed.push_str(&format!(
        "    <setTemplateValue identifier=\"{name}\">{value}</setTemplateValue>\n"
    ));
}

fn range(min: f64, max: f64, step: f64) -> (&'static str, String) {
    let whole = [min, max, step]
        .iter()
        .all(|number| number.fract() == 0.0 && number.abs() < 1e9);
    if whole {
        return (
            "integer",
            format!("<randomInteger min=\"{min}\" max=\"{max}\" step=\"{step}\"/>"),
        );
    }
    // A number of steps, drawn; QTI has no step for fractions.
    let steps = ((max - min) / step + 1e-9).floor();
    let number = |number: f64| constant("float", &Value::Number(number));
    (
        "float",
        format!(
            "<sum>{}<product><randomInteger min=\"0\" max=\"{steps}\"/>{}</product></sum>",
            number(min),
            number(step)
        ),
    )
}

fn base_of(values: &[Value]) -> &'static str {
    let whole = |value: &Value| matches!(value, Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e9);
    if values.iter().all(whole) {
        "integer"
    } else if values.iter().all(|value| matches!(value, Value::Number(_))) {
        "float"
    } else {
        "string"
    }
}

fn constant(base: &str, value: &Value) -> String {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    };
    format!(
        "<baseValue baseType=\"{base}\">{}</baseValue>",
        encode(&text)
    )
}

/// An expression as QTI's; `None` where QTI has no such thing.
pub(super) fn expression(source: &str) -> Option<String> {
    let mut parser = Parser {
        rest: source,
        depth: 0,
    };
    let xml = parser.compare()?;
    parser.rest.trim().is_empty().then_some(xml)
}

struct Parser<'s> {
    rest: &'s str,
    depth: usize,
}

impl Parser<'_> {
    fn take(&mut self, sign: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(sign);
        if let Some(rest) = found {
            self.rest = rest;
        }
        found.is_some()
    }

    fn compare(&mut self) -> Option<String> {
        let left = self.sum()?;
        let signs = [("<=", "lte"), (">=", "gte"), ("<", "lt"), (">", "gt")];
        if let Some((_, name)) = signs.iter().find(|(sign, _)| self.take(sign)) {
            let right = self.sum()?;
            return Some(format!("<{name}>{left}{right}</{name}>"));
        }
        let equal = self.take("==");
        if equal || self.take("!=") {
            let right = self.sum()?;
            let same = format!("<equal toleranceMode=\"exact\">{left}{right}</equal>");
            return Some(if equal {
                same
            } else {
                format!("<not>{same}</not>")
            });
        }
        Some(left)
    }

    fn sum(&mut self) -> Option<String> {
        let mut left = self.product()?;
        loop {
            let name = if self.take("+") {
                "sum"
            } else if self.take("-") {
                "subtract"
            } else {
                return Some(left);
            };
            let right = self.product()?;
            left = format!("<{name}>{left}{right}</{name}>");
        }
    }

    fn product(&mut self) -> Option<String> {
        let mut left = self.unary()?;
        loop {
            let name = if self.rest.trim_start().starts_with("**") {
                return Some(left);
            } else if self.take("*") {
                "product"
            } else if self.take("/") {
                "divide"
            } else if self.take("%") {
                "integerModulus"
            } else {
                return Some(left);
            };
            let right = self.unary()?;
            left = format!("<{name}>{left}{right}</{name}>");
        }
    }

    fn unary(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let xml = if self.take("-") {
            let inner = self.unary()?;
            format!("<subtract><baseValue baseType=\"float\">0</baseValue>{inner}</subtract>")
        } else {
            let base = self.operand()?;
            if self.take("^") || self.take("**") {
                let exponent = self.unary()?;
                format!("<power>{base}{exponent}</power>")
            } else {
                base
            }
        };
        self.depth -= 1;
        Some(xml)
    }

    fn operand(&mut self) -> Option<String> {
        if self.take("(") {
            let inner = self.compare()?;
            return self.take(")").then_some(inner);
        }
        let end = self
            .rest
            .find(|letter: char| !letter.is_ascii_alphanumeric() && !"_.".contains(letter))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if word.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            let number: f64 = word.parse().ok()?;
            return Some(constant("float", &Value::Number(number)));
        }
        if word.is_empty() {
            return None;
        }
        if !self.take("(") {
            return Some(match word {
                "pi" => "<mathConstant name=\"pi\"/>".to_owned(),
                "e" => "<mathConstant name=\"e\"/>".to_owned(),
                name => format!("<variable identifier=\"{}\"/>", identifier(name)),
            });
        }
        self.call(word)
    }

    fn call(&mut self, name: &str) -> Option<String> {
        let mut arguments = Vec::new();
        loop {
            arguments.push(self.compare()?);
            if !self.take(",") {
                break;
            }
        }
        if !self.take(")") {
            return None;
        }
        let all = arguments.concat();
        match (name, arguments.len()) {
            ("min" | "max" | "gcd" | "lcm", 1..) => Some(format!("<{name}>{all}</{name}>")),
            ("floor" | "ceil" | "abs" | "exp" | "ln" | "sin" | "cos" | "tan", 1) => Some(format!(
                "<mathOperator name=\"{name}\">{all}</mathOperator>"
            )),
            ("sqrt", 1) => Some(format!(
                "<power>{all}<baseValue baseType=\"float\">0.5</baseValue></power>"
            )),
            ("trunc", 1) => Some(format!("<truncate>{all}</truncate>")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_nested_elements() {
        let number = |digits: &str| format!("<baseValue baseType=\"float\">{digits}</baseValue>");
        let a = "<variable identifier=\"a\"/>";
        assert_eq!(
            expression("1 + a * 2").unwrap(),
            format!(
                "<sum>{}<product>{a}{}</product></sum>",
                number("1"),
                number("2")
            )
        );
        assert_eq!(
            expression("(a - 1) - 1").unwrap(),
            format!(
                "<subtract><subtract>{a}{}</subtract>{}</subtract>",
                number("1"),
                number("1")
            )
        );
        assert_eq!(
            expression("-a ^ 2").unwrap(),
            format!(
                "<subtract>{}<power>{a}{}</power></subtract>",
                number("0"),
                number("2")
            )
        );
        assert!(expression("fixed(a, 2)").is_none());
        assert!(expression("1 +").is_none());
        assert!(expression(&"(".repeat(5_000)).is_none());
    }
}
