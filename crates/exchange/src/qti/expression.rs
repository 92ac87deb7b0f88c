//! Expressions of QTI as those of Carrel.

use roxmltree::Node;

use super::node::{attribute, elements, is, name_of, text_of};

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 40;

/// An expression without chance; the name of what Carrel cannot compute.
pub(super) fn read(node: Node<'_, '_>) -> Result<String, String> {
    convert(node, 0, &mut |node| Err(name_of(node)))
}

/// What stands for an element that is not computed but drawn, or looked up.
pub(super) type Special<'s> = dyn FnMut(Node<'_, '_>) -> Result<String, String> + 's;

/// An expression; `special` gives what stands for elements that are none.
pub(super) fn convert(
    node: Node<'_, '_>,
    depth: usize,
    special: &mut Special<'_>,
) -> Result<String, String> {
    let name = name_of(node);
    if depth > DEPTH_MAX {
        return Err("too deep a nesting".to_owned());
    }
    match name.as_str() {
        "baseValue" => return Ok(constant(node)),
        "variable" => return variable(node),
        "mathConstant" => return attribute(node, "name").map(str::to_owned).ok_or(name),
        "random" | "randomInteger" | "randomFloat" | "index" => return special(node),
        _ => {}
    }
    let mut parts = Vec::new();
    for part in elements(node) {
        parts.push(convert(part, depth + 1, special)?);
    }
    let call = |function: &str| Ok(format!("{function}({})", parts.join(", ")));
    let infix = |sign: &str| Ok(format!("({})", parts.join(sign)));
    match (name.as_str(), parts.len()) {
        ("sum", 1..) => infix(" + "),
        ("product", 1..) => infix(" * "),
        ("subtract", 2) => infix(" - "),
        ("divide", 2) => infix(" / "),
        ("power", 2) => infix(" ^ "),
        ("integerModulus", 2) => infix(" % "),
        ("integerDivide", 2) => Ok(format!("floor({} / {})", parts[0], parts[1])),
        ("lt", 2) => infix(" < "),
        ("lte", 2) => infix(" <= "),
        ("gt", 2) => infix(" > "),
        ("gte", 2) => infix(" >= "),
        ("equal" | "match", 2) => infix(" == "),
        ("and", 1..) => infix(" and "),
        ("or", 1..) => infix(" or "),
        ("not", 1) => Ok(format!("(not {})", parts[0])),
        ("round", 1) => call("round"),
        ("truncate", 1) => call("trunc"),
        ("min" | "max" | "gcd" | "lcm", 1..) => call(&name),
        ("integerToFloat", 1) => Ok(parts[0].clone()),
        ("roundTo", 1) if attribute(node, "roundingMode") == Some("decimalPlaces") => {
            let digits = attribute(node, "figures").filter(|digits| digits.parse::<u8>().is_ok());
            digits
                .map(|digits| format!("round({}, {digits})", parts[0]))
                .ok_or(name)
        }
        ("mathOperator", 1) => {
            let function = attribute(node, "name").unwrap_or_default();
            let known = [
                "sin", "cos", "tan", "asin", "acos", "atan", "exp", "ln", "floor", "ceil", "abs",
            ];
            match function {
                "log" => call("log10"),
                known_one if known.contains(&known_one) => call(known_one),
                other => Err(format!("mathOperator {other}")),
            }
        }
        _ => Err(name),
    }
}

fn constant(node: Node<'_, '_>) -> String {
    let text = text_of(node);
    let number = matches!(attribute(node, "baseType"), Some("integer" | "float"));
    if number && text.parse::<f64>().is_ok_and(f64::is_finite) {
        // In brackets: `2 ^ -1` and `a - -1` must read as they are meant.
        return if text.starts_with('-') {
            format!("({text})")
        } else {
            text.trim_start_matches('+').to_owned()
        };
    }
    match text.as_str() {
        "true" if attribute(node, "baseType") == Some("boolean") => "1".to_owned(),
        "false" if attribute(node, "baseType") == Some("boolean") => "0".to_owned(),
        _ => format!("\"{}\"", text.replace('"', "'")),
    }
}

/// A variable by a name that Carrel takes.
fn variable(node: Node<'_, '_>) -> Result<String, String> {
    let name = attribute(node, "identifier").unwrap_or_default();
    if is(node, "variable") && is_name(name) {
        Ok(name.to_owned())
    } else {
        Err(format!("variable {name}"))
    }
}

/// Whether it is a name of a variable in Carrel, and means nothing else there.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !matches!(
            name,
            "pi" | "e" | "true" | "false" | "and" | "or" | "not" | "if"
        )
}
